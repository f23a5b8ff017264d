"""The legs of one night: what a way is made of, the latest minute to leave, and the clock times of each part.

Model: the parts of a way are independent; each has a median (p50) and a ninth decile (p90). The time that nine of
ten nights stay below is taken as sum(p50) + sqrt(sum((p90 - p50)^2)), which is exact for normal parts. A way has up
to two deadlines: being in place, and passing the foot of the ridge climb before it closes; the earlier of the two
leave times holds. The itinerary shows medians; what is left over at the end is time in hand, a leg of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil, hypot

from tourism.domain.calendar import EVENING, Window, at
from tourism.domain.corridor import Almanac, Operation, Way
from tourism.domain.evidence import Known
from tourism.domain.waiting import BOARD_MIN, Pickup, Walk

CHANCE = 0.9  # of being in place in time when leaving at the latest minute: the ninth decile


class Step(StrEnum):
    """What a leg is for; several steps share a mode."""

    HOLD = "hold"
    WALK_TO_PICKUP = "walk_to_pickup"
    BOARD = "board"
    DRIVE = "drive"
    CHANGE = "change"
    GATE_OPENS = "gate_opens"
    SCAN = "scan"
    CLIMB_OPENS = "climb_opens"
    CLIMB = "climb"
    WALK = "walk"
    IN_HAND = "in_hand"


@dataclass(frozen=True)
class Start:
    """Where the party waits, the pick-up it walks to, and the walk between them."""

    place: str
    walk: Walk
    pickup: Pickup


@dataclass(frozen=True)
class ItineraryLeg:
    """One contiguous part of an itinerary; minutes are medians, `p90_min` the ninth decile."""

    mode: str
    step: Step
    start_place: str
    end_place: str
    start: datetime
    end: datetime
    distance_m: int = 0
    p50_min: float | None = None
    p90_min: float | None = None
    confidence: str = ""
    estimated: bool = False


@dataclass(frozen=True)
class Part:
    """A part of a way before it has a clock time."""

    mode: str
    step: Step
    start_place: str
    end_place: str
    p50: float
    p90: float
    distance_m: int = 0
    confidence: str = ""


def parts_of(almanac: Almanac, way: Way, busy: bool) -> list[Part]:
    """Cut a way into driving, changing, scanning, climbing and walking."""
    parts: list[Part] = []
    change = almanac.operation["change from car to jeep at a hub"]
    scan = almanac.operation["ticket scan at a gate without a queue"]
    mode = "car"
    for leg in way.legs:
        here = leg.start
        if here == way.gate and almanac.needs_ticket(way) is not Known.NO:
            parts.append(Part("scan", Step.SCAN, here, here, *_minutes(scan), confidence=scan.confidence))
        if leg.mode == "jeep" and mode == "car":
            parts.append(Part("wait", Step.CHANGE, here, here, *_minutes(change), confidence=change.confidence))
        mode = leg.mode
        climbs = here in almanac.gate and almanac.gate[here].kind == "climb"
        step = Step.CLIMB if climbs else Step.WALK if mode == "walk" else Step.DRIVE
        p50, p90 = (leg.busy_p50_min, leg.busy_p90_min) if busy else (leg.p50_min, leg.p90_min)
        parts.append(Part(mode, step, here, leg.end, p50, p90, round(leg.distance_km * 1000), leg.confidence))
    end = almanac.place[way.legs[-1].end]
    if end.walk_min_p50:
        walk = Part("walk", Step.WALK, end.id, end.id, end.walk_min_p50, end.walk_min_p90)
        parts.append(walk)
    return parts


def _minutes(operation: Operation) -> tuple[float, float]:
    return operation.p50_min or 0, operation.p90_min or 0


def nine_in_ten_min(parts: Sequence[Part]) -> float:
    """Minutes that nine of ten nights stay below."""
    return sum(p.p50 for p in parts) + hypot(*(p.p90 - p.p50 for p in parts))


@dataclass(frozen=True)
class Barrier:
    """A moment before which a part can't begin, or by which it must."""

    index: int
    opens: datetime
    closes: datetime | None
    step: Step


def gates_of(almanac: Almanac, parts: Sequence[Part], night: date, busy: bool) -> list[Barrier]:
    """Return the opening hours a way's parts must keep: of the gate, and of the ridge climb with its closing."""
    found = []
    for i, part in enumerate(parts):
        if part.step in (Step.SCAN, Step.CLIMB):
            operation = almanac.gate[part.start_place]
            closes = operation.closes_busy if busy else operation.closes_quiet
            climb = part.step is Step.CLIMB
            limit = at(night, closes) if climb else None  # gates themselves close in the afternoon
            step = Step.CLIMB_OPENS if climb else Step.GATE_OPENS
            found.append(Barrier(i, at(night, operation.opens), limit, step))
    return found


def latest_leave(parts: Sequence[Part], gates: Sequence[Barrier], by: datetime) -> tuple[datetime | None, bool]:
    """Return the latest minute to leave, and whether the climb's closing decides; None when no minute will do."""
    deadlines = [(by, parts, False)]
    for gate in gates:
        if gate.opens + timedelta(minutes=nine_in_ten_min(parts[gate.index :])) > by:
            return None, False
        if gate.closes:
            deadlines.append((gate.closes, parts[: gate.index], True))
    leaves = [(d - timedelta(minutes=ceil(nine_in_ten_min(before))), binds) for d, before, binds in deadlines]
    return min(leaves)


def schedule(parts: Sequence[Part], gates: Sequence[Barrier], leave: datetime, by: datetime) -> Iterator[ItineraryLeg]:
    """Yield the legs from the pick-up on, at median speed, waiting where a gate is not open yet."""
    opens = {gate.index: gate for gate in gates}
    now = leave
    for i, part in enumerate(parts):
        if i in opens and now < opens[i].opens:
            yield ItineraryLeg("wait", opens[i].step, part.start_place, part.start_place, now, opens[i].opens)
            now = opens[i].opens
        end = now + timedelta(minutes=part.p50)
        yield ItineraryLeg(
            part.mode, part.step, part.start_place, part.end_place, now, end, part.distance_m, part.p50, part.p90,
            part.confidence,
        )  # fmt: skip
        now = end
    if now < by:
        yield ItineraryLeg("wait", Step.IN_HAND, parts[-1].end_place, parts[-1].end_place, now, by)


def before_leaving(start: Start, night: date, leave: datetime) -> Iterator[ItineraryLeg]:
    """Yield the hold in Kayutangan, the walk to the pick-up and the boarding."""
    board = leave - timedelta(minutes=BOARD_MIN)
    walk = board - timedelta(minutes=start.walk.minutes)
    evening = at(night, EVENING)
    if evening < walk:
        yield ItineraryLeg("wait", Step.HOLD, start.place, start.place, evening, walk)
    if walk < board:
        yield ItineraryLeg(
            "walk", Step.WALK_TO_PICKUP, start.place, start.pickup.id, walk, board, start.walk.metres,
            p50_min=start.walk.minutes, estimated=start.walk.estimated,
        )  # fmt: skip
    yield ItineraryLeg("wait", Step.BOARD, start.pickup.id, start.pickup.id, board, leave)


def in_park(parts: Sequence[Part], leave: datetime, by: datetime, way: Way) -> Window:
    """From reaching the gate to `by`."""
    before = 0
    for part in parts:
        if part.start_place == way.gate:
            break
        before += round(part.p50)
    return Window(min(leave + timedelta(minutes=before), by - timedelta(minutes=1)), by)

"""The legs of one night: what a way is made of, the chance of each minute to leave, and the clock times of each part.

Model: the parts of a way take independent lognormal times (`travel_time`), and before some parts one waits: until a
gate, the climb or a prayer time opens, and in line (`queueing`). Chances are counted back from the moment to be in
place: one pass over the parts gives the chance of every minute to leave. The itinerary shows medians; what is left
over at the end is time in hand, a leg of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import isfinite

import numpy as np

from tourism.domain.calendar import EVENING, Window, at
from tourism.domain.corridor import Almanac, Operation, Way
from tourism.domain.evidence import Known
from tourism.domain.night_grid import instant_of, minute_of
from tourism.domain.queueing import Queue, opening
from tourism.domain.travel_time import Floats, before, together
from tourism.domain.waiting import BOARD_MIN, Pickup, Walk

CHANCE_WANTED = 0.9  # of being in place in time when leaving at the latest minute
# Rows of data/operations.csv; nobody has measured a prayer stop, a stop for the toilet is taken for one.
CHANGE, SCAN, PRAYER = NEEDED = (
    "change from car to jeep at a hub", "ticket scan at a gate without a queue", "toilet and jacket stop",
)  # fmt: skip
CHILD_PACE = 1.3  # a child walks 1.0 m/s where others walk 1.3: data/operations.csv


class Step(StrEnum):
    """What a leg is for; several steps share a mode."""

    HOLD = "hold"
    WALK_TO_PICKUP = "walk_to_pickup"
    BOARD = "board"
    DRIVE = "drive"
    CHANGE = "change"
    GATE_OPENS = "gate_opens"
    GATE_QUEUE = "gate_queue"
    SCAN = "scan"
    CLIMB_OPENS = "climb_opens"
    CLIMB_QUEUE = "climb_queue"
    CLIMB = "climb"
    WALK = "walk"
    SUBUH = "subuh"
    PRAYER = "prayer"
    IN_HAND = "in_hand"


WAITS = {
    Step.SCAN: (Step.GATE_OPENS, Step.GATE_QUEUE),
    Step.CLIMB: (Step.CLIMB_OPENS, Step.CLIMB_QUEUE),
    Step.PRAYER: (Step.SUBUH, Step.SUBUH),
}


@dataclass(frozen=True)
class Start:
    """Where the party waits, the pick-up it walks to, and the walk between them."""

    place: str
    walk: Walk
    pickup: Pickup


class Companion(StrEnum):
    """Who travels along and changes the plan."""

    CHILD = "child"
    WHEELCHAIR = "wheelchair"


@dataclass(frozen=True)
class Party:
    """Who travels and what they ask for; `foreign` counts the foreign visitors within `size`.

    Who leaves in a jeep (`in_jeep`) need not change to one.
    """

    size: int = 2
    foreign: int = 0
    companions: tuple[Companion, ...] = ()
    subuh: bool = False
    in_jeep: bool = False

    @property
    def pace(self) -> float:
        """How many times longer a walk takes."""
        return CHILD_PACE if Companion.CHILD in self.companions else 1.0

    @property
    def wheelchair(self) -> bool:
        """Tell whether somebody needs a way without steps."""
        return Companion.WHEELCHAIR in self.companions


@dataclass(frozen=True)
class ItineraryLeg:
    """One contiguous part of an itinerary; it lasts its median, `p90_min` is the ninth decile."""

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
    """A part of a way before it has a clock time; `queue` is what one waits for before it."""

    mode: str
    step: Step
    start_place: str
    end_place: str
    p50_min: float
    p90_min: float
    distance_m: int = 0
    confidence: str = ""
    queue: Queue | None = None

    @property
    def shown_min(self) -> int:
        """Return the whole minutes an itinerary shows."""
        return max(round(self.p50_min), 1)


def parts_of(almanac: Almanac, way: Way, busy: bool, queues: Mapping[str, Queue], party: Party) -> list[Part]:
    """Cut a way into driving, changing, scanning, climbing and walking."""
    parts: list[Part] = []
    change, scan = almanac.operation[CHANGE], almanac.operation[SCAN]
    mode = "car"
    for leg in way.legs:
        here = leg.start
        if here == way.gate and almanac.needs_ticket(way) is not Known.NO:
            deciles = _deciles(scan)
            parts.append(Part("scan", Step.SCAN, here, here, *deciles, 0, scan.confidence, queues.get(here)))
        if leg.mode == "jeep" and mode == "car" and not party.in_jeep:
            parts.append(Part("wait", Step.CHANGE, here, here, *_deciles(change), confidence=change.confidence))
        mode = leg.mode
        climbs = almanac.is_climb(here)
        step = Step.CLIMB if climbs else Step.WALK if mode == "walk" else Step.DRIVE
        p50, p90 = (minutes * (party.pace if mode == "walk" else 1) for minutes in leg.deciles(busy))
        metres, queue = round(leg.distance_km * 1000), queues.get(here) if climbs else None
        parts.append(Part(mode, step, here, leg.end, p50, p90, metres, leg.confidence, queue))
    end = almanac.place[way.legs[-1].end]
    if end.walk_min_p50:
        p50, p90 = end.walk_min_p50 * party.pace, end.walk_min_p90 * party.pace
        parts.append(Part("walk", Step.WALK, end.id, end.id, p50, p90, confidence=end.confidence))
    return parts


def with_prayer(almanac: Almanac, parts: Sequence[Part], night: date, subuh: datetime) -> list[Part]:
    """Add time to pray at the end of a way, not before Subuh begins."""
    stop, end = almanac.operation[PRAYER], parts[-1].end_place
    begins = opening(round(minute_of(night, subuh + timedelta(minutes=1))))
    return [*parts, Part("wait", Step.PRAYER, end, end, *_deciles(stop), 0, stop.confidence, begins)]


def _deciles(operation: Operation) -> tuple[float, float]:
    return operation.p50_min or 0, operation.p90_min or 0


def chance_curve(parts: Sequence[Part], in_place: Floats) -> Floats:
    """Carry the chance of being in place in time, by minute of arrival, back to the chance by minute to leave."""
    chance = in_place
    together_min: tuple[tuple[float, float], ...] = ()
    for part in reversed(parts):
        together_min = ((part.p50_min, part.p90_min), *together_min)
        if part.queue:
            chance = part.queue.before(before(together(together_min), chance))
            together_min = ()
    return before(together(together_min), chance)


def latest(chance: Floats, wanted: float = CHANCE_WANTED) -> int | None:
    """Return the latest minute to leave with at least the wanted chance, None without any."""
    enough = np.flatnonzero(chance >= wanted)
    return int(enough[-1]) if len(enough) else None


def schedule(parts: Sequence[Part], night: date, leave: datetime, by: datetime) -> Iterator[ItineraryLeg]:
    """Yield the legs from the pick-up on, at median speed, waiting in line and where a gate is not open yet.

    They end where nobody passes any more.
    """
    now = leave
    for part in parts:
        here = part.start_place
        if part.queue:
            opens_step, queue_step = WAITS[part.step]
            opens = instant_of(night, part.queue.opens)
            p50, p90 = part.queue.wait_min(minute_of(night, now))
            if now < opens:
                yield ItineraryLeg("wait", opens_step, here, here, now, opens)
                now = opens
            if not isfinite(p50):
                return
            if round(p50):
                end = now + timedelta(minutes=round(p50))
                yield ItineraryLeg("wait", queue_step, here, here, now, end, 0, p50, p90, "L", estimated=True)
                now = end
        end = now + timedelta(minutes=part.shown_min)
        yield ItineraryLeg(
            part.mode, part.step, here, part.end_place, now, end, part.distance_m, part.p50_min, part.p90_min,
            part.confidence,
        )  # fmt: skip
        now = end
    if now < by:
        yield ItineraryLeg("wait", Step.IN_HAND, parts[-1].end_place, parts[-1].end_place, now, by)


def arrival(parts: Sequence[Part], night: date, leave: datetime) -> datetime | None:
    """Return when one is usually in place, None where one usually does not get through."""
    legs = list(schedule(parts, night, leave, leave))
    through = legs and legs[-1].step is parts[-1].step and legs[-1].end_place == parts[-1].end_place
    return legs[-1].end if through else None


def before_leaving(start: Start, night: date, leave: datetime, pace: float) -> Iterator[ItineraryLeg]:
    """Yield the hold in Kayutangan, the walk to the pick-up and the boarding."""
    board = leave - timedelta(minutes=BOARD_MIN)
    walk = board - timedelta(minutes=round(start.walk.minutes * pace))
    evening = at(night, EVENING)
    if evening < walk:
        yield ItineraryLeg("wait", Step.HOLD, start.place, start.place, evening, walk)
    if walk < board:
        yield ItineraryLeg(
            "walk", Step.WALK_TO_PICKUP, start.place, start.pickup.id, walk, board, start.walk.metres,
            p50_min=(board - walk) / timedelta(minutes=1), estimated=start.walk.estimated,
        )  # fmt: skip
    yield ItineraryLeg("wait", Step.BOARD, start.pickup.id, start.pickup.id, board, leave)


def park_window(parts: Sequence[Part], night: date, leave: datetime, sunrise: datetime, gate: str | None) -> Window:
    """From passing the gate, at median speed and not before it opens, to the sunrise."""
    begin = leave
    for part in parts:
        if part.start_place == gate:
            begin = max(begin, instant_of(night, part.queue.opens)) if part.queue else begin
            break
        begin += timedelta(minutes=part.shown_min)
    return Window(min(begin, sunrise - timedelta(minutes=1)), sunrise)

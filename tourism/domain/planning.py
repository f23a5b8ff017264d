"""Count back from the sunrise to the minute a vehicle should leave Kayutangan.

Model: the legs of a way are independent; each has a median (p50) and a ninth decile (p90). The time that nine of
ten nights stay below is taken as sum(p50) + sqrt(sum((p90 - p50)^2)), which is exact for normal legs. A way has up
to two deadlines: being in place, and passing the foot of the ridge climb before it closes; the earlier of the two
leave times holds. The itinerary shows medians; what is left over at the end is time in hand, a leg of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil, hypot

from tourism.domain.calendar import EVENING, DayType, Window, at, dates_around, day_type
from tourism.domain.corridor import Almanac, Closure, Operation, Place, Way
from tourism.domain.sun import SunTimes, sun_times
from tourism.domain.venue import Known
from tourism.domain.waiting import BOARD_MIN, Pickup, Walk
from tourism.errors import Message

PEOPLE_PER_JEEP = 6  # data/bromo_places.csv, tumpang


class Aim(StrEnum):
    """What to be in place for."""

    COLOURS = "colours"
    SUNRISE = "sunrise"


BEFORE_SUNRISE = {Aim.COLOURS: timedelta(minutes=45), Aim.SUNRISE: timedelta(minutes=10)}


class Status(StrEnum):
    """The kind of answer."""

    OK = "ok"
    CLOSED = "closed"
    IMPOSSIBLE = "impossible"


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
class Question:
    """What a traveller asks; `foreign` counts the foreign visitors within `party`."""

    night: date
    viewpoint: str
    party: int
    foreign: int = 0
    approach: str | None = None
    aim: Aim = Aim.COLOURS


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
class TicketLine:
    """Park tickets of one audience."""

    audience: str
    day_type: DayType
    people: int
    each_idr: int
    valid_from: date
    source: str


@dataclass(frozen=True)
class Tickets:
    """What the park charges: a line for each audience, and the fee of a vehicle."""

    needed: Known
    lines: tuple[TicketLine, ...] = ()
    vehicle_each_idr: int | None = None
    vehicles: int = 0

    @property
    def total_idr(self) -> int:
        """Entry tickets of the whole party."""
        return sum(line.people * line.each_idr for line in self.lines)


@dataclass(frozen=True)
class Plan:
    """The answer to a question; `leave_at` and `legs` are only there when the status is ok."""

    question: Question
    status: Status
    viewpoint: Place
    sun: SunTimes
    sunrise: datetime
    in_place_by: datetime
    approach: str | None = None
    leave_at: datetime | None = None
    legs: tuple[ItineraryLeg, ...] = ()
    tickets: Tickets = Tickets(Known.UNKNOWN)
    reason: Message | None = None
    closure: Closure | None = None
    warnings: tuple[Message, ...] = ()
    nearest_open: date | None = None


class Outlook(StrEnum):
    """What a plan is worth at a moment."""

    AHEAD = "ahead"
    LATE = "late"
    PAST = "past"
    CLOSED = "closed"
    IMPOSSIBLE = "impossible"


def outlook(plan: Plan, now: datetime) -> Outlook:
    """Tell whether a plan can still be followed."""
    if plan.sunrise <= now:
        return Outlook.PAST
    if plan.leave_at is None:
        return Outlook(plan.status.value)
    return Outlook.AHEAD if now < plan.leave_at else Outlook.LATE


@dataclass(frozen=True)
class _Part:
    """A part of a way before it has a clock time."""

    mode: str
    step: Step
    start_place: str
    end_place: str
    p50: float
    p90: float
    distance_m: int = 0
    confidence: str = ""


def _parts(almanac: Almanac, way: Way, busy: bool) -> list[_Part]:
    """Cut a way into driving, changing, scanning, climbing and walking."""
    parts: list[_Part] = []
    change = almanac.operation["change from car to jeep at a hub"]
    scan = almanac.operation["ticket scan at a gate without a queue"]
    mode = "car"
    for leg in way.legs:
        here = leg.start
        if here == way.gate and almanac.needs_ticket(way) is not Known.NO:
            parts.append(_Part("scan", Step.SCAN, here, here, *_minutes(scan), confidence=scan.confidence))
        if leg.mode == "jeep" and mode == "car":
            parts.append(_Part("wait", Step.CHANGE, here, here, *_minutes(change), confidence=change.confidence))
        mode = leg.mode
        climbs = here in almanac.gate and almanac.gate[here].kind == "climb"
        step = Step.CLIMB if climbs else Step.WALK if mode == "walk" else Step.DRIVE
        p50, p90 = (leg.busy_p50_min, leg.busy_p90_min) if busy else (leg.p50_min, leg.p90_min)
        parts.append(_Part(mode, step, here, leg.end, p50, p90, round(leg.distance_km * 1000), leg.confidence))
    end = almanac.place[way.legs[-1].end]
    if end.walk_min_p50:
        walk = _Part("walk", Step.WALK, end.id, end.id, end.walk_min_p50, end.walk_min_p90)
        parts.append(walk)
    return parts


def _minutes(operation: Operation) -> tuple[float, float]:
    return operation.p50_min or 0, operation.p90_min or 0


def nine_in_ten_min(parts: Sequence[_Part]) -> float:
    """Minutes that nine of ten nights stay below."""
    return sum(p.p50 for p in parts) + hypot(*(p.p90 - p.p50 for p in parts))


@dataclass(frozen=True)
class _Gate:
    """A moment before which a part can't begin, or by which it must."""

    index: int
    opens: datetime
    closes: datetime | None
    step: Step


def _gates(almanac: Almanac, parts: Sequence[_Part], night: date, busy: bool) -> list[_Gate]:
    found = []
    for i, part in enumerate(parts):
        if part.step in (Step.SCAN, Step.CLIMB):
            operation = almanac.gate[part.start_place]
            closes = operation.closes_busy if busy else operation.closes_quiet
            climb = part.step is Step.CLIMB
            limit = at(night, closes) if climb else None  # gates themselves close in the afternoon
            step = Step.CLIMB_OPENS if climb else Step.GATE_OPENS
            found.append(_Gate(i, at(night, operation.opens), limit, step))
    return found


def _leave_at(parts: Sequence[_Part], gates: Sequence[_Gate], by: datetime) -> tuple[datetime | None, bool]:
    """Return the latest minute to leave, and whether the climb's closing decides; None when no minute will do."""
    deadlines = [(by, parts, False)]
    for gate in gates:
        if gate.opens + timedelta(minutes=nine_in_ten_min(parts[gate.index :])) > by:
            return None, False
        if gate.closes:
            deadlines.append((gate.closes, parts[: gate.index], True))
    leaves = [(d - timedelta(minutes=ceil(nine_in_ten_min(before))), binds) for d, before, binds in deadlines]
    return min(leaves)


def _schedule(parts: Sequence[_Part], gates: Sequence[_Gate], leave: datetime, by: datetime) -> Iterator[ItineraryLeg]:
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


def _before_leaving(start: Start, night: date, leave: datetime) -> Iterator[ItineraryLeg]:
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


def _tickets(almanac: Almanac, way: Way, question: Question) -> Tickets:
    needed = almanac.needs_ticket(way)
    if needed is Known.NO:
        return Tickets(needed)
    kind = day_type(question.night)
    lines = []
    for audience, people in (("domestic", question.party - question.foreign), ("foreign", question.foreign)):
        tariff = almanac.tariff("entry", audience, kind, question.night)
        if people and tariff:
            lines.append(TicketLine(audience, kind, people, tariff.amount_idr, tariff.valid_from, tariff.source))
    vehicle = almanac.tariff("car_or_jeep", "any", kind, question.night)
    vehicles = ceil(question.party / PEOPLE_PER_JEEP)
    return Tickets(needed, tuple(lines), vehicle.amount_idr if vehicle else None, vehicles)


def _in_park(parts: Sequence[_Part], leave: datetime, by: datetime, way: Way) -> Window:
    """From reaching the gate to `by`."""
    before = 0
    for part in parts:
        if part.start_place == way.gate:
            break
        before += round(part.p50)
    return Window(min(leave + timedelta(minutes=before), by - timedelta(minutes=1)), by)


@dataclass(frozen=True)
class _Candidate:
    """One way with its leave time, and the closures that touch it."""

    way: Way
    parts: list[_Part]
    gates: list[_Gate]
    leave: datetime | None
    climb_binds: bool
    closures: list[Closure]

    @property
    def forbidden(self) -> Closure | None:
        return next((c for c in self.closures if c.status == "announced"), None)


def _candidates(almanac: Almanac, question: Question, by: datetime, sunrise: datetime) -> list[_Candidate]:
    busy = day_type(question.night) is DayType.HOLIDAY
    found = []
    for way in almanac.ways(question.viewpoint):
        if question.approach not in (None, way.approach):
            continue
        parts = _parts(almanac, way, busy)
        gates = _gates(almanac, parts, question.night, busy)
        leave, binds = _leave_at(parts, gates, by)
        inside = _in_park(parts, leave or by, sunrise, way)
        found.append(_Candidate(way, parts, gates, leave, binds, almanac.closures_of(way, inside)))
    return found


def _choose(almanac: Almanac, question: Question, candidates: Sequence[_Candidate]) -> _Candidate | None:
    """Take the way with the latest leave; one that pays for the park only where the viewpoint itself does."""
    usable = [c for c in candidates if c.leave and not c.forbidden]
    if almanac.place[question.viewpoint].park_ticket is Known.NO:
        outside = [c for c in usable if almanac.needs_ticket(c.way) is Known.NO]
        usable = outside or usable
    return max(usable, key=lambda c: c.leave or c.gates[0].opens, default=None)


def plan(almanac: Almanac, start: Start, question: Question, today: date, last: date) -> Plan:
    """Answer a question whose viewpoint exists and whose date is in range.

    `today` and `last` bound the search for the nearest open date when the answer is no.
    """
    viewpoint = almanac.place[question.viewpoint]
    sun = sun_times(question.night, viewpoint.point)
    sunrise = (sun.sunrise + timedelta(seconds=30)).replace(second=0)
    by = sunrise - BEFORE_SUNRISE[question.aim]
    blank = Plan(question, Status.CLOSED, viewpoint, sun, sunrise, by)
    candidates = _candidates(almanac, question, by, sunrise)
    chosen = _choose(almanac, question, candidates)
    if chosen is None or chosen.leave is None:
        return _refusal(almanac, candidates, blank, today, last)
    before = tuple(_before_leaving(start, question.night, chosen.leave))
    first = replace(chosen.parts[0], start_place=start.pickup.id)
    parts = [first, *chosen.parts[1:]]
    return replace(
        blank,
        status=Status.OK,
        approach=chosen.way.approach,
        leave_at=chosen.leave,
        legs=(*before, *_schedule(parts, chosen.gates, chosen.leave, by)),
        tickets=_tickets(almanac, chosen.way, question),
        warnings=tuple(_warnings(almanac, question, chosen, start)),
    )


def _refusal(almanac: Almanac, candidates: Sequence[_Candidate], blank: Plan, today: date, last: date) -> Plan:
    """Say why there is no plan, and when there would be one."""
    closure = next((c.forbidden for c in candidates if c.forbidden), None)
    if closure:
        return replace(
            blank,
            reason=_closure_message("SITE_CLOSED", "Closed from {start} to {end}: {reason}.", closure),
            closure=closure,
            nearest_open=nearest_open(almanac, blank.question, today, last),
        )
    if candidates:
        text = "The gate or the climb opens too late to be in place in time."
        return replace(blank, status=Status.IMPOSSIBLE, reason=Message("CANNOT_ARRIVE_IN_TIME", text))
    text = "This approach does not lead to this viewpoint."
    return replace(blank, status=Status.IMPOSSIBLE, reason=Message("NO_APPROACH", text))


def _closure_message(code: str, text: str, closure: Closure) -> Message:
    why = Message(closure.reason, closure.reason)
    return Message(code, text, closure.source, start=closure.starts_at, end=closure.ends_at, reason=why)


def nearest_open(almanac: Almanac, question: Question, today: date, last: date) -> date | None:
    """Return the nearest date from `today` on that no announced closure forbids, or None."""
    for day in dates_around(question.night, today, last):
        other = Question(day, question.viewpoint, question.party, 0, question.approach, question.aim)
        sunrise = sun_times(day, almanac.place[question.viewpoint].point).sunrise
        found = _candidates(almanac, other, sunrise - BEFORE_SUNRISE[question.aim], sunrise)
        if _choose(almanac, other, found):
            return day
    return None


def _warnings(almanac: Almanac, question: Question, chosen: _Candidate, start: Start) -> Iterator[Message]:
    text = "A closure is expected, not announced: {reason}, {start} to {end}. Check before you go."
    yield from (_closure_message("CLOSURE_EXPECTED", text, closure) for closure in chosen.closures)
    if chosen.climb_binds:
        text = "The climb to the ridge closes at {closes}: that decides when you leave, not the sunrise."
        yield Message("CLIMB_CLOSES", text, closes=chosen.gates[-1].closes)
    if day_type(question.night) is DayType.HOLIDAY:
        text = "Queues at the gate are not counted: on a busy night they can take an hour and more."
        yield Message("QUEUE_NOT_COUNTED", text)
    place = almanac.place[question.viewpoint]
    yield from _ticket_warnings(almanac, place, almanac.needs_ticket(chosen.way))
    month = f"{question.night:%m}"
    cold = next((a for a in almanac.advice if a.topic == "temperature_c" and a.key == month), None)
    if cold:
        low, high = cold.value.split(" to ")
        text = "Before dawn it is about {low} to {high} °C up there. Dress warmly."
        yield Message("COLD", text, cold.basis, low=low, high=high)
    else:
        yield Message("COLD", "It is cold before dawn; how cold this month is not known. Dress warmly.")
    if place.uncertainty_m >= 500:
        text = "The viewpoint's position is known to ± {metres} m only."
        yield Message("POSITION_ROUGH", text, metres=place.uncertainty_m)
    if "proposal" in start.pickup.basis:
        text = "Whether vehicles may load at {pickup} at night is not confirmed yet."
        yield Message("PICKUP_UNCONFIRMED", text, start.pickup.basis, pickup=start.pickup.name)
    if start.walk.estimated:
        yield Message("WALK_ESTIMATED", "The walk to the pick-up is estimated from the straight line.")


def _ticket_warnings(almanac: Almanac, place: Place, needed: Known) -> Iterator[Message]:
    if needed is Known.NO:
        return
    if needed is Known.UNKNOWN:
        text = "It is not known whether this viewpoint needs a park ticket; the price shown is if it does."
        yield Message("TICKET_UNKNOWN", text)
    elif place.park_ticket is Known.NO:
        text = "The viewpoint needs no park ticket, but this way to it crosses the park."
        yield Message("TICKET_FOR_THE_WAY", text)
    quota = next((q for q in almanac.quotas if q.site == place.quota_site), None)
    if quota:
        text = "Places are limited: {normal} people a day in 2023, up to {peak} on peak days. Book first."
        normal, peak = quota.people_per_day_75pct_2023, quota.people_per_day_peak_2023_24
        yield Message("QUOTA", text, normal=normal, peak=peak)
    booking = next((a for a in almanac.advice if a.topic == "booking"), None)
    if booking:
        text = "Buy tickets before you wait: {advice}."
        yield Message("BOOKING", text, booking.basis, advice=Message("BOOKING", booking.value))

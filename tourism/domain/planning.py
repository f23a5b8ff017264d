"""Count back from the sunrise to the minute a vehicle should leave Kayutangan, and say what to know or why not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from tourism.domain.calendar import DayType, dates_around
from tourism.domain.corridor import Almanac, Closure, Place, Way
from tourism.domain.evidence import Known
from tourism.domain.itinerary import (
    Barrier,
    ItineraryLeg,
    Part,
    Start,
    before_leaving,
    gates_of,
    in_park,
    latest_leave,
    parts_of,
    schedule,
)
from tourism.domain.sun import SunTimes, sun_times
from tourism.domain.tickets import NOT_KNOWN, Tickets, ticket_warnings, tickets_for
from tourism.errors import Message


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
    tickets: Tickets = NOT_KNOWN
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
class _Candidate:
    """One way with its leave time, and the closures that touch it."""

    way: Way
    parts: list[Part]
    gates: list[Barrier]
    leave: datetime | None
    climb_binds: bool
    closures: list[Closure]

    @property
    def forbidden(self) -> Closure | None:
        return next((c for c in self.closures if c.status == "announced"), None)


def _candidates(almanac: Almanac, question: Question, by: datetime, sunrise: datetime) -> list[_Candidate]:
    busy = almanac.calendar.day_type(question.night) is DayType.HOLIDAY
    found = []
    for way in almanac.ways(question.viewpoint):
        if question.approach not in (None, way.approach):
            continue
        parts = parts_of(almanac, way, busy)
        gates = gates_of(almanac, parts, question.night, busy)
        leave, binds = latest_leave(parts, gates, by)
        inside = in_park(parts, leave or by, sunrise, way)
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
    before = tuple(before_leaving(start, question.night, chosen.leave))
    first = replace(chosen.parts[0], start_place=start.pickup.id)
    parts = [first, *chosen.parts[1:]]
    return replace(
        blank,
        status=Status.OK,
        approach=chosen.way.approach,
        leave_at=chosen.leave,
        legs=(*before, *schedule(parts, chosen.gates, chosen.leave, by)),
        tickets=tickets_for(almanac, chosen.way, question.night, question.party, question.foreign),
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
    if almanac.calendar.day_type(question.night) is DayType.HOLIDAY:
        text = "Queues at the gate are not counted: on a busy night they can take an hour and more."
        yield Message("QUEUE_NOT_COUNTED", text)
    place = almanac.place[question.viewpoint]
    yield from ticket_warnings(almanac, place, almanac.needs_ticket(chosen.way))
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

"""Count back from the sunrise to the minute a vehicle should leave Kayutangan, and say what to know or why not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np

from tourism.domain import notices
from tourism.domain.calendar import ONE_DAY, Window
from tourism.domain.closures import Closure
from tourism.domain.corridor import PARK, Almanac, Place, Way
from tourism.domain.crowds import queues
from tourism.domain.evidence import Known
from tourism.domain.itinerary import (
    Part,
    Start,
    before_leaving,
    chances,
    in_park,
    latest,
    parts_of,
    schedule,
    with_prayer,
)
from tourism.domain.night_grid import MINUTES, in_place_by, instant_of, minute_of, value_at
from tourism.domain.night_plan import Alternatives, Chance, Option, Plan, Question, Reason, Status, moments
from tourism.domain.sun import SunTimes, sun_times
from tourism.domain.tickets import tickets_for
from tourism.domain.travel_time import Floats
from tourism.domain.way_back import instead, on_the_way_back
from tourism.errors import Message


@dataclass(frozen=True)
class _Sky:
    """The morning at a viewpoint: its sun, the sunrise to the minute, and the moment to be in place."""

    sun: SunTimes
    sunrise: datetime
    by: datetime


def _sky(almanac: Almanac, question: Question) -> _Sky:
    sun = sun_times(question.night, almanac.place[question.viewpoint].point)
    sunrise = (sun.sunrise + timedelta(seconds=30)).replace(second=0)
    return _Sky(sun, sunrise, moments(sun, sunrise)[question.aim])


@dataclass(frozen=True)
class _Candidate:
    """One way with its chances, its latest minute to leave, and the closures that touch it."""

    way: Way
    parts: Sequence[Part]
    curve: Floats
    leave: int | None
    closures: Sequence[Closure]

    @property
    def forbidden(self) -> Closure | None:
        return next((c for c in self.closures if c.forbids), None)


def _candidate(almanac: Almanac, question: Question, sky: _Sky, way: Way, leave: float | None = None) -> _Candidate:
    profile = almanac.calendar.profile(question.night)
    parts = parts_of(almanac, way, profile.busy, queues(almanac, profile.crowd), question.party)
    if question.party.subuh:
        parts = with_prayer(almanac, parts, question.night, sky.sun.subuh)
    curve = chances(parts, in_place_by(minute_of(question.night, sky.by)))
    found = latest(curve)
    leaving = next((m for m in (leave, found) if m is not None), None)
    leaves = sky.by if leaving is None else instant_of(question.night, leaving)
    inside = in_park(parts, leaves, sky.sunrise, way)
    return _Candidate(way, parts, curve, found, closures_of(almanac, way, inside))


def _candidates(almanac: Almanac, question: Question, sky: _Sky, leave: float | None = None) -> list[_Candidate]:
    ways = [w for w in almanac.ways(question.viewpoint) if question.approach in (None, w.approach)]
    return [_candidate(almanac, question, sky, way, leave) for way in ways]


def closures_of(almanac: Almanac, way: Way, window: Window) -> list[Closure]:
    """Return the closures that touch a way during a window, those that forbid first."""
    touched = [c for c in almanac.all_closures if c.window.overlaps(window) and _touches(almanac, c, way)]
    return sorted(touched, key=lambda c: (not c.forbids, c.starts_at))


def _touches(almanac: Almanac, closure: Closure, way: Way) -> bool:
    if closure.scope == PARK:
        return any(place not in closure.excepted.split(";") for place in way.beyond_gate)
    if closure.scope == way.approach:
        return True
    return any(closure.shuts(place, almanac.area(place)) for place in way.places)


def _choose(almanac: Almanac, question: Question, candidates: Iterable[_Candidate]) -> _Candidate | None:
    """Take the way with the latest leave; one that pays for the park only where the viewpoint itself does."""
    usable = [c for c in candidates if c.leave is not None and not c.forbidden]
    if almanac.place[question.viewpoint].park_ticket is Known.NO:
        outside = [c for c in usable if almanac.needs_ticket(c.way) is Known.NO]
        usable = outside or usable
    return max(usable, key=lambda c: c.leave or 0, default=None)


def plan(almanac: Almanac, start: Start, question: Question, today: date, last: date) -> Plan:
    """Answer a question whose viewpoint exists and whose date is in range.

    `today` and `last` bound the search for other dates when the answer is no.
    """
    viewpoint, sky = almanac.place[question.viewpoint], _sky(almanac, question)
    profile = almanac.calendar.profile(question.night)
    blank = Plan(question, Status.IMPOSSIBLE, viewpoint, sky.sun, sky.sunrise, sky.by, profile, start)
    candidates = _candidates(almanac, question, sky)
    refused = _excluded(almanac, question)
    chosen = None if refused else _choose(almanac, question, candidates)
    if chosen is None or chosen.leave is None:
        found = replace(blank, reason=refused or _refusal(almanac, question, candidates, sky.by))
        if any(c.forbidden for c in candidates) and not refused:
            found = replace(found, status=Status.CLOSED)
        elif candidates:
            best = _best(candidates)
            found = replace(found, curve=best.curve, approach=best.way.approach)
        touching = tuple(dict.fromkeys(closure for c in candidates for closure in c.closures))
        return replace(found, closures=touching, alternatives=_alternatives(almanac, question, (today, last)))
    leave = instant_of(question.night, chosen.leave)
    before = tuple(before_leaving(start, question.night, leave, question.party.pace))
    parts = [replace(chosen.parts[0], start_place=start.pickup.id), *chosen.parts[1:]]
    legs = (*before, *schedule(parts, question.night, leave, sky.by))
    found = replace(
        blank,
        status=Status.OK,
        approach=chosen.way.approach,
        leave_at=leave,
        curve=chosen.curve,
        legs=legs,
        tickets=tickets_for(almanac, chosen.way, question.night, question.party.size, question.party.foreign),
        closures=tuple(chosen.closures),
        way_back=tuple(on_the_way_back(almanac, chosen.way, question.night, start.pickup.point)),
    )
    closes = _closing_climb(almanac, question, chosen)
    return replace(
        found,
        warnings=tuple(notices.warnings(almanac, found, closes)),
        advice=tuple(notices.advice(almanac, found)),
    )


def _closing_climb(almanac: Almanac, question: Question, chosen: _Candidate) -> datetime | None:
    """Return when the climb closes if that decides the minute to leave, however late one wants to be in place."""
    climb = next((almanac.gate[place] for place in chosen.way.places if almanac.is_climb(place)), None)
    if climb is None:
        return None
    passing = latest(chances(chosen.parts, np.ones(MINUTES)))
    binds = passing is not None and chosen.leave is not None and passing - chosen.leave <= notices.BINDS_MIN
    busy = almanac.calendar.profile(question.night).busy
    return climb.closes_on(question.night, busy) if binds else None


def _excluded(almanac: Almanac, question: Question) -> Message | None:
    """Say why a party can't use a viewpoint on any night."""
    viewpoint = almanac.place[question.viewpoint]
    if question.party.wheelchair and viewpoint.step_free is Known.NO:
        text = "There are steps at {viewpoint}: a wheelchair does not get there."
        return Message(Reason.NOT_STEP_FREE, text, viewpoint=viewpoint.name)
    return None


def _best(candidates: Iterable[_Candidate]) -> _Candidate:
    """Return the way with the best chance of all."""
    return max(candidates, key=lambda c: float(c.curve.max()))


def _refusal(almanac: Almanac, question: Question, candidates: Sequence[_Candidate], by: datetime) -> Message:
    """Say why there is no plan."""
    if not candidates:
        return Message(Reason.NO_APPROACH, "This approach does not lead to this viewpoint.")
    closed = [c.forbidden for c in candidates if c.forbidden]
    if closed:
        return _closed(closed, almanac.place[question.viewpoint])
    text = "No minute to leave gives a 90% chance to be in place by {by}; the best is {percent}%."
    percent = int(_best(candidates).curve.max() * 100)
    return Message(Reason.CANNOT_ARRIVE_IN_TIME, text, by=by.time(), percent=percent)


def _closed(closed: Sequence[Closure], viewpoint: Place) -> Message:
    """Name the closure of the viewpoint itself, else that of the ways to it."""

    def at_site(closure: Closure) -> bool:
        everywhere = closure.scope == PARK and viewpoint.id not in closure.excepted.split(";")
        return everywhere or closure.shuts(viewpoint.id, viewpoint.area)

    own = next(filter(at_site, closed), None)
    if own:
        text = "Closed {when}: {reason}."
        return notices.closure_message(Reason.SITE_CLOSED, text, own)
    text = "The way there is closed {when}: {reason}."
    return notices.closure_message(Reason.NO_APPROACH_OPEN, text, closed[0])


def _option(almanac: Almanac, question: Question) -> Option | None:
    """Return the best open way of a question, None without any."""
    if _excluded(almanac, question):
        return None
    sky = _sky(almanac, question)
    if question.approach is None and _shut_all_night(almanac, question, sky):
        return None
    chosen = _choose(almanac, question, _candidates(almanac, question, sky))
    if chosen is None or chosen.leave is None:
        return None
    leave = instant_of(question.night, chosen.leave)
    return Option(almanac.place[question.viewpoint], chosen.way.approach, leave)


def _shut_all_night(almanac: Almanac, question: Question, sky: _Sky) -> bool:
    """Tell quickly, without chances, whether every way is forbidden at the last minute before the sunrise."""
    dawn = Window(sky.sunrise - timedelta(minutes=1), sky.sunrise)
    return all(any(c.forbids for c in closures_of(almanac, w, dawn)) for w in almanac.ways(question.viewpoint))


def options(almanac: Almanac, question: Question) -> list[Option]:
    """Return the best open way to each viewpoint, the latest to leave first."""
    asked = (replace(question, viewpoint=viewpoint, approach=None) for viewpoint in almanac.viewpoints)
    found = [option for q in asked if (option := _option(almanac, q))]
    return sorted(found, key=lambda option: option.leave_at, reverse=True)


def _alternatives(almanac: Almanac, question: Question, dates: tuple[date, date]) -> Alternatives:
    others = (replace(question, approach=a) for a in almanac.approaches if question.approach not in (None, a))
    today, last = dates
    following = _days(question.night + ONE_DAY, last, 1)
    preceding = _days(question.night - ONE_DAY, today, -1)
    return Alternatives(
        approaches=tuple(option for q in others if (option := _option(almanac, q))),
        viewpoints=tuple(o for o in options(almanac, question) if o.viewpoint.id != question.viewpoint),
        open_before=_first_open(almanac, question, (day for day in preceding if day <= last)),
        open_after=_first_open(almanac, question, (day for day in following if day >= today)),
        destinations=tuple(instead(almanac, question.night)),
    )


def _days(first: date, last: date, step: int) -> Iterator[date]:
    day = first
    while (last - day).days * step >= 0:
        yield day
        day += step * ONE_DAY


def _first_open(almanac: Almanac, question: Question, days: Iterable[date]) -> date | None:
    if _excluded(almanac, question) or not _candidates(almanac, question, _sky(almanac, question)):
        return None  # the date does not matter
    return next((day for day in days if _option(almanac, replace(question, night=day))), None)


def chances_of(almanac: Almanac, question: Question, leave: datetime) -> list[Chance]:
    """Say for every viewpoint what leaving at an instant is worth, the best first."""
    found = [_chance(almanac, replace(question, viewpoint=v), leave) for v in almanac.viewpoints]
    return sorted(found, key=lambda c: -c.chance)


def _chance(almanac: Almanac, question: Question, leave: datetime) -> Chance:
    sky, minute = _sky(almanac, question), minute_of(question.night, leave)
    refused = _excluded(almanac, question)
    blank = Chance(almanac.place[question.viewpoint], sky.by, reason=refused)
    if refused:
        return blank
    candidates = _candidates(almanac, question, sky, minute)
    usable = [c for c in candidates if not c.forbidden]
    best = max(usable, key=lambda c: value_at(c.curve, minute), default=None)
    if best is None:
        return replace(blank, reason=_refusal(almanac, question, candidates, sky.by))
    return replace(blank, chance=value_at(best.curve, minute), approach=best.way.approach)

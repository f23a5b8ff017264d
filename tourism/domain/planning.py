"""Count back from the sunrise to the minute a vehicle should leave Kayutangan, and say what to know or why not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

import numpy as np

from tourism.domain import notices
from tourism.domain.calendar import LAST_DAY, ONE_DAY
from tourism.domain.candidates import Candidate, candidates, choose, excluded, shut_at_dawn, sky_of, usable, ways_of
from tourism.domain.closures import Closure
from tourism.domain.corridor import PARK, Almanac, Place
from tourism.domain.itinerary import Start, arrival, before_leaving, chance_curve, latest, schedule
from tourism.domain.night_grid import MINUTES, instant_of, minute_of, value_at
from tourism.domain.night_plan import Aim, Alternatives, Chance, Option, Plan, Question, Reason, Status
from tourism.domain.tickets import tickets_for
from tourism.domain.way_back import on_the_way_back, visits
from tourism.errors import Message

NEAR_CHANCE = 0.01  # chances this near are equal: then the shorter road is taken


def plan(almanac: Almanac, start: Start, question: Question, tonight: date, leave_at: datetime | None = None) -> Plan:
    """Answer a question whose viewpoint exists and whose date is in range.

    No date before `tonight` is offered when the answer is no. With an instant to leave at, a turn that was given, the
    itinerary begins there.
    """
    viewpoint, sky = almanac.place[question.viewpoint], sky_of(almanac, question)
    profile = almanac.calendar.profile(question.night)
    blank = Plan(question, Status.IMPOSSIBLE, viewpoint, sky.sun, sky.sunrise, sky.by, profile, start)
    every_way = candidates(almanac, replace(question, approach=None), sky)
    asked = [c for c in every_way if question.approach in (None, c.way.approach)]
    chosen = choose(almanac, question, asked)
    others = tuple(_options_of(almanac, question, (c for c in every_way if c is not chosen)))
    if chosen is None or chosen.leave is None:
        return _without_a_way(almanac, blank, asked, others, tonight)
    leave = leave_at or instant_of(question.night, chosen.leave)
    before = tuple(before_leaving(start, question.night, leave, question.party.pace))
    parts = [replace(chosen.parts[0], start_place=start.pickup.id), *chosen.parts[1:]]
    found = replace(
        blank,
        status=Status.OK,
        approach=chosen.way.approach,
        leave_at=leave,
        curve=chosen.curve,
        legs=(*before, *schedule(parts, question.night, leave, sky.by)),
        tickets=tickets_for(almanac, chosen.way, question.night, question.party.size, question.party.foreign),
        closures=tuple(chosen.closures),
        cautions=_cautions(almanac, question, chosen),
        alternatives=Alternatives(approaches=others),
        way_back=tuple(on_the_way_back(almanac, chosen.way, question.night, start.pickup.point)),
    )
    closes = _closing_climb(almanac, question, chosen)
    return replace(
        found,
        warnings=tuple(notices.warnings(almanac, found, closes)),
        advice=tuple(notices.advice(almanac, found)),
    )


def _without_a_way(
    almanac: Almanac, blank: Plan, asked: Sequence[Candidate], others: tuple[Option, ...], tonight: date
) -> Plan:
    """Say why there is no plan, and what is open instead."""
    question = blank.question
    found = replace(
        blank,
        reason=_refusal(almanac, question, asked, blank.in_place_by),
        closures=tuple(dict.fromkeys(closure for c in asked for closure in c.closures)),
        alternatives=_alternatives(almanac, question, others, tonight),
    )
    if excluded(almanac, question):
        return found
    if any(c.forbidden for c in asked):
        return replace(found, status=Status.CLOSED)
    if asked:
        best = _best(asked)
        return replace(found, curve=best.curve, approach=best.way.approach)
    return found


def _cautions(almanac: Almanac, question: Question, chosen: Candidate) -> tuple[Message, ...]:
    viewpoint = almanac.place[question.viewpoint]
    return tuple(notices.cautions(almanac, viewpoint, question.party, chosen.on_the_road, chosen.closures))


def _closing_climb(almanac: Almanac, question: Question, chosen: Candidate) -> datetime | None:
    """Return when the climb closes if that decides the minute to leave, however late one wants to be in place."""
    climb = next((almanac.server[place] for place in chosen.way.places if almanac.is_climb(place)), None)
    if climb is None:
        return None
    passing = latest(chance_curve(chosen.parts, np.ones(MINUTES)))
    binds = passing is not None and chosen.leave is not None and passing - chosen.leave <= notices.BINDS_MIN
    busy = almanac.calendar.profile(question.night).busy
    return climb.closes_on(question.night, busy) if binds else None


def _best(found: Iterable[Candidate]) -> Candidate:
    """Return the way with the best chance of all."""
    return max(found, key=lambda c: float(c.curve.max()))


def _refusal(almanac: Almanac, question: Question, asked: Sequence[Candidate], by: datetime) -> Message:
    """Say why there is no way."""
    viewpoint = almanac.place[question.viewpoint]
    if excluded(almanac, question):
        text = "There are steps at {viewpoint}: a wheelchair does not get there."
        return Message(Reason.NOT_STEP_FREE, text, viewpoint=viewpoint.name)
    if not asked:
        return Message(Reason.NO_APPROACH, "This approach does not lead to this viewpoint.")
    closed = [c.forbidden for c in asked if c.forbidden]
    if closed:
        return _closed(closed, viewpoint)
    text = "No minute to leave gives a 90% chance to be in place by {by}; the best is {percent}%."
    percent = int(_best(asked).curve.max() * 100)
    return Message(Reason.CANNOT_ARRIVE_IN_TIME, text, by=by.time(), percent=percent)


def _closed(closed: Sequence[Closure], viewpoint: Place) -> Message:
    """Name the closure of the viewpoint itself, else that of the ways to it."""
    own = next(
        (c for c in closed if c.scope in (PARK, viewpoint.id, viewpoint.area) and not c.spares(viewpoint.id)), None
    )
    if own:
        text = "Closed {when}: {reason}."
        return notices.closure_message(Reason.SITE_CLOSED, text, own)
    text = "The way there is closed {when}: {reason}."
    return notices.closure_message(Reason.NO_APPROACH_OPEN, text, closed[0])


def _options_of(almanac: Almanac, question: Question, found: Iterable[Candidate]) -> Iterator[Option]:
    """Yield the ways that are open and early enough."""
    viewpoint = almanac.place[question.viewpoint]
    for c in found if not excluded(almanac, question) else ():
        if c.leave is not None and not c.forbidden:
            leave = instant_of(question.night, c.leave)
            yield Option(viewpoint, c.way.approach, leave, _cautions(almanac, question, c))


def _option(almanac: Almanac, question: Question) -> Option | None:
    """Return the best open way of a question, None without any."""
    sky = sky_of(almanac, question)
    if shut_at_dawn(almanac, question, sky):
        return None
    chosen = choose(almanac, question, candidates(almanac, question, sky))
    return next(_options_of(almanac, question, [chosen]), None) if chosen else None


def options(almanac: Almanac, question: Question) -> list[Option]:
    """Return the best open way to each viewpoint, the latest to leave first."""
    asked = (replace(question, viewpoint=viewpoint, approach=None) for viewpoint in almanac.viewpoints)
    found = [option for q in asked if (option := _option(almanac, q))]
    return sorted(found, key=lambda option: option.leave_at, reverse=True)


def by_moment(almanac: Almanac, question: Question) -> dict[Aim, datetime | None]:
    """Return the latest minute to leave for each moment one may want to be in place for."""
    found = {aim: _option(almanac, replace(question, aim=aim)) for aim in Aim}
    return {aim: option.leave_at if option else None for aim, option in found.items()}


def _alternatives(almanac: Almanac, question: Question, others: tuple[Option, ...], tonight: date) -> Alternatives:
    last = tonight + LAST_DAY
    following = _days(question.night + ONE_DAY, last, 1)
    preceding = _days(question.night - ONE_DAY, tonight, -1)
    return Alternatives(
        approaches=others,
        viewpoints=tuple(o for o in options(almanac, question) if o.viewpoint.id != question.viewpoint),
        open_before=_first_open(almanac, question, (day for day in preceding if day <= last)),
        open_after=_first_open(almanac, question, (day for day in following if day >= tonight)),
        destinations=tuple(visits(almanac, question.night)),
    )


def _days(first: date, last: date, step: int) -> Iterator[date]:
    day = first
    while (last - day).days * step >= 0:
        yield day
        day += step * ONE_DAY


def _first_open(almanac: Almanac, question: Question, days: Iterable[date]) -> date | None:
    if excluded(almanac, question) or not ways_of(almanac, question):
        return None  # the date does not matter
    return next((day for day in days if _option(almanac, replace(question, night=day))), None)


def chances_of(almanac: Almanac, question: Question, leave: datetime) -> list[Chance]:
    """Say for every viewpoint what leaving at an instant is worth, the best first."""
    found = [_chance(almanac, replace(question, viewpoint=v), leave) for v in almanac.viewpoints]
    return sorted(found, key=lambda c: -round(c.chance / NEAR_CHANCE))


def _chance(almanac: Almanac, question: Question, leave: datetime) -> Chance:
    sky, minute = sky_of(almanac, question), minute_of(question.night, leave)
    blank = Chance(almanac.place[question.viewpoint], sky.by)
    every_way = candidates(almanac, question, sky, minute)
    open_ways = usable(almanac, question, every_way)
    if not open_ways:
        return replace(blank, reason=_refusal(almanac, question, every_way, sky.by))
    worth = [(value_at(c.curve, minute), c) for c in open_ways]
    best = max(chance for chance, _ in worth)
    chance, way = min((w for w in worth if best - w[0] <= NEAR_CHANCE), key=lambda w: w[1].way.km)
    return replace(
        blank,
        chance=chance,
        approach=way.way.approach,
        usually_there=arrival(way.parts, question.night, leave),
        cautions=_cautions(almanac, question, way),
    )

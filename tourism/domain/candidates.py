"""The ways to a viewpoint on one night: their chances, the latest minute to leave, and the closures that touch them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tourism.domain.calendar import Window
from tourism.domain.closures import Closure
from tourism.domain.corridor import PARK, Almanac, Way
from tourism.domain.crowds import queues
from tourism.domain.evidence import Known
from tourism.domain.itinerary import Part, chance_curve, latest, park_window, parts_of, with_prayer
from tourism.domain.night_grid import in_place_by, instant_of, minute_of
from tourism.domain.night_plan import Question, moments
from tourism.domain.sun import SunTimes, sun_times
from tourism.domain.travel_time import Floats

WORTH_MIN = 10  # a longer road is worth it from this gain on


@dataclass(frozen=True)
class Sky:
    """The morning at a viewpoint: its sun, the sunrise to the minute, and the moment to be in place."""

    sun: SunTimes
    sunrise: datetime
    by: datetime


def sky_of(almanac: Almanac, question: Question) -> Sky:
    """Return the morning of a question."""
    sun = sun_times(question.night, almanac.place[question.viewpoint].point)
    sunrise = (sun.sunrise + timedelta(seconds=30)).replace(second=0)
    return Sky(sun, sunrise, moments(sun, sunrise)[question.aim])


@dataclass(frozen=True)
class Candidate:
    """One way with its chance by minute to leave, its latest minute, and the closures that touch it."""

    way: Way
    parts: Sequence[Part]
    curve: Floats
    leave: int | None
    on_the_road: Window
    closures: Sequence[Closure]

    @property
    def forbidden(self) -> Closure | None:
        """The closure that forbids it."""
        return next((c for c in self.closures if c.forbids), None)


def ways_of(almanac: Almanac, question: Question) -> list[Way]:
    """Return the ways of the approach that is asked for, or of all."""
    return [way for way in almanac.ways(question.viewpoint) if question.approach in (None, way.approach)]


def candidates(almanac: Almanac, question: Question, sky: Sky, leave: float | None = None) -> list[Candidate]:
    """Weigh the ways of a question; closures are those met when leaving at a minute, or at the latest one."""
    return [_candidate(almanac, question, sky, way, leave) for way in ways_of(almanac, question)]


def _candidate(almanac: Almanac, question: Question, sky: Sky, way: Way, leave: float | None) -> Candidate:
    night, profile = question.night, almanac.calendar.profile(question.night)
    met = queues(almanac, profile.crowd, almanac.changes_on(night))
    parts = parts_of(almanac, way, profile.busy, met, question.party)
    if question.party.subuh:
        parts = with_prayer(almanac, parts, night, sky.sun.subuh)
    curve = chance_curve(parts, in_place_by(minute_of(night, sky.by)))
    found = latest(curve)
    leaving = found if leave is None else leave
    leaves = sky.by if leaving is None else instant_of(night, leaving)
    park = park_window(parts, night, leaves, sky.sunrise, way.gate)
    road = Window(min(leaves, park.start), sky.sunrise)
    return Candidate(way, parts, curve, found, road, touching(almanac, way, road, park))


def touching(almanac: Almanac, way: Way, road: Window, park: Window) -> list[Closure]:
    """Return the closures that touch a way, those that forbid first.

    `road` is the time from leaving to the sunrise, `park` that from the gate on, the gate included.
    """
    found = [c for c in almanac.all_closures if _touches(almanac, c, way, road, park)]
    return sorted(found, key=lambda c: (not c.forbids, c.starts_at))


def _touches(almanac: Almanac, closure: Closure, way: Way, road: Window, park: Window) -> bool:
    outside, inside = closure.window.overlaps(road), closure.window.overlaps(park)
    if closure.scope == PARK:
        return inside and any(not closure.spares(place) for place in way.beyond_gate)
    if closure.spares(way.places[-1]):
        return False
    if closure.scope == way.approach:
        return outside
    before_gate = way.places[: way.places.index(way.gate)] if way.gate else way.places
    shut = [place for place in way.places if closure.scope in (place, almanac.area(place))]
    return any(outside if place in before_gate else inside for place in shut)


def shut_at_dawn(almanac: Almanac, question: Question, sky: Sky) -> bool:
    """Tell quickly, without chances, whether every way is forbidden at the last minute before the sunrise."""
    dawn = Window(sky.sunrise - timedelta(minutes=1), sky.sunrise)
    ways = ways_of(almanac, question)
    return all(any(c.forbids for c in touching(almanac, way, dawn, dawn)) for way in ways)


def excluded(almanac: Almanac, question: Question) -> bool:
    """Tell whether a party can't use a viewpoint on any night."""
    return question.party.wheelchair and almanac.place[question.viewpoint].step_free is Known.NO


def usable(almanac: Almanac, question: Question, found: Iterable[Candidate]) -> list[Candidate]:
    """Return the ways a party may take; one that pays for the park only where the viewpoint itself does."""
    open_ways = [] if excluded(almanac, question) else [c for c in found if not c.forbidden]
    if almanac.place[question.viewpoint].park_ticket is Known.NO:
        open_ways = [c for c in open_ways if almanac.needs_ticket(c.way) is Known.NO] or open_ways
    return open_ways


def choose(almanac: Almanac, question: Question, found: Iterable[Candidate]) -> Candidate | None:
    """Take the way with the latest leave; of those within WORTH_MIN of it the one with the shortest road."""
    leaving = [(c.leave, c) for c in usable(almanac, question, found) if c.leave is not None]
    last = max((leave for leave, _ in leaving), default=0)
    near = [c for leave, c in leaving if last - leave <= WORTH_MIN]
    return min(near, key=lambda c: c.way.km, default=None)

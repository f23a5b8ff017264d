"""Answer "where can we wait, and until when?"."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property

from tourism.domain import hours
from tourism.domain.calendar import EVENING, WIB, Calendar, Window, at, check_date, check_window
from tourism.domain.evidence import Amenity
from tourism.domain.finding import Group, Spot, Trust, Wish, find
from tourism.domain.night_plan import Plan
from tourism.domain.occupancy import Occupancy
from tourism.domain.venue import Venue
from tourism.domain.waiting import Walk
from tourism.errors import Message, OutOfRangeError
from tourism.geo.crs import Point
from tourism.services.plans import HABIT, PlanRequest, make_plan, party_issue, tonight
from tourism.services.town import Town

LONGEST_WALK_MIN = 60
NOTHING: Mapping[str, Occupancy] = {}


@dataclass(frozen=True)
class SpotsRequest:
    """What someone who waits may ask about the night of a service date; None takes the default.

    A clock time belongs to the night; an instant stands for itself.
    """

    night: date
    start: time | datetime | None = None
    end: time | datetime | None = None
    need: tuple[Amenity, ...] = ()
    near: str | Point | None = None
    party: int | None = None
    max_walk_min: int | None = None


@dataclass(frozen=True)
class FoundSpots:
    """Every spot of a night and window, best first, and the plan that the window waits for."""

    wish: Wish
    plan: Plan
    spots: list[Spot]

    @property
    def window(self) -> Window:
        """The window people wait in."""
        return self.wish.window

    def of(self, *groups: Group) -> list[Spot]:
        """Return the spots that suit so well, best first."""
        return [spot for spot in self.spots if spot.group in groups]

    @property
    def notes(self) -> Iterator[Message]:
        """Say what no venue can give."""
        known = [spot.venue.seats for spot in self.spots if spot.venue.seats is not None]
        if self.wish.party and known and max(known) < self.wish.party:
            text = "No venue is known to seat {party}: the largest known has {largest} seats. Wait in two places."
            yield Message("PARTY_ABOVE_EVERY_CAPACITY", text, party=self.wish.party, largest=max(known))


def find_spots(town: Town, request: SpotsRequest, now: datetime, live: Mapping[str, Occupancy] = NOTHING) -> FoundSpots:
    """Find spots; the window runs from 22:00 to the time to leave unless chosen. Raises OutOfRangeError."""
    wish, plan = _wish(town, request, tonight(town, now))
    walk_of = town.walks_to(town.get_named(request.near)) if request.near else town.walk_of
    look = _Look(town, wish, _today(now), live)
    return FoundSpots(wish, plan, find((look.at(venue, walk_of[venue.id]) for venue in town.venues), wish))


def get_spot(
    town: Town, spot_id: str, request: SpotsRequest, now: datetime, live: Mapping[str, Occupancy] = NOTHING
) -> tuple[FoundSpots, Spot]:
    """Return one venue in a window; raises NotFoundError."""
    venue = town.get_venue(spot_id)
    wish, plan = _wish(town, replace(request, need=()), tonight(town, now))
    found = find([_Look(town, wish, _today(now), live).at(venue, town.walk_of[venue.id])], wish)
    return FoundSpots(wish, plan, found), found[0]


def window_of(town: Town, request: SpotsRequest, now: datetime) -> Window:
    """Return the window that people wait in on a night; raises OutOfRangeError."""
    return _wish(town, request, tonight(town, now))[0].window


def closes_at(town: Town, venue: Venue, instant: datetime) -> datetime | None:
    """Return when a venue that is open at an instant closes, None if not within a day or not known."""
    return _answer(town, venue, Window(instant, instant + timedelta(days=1))).until


def deciding_rule(town: Town, venue: Venue, window: Window) -> str:
    """Return the rule of a venue's hours that decided the answer for a window."""
    return hours.deciding_rule(venue.opening_hours, window, *_circumstances(town, venue))


def _today(now: datetime) -> date:
    return now.astimezone(WIB).date()


def _answer(town: Town, venue: Venue, window: Window) -> hours.Answer:
    return hours.over(venue.opening_hours, window, *_circumstances(town, venue))


def _circumstances(town: Town, venue: Venue) -> tuple[Calendar, Sequence[hours.TemporaryHours]]:
    return town.world.almanac.calendar, town.temporary.get(venue.id, ())


@dataclass(frozen=True)
class _Look:
    """A look at venues on a day, with what was said about them in the last half hour."""

    town: Town
    wish: Wish
    today: date
    live: Mapping[str, Occupancy]

    def at(self, venue: Venue, walk: Walk) -> Spot:
        said = self.live.get(venue.id)
        holds = said if said and said.window.overlaps(self.wish.window) else None
        answer = _answer(self.town, venue, self.wish.window)
        return Spot(venue, answer, walk, self.town.next_door.get(venue.id, {}), self.trust(venue.hours_as_of), holds)

    @cached_property
    def trust(self) -> Callable[[date | None], Trust]:
        """Return how far hours of a date can be trusted; many venues were checked the same day."""
        freshness = self.town.world.freshness

        def judged(as_of: date | None) -> Trust:
            age = freshness.age("opening_hours", as_of, self.today)
            return Trust(age, freshness.confidence("opening_hours", as_of, self.today))

        return cache(judged)


def _wish(town: Town, request: SpotsRequest, this_night: date) -> tuple[Wish, Plan]:
    night = request.night
    check_date(night, this_night, "night")
    wrong = {
        "party": None if request.party is None else party_issue(request.party),
        "max_walk_min": None if request.max_walk_min is None else walk_issue(request.max_walk_min),
    }
    issues = {field: message for field, message in wrong.items() if message}
    if issues:
        raise OutOfRangeError(issues)
    for field, written in (("from", request.start), ("until", request.end)):
        if isinstance(written, datetime):
            check_date(written.date(), this_night, field)
    plan = make_plan(town, PlanRequest(night), this_night)
    window = Window(
        _instant(night, request.start or EVENING),
        _instant(night, request.end) if request.end else plan.leave_at or at(night, HABIT),
    )
    if window.start >= window.end and not request.end:
        text = "This is after the time to leave, {end}: say until when, too."
        raise OutOfRangeError({"from": Message("AFTER_LEAVING", text, end=window.end)})
    check_window(window)
    return Wish(night, window, request.party, request.need, request.max_walk_min), plan


def walk_issue(minutes: int) -> Message | None:
    """Say what is wrong with the minutes of a walk, None if nothing is."""
    text = "A walk takes 1 to {longest} minutes."
    return None if 1 <= minutes <= LONGEST_WALK_MIN else Message("WALK_OUT_OF_RANGE", text, longest=LONGEST_WALK_MIN)


def _instant(night: date, written: time | datetime) -> datetime:
    return written if isinstance(written, datetime) else at(night, written)

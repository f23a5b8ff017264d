"""Answer "when do we leave for the sunrise?"."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from tourism.domain.calendar import at, check_date, service_date
from tourism.domain.corridor import Almanac
from tourism.domain.itinerary import Companion, Party, Start
from tourism.domain.night_grid import clock_minute
from tourism.domain.night_plan import Aim, Chance, Plan, Question
from tourism.domain.planning import chances_of, plan
from tourism.errors import Message, OutOfRangeError
from tourism.geo.crs import Point
from tourism.services.town import Town

DEFAULT_VIEWPOINT = "penanjakan-1"
LARGEST_PARTY = 100
HABIT = time(2)  # when everybody drives off, by the city's own words
LONGEST_NIGHT_MIN = 12 * 60  # from 18:00 on


@dataclass(frozen=True)
class PlanRequest:
    """What a traveller may ask about the night of a service date; `leave` turns the question round."""

    date: date
    viewpoint: str = DEFAULT_VIEWPOINT
    party: int = 2
    foreign: int = 0
    approach: str | None = None
    near: str | Point | None = None
    aim: Aim = Aim.COLOURS
    companions: tuple[Companion, ...] = ()
    subuh: bool = False
    leave: time | None = None

    @property
    def leave_at(self) -> datetime:
        """Return the instant to leave at that is asked about; everybody's habit by default."""
        return at(self.date, HABIT if self.leave is None else self.leave)


@dataclass(frozen=True)
class Ride:
    """The vehicle a party was given: when and where it leaves, and whether it is a jeep from the start."""

    leave_at: datetime
    pickup: str
    in_jeep: bool


def tonight(town: Town, now: datetime) -> date:
    """Return the service date of the night that now belongs to, by the sun of the default viewpoint."""
    viewpoints = town.world.almanac.viewpoints
    place = viewpoints.get(DEFAULT_VIEWPOINT) or next(iter(viewpoints.values()))
    return service_date(now, place.point)


def party_issue(party: int) -> Message | None:
    """Say what is wrong with the size of a party, None if nothing is."""
    text = "A party has 1 to {largest} people."
    return None if 1 <= party <= LARGEST_PARTY else Message("PARTY_OUT_OF_RANGE", text, largest=LARGEST_PARTY)


def make_plan(town: Town, request: PlanRequest, tonight: date, ride: Ride | None = None) -> Plan:
    """Plan a night; raises OutOfRangeError, with every field that is wrong, for what can't be asked.

    No date before `tonight`'s service date is offered instead of a closed one. With a ride the itinerary is that
    of the ride.
    """
    question, start = _asked(town, request, tonight)
    if ride is None:
        return plan(town.world.almanac, start, question, tonight)
    start, party = start_of(town, request.near, ride.pickup), replace(question.party, in_jeep=ride.in_jeep)
    return plan(town.world.almanac, start, replace(question, party=party), tonight, ride.leave_at)


def make_chances(town: Town, request: PlanRequest, tonight: date) -> list[Chance]:
    """Say for every viewpoint what leaving at `request.leave_at` is worth, the best first; raises as `make_plan`."""
    question, _ = _asked(town, request, tonight)
    return chances_of(town.world.almanac, question, request.leave_at)


def _asked(town: Town, request: PlanRequest, tonight: date) -> tuple[Question, Start]:
    issues = dict(_issues(town.world.almanac, request))
    try:
        check_date(request.date, tonight)
    except OutOfRangeError as error:
        issues = error.issues | issues
    try:
        start = start_of(town, request.near)
    except OutOfRangeError as error:
        issues |= error.issues
    if issues:
        raise OutOfRangeError(issues)
    party = Party(request.party, request.foreign, request.companions, request.subuh)
    return Question(request.date, request.viewpoint, party, request.approach, request.aim), start


def _issues(almanac: Almanac, request: PlanRequest) -> Iterator[tuple[str, Message]]:
    if request.viewpoint not in almanac.viewpoints:
        text = "There is no viewpoint {id}. Choose one of: {known}."
        known = ", ".join(almanac.viewpoints)
        yield "viewpoint", Message("UNKNOWN_VIEWPOINT", text, id=request.viewpoint, known=known)
    if request.approach not in (None, *almanac.approaches):
        text = "There is no approach {id}. Choose one of: {known}."
        known = ", ".join(almanac.approaches)
        yield "approach", Message("UNKNOWN_APPROACH", text, id=request.approach, known=known)
    wrong = party_issue(request.party)
    if wrong:
        yield "party", wrong
    elif not 0 <= request.foreign <= request.party:
        text = "Foreign visitors are counted within the party: 0 to {party}."
        yield "foreign", Message("FOREIGN_OUT_OF_RANGE", text, party=request.party)
    if request.leave is not None and not 0 <= clock_minute(request.leave) <= LONGEST_NIGHT_MIN:
        text = "A time to leave lies between 18:00 and 06:00."
        yield "leave", Message("LEAVE_OUT_OF_RANGE", text)


def start_of(town: Town, near: str | Point | None, pickup: str | None = None) -> Start:
    """Return where a party waits and its pick-up, the nearest one unless it is given; raises OutOfRangeError."""
    place = town.get_named(near)
    walk = town.nearest_of(place.point) if pickup is None else town.walk_to(place.point, pickup)
    return Start(place.id, walk, next(p for p in town.pickups if p.id == walk.to))

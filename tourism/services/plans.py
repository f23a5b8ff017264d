"""Answer "when do we leave for the sunrise?"."""

from dataclasses import dataclass
from datetime import date, datetime

from tourism.domain.calendar import LAST_DAY, WIB, check_date, service_date
from tourism.domain.corridor import Place
from tourism.domain.itinerary import Start
from tourism.domain.planning import Aim, Plan, Question, Status, plan
from tourism.errors import Message, OutOfRangeError
from tourism.geo.crs import Point
from tourism.services.town import Town

DEFAULT_VIEWPOINT = "penanjakan-1"
LARGEST_PARTY = 100


@dataclass(frozen=True)
class PlanRequest:
    """What a traveller may ask about the night of a service date."""

    date: date
    viewpoint: str = DEFAULT_VIEWPOINT
    party: int = 2
    foreign: int = 0
    approach: str | None = None
    near: str | Point | None = None
    aim: Aim = Aim.COLOURS


def tonight(town: Town, now: datetime) -> date:
    """Return the service date of the night that now belongs to, by the sun of the default viewpoint."""
    viewpoints = town.world.almanac.viewpoints
    place = viewpoints.get(DEFAULT_VIEWPOINT) or next(iter(viewpoints.values()))
    return service_date(now, place.point)


def party_issue(party: int) -> Message | None:
    """Say what is wrong with the size of a party, None if nothing is."""
    text = "A party has 1 to {largest} people."
    return None if 1 <= party <= LARGEST_PARTY else Message("PARTY_OUT_OF_RANGE", text, largest=LARGEST_PARTY)


def make_plan(town: Town, request: PlanRequest, today: date) -> Plan:
    """Plan a night; raises OutOfRangeError, with every field that is wrong, for what can't be asked."""
    almanac = town.world.almanac
    issues: dict[str, Message] = {}
    try:
        check_date(request.date, today)
    except OutOfRangeError as error:
        issues |= error.issues
    if request.viewpoint not in almanac.viewpoints:
        text = "There is no viewpoint {id}. Choose one of: {known}."
        known = ", ".join(almanac.viewpoints)
        issues["viewpoint"] = Message("UNKNOWN_VIEWPOINT", text, id=request.viewpoint, known=known)
    if request.approach not in (None, *almanac.approaches):
        text = "There is no approach {id}. Choose one of: {known}."
        known = ", ".join(almanac.approaches)
        issues["approach"] = Message("UNKNOWN_APPROACH", text, id=request.approach, known=known)
    wrong = party_issue(request.party)
    if wrong:
        issues["party"] = wrong
    elif not 0 <= request.foreign <= request.party:
        text = "Foreign visitors are counted within the party: 0 to {party}."
        issues["foreign"] = Message("FOREIGN_OUT_OF_RANGE", text, party=request.party)
    try:
        start = _start(town, request.near)
    except OutOfRangeError as error:
        issues |= error.issues
    if issues:
        raise OutOfRangeError(issues)
    question = Question(request.date, request.viewpoint, request.party, request.foreign, request.approach, request.aim)
    return plan(almanac, start, question, today, today + LAST_DAY)


def _start(town: Town, near: str | Point | None) -> Start:
    place = town.get_named(near)
    walk = town.nearest_of(place.point)
    pickup = next(p for p in town.pickups if p.id == walk.to)
    return Start(place.id, walk, pickup)


def still_reachable(town: Town, night: date, now: datetime) -> list[tuple[Place, datetime]]:
    """Return the viewpoints one can still leave for, with the minute to leave, soonest first."""
    today = now.astimezone(WIB).date()
    plans = (make_plan(town, PlanRequest(night, viewpoint), today) for viewpoint in town.world.almanac.viewpoints)
    found = [(p.viewpoint, p.leave_at) for p in plans if p.status is Status.OK and p.leave_at and p.leave_at > now]
    return sorted(found, key=lambda pair: pair[1])

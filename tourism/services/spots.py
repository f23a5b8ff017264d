"""Answer "where can we wait, and until when?"."""

from dataclasses import dataclass, replace
from datetime import date, time

from tourism.domain.calendar import EVENING, Window, at, check_date
from tourism.domain.planning import Plan
from tourism.domain.venue import Amenity
from tourism.domain.waiting import Spot, spots
from tourism.errors import Message, NotFoundError, OutOfRangeError
from tourism.geo.crs import Point
from tourism.services.plans import PlanRequest, make_plan
from tourism.services.town import Town

HABIT = time(2)  # when people usually leave; the end of the window on a night without a time to leave


@dataclass(frozen=True)
class SpotsRequest:
    """What someone who waits may ask about the night of a service date; None takes the default."""

    night: date
    start: time | None = None
    end: time | None = None
    need: tuple[Amenity, ...] = ()
    near: str | Point | None = None


@dataclass(frozen=True)
class FoundSpots:
    """The spots of a night and window, most useful first, and the plan that the window waits for."""

    night: date
    window: Window
    plan: Plan
    need: tuple[Amenity, ...]
    spots: list[Spot]


def find_spots(town: Town, request: SpotsRequest, today: date) -> FoundSpots:
    """Find spots; the window runs from 22:00 to the time to leave unless chosen. Raises OutOfRangeError."""
    night = request.night
    check_date(night, today, "night")
    plan = make_plan(town, PlanRequest(night), today)
    window = Window(
        at(night, request.start or EVENING),
        at(night, request.end) if request.end else plan.leave_at or at(night, HABIT),
    )
    if window.start >= window.end and not request.end:
        text = "This is after the time to leave, {end}: say until when, too."
        raise OutOfRangeError({"from": Message("AFTER_LEAVING", text, end=window.end)})
    if window.start >= window.end:
        text = "The window ends before it begins: {start} to {end}."
        raise OutOfRangeError({"until": Message("WINDOW_REVERSED", text, start=window.start, end=window.end)})
    walk_of = town.walks_to(town.get_named(request.near)) if request.near else town.walk_of
    return FoundSpots(night, window, plan, request.need, spots(town.venues, walk_of, window, request.need))


def get_spot(town: Town, spot_id: str, request: SpotsRequest, today: date) -> tuple[FoundSpots, Spot]:
    """Return one venue in a window; raises NotFoundError."""
    found = find_spots(town, replace(request, need=()), today)
    spot = next((spot for spot in found.spots if spot.venue.id == spot_id), None)
    if spot is None:
        text = "There is no venue {id}; it may have been renamed or removed."
        raise NotFoundError(Message("UNKNOWN_VENUE", text, id=spot_id))
    return found, spot

"""Answer "how far is that on foot?": isochrones of a place, and the buffer zone for a chosen walk."""

from collections.abc import Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from tourism.errors import OutOfRangeError
from tourism.geo.crs import Point
from tourism.geo.network import WALK_M_S
from tourism.geo.zone import walking_zone
from tourism.services.spots import walk_issue
from tourism.services.town import Town

MINUTES = (5, 10, 15)


def isochrones(town: Town, near: str | Point, minutes: Sequence[int] = MINUTES) -> list[tuple[int, BaseGeometry]]:
    """Return the area within each walk of a place, the longest first, in degrees; raises OutOfRangeError.

    Where no street is near enough the areas are empty.
    """
    wrong = next(filter(None, map(walk_issue, minutes or (0,))), None)
    if wrong:
        raise OutOfRangeError({"minutes": wrong})
    point = near if isinstance(near, Point) else town.get_named(near).point
    return [(walk, _area(town, [point], walk)) for walk in sorted(set(minutes), reverse=True)]


def zone(town: Town, max_walk_min: int | None) -> BaseGeometry:
    """Return the buffer zone in degrees: the streets within a walk of any pick-up; raises OutOfRangeError."""
    if max_walk_min is None:
        return town.zone
    wrong = walk_issue(max_walk_min)
    if wrong:
        raise OutOfRangeError({"max_walk_min": wrong})
    return _area(town, [pickup.point for pickup in town.pickups], max_walk_min)


def _area(town: Town, points: Sequence[Point], minutes: int) -> BaseGeometry:
    if town.network is None:
        return shapely.Polygon()
    return walking_zone(town.network, points, minutes * 60 * WALK_M_S)

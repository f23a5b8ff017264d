"""Rough outlines of areas, enough to question where a point is said to lie."""

from collections.abc import Iterable, Mapping, Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from tourism.geo.crs import Point


def outlines_of(corners: Iterable[tuple[str, Point]]) -> dict[str, BaseGeometry]:
    """Return one polygon in degrees by name, from its named corners in order; a crossing outline is mended."""
    found: dict[str, list[tuple[float, float]]] = {}
    for name, corner in corners:
        found.setdefault(name, []).append((corner.lon, corner.lat))
    return {name: shapely.make_valid(shapely.Polygon(ring)) for name, ring in found.items()}


def outlines_at(outlines: Mapping[str, BaseGeometry], place: Point, slack_m: float) -> Sequence[str]:
    """Return the names of the outlines that a point lies in or within `slack_m` of, the nearest first."""
    here, slack = shapely.Point(place.lon, place.lat), slack_m / 111_000  # metres in a degree, to a percent
    near = {name: outline.distance(here) for name, outline in outlines.items()}
    return sorted((name for name, degrees in near.items() if degrees <= slack), key=lambda name: near[name])

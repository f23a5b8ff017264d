"""The documents of places and areas: plain dictionaries whose shape OpenAPI describes."""

from collections.abc import Iterable
from typing import Any

from shapely.geometry.base import BaseGeometry
from typing_extensions import TypedDict

from tourism.domain.corridor import Place
from tourism.geo.crs import Point
from tourism.geo.geojson import collection, feature
from tourism.services.language import Language
from tourism.services.town import Town

ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"


class ViewpointDocument(TypedDict):
    """A viewpoint and how well its position is known."""

    id: str
    name: str
    aliases: list[str]
    lat: float
    lon: float
    uncertainty_m: int
    elevation_m: int | None
    park_ticket: str
    step_free: str
    approaches: list[str]
    note: str


class ViewpointsDocument(TypedDict):
    """All viewpoints."""

    viewpoints: list[ViewpointDocument]


def name_of(town: Town, place_id: str, language: Language) -> str:
    """Return the name of a place on the corridor or in town; a position stands for itself."""
    if place_id in town.world.almanac.place:
        return language.text(town.world.almanac.place[place_id].name)
    return town.named[place_id].name if place_id in town.named else place_id


def point_of(town: Town, place_id: str) -> Point:
    """Return where a place on the corridor or in town is; a position stands for itself."""
    if place_id in town.world.almanac.place:
        return town.world.almanac.place[place_id].point
    if place_id in town.named:
        return town.named[place_id].point
    lat, lon = map(float, place_id.split(","))
    return Point(lat, lon)


def areas_geojson(areas: Iterable[tuple[int | None, BaseGeometry]]) -> dict[str, Any]:
    """Write areas within a walk down as GeoJSON; the minutes are null for the usual buffer zone."""
    return collection((feature(area, {"max_walk_min": minutes}) for minutes, area in areas), attribution=ATTRIBUTION)


def viewpoint_document(town: Town, place: Place) -> ViewpointDocument:
    """Write a viewpoint down."""
    return {
        "id": place.id,
        "name": place.name,
        "aliases": place.aliases.split(";") if place.aliases else [],
        "lat": place.lat,
        "lon": place.lon,
        "uncertainty_m": place.uncertainty_m,
        "elevation_m": place.elevation_m,
        "park_ticket": place.park_ticket,
        "step_free": place.step_free,
        "approaches": [way.approach for way in town.world.almanac.ways(place.id)],
        "note": place.note,
    }

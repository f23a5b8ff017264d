"""GeoJSON (RFC 7946): the only place where a position is written longitude first."""

from collections.abc import Iterable, Mapping
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from tourism.geo.crs import Floats, Point


def point(place: Point) -> dict[str, Any]:
    """Return a Point geometry."""
    return {"type": "Point", "coordinates": _position(place)}


def line(places: Iterable[Point]) -> dict[str, Any]:
    """Return a LineString geometry through places."""
    return {"type": "LineString", "coordinates": [_position(place) for place in places]}


def _position(place: Point) -> list[float]:
    return [round(place.lon, 6), round(place.lat, 6)]


def point_feature(*, lat: float, lon: float, properties: Mapping[str, Any], id: str) -> dict[str, Any]:  # noqa: A002
    """Return a Point feature; `id` is GeoJSON's own member name."""
    return {"type": "Feature", "id": id, "geometry": point(Point(lat, lon)), "properties": properties}


def feature(geometry: BaseGeometry, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return a feature of any geometry that is already in degrees."""
    return {"type": "Feature", "geometry": shapely.geometry.mapping(geometry), "properties": dict(properties)}


def lines_feature(lines: Iterable[Floats], properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return one MultiLineString of many lines, each of shape (n, 2), longitude first, to about a metre."""
    coordinates = [line.round(5).tolist() for line in lines]
    geometry = {"type": "MultiLineString", "coordinates": coordinates}
    return {"type": "Feature", "geometry": geometry, "properties": dict(properties)}


def collection(features: Iterable[Mapping[str, Any]], **members: Any) -> dict[str, Any]:
    """Return a FeatureCollection with any foreign members."""
    return {"type": "FeatureCollection", "features": list(features), **members}

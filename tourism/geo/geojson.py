"""GeoJSON (RFC 7946): the only place where a position is written longitude first."""

from collections.abc import Iterable, Mapping
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from tourism.geo.crs import Floats


def point_feature(*, lat: float, lon: float, properties: Mapping[str, Any], id: str) -> dict[str, Any]:  # noqa: A002
    """Return a Point feature; `id` is GeoJSON's own member name."""
    geometry = {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}
    return {"type": "Feature", "id": id, "geometry": geometry, "properties": properties}


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

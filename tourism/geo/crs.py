"""Projection between WGS 84 (EPSG:4326) and UTM zone 49S (EPSG:32749)."""

from dataclasses import dataclass
from functools import cache
from math import asin, cos, radians, sin, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer

Floats = NDArray[np.float64]
EARTH_RADIUS_M = 6_371_009.0  # mean radius, IUGG 1980


@dataclass(frozen=True)
class Point:
    """A position on WGS 84, in degrees."""

    lat: float
    lon: float


@cache
def _transformer(inverse: bool) -> Transformer:
    ends = ("EPSG:32749", "EPSG:4326") if inverse else ("EPSG:4326", "EPSG:32749")
    return Transformer.from_crs(*ends, always_xy=True)


def to_metres(*, lat: ArrayLike, lon: ArrayLike) -> Floats:
    """Project degrees to metres; returns shape (n, 2), easting then northing."""
    return np.column_stack(_transformer(False).transform(np.atleast_1d(lon), np.atleast_1d(lat)))


def to_degrees(metres: Floats) -> Floats:
    """Undo `to_metres`; takes shape (n, 2), returns shape (n, 2), longitude then latitude."""
    return np.column_stack(_transformer(True).transform(metres[:, 0], metres[:, 1]))


def distance_m(start: Point, end: Point) -> float:
    """Great-circle distance in metres (haversine)."""
    lat1, lat2 = radians(start.lat), radians(end.lat)
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin(radians(end.lon - start.lon) / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(half))

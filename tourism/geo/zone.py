"""The buffer zone: the streets within a walk of some points, as an area."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from tourism.geo.crs import Floats, Point, to_degrees
from tourism.geo.network import SNAP_LIMIT_M, WALK_M_S, StreetNetwork

STREET_SIDE_M = 40.0  # half of a block's front row of houses


def reachable_streets(network: StreetNetwork, origins: Sequence[Point], within_m: float) -> BaseGeometry:
    """Return the parts of walkable streets within `within_m` metres along the street of any origin (EPSG:32749).

    Origins farther than `SNAP_LIMIT_M` from a street are left out. The last edge is cut where the walk ends.
    """
    near = [p for p in origins if network.snap([p]).off_m[0] <= SNAP_LIMIT_M]
    if not near:
        return shapely.MultiLineString()
    limit_s = within_m / WALK_M_S
    times = np.min([network.vertex_times_s(point, limit_s=limit_s) for point in near], axis=0)
    left = np.clip(within_m - times * WALK_M_S, 0.0, None)  # metres left to walk at each vertex
    edges = np.flatnonzero(network.walk)
    length = np.maximum(network.length_m[edges], 1e-9)
    from_start = np.minimum(left[network.start[edges]] / length, 1.0)
    from_end = np.minimum(left[network.end[edges]] / length, 1.0)
    a, b = network.xy[network.start[edges]], network.xy[network.end[edges]]
    heads = np.stack([a, a + (b - a) * from_start[:, None]], axis=1)[from_start > 0]
    tails = np.stack([b, b + (a - b) * from_end[:, None]], axis=1)[from_end > 0]
    first = [_first_edge(network, point, within_m) for point in near]
    return shapely.union_all(shapely.linestrings(np.concatenate([heads, tails, first])), grid_size=0.01)


def _first_edge(network: StreetNetwork, origin: Point, within_m: float) -> Floats:
    """Return the reachable part of the edge an origin stands on, shape (2, 2), in EPSG:32749."""
    snap = network.snap([origin])
    edge, fraction = int(snap.edge[0]), float(snap.fraction[0])
    reach = within_m / max(float(network.length_m[edge]), 1e-9)
    a, b = network.xy[network.start[edge]], network.xy[network.end[edge]]
    ends = np.clip([fraction - reach, fraction + reach], 0.0, 1.0)
    return np.asarray(a + ends[:, None] * (b - a), dtype=np.float64)


def walking_zone(network: StreetNetwork, origins: Sequence[Point], within_m: float) -> BaseGeometry:
    """Return the area around the reachable streets in degrees (EPSG:4326), holes of a city block filled.

    Without a reachable street the polygon is empty.
    """
    area = reachable_streets(network, origins, within_m).buffer(STREET_SIDE_M)
    if area.is_empty:
        return shapely.Polygon()
    parts = shapely.get_parts(area)
    filled = shapely.union_all([shapely.Polygon(part.exterior) for part in parts]).simplify(3.0)
    return shapely.set_precision(shapely.transform(filled, to_degrees), 1e-6)

"""A street network as compressed arrays, and travel times on it.

Model: every OSM node of a street is a vertex and every pair of neighbours on a way an edge, a straight line of
known length. A position is snapped to the nearest point of the nearest edge that its mode may use, so a venue in
the middle of a block is measured from there and not from a corner. Parallel edges keep the fastest.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from tourism.geo.crs import Floats, Point, to_degrees, to_metres
from tourism.geo.osm import StreetElement, can_drive, can_walk, drive_kmh

Mode = Literal["walk", "drive"]
Ints = NDArray[np.int64]
WALK_M_S = 1.3  # data/operations.csv
AT_CORNER_M = 0.01
SNAP_LIMIT_M = 150.0  # the middle of a park is about this far from its streets
_SHORTEST_S = 1e-6  # csgraph reads a weight of zero as "no edge"


@dataclass(frozen=True)
class Snap:
    """Where positions meet the network: edge index, fraction along it, and metres off it; each of shape (n,)."""

    edge: Ints
    fraction: Floats
    off_m: Floats


@dataclass(frozen=True, eq=False)
class StreetNetwork:
    """Arrays of one import: vertices of shape (v, 2) in EPSG:32749, edges of shape (e,).

    `walk` allows both directions; `forward` and `backward` are those a car may drive. `way` groups the edges
    of one OSM way; `highway` is its class, `lit` what is said of its lighting, empty where nothing is.
    """

    xy: Floats
    start: Ints
    end: Ints
    walk: NDArray[np.bool_]
    forward: NDArray[np.bool_]
    backward: NDArray[np.bool_]
    kmh: Floats
    way: Ints
    highway: NDArray[np.str_]
    lit: NDArray[np.str_]

    @cached_property
    def length_m(self) -> Floats:
        """Length of each edge in metres."""
        return np.asarray(np.hypot(*(self.xy[self.end] - self.xy[self.start]).T), dtype=np.float64)

    @cached_property
    def lines(self) -> NDArray[np.object_]:
        """One LineString an edge, in EPSG:32749."""
        return np.asarray(shapely.linestrings(np.stack([self.xy[self.start], self.xy[self.end]], axis=1)))

    @cached_property
    def lit_m(self) -> tuple[float, float, float]:
        """Metres to walk on that are known to be lit, that are known to be dark, and all there are."""
        dark = self.lit == "no"
        lit = (self.lit != "") & ~dark
        found = [float(self.length_m[self.walk & which].sum()) for which in (lit, dark, np.True_)]
        return found[0], found[1], found[2]

    def usable(self, mode: Mode) -> NDArray[np.bool_]:
        """Tell which edges the mode may use in at least one direction."""
        return self.walk if mode == "walk" else self.forward | self.backward

    @cached_property
    def _trees(self) -> dict[Mode, tuple[Ints, shapely.STRtree]]:
        trees: dict[Mode, tuple[Ints, shapely.STRtree]] = {}
        modes: tuple[Mode, Mode] = ("walk", "drive")
        for mode in modes:
            index = np.flatnonzero(self.usable(mode))
            trees[mode] = index, shapely.STRtree(self.lines[index])
        return trees

    @cached_property
    def _seconds(self) -> dict[Mode, Floats]:
        walk = np.maximum(self.length_m / WALK_M_S, _SHORTEST_S)
        return {"walk": walk, "drive": np.maximum(self.length_m / self.kmh * 3.6, _SHORTEST_S)}

    def _directions(self, mode: Mode) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        return (self.walk, self.walk) if mode == "walk" else (self.forward, self.backward)

    @cached_property
    def _matrices(self) -> dict[Mode, csr_array]:
        modes: tuple[Mode, Mode] = ("walk", "drive")
        return {mode: self._matrix(mode) for mode in modes}

    def _matrix(self, mode: Mode) -> csr_array:
        along, against = self._directions(mode)
        rows = np.concatenate([self.start[along], self.end[against]])
        columns = np.concatenate([self.end[along], self.start[against]])
        seconds = np.concatenate([self._seconds[mode][along], self._seconds[mode][against]])
        # csr_array would add parallel edges up: sort by time and keep the first of each pair.
        order = np.argsort(seconds, kind="stable")
        _, first = np.unique(rows[order] * len(self.xy) + columns[order], return_index=True)
        keep = order[first]
        return csr_array((seconds[keep], (rows[keep], columns[keep])), shape=(len(self.xy), len(self.xy)))

    def snap(self, points: Sequence[Point], mode: Mode = "walk") -> Snap:
        """Snap positions to the nearest usable edge; raises ValueError on a network without one."""
        index, tree = self._trees[mode]
        if not len(index):
            raise ValueError(f"no street for mode {mode}")
        at = to_metres(lat=[p.lat for p in points], lon=[p.lon for p in points])
        geometry = np.atleast_1d(shapely.points(at))
        edge = index[tree.nearest(geometry)]
        along_m = shapely.line_locate_point(self.lines[edge], geometry)
        length = np.maximum(self.length_m[edge], _SHORTEST_S)
        off_m = np.atleast_1d(shapely.distance(self.lines[edge], geometry))
        return Snap(edge, np.clip(along_m / length, 0.0, 1.0), off_m)

    def vertex_times_s(self, origin: Point, mode: Mode = "walk", limit_s: float = np.inf) -> Floats:
        """Seconds from one position to every vertex, shape (v,); infinite where out of reach or past the limit."""
        snap = self.snap([origin], mode)
        return self._from_snap(snap, 0, mode, limit_s)

    def _at_corner(self, edge: Ints, fraction: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Tell whether positions stand at the start or the end of their edge: no one-way street binds at a corner."""
        off_start_m = fraction * self.length_m[edge]
        return off_start_m < AT_CORNER_M, self.length_m[edge] - off_start_m < AT_CORNER_M

    def _from_snap(self, snap: Snap, i: int, mode: Mode, limit_s: float) -> Floats:
        """Return the seconds from where a position meets its edge to every vertex."""
        from_here, here = self._with_vertex(snap, i, mode)
        return np.asarray(dijkstra(from_here, indices=np.array([here]), limit=limit_s)[0, :here], dtype=np.float64)

    def _with_vertex(self, snap: Snap, i: int, mode: Mode) -> tuple[csr_array, int]:
        """Return the network with a vertex of its own where a position meets its edge, and that vertex."""
        edge, fraction = int(snap.edge[i]), float(snap.fraction[i])
        along, against = self._directions(mode)
        at_start, at_end = self._at_corner(snap.edge[i : i + 1], snap.fraction[i : i + 1])
        seconds = self._seconds[mode][edge]
        ways = {}
        if along[edge] or at_end[0]:
            ways[int(self.end[edge])] = (1 - fraction) * seconds
        if against[edge] or at_start[0]:
            start = int(self.start[edge])
            ways[start] = min(fraction * seconds, ways.get(start, np.inf))
        matrix, here = self._matrices[mode], len(self.xy)
        from_here = csr_array(
            (
                np.append(matrix.data, np.maximum(list(ways.values()), _SHORTEST_S)),
                np.append(matrix.indices, list(ways)),
                np.append(matrix.indptr, matrix.nnz + len(ways)),
            ),
            shape=(here + 1, here + 1),
        )
        return from_here, here

    def times_s(self, origin: Point, targets: Sequence[Point] | Snap, mode: Mode = "walk") -> Floats:
        """Seconds from one position to many, shape (n,), in one search; infinite where there is no way.

        Targets that are asked for again and again are better snapped once. The straight bits between a position and
        its snapped point are walked at `WALK_M_S` in both modes.
        """
        here = self.snap([origin], mode)
        there = targets if isinstance(targets, Snap) else self.snap(targets, mode)
        vertices = self._from_snap(here, 0, mode, np.inf)
        edge, fraction = there.edge, there.fraction
        along, against = (allowed[edge] for allowed in self._directions(mode))
        seconds = self._seconds[mode][edge]
        at_start, at_end = self._at_corner(edge, fraction)
        via_start = np.where(along | at_start, vertices[self.start[edge]] + fraction * seconds, np.inf)
        via_end = np.where(against | at_end, vertices[self.end[edge]] + (1 - fraction) * seconds, np.inf)
        ahead = fraction - here.fraction[0]
        direct = np.where(edge == here.edge[0], np.abs(ahead) * seconds, np.inf)
        direct = np.where(np.where(ahead >= 0, along, against), direct, np.inf)
        best = np.minimum(np.minimum(via_start, via_end), direct)
        return np.asarray(best + (there.off_m + here.off_m[0]) / WALK_M_S, dtype=np.float64)

    def walk_path(self, origin: Point, target: Point) -> list[Point]:
        """Return the shortest walk along the streets between two positions, both included; empty without one."""
        ends = self.snap([target, origin])
        from_target, root = self._with_vertex(ends, 0, "walk")
        found = dijkstra(from_target, indices=np.array([root]), return_predecessors=True)
        seconds, before = found[0][0], found[1][0]
        edge, fraction = int(ends.edge[1]), float(ends.fraction[1])
        whole, corners = self._seconds["walk"][edge], []
        if edge != ends.edge[0]:
            first = {int(self.start[edge]): fraction * whole, int(self.end[edge]): (1 - fraction) * whole}
            vertex = min(first, key=lambda v: seconds[v] + first[v])
            if not np.isfinite(seconds[vertex]):
                return []
            while vertex != root:
                corners.append(vertex)
                vertex = int(before[vertex])
        meets = self.xy[self.start[ends.edge]] * (1 - ends.fraction)[:, None]
        meets = meets + self.xy[self.end[ends.edge]] * ends.fraction[:, None]
        along = to_degrees(np.vstack([meets[1], self.xy[corners].reshape(-1, 2), meets[0]]))
        return [origin, *(Point(lat, lon) for lon, lat in along.tolist()), target]

    def to_bytes(self) -> bytes:
        """Pack the arrays into one compressed blob."""
        target = io.BytesIO()
        np.savez_compressed(target, allow_pickle=False, **{name: getattr(self, name) for name in _ARRAYS})
        return target.getvalue()

    @classmethod
    def from_bytes(cls, blob: bytes) -> "StreetNetwork":
        """Undo `to_bytes`."""
        with np.load(io.BytesIO(blob), allow_pickle=False) as arrays:
            known = {name: arrays[name] for name in _ARRAYS if name in arrays}
        return cls(**{"lit": np.full(len(known["way"]), ""), **known})  # an import of before knew nothing of lighting

    def polylines(self, around: Sequence[Point], within_m: float) -> list[tuple[str, Floats]]:
        """Return (highway class, degrees of shape (n, 2), longitude first) for each way near some points, for drawing.

        A way is cut to its edges whose start lies within `within_m` metres of one of the points.
        """
        centres = to_metres(lat=[p.lat for p in around], lon=[p.lon for p in around])
        near = np.zeros(len(self.xy), dtype=np.bool_)
        for centre in centres:
            near |= np.hypot(*(self.xy - centre).T) <= within_m
        kept = np.flatnonzero(near[self.start])
        cuts = np.flatnonzero((np.diff(self.way[kept]) != 0) | (np.diff(kept) != 1)) + 1
        degrees = to_degrees(self.xy)
        return [
            (str(self.highway[edges[0]]), degrees[np.append(self.start[edges], self.end[edges[-1]])])
            for edges in np.split(kept, cuts)
            if len(edges)
        ]


_ARRAYS = tuple(StreetNetwork.__dataclass_fields__)


def build_network(streets: Iterable[StreetElement]) -> StreetNetwork:
    """Build the arrays from street ways; vertices are numbered in the order they are first met."""
    number: dict[int, int] = {}
    lats: list[float] = []
    lons: list[float] = []
    start: list[int] = []
    end: list[int] = []
    rules: list[tuple[bool, bool, bool, float, int, str, str]] = []
    for way, street in enumerate(streets):
        vertices = []
        for node, lat, lon in zip(street.node_ids, street.lats, street.lons, strict=True):
            if node not in number:
                number[node] = len(number)
                lats.append(lat)
                lons.append(lon)
            vertices.append(number[node])
        forward, backward = can_drive(street.tags)
        rule = (
            can_walk(street.tags), forward, backward, drive_kmh(street.tags), way, street.tags["highway"],
            street.tags.get("lit", ""),
        )  # fmt: skip
        start.extend(vertices[:-1])
        end.extend(vertices[1:])
        rules.extend([rule] * (len(vertices) - 1))
    walk, forwards, backwards, kmh, ways, highway, lit = zip(*rules, strict=True) if rules else ((),) * 7
    return StreetNetwork(
        xy=to_metres(lat=lats, lon=lons) if lats else np.empty((0, 2)),
        start=np.asarray(start, dtype=np.int64),
        end=np.asarray(end, dtype=np.int64),
        walk=np.asarray(walk, dtype=np.bool_),
        forward=np.asarray(forwards, dtype=np.bool_),
        backward=np.asarray(backwards, dtype=np.bool_),
        kmh=np.asarray(kmh, dtype=np.float64),
        way=np.asarray(ways, dtype=np.int64),
        highway=np.asarray(highway, dtype=np.str_),
        lit=np.asarray(lit, dtype=np.str_),
    )

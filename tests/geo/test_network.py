"""The street network against worlds solvable by hand, and against networkx on the shipped streets."""

import io
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.worlds import EAST_M, LAT, LON, NORTH_M, STEP, grid
from tourism.geo.crs import Point, distance_m, to_degrees
from tourism.geo.network import WALK_M_S, Mode, StreetNetwork, build_network
from tourism.services.town import Town


def at(x: float, y: float) -> Point:
    return Point(LAT + y * STEP, LON + x * STEP)


def metres(network: StreetNetwork, start: Point, end: Point) -> float:
    return float(network.times_s(start, [end])[0]) * WALK_M_S


def test_a_walk_is_measured_along_the_street_from_the_nearest_point_of_an_edge() -> None:
    network = build_network(grid("A(0,0) B(4,0) C(4,4) residential"))
    assert metres(network, at(1, 0), at(4, 3)) == pytest.approx(3 * EAST_M + 3 * NORTH_M, rel=0.005)
    assert metres(network, at(1, 0), at(3, 0)) == pytest.approx(2 * EAST_M, rel=0.005)  # on one edge
    assert metres(network, at(1, 0), at(1, 0)) == pytest.approx(0, abs=0.01)


def test_the_way_to_the_street_counts() -> None:
    network = build_network(grid("A(0,0) B(4,0) residential"))
    assert metres(network, at(0, 0), at(2, 0.5)) == pytest.approx(2 * EAST_M + 0.5 * NORTH_M, rel=0.005)


def test_a_one_way_street_binds_cars_and_not_feet() -> None:
    network = build_network(grid("A(0,0) B(4,0) primary oneway=yes\nB C(4,4) primary\nC A primary"))
    ahead, back = network.times_s(at(1, 0), [at(3, 0)], "drive")[0], network.times_s(at(3, 0), [at(1, 0)], "drive")[0]
    assert back > ahead * 4
    assert metres(network, at(3, 0), at(1, 0)) == pytest.approx(metres(network, at(1, 0), at(3, 0)))
    backwards = build_network(grid("A(0,0) B(4,0) primary oneway=-1"))
    assert np.isinf(backwards.times_s(at(1, 0), [at(3, 0)], "drive")[0])
    assert np.isfinite(backwards.times_s(at(3, 0), [at(1, 0)], "drive")[0])


def test_cars_keep_off_footways_and_feet_off_motorways() -> None:
    network = build_network(grid("A(0,0) B(4,0) footway\nA C(0,9) B motorway"))
    assert metres(network, at(0, 0), at(4, 0)) == pytest.approx(4 * EAST_M, rel=0.005)
    assert network.times_s(at(0, 0), [at(4, 0)], "drive")[0] > 80  # by the motorway, two kilometres
    closed = build_network(grid("A(0,0) B(1,0) residential access=private\nB C(2,0) residential"))
    assert closed.snap([at(0, 0)]).edge[0] == 1


def test_of_parallel_edges_the_fastest_counts_and_not_their_sum() -> None:
    network = build_network(grid("A(0,0) B(4,0) footway\nA(0,0) B(4,0) residential"))
    assert metres(network, at(0, 0), at(4, 0)) == pytest.approx(4 * EAST_M, rel=0.005)


def test_a_path_follows_the_street_round_the_corner_and_an_island_has_none() -> None:
    network = build_network(grid("A(0,0) B(4,0) C(4,4) residential\nD(9,9) E(9,8) residential"))
    path = network.walk_path(at(1, 0), at(4, 3))
    assert [(round(p.lat - LAT, 5), round(p.lon - LON, 5)) for p in path[1:-1]] == [
        (0, 0.001), (0, 0.004), (0.003, 0.004)
    ]  # fmt: skip
    assert len(network.walk_path(at(1, 0), at(3, 0))) == 4
    assert network.walk_path(at(1, 0), at(9, 8.5)) == []


def test_a_path_is_as_long_as_the_walk(town: Town) -> None:
    assert town.network
    for venue in town.venues:
        walk = town.walk_of[venue.id]
        if not walk.estimated:
            path = town.path_of(venue.point, town.named[walk.to].point)
            length = sum(distance_m(a, b) for a, b in pairwise(path))
            assert length == pytest.approx(walk.metres, abs=2, rel=0.01)


def test_an_island_is_infinitely_far() -> None:
    network = build_network(grid("A(0,0) B(1,0) footway\nC(5,5) D(6,5) footway"))
    assert np.isinf(network.times_s(at(0, 0), [at(6, 5)])[0])


def test_a_limit_only_leaves_out_what_lies_beyond_it(town: Town) -> None:
    network = town.network
    assert network
    full = network.vertex_times_s(town.pickups[0].point)
    near = network.vertex_times_s(town.pickups[0].point, limit_s=300)
    assert np.array_equal(np.isfinite(near), full <= 300)
    assert np.allclose(near[np.isfinite(near)], full[full <= 300])


def test_the_arrays_survive_being_stored(town: Town) -> None:
    network = town.network
    assert network
    again = StreetNetwork.from_bytes(network.to_bytes())
    targets = [v.point for v in town.venues]
    assert np.array_equal(
        again.times_s(town.pickups[0].point, targets), network.times_s(town.pickups[0].point, targets)
    )


def test_drawing_keeps_to_the_neighbourhood() -> None:
    network = build_network(grid("A(0,0) B(1,0) C(2,0) D(40,0) E(41,0) primary\nF(50,0) G(51,0) footway"))
    drawn = network.polylines([at(0, 0)], 1000)
    assert [(highway, len(line)) for highway, line in drawn] == [("primary", 4)]
    assert len(network.polylines([at(0, 0), at(50, 0)], 1000)) == 2


def oracle(network: StreetNetwork, mode: Mode) -> nx.MultiDiGraph:
    """Build the same graph for networkx, edge by edge."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(len(network.xy)))
    for i in range(len(network.start)):
        a, b, length = int(network.start[i]), int(network.end[i]), float(network.length_m[i])
        seconds = length / WALK_M_S if mode == "walk" else length / float(network.kmh[i]) * 3.6
        if network.walk[i] if mode == "walk" else network.forward[i]:
            graph.add_edge(a, b, seconds=seconds)
        if network.walk[i] if mode == "walk" else network.backward[i]:
            graph.add_edge(b, a, seconds=seconds)
    return graph


@pytest.mark.parametrize("mode", ["walk", "drive"])
def test_times_equal_those_of_networkx_on_the_shipped_streets(town: Town, mode: Mode) -> None:
    network = town.network
    assert network
    graph = oracle(network, mode)
    degrees = to_degrees(network.xy)
    usable = np.flatnonzero(network.usable(mode))
    for vertex in np.unique(network.start[usable])[::97]:
        lon, lat = degrees[vertex]
        ours = network.vertex_times_s(Point(float(lat), float(lon)), mode)
        theirs = nx.single_source_dijkstra_path_length(graph, int(vertex), weight="seconds")
        # The vertex is snapped to one of its own edges, up to a millimetre away.
        reached = np.array([theirs.get(i, np.inf) for i in range(len(network.xy))])
        snapped = network.snap([Point(float(lat), float(lon))], mode)
        start_of_edge = {int(network.start[snapped.edge[0]]), int(network.end[snapped.edge[0]])}
        assert int(vertex) in start_of_edge
        both = np.isfinite(ours) & np.isfinite(reached)
        assert np.allclose(ours[both], reached[both], atol=0.05)
        if mode == "walk":
            assert np.array_equal(np.isfinite(ours), np.isfinite(reached))


@hypothesis_settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 4), st.floats(0, 4)), min_size=2, max_size=6))
def test_a_walk_is_symmetric_and_never_shorter_than_the_straight_line(places: list[tuple[float, float]]) -> None:
    network = build_network(grid("A(0,0) B(4,0) C(4,4) D(0,4) A footway\nA C path\nB E(2,3) D steps"))
    points = [at(x, y) for x, y in places]
    for start in points:
        for end, seconds in zip(points, network.times_s(start, points), strict=True):
            assert seconds * WALK_M_S >= distance_m(start, end) * 0.99 - 0.1
            assert metres(network, end, start) == pytest.approx(seconds * WALK_M_S, abs=0.01)


def test_lighting_is_what_the_streets_say_and_unknown_where_they_say_nothing() -> None:
    network = build_network(
        grid("""
        A(0,0) B(1,0) residential lit=yes
        B C(3,0) residential lit=no
        C D(4,0) residential
        D E(5,0) residential lit=24/7
        E F(9,0) motorway lit=yes
        """)
    )
    lit, dark, walkable = network.lit_m
    assert lit == pytest.approx(2 * EAST_M, rel=0.01)
    assert dark == pytest.approx(2 * EAST_M, rel=0.01)
    assert walkable == pytest.approx(5 * EAST_M, rel=0.01)


def test_a_network_that_was_stored_before_lighting_was_read_knows_nothing_of_it() -> None:
    network = build_network(grid("A(0,0) B(1,0) residential lit=yes"))
    with np.load(io.BytesIO(network.to_bytes())) as stored:
        before = {name: stored[name] for name in stored.files if name != "lit"}
    blob = io.BytesIO()
    np.savez_compressed(blob, **before)
    found = StreetNetwork.from_bytes(blob.getvalue())
    assert found.lit.tolist() == [""]
    assert found.lit_m[:2] == (0, 0)
    assert StreetNetwork.from_bytes(network.to_bytes()).lit.tolist() == ["yes"]

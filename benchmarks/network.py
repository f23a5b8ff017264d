"""Walking times from one place to 1,000 on a synthetic city, against networkx on osmnx's graph of the same streets.

The city is a jittered grid of 175 by 175 crossings (30,625 nodes) whose blocks miss one street in ten. Both search
without a limit; the times must be equal. The graph is osmnx's own MultiDiGraph, read from the same OSM file.
"""

import os
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import networkx as nx
import numpy as np
import osmnx as ox

from benchmarks.result import Result
from tourism.adapters.osm_file import read_file
from tourism.geo.crs import Point, to_metres
from tourism.geo.network import WALK_M_S, StreetNetwork, build_network

SIDE, STEP_DEG, TARGETS, ROUNDS = 175, 0.0007, 1000, 5


def city() -> str:
    """Return the city as an OSM file."""
    chance = random.Random(3)

    def number(x: int, y: int) -> int:
        return y * SIDE + x + 1

    def lines() -> Iterator[str]:
        yield '<osm version="0.6">'
        for y in range(SIDE):
            for x in range(SIDE):
                lat, lon = (n * STEP_DEG + chance.uniform(-1, 1) * STEP_DEG / 4 for n in (y, x))
                yield f'<node id="{number(x, y)}" version="1" lat="{-8 + lat:.7f}" lon="{112.6 + lon:.7f}"/>'
        way = 0
        for y in range(SIDE):
            for x in range(SIDE):
                for a, b in ((x + 1, y), (x, y + 1)):
                    if max(a, b) < SIDE and chance.random() < 0.9:
                        way += 1
                        ends = f'<nd ref="{number(x, y)}"/><nd ref="{number(a, b)}"/>'
                        yield f'<way id="{way}" version="1">{ends}<tag k="highway" v="residential"/></way>'
        yield "</osm>"

    return "\n".join(lines())


def graph_of(path: str, network: StreetNetwork) -> nx.MultiDiGraph:
    """Return osmnx's graph with our seconds on its edges: equal lengths, so that equal times are equal ways."""
    graph = ox.graph_from_xml(path, simplify=False, retain_all=True)
    graph.remove_nodes_from(list(nx.isolates(graph)))  # a crossing that lost all its streets
    ids = list(graph.nodes)
    at = to_metres(lat=[graph.nodes[i]["y"] for i in ids], lon=[graph.nodes[i]["x"] for i in ids])
    place = dict(zip(ids, at, strict=True))
    for a, b, edge in graph.edges(data=True):
        edge["seconds"] = float(np.hypot(*(place[a] - place[b]))) / WALK_M_S
    assert len(ids) == len(network.xy)
    return graph


def measure() -> list[Result]:
    """Measure both in turn; raises RuntimeError when a time differs by more than a millisecond."""
    with tempfile.TemporaryDirectory() as name:
        path = os.fspath(Path(name) / "city.osm")
        Path(path).write_text(city())
        network = build_network(read_file(path, lambda _: None).streets)
        graph = graph_of(path, network)
    chance = random.Random(4)
    ids = chance.sample(sorted(graph.nodes), TARGETS + 1)
    points = [Point(graph.nodes[i]["y"], graph.nodes[i]["x"]) for i in ids]
    targets = network.snap(points[1:])  # as venues are, once for all searches; the graph has its nodes by number too
    pairs = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        ours = network.times_s(points[0], targets)
        between = time.perf_counter()
        found = nx.single_source_dijkstra_path_length(graph, ids[0], weight="seconds")
        theirs = [found.get(i, np.inf) for i in ids[1:]]
        pairs.append((between - began, time.perf_counter() - between))
    if not np.allclose(ours, theirs, atol=1e-3, rtol=0):
        raise RuntimeError("the walking times differ")
    mine, peer = (median(side) * 1000 for side in zip(*pairs, strict=True))
    what = f"walks from one to {TARGETS} places, {len(network.xy)} nodes, against networkx"
    return [Result(what, median(b / a for a, b in pairs), 25, mine, peer, "ms")]

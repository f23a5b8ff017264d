"""OSM from an Overpass server, through osmnx.

osmnx takes a second to import and patches name resolution for the whole process, so only the import command
loads this module.
"""

from collections.abc import Callable, Hashable
from threading import Thread
from typing import Any

import networkx as nx
import osmnx as ox
import requests
from geopandas import GeoDataFrame

from tourism.adapters.osm_file import PLACE_KEYS, is_place
from tourism.errors import Message, OsmImportError
from tourism.geo.osm import Extract, PlaceElement, StreetElement, is_street

DOWNLOADS = 2  # streets, then places
WAY_TAGS = (
    "highway", "oneway", "junction", "access", "foot", "motorcar", "motor_vehicle", "vehicle", "maxspeed",
    "name", "area", "surface", "tracktype", "smoothness", "lit",
)  # fmt: skip


class Overpass:
    """Streets and named places from an Overpass server."""

    def __init__(self, url: str, timeout_s: int) -> None:
        ox.settings.overpass_url = url
        # Only the public server has a status page to wait for; a private one answers or fails.
        ox.settings.overpass_rate_limit = "overpass-api.de" in url
        ox.settings.requests_timeout = timeout_s
        ox.settings.doh_url_template = None
        ox.settings.use_cache = False
        ox.settings.useful_tags_way = list(WAY_TAGS)

    def bbox(self, west: float, south: float, east: float, north: float) -> Extract:
        """Download everything in a box."""
        box = (west, south, east, north)
        return _download(
            lambda: ox.graph_from_bbox(box, network_type="all", simplify=False, retain_all=True),
            lambda: ox.features_from_bbox(box, dict.fromkeys(PLACE_KEYS, True)),
        )

    def place(self, name: str) -> Extract:
        """Download everything in a named area."""
        return _download(
            lambda: ox.graph_from_place(name, network_type="all", simplify=False, retain_all=True),
            lambda: ox.features_from_place(name, dict.fromkeys(PLACE_KEYS, True)),
        )


def _download(graph: Callable[[], nx.MultiDiGraph], features: Callable[[], GeoDataFrame]) -> Extract:
    answers: list[Extract] = []
    failures: list[Exception] = []

    def work() -> None:
        try:
            answers.append(Extract(_streets(graph()), _places(features())))
        except (requests.RequestException, ValueError, TypeError, KeyError) as error:
            failures.append(error)

    # A thread, because osmnx can wait for ever for a server's status page.
    thread = Thread(target=work, daemon=True)
    thread.start()
    thread.join(DOWNLOADS * ox.settings.requests_timeout)
    if answers:
        return answers[0]
    problem = str(failures[0])[:300] if failures else "no answer in time"
    raise OsmImportError(Message("OVERPASS_FAILED", "Overpass gave no usable answer: {problem}", problem=problem))


def _streets(graph: nx.MultiDiGraph) -> list[StreetElement]:
    """One street element an edge; osmnx has already turned the edges of `oneway=-1` round."""
    streets = []
    for start, end, edge in graph.edges(data=True):
        if edge.get("reversed"):
            continue  # the same street, seen from the other end
        tags = {key: str(edge[key]) for key in WAY_TAGS if key in edge and key != "oneway"}
        if edge.get("oneway"):
            tags["oneway"] = "yes"
        if is_street(tags):
            a, b = graph.nodes[start], graph.nodes[end]
            streets.append(StreetElement(edge["osmid"], (start, end), (a["y"], b["y"]), (a["x"], b["x"]), tags))
    return streets


def _places(features: GeoDataFrame) -> list[PlaceElement]:
    points = features.geometry.representative_point()
    rows = features.drop(columns="geometry").to_dict("records")
    found = [
        PlaceElement(osm_type, osm_id, point.y, point.x, _tags(row))
        for (osm_type, osm_id), point, row in zip(features.index, points, rows, strict=True)
    ]
    return [place for place in found if is_place(place.tags)]


def _tags(row: dict[Hashable, Any]) -> dict[str, str]:
    return {str(key): value for key, value in row.items() if isinstance(value, str)}

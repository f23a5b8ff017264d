"""The map's shell: streets, buffer zone, pick-ups and the optional tile layer, rendered by folium as one script.

Nothing a venue says is in here: folium puts strings raw into JavaScript. Pick-up names go through GeoJSON, which is
JSON with `<` escaped, and become text nodes in static/map.js.
"""

from typing import Any

import folium
from branca.element import Element

from tourism.domain.waiting import NEARBY_M
from tourism.geo.crs import Floats
from tourism.geo.geojson import collection, feature, lines_feature, point_feature
from tourism.services.town import Town

MAIN = {"motorway", "trunk", "primary", "secondary"}
MIDDLE = {"tertiary", "residential", "unclassified", "living_street", "road"}
MAP_ID = "kayutangan"
OSM_CREDIT = "&copy; OpenStreetMap contributors"


def shell(town: Town, tile_url: str) -> str:
    """Return the script that draws the map into `#map_kayutangan` and leaves it in `window.map_kayutangan`."""
    found = folium.Map(tiles=None, zoom_control=False, location=_middle(town), zoom_start=16, max_zoom=19)
    found._id = MAP_ID
    if tile_url:
        tiles = folium.TileLayer(tile_url, attr=OSM_CREDIT, name="OpenStreetMap", overlay=True, show=False)
        _add(found, tiles, "tiles")
    classes = {"middle": MIDDLE, "main": MAIN}
    streets: dict[str, list[Floats]] = {"minor": [], "middle": [], "main": []}
    around = [p.point for p in town.pickups]
    for highway, line in town.network.polylines(around, NEARBY_M) if town.network else []:
        base = highway.removesuffix("_link")
        streets[next((name for name, group in classes.items() if base in group), "minor")].append(line)
    drawn = [lines_feature(lines, {"class": f"street street-{name}"}) for name, lines in streets.items() if lines]
    zone = [] if town.zone.is_empty else [feature(town.zone, {"class": "zone"})]
    if drawn or zone:
        lines = folium.GeoJson(
            collection([*drawn, *zone]),
            style_function=lambda f: {"className": f["properties"]["class"]},
            control=False,
            interactive=False,
            attribution=OSM_CREDIT,
        )
        _add(found, lines, "streets")
    pickups = folium.GeoJson(
        collection(point_feature(lat=p.lat, lon=p.lon, id=p.id, properties={"name": p.name}) for p in town.pickups),
        marker=folium.Marker(icon=folium.DivIcon(class_name="pin pin-pickup", html="P", icon_size=(32, 32))),
        control=False,
    )
    _add(found, pickups, "pickups")
    if tile_url:
        _add(found, folium.LayerControl(position="topright"), "layers")
    root: Any = found.get_root()
    root.render()
    return str(root.script.render()).replace("</", "<\\/")


def _add(to: folium.Map, layer: Element, name: str) -> None:
    layer._id = name  # a fixed name, so that the same data gives the same script
    layer.add_to(to)


def _middle(town: Town) -> tuple[float, float]:
    points = [p.point for p in town.pickups]
    return sum(p.lat for p in points) / len(points), sum(p.lon for p in points) / len(points)

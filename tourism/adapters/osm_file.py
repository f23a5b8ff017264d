"""OSM files on disk, read as a stream by pyosmium."""

from pathlib import Path

import osmium
from osmium.filter import KeyFilter

from tourism.errors import Message, OsmImportError
from tourism.geo.osm import Extract, PlaceElement, Progress, StreetElement, Tags, is_street

PLACE_KEYS = ("amenity", "shop", "tourism", "leisure", "building", "office", "railway", "place", "historic")
NAMELESS = ("toilets", "place_of_worship")
FORMATS = (".osm", ".osm.bz2", ".osm.gz", ".osm.pbf")
REPORT_EVERY = 2000


def is_place(tags: Tags) -> bool:
    """Tell whether an element is kept: named ones, and toilets and mosques that often have no name."""
    return tags.get("amenity") in NAMELESS or ("name" in tags and any(key in tags for key in PLACE_KEYS))


def read_file(path: str, progress: Progress) -> Extract:
    """Read streets and places; raises OsmImportError for a missing, corrupt or truncated file.

    Memory grows with the streets and named places kept and 16 bytes a node, not with the file.
    """
    if not Path(path).is_file():
        raise OsmImportError(Message("NO_FILE", "There is no file {path}", path=path))
    if not path.endswith(FORMATS):
        text = "{path} is not one of {formats}"
        raise OsmImportError(Message("UNKNOWN_FORMAT", text, path=path, formats=", ".join(FORMATS)))
    try:
        return _read(path, progress)
    except (RuntimeError, osmium.InvalidLocationError) as error:
        text = "{path} is not a complete OSM file: {problem}"
        raise OsmImportError(Message("CORRUPT_FILE", text, path=path, problem=str(error))) from error


def _read(path: str, progress: Progress) -> Extract:
    extract = Extract()
    reader = osmium.FileProcessor(path).with_locations().with_filter(KeyFilter("highway", *PLACE_KEYS))
    for done, element in enumerate(reader):
        if done % REPORT_EVERY == 0:
            progress(done)
        tags = dict(element.tags)
        if isinstance(element, osmium.osm.Way) and is_street(tags):
            street = _street(element, tags)
            if street:
                extract.streets.append(street)
        elif is_place(tags):
            place = _place(element, tags)
            if place:
                extract.places.append(place)
    return extract


def _located(way: osmium.osm.Way) -> list[tuple[int, float, float]]:
    """Nodes that are in the file; an extract cut at its border lacks some."""
    return [(node.ref, node.lat, node.lon) for node in way.nodes if node.location.valid()]


def _street(way: osmium.osm.Way, tags: dict[str, str]) -> StreetElement | None:
    nodes = _located(way)
    if len(nodes) < 2:
        return None
    ids, lats, lons = zip(*nodes, strict=True)
    return StreetElement(way.id, ids, lats, lons, tags)


def _place(element: osmium.osm.types.OSMEntity, tags: dict[str, str]) -> PlaceElement | None:
    if isinstance(element, osmium.osm.Node):
        return PlaceElement("node", element.id, element.location.lat, element.location.lon, tags)
    if not isinstance(element, osmium.osm.Way):
        return None
    nodes = _located(element)
    if not nodes:
        return None
    _, lats, lons = zip(*nodes, strict=True)
    middle_lat, middle_lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    return PlaceElement("way", element.id, middle_lat, middle_lon, tags)

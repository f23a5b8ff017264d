"""OSM elements as plain values, and what a way's tags say about walking and driving.

Sources: OSM wiki "OSM tags for routing/Access restrictions" (defaults for Indonesia follow the world table)
and "Key:oneway"; free-flow speeds are assumptions for Malang at night, in km/h.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

T = TypeVar("T")
Tags = Mapping[str, str]

DRIVE_KMH = {
    "motorway": 80, "motorway_link": 40, "trunk": 50, "trunk_link": 35, "primary": 40, "primary_link": 30,
    "secondary": 35, "secondary_link": 30, "tertiary": 30, "tertiary_link": 25, "unclassified": 25,
    "residential": 20, "road": 20, "service": 15, "living_street": 10, "track": 10,
}  # fmt: skip
FOOT_ONLY = {"footway", "path", "steps", "pedestrian", "cycleway", "bridleway", "corridor", "platform"}
CAR_ONLY = {"motorway", "motorway_link"}
STREETS = DRIVE_KMH.keys() | FOOT_ONLY
_NO = {"no", "private", "agricultural", "forestry", "delivery", "use_sidepath"}


@dataclass(frozen=True)
class PlaceElement:
    """A place: a node, or the middle of a way. It has a name unless it is a toilet or a place of worship."""

    osm_type: str
    osm_id: int
    lat: float
    lon: float
    tags: Tags


@dataclass(frozen=True)
class StreetElement:
    """A street way with the ids and positions of its nodes, in order."""

    osm_id: int
    node_ids: tuple[int, ...]
    lats: tuple[float, ...]
    lons: tuple[float, ...]
    tags: Tags


@dataclass
class Extract:
    """Everything one import reads: streets and named places."""

    streets: list[StreetElement] = field(default_factory=list)
    places: list[PlaceElement] = field(default_factory=list)


class Progress(Protocol):
    """Told how many elements have been read so far."""

    def __call__(self, done: int) -> None: ...


def _permits(tags: Tags, *modes: str) -> bool:
    """Decide by the most specific access tag that is present."""
    for key in (*modes, "access"):
        if key in tags:
            return tags[key] not in _NO
    return True


def is_street(tags: Tags) -> bool:
    """Tell whether a way belongs to the street network; areas and what is still being built do not."""
    return tags.get("highway") in STREETS and tags.get("area") != "yes"


def can_walk(tags: Tags) -> bool:
    """Tell whether people may walk along the way; always in both directions."""
    highway = tags["highway"]
    if highway in CAR_ONLY:
        return False
    if highway in {"cycleway", "bridleway"} and "foot" not in tags:
        return False
    return _permits(tags, "foot")


def can_drive(tags: Tags) -> tuple[bool, bool]:
    """Tell whether a car may drive (along, against) the way's direction."""
    if tags["highway"] in FOOT_ONLY or not _permits(tags, "motorcar", "motor_vehicle", "vehicle"):
        return False, False
    implied = "yes" if tags["highway"] in CAR_ONLY or tags.get("junction") == "roundabout" else "no"
    oneway = tags.get("oneway", implied)
    if oneway in {"-1", "reverse"}:
        return False, True
    return True, oneway not in {"yes", "true", "1"}


def drive_kmh(tags: Tags) -> float:
    """Return a free-flow speed in km/h; an explicit lower `maxspeed` wins."""
    speed = float(DRIVE_KMH.get(tags["highway"], 20))
    limit = tags.get("maxspeed", "")
    return min(speed, float(limit)) if limit.isdecimal() and float(limit) > 0 else speed


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut a list into pieces of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]

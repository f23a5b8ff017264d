"""Where to wait: the walk to the vehicle, and what is next door."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from tourism.domain.evidence import Amenity
from tourism.domain.venue import ROUGH_M, Venue, osm_id
from tourism.geo.crs import Point, distance_m
from tourism.geo.network import SNAP_LIMIT_M, WALK_M_S, Snap, StreetNetwork
from tourism.geo.osm import PlaceElement

# Streets are longer than the straight line; the median over the venues inside data/kayutangan.osm is 1.35
# (tests/domain/test_waiting.py measures it again).
DETOUR = 1.35
ZONE_M = 500.0
NEXT_DOOR_M = 100.0
NEARBY_M = 4000.0  # about an hour on foot; farther away one does not wait for a vehicle in Kayutangan
BOARD_MIN = 5  # data/operations.csv


@dataclass(frozen=True)
class Pickup:
    """A pick-up point, where vehicles load."""

    id: str
    name: str
    lat: float
    lon: float
    uncertainty_m: int
    note: str
    basis: str

    @property
    def point(self) -> Point:
        """Where it is."""
        return Point(self.lat, self.lon)


@dataclass(frozen=True)
class Outline:
    """One corner of a municipality's rough outline (about 1 km), in order."""

    municipality: str
    point: int
    lat: float
    lon: float


@dataclass(frozen=True)
class Walk:
    """A walk along the street, or a straight-line estimate where the street network does not reach."""

    to: str
    metres: int
    minutes: int
    estimated: bool


@dataclass(frozen=True)
class Nearby:
    """An amenity next door: whose it is, and metres along the street; estimated where the streets don't reach."""

    name: str
    metres: int
    estimated: bool


@dataclass(frozen=True)
class Facility:
    """A public toilet or a mosque."""

    id: str
    name: str
    amenity: Amenity
    point: Point


_MOSQUES = ("masjid", "mushola", "musholla", "musala", "langgar", "surau")


def facility_of(place: PlaceElement) -> Facility | None:
    """Read an OSM place as a public toilet or a mosque; None for another place."""
    tags, name = place.tags, place.tags.get("name", "")
    if tags.get("amenity") == "toilets" and tags.get("access", "yes") in {"yes", "permissive", "customers", "public"}:
        return Facility(osm_id(place), name, Amenity.TOILET, Point(place.lat, place.lon))
    muslim = tags.get("religion") == "muslim" or name.casefold().startswith(_MOSQUES)
    if tags.get("amenity") == "place_of_worship" and muslim:
        return Facility(osm_id(place), name, Amenity.PRAYER_ROOM, Point(place.lat, place.lon))
    return None


def facilities(places: Iterable[PlaceElement], listings: Iterable[Venue]) -> list[Facility]:
    """Return the toilets and mosques of OSM, and the mosques that are listed."""
    mosques = [Facility(v.id, v.name, Amenity.PRAYER_ROOM, v.point) for v in listings if v.kind == "mosque"]
    return [*filter(None, map(facility_of, places)), *mosques]


def walks(
    network: StreetNetwork | None, pickup_id: str, pickup: Point, places: Sequence[Point], snap: Snap | None = None
) -> list[Walk]:
    """Return the walk from each place to one pick-up; minutes are rounded up; `snap` is the places', if known."""
    if not places:
        return []
    if network is None:
        return [_straight(pickup_id, pickup, place) for place in places]
    there = snap or network.snap(places)
    seconds = network.times_s(pickup, there)
    near = network.snap([pickup]).off_m[0] <= SNAP_LIMIT_M
    return [
        Walk(pickup_id, round(s * WALK_M_S), ceil(s / 60), False)
        if near and metres <= SNAP_LIMIT_M and s < float("inf")
        else _straight(pickup_id, pickup, place)
        for place, s, metres in zip(places, seconds.tolist(), there.off_m.tolist(), strict=True)
    ]


def _straight(pickup_id: str, pickup: Point, place: Point) -> Walk:
    metres = distance_m(pickup, place) * DETOUR
    return Walk(pickup_id, round(metres), ceil(metres / WALK_M_S / 60), True)


def nearby(venues: Iterable[Venue], pickups: Sequence[Pickup]) -> list[Venue]:
    """Return the venues near enough to a pick-up to wait there."""
    return [v for v in venues if any(distance_m(v.point, p.point) <= NEARBY_M for p in pickups)]


def next_door(
    network: StreetNetwork | None, venues: Sequence[Venue], facilities: Sequence[Facility]
) -> dict[str, dict[Amenity, Nearby]]:
    """Return, by venue id, the nearest facility of each amenity within `NEXT_DOOR_M` along the street.

    Nobody knows what is next door of a venue that was only placed on its street.
    """
    placed = [venue for venue in venues if venue.uncertainty_m < ROUGH_M]
    found: dict[str, dict[Amenity, Nearby]] = {}
    for facility in facilities:
        around = [v for v in placed if distance_m(v.point, facility.point) <= NEXT_DOOR_M and v.id != facility.id]
        for venue, walk in zip(
            around, walks(network, facility.id, facility.point, [v.point for v in around]), strict=True
        ):
            known = found.get(venue.id, {}).get(facility.amenity)
            if walk.metres <= NEXT_DOOR_M and (known is None or walk.metres < known.metres):
                found.setdefault(venue.id, {})[facility.amenity] = Nearby(facility.name, walk.metres, walk.estimated)
    return found

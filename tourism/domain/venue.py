"""Venues where people can wait, and what is known about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from tourism.domain.hours_words import normalise
from tourism.errors import HoursError
from tourism.geo.crs import Point, distance_m
from tourism.geo.osm import PlaceElement, Tags


class Known(StrEnum):
    """Three values: not knowing is one of them."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Amenity(StrEnum):
    """What people need while they wait; each can be filtered by."""

    TOILET = "toilet"
    PRAYER_ROOM = "prayer_room"
    INDOOR = "indoor"
    POWER = "power"
    WIFI = "wifi"
    PARKING = "parking"


@dataclass(frozen=True)
class Venue:
    """A place of business or public space; people can wait in those of a waiting kind.

    `uncertainty_m` says how rough the point is; `as_of` is when the source was written, None if it does not say.
    """

    id: str
    name: str
    kind: str
    lat: float
    lon: float
    source: str
    uncertainty_m: int = 0
    address: str = ""
    opening_hours: str = ""
    hours_as_recorded: str = ""
    as_of: date | None = None
    note: str = ""
    amenities: Mapping[str, Known] = field(default_factory=dict)

    @property
    def point(self) -> Point:
        """Where it is."""
        return Point(self.lat, self.lon)

    def has(self, amenity: Amenity) -> Known:
        """Tell whether the venue has an amenity; not recorded is unknown."""
        return Known(self.amenities.get(amenity, Known.UNKNOWN))


# The first tag that matches names the kind; only places where strangers may sit for a while.
WAITING_KINDS = {
    ("amenity", "cafe"): "cafe", ("amenity", "restaurant"): "restaurant", ("amenity", "fast_food"): "fast_food",
    ("amenity", "food_court"): "food_court", ("amenity", "bar"): "bar", ("amenity", "pub"): "bar",
    ("amenity", "internet_cafe"): "cafe", ("building", "restaurant"): "restaurant",
    ("tourism", "hotel"): "hotel", ("tourism", "hostel"): "hostel", ("tourism", "guest_house"): "hotel",
    ("shop", "mall"): "mall", ("leisure", "park"): "park", ("place", "square"): "square",
    ("railway", "station"): "station",
}  # fmt: skip
SAME_VENUE_M = 150.0


def can_wait(venue: Venue) -> bool:
    """Tell whether a venue is of a kind where strangers may sit for a while."""
    return venue.kind in WAITING_KINDS.values()


def kind_of(tags: Tags) -> str | None:
    """Return the kind of waiting venue a place's tags describe, or None when one can't wait there."""
    return next((kind for (key, value), kind in WAITING_KINDS.items() if tags.get(key) == value), None)


def _readable(hours: str) -> str:
    """Return a tag's hours in OSM syntax, even if a mapper wrote them in Indonesian; else as they are."""
    try:
        return normalise(hours) if hours else ""
    except HoursError:
        return hours


def _amenity(tags: Tags, key: str, yes: set[str]) -> Known:
    value = tags.get(key, "")
    if value in yes:
        return Known.YES
    return Known.NO if value == "no" else Known.UNKNOWN


def from_osm(place: PlaceElement) -> Venue | None:
    """Read an OSM place as a venue; None without a name or a waiting kind."""
    kind, name = kind_of(place.tags), place.tags.get("name", "").strip()
    if kind is None or not name:
        return None
    found = {
        Amenity.TOILET: _amenity(place.tags, "toilets", {"yes", "customers"}),
        Amenity.PRAYER_ROOM: _amenity(place.tags, "prayer_room", {"yes"}),
        Amenity.INDOOR: _amenity(place.tags, "indoor_seating", {"yes", "only"}),
        Amenity.POWER: _amenity(place.tags, "power_supply", {"yes"}),
        Amenity.WIFI: _amenity(place.tags, "internet_access", {"yes", "wlan"}),
        Amenity.PARKING: _amenity(place.tags, "parking", {"yes", "surface", "underground", "multi-storey"}),
    }
    street = f"{place.tags.get('addr:street', '')} {place.tags.get('addr:housenumber', '')}".strip()
    return Venue(
        id=f"osm-{place.osm_type}-{place.osm_id}",
        name=name,
        kind=kind,
        lat=place.lat,
        lon=place.lon,
        source="OpenStreetMap",
        address=street,
        opening_hours=_readable(place.tags.get("opening_hours", "")),
        amenities={amenity: known for amenity, known in found.items() if known is not Known.UNKNOWN},
    )


def merge(listings: list[Venue], from_map: list[Venue]) -> list[Venue]:
    """Return listings, then OSM venues that no listing of the same name nearby already stands for."""

    def listed(venue: Venue) -> bool:
        name = venue.name.casefold()
        return any(
            name == other.name.casefold() and distance_m(venue.point, other.point) <= SAME_VENUE_M for other in listings
        )

    return [*listings, *(venue for venue in from_map if not listed(venue))]

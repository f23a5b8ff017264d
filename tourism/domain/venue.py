"""Venues where people can wait: from listings, from OSM, and one made of both."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from tourism.domain.evidence import Amenity, Detail, Evidence, Fact, Known, Rank, Source
from tourism.domain.hours_words import normalise
from tourism.errors import HoursError
from tourism.geo.conflation import Match, Outcome, Record, conflate
from tourism.geo.crs import Point
from tourism.geo.osm import PlaceElement, Tags

ROUGH_M = 100  # a position as rough as this was placed on its street: an estimate


@dataclass(frozen=True)
class Venue:
    """A place of business or public space; people can wait in those of a waiting kind.

    `uncertainty_m` says how rough the point is; `as_of` is when the source was written, None if it does not say.
    `about_id` and `about_en` are what it says of itself, `photo` the digest of its picture.
    `facts` are amenities and details by field; `others` are the sources of fields that another source gave, and
    `same_as` the id of the OSM venue that is the same. `providers` are those who list it, for people.
    """

    id: str
    name: str
    kind: str
    lat: float
    lon: float
    source: str
    uncertainty_m: int = 0
    address: str = ""
    phone: str = ""
    opening_hours: str = ""
    hours_as_recorded: str = ""
    as_of: date | None = None
    note: str = ""
    municipality: str = ""
    about_id: str = ""
    about_en: str = ""
    photo: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    others: Mapping[str, Source] = field(default_factory=dict)
    same_as: str = ""
    providers: tuple[str, ...] = ()
    rank: Rank = Rank.LISTING

    @property
    def point(self) -> Point:
        """Where it is."""
        return Point(self.lat, self.lon)

    @cached_property
    def offers(self) -> frozenset[str]:
        """The amenities that are known to be there."""
        return frozenset(name for name, fact in self.facts.items() if fact.value == Known.YES)

    def has(self, amenity: Amenity) -> Known:
        """Tell whether the venue has an amenity; not recorded is unknown."""
        if amenity in self.offers:
            return Known.YES
        return Known.NO if amenity in self.facts else Known.UNKNOWN

    @cached_property
    def seats(self) -> int | None:
        """How many can sit, None when that is not known."""
        return int(self.facts[Detail.SEATS].value) if Detail.SEATS in self.facts else None

    @cached_property
    def hours_as_of(self) -> date | None:
        """When the word about the hours was written; None without hours or a date."""
        return self.source_of("opening_hours").as_of if self.opening_hours else None

    def source_of(self, name: str) -> Source:
        """Return who said a field: "position" stands for lat, lon and uncertainty_m."""
        if name in self.facts:
            return self.facts[name].source
        rough = name == "position" and self.uncertainty_m >= ROUGH_M
        return self.others.get(name, Source(self.source, Rank.ESTIMATE if rough else self.rank, self.as_of))


# The first tag that matches names the kind; only places where strangers may sit for a while.
WAITING_KINDS = {
    ("amenity", "cafe"): "cafe", ("amenity", "restaurant"): "restaurant", ("amenity", "fast_food"): "fast_food",
    ("amenity", "food_court"): "food_court", ("amenity", "bar"): "bar", ("amenity", "pub"): "bar",
    ("amenity", "internet_cafe"): "cafe", ("building", "restaurant"): "restaurant",
    ("tourism", "hotel"): "hotel", ("tourism", "hostel"): "hostel", ("tourism", "guest_house"): "hotel",
    ("shop", "mall"): "mall", ("leisure", "park"): "park", ("place", "square"): "square",
    ("railway", "station"): "station",
}  # fmt: skip


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


# Field: the tag that tells, and the values that say yes. "no" says no, anything else nothing.
_TAGS = {
    Amenity.TOILET: ("toilets", {"yes", "customers"}),
    Amenity.PRAYER_ROOM: ("prayer_room", {"yes"}),
    Amenity.INDOOR: ("indoor_seating", {"yes", "only"}),
    Amenity.POWER: ("power_supply", {"yes"}),
    Amenity.WIFI: ("internet_access", {"yes", "wlan"}),
    Amenity.PARKING_CAR: ("parking", {"yes", "surface", "underground", "multi-storey"}),
    Amenity.SMOKING: ("smoking", {"yes", "outside", "separated", "isolated", "dedicated"}),
    Amenity.CHILD_FRIENDLY: ("kids_area", {"yes"}),
    Amenity.STEP_FREE: ("wheelchair", {"yes", "designated"}),
}


def _checked(tags: Tags, key: str) -> date | None:
    """Return the date a mapper last checked a tag or the place; OSM's own edit date says less than that."""
    for name in (f"check_date:{key}", f"{key}:check_date", "check_date", "survey:date"):
        try:
            return date.fromisoformat(tags.get(name, ""))
        except ValueError:
            continue
    return None


def _osm(tags: Tags, key: str = "") -> Source:
    return Source("OpenStreetMap", Rank.OSM, _checked(tags, key))


def from_osm(place: PlaceElement) -> Venue | None:
    """Read an OSM place as a venue; None without a name or a waiting kind."""
    tags = place.tags
    kind, name = kind_of(tags), tags.get("name", "").strip()
    if kind is None or not name:
        return None
    facts: dict[str, Fact] = {
        amenity.value: Fact("no" if tags[key] == "no" else "yes", _osm(tags, key))
        for amenity, (key, yes) in _TAGS.items()
        if tags.get(key) in yes | {"no"}
    }
    if re.fullmatch(r"\d{1,4}", tags.get("seats", ""), re.ASCII):
        facts[Detail.SEATS.value] = Fact(str(int(tags["seats"])), _osm(tags, "seats"))
    return Venue(
        id=osm_id(place),
        name=name,
        kind=kind,
        lat=place.lat,
        lon=place.lon,
        source="OpenStreetMap",
        address=f"{tags.get('addr:street', '')} {tags.get('addr:housenumber', '')}".strip(),
        phone=tags.get("phone", tags.get("contact:phone", "")),
        opening_hours=_readable(tags.get("opening_hours", "")),
        as_of=_checked(tags, ""),
        facts=facts,
        others={"opening_hours": _osm(tags, "opening_hours")},
        rank=Rank.OSM,
    )


def osm_id(place: PlaceElement) -> str:
    """Return the id a venue has by its OSM element."""
    return f"osm-{place.osm_type}-{place.osm_id}"


_FIELDS = {"name": ("name",), "address": ("address",), "phone": ("phone",),
           "opening_hours": ("opening_hours", "hours_as_recorded"),
           "position": ("lat", "lon", "uncertainty_m")}  # fmt: skip


def combine(listing: Venue, from_map: Venue) -> Venue:
    """Make one venue of a listing and the OSM venue that is the same, field by field: the better source wins."""
    taken: dict[str, Any] = {}
    others: dict[str, Source] = {}
    for name, parts in _FIELDS.items():
        said, also_said = getattr(listing, parts[0]), getattr(from_map, parts[0])
        ours, theirs = listing.source_of(name), from_map.source_of(name)
        if also_said and (not said or theirs.order < ours.order):
            taken |= {part: getattr(from_map, part) for part in parts}
            others[name] = theirs
    facts = {
        name: min((v.facts[name] for v in (listing, from_map) if name in v.facts), key=lambda fact: fact.source.order)
        for name in {**from_map.facts, **listing.facts}
    }
    return replace(listing, **taken, facts=facts, others=others, same_as=from_map.id)


def with_evidence(venues: Iterable[Venue], evidence: Iterable[Evidence]) -> list[Venue]:
    """Return the venues with what the evidence says about them; of several sources the better one counts."""
    said: dict[str, dict[str, Fact]] = {}
    for row in evidence:
        facts = said.setdefault(row.venue, {})
        facts[row.field] = min(facts.get(row.field, row.fact), row.fact, key=lambda fact: fact.source.order)
    return [replace(v, facts={**v.facts, **said[v.id]}) if v.id in said else v for v in venues]


def _record(venue: Venue) -> Record:
    return Record(venue.id, venue.name, venue.lat, venue.lon, venue.uncertainty_m, venue.phone)


def match(
    listings: Iterable[Venue], from_map: Iterable[Venue], decided: Mapping[tuple[str, str], Outcome]
) -> list[Match]:
    """Return which listings and OSM venues are the same, and which to ask a person about."""
    return conflate([_record(v) for v in listings], [_record(v) for v in from_map], decided)


def merge(listings: Sequence[Venue], more: Sequence[Venue], matches: Iterable[Match]) -> list[Venue]:
    """Return each listing once: those of two providers that are the same become one, which names both."""
    found = {venue.id: venue for venue in more}
    same = {m.left: found.pop(m.right) for m in matches if m.outcome is Outcome.SAME}
    return [*(_both(v, same[v.id]) if v.id in same else v for v in listings), *found.values()]


def _both(venue: Venue, other: Venue) -> Venue:
    providers = tuple(dict.fromkeys((*venue.providers, *other.providers)))
    return replace(combine(venue, other), same_as="", providers=providers)


def join(listings: Sequence[Venue], from_map: Sequence[Venue], matches: Iterable[Match]) -> list[Venue]:
    """Return each venue once: listings, joined with the OSM venue that is the same, then the rest of OSM's."""
    found = {venue.id: venue for venue in from_map}
    same = {m.left: found.pop(m.right) for m in matches if m.outcome is Outcome.SAME}
    return [*(combine(v, same[v.id]) if v.id in same else v for v in listings), *found.values()]

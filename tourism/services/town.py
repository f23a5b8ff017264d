"""What is derived once from a reading of the database: venues, walks and the buffer zone."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import shapely
from shapely.geometry.base import BaseGeometry

from tourism.domain.account import OFFICE, area_name
from tourism.domain.evidence import Amenity
from tourism.domain.hours import TemporaryHours
from tourism.domain.sharing import OWN_LICENCE
from tourism.domain.venue import Venue, can_wait, from_osm, join, match, merge, with_evidence
from tourism.domain.waiting import NEARBY_M, ZONE_M, Nearby, Pickup, Walk, facilities, nearby, next_door, walks
from tourism.domain.world import World
from tourism.errors import MalformedError, Message, NotFoundError, NotReadyError, OutOfRangeError
from tourism.geo.boundary import outlines_of
from tourism.geo.conflation import Match, Outcome
from tourism.geo.crs import Point, distance_m
from tourism.geo.network import Snap, StreetNetwork
from tourism.geo.osm import PlaceElement
from tourism.geo.zone import walking_zone

CENTRE = "kayutangan"  # the reference point of data/kayutangan_places.csv
STARTS_KEPT = 2048


INDONESIA = {"lat": (-11.1, 6.2), "lon": (94.9, 141.1)}
_POSITION = re.compile(r"(-?\d{1,3}(?:\.\d{1,12})?),(-?\d{1,3}(?:\.\d{1,12})?)", re.ASCII)
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


def read_place(written: str) -> str | Point:
    """Read what names a place: an id, or "latitude,longitude" in degrees.

    Raises MalformedError for neither, OutOfRangeError for a position outside Indonesia.
    """
    found = _POSITION.fullmatch(written)
    if not found:
        if not _ID.fullmatch(written):
            text = "Name a place by its id, or write latitude,longitude."
            raise MalformedError({"near": Message("NOT_A_PLACE", text)})
        return written
    lat, lon = float(found[1]), float(found[2])
    if not (INDONESIA["lat"][0] <= lat <= INDONESIA["lat"][1] and INDONESIA["lon"][0] <= lon <= INDONESIA["lon"][1]):
        text = "This position lies outside Indonesia; write latitude first."
        raise OutOfRangeError({"near": Message("OUTSIDE_INDONESIA", text)})
    return Point(lat, lon)


@dataclass(frozen=True)
class Named:
    """A named point one can wait at or walk to."""

    id: str
    name: str
    point: Point


@dataclass(frozen=True, eq=False)
class Town:
    """Kayutangan as it is in one reading of the database."""

    world: World

    @property
    def pickups(self) -> Sequence[Pickup]:
        """The pick-up points; raises NotReadyError without any."""
        if not self.world.pickups:
            raise NotReadyError(Message("NO_PICKUPS", "There is no pick-up point. Run: tourism init"))
        return self.world.pickups

    @property
    def network(self) -> StreetNetwork | None:
        """The street network of the last good snapshot."""
        return self.world.snapshot.network if self.world.snapshot else None

    def get_venue(self, venue_id: str) -> Venue:
        """Return a venue by its id or by that of the OSM venue it is the same as; raises NotFoundError."""
        venue = self.venue.get(self.same_as.get(venue_id, venue_id))
        if venue is None:
            text = "There is no venue {id}; it may have been renamed or removed."
            raise NotFoundError(Message("UNKNOWN_VENUE", text, id=venue_id))
        return venue

    @property
    def places(self) -> Sequence[PlaceElement]:
        """The places of the last good snapshot."""
        return self.world.snapshot.places if self.world.snapshot else ()

    @cached_property
    def _decided(self) -> dict[tuple[str, str], Outcome]:
        return {(q.listing, q.element): q.decision for q in self.world.questions if q.decision}

    @cached_property
    def _once(self) -> tuple[list[Venue], list[Match]]:
        """Each listed place once, whoever lists it, and which listings of two providers are the same or may be."""
        groups: dict[str, list[Venue]] = {OFFICE: []}
        for venue in with_evidence(self.world.listings, self.world.evidence):
            provider, area = self.world.providers.get(venue.id), venue.municipality or OFFICE
            who = provider.name if provider else area_name(area)
            named = replace(venue, providers=(f"{who} ({self.licence_of(venue)})",))
            groups.setdefault(f"feed {provider.id}" if provider else area, []).append(named)
        found, matches = groups.pop(OFFICE), list[Match]()
        for _, more in sorted(groups.items()):
            pairs = match(found, more, self._decided)
            found, matches = merge(found, more, pairs), [*matches, *pairs]
        return found, matches

    def licence_of(self, venue: Venue) -> str:
        """Return the licence of a listing: its provider's, else our own."""
        provider = self.world.providers.get(venue.id)
        return provider.licence if provider else OWN_LICENCE

    @property
    def twins(self) -> list[Match]:
        """Which listings of two providers are the same, and which to ask about."""
        return self._once[1]

    @property
    def listed(self) -> list[Venue]:
        """Each listed place of Malang Raya once."""
        return self._once[0]

    @cached_property
    def _both(self) -> tuple[list[Venue], list[Venue]]:
        """Listings and OSM venues of a waiting kind near a pick-up, with what the evidence says about them."""
        mapped = with_evidence(filter(None, map(from_osm, self.places)), self.world.evidence)
        return nearby(filter(can_wait, self.listed), self.pickups), nearby(filter(can_wait, mapped), self.pickups)

    @cached_property
    def matches(self) -> list[Match]:
        """Which of them are the same, and which to ask about; decisions stand above the rules."""
        return match(*self._both, self._decided)

    @cached_property
    def venues(self) -> list[Venue]:
        """Every venue to wait in, once."""
        return join(*self._both, self.matches)

    @cached_property
    def next_door(self) -> dict[str, dict[Amenity, Nearby]]:
        """The public toilets and mosques next door, by venue id."""
        return next_door(self.network, self.venues, facilities(self.places, self.world.listings))

    @cached_property
    def temporary(self) -> dict[str, list[TemporaryHours]]:
        """Temporary hours by venue id."""
        found: dict[str, list[TemporaryHours]] = {}
        for hours in self.world.temporary_hours:
            found.setdefault(self.same_as.get(hours.venue, hours.venue), []).append(hours)
        return found

    @cached_property
    def venue(self) -> dict[str, Venue]:
        """Venues by id."""
        return {venue.id: venue for venue in self.venues}

    @cached_property
    def same_as(self) -> dict[str, str]:
        """The listing that an OSM venue or another provider's listing is the same as, by ids."""
        twins = {m.right: m.left for m in self.twins if m.outcome is Outcome.SAME}
        return twins | {venue.same_as: venue.id for venue in self.venues if venue.same_as}

    @cached_property
    def _points(self) -> list[Point]:
        return [venue.point for venue in self.venues]

    @cached_property
    def _snap(self) -> Snap | None:
        """Where the venues meet the streets, found once."""
        return self.network.snap(self._points) if self.network and self.venues else None

    @cached_property
    def walks_of(self) -> dict[str, list[Walk]]:
        """The walks from each venue to every pick-up, the shortest first, by venue id."""
        return dict(zip(self.venue, self._walks(self._points, self._snap), strict=True))

    @cached_property
    def walk_of(self) -> dict[str, Walk]:
        """The walk from each venue to its nearest pick-up, by venue id."""
        return {venue_id: found[0] for venue_id, found in self.walks_of.items()}

    @cached_property
    def nearest_of(self) -> Callable[[Point], Walk]:
        """Return the shortest walk from one place to a pick-up; answers are kept."""
        return lru_cache(STARTS_KEPT)(lambda place: self._walks([place])[0][0])

    def walk_to(self, place: Point, pickup: str) -> Walk:
        """Return the walk from a place to a pick-up."""
        return next(walk for walk in self._walks([place])[0] if walk.to == pickup)

    @cached_property
    def path_of(self) -> Callable[[Point, Point], list[Point]]:
        """Return the walk along the streets between two places, empty without one; answers are kept."""
        network = self.network
        return lru_cache(STARTS_KEPT)(lambda start, end: network.walk_path(start, end) if network else [])

    def _walks(self, places: Sequence[Point], snap: Snap | None = None) -> list[list[Walk]]:
        by_pickup = [walks(self.network, p.id, p.point, places, snap) for p in self.pickups]
        return [sorted(options, key=lambda walk: walk.metres) for options in zip(*by_pickup, strict=True)]

    def walks_to(self, target: Named) -> dict[str, Walk]:
        """Return the walk between each venue and a chosen place, by venue id."""
        found = walks(self.network, target.id, target.point, self._points, self._snap)
        return dict(zip(self.venue, found, strict=True))

    @cached_property
    def named(self) -> dict[str, Named]:
        """Everything `near` may name: pick-ups, listings and venues."""
        places: list[Pickup | Venue] = [*self._both[1], *self.world.listings, *self.venues, *self.pickups]
        return {place.id: Named(place.id, place.name, place.point) for place in places}

    def get_named(self, near: str | Point | None) -> Named:
        """Return a place by id, or a position as a place; the middle of Kayutangan for None.

        Raises OutOfRangeError for an id that is not there, and for a position too far away to walk from.
        """
        if isinstance(near, Point):
            if all(distance_m(near, p.point) > NEARBY_M for p in self.pickups):
                text = "This position is more than {km} km from every pick-up."
                raise OutOfRangeError({"near": Message("TOO_FAR", text, km=round(NEARBY_M / 1000))})
            return Named(f"{near.lat:.5f},{near.lon:.5f}", f"{near.lat:.5f}, {near.lon:.5f}", near)
        wanted = near or (CENTRE if CENTRE in self.named else self.pickups[0].id)
        if wanted not in self.named:
            text = "There is no place {place}. Use the id of a venue or pick-up, or latitude,longitude."
            raise OutOfRangeError({"near": Message("UNKNOWN_PLACE", text, place=wanted)})
        return self.named[wanted]

    @cached_property
    def outlines(self) -> dict[str, BaseGeometry]:
        """The rough outlines of the municipalities, in degrees, by name."""
        return outlines_of((corner.municipality, Point(corner.lat, corner.lon)) for corner in self.world.outlines)

    @cached_property
    def zone(self) -> BaseGeometry:
        """The buffer zone, in degrees; empty without streets."""
        if self.network is None:
            return shapely.Polygon()
        return walking_zone(self.network, [p.point for p in self.pickups], ZONE_M)

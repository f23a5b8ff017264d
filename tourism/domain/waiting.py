"""Where to wait: venues, whether they stay open, and the walk to the vehicle."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from tourism.domain import hours
from tourism.domain.calendar import Window
from tourism.domain.venue import Amenity, Known, Venue
from tourism.geo.crs import Point, distance_m
from tourism.geo.network import SNAP_LIMIT_M, WALK_M_S, StreetNetwork

# Streets are longer than the straight line; the median over the venues inside data/kayutangan.osm is 1.35
# (tests/domain/test_waiting.py measures it again).
DETOUR = 1.35
ZONE_M = 500.0
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
class Walk:
    """A walk along the street, or a straight-line estimate where the street network does not reach."""

    to: str
    metres: int
    minutes: int
    estimated: bool


@dataclass(frozen=True)
class Spot:
    """A venue in one window: whether it stays open, and the walk to the vehicle."""

    venue: Venue
    answer: hours.Answer
    walk: Walk


def walks(network: StreetNetwork | None, pickup_id: str, pickup: Point, places: Sequence[Point]) -> list[Walk]:
    """Return the walk from each place to one pick-up; minutes are rounded up."""
    if not places:
        return []
    if network is None:
        return [_straight(pickup_id, pickup, place) for place in places]
    seconds = network.times_s(pickup, places)
    off = network.snap([pickup, *places]).off_m
    near = off[0] <= SNAP_LIMIT_M
    return [
        Walk(pickup_id, round(s * WALK_M_S), ceil(s / 60), False)
        if near and metres <= SNAP_LIMIT_M and s < float("inf")
        else _straight(pickup_id, pickup, place)
        for place, s, metres in zip(places, seconds.tolist(), off[1:].tolist(), strict=True)
    ]


def _straight(pickup_id: str, pickup: Point, place: Point) -> Walk:
    metres = distance_m(pickup, place) * DETOUR
    return Walk(pickup_id, round(metres), ceil(metres / WALK_M_S / 60), True)


def nearby(venues: Iterable[Venue], pickups: Sequence[Pickup]) -> list[Venue]:
    """Return the venues near enough to a pick-up to wait there."""
    return [v for v in venues if any(distance_m(v.point, p.point) <= NEARBY_M for p in pickups)]


def passes(venue: Venue, needs: Iterable[Amenity]) -> bool:
    """Tell whether a venue may meet every need: only a known "no" excludes it."""
    return all(venue.has(need) is not Known.NO for need in needs)


_BEST_FIRST = {opening: rank for rank, opening in enumerate(hours.Opening)}


def usefulness(spot: Spot, needs: Sequence[Amenity]) -> tuple[int, int, float, int, str]:
    """Sort key: open longest first, then needs known to be met, then the walk; names break ties."""
    until = spot.answer.until.timestamp() if spot.answer.until else 0.0
    met = sum(spot.venue.has(need) is Known.YES for need in needs)
    return _BEST_FIRST[spot.answer.opening], -met, -until, spot.walk.minutes, spot.venue.name


def spots(venues: Sequence[Venue], walk_of: dict[str, Walk], window: Window, needs: Sequence[Amenity]) -> list[Spot]:
    """Return the venues that may meet the needs, most useful first."""
    found = [
        Spot(venue, hours.over(venue.opening_hours, window), walk_of[venue.id])
        for venue in venues
        if passes(venue, needs)
    ]
    return sorted(found, key=lambda spot: usefulness(spot, needs))

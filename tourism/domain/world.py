"""What is stored, as one consistent reading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tourism.domain.brand import JOINT, PLAIN, Brand
from tourism.domain.campaign import Campaign
from tourism.domain.corridor import Almanac
from tourism.domain.evidence import Evidence, Freshness
from tourism.domain.hours import TemporaryHours
from tourism.domain.measures import Indicator, QuickWin
from tourism.domain.review import Question
from tourism.domain.scenario import Assumption, Visitors
from tourism.domain.sharing import Provider
from tourism.domain.venue import Venue
from tourism.domain.waiting import Outline, Pickup
from tourism.geo.network import StreetNetwork
from tourism.geo.osm import PlaceElement


@dataclass(frozen=True)
class Snapshot:
    """One complete import of OSM."""

    imported_at: datetime
    source: str
    digest: str
    network: StreetNetwork
    places: Sequence[PlaceElement]


@dataclass(frozen=True)
class LoadedFile:
    """The rows of one data file, all of one kind, and the digest of its content."""

    name: str
    kind: type[Any]
    digest: str
    rows: Sequence[Any]


@dataclass(frozen=True, eq=False)
class World:
    """Everything the pages are computed from, as one consistent reading of the database."""

    version: int
    almanac: Almanac
    pickups: Sequence[Pickup]
    listings: Sequence[Venue]
    snapshot: Snapshot | None
    evidence: Sequence[Evidence] = ()
    temporary_hours: Sequence[TemporaryHours] = ()
    freshness: Freshness = field(default_factory=Freshness)
    questions: Sequence[Question] = ()
    outlines: Sequence[Outline] = ()
    providers: Mapping[str, Provider] = field(default_factory=dict)  # of listings that came from elsewhere, by id
    brands: Sequence[Brand] = ()
    campaigns: Sequence[Campaign] = ()
    indicators: Sequence[Indicator] = ()
    quick_wins: Sequence[QuickWin] = ()
    assumptions: Sequence[Assumption] = ()
    visitors: Sequence[Visitors] = ()

    def brand(self, brand_id: str) -> Brand:
        """Return a brand; the joint one for an id that has none, and a plain one while there is none at all."""
        known = {brand.id: brand for brand in self.brands}
        return known.get(brand_id) or known.get(JOINT, PLAIN)  # type: ignore[call-overload,no-any-return]

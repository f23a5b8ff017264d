"""What is known about a venue, who says so, and how much an old word is still worth."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from functools import cached_property


class Known(StrEnum):
    """Three values: not knowing is one of them."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Amenity(StrEnum):
    """What people need while they wait; each is yes, no or unknown, and can be asked for."""

    TOILET = "toilet"
    PRAYER_ROOM = "prayer_room"
    INDOOR = "indoor"
    POWER = "power"
    WIFI = "wifi"
    PARKING_CAR = "parking_car"
    PARKING_MOTORCYCLE = "parking_motorcycle"
    PARKING_OVERNIGHT = "parking_overnight"
    SMOKING = "smoking"
    CHILD_FRIENDLY = "child_friendly"
    STEP_FREE = "step_free"


class Detail(StrEnum):
    """What has a figure: places to sit, the clock time of the last exit from the parking, Rupiah a person."""

    SEATS = "seats"
    PARKING_LAST_EXIT = "parking_last_exit"
    PRICE_RANGE = "price_range"


_SHAPES: dict[Amenity | Detail, tuple[str, str]] = {
    Detail.SEATS: (r"\d{1,4}", "a number of seats"),
    Detail.PARKING_LAST_EXIT: (r"([01]\d|2[0-4]):[0-5]\d", "a time such as 23:30"),
    Detail.PRICE_RANGE: (r"\d{1,8}-\d{1,8}", "Rupiah from-to, such as 15000-40000"),
}


class Rank(IntEnum):
    """Whose word counts more; the lowest wins."""

    LISTING = 0
    OSM = 1
    ESTIMATE = 2


@dataclass(frozen=True)
class Source:
    """Who says something, and when that was written; None if that is not said."""

    name: str
    rank: Rank
    as_of: date | None = None

    @property
    def order(self) -> tuple[int, int]:
        """Sort key: listing before OSM before estimate, newer before older, undated last."""
        return self.rank, -self.as_of.toordinal() if self.as_of else 0


@dataclass(frozen=True)
class Fact:
    """One value with its source; an amenity's value is "yes" or "no"."""

    value: str
    source: Source


@dataclass(frozen=True)
class Evidence:
    """One row of data/evidence.csv; raises ValueError for a value that its field can't have."""

    venue: str
    field: Amenity | Detail
    value: str
    source: str
    as_of: date

    def __post_init__(self) -> None:
        pattern, meaning = _SHAPES.get(self.field, ("yes|no", "yes or no"))
        if not re.fullmatch(pattern, self.value, re.ASCII):
            raise ValueError(f"{self.field} must be {meaning}")

    @property
    def fact(self) -> Fact:
        """The value as a listing's word."""
        return Fact(self.value, Source(self.source, Rank.LISTING, self.as_of))


@dataclass(frozen=True)
class HalfLife:
    """After how many days every second word about a field is out of date: an estimate, with its basis."""

    field: str
    half_life_days: int
    basis: str
    confidence: str


class Age(StrEnum):
    """How far a word can be relied on by its age."""

    FRESH = "fresh"
    STALE = "stale"
    UNDATED = "undated"


STALE = 0.5
USUAL_HALF_LIFE_DAYS = 365


@dataclass(frozen=True, eq=False)
class Freshness:
    """Confidence by age, field by field."""

    half_lives: Sequence[HalfLife] = ()

    def confidence(self, field: str, as_of: date | None, today: date) -> float | None:
        """Return the chance that a word still holds, halved with each half-life; None for an undated one."""
        if as_of is None:
            return None
        return float(0.5 ** (max((today - as_of).days, 0) / self._days.get(field, USUAL_HALF_LIFE_DAYS)))

    @cached_property
    def _days(self) -> Mapping[str, int]:
        return {row.field: row.half_life_days for row in self.half_lives}

    def age(self, field: str, as_of: date | None, today: date) -> Age:
        """Tell whether a word is fresh: stale is one that holds no more often than not."""
        confidence = self.confidence(field, as_of, today)
        if confidence is None:
            return Age.UNDATED
        return Age.FRESH if confidence > STALE else Age.STALE

"""Whether it works: indicators of the smart-city components, each computed from what this service itself keeps.

What nobody has recorded is not known: a value is None then, never zero. Nothing here is typed in by hand but targets.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from typing import Literal

from tourism.domain.calendar import EVENING, at
from tourism.domain.campaign import Step
from tourism.domain.waiting import BOARD_MIN

WEEKS = timedelta(days=28)
QUARTER = timedelta(days=90)
PROMPT = timedelta(days=7)
FIRST_VENUES = 10
Component = Literal["governance", "branding", "economy", "living", "society", "environment"]


@dataclass(frozen=True)
class Indicator:
    """What is measured, how, from which table, who answers for it, and what is aimed at by the end of which year."""

    id: str
    component: Component
    name: str
    definition: str
    unit: str
    formula: str
    source: str
    owner: str
    better: Literal["up", "down"]
    target: float
    target_year: int
    basis: str

    def reaches(self, value: float) -> bool:
        """Tell whether a value is as good as the target."""
        return value >= self.target if self.better == "up" else value <= self.target


@dataclass(frozen=True)
class QuickWin:
    """Something small that is done to move an indicator: planned, started, measured, each with its date."""

    name: str
    indicator: str
    owner: str
    planned_on: date
    basis: str
    started_on: date | None = None
    measured_on: date | None = None

    def __post_init__(self) -> None:
        """Refuse dates in another order."""
        if self.measured_on and (self.started_on is None or self.measured_on < self.started_on):
            raise ValueError("It is measured after it was started.")


@dataclass(frozen=True)
class Measurement:
    """An indicator's value on a day; None where it is not known. `cases` is how many things it was computed from."""

    indicator: str
    day: date
    value: float | None
    cases: int


@dataclass(frozen=True)
class Stay:
    """A party that had a turn: when it joined, when it was to leave, in which vehicle, and where it waited."""

    night: date
    departure: str
    size: int
    joined_at: datetime
    leave_at: datetime
    venue: str | None


@dataclass(frozen=True)
class Described:
    """A listing or waiting spot as far as measures ask: when it was checked, what it says, whether it has a toilet."""

    as_of: date | None
    two_languages: bool
    toilet: bool


@dataclass(frozen=True)
class Observed:
    """What was observed up to an instant.

    `reviews` are pairs of submission and decision, `reports` of what was said and when the office looked, None if it
    has not. `visits` are visitors by step, `lit` the metres known to be lit, known to be dark, and all there are.
    `avoided` are minutes spared at the gate by vehicle.
    """

    now: datetime
    reviews: Sequence[tuple[datetime, datetime]] = ()
    reports: Sequence[tuple[datetime, datetime | None]] = ()
    visits: Mapping[str, int] = field(default_factory=dict)
    listings: Sequence[Described] = ()
    spots: Sequence[Described] = ()
    stays: Sequence[Stay] = ()
    lit: tuple[float, float, float] = (0.0, 0.0, 0.0)
    avoided: Sequence[float] = ()


Value = tuple[float | None, int]


def _share(hits: Iterable[bool]) -> Value:
    found = list(hits)
    return (100 * sum(found) / len(found) if found else None), len(found)


def _review(seen: Observed) -> Value:
    hours = [(done - asked) / timedelta(hours=1) for asked, done in seen.reviews if seen.now - done <= QUARTER]
    return (median(hours) if hours else None), len(hours)


def _fresh(seen: Observed) -> Value:
    since = (seen.now - QUARTER).date()
    return _share(one.as_of is not None and one.as_of >= since for one in seen.listings)


def _scans(seen: Observed) -> Value:
    scans = seen.visits.get(Step.SCAN, 0)
    return float(scans), scans


def _from_scan(step: Step) -> Callable[[Observed], Value]:
    def value(seen: Observed) -> Value:
        scans = seen.visits.get(Step.SCAN, 0)
        return (100 * seen.visits.get(step, 0) / scans if scans else None), scans

    return value


def seat_hours(stay: Stay) -> float:
    """Return for how many hours a party's people sit in Kayutangan after 22:00 of its night."""
    begins = max(stay.joined_at, at(stay.night, EVENING))
    boards = stay.leave_at - timedelta(minutes=BOARD_MIN)
    return stay.size * max((boards - begins) / timedelta(hours=1), 0.0) if stay.venue else 0.0


def _seat_hours(seen: Observed) -> Value:
    nights = {stay.night for stay in seen.stays}
    return (sum(map(seat_hours, seen.stays)) / len(nights) if nights else None), len(nights)


def _beyond(seen: Observed) -> Value:
    people = Counter[str]()
    for stay in seen.stays:
        if stay.venue:
            people[stay.venue] += stay.size
    first = sum(number for _, number in people.most_common(FIRST_VENUES))
    return (100 * (1 - first / people.total()) if people.total() else None), people.total()


def _lit(seen: Observed) -> Value:
    lit, dark, walkable = seen.lit
    return (100 * lit / walkable if lit or dark else None), round(walkable)


def _answered(seen: Observed) -> Value:
    """Count what was looked at in a week, of what was looked at or has had its week."""
    recent = [(said, looked) for said, looked in seen.reports if seen.now - said <= QUARTER]
    due = [(said, looked) for said, looked in recent if looked or seen.now - said > PROMPT]
    return _share(looked is not None and looked - said <= PROMPT for said, looked in due)


def _avoided(seen: Observed) -> Value:
    return (sum(seen.avoided) / len(seen.avoided) if seen.avoided else None), len(seen.avoided)


def _per_vehicle(seen: Observed) -> Value:
    vehicles = {(stay.night, stay.departure) for stay in seen.stays}
    people = sum(stay.size for stay in seen.stays)
    return (people / len(vehicles) if vehicles else None), len(vehicles)


FORMULAS: Mapping[str, Callable[[Observed], Value]] = {
    "review_p50": _review,
    "fresh": _fresh,
    "scans": _scans,
    "scan_to_plan": _from_scan(Step.PLAN),
    "scan_to_turn": _from_scan(Step.TURN),
    "seat_hours": _seat_hours,
    "beyond_ten": _beyond,
    "toilets": lambda seen: _share(spot.toilet for spot in seen.spots),
    "lit": _lit,
    "two_languages": lambda seen: _share(spot.two_languages for spot in seen.spots),
    "answered": _answered,
    "minutes_avoided": _avoided,
    "per_vehicle": _per_vehicle,
}


def measure(seen: Observed, indicators: Iterable[Indicator]) -> list[Measurement]:
    """Return the value of each indicator by what was observed."""
    day = seen.now.date()
    return [Measurement(one.id, day, *FORMULAS[one.id](seen)) for one in indicators if one.id in FORMULAS]

"""Whether it works: indicators of the smart-city components, each computed from what this service itself keeps.

What nobody has recorded is not known: a value is None then, never zero. Nothing here is typed in by hand but targets.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from typing import Annotated, Literal

from pydantic import AfterValidator

from tourism.domain.calendar import EVENING, at
from tourism.domain.campaign import Stage
from tourism.domain.departure import Vehicle
from tourism.domain.waiting import BOARD_MIN

WEEKS = timedelta(days=28)
QUARTER = timedelta(days=90)
PROMPT = timedelta(days=7)
FIRST_VENUES = 10
EVERYTHING = 100  # %
Component = Literal["governance", "branding", "economy", "living", "society", "environment"]


def _targets(value: str) -> str:
    """Refuse what can't be read as a value by the end of each year."""
    pairs = value.split()
    if not pairs or not all(re.fullmatch(r"20\d\d=\d{1,9}(\.\d{1,3})?", pair, re.ASCII) for pair in pairs):
        raise ValueError("Write targets as 2027=80 2030=95.")
    if len({pair[:4] for pair in pairs}) < len(pairs):
        raise ValueError("A year has one target.")
    return " ".join(sorted(pairs))


@dataclass(frozen=True)
class Indicator:
    """What is measured, how, from which table, who answers for it, and what is aimed at by the end of each year."""

    id: str
    component: Component
    name: str
    definition: str
    unit: str
    formula: str
    source: str
    owner: str
    better: Literal["up", "down"]
    targets: Annotated[str, AfterValidator(_targets)]
    basis: str

    def __post_init__(self) -> None:
        """Refuse more than everything."""
        if self.unit == "%" and max(self.target.values()) > EVERYTHING:
            raise ValueError("A share is at most 100 %.")

    @property
    def target(self) -> Mapping[int, float]:
        """What is aimed at, by the end of each year."""
        return {int(year): float(value) for year, value in (pair.split("=") for pair in self.targets.split())}

    def target_of(self, year: int) -> tuple[int, float]:
        """Return the target that a year works towards, with its own year: the next one, or the last."""
        ahead = [one for one in self.target if one >= year]
        chosen = min(ahead, default=max(self.target))
        return chosen, self.target[chosen]

    def reaches(self, value: float, year: int) -> bool:
        """Tell whether a value is as good as the target that a year works towards."""
        target = self.target_of(year)[1]
        return value >= target if self.better == "up" else value <= target


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

    def state(self, today: date) -> str:
        """Tell where it stands: what lies ahead has not happened."""
        if self.measured_on and self.measured_on <= today:
            return "measured"
        return "started" if self.started_on and self.started_on <= today else "planned"

    def __post_init__(self) -> None:
        """Refuse to measure what was not started."""
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
    vehicle: str


@dataclass(frozen=True)
class Observed:
    """What was observed up to an instant.

    `reviews` are pairs of submission and decision, `reports` of what was said and when the office looked, None if it
    has not. `visits` are visitors by step, of `links` short links; `checked` is when the hours of each listing were
    checked, `toilets` and `described` tell for each waiting spot whether a toilet is known, and both languages are
    there. `lit` are the metres known to be lit, known to be dark, and all there are; `avoided` are minutes spared at
    the gate by vehicle.
    """

    now: datetime
    reviews: Sequence[tuple[datetime, datetime]] = ()
    reports: Sequence[tuple[datetime, datetime | None]] = ()
    visits: Mapping[str, int] = field(default_factory=dict)
    links: int = 0
    checked: Sequence[date | None] = ()
    toilets: Sequence[bool] = ()
    described: Sequence[bool] = ()
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
    return _share(as_of is not None and as_of >= since for as_of in seen.checked)


def _scans(seen: Observed) -> Value:
    scans = seen.visits.get(Stage.SCAN, 0)
    return (float(scans) if seen.links or scans else None), scans


def _from_scan(step: Stage) -> Callable[[Observed], Value]:
    def value(seen: Observed) -> Value:
        scans = seen.visits.get(Stage.SCAN, 0)
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
    due = [(said, looked) for said, looked in seen.reports if looked or seen.now - said > PROMPT]
    return _share(looked is not None and looked - said <= PROMPT for said, looked in due)


def _avoided(seen: Observed) -> Value:
    return (sum(seen.avoided) / len(seen.avoided) if seen.avoided else None), len(seen.avoided)


def _per_vehicle(seen: Observed) -> Value:
    stays = [stay for stay in seen.stays if stay.vehicle != Vehicle.MOTORCYCLES]  # a group of them is one departure
    vehicles = {(stay.night, stay.departure) for stay in stays}
    people = sum(stay.size for stay in stays)
    return (people / len(vehicles) if vehicles else None), len(vehicles)


FORMULAS: Mapping[str, Callable[[Observed], Value]] = {
    "review_p50": _review,
    "fresh": _fresh,
    "scans": _scans,
    "scan_to_plan": _from_scan(Stage.PLAN),
    "scan_to_turn": _from_scan(Stage.TURN),
    "seat_hours": _seat_hours,
    "beyond_ten": _beyond,
    "toilets": lambda seen: _share(seen.toilets),
    "lit": _lit,
    "two_languages": lambda seen: _share(seen.described),
    "answered": _answered,
    "minutes_avoided": _avoided,
    "per_vehicle": _per_vehicle,
}


def measure(seen: Observed, indicators: Iterable[Indicator]) -> list[Measurement]:
    """Return the value of each indicator by what was observed."""
    day = seen.now.date()
    return [Measurement(one.id, day, *FORMULAS[one.id](seen)) for one in indicators if one.id in FORMULAS]

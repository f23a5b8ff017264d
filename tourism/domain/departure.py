"""Departures of a night, the parties that take part, and the book that keeps them with every change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from tourism.domain.calendar import ONE_DAY
from tourism.domain.corridor import require
from tourism.domain.crowds import RateChange

MOST_SEATS = 60
MOST_OF_A_NIGHT = 2_500  # departures; three gates of three a minute pass fewer in the hours that matter
WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


class Vehicle(StrEnum):
    """What leaves; motorcycles leave as a group."""

    JEEP = "jeep"
    MINIBUS = "minibus"
    MOTORCYCLES = "motorcycles"
    CAR = "car"


class State(StrEnum):
    """Where a departure stands, in order; slots make it PLANNED or SLOTTED, people say the rest."""

    PLANNED = "planned"
    SLOTTED = "slotted"
    BOARDING = "boarding"
    LEFT = "left"
    ARRIVED = "arrived"
    CANCELLED = "cancelled"

    def may_become(self, other: "State") -> bool:
        """Tell whether a person may say so: forwards only, and nothing is cancelled once it has left."""
        order = list(State)
        if self in (State.ARRIVED, State.CANCELLED) or other in (State.PLANNED, State.SLOTTED):
            return False
        return order.index(other) > order.index(self) and not (other is State.CANCELLED and self is State.LEFT)


GONE = (State.LEFT, State.ARRIVED)


@dataclass(frozen=True)
class Departure:
    """One vehicle or convoy of a night, in order of publication; `own` is a party's own vehicle.

    `ready_at` is the instant before which it can't leave, when it is said to be late. Without a slot the times are
    None; `gate_at` alone is None where the way passes no gate.
    """

    id: str
    night: date
    operator: str
    label: str
    vehicle: Vehicle
    seats: int
    pickup: str
    viewpoint: str
    approach: str
    published_at: datetime
    own: bool = False
    state: State = State.PLANNED
    ready_at: datetime | None = None
    leave_at: datetime | None = None
    gate_at: datetime | None = None
    climb_at: datetime | None = None

    @property
    def number(self) -> int:
        """Return its number in the night."""
        return int(self.id.rpartition("-")[2])

    def has_left(self, now: datetime) -> bool:
        """Tell whether it is on the road: it is said so, or its time has come and nothing else is said."""
        passed = self.leave_at is not None and self.leave_at <= now and not self.ready_at
        return self.state in GONE or (passed and self.state is not State.CANCELLED)


@dataclass(frozen=True)
class Party:
    """People who travel with a departure; of who they are only the size is known.

    `reporter` is a digest that can't be undone after the day; `spot` is where they may wait.
    """

    night: date
    code: str
    departure: str
    size: int
    joined_at: datetime
    reporter: str
    spot: str | None = None


@dataclass(frozen=True)
class GateReport:
    """What somebody said about a gate or the climb of a night: so many pass a minute between two minutes; 0 is shut."""

    night: date
    server: str
    start: int
    end: int
    vehicles_per_min: float
    said_at: datetime
    said_by: str

    @property
    def change(self) -> RateChange:
        """What it changes."""
        return RateChange(self.server, self.start, self.end, self.vehicles_per_min)


class What(StrEnum):
    """What changed."""

    PUBLISHED = "published"
    STATE = "state"
    LEAVE = "leave"
    GATE = "gate"
    LATE = "late"
    JOINED = "joined"
    WITHDREW = "withdrew"


@dataclass(frozen=True)
class Change:
    """One line of the log: what changed, from what to what, why, and who said so; instants are written in ISO."""

    night: date
    departure: str
    at: datetime
    by: str
    what: What
    before: str = ""
    after: str = ""
    reason: str = ""


@dataclass(frozen=True)
class NightBook:
    """Everything that is registered for one night; `changes` are in order."""

    night: date
    departures: tuple[Departure, ...] = ()
    parties: tuple[Party, ...] = ()
    reports: tuple[GateReport, ...] = ()
    changes: tuple[Change, ...] = ()

    @cached_property
    def departure(self) -> Mapping[str, Departure]:
        """Departures by id."""
        return {departure.id: departure for departure in self.departures}

    @cached_property
    def taken(self) -> Mapping[str, int]:
        """Seats taken by id of the departure."""
        found = dict.fromkeys(self.departure, 0)
        for party in self.parties:
            found[party.departure] += party.size
        return found

    def seats_left(self, departure: Departure) -> int:
        """Return how many more people fit in."""
        return departure.seats - self.taken[departure.id]

    def find_party(self, code: str) -> Party | None:
        """Return a party by its code."""
        return next((party for party in self.parties if party.code == code.upper()), None)

    def with_departure(self, *changed: Departure) -> "NightBook":
        """Return the book with departures added, or put in place of those with the same ids."""
        return replace(self, departures=tuple({**self.departure, **{d.id: d for d in changed}}.values()))

    def with_change(self, *changes: Change) -> "NightBook":
        """Return the book with lines added to its log."""
        return replace(self, changes=(*self.changes, *changes))

    def next_ids(self, number: int) -> list[str]:
        """Return ids for new departures."""
        last = max((departure.number for departure in self.departures), default=0)
        return [f"{self.night:%y%m%d}-{last + n:03}" for n in range(1, number + 1)]


@dataclass(frozen=True)
class Template:
    """A line of a weekly timetable: `number` vehicles on some weekdays of the sunrise, but not on excepted dates.

    Days and dates are separated by ";"; no days are all days.
    """

    operator: str
    label: str
    vehicle: Vehicle
    seats: int
    pickup: str
    viewpoint: str
    approach: str
    first: date
    last: date
    days: str = ""
    excepted: str = ""
    number: int = 1

    def __post_init__(self) -> None:
        """Refuse what no timetable has."""
        require(bool(self.operator and self.label), "a departure names its operator, and a label the operator knows")
        require(1 <= self.seats <= MOST_SEATS, f"a departure has 1 to {MOST_SEATS} seats")
        require(1 <= self.number <= MOST_OF_A_NIGHT, f"a line stands for 1 to {MOST_OF_A_NIGHT} vehicles")
        require(self.first <= self.last, "the last date comes after the first")
        unknown = set(filter(None, self.days.split(";"))) - set(WEEKDAYS)
        require(not unknown, "days are Mo;Tu;We;Th;Fr;Sa;Su")
        _ = self._excepted

    @cached_property
    def _excepted(self) -> set[date]:
        try:
            return {date.fromisoformat(day) for day in self.excepted.split(";") if day}
        except ValueError as error:
            raise ValueError("excepted dates are written as 2026-12-05;2026-12-12") from error

    def nights(self) -> Iterator[date]:
        """Yield the service dates."""
        for n in range((self.last - self.first).days + 1):
            night = self.first + n * ONE_DAY
            if WEEKDAYS[night.weekday()] in (self.days or ";".join(WEEKDAYS)) and night not in self._excepted:
                yield night

    @property
    def labels(self) -> list[str]:
        """Return the label of each vehicle."""
        return [self.label] if self.number == 1 else [f"{self.label} {n}" for n in range(1, self.number + 1)]

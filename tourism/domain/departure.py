"""Departures of a night, the parties that take part, and the book that keeps them with every change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from tourism.domain.calendar import ONE_DAY
from tourism.domain.corridor import require
from tourism.domain.gate_report import GateReport

MOST_SEATS = 60
LONGEST_NAME = 80
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
        """Tell whether a person may say so: a later state, or PLANNED to take back what was said by mistake."""
        return other in _NEXT[self]


_NEXT = {
    State.PLANNED: (State.BOARDING, State.LEFT, State.ARRIVED, State.CANCELLED),
    State.SLOTTED: (State.BOARDING, State.LEFT, State.ARRIVED, State.CANCELLED),
    State.BOARDING: (State.LEFT, State.ARRIVED, State.CANCELLED, State.PLANNED),
    State.LEFT: (State.ARRIVED, State.PLANNED),
    State.ARRIVED: (State.PLANNED,),
    State.CANCELLED: (State.PLANNED,),
}
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
        passed = self.leave_at is not None and self.leave_at <= now
        waits = self.ready_at is not None and self.leave_at is not None and self.leave_at < self.ready_at
        return self.state in GONE or (passed and not waits and self.state is not State.CANCELLED)

    def is_ahead(self, now: datetime) -> bool:
        """Tell whether it is still to leave: neither on the road nor cancelled."""
        return self.state is not State.CANCELLED and not self.has_left(now)


@dataclass(frozen=True)
class Party:
    """People who travel with a departure; of who they are only the size is known. `spot` is where they may wait."""

    night: date
    code: str
    departure: str
    size: int
    joined_at: datetime
    spot: str | None = None


class What(StrEnum):
    """What changed."""

    PUBLISHED = "published"
    STATE = "state"
    LEAVE = "leave"
    GATE = "gate"
    LATE = "late"
    EDITED = "edited"
    MESSAGE = "message"
    JOINED = "joined"
    WITHDREW = "withdrew"


@dataclass(frozen=True)
class Change:
    """One line of the log: what changed, from what to what, why, and who said so; instants are written in ISO.

    A visitor is a digest that can't be undone after the day. For a gate `before` is its id; of a message to the board
    `after` is the Indonesian text and `before` the English one, both empty when it is taken down.
    """

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

    @cached_property
    def here(self) -> tuple[Departure, ...]:
        """Departures that are not cancelled."""
        return tuple(d for d in self.departures if d.state is not State.CANCELLED)

    @property
    def number(self) -> int:
        """Return how many departures are not cancelled."""
        return len(self.here)

    def seats_left(self, departure: Departure) -> int:
        """Return how many more people fit in."""
        return departure.seats - self.taken[departure.id]

    @cached_property
    def reports_in_force(self) -> tuple[GateReport, ...]:
        """What was said about gates, without what was said again later for all of its minutes."""
        return tuple(
            report
            for n, report in enumerate(self.reports)
            if not any(
                later.server == report.server and later.start <= report.start and report.end <= later.end
                for later in self.reports[n + 1 :]
            )
        )

    @cached_property
    def message(self) -> Change | None:
        """The message on the board, None when there is none."""
        last = next((change for change in reversed(self.changes) if change.what is What.MESSAGE), None)
        return last if last and last.after else None

    def find_party(self, code: str) -> Party | None:
        """Return a party by its code."""
        return next((party for party in self.parties if party.code == code.upper()), None)

    def with_departure(self, *changed: Departure) -> "NightBook":
        """Return the book with departures added, or put in place of those with the same ids."""
        return replace(self, departures=tuple({**self.departure, **{d.id: d for d in changed}}.values()))

    def without(self, departure: Departure) -> "NightBook":
        """Return the book without a departure; its lines in the log stay."""
        return replace(self, departures=tuple(d for d in self.departures if d.id != departure.id))

    def with_change(self, *changes: Change) -> "NightBook":
        """Return the book with lines added to its log."""
        return replace(self, changes=(*self.changes, *changes))

    def next_ids(self, number: int) -> list[str]:
        """Return ids for new departures."""
        ids = [*self.departure, *(change.departure for change in self.changes if change.departure)]
        last = max((int(id_.rpartition("-")[2]) for id_ in ids), default=0)  # a number is never given twice
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
        for text in (self.operator, self.label):
            readable = text.strip() == text and text.isprintable() and 0 < len(text) <= LONGEST_NAME
            require(readable, f"a departure names its operator and has a label, each of up to {LONGEST_NAME} signs")
        require(1 <= self.seats <= MOST_SEATS, f"a departure has 1 to {MOST_SEATS} seats")
        require(1 <= self.number <= MOST_OF_A_NIGHT, f"a line stands for 1 to {MOST_OF_A_NIGHT} vehicles")
        require(self.first <= self.last, "the last date is before the first")
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

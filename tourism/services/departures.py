"""What is said about the departures of a night: their states, delays, and how fast a gate is.

Every action opens the night's book, changes it by a rule, gives slots and waiting spots again, and writes what differs.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from tourism.domain.calendar import NOON, WIB, at, check_date
from tourism.domain.corridor import Almanac
from tourism.domain.departure import GONE, Change, Departure, NightBook, State, What
from tourism.domain.gate_report import GateReport
from tourism.domain.night_grid import MINUTES, clock_minute, minute_of
from tourism.domain.occupancy import in_force
from tourism.domain.slotting import give_slots
from tourism.errors import ForbiddenError, Message, NotFoundError, OutOfRangeError
from tourism.services.plans import tonight
from tourism.services.ports import Ports, UnitOfWork
from tourism.services.seats import seat_parties
from tourism.services.town import Town

FASTEST, SLOWEST = 60.0, 0.2  # vehicles a minute that a gate may be said to let through
NOT_THERE = Message("DEPARTURE_GONE", "This departure has left or was cancelled.")


@dataclass(frozen=True)
class Action:
    """What every action needs: the outside, the town as it is, and who acts."""

    ports: Ports
    town: Town
    by: str
    preview: bool = False  # then nothing is kept
    operator: str | None = None  # then only this operator's departures are touched

    def check_own(self, operator: str) -> None:
        """Raise ForbiddenError for another operator's departure."""
        if self.operator is not None and operator != self.operator:
            raise ForbiddenError(Message("OTHER_OPERATOR", "This departure is another operator's."))

    def fresh(self, uow: UnitOfWork) -> "Action":
        """Return the action on the town as it is now: a closure may have been kept since this one was read."""
        if uow.version() == self.town.world.version:
            return self
        return replace(self, town=Town(uow.read(self.town.world.snapshot)))

    @property
    def almanac(self) -> Almanac:
        """What slots are computed from."""
        return self.town.world.almanac

    def write(
        self, uow: UnitOfWork, before: NightBook, after: NightBook, now: datetime
    ) -> tuple[NightBook, dict[str, str]]:
        """Give slots and waiting spots again and write the book; returns it, and why some departures got no slot."""
        slotted, why = give_slots(self.almanac, after, now, self.by)
        live = in_force(self.ports.reader.occupancies(), now)
        seated = seat_parties(self.town, slotted, now, live)
        uow.write_book(before, seated)
        return seated, why

    def change(self, night: date, rule: Callable[[NightBook, datetime], NightBook]) -> NightBook:
        """Change a night's book by a rule, in one transaction; returns it as it is then."""
        now = self.ports.now()
        with self.ports.unit_of_work() as uow:
            book = uow.open_book(night)
            after, _ = self.fresh(uow).write(uow, book, rule(book, now), now)
            if not self.preview:
                uow.commit()
        return after


def check_night(town: Town, night: date, now: datetime, field: str = "date") -> None:
    """Raise OutOfRangeError for a night that is over, or outside the calendar."""
    this_night = tonight(town, now)
    check_date(night, this_night, field)
    if night < this_night:
        raise OutOfRangeError({field: Message("NIGHT_OVER", "The night of {night} is over.", night=str(night))})


def check_open(night: date, now: datetime) -> None:
    """Raise OutOfRangeError for a night of which nothing can be said any more: the day after its sunrise has begun."""
    if now.astimezone(WIB).date() > night:
        raise OutOfRangeError({"departure": Message("NIGHT_OVER", "The night of {night} is over.", night=str(night))})


def there_already(night: date, operator: str, label: str) -> Message:
    """Say that a vehicle is in a night already."""
    text = "{label} of {operator} is there already on {night}."
    return Message("DUPLICATE_VEHICLE", text, night=str(night), label=label, operator=operator)


def state_change(departure: Departure, state: State, now: datetime, by: str, reason: str = "") -> Change:
    """Return the line of the log for a new state."""
    return Change(departure.night, departure.id, now, by, What.STATE, departure.state, state, reason)


def night_of(id_: str) -> date:
    """Return the night of a departure by its id; raises NotFoundError."""
    try:
        return datetime.strptime(id_.partition("-")[0], "%y%m%d").replace(tzinfo=WIB).date()
    except ValueError as error:
        raise _unknown(id_) from error


def _unknown(id_: str) -> NotFoundError:
    text = "There is no departure {id}. See: tourism departures list"
    return NotFoundError(Message("UNKNOWN_DEPARTURE", text, id=id_))


def get_departure(action: Action, book: NightBook, id_: str) -> Departure:
    """Return a departure by its id; raises NotFoundError, ForbiddenError."""
    if id_ not in book.departure:
        raise _unknown(id_)
    action.check_own(book.departure[id_].operator)
    return book.departure[id_]


def set_state(action: Action, id_: str, state: State, reason: str = "") -> NightBook:
    """Say where a departure stands and why, PLANNED to take back what was said; returns the night as it is then.

    Raises NotFoundError, OutOfRangeError for a step that can't be.
    """

    def rule(book: NightBook, now: datetime) -> NightBook:
        departure = get_departure(action, book, id_)
        if not departure.state.may_become(state):
            text = "A departure that is {before} does not become {after}."
            raise OutOfRangeError({"state": Message("NO_SUCH_STEP", text, before=departure.state, after=state)})
        check_open(book.night, now)
        if state in GONE and now < at(book.night, NOON):
            text = "The night of {night} has not begun: nothing has left yet."
            raise OutOfRangeError({"state": Message("NOT_YET", text, night=str(book.night))})
        after = book.with_departure(replace(departure, state=state))
        if state is State.PLANNED:
            after = _taken_back(book, departure, now)
        return after.with_change(state_change(departure, state, now, action.by, reason))

    return action.change(night_of(id_), rule)


def _taken_back(book: NightBook, departure: Departure, now: datetime) -> NightBook:
    """Return the book with a departure planned again; a slot that others may have by now, or that is over, is gone."""
    names = departure.operator, departure.label  # an own vehicle has none
    if not departure.own and any((d.operator, d.label) == names and d.id != departure.id for d in book.here):
        raise OutOfRangeError({"departure": there_already(book.night, *names)})
    planned = replace(departure, state=State.PLANNED)
    if departure.state is State.CANCELLED or not departure.leave_at or departure.leave_at <= now:
        planned = replace(planned, leave_at=None, gate_at=None, climb_at=None)
    return book.with_departure(planned)


def set_late(action: Action, id_: str, ready_at: datetime) -> NightBook:
    """Say from when on a departure can leave; returns the night then. Raises NotFoundError, OutOfRangeError."""

    def rule(book: NightBook, now: datetime) -> NightBook:
        departure = get_departure(action, book, id_)
        check_open(book.night, now)
        if departure.state not in (State.PLANNED, State.SLOTTED, State.BOARDING):
            raise OutOfRangeError({"departure": NOT_THERE})
        if not 0 <= minute_of(departure.night, ready_at) < MINUTES:
            raise OutOfRangeError({"ready": Message("NOT_THAT_NIGHT", "Say a time between 18:00 and 07:00.")})
        change = Change(book.night, id_, now, action.by, What.LATE, after=ready_at.isoformat(timespec="minutes"))
        return book.with_departure(replace(departure, ready_at=ready_at)).with_change(change)

    return action.change(night_of(id_), rule)


@dataclass(frozen=True)
class GateWord:
    """What is said about a gate between two clock times: so many vehicles a minute, None as usual, or that it is shut.

    No end is the end of the night.
    """

    night: date
    server: str
    vehicles_per_min: float | None
    start: time
    end: time | None = None
    shut: bool = False


def say_rate(action: Action, word: GateWord) -> NightBook:
    """Keep what was said about a gate or the climb; returns the night as it is then. Raises OutOfRangeError."""
    server, rate = action.almanac.server, word.vehicles_per_min
    check_night(action.town, word.night, action.ports.now())
    start, end = clock_minute(word.start), MINUTES if word.end is None else clock_minute(word.end)
    issues: dict[str, Message] = {}
    if word.server not in server:
        text = "There is no gate {id}. Choose one of: {known}."
        issues["gate"] = Message("UNKNOWN_GATE", text, id=word.server, known=", ".join(server))
    elif rate is None:
        rate = server[word.server].vehicles_per_min
    if not (word.shut or (rate is not None and SLOWEST <= rate <= FASTEST) or issues):
        text = "A gate lets {slowest} to {fastest} vehicles through a minute; say that it is shut where it lets none."
        issues["rate"] = Message("RATE_OUT_OF_RANGE", text, slowest=SLOWEST, fastest=FASTEST)
    if not 0 <= start < end <= MINUTES:
        issues["from"] = Message("WINDOW_REVERSED", "Say two times of one night, the earlier one first.")
    if issues:
        raise OutOfRangeError(issues)
    passing = 0.0 if word.shut else rate or 0.0

    def rule(book: NightBook, now: datetime) -> NightBook:
        report = GateReport(word.night, word.server, start, end, passing, now, action.by)
        hours = f"{word.start:%H:%M}-{word.end:%H:%M}" if word.end else f"{word.start:%H:%M}-"
        change = Change(word.night, "", now, action.by, What.GATE, word.server, f"{passing:g}", hours)
        return replace(book, reports=(*book.reports, report)).with_change(change)

    return action.change(word.night, rule)


def slot_again(action: Action, night: date) -> NightBook:
    """Give slots again, for the data changed: a closure, an alert; returns the night as it is then."""
    return action.change(night, lambda book, _: book)

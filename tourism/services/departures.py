"""Departures and parties of a night: publish, join, withdraw, say what happens, and give slots again after each.

Every action opens the night's book, changes it by a rule, gives slots and waiting spots again, and writes it whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from secrets import choice

from tourism.domain.calendar import WIB, check_date
from tourism.domain.corridor import Almanac
from tourism.domain.departure import (
    MOST_OF_A_NIGHT,
    Change,
    Departure,
    GateReport,
    NightBook,
    Party,
    State,
    Template,
    Vehicle,
    What,
)
from tourism.domain.night_grid import MINUTES, clock_minute, minute_of
from tourism.domain.occupancy import in_force
from tourism.domain.slotting import CLOSED, NO_ROOM, TOO_LATE, Offer, give_slots, offers, why_without
from tourism.errors import Message, NotFoundError, OutOfRangeError, TooManyError
from tourism.services.plans import party_issue, tonight
from tourism.services.ports import Ports, UnitOfWork
from tourism.services.reviews import DAY, reporter_of
from tourism.services.seats import seat_parties
from tourism.services.town import Town

CODE_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is taken for another
CODE_LENGTH = 7
PARTIES_A_NIGHT = 5  # by one visitor
FASTEST, SLOWEST = 60.0, 0.2  # vehicles a minute that a gate may be said to let through
OWN = (Vehicle.CAR, Vehicle.MOTORCYCLES)
VISITOR = "visitor"
WHY_NOT = {
    NO_ROOM: Message("NO_ROOM", "No slot is left for this viewpoint by this approach. Take another one."),
    TOO_LATE: Message("TOO_LATE", "It is too late for this viewpoint by this approach. Take another one."),
    CLOSED: Message("WAY_CLOSED", "The way to this viewpoint by this approach is closed on this night."),
}


@dataclass(frozen=True)
class JoinRequest:
    """How a party takes part: with a published departure, or with a vehicle of its own from a pick-up."""

    night: date
    size: int
    departure: str | None = None
    vehicle: Vehicle | None = None
    viewpoint: str = ""
    approach: str = ""
    pickup: str = ""


@dataclass(frozen=True)
class Action:
    """What every action needs: the outside, the town as it is, and who acts."""

    ports: Ports
    town: Town
    by: str

    @property
    def almanac(self) -> Almanac:
        """What slots are computed from."""
        return self.town.world.almanac

    def write(self, uow: UnitOfWork, before: NightBook, after: NightBook) -> tuple[NightBook, dict[str, str]]:
        """Give slots and waiting spots again and write the book; returns it, and why some departures got no slot."""
        now = self.ports.now()
        slotted, why = give_slots(self.almanac, after, now, self.by)
        live = in_force(self.ports.reader.occupancies(), now)
        seated = seat_parties(self.town, slotted, now, live)
        uow.write_book(before, seated)
        return seated, why


def publish(action: Action, templates: Sequence[Template]) -> int:
    """Publish the departures of a timetable, all or none; returns how many.

    Raises OutOfRangeError naming each line that names something unknown, an impossible date, a vehicle twice, a night
    on which its way is closed, or more departures than a night can have.
    """
    now = action.ports.now()
    issues = dict(_template_issues(action, templates))
    if issues:
        raise OutOfRangeError(issues)
    nights = sorted({night for template in templates for night in template.nights()})
    published, closed = 0, []
    with action.ports.unit_of_work() as uow:
        for night in nights:
            book = uow.open_book(night)
            new = _departures_of(book, templates, now)
            log = [Change(night, d.id, now, action.by, What.PUBLISHED, after=f"{d.operator} {d.label}") for d in new]
            _, why = action.write(uow, book, book.with_departure(*new).with_change(*log))
            closed += [night] * any(why.get(d.id) == CLOSED for d in new)
            published += len(new)
        if closed:
            text = "The way of a departure is closed on {nights}. Except these dates, or take another way."
            message = Message("SPANS_CLOSURE", text, nights=", ".join(map(str, closed)))
            raise OutOfRangeError({"first to last": message})
        uow.commit()
    return published


def _departures_of(book: NightBook, templates: Sequence[Template], now: datetime) -> list[Departure]:
    asked = [(t, label) for t in templates if book.night in t.nights() for label in t.labels]
    if len(asked) + len(book.departures) > MOST_OF_A_NIGHT:
        text = "{night}: a night has at most {most} departures, this would make {number}."
        number = len(asked) + len(book.departures)
        message = Message("TOO_MANY_DEPARTURES", text, night=str(book.night), most=MOST_OF_A_NIGHT, number=number)
        raise OutOfRangeError({"number": message})
    seen = {(d.operator, d.label) for d in book.departures if d.state is not State.CANCELLED}
    for t, label in asked:
        if (t.operator, label) in seen:
            text = "{night}: {label} of {operator} is there twice."
            message = Message("DUPLICATE_VEHICLE", text, night=str(book.night), label=label, operator=t.operator)
            raise OutOfRangeError({"label": message})
        seen.add((t.operator, label))
    return [
        Departure(
            id_, book.night, t.operator, label, t.vehicle, t.seats, t.pickup, t.viewpoint, t.approach, now
        )
        for id_, (t, label) in zip(book.next_ids(len(asked)), asked, strict=True)
    ]  # fmt: skip


def _template_issues(action: Action, templates: Sequence[Template]) -> Iterator[tuple[str, Message]]:
    this_night = tonight(action.town, action.ports.now())
    for n, t in enumerate(templates, start=2):
        yield from ((f"line {n}, {field}", message) for field, message in _way_issues(action.town, t))
        for field, day in (("first", t.first), ("last", t.last)):
            try:
                check_date(day, this_night, field)
            except OutOfRangeError as error:
                yield f"line {n}, {field}", error.issues[field]
        if t.first < this_night:
            text = "The night of {first} is over."
            yield f"line {n}, first", Message("NIGHT_OVER", text, first=str(t.first))


def _way_issues(town: Town, asked: Template | JoinRequest) -> Iterator[tuple[str, Message]]:
    almanac, pickups = town.world.almanac, [pickup.id for pickup in town.pickups]
    if asked.pickup not in pickups:
        text = "There is no pick-up {id}. Choose one of: {known}."
        yield "pickup", Message("UNKNOWN_PICKUP", text, id=asked.pickup, known=", ".join(pickups))
    if asked.viewpoint not in almanac.viewpoints:
        text = "There is no viewpoint {id}. Choose one of: {known}."
        known = ", ".join(almanac.viewpoints)
        yield "viewpoint", Message("UNKNOWN_VIEWPOINT", text, id=asked.viewpoint, known=known)
    else:
        approaches = [way.approach for way in almanac.ways(asked.viewpoint)]
        if asked.approach not in approaches:
            text = "No road of {id} leads to this viewpoint. Choose one of: {known}."
            yield "approach", Message("NO_APPROACH", text, id=asked.approach, known=", ".join(approaches))


def join(action: Action, asked: JoinRequest, address: str) -> str:
    """Let a party take part; returns its code.

    Raises OutOfRangeError where that can't be, TooManyError for a visitor with more parties than one brings.
    """
    town, now = action.town, action.ports.now()
    _check_night(town, asked.night, now)
    issues = {"party": wrong} if (wrong := party_issue(asked.size)) else {}
    if asked.departure is None:
        issues |= dict(_way_issues(town, asked))
        if asked.vehicle not in OWN:
            text = "A vehicle of one's own is one of: {known}."
            issues["vehicle"] = Message("NOT_OWN_VEHICLE", text, known=", ".join(OWN))
    if issues:
        raise OutOfRangeError(issues)
    with action.ports.unit_of_work() as uow:
        book = uow.open_book(asked.night)
        reporter = reporter_of(uow, address, now)
        if sum(party.reporter == reporter for party in book.parties) >= PARTIES_A_NIGHT:
            text = "That is more parties than one visitor brings. Ask the office."
            raise TooManyError(Message("TOO_MANY_PARTIES", text), DAY)
        departure = _own(book, asked, now) if asked.departure is None else _open(book, asked, now)
        party = Party(asked.night, _code(book), departure.id, asked.size, now, reporter)
        joined = replace(book.with_departure(departure), parties=(*book.parties, party))
        change = Change(asked.night, departure.id, now, action.by, What.JOINED, after=str(asked.size))
        _, why = action.write(uow, book, joined.with_change(change))
        if departure.id in why:
            raise OutOfRangeError({"approach": WHY_NOT[why[departure.id]]})
        uow.commit()
    return party.code


def _check_night(town: Town, night: date, now: datetime) -> None:
    this_night = tonight(town, now)
    check_date(night, this_night)
    if night < this_night:
        raise OutOfRangeError({"date": Message("NIGHT_OVER", "The night of {first} is over.", first=str(night))})


def _own(book: NightBook, asked: JoinRequest, now: datetime) -> Departure:
    if len(book.departures) >= MOST_OF_A_NIGHT or asked.vehicle is None:
        raise OutOfRangeError({"date": WHY_NOT[NO_ROOM]})
    return Departure(
        book.next_ids(1)[0], asked.night, "", "", asked.vehicle, asked.size, asked.pickup, asked.viewpoint,
        asked.approach, now, own=True,
    )  # fmt: skip


def _open(book: NightBook, asked: JoinRequest, now: datetime) -> Departure:
    """Return the departure a party may join; raises OutOfRangeError for none, or one that is gone or full."""
    departure = book.departure.get(asked.departure or "")
    if departure is None or departure.own:
        text = "There is no departure {id} on this night."
        raise OutOfRangeError({"departure": Message("UNKNOWN_DEPARTURE", text, id=asked.departure)})
    if departure.has_left(now) or departure.state is State.CANCELLED:
        raise OutOfRangeError({"departure": Message("DEPARTURE_GONE", "This departure has left or was cancelled.")})
    left = book.seats_left(departure)
    if asked.size > left:
        text = "This departure has {left} seats left."
        raise OutOfRangeError({"departure": Message("DEPARTURE_FULL", text, left=left)})
    return departure


def _code(book: NightBook) -> str:
    taken = {party.code for party in book.parties}
    while True:
        code = "".join(choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
        if code not in taken:
            return code


def withdraw(action: Action, night: date, code: str) -> None:
    """Take a party out, and its own vehicle with it; raises NotFoundError, OutOfRangeError once it is on the road."""
    now = action.ports.now()
    with action.ports.unit_of_work() as uow:
        book = uow.open_book(night)
        party = get_party(book, code)
        departure = book.departure[party.departure]
        if departure.has_left(now):
            raise OutOfRangeError({"code": Message("HAS_LEFT", "This departure is on the road already.")})
        after = replace(book, parties=tuple(p for p in book.parties if p != party))
        changes = [Change(night, departure.id, now, action.by, What.WITHDREW, before=str(party.size))]
        if departure.own:
            after = after.with_departure(replace(departure, state=State.CANCELLED))
            changes.append(_state_change(departure, State.CANCELLED, now, action.by))
        action.write(uow, book, after.with_change(*changes))
        uow.commit()


def get_party(book: NightBook, code: str) -> Party:
    """Return a party by its code; raises NotFoundError."""
    party = book.find_party(code)
    if party is None:
        text = "There is no party with this code on this night. It may have been withdrawn."
        raise NotFoundError(Message("UNKNOWN_PARTY", text))
    return party


@dataclass(frozen=True)
class Turn:
    """A party with its departure, the way it moved, and, without a slot, why and what else there is."""

    book: NightBook
    party: Party
    departure: Departure
    why: Message | None = None
    offer: Offer | None = None


def get_turn(ports: Ports, town: Town, night: date, code: str) -> Turn:
    """Return a party's turn as it is registered now; raises NotFoundError."""
    book, now = ports.reader.book(night), ports.now()
    party = get_party(book, code)
    departure = book.departure[party.departure]
    if departure.leave_at or departure.state is State.CANCELLED:
        why = None if departure.leave_at else Message("CANCELLED", "this departure was cancelled.")
        return Turn(book, party, departure, why)
    reason = why_without(town.world.almanac, book, departure, now)
    found = next((o for o in offers(town.world.almanac, book, now) if o.departure.id == departure.id), None)
    return Turn(book, party, departure, WHY_NOT.get(reason, WHY_NOT[NO_ROOM]), found)


def _state_change(departure: Departure, state: State, now: datetime, by: str) -> Change:
    return Change(departure.night, departure.id, now, by, What.STATE, departure.state, state)


def night_of(id_: str) -> date:
    """Return the night of a departure by its id; raises NotFoundError."""
    try:
        return datetime.strptime(id_.partition("-")[0], "%y%m%d").replace(tzinfo=WIB).date()
    except ValueError as error:
        raise _unknown(id_) from error


def _unknown(id_: str) -> NotFoundError:
    text = "There is no departure {id}. See: tourism departures list"
    return NotFoundError(Message("UNKNOWN_DEPARTURE", text, id=id_))


def _departure(uow: UnitOfWork, id_: str) -> tuple[NightBook, Departure]:
    """Return a departure by its id with the book it is in; raises NotFoundError."""
    book = uow.open_book(night_of(id_))
    if id_ not in book.departure:
        raise _unknown(id_)
    return book, book.departure[id_]


def set_state(action: Action, id_: str, state: State) -> None:
    """Say where a departure stands; raises NotFoundError, OutOfRangeError for a step that can't be."""
    now = action.ports.now()
    with action.ports.unit_of_work() as uow:
        book, departure = _departure(uow, id_)
        if not departure.state.may_become(state):
            text = "A departure that is {before} does not become {after}."
            raise OutOfRangeError({"state": Message("NO_SUCH_STEP", text, before=departure.state, after=state)})
        after = book.with_departure(replace(departure, state=state))
        action.write(uow, book, after.with_change(_state_change(departure, state, now, action.by)))
        uow.commit()


def set_late(action: Action, id_: str, ready_at: datetime) -> NightBook:
    """Say from when on a departure can leave; returns the night then. Raises NotFoundError, OutOfRangeError."""
    now = action.ports.now()
    with action.ports.unit_of_work() as uow:
        book, departure = _departure(uow, id_)
        if departure.state not in (State.PLANNED, State.SLOTTED, State.BOARDING):
            raise OutOfRangeError({"departure": Message("DEPARTURE_GONE", "This departure has left or was cancelled.")})
        if not 0 <= minute_of(departure.night, ready_at) < MINUTES:
            raise OutOfRangeError({"ready": Message("NOT_THAT_NIGHT", "Say a time between 18:00 and 07:00.")})
        change = Change(departure.night, id_, now, action.by, What.LATE, after=ready_at.isoformat(timespec="minutes"))
        after, _ = action.write(
            uow, book, book.with_departure(replace(departure, ready_at=ready_at)).with_change(change)
        )
        uow.commit()
    return after


@dataclass(frozen=True)
class GateWord:
    """What is said about a gate: so many vehicles a minute between two clock times; None is until the night ends."""

    night: date
    server: str
    vehicles_per_min: float
    start: time
    end: time | None = None
    shut: bool = False


def say_rate(action: Action, word: GateWord) -> NightBook:
    """Keep what was said about a gate or the climb; returns the night as it is then. Raises OutOfRangeError."""
    now, almanac = action.ports.now(), action.almanac
    _check_night(action.town, word.night, now)
    start, end = clock_minute(word.start), MINUTES if word.end is None else clock_minute(word.end)
    issues: dict[str, Message] = {}
    if word.server not in almanac.server:
        text = "There is no gate {id}. Choose one of: {known}."
        issues["gate"] = Message("UNKNOWN_GATE", text, id=word.server, known=", ".join(almanac.server))
    if not word.shut and not SLOWEST <= word.vehicles_per_min <= FASTEST:
        text = "A gate lets {slowest} to {fastest} vehicles through a minute; say that it is shut where it lets none."
        issues["rate"] = Message("RATE_OUT_OF_RANGE", text, slowest=SLOWEST, fastest=FASTEST)
    if not 0 <= start < end <= MINUTES:
        issues["from"] = Message("WINDOW_REVERSED", "Say two times of one night, the earlier one first.")
    if issues:
        raise OutOfRangeError(issues)
    rate = 0.0 if word.shut else word.vehicles_per_min
    report = GateReport(word.night, word.server, start, end, rate, now, action.by)
    with action.ports.unit_of_work() as uow:
        book = uow.open_book(word.night)
        change = Change(word.night, "", now, action.by, What.GATE, before=word.server, after=f"{rate:g}")
        after, _ = action.write(uow, book, replace(book, reports=(*book.reports, report)).with_change(change))
        uow.commit()
    return after


def slot_again(action: Action, night: date) -> NightBook:
    """Give slots again, for the data changed: a closure, an alert; returns the night as it is then."""
    with action.ports.unit_of_work() as uow:
        book = uow.open_book(night)
        after, _ = action.write(uow, book, book)
        uow.commit()
    return after

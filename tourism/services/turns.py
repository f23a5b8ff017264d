"""Parties that take part in a night: they join, see their turn, and give it up."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from secrets import choice

from tourism.domain.departure import MOST_OF_A_NIGHT, Change, Departure, NightBook, Party, State, Vehicle, What
from tourism.domain.slotting import CLOSED, NO_ROOM, NOBODY_PASSES, TOO_LATE, Offer, stranded
from tourism.errors import Message, NotFoundError, OutOfRangeError, TooManyError
from tourism.services.departures import NOT_THERE, Action, check_night
from tourism.services.plans import party_issue
from tourism.services.ports import Ports
from tourism.services.reviews import DAY, reporter_of
from tourism.services.timetable import way_issues
from tourism.services.town import Town

CODE_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is taken for another
CODE_LENGTH = 7
PARTIES_A_NIGHT = 30  # from one address: a café's guests share one, and a fleet of made-up cars stays small
OWN = {Vehicle.CAR: 8, Vehicle.JEEP: 8, Vehicle.MOTORCYCLES: 2}  # people in one vehicle of one's own
VISITOR = "visitor"
WHY_NOT = {
    NO_ROOM: Message("NO_ROOM", "No slot is left for this viewpoint by this approach. Take another one."),
    TOO_LATE: Message("TOO_LATE", "It is too late for this viewpoint by this approach. Take another one."),
    NOBODY_PASSES: Message("GATE_SHUT", "Nobody gets through the gate of this approach in time. Take another one."),
    CLOSED: Message("WAY_CLOSED", "The way to this viewpoint by this approach is closed on this night."),
}
WAS_CANCELLED = Message("CANCELLED", "This departure was cancelled. Take another turn.")


@dataclass(frozen=True)
class JoinRequest:
    """How a party takes part: with a published departure, or with a vehicle of its own from a pick-up.

    `instead` is the code of the turn it gives up for it.
    """

    night: date
    size: int
    departure: str | None = None
    vehicle: Vehicle | None = None
    viewpoint: str = ""
    approach: str = ""
    pickup: str = ""
    instead: str | None = None


def join(action: Action, asked: JoinRequest, address: str) -> str:
    """Let a party take part; returns its code.

    Raises OutOfRangeError where that can't be, TooManyError for an address with more parties than come from one.
    """
    town, now = action.town, action.ports.now()
    check_night(town, asked.night, now)
    issues = {"party": wrong} if (wrong := party_issue(asked.size)) else {}
    if asked.departure is None:
        issues |= dict(way_issues(town, asked))
        if asked.vehicle not in OWN:
            text = "A vehicle of one's own is one of: {known}."
            issues["vehicle"] = Message("NOT_OWN_VEHICLE", text, known=", ".join(OWN))
        elif asked.size > OWN[asked.vehicle]:
            text = (
                "A vehicle of one's own takes up to {most} people: take a turn for each vehicle, or join a departure."
            )
            issues["party"] = Message("VEHICLE_TOO_SMALL", text, most=OWN[asked.vehicle])
    if issues:
        raise OutOfRangeError(issues)
    with action.ports.unit_of_work() as uow:
        before = uow.open_book(asked.night)
        book = _without(before, asked.instead, now, action.by) if asked.instead else before
        reporter = reporter_of(uow, address, asked.night, now)
        lost = asked.instead is not None and _has_lost(before, asked.instead)  # then it does not count again
        if not lost and sum(c.what is What.JOINED and c.by == reporter for c in book.changes) >= PARTIES_A_NIGHT:
            text = "Many turns were taken from this network tonight. Use mobile data, or ask the tourism office."
            raise TooManyError(Message("TOO_MANY_PARTIES", text), DAY)
        departure = _own(book, asked, now) if asked.departure is None else _open(book, asked, now)
        party = Party(asked.night, _code(book), departure.id, asked.size, now)
        joined = replace(book.with_departure(departure), parties=(*book.parties, party))
        by = VISITOR if lost else reporter
        change = Change(asked.night, departure.id, now, by, What.JOINED, after=str(asked.size))
        _, why = action.fresh(uow).write(uow, before, joined.with_change(change), now)
        if departure.id in why:
            raise OutOfRangeError({"approach": WHY_NOT[why[departure.id]]})
        uow.commit()
    return party.code


def _has_lost(book: NightBook, code: str) -> bool:
    """Tell whether a party has no turn any more."""
    departure = book.departure[get_party(book, code).departure]
    return departure.state is State.CANCELLED or departure.leave_at is None


def _own(book: NightBook, asked: JoinRequest, now: datetime) -> Departure:
    if book.number >= MOST_OF_A_NIGHT or asked.vehicle is None:
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
    if not departure.is_ahead(now):
        raise OutOfRangeError({"departure": NOT_THERE})
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
    action.change(night, lambda book, now: _without(book, code, now, action.by))


def _without(book: NightBook, code: str, now: datetime, by: str) -> NightBook:
    party = get_party(book, code)
    departure = book.departure[party.departure]
    if departure.has_left(now):
        raise OutOfRangeError({"code": Message("HAS_LEFT", "This departure is on the road already.")})
    after = replace(book, parties=tuple(p for p in book.parties if p != party))
    after = after.with_change(Change(book.night, departure.id, now, by, What.WITHDREW, before=str(party.size)))
    if not departure.own:
        return after
    return after.without(departure)


def get_party(book: NightBook, code: str) -> Party:
    """Return a party by its code; raises NotFoundError."""
    party = book.find_party(code)
    if party is None:
        text = "There is no party with this code on this night. It may have given up its turn."
        raise NotFoundError(Message("UNKNOWN_PARTY", text))
    return party


@dataclass(frozen=True)
class Turn:
    """A party with its departure; `why` it has no turn at present, and what else there is."""

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
    if departure.state is State.CANCELLED:
        return Turn(book, party, departure, WAS_CANCELLED)
    if departure.leave_at:
        return Turn(book, party, departure)
    found = stranded(town.world.almanac, book, now, departure.id)
    if not found:
        return Turn(book, party, departure, NOT_THERE)
    return Turn(book, party, departure, WHY_NOT.get(found[0].reason, WHY_NOT[NO_ROOM]), found[0].offer)

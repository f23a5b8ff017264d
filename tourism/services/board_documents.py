"""The departures of a night written down: for the board, the API and the command line."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from typing_extensions import TypedDict

from tourism.domain.departure import Change, Departure, NightBook, State, Vehicle, What
from tourism.domain.slots import MoveReason
from tourism.domain.slotting import CLOSED, DUE_EARLIER, FIRST, NO_ROOM, NOBODY_PASSES, TOO_LATE
from tourism.domain.waiting import BOARD_MIN
from tourism.errors import Message
from tourism.services.documents import name_of
from tourism.services.language import Language
from tourism.services.town import Town

VEHICLE_TEXTS = {
    Vehicle.JEEP: Message("JEEP", "jeep"),
    Vehicle.MINIBUS: Message("MINIBUS", "minibus"),
    Vehicle.MOTORCYCLES: Message("MOTORCYCLES", "motorcycles"),
    Vehicle.CAR: Message("CAR", "car"),
}
STATE_TEXTS = {
    State.PLANNED: Message("PLANNED", "no slot yet"),
    State.SLOTTED: Message("SLOTTED", "on time"),
    State.BOARDING: Message("BOARDING", "boarding"),
    State.LEFT: Message("LEFT", "left"),
    State.ARRIVED: Message("ARRIVED", "arrived"),
    State.CANCELLED: Message("CANCELLED", "cancelled"),
}
REASON_TEXTS = {
    FIRST: Message("FIRST", "its turn was given"),
    MoveReason.OWN_TIMES: Message("OWN_TIMES", "it can't leave at the old time"),
    DUE_EARLIER: Message("DUE_EARLIER", "from the old time one would be late: it goes slower on the way than before"),
    MoveReason.FEWER_CAN: Message("FEWER_CAN", "fewer vehicles pass at that minute"),
    MoveReason.MADE_ROOM: Message("MADE_ROOM", "it made room so that one more is in time"),
    NO_ROOM: Message("NO_ROOM_LEFT", "there is no room left"),
    CLOSED: Message("CLOSED_NOW", "the way is closed"),
    TOO_LATE: Message("TOO_LATE_NOW", "it is too late"),
    NOBODY_PASSES: Message("NOBODY_PASSES", "nobody gets through the gate in time"),
}


class MovedDocument(TypedDict):
    """The last time a departure was moved: from when to when, when that was said, and why."""

    before: str
    after: str | None
    at: str
    reason: str
    reason_text: str


class DepartureDocument(TypedDict):
    """One departure of the board; without a slot its times are null."""

    id: str
    state: str
    state_text: str
    leave_at: str | None
    gather_at: str | None
    gate: str | None
    gate_name: str | None
    gate_at: str | None
    climb_at: str | None
    viewpoint: str
    viewpoint_name: str
    approach: str
    pickup: str
    pickup_name: str
    vehicle: str
    vehicle_text: str
    operator: str
    label: str
    own: bool
    seats: int
    seats_left: int
    moved: MovedDocument | None


class BoardDocument(TypedDict):
    """Every departure of a night, in the order they leave; those without a slot come last."""

    service_date: str
    departures: list[DepartureDocument]


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat(timespec="minutes") if instant else None


def moves_of(book: NightBook, departure: str) -> list[Change]:
    """Return when and why the time to leave of a departure changed after it was given, the last first."""
    found = [c for c in book.changes if c.what is What.LEAVE and c.departure == departure]
    return [change for change in reversed(found) if change.before]


def in_order(departures: Iterable[Departure]) -> list[Departure]:
    """Return departures as they leave; those without a time come last."""
    return sorted(departures, key=lambda d: (d.leave_at is None, d.leave_at or d.published_at, d.number))


def board_document(town: Town, book: NightBook, now: datetime, words: Language) -> BoardDocument:
    """Write a night's board down."""
    last_move = {c.departure: c for c in book.changes if c.what is What.LEAVE and c.before}
    rows = [departure_document(town, book, d, last_move.get(d.id), (now, words)) for d in in_order(book.departures)]
    return {"service_date": book.night.isoformat(), "departures": rows}


def state_at(departure: Departure, now: datetime) -> State:
    """Return the state as it is shown: whose time has come has left, unless somebody says otherwise."""
    shown = departure.state in (State.SLOTTED, State.BOARDING) and departure.has_left(now)
    return State.LEFT if shown else departure.state


def departure_document(
    town: Town, book: NightBook, d: Departure, move: Change | None, seen: tuple[datetime, Language]
) -> DepartureDocument:
    """Write a departure down as it is at an instant, in a language."""
    now, words = seen
    way = town.world.almanac.find_way(d.viewpoint, d.approach)
    gate = way.gate if way and d.gate_at else None
    state = state_at(d, now)
    return {
        "id": d.id,
        "state": state,
        "state_text": words.say(STATE_TEXTS[state]),
        "leave_at": _iso(d.leave_at),
        "gather_at": _iso(d.leave_at - timedelta(minutes=BOARD_MIN)) if d.leave_at else None,
        "gate": gate,
        "gate_name": name_of(town, gate, words) if gate else None,
        "gate_at": _iso(d.gate_at),
        "climb_at": _iso(d.climb_at),
        "viewpoint": d.viewpoint,
        "viewpoint_name": name_of(town, d.viewpoint, words),
        "approach": d.approach,
        "pickup": d.pickup,
        "pickup_name": name_of(town, d.pickup, words),
        "vehicle": d.vehicle,
        "vehicle_text": words.say(VEHICLE_TEXTS[d.vehicle]),
        "operator": d.operator,
        "label": d.label,
        "own": d.own,
        "seats": d.seats,
        "seats_left": book.seats_left(d),
        "moved": _moved(move, words) if move else None,
    }


def _moved(change: Change, words: Language) -> MovedDocument:
    return {
        "before": change.before,
        "after": change.after or None,
        "at": change.at.isoformat(timespec="minutes"),
        "reason": change.reason,
        "reason_text": words.say(REASON_TEXTS[change.reason]),
    }

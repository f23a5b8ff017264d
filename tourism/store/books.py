"""The book of a night: departures, parties, what was said about gates, and the log."""

from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, insert, select, update

from tourism.domain.departure import Change, Departure, NightBook, Party, State, Vehicle, What
from tourism.domain.gate_report import GateReport
from tourism.store.tables import BOOK_ROWS, DepartureRow, PartyRow, fields_of

T = TypeVar("T")
WORDS: dict[str, Any] = {"vehicle": Vehicle, "state": State, "what": What}


def read_book(connection: Connection, night: date) -> NightBook:
    """Read everything of a night, each kind in the order it came."""
    return NightBook(
        night,
        departures=tuple(sorted(_all(connection, Departure, night), key=lambda d: d.number)),
        parties=_all(connection, Party, night),
        reports=_all(connection, GateReport, night),
        changes=_all(connection, Change, night),
    )


def _all(connection: Connection, kind: type[T], night: date | None = None) -> tuple[T, ...]:
    table: Any = BOOK_ROWS[kind]
    order = (table.joined_at, table.code) if kind is Party else (table.id,)
    asked = select(table) if night is None else select(table).where(table.night == night)
    rows = connection.execute(asked.order_by(*order))
    return tuple(kind(**{k: WORDS[k](v) if k in WORDS else v for k, v in fields_of(row, kind).items()}) for row in rows)


def read_reports(connection: Connection) -> tuple[GateReport, ...]:
    """Read what was said about gates on every night, in the order it came."""
    return _all(connection, GateReport)


def write_book(connection: Connection, before: NightBook, after: NightBook) -> None:
    """Write what differs; parties go before the departures they refer to, and come after them.

    Reports and the log only grow.
    """
    had, have = {p.code: p for p in before.parties}, {p.code: p for p in after.parties}
    gone = [code for code, party in had.items() if have.get(code) != party]
    for code in gone:
        connection.execute(delete(PartyRow).where((PartyRow.night == before.night) & (PartyRow.code == code)))
    _upsert(connection, before, after)
    for gone_id in before.departure.keys() - after.departure.keys():
        connection.execute(delete(DepartureRow).where(DepartureRow.id == gone_id))
    _insert(connection, [party for code, party in have.items() if had.get(code) != party])
    _insert(connection, after.reports[len(before.reports) :])
    _insert(connection, after.changes[len(before.changes) :])


def _upsert(connection: Connection, before: NightBook, after: NightBook) -> None:
    changed = [d for d in after.departures if d.id in before.departure and before.departure[d.id] != d]
    for departure in changed:
        values = fields_of(departure)
        connection.execute(update(DepartureRow).where(DepartureRow.id == departure.id).values(**values))
    _insert(connection, [d for d in after.departures if d.id not in before.departure])


def _insert(connection: Connection, values: Any) -> None:
    if values:
        connection.execute(insert(BOOK_ROWS[type(values[0])]), [fields_of(value) for value in values])

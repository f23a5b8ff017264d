"""The tables that the office keeps besides listings: what a row is, what names it, and how its fields are read.

A row is read from text just as a line of a file in `data/`: by the type of the value it becomes.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from datetime import date, datetime, time
from enum import Enum
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from tourism.domain.brand import Brand
from tourism.domain.calendar import WIB, SpecialDates
from tourism.domain.campaign import Campaign
from tourism.domain.closures import Alert, Closure
from tourism.domain.corridor import GateOperation, Leg, Quota, Tariff
from tourism.domain.evidence import Evidence
from tourism.domain.hours import TemporaryHours
from tourism.domain.hours_words import normalise
from tourism.domain.listing import LISTING, NEEDED_TEXT, NOT_A_CHOICE, NOT_A_DATE, fields_of_venue, read_listing
from tourism.domain.measures import Indicator, QuickWin
from tourism.domain.record import Fields, Record, State
from tourism.domain.scenario import Assumption
from tourism.domain.sharing import Feed, Widget, shipped_uuid
from tourism.domain.venue import Venue
from tourism.errors import HoursError, Message, NotFoundError, OutOfRangeError

LONGEST_CELL = 300


@dataclass(frozen=True)
class Table:
    """One table: the value of a row, the fields that name it (none: all of them), and what may be done with rows.

    Rows of a table that does not grow are neither added nor removed: the roads and gates are what they are. What is
    `kept` stays as it was when the row was made.
    """

    kind: type[Any]
    named_by: tuple[str, ...] = ()
    grows: bool = True
    computed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    moves: bool = True  # whether departures depend on it

    @property
    def fixed(self) -> tuple[str, ...]:
        """The fields of a row that stay as they are once it is there."""
        return self.kept if self.grows else (*self.named_by, *self.kept)

    @property
    def names(self) -> list[str]:
        """The fields that people edit, in order; an end stands beside its beginning."""
        found = [f.name for f in fields(self.kind) if f.init and f.name not in self.computed]
        if "ends_at" in found:
            found.remove("ends_at")
            found.insert(found.index("starts_at") + 1, "ends_at")
        return found

    def key(self, row: Any) -> str:
        """Return what names a row."""
        return self.key_of(write_row(row))

    def key_of(self, written: Fields) -> str:
        """Return what names a row by its fields."""
        if self.named_by:
            return "~".join(written.get(name, "") for name in self.named_by)
        return hashlib.sha256("\n".join(f"{k}={v}" for k, v in written.items()).encode()).hexdigest()[:12]


TABLES: Mapping[str, Table] = {
    "closures": Table(Closure),
    "alerts": Table(Alert),
    "gates": Table(GateOperation, ("id",), grows=False, kept=("kind",)),
    "legs": Table(Leg, ("approach", "start", "end", "mode"), grows=False),
    "tariffs": Table(Tariff, ("item", "audience", "day_type", "valid_from")),
    "quotas": Table(Quota, ("site",), grows=False),
    "holidays": Table(SpecialDates),
    "hours": Table(TemporaryHours, computed=("opening_hours",)),
    "feeds": Table(Feed, ("id",), kept=("id",), moves=False),
    "widgets": Table(Widget, ("id",), kept=("id",), moves=False),
    "brands": Table(Brand, ("id",), grows=False, moves=False),
    "campaigns": Table(Campaign, ("code",), kept=("code",), moves=False),
    "indicators": Table(
        Indicator,
        ("id",),
        grows=False,
        kept=("component", "definition", "unit", "formula", "source", "better"),
        moves=False,
    ),
    "wins": Table(QuickWin, ("name",), moves=False),
    "assumptions": Table(Assumption, ("id",), grows=False, kept=("variable", "unit"), moves=False),
}
_NAME_OF = {table.kind: name for name, table in TABLES.items()}


def get_table(name: str) -> Table:
    """Return a table; raises NotFoundError."""
    if name not in TABLES:
        text = "There is no table {name}. Choose one of: {known}."
        raise NotFoundError(Message("UNKNOWN_TABLE", text, name=name, known=", ".join(TABLES)))
    return TABLES[name]


def claim(row: Any) -> tuple[str, str] | None:
    """Return the kind and key of the record that a stored row belongs to; None for what nobody edits here."""
    if isinstance(row, Venue):
        return LISTING, row.id
    if isinstance(row, Evidence):
        return LISTING, row.venue
    name = _NAME_OF.get(type(row))
    return (name, TABLES[name].key(row)) if name else None


def record_of(rows: Sequence[Any]) -> Record:
    """Return rows as they were loaded, all claimed by one record, as that record."""
    kind, key = claim(rows[0]) or ("", "")
    venues = [row for row in rows if isinstance(row, Venue)]
    evidence = [row for row in rows if isinstance(row, Evidence)]
    written = fields_of_venue(venues[0], evidence) if venues else write_row(rows[0])
    return Record(kind, key, state=State.PUBLISHED, published=written, uuid=shipped_uuid(key) if venues else "")


def values_of(record: Record) -> list[Any]:
    """Return the rows that a record's live fields stand for, none when it is not shown; raises OutOfRangeError."""
    if record.live is None:
        return []
    if record.kind == LISTING:
        venue, evidence = read_listing(record.key, record.live)
        return [venue, *evidence]
    return [read_row(TABLES[record.kind], record.live)]


def write_row(row: Any) -> dict[str, str]:
    """Write a row's fields as text, without the empty ones."""
    computed = TABLES[_NAME_OF[type(row)]].computed if type(row) in _NAME_OF else ()
    names = [f.name for f in fields(row) if f.init and f.name not in computed]
    written = {name: _text(getattr(row, name)) for name in names}
    if isinstance(row, TemporaryHours) and not row.hours_as_recorded:
        written["hours_as_recorded"] = row.opening_hours
    return {name: value for name, value in written.items() if value}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(WIB).isoformat(timespec="minutes")
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value.value if isinstance(value, Enum) else value)


@cache
def shape_of(table: Table) -> dict[str, "Cell"]:
    """Return what each field of a table holds."""
    hints = get_type_hints(table.kind)
    field = {f.name: f for f in fields(table.kind)}
    return {name: _cell(field[name], hints[name], table) for name in table.names}


@dataclass(frozen=True)
class Cell:
    """What a field holds: the kind of its input, its choices, and whether it is needed or names the row."""

    input: str
    choices: tuple[str, ...] = ()
    needed: bool = True
    fixed: bool = False


_INPUTS = {datetime: "datetime-local", date: "date", time: "time", int: "number", float: "decimal"}


def _cell(field: Field[Any], hint: Any, table: Table) -> Cell:
    kinds = [k for k in get_args(hint) if k is not type(None)] if type(None) in get_args(hint) else [hint]
    needed = field.default is MISSING or bool(table.computed and field.name == "hours_as_recorded")
    fixed = field.name in table.fixed
    if get_origin(kinds[0]) is Literal:
        return Cell("select", get_args(kinds[0]), needed, fixed)
    if isinstance(kinds[0], type) and issubclass(kinds[0], Enum):
        return Cell("select", tuple(member.value for member in kinds[0]), needed, fixed)
    return Cell(_INPUTS.get(kinds[0], "text"), (), needed, fixed)


_TEXTS = {
    "datetime-local": Message("NOT_AN_INSTANT", "Write an instant as 2026-12-08T15:00."),
    "date": NOT_A_DATE,
    "time": Message("NOT_A_CLOCK_TIME", "Write a time as 02:00."),
    "number": Message("NOT_A_NUMBER", "Write a whole number."),
    "decimal": Message("NOT_A_RATE", "Write a number, as in 2.5."),
}


def read_row(table: Table, written: Fields) -> Any:
    """Read fields as a row; raises OutOfRangeError naming each field that can't be. Instants without offset are WIB."""
    shape, issues = shape_of(table), dict[str, Message]()
    for name, value in written.items():
        if name not in shape:
            known = ", ".join(shape)
            issues[name] = Message("UNKNOWN_FIELD", "There is no such field. Known are: {known}.", known=known)
        elif not value.isprintable():
            issues[name] = Message("UNSEEN_SIGN", "There is a sign in it that nobody sees. Type it anew.")
        elif len(value) > LONGEST_CELL:
            issues[name] = Message("TOO_LONG_FOR", "This has at most {most} signs.", most=LONGEST_CELL)
    issues |= dict(_out_of_time(shape, written))
    issues |= {name: NEEDED_TEXT for name, cell in shape.items() if cell.needed and not written.get(name)}
    decimal = [name for name, cell in shape.items() if cell.input == "decimal" and name in written]
    written = {**written, **{name: written[name].replace(",", ".") for name in decimal}}
    values = {name: _aware(value) if shape[name].input == "datetime-local" else value
              for name, value in written.items() if name in shape and value}  # fmt: skip
    if table.kind is TemporaryHours and "hours_as_recorded" in values:
        try:
            values["opening_hours"] = normalise(values["hours_as_recorded"])
        except HoursError as error:
            issues["hours_as_recorded"] = error.message
    if issues:
        raise OutOfRangeError(issues)
    try:
        return _adapter(table).validate_python(values)
    except ValidationError as error:
        raise OutOfRangeError({(problem := _problem(e, shape))[0]: problem[1] for e in error.errors()}) from error


def _out_of_time(shape: Mapping[str, Cell], written: Fields) -> Iterator[tuple[str, Message]]:
    """Yield dates and instants of other centuries, and clock times that are more than hours and minutes."""
    for name, value in written.items():
        kind = shape[name].input if name in shape else ""
        if kind in ("date", "datetime-local") and value and not re.match(r"20\d\d-", value, re.ASCII):
            yield name, Message("OTHER_CENTURY", "Write a year from 2000 to 2099.")
        if kind == "time" and value and not re.fullmatch(r"\d\d:\d\d", value, re.ASCII):
            yield name, _TEXTS["time"]


def _aware(value: str) -> str:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return value
    return (found if found.tzinfo else found.replace(tzinfo=WIB)).isoformat()


@cache
def _adapter(table: Table) -> TypeAdapter[Any]:
    return TypeAdapter(table.kind)


def _problem(error: Any, shape: Mapping[str, Cell]) -> tuple[str, Message]:
    name = str(error["loc"][0]) if error["loc"] else "row"
    if error["type"] == "value_error":
        return name, Message("NOT_POSSIBLE", error["msg"].removeprefix("Value error, "))
    cell = shape.get(name, Cell("text"))
    if cell.choices:
        return name, Message("NOT_A_CHOICE", NOT_A_CHOICE, choices=", ".join(cell.choices))
    return name, _TEXTS.get(cell.input, NEEDED_TEXT)

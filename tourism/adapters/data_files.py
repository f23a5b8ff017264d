"""The CSV files in `data/`, read into the values of the rules."""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tourism.domain.brand import Brand
from tourism.domain.calendar import SpecialDates
from tourism.domain.closures import Alert, AlertLevel, Closure
from tourism.domain.corridor import (
    Advice,
    Destination,
    GateOperation,
    Leg,
    Operation,
    Place,
    Quota,
    Scenario,
    Tariff,
)
from tourism.domain.departure import Template
from tourism.domain.evidence import Evidence, HalfLife
from tourism.domain.hours import TemporaryHours, normalise
from tourism.domain.measures import Indicator, QuickWin
from tourism.domain.scenario import Assumption, Visitors
from tourism.domain.venue import Venue
from tourism.domain.waiting import Outline, Pickup
from tourism.domain.world import LoadedFile
from tourism.errors import DataError, HoursError, Message

LARGEST_TIMETABLE = 1_000_000  # bytes
_TYPES: dict[str, type[Any]] = {
    "bromo_places.csv": Place,
    "corridor_legs.csv": Leg,
    "gate_operations.csv": GateOperation,
    "operations.csv": Operation,
    "closures.csv": Closure,
    "tariffs.csv": Tariff,
    "quotas.csv": Quota,
    "advice.csv": Advice,
    "scenarios.csv": Scenario,
    "destinations.csv": Destination,
    "alert_levels.csv": AlertLevel,
    "alerts.csv": Alert,
    "pickups.csv": Pickup,
    "kayutangan_places.csv": Venue,
    "late_venues.csv": Venue,
    "evidence.csv": Evidence,
    "half_lives.csv": HalfLife,
    "special_dates.csv": SpecialDates,
    "temporary_hours.csv": TemporaryHours,
    "municipality_outlines.csv": Outline,
    "brands.csv": Brand,
    "indicators.csv": Indicator,
    "quick_wins.csv": QuickWin,
    "assumptions.csv": Assumption,
    "visitors.csv": Visitors,
}
# Column names that are Python keywords, or another word in the rules.
_FIELDS = {
    Leg: {"from": "start", "to": "end"},
    Closure: {"except": "excepted"},
    Venue: {"basis": "source"},
    Template: {"except": "excepted"},
}


def read_rows(name: str, text: str, kind: type[Any] | None = None) -> list[Any]:
    """Read a data file; an empty cell takes the field's default. Raises DataError naming line and field."""
    kind = kind or _TYPES[name]
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    rename = _FIELDS.get(kind, {})
    reader = csv.DictReader(io.StringIO(text))
    found = []
    for row in reader:
        if None in row:
            raise _bad_row(name, reader.line_num, "row", "it has more cells than there are columns")
        values: dict[str, Any] = {rename.get(key, key): value for key, value in row.items() if value}
        try:
            if "hours_as_recorded" in values:
                values["opening_hours"] = normalise(values["hours_as_recorded"])
            found.append(adapter.validate_python(values))
        except HoursError as error:
            raise _bad_row(name, reader.line_num, "hours_as_recorded", str(error)) from error
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"])) or "row"
            raise _bad_row(name, reader.line_num, field, first["msg"].removeprefix("Value error, ")) from error
    return found


def _bad_row(file: str, line: int, field: str, problem: str) -> DataError:
    text = "{file}, line {line}, {field}: {problem}"
    return DataError(Message("BAD_ROW", text, file=file, line=line, field=field, problem=problem))


class PackagedData:
    """The files that travel with the package."""

    def __init__(self) -> None:
        self._folder = files("tourism.data")

    def names(self) -> Iterable[str]:
        """Return the names of the files that are loaded into the database."""
        return _TYPES

    def digest(self, name: str) -> str:
        """Return the SHA-256 of a file."""
        return hashlib.sha256(self._folder.joinpath(name).read_bytes()).hexdigest()

    def rows(self, name: str) -> Sequence[Any]:
        """Return the values of a file."""
        return read_rows(name, self._folder.joinpath(name).read_text(encoding="utf-8"))

    def load(self, name: str) -> LoadedFile:
        """Return a file's rows with their kind and digest."""
        return LoadedFile(name, _TYPES[name], self.digest(name), self.rows(name))

    def timetable(self, path: str) -> Sequence[Template]:
        """Return the lines of somebody's timetable; raises DataError also when it can't be read at all."""
        try:
            content = Path(path).read_bytes()
        except OSError as error:
            raise DataError(Message("UNREADABLE", "{file}: {problem}", file=path, problem=str(error))) from error
        return self.timetable_of(path, content)

    def timetable_of(self, name: str, content: bytes) -> Sequence[Template]:
        """Return the lines of a timetable by its content; raises DataError."""
        try:
            if len(content) > LARGEST_TIMETABLE:
                raise DataError(Message("TOO_LARGE", "{file}: a timetable is smaller than a megabyte", file=name))
            text = content.decode("utf-8-sig")
            columns = next(csv.reader(io.StringIO(text)), [])
            unknown = [
                c for c in columns if c != "except" and c not in {f.name for f in fields(Template)} - {"excepted"}
            ]
            if unknown:
                text = "{file}: there is no column {names}; columns are separated by commas"
                raise DataError(Message("UNKNOWN_COLUMN", text, file=name, names=", ".join(unknown)))
            return read_rows(name, text, Template)
        except (UnicodeDecodeError, csv.Error) as error:
            raise DataError(Message("UNREADABLE", "{file}: {problem}", file=name, problem=str(error))) from error

    def osm_extract(self) -> str:
        """Return the path of the OSM extract around Kayutangan."""
        return str(self._folder.joinpath("kayutangan.osm"))

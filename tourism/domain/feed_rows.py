"""A feed's row read as a listing: whose column is which field, which category is which kind, and what is wrong."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from tourism.domain.account import MUNICIPALITIES
from tourism.domain.listing import AROUND, KINDS, NEEDED, canonical, cleaned, lies_elsewhere
from tourism.domain.record import Fields
from tourism.domain.sharing import Delivered, Feed
from tourism.domain.sheet import Issue, not_yours, plain_cell, said, suggestion
from tourism.errors import Message, OutOfRangeError
from tourism.geo.crs import to_degrees

LONGEST_ID, LONGEST_CATEGORY = 200, 80
NOTHING = {"", "-", "–", "—", "n/a", "null", "none", "tidak ada data"}  # how people leave a cell empty
NO_ID = Message("NO_EXTERNAL_ID", "This row has no id, so it can't be known again. Give each row its own.")
DOUBLED_ID = Message("DOUBLED_ID", "Another row of this feed has this id.")


@dataclass(frozen=True)
class FeedReading:
    """How the rows of a feed are read; `lies_in` returns the municipalities a point may lie in by their outlines."""

    feed: Feed
    columns: Mapping[str, str]
    categories: Mapping[str, str]
    today: date
    lies_in: Callable[[Fields], Sequence[str]]


@dataclass(frozen=True)
class Read:
    """A row as it was read: its id at the source, what it gives by field, its category where nobody knows its kind."""

    row: Delivered
    external_id: str
    given: Fields
    unknown_category: str = ""
    issues: tuple[Issue, ...] = field(default=())


def read_delivered(row: Delivered, how: FeedReading) -> Read:
    """Read a row by the feed's columns and categories; a row without an id, or elsewhere's, has an issue."""
    columns = how.columns
    cells = {columns[heading]: value.strip() for heading, value in row.cells.items() if columns.get(heading)}
    cells = {name: value for name, value in cells.items() if value.casefold() not in NOTHING}
    external_id = row.external_id or cells.pop("id", "")
    for name in ("id", "photo"):  # a picture is sent on the page of the venue, where it is written anew
        cells.pop(name, None)
    category = "".join(filter(str.isprintable, cells.get("kind", "")))[:LONGEST_CATEGORY]
    kind = how.categories.get(category.casefold()) or plain_cell("kind", category)
    given = {name: plain_cell(name, value) for name, value in cells.items() if value} | ({"kind": kind} if kind else {})
    issues = []
    if any(len(said) > LONGEST_ID or not said.isprintable() for said in (row.source, row.uuid, row.chain, row.licence)):
        issues.append(Issue(row.line, "id", Message("BAD_IDENTITY", "What this row says of its source can't be kept.")))
    if not external_id or len(external_id) > LONGEST_ID or not external_id.isprintable():
        issues.append(Issue(row.line, "id", NO_ID))
    area = given.get("municipality", how.feed.municipality or "")
    if area in MUNICIPALITIES and how.feed.municipality not in (None, area):
        issues.append(not_yours(row.line, area))
    unknown = category if category and kind not in KINDS else ""
    return Read(row, external_id, given, unknown, tuple(issues))


def fields_of_row(key: str, had: Fields, read: Read, how: FeedReading) -> tuple[dict[str, str], list[Issue]]:
    """Return a row's fields as they are kept, and what is only to be questioned; `had` are those it gave before.

    What can do without a field that can't be read is kept without it: unknown hours are better than no venue. Raises
    RowError.
    """
    usual = {"municipality": how.feed.municipality or "", "source": how.feed.name}
    typed = {**usual, **read.given}
    questions: list[Issue] = []
    try:
        fields = canonical(key, said(had, typed, typed["source"], how.today))
    except OutOfRangeError as error:
        found = list(_problems(read, error))
        left_out = {issue.field for issue in found}
        if left_out & set(NEEDED) or not left_out <= typed.keys():
            raise RowError(found) from error
        questions = [replace(issue, rejects=False) for issue in found]
        rest = {name: value for name, value in read.given.items() if name not in left_out}
        fields, more = fields_of_row(key, had, replace(read, given=rest), how)
        return fields, [*questions, *more]
    near = how.lies_in(fields)
    if near and fields["municipality"] not in near:
        questions.append(Issue(read.row.line, "municipality", lies_elsewhere(near[0]), near[0], rejects=False))
    return fields, questions


class RowError(Exception):
    """A row that can't be kept, with its issues."""

    def __init__(self, issues: list[Issue]) -> None:
        super().__init__(str(issues[0].message))
        self.issues = issues


def _problems(read: Read, error: OutOfRangeError) -> Iterator[Issue]:
    """Yield what is wrong; a position that was written in another way is one issue, with the right one beside it."""
    misplaced = _misplaced(read.given) if {"lat", "lon"} & error.issues.keys() else None
    if misplaced:
        yield Issue(read.row.line, "lat", misplaced[0], misplaced[1])
    for name, message in error.issues.items():
        if not (misplaced and name in ("lat", "lon")):
            yield Issue(read.row.line, name, message, suggestion(name, cleaned(read.given)))


def _misplaced(given: Fields) -> tuple[Message, str] | None:
    """Tell whether latitude and longitude are swapped, or are metres of UTM zone 49S; returns the degrees."""
    try:
        lat, lon = float(given["lat"]), float(given["lon"])
    except (KeyError, ValueError):
        return None
    if _around(lat=lon, lon=lat):
        return Message("SWAPPED", "Latitude and longitude are swapped."), f"{lon}, {lat}"
    for east, north in ((lon, lat), (lat, lon)):
        if 0 < east < 1_000_000 and 0 < north < 10_000_000:
            found_lon, found_lat = to_degrees(np.array([[east, north]], dtype=float))[0]
            if _around(lat=found_lat, lon=found_lon):
                text = "These are metres of EPSG:32749. Write degrees."
                return Message("METRES", text), f"{found_lat:.6f}, {found_lon:.6f}"
    return None


def _around(*, lat: float, lon: float) -> bool:
    return all(low <= value <= high for value, (low, high) in ((lat, AROUND["lat"]), (lon, AROUND["lon"])))

"""Lists of venues as people have them: CSV, XLSX and GeoJSON, read into rows of text and written from them."""

import csv
import io
import math
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from functools import partial
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
import orjson
import shapely
from defusedxml.common import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from tourism.domain.sheet import MOST_ROWS, Cells, Sheet, defused, plain
from tourism.errors import Message, OutOfRangeError
from tourism.geo.crs import Point
from tourism.geo.geojson import collection, point_feature

LARGEST_BYTES = 10_000_000
# Reading an XLSX costs some 8 s and 700 MB for each million of its tags, whatever they are.
MOST_TAGS, LARGEST_UNPACKED, LARGEST_OTHER_PART = 1_500_000, 40_000_000, 1_000_000
LARGEST_SHAPE = 20_000  # bytes of an area; finding a point in one of 200,000 corners takes a minute
MOST_COLUMNS = 100
ZIP, POSITION = b"PK\x03\x04", ("lat", "lon")


def read_sheet(name: str, content: bytes) -> Sheet:
    """Read a file by what it holds; its name only helps. Raises OutOfRangeError saying what to do instead."""
    if len(content) > LARGEST_BYTES:
        raise _refused(
            "FILE_TOO_LARGE", "A file has at most {most} MB. Send it in parts.", most=LARGEST_BYTES // 1_000_000
        )
    if content.startswith(ZIP):
        return _read_xlsx(content)
    text = _decoded(content)
    if text.lstrip().startswith("{"):
        return _read_geojson(text)
    if name.lower().endswith((".xls", ".ods")) or "\0" in text:
        raise _refused("UNKNOWN_FORMAT", "Save the sheet as CSV or XLSX and send it again.")
    return _read_csv(text)


def _refused(code: str, text: str, **params: Any) -> OutOfRangeError:
    return OutOfRangeError({"file": Message(code, text, **params)})


def _too_many() -> OutOfRangeError:
    return _refused("TOO_MANY_ROWS", "A sheet has at most {most} rows. Send it in parts.", most=MOST_ROWS)


def _decoded(content: bytes) -> str:
    for encoding in ("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "cp1252", "latin-1"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError("latin-1 reads everything")


def _read_csv(text: str) -> Sheet:
    head = text.split("\n", 1)[0]
    comma = max((",", ";", "\t"), key=head.count)  # spreadsheets in Indonesian write semicolons
    try:
        rows = csv.reader(io.StringIO(text), delimiter=comma)
        headings = next(rows, [])
        found = [(rows.line_num, row) for _, row in zip(range(MOST_ROWS + 1), rows, strict=False)]
    except csv.Error as error:
        raise _refused("UNREADABLE_CSV", "This CSV can't be read: {problem}.", problem=str(error)) from error
    return _sheet(headings, found)


def _sheet(headings: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]]) -> Sheet:
    names = [plain(" ".join(heading.split())) for heading in headings]
    if len(rows) > MOST_ROWS:
        raise _too_many()
    if not any(names) or len(names) > MOST_COLUMNS:
        raise _refused("NO_HEADINGS", "The first row has to name the columns, such as nama, alamat, jam buka.")
    doubled = next((name for name in names if name and names.count(name) > 1), None)
    if doubled:
        raise _refused("HEADING_TWICE", "Two columns are called {name}.", name=doubled)
    found: list[Cells] = []
    for line, cells in rows:
        if any(cell.strip() for cell in cells):
            found.append((line, {n: plain(v) for n, v in zip(names, cells, strict=False) if n and v.strip()}))
    return Sheet(tuple(filter(None, names)), tuple(found))


def _read_xlsx(content: bytes) -> Sheet:
    try:
        _check_parts(content)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        first = book.worksheets[0]
        first.reset_dimensions()
        rows = first.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1)
        headings = [_cell(value) for value in next(rows, ())]
        found = [(n + 2, [_cell(value) for value in row]) for n, row in zip(range(MOST_ROWS + 1), rows, strict=False)]
    except (
        zipfile.BadZipFile, InvalidFileException, DefusedXmlException, ParseError, KeyError, ValueError, IndexError,
        OSError, TypeError, AttributeError, EOFError, NotImplementedError, RuntimeError,
    ) as error:  # fmt: skip
        raise _refused(
            "UNREADABLE_XLSX", "This is not an XLSX file that can be read. Save it as CSV and send that."
        ) from error
    while headings and not headings[-1]:
        headings.pop()
    return _sheet(headings, found)


def _check_parts(content: bytes) -> None:
    """Raise OutOfRangeError for more than a sheet of listings has, before anything is parsed."""
    tags = 0
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(entry.file_size for entry in packed.infolist()) > LARGEST_UNPACKED:
            raise _too_many()
        for entry in packed.infolist():
            rows = entry.filename.startswith("xl/worksheets/") or entry.filename == "xl/sharedStrings.xml"
            if entry.file_size > LARGEST_OTHER_PART and not rows:
                raise _too_many()
            with packed.open(entry) as part:
                tags += sum(block.count(b"<") for block in iter(partial(part.read, 1_000_000), b""))
            if tags > MOST_TAGS:
                raise _too_many()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(timespec="minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def _read_geojson(text: str) -> Sheet:
    try:
        document = orjson.loads(text)  # NaN and Infinity are no JSON
        features = document["features"]
        if document.get("type") != "FeatureCollection" or not isinstance(features, list):
            raise ValueError
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise _refused("UNREADABLE_GEOJSON", "This is not a GeoJSON FeatureCollection.") from error
    if len(features) > MOST_ROWS:
        raise _too_many()
    names: dict[str, None] = {}
    found: list[Cells] = []
    for n, feature in enumerate(features, start=1):
        cells = feature_cells(feature)
        names |= dict.fromkeys(cells)
        found.append((n, cells))
    if len(names) > MOST_COLUMNS:
        raise _refused("TOO_MANY_COLUMNS", "A sheet has at most {most} columns.", most=MOST_COLUMNS)
    return Sheet(tuple(names), tuple(found))


def feature_cells(feature: Any) -> dict[str, str]:
    """Return a feature's properties as text with its position; one that can't be read has none, and is rejected."""
    if not isinstance(feature, dict):
        return {"lat": "?", "lon": "?"}
    properties = feature.get("properties")
    cells = {str(k): _json_cell(v) for k, v in properties.items()} if isinstance(properties, dict) else {}
    if isinstance(feature.get("id"), str | int):
        cells = {"id": str(feature["id"]), **cells}
    try:
        if feature["geometry"]["type"] == "Point":
            lon, lat = (float(f"{feature['geometry']['coordinates'][n]:.6f}") for n in (0, 1))
            if math.isfinite(lon) and math.isfinite(lat):
                return {**cells, "lat": _plain_degrees(lat), "lon": _plain_degrees(lon)}
        if len(orjson.dumps(feature["geometry"])) > LARGEST_SHAPE:
            raise ValueError
        shape = shapely.geometry.shape(feature["geometry"])
        # A surface stands for a point on it; one that crosses itself stands for nothing.
        spot = shape.representative_point() if shape.is_valid else None
        if spot is not None and math.isfinite(spot.x) and math.isfinite(spot.y):
            return {**cells, "lat": _plain_degrees(spot.y), "lon": _plain_degrees(spot.x)}
    except Exception:  # noqa: S110 - whatever a hostile geometry makes of the reader, the row has no position
        pass
    return {**cells, "lat": "?", "lon": "?"}


def _plain_degrees(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _json_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    return _cell(value)


def write_sheet(format_: str, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    """Write rows; no cell is taken for a formula by a spreadsheet."""
    if format_ == "csv":
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL)  # a semicolon within a cell divides nothing
        writer.writerow(columns)
        writer.writerows([defused(row.get(name, "")) for name in columns] for row in rows)
        return text.getvalue().encode("utf-8-sig")
    if format_ == "xlsx":
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("venues")
        sheet.append(list(columns))
        for row in rows:
            sheet.append([defused(row.get(name, "")) for name in columns])
        packed = io.BytesIO()
        book.save(packed)
        return packed.getvalue()
    features = [
        point_feature(
            lat=Point(float(row["lat"]), float(row["lon"])).lat, lon=float(row["lon"]), id=row["id"],
            properties={k: v for k, v in row.items() if k not in (*POSITION, "id")},
        )
        for row in rows
    ]  # fmt: skip
    return orjson.dumps(collection(features))

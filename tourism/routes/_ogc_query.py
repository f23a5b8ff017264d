"""Queries of OGC API - Features: what of a collection is asked for, and in which form."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from werkzeug.datastructures import MultiDict

from tourism.domain.account import MUNICIPALITIES
from tourism.errors import MalformedError, Message
from tourism.geo.crs import to_degrees
from tourism.services.ogc import CRS, CRS84, MOST_FEATURES, Asked, Collection

LONGEST = 200
FORMATS = ("json", "html")
_CHOICES = "Choose from: {choices}."
_BOX = Message("NOT_A_BOX", "Write west,south,east,north.")
_TIME = Message("NOT_A_TIME", "Write an instant as 2026-12-05T00:50:00+07:00, a date, or two with / between.")


@dataclass(frozen=True)
class Query:
    """A query as it was read; `kept` are its parameters as they go into links."""

    asked: Asked
    crs: str
    passed_on: bool
    kept: Mapping[str, str]


def check_known(args: MultiDict[str, str], *known: str) -> None:
    """Raise MalformedError for a parameter that is not known here, one given twice, and one too long."""
    issues = {}
    for name, values in args.lists():
        if name not in (*known, "f", "lang"):
            text = "There is no such parameter. Known are: {known}."
            issues[name[:80]] = Message("UNKNOWN_PARAMETER", text, known=", ".join((*known, "f", "lang")))
        elif len(values) > 1 or len(values[0]) > LONGEST:
            issues[name] = Message("TOO_LONG", "This is too long.")
    if args.get("f", "json") not in FORMATS:
        issues["f"] = Message("NOT_A_CHOICE", _CHOICES, choices=", ".join(FORMATS))
    if issues:
        raise MalformedError(issues)


def read_items(args: MultiDict[str, str], collection: Collection) -> Query:
    """Read a query of a collection's items; raises MalformedError."""
    extra = ("passed-on",) if collection.id == "venues" else ()
    known = "limit", "after", "bbox", "bbox-crs", "datetime", "crs"
    check_known(args, *known, *extra, *collection.properties)
    issues: dict[str, Message] = {}
    begins, ends = _interval(args.get("datetime"), issues)
    asked = Asked(
        args.get("after", ""), _limit(args.get("limit"), issues), _box(args, issues),
        _wanted(args, collection, issues), begins, ends,
    )  # fmt: skip
    crs = _crs(args, "crs", issues)
    passed_on = args.get("passed-on", "no")
    if passed_on not in ("yes", "no"):
        issues["passed-on"] = Message("NOT_A_CHOICE", _CHOICES, choices="yes, no")
    if issues:
        raise MalformedError(issues)
    kept = {name: value for name, value in args.items() if name not in ("after", "f")}
    return Query(asked, crs, passed_on == "yes", kept)


def _limit(written: str | None, issues: dict[str, Message]) -> int:
    if written is None:
        return MOST_FEATURES
    if not (written.isascii() and written.isdecimal() and len(written) < 10 and int(written) > 0):
        issues["limit"] = Message("NUMBER_OUT_OF_RANGE", "Write {low} to {high}.", low=1, high=MOST_FEATURES)
        return MOST_FEATURES
    return min(int(written), MOST_FEATURES)  # the standard caps what is asked for too much


def _crs(args: MultiDict[str, str], name: str, issues: dict[str, Message]) -> str:
    found = args.get(name, CRS84)
    if found not in CRS:
        issues[name] = Message("NOT_A_CHOICE", _CHOICES, choices=", ".join(CRS))
        return CRS84
    return found


def _box(args: MultiDict[str, str], issues: dict[str, Message]) -> tuple[float, float, float, float] | None:
    """Return the box in degrees; of six numbers the heights are left out."""
    crs = _crs(args, "bbox-crs", issues)
    if "bbox" not in args:
        return None
    try:
        numbers = [float(part) for part in args["bbox"].split(",")]
        west, south, east, north = numbers if len(numbers) == 4 else [numbers[n] for n in (0, 1, 3, 4)]
        if len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)):
            raise ValueError
    except (ValueError, IndexError):
        issues["bbox"] = _BOX
        return None
    if CRS[crs] == "EPSG:4326":
        west, south, east, north = south, west, north, east
    elif CRS[crs] == "EPSG:32749":
        corners = to_degrees(np.array([[west, south], [west, north], [east, south], [east, north]]))
        (west, south), (east, north) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    if south > north or not (math.isfinite(west) and math.isfinite(north)):
        issues["bbox"] = _BOX
        return None
    return west, south, east, north


def _interval(written: str | None, issues: dict[str, Message]) -> tuple[datetime | None, datetime | None]:
    if written is None:
        return None, None
    first, slash, last = written.partition("/")
    try:
        begins = _instant(first, False)
        ends = _instant(last, True) if slash else _instant(first, True)
        if (begins is None and ends is None and not slash) or (begins and ends and begins > ends):
            raise ValueError
    except (ValueError, OverflowError):
        issues["datetime"] = _TIME
        return None, None
    return begins, ends


def _instant(written: str, ends: bool) -> datetime | None:
    if written in ("", ".."):
        return None
    found = datetime.fromisoformat(written.replace(" ", "+"))  # a query turns the + of an offset into a space
    whole_day = re.fullmatch(r"\d{4}-\d\d-\d\d", written)
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return aware + timedelta(days=1, microseconds=-1) if whole_day and ends else aware


def _wanted(args: MultiDict[str, str], collection: Collection, issues: dict[str, Message]) -> dict[str, Any]:
    """Return the properties that features should have, in their types."""
    found: dict[str, Any] = {}
    for name, schema in collection.properties.items():
        if name not in args:
            continue
        written = args[name]
        if schema["type"] == "boolean":
            found[name] = {"true": True, "false": False}.get(written)
        elif schema["type"] in ("integer", "number"):
            try:
                found[name] = float(written) if math.isfinite(float(written)) else None
            except ValueError:
                found[name] = None
        else:
            found[name] = written
        if found[name] is None or ("enum" in schema and written not in schema["enum"]):
            choices = ", ".join(schema.get("enum", ["true", "false"]))
            number = schema["type"] in ("integer", "number")
            issues[name] = (
                Message("NOT_A_RATE", "Write a number, as in 2.5.") if number
                else Message("NOT_A_CHOICE", _CHOICES, choices=choices)
            )  # fmt: skip
    return found


def read_changes(args: MultiDict[str, str]) -> tuple[str, str, bool, int]:
    """Read a query of the change feed: since, of, passed-on and limit; raises MalformedError."""
    check_known(args, "since", "of", "passed-on", "limit")
    issues: dict[str, Message] = {}
    of, passed_on = args.get("of", ""), args.get("passed-on", "no")
    if of and of not in MUNICIPALITIES:
        issues["of"] = Message("NOT_A_CHOICE", _CHOICES, choices=", ".join(MUNICIPALITIES))
    if passed_on not in ("yes", "no"):
        issues["passed-on"] = Message("NOT_A_CHOICE", _CHOICES, choices="yes, no")
    limit = _limit(args.get("limit"), issues)
    if issues:
        raise MalformedError(issues)
    return args.get("since", ""), of, passed_on == "yes", limit

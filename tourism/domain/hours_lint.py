"""Say where others would read hours otherwise than by the evening that begins them, and offer a rule all read alike.

Our own reading (hours_night) and OSM's are laid side by side over a year. Where OSM's cuts off small hours, or leaves
those of an evening that never began, maps and routers elsewhere would be wrong about the venue at 01:00.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from opening_hours import State

from tourism.domain.calendar import WIB, Calendar, Window
from tourism.domain.hours import LIBRARY, Hours, Interval, parse, read, together
from tourism.domain.hours_night import joined, marked, rules_of, write_out
from tourism.domain.hours_words import DAYS, days_between, write_week
from tourism.errors import Message

_WEEKDAYS = re.compile(r"((?:(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:-(?:Mo|Tu|We|Th|Fr|Sa|Su))?,?)+)\s+")
_TIMES = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)(?:,(?=\d)|$)")
_TEXTS = {
    "CUTS_NIGHT": "Elsewhere this reads as closed on {when}: a rule for that day cuts off the evening before.",
    "GHOST_NIGHT": "Elsewhere this reads as open on {when}, though the evening before never began.",
    "OPEN_END": "How late it stays open is not said: it counts as unknown from {when} on.",
}


@dataclass(frozen=True)
class Finding:
    """Something to know before hours are saved; `rewritten` says the same so that all read it alike, or is None."""

    message: Message
    rewritten: str | None


def lint(text: str, year: int, calendar: Calendar = LIBRARY) -> list[Finding]:
    """Return one finding of each kind, with its first instant in the year; raises HoursError."""
    hours = parse(text, year, calendar)
    first: dict[str, datetime] = {}
    for code, instant in _differences(hours, year):
        first.setdefault(code, instant)
    offered = _rewrite(hours, year) if first else None
    return [Finding(Message(code, _TEXTS[code], when=instant), offered) for code, instant in first.items()]


def _differences(hours: Hours, year: int) -> Iterator[tuple[str, datetime]]:
    for begin, _, (mine, theirs) in together(hours.intervals(_year(year)), _as_osm(hours, year)):
        if mine == State.UNKNOWN != theirs:
            yield "OPEN_END", begin
        elif mine != theirs:
            yield "CUTS_NIGHT" if mine == State.OPEN else "GHOST_NIGHT", begin


def _year(year: int) -> Window:
    # Not its first midnight: small hours of an evening before would be half in, half out.
    start = datetime(year, 1, 1, 12, tzinfo=WIB)
    return Window(start, start + timedelta(days=365))


def _as_osm(hours: Hours, year: int) -> list[Interval]:
    """Return the states as OSM reads them, holidays written out, since readers elsewhere have their own."""
    written = ""
    for rule, adds in rules_of(hours.text):
        for part in marked(rule, hours.special):
            written += joined(write_out(part, hours.special), adds)
    window = _year(year)
    return [(a, b, s) for a, b, s, _ in read(written.lstrip(";, ")).intervals(window.start, window.end)]


def _rewrite(hours: Hours, year: int) -> str | None:
    """Write weekly hours day by day; None where that is not possible, or would still be read otherwise."""
    table: dict[str, tuple[str, ...]] = {}
    for rule, adds in rules_of(hours.text):
        selector = _WEEKDAYS.match(rule)
        days = _days(selector[1].rstrip(",")) if selector else DAYS
        times = rule[selector.end() :] if selector else rule
        spans = tuple(f"{a}-{b}" for a, b in _TIMES.findall(times))
        if times != "off" and ",".join(spans) != times:
            return None
        for day in days:
            table[day] = (*table.get(day, ()), *spans) if adds else spans
    written = write_week(table)
    if not written or list(_differences(parse(written, year), year)):
        return None
    return written if parse(written, year).intervals(_year(year)) == hours.intervals(_year(year)) else None


def _days(selector: str) -> list[str]:
    found: list[str] = []
    for part in selector.split(","):
        first, _, last = part.partition("-")
        found += days_between(first, last or first)
    return found

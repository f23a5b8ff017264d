"""Is a venue open for the whole window? Hours are stored in OSM `opening_hours` syntax."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]  # its stub lacks one

from tourism.domain.calendar import WIB, Window, public_holidays
from tourism.domain.hours_night import split
from tourism.domain.hours_words import LONGEST, normalise
from tourism.errors import HoursError, Message

__all__ = ["UNKNOWN", "Answer", "Opening", "normalise", "over", "parse"]

KAYUTANGAN = (-7.98, 112.63)  # latitude and longitude for hours that go by the sun


class Opening(StrEnum):
    """The answer for a window, best first."""

    OPEN = "open"
    CLOSES = "closes"
    UNKNOWN = "unknown"
    CLOSED = "closed"


@dataclass(frozen=True)
class Answer:
    """How a venue's hours cover a window.

    `until` is when it closes (CLOSES), `opens` when a closed venue opens within the window (CLOSED).
    """

    opening: Opening
    until: datetime | None = None
    opens: datetime | None = None


UNKNOWN = Answer(Opening.UNKNOWN)


@dataclass(frozen=True)
class Hours:
    """Readable hours: what each day opens, and what runs on after its midnight (hours_night)."""

    head: OpeningHours
    tail: OpeningHours | None

    def intervals(self, window: Window) -> list[tuple[datetime, datetime, State]]:
        """Return the states of a window, in order, neighbours different."""
        day = timedelta(days=1)
        start, end = window.start.astimezone(WIB), window.end.astimezone(WIB)  # the library knows zones by name only
        layers = [[(a, b, state) for a, b, state, _ in self.head.intervals(start, end)]]
        if self.tail:
            earlier = self.tail.intervals(start - day, end - day)
            layers.append([(a + day, b + day, state) for a, b, state, _ in earlier])
        cuts = sorted({edge for layer in layers for a, b, _ in layer for edge in (a, b)})
        found: list[tuple[datetime, datetime, State]] = []
        for begin, finish in pairwise(cuts):
            states = {state for layer in layers for a, b, state in layer if a <= begin and finish <= b}
            state = next((s for s in (State.OPEN, State.UNKNOWN) if s in states), State.CLOSED)
            if found and found[-1][2] == state:
                found[-1] = found[-1][0], finish, state
            else:
                found.append((begin, finish, state))
        return found


def parse(text: str, year: int) -> Hours:
    """Read OSM `opening_hours` for the nights of a year; raises HoursError, saying what was written."""
    if len(text) > LONGEST:
        raise _unreadable(text)
    return _parse(text, year)


@lru_cache(maxsize=4096)
def _parse(text: str, year: int) -> Hours:
    holidays = [day for y in (year - 1, year, year + 1) for day in public_holidays(y)] if "PH" in text else []
    _read(text)
    night = split(text, holidays)
    return Hours(_read(night.head), _read(night.tail) if night.tail else None)


def _read(expression: str) -> OpeningHours:
    try:
        # With auto_country and auto_timezone off the library would forget coords, and dawn would be at 06:00.
        return OpeningHours(expression, timezone=WIB, country="ID", coords=KAYUTANGAN)
    except ParserError as error:
        raise _unreadable(expression) from error


def _unreadable(text: str) -> HoursError:
    return HoursError(Message("HOURS_UNREADABLE", "Opening hours not understood: {hours}", hours=text[:60]))


def over(text: str | None, window: Window) -> Answer:
    """Answer for the whole window; no hours, or unreadable ones, are unknown."""
    try:
        spans = parse(text, window.end.year).intervals(window) if text else []
    except HoursError:
        return UNKNOWN
    states = {state for _, _, state in spans}
    if State.UNKNOWN in states or not spans:
        return UNKNOWN
    if states == {State.OPEN}:
        return Answer(Opening.OPEN)
    if spans[0][2] == State.OPEN:
        return Answer(Opening.CLOSES, until=spans[0][1])
    return Answer(Opening.CLOSED, opens=next((start for start, _, state in spans if state == State.OPEN), None))

"""Is a venue open for the whole window? Hours are stored in OSM `opening_hours` syntax."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]  # its stub lacks one

from tourism.domain.calendar import WIB, Window
from tourism.domain.hours_words import LONGEST, normalise
from tourism.errors import HoursError, Message

__all__ = ["UNKNOWN", "Answer", "Opening", "normalise", "over", "parse"]


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


@lru_cache(maxsize=4096)
def parse(text: str) -> OpeningHours:
    """Read OSM `opening_hours`; raises HoursError, saying what was written."""
    unreadable = HoursError(Message("HOURS_UNREADABLE", "Opening hours not understood: {hours}", hours=text[:60]))
    if len(text) > LONGEST:
        raise unreadable
    try:
        return OpeningHours(text, timezone=WIB, country="ID", auto_country=False, auto_timezone=False)
    except ParserError as error:
        raise unreadable from error


def over(text: str | None, window: Window) -> Answer:
    """Answer for the whole window; no hours, or unreadable ones, are unknown."""
    if not text:
        return UNKNOWN
    try:
        hours = parse(text)
    except HoursError:
        return UNKNOWN
    spans = list(hours.intervals(window.start, window.end))
    states = {state for _, _, state, _ in spans}
    if states == {State.OPEN}:
        return Answer(Opening.OPEN)
    if State.UNKNOWN in states or not spans:
        return UNKNOWN
    if spans[0][2] == State.OPEN:
        return Answer(Opening.CLOSES, until=spans[0][1])
    opens = next((start for start, _, state, _ in spans if state == State.OPEN), None)
    return Answer(Opening.CLOSED, opens=opens)

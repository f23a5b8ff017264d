"""Is a venue open for the whole window? Hours are stored in OSM `opening_hours` syntax."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import pairwise

from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]  # its stub lacks one

from tourism.domain.calendar import LONGEST_SPECIAL, NOON, WIB, Calendar, Window
from tourism.domain.hours_night import dates_in_words, marked, rules_of, selector_of, split, write_out
from tourism.domain.hours_words import LONGEST, normalise
from tourism.errors import HoursError, Message

__all__ = [
    "UNKNOWN",
    "Answer",
    "Hours",
    "Opening",
    "TemporaryHours",
    "deciding_rule",
    "evening_of",
    "normalise",
    "over",
    "parse",
]

KAYUTANGAN = (-7.98, 112.63)  # latitude and longitude for hours that go by the sun
DAY = timedelta(days=1)
HALF_DAY = timedelta(hours=12)
NO_TIME = timedelta()
MIDNIGHT = time(0)
SMALL_HOURS = timedelta(hours=6)  # before six, a door belongs to the evening before
ALL_UNKNOWN = "24/7 unknown"
LIBRARY = Calendar()  # holidays without corrections

Interval = tuple[datetime, datetime, State]


class Opening(StrEnum):
    """The answer for a window, best first."""

    OPEN = "open"
    CLOSES = "closes"
    UNKNOWN = "unknown"
    CLOSED = "closed"


@dataclass(frozen=True)
class Answer:
    """How a venue's hours cover a window.

    `until` is when it closes (CLOSES), `opens` when a closed venue opens within the window (CLOSED), `share` the
    part of the window it is known to be open from its start on.
    """

    opening: Opening
    until: datetime | None = None
    opens: datetime | None = None
    share: float = 0.0


UNKNOWN = Answer(Opening.UNKNOWN)
OPEN = Answer(Opening.OPEN, share=1.0)


@dataclass(frozen=True)
class TemporaryHours:
    """Hours of one venue for the evenings from `first` to `last`, as in Ramadan; they end by themselves."""

    venue: str
    first: date
    last: date
    opening_hours: str
    reason: str
    source: str
    hours_as_recorded: str = ""

    def __post_init__(self) -> None:
        """Refuse dates that end before they begin, or go on for years."""
        if not timedelta() <= self.last - self.first <= LONGEST_SPECIAL:
            raise ValueError("the last date is after the first one, at most 400 days")


@dataclass(frozen=True)
class _Rule:
    """One rule of an expression: its text, itself alone, and the days it is about."""

    text: str
    alone: "Hours"
    days: tuple[OpeningHours, ...]


@dataclass(frozen=True, eq=False)
class Hours:
    """Readable hours: what each day opens, and what runs on after its midnight (hours_night)."""

    text: str
    head: OpeningHours
    tail: OpeningHours | None
    special: Mapping[str, str]

    def intervals(self, window: Window) -> list[Interval]:
        """Return the states of a window, in order, neighbours different."""
        return _states(self.evenings, window)

    def evenings(
        self, start: datetime, end: datetime, _after: timedelta
    ) -> "Sequence[tuple[Hours, datetime, datetime]]":
        """Return itself for the whole stretch: the hours without temporary ones."""
        return ((self, start, end),)

    def state(self, instant: datetime) -> State:
        """Return the state at an instant."""
        return self.intervals(Window(instant, instant + timedelta(minutes=1)))[0][2]

    @cached_property
    def rules(self) -> list[_Rule]:
        """The rules one by one; an expression with comments or fallbacks is one rule."""
        if '"' in self.text or "||" in self.text:
            return [_Rule(self.text, self, ())]
        found = []
        for rule, _ in rules_of(self.text):
            parts = [write_out(part, self.special) for part in marked(rule, self.special)]
            if parts:
                days = tuple(read(f"{selector_of(part)} 00:00-24:00".strip()) for part in parts)
                found.append(_Rule(rule, _compile("; ".join(parts), self.special), days))
        return found

    def deciding(self, instant: datetime, state: State) -> str:
        """Return the last rule that gives the state at an instant; of a closed door, the last about that evening."""
        if state != State.CLOSED:
            return next((rule.text for rule in reversed(self.rules) if rule.alone.state(instant) == state), self.text)
        noon = datetime.combine(evening_of(instant), NOON, WIB)
        return next((r.text for r in reversed(self.rules) if any(day.is_open(noon) for day in r.days)), "")


# The hours of a stretch, evening by evening; an evening's day ends so long after midnight.
Stretch = tuple[Hours, datetime, datetime]
Evenings = Callable[[datetime, datetime, timedelta], Sequence[Stretch]]


def evening_of(instant: datetime) -> date:
    """Return the date of the evening that an instant belongs to; a day goes until six."""
    return (instant.astimezone(WIB) - SMALL_HOURS).date()


def _states(evenings: Evenings, window: Window) -> list[Interval]:
    """Lay what runs on after midnight over what each day opens."""
    start, end = _by_name(window.start), _by_name(window.end)
    head = [(a, b, s) for hours, x, y in evenings(start, end, SMALL_HOURS) for a, b, s, _ in hours.head.intervals(x, y)]
    tail = [
        (a + DAY, b + DAY, s)
        for hours, x, y in evenings(start - DAY, end - DAY, NO_TIME)
        if hours.tail
        for a, b, s, _ in hours.tail.intervals(x, y)
    ]
    if not tail and all(a[2] != b[2] for a, b in pairwise(head)):
        return head
    merged: list[Interval] = []
    for begin, finish, states in together(head, tail):
        state = next((s for s in (State.OPEN, State.UNKNOWN) if s in states), State.CLOSED)
        if merged and merged[-1][2] == state:
            merged[-1] = merged[-1][0], finish, state
        else:
            merged.append((begin, finish, state))
    return merged


def _by_name(instant: datetime) -> datetime:
    """Return the instant in WIB; the library knows zones by name only."""
    return instant if instant.tzinfo is WIB else instant.astimezone(WIB)


def together(*layers: Sequence[Interval]) -> Iterator[tuple[datetime, datetime, list[State]]]:
    """Yield the stretches between all edges of some layers, each in order, with the states they have there."""
    at = [0] * len(layers)
    for begin, finish in pairwise(sorted({edge for layer in layers for a, b, _ in layer for edge in (a, b)})):
        for n, layer in enumerate(layers):
            while at[n] < len(layer) and layer[at[n]][1] <= begin:
                at[n] += 1
        yield (
            begin,
            finish,
            [layer[i][2] for i, layer in zip(at, layers, strict=True) if i < len(layer) and layer[i][0] <= begin],
        )


def parse(text: str, year: int, calendar: Calendar = LIBRARY, evenings: bool = False) -> Hours:
    """Read OSM `opening_hours` for the nights of a year; raises HoursError, saying what was written.

    Where hours change from one evening to the next, each must be read by `evenings`.
    """
    if len(text) > LONGEST:
        raise _unreadable(text)
    return _parse(text, year, calendar, evenings)


@lru_cache(maxsize=16_384)
def _parse(text: str, year: int, calendar: Calendar, evenings: bool) -> Hours:
    special = {word: dates for word, dates in _special(year, calendar).items() if word in text}
    if "+" in text:
        read(text)  # rewriting open ends leaves words away that must be readable
    return _compile(text, special, evenings)


@lru_cache(maxsize=64)
def _special(year: int, calendar: Calendar) -> Mapping[str, str]:
    """Write the holidays of a year and of the days around it as selectors."""
    around = date(year - 1, 12, 30), date(year + 1, 1, 2)
    public = {day for y in (year - 1, year, year + 1) for day in calendar.public_holidays(y)}
    return {
        word: dates_in_words(day for day in days if around[0] <= day <= around[1])
        for word, days in (("PH", public), ("SH", calendar.school_holidays))
    }


def _compile(text: str, special: Mapping[str, str], evenings: bool = False) -> Hours:
    night = split(text, special, evenings)
    return Hours(text, read(night.head), read(night.tail) if night.tail else None, special)


def read(expression: str) -> OpeningHours:
    """Read an expression as OSM does; raises HoursError."""
    try:
        # With auto_country and auto_timezone off the library would forget coords, and dawn would be at 06:00.
        return OpeningHours(expression, timezone=WIB, country="ID", coords=KAYUTANGAN)
    except ParserError as error:
        raise _unreadable(expression) from error


def _unreadable(text: str) -> HoursError:
    return HoursError(Message("HOURS_UNREADABLE", "Opening hours not understood: {hours}", hours=text[:60]))


def over(
    text: str | None, window: Window, calendar: Calendar = LIBRARY, temporary: Sequence[TemporaryHours] = ()
) -> Answer:
    """Answer for the whole window; no hours, or unreadable ones, are unknown."""
    if temporary:
        return _over(text or ALL_UNKNOWN, window, calendar, temporary)
    return _usually(text, window, calendar) if text else UNKNOWN


# Most venues share their hours with others, and readers their window.
@lru_cache(maxsize=4096)
def _usually(text: str, window: Window, calendar: Calendar) -> Answer:
    return _over(text, window, calendar, ())


@lru_cache(maxsize=16_384)
def _night(text: str, night: date, calendar: Calendar) -> list[Interval]:
    """Return the states from noon to noon; whatever part of a night is asked for is cut out of it."""
    noon = datetime.combine(night, NOON, WIB)
    return _Evenings.read(text, night.year, calendar, ()).spans(Window(noon - DAY, noon))


def _spans(text: str, window: Window, calendar: Calendar, temporary: Sequence[TemporaryHours]) -> list[Interval]:
    start, end, night = _within_a_night(window)
    if temporary or night is None:
        return _Evenings.read(text, end.year, calendar, temporary).spans(window)
    whole = _night(text, night, calendar)
    if len(whole) == 1:
        return [(start, end, whole[0][2])]
    return [(max(a, start), min(b, end), state) for a, b, state in whole if a < end and b > start]


@lru_cache(maxsize=256)
def _within_a_night(window: Window) -> tuple[datetime, datetime, date | None]:
    """Return a window in WIB and its night, None if it goes past the noon that ends it."""
    start, end = _by_name(window.start), _by_name(window.end)
    night = (start + HALF_DAY).date()
    return start, end, night if end <= datetime.combine(night, NOON, WIB) else None


def _over(text: str, window: Window, calendar: Calendar, temporary: Sequence[TemporaryHours]) -> Answer:
    try:
        spans = _spans(text, window, calendar, temporary)
    except HoursError:
        return UNKNOWN
    share = _share(spans)
    turn = _turn(spans)
    if turn is None:
        return OPEN
    if turn[2] == State.UNKNOWN:
        return Answer(Opening.UNKNOWN, share=share)
    if share:
        return Answer(Opening.CLOSES, until=turn[0], share=share)
    return Answer(Opening.CLOSED, opens=next((start for start, _, state in spans if state == State.OPEN), None))


def _turn(spans: Sequence[Interval]) -> Interval | None:
    """Return the first span that is not open: it decides; None if all is open."""
    return next((span for span in spans if span[2] != State.OPEN), None)


def deciding_rule(
    text: str | None, window: Window, calendar: Calendar = LIBRARY, temporary: Sequence[TemporaryHours] = ()
) -> str:
    """Return the rule of the hours that decided the answer for a window, "" where none is about that evening."""
    try:
        evenings = _Evenings.read(text or ALL_UNKNOWN, window.end.year, calendar, temporary)
        spans = _spans(text or ALL_UNKNOWN, window, calendar, temporary)
    except HoursError:
        return ""
    turn = _turn(spans)
    instant, _, state = turn if turn and turn[2] == State.UNKNOWN else spans[0]
    in_force = evenings.in_force(evening_of(instant))
    return "" if in_force.text == ALL_UNKNOWN else in_force.deciding(instant, state)


def _share(spans: Sequence[Interval]) -> float:
    start, until, state = spans[0]
    return (until - start) / (spans[-1][1] - start) if state == State.OPEN else 0.0


@dataclass(frozen=True)
class _Evenings:
    """The usual hours of a venue, and those that replace them from one evening to another; later ones win."""

    usual: Hours
    changed: Sequence[tuple[date, date, Hours]]

    @classmethod
    def read(cls, text: str, year: int, calendar: Calendar, temporary: Sequence[TemporaryHours]) -> "_Evenings":
        """Read all; raises HoursError."""
        usual = parse(text, year, calendar, bool(temporary))
        return cls(usual, [(t.first, t.last, parse(t.opening_hours, year, calendar, True)) for t in temporary])

    def spans(self, window: Window) -> list[Interval]:
        """Return the states of a window, in order, neighbours different."""
        return _states(self.cut if self.changed else self.usual.evenings, window)

    def in_force(self, evening: date) -> Hours:
        """Return the hours of an evening."""
        return next((hours for first, last, hours in reversed(self.changed) if first <= evening <= last), self.usual)

    def cut(self, start: datetime, end: datetime, after: timedelta) -> Sequence[Stretch]:
        """Cut a stretch of days where temporary hours begin or have ended, so long after midnight."""
        edges = {day for first, last, _ in self.changed for day in (first, last + DAY)}
        inside = sorted(t for t in (datetime.combine(day, MIDNIGHT, WIB) + after for day in edges) if start < t < end)
        return [(self.in_force((a - after).date()), a, b) for a, b in pairwise([start, *inside, end])]

"""Nights, service dates, and what a date makes of its night: the crowd and the price list."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache, cached_property
from typing import Literal
from zoneinfo import ZoneInfo

import holidays

from tourism.domain.sun import sun_times
from tourism.errors import Message, OutOfRangeError
from tourism.geo.crs import Point

WIB = ZoneInfo("Asia/Jakarta")
FIRST_DATE = date(2024, 10, 30)  # the first day of the tariffs in data/tariffs.csv
LAST_DAY = timedelta(days=400)  # calendars of closures and holidays are not known further ahead
LONGEST_SPECIAL = timedelta(days=400)  # of dates of one kind in a row
LONGEST_WINDOW = timedelta(hours=24)
ONE_DAY = timedelta(days=1)
SATURDAY = 5  # date.weekday()
NOON = time(12)
EVENING = time(22)


class DayType(StrEnum):
    """The two columns of the park's price list."""

    WEEKDAY = "weekday"
    HOLIDAY = "holiday"


class Crowd(StrEnum):
    """How many set off that night; a busy night and a peak one share travel times and closing times."""

    QUIET = "quiet"
    BUSY = "busy"
    PEAK = "peak"


@dataclass(frozen=True)
class DayProfile:
    """What a date makes of its night: the crowd, the price list, and why."""

    crowd: Crowd
    day_type: DayType
    reasons: tuple[Message, ...] = ()

    @property
    def busy(self) -> bool:
        """Tell whether the busy travel times and closing times hold."""
        return self.crowd is not Crowd.QUIET


@dataclass(frozen=True)
class Window:
    """A half-open interval of aware instants."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Window") -> bool:
        """Tell whether two half-open intervals share an instant."""
        return self.start < other.end and other.start < self.end


def at(night: date, clock: time) -> datetime:
    """Return the instant of a clock time in WIB within a night: from noon on it is the evening before."""
    day = night - timedelta(days=1) if clock >= NOON else night
    return datetime.combine(day, clock, WIB)


def clock_time(instant: datetime) -> time:
    """Return the clock time of an instant in WIB."""
    return instant.astimezone(WIB).time()


def service_date(now: datetime, place: Point) -> date:
    """Return the date of the next sunrise at a place."""
    today = now.astimezone(WIB).date()
    return today if now < sun_times(today, place).sunrise else today + ONE_DAY


def check_window(window: Window, field: str = "until") -> None:
    """Raise OutOfRangeError for a window to wait in that ends before it begins, or lasts more than a day."""
    if window.start >= window.end:
        text = "The window ends before it begins: {start} to {end}."
        raise OutOfRangeError({field: Message("WINDOW_REVERSED", text, start=window.start, end=window.end)})
    if window.end - window.start > LONGEST_WINDOW:
        text = "A window lasts at most 24 hours: {start} to {end} is longer."
        raise OutOfRangeError({field: Message("WINDOW_TOO_LONG", text, start=window.start, end=window.end)})


def check_date(day: date, today: date, field: str = "date") -> None:
    """Raise OutOfRangeError for a date without tariffs, or too far ahead for closures to be known."""
    last = today + LAST_DAY
    if not FIRST_DATE <= day <= last:
        text = "Choose a date from {first} to {last}."
        raise OutOfRangeError({field: Message("DATE_OUT_OF_RANGE", text, first=FIRST_DATE, last=last)})


class SpecialKind(StrEnum):
    """What a row of data/special_dates.csv says about its dates; WORKING takes a holiday away.

    QUIET, BUSY and PEAK say what the night is like, whatever the weekday; of several, the first in this order counts.
    """

    PUBLIC = "public_holiday"
    WORKING = "working_day"
    SCHOOL = "school_holiday"
    QUIET = "quiet"
    PEAK = "peak"
    BUSY = "busy"


@dataclass(frozen=True)
class SpecialDates:
    """Dates, the last one included, that a decree or a school calendar makes special."""

    first: date
    last: date
    kind: SpecialKind
    name: str
    confidence: Literal["L", "M", "H"]
    source: str

    def __post_init__(self) -> None:
        """Refuse dates that end before they begin, or go on for years."""
        if not timedelta() <= self.last - self.first <= LONGEST_SPECIAL:
            raise ValueError("the last date is after the first one, at most 400 days")

    @property
    def days(self) -> set[date]:
        """Every date it covers."""
        return {self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)}


@dataclass(frozen=True, eq=False)
class Calendar:
    """Public holidays of the holidays library, corrected by the table; school holidays are in the table alone."""

    special: Sequence[SpecialDates] = ()
    _years: dict[int, frozenset[date]] = field(default_factory=dict, init=False)
    _profiles: dict[date, DayProfile] = field(default_factory=dict, init=False)

    def _of(self, kind: SpecialKind) -> set[date]:
        return {day for dates in self.special if dates.kind == kind for day in dates.days}

    @cached_property
    def school_holidays(self) -> frozenset[date]:
        """Return the school holidays that are known."""
        return frozenset(self._of(SpecialKind.SCHOOL))

    def public_holidays(self, year: int) -> frozenset[date]:
        """Public holidays and government leave days of a year; the library's coming lunar dates are estimates."""
        if year not in self._years:
            added = {day for day in self._of(SpecialKind.PUBLIC) if day.year == year}
            self._years[year] = frozenset((_library_holidays(year) | added) - self._of(SpecialKind.WORKING))
        return self._years[year]

    def day_type(self, day: date) -> DayType:
        """Saturdays, Sundays and public holidays are holidays (PP 36/2024)."""
        return DayType.HOLIDAY if self._off(day) else DayType.WEEKDAY

    def profile(self, day: date) -> DayProfile:
        """Return what a service date makes of its night: what the table says, else holidays and weekends."""
        if day not in self._profiles:
            crowd, reasons = self._crowd(day)
            self._profiles[day] = DayProfile(crowd, self.day_type(day), reasons)
        return self._profiles[day]

    def _crowd(self, day: date) -> tuple[Crowd, tuple[Message, ...]]:
        for kind in (SpecialKind.QUIET, SpecialKind.PEAK, SpecialKind.BUSY):
            said = [dates for dates in self.special if dates.kind == kind and dates.first <= day <= dates.last]
            if said:
                return Crowd(kind.value), tuple(Message("SPECIAL_DATES", d.name, d.source) for d in said)
        if self._long_weekend(day):
            return Crowd.PEAK, (Message("LONG_WEEKEND", "long weekend"),)
        reasons = []
        if day in self.public_holidays(day.year):
            reasons.append(Message("PUBLIC_HOLIDAY", "public holiday"))
        if day in self.school_holidays:
            reasons.append(Message("SCHOOL_HOLIDAYS", "school holidays"))
        if day.weekday() >= SATURDAY:
            reasons.append(Message("WEEKEND", "weekend"))
        return (Crowd.BUSY if reasons else Crowd.QUIET), tuple(reasons)

    def _off(self, day: date) -> bool:
        return day.weekday() >= SATURDAY or day in self.public_holidays(day.year)

    def _long_weekend(self, day: date) -> bool:
        """Tell whether a date lies among three days off in a row; a single working day between days off bridges."""

        def free(other: date) -> bool:
            return self._off(other) or (self._off(other - ONE_DAY) and self._off(other + ONE_DAY))

        first = last = day
        while free(first - ONE_DAY):
            first -= ONE_DAY
        while free(last + ONE_DAY):
            last += ONE_DAY
        return free(day) and (last - first).days >= 2


@cache
def _library_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("ID", years=year, categories=("public", "government")))

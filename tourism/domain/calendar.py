"""Nights, service dates and the day type a tariff goes by."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from tourism.domain.sun import sun_times
from tourism.errors import Message, OutOfRangeError
from tourism.geo.crs import Point

WIB = ZoneInfo("Asia/Jakarta")
FIRST_DATE = date(2024, 10, 30)  # the first day of the tariffs in data/tariffs.csv
LAST_DAY = timedelta(days=400)  # calendars of closures and holidays are not known further ahead
NOON = time(12)
EVENING = time(22)


class DayType(StrEnum):
    """The two columns of the park's price list."""

    WEEKDAY = "weekday"
    HOLIDAY = "holiday"


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


def service_date(now: datetime, place: Point) -> date:
    """Return the date of the next sunrise at a place."""
    today = now.astimezone(WIB).date()
    return today if now < sun_times(today, place).sunrise else today + timedelta(days=1)


def check_date(day: date, today: date, field: str = "date") -> None:
    """Raise OutOfRangeError for a date without tariffs, or too far ahead for closures to be known."""
    last = today + LAST_DAY
    if not FIRST_DATE <= day <= last:
        text = "Choose a date from {first} to {last}."
        raise OutOfRangeError({field: Message("DATE_OUT_OF_RANGE", text, first=FIRST_DATE, last=last)})


@cache
def public_holidays(year: int) -> frozenset[date]:
    """Indonesian public holidays and government leave days; lunar dates of coming years are estimates."""
    return frozenset(holidays.country_holidays("ID", years=year, categories=("public", "government")))


def day_type(day: date) -> DayType:
    """Saturdays, Sundays and public holidays are holidays (PP 36/2024)."""
    if day.weekday() >= 5 or day in public_holidays(day.year):
        return DayType.HOLIDAY
    return DayType.WEEKDAY


def dates_around(day: date, first: date, last: date) -> Iterator[date]:
    """Yield other dates from the nearest on, later before earlier, within first and last."""
    for distance in range(1, max(abs(first - day), abs(last - day)).days + 1):
        for other in (day + timedelta(days=distance), day - timedelta(days=distance)):
            if first <= other <= last:
                yield other

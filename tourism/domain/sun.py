"""Sunrise and the dawns before it."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from astral import Depression, Observer
from astral.sun import dawn, sunrise

from tourism.geo.crs import Point

WIB = ZoneInfo("Asia/Jakarta")
SUBUH_DEPRESSION = 20  # degrees; Kementerian Agama RI


@dataclass(frozen=True)
class SunTimes:
    """A morning's instants in WIB, to the second.

    Sunrise is the standard one: upper limb on a sea-level horizon, 34' of refraction. A height above the horizon
    would move it up to 6 minutes earlier, but the ridges around the caldera hide that horizon.
    """

    subuh: datetime
    astronomical_dawn: datetime
    nautical_dawn: datetime
    civil_dawn: datetime
    sunrise: datetime


@lru_cache(maxsize=8192)
def sun_times(day: date, place: Point) -> SunTimes:
    """Compute the morning of a date in WIB at a place; raises ValueError where the sun does not rise."""
    observer = Observer(place.lat, place.lon)

    def at(depression: float) -> datetime:
        return _seconds(dawn(observer, day, depression, tzinfo=WIB))

    return SunTimes(
        subuh=at(SUBUH_DEPRESSION),
        astronomical_dawn=at(Depression.ASTRONOMICAL.value),
        nautical_dawn=at(Depression.NAUTICAL.value),
        civil_dawn=at(Depression.CIVIL.value),
        sunrise=_seconds(sunrise(observer, day, tzinfo=WIB)),
    )


def _seconds(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)

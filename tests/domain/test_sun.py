"""Sun times against an independent ephemeris (VSOP87 as in libastro)."""

from datetime import UTC, date, datetime, timedelta

import ephem
import pytest

from tourism.domain.calendar import WIB
from tourism.domain.sun import sun_times
from tourism.geo.crs import Point

PENANJAKAN = Point(-7.9070, 112.9510)
DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]


def ephemeris(day: date, place: Point, horizon: str, *, centre: bool) -> datetime:
    """Return when the sun next passes a depression after midnight WIB."""
    observer = ephem.Observer()
    observer.lat, observer.lon = str(place.lat), str(place.lon)
    observer.pressure, observer.horizon = 0, horizon
    observer.date = datetime(day.year, day.month, day.day, tzinfo=WIB).astimezone(UTC).replace(tzinfo=None)
    found: datetime = observer.next_rising(ephem.Sun(), use_center=centre).datetime()
    return found.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "horizon", "centre"),
    [
        ("sunrise", "-0:34", False),
        ("civil_dawn", "-6", True),
        ("nautical_dawn", "-12", True),
        ("astronomical_dawn", "-18", True),
        ("subuh", "-20", True),
    ],
)
def test_every_morning_of_a_year_agrees_within_30_seconds(field: str, horizon: str, centre: bool) -> None:
    for day in DAYS:
        ours: datetime = getattr(sun_times(day, PENANJAKAN), field)
        assert abs(ours - ephemeris(day, PENANJAKAN, horizon, centre=centre)) < timedelta(seconds=30)
        assert ours.date() == day
        assert ours.tzinfo is WIB


@pytest.mark.parametrize(
    ("day", "expected"),
    [("01-01", "05:14"), ("03-01", "05:33"), ("05-01", "05:30"), ("07-15", "05:43"),
     ("09-01", "05:30"), ("11-15", "04:59"), ("12-15", "05:06")],
)  # fmt: skip
def test_the_published_table_agrees_within_a_minute(day: str, expected: str) -> None:
    ours = sun_times(date.fromisoformat(f"2026-{day}"), PENANJAKAN).sunrise
    table = datetime.fromisoformat(f"2026-{day}T{expected}+07:00")
    assert abs(ours - table) <= timedelta(seconds=90)


@pytest.mark.parametrize("place", [Point(6.0, 95.0), Point(-11.0, 140.9), Point(-7.98, 112.63)])
def test_dawns_come_in_order_on_the_date_asked_for_anywhere_in_indonesia(place: Point) -> None:
    times = sun_times(date(2026, 3, 20), place)
    ordered = [times.subuh, times.astronomical_dawn, times.nautical_dawn, times.civil_dawn, times.sunrise]
    assert ordered == sorted(ordered)
    assert {t.date() for t in ordered} == {date(2026, 3, 20)}

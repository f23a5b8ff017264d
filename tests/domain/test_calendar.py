from datetime import date, datetime, time

import pytest

from tests.worlds import clock
from tourism.adapters.data_files import PackagedData
from tourism.domain.calendar import (
    WIB,
    Calendar,
    Crowd,
    DayType,
    SpecialDates,
    SpecialKind,
    Window,
    at,
    check_date,
    service_date,
)
from tourism.errors import OutOfRangeError
from tourism.geo.crs import Point

PENANJAKAN = Point(-7.9070, 112.9510)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-12-04T23:30+07:00", date(2026, 12, 5)),
        ("2026-12-05T00:30+07:00", date(2026, 12, 5)),
        ("2026-12-05T05:01+07:00", date(2026, 12, 5)),
        ("2026-12-05T05:03+07:00", date(2026, 12, 6)),
        ("2026-12-04T17:30+00:00", date(2026, 12, 5)),
    ],
)
def test_a_night_belongs_to_the_sunrise_that_ends_it(now: str, expected: date) -> None:
    assert service_date(datetime.fromisoformat(now), PENANJAKAN) == expected


def test_clock_times_from_noon_on_are_the_evening_before() -> None:
    night = date(2026, 12, 5)
    assert at(night, time(22)) == datetime(2026, 12, 4, 22, tzinfo=WIB)
    assert at(night, time(12)) == datetime(2026, 12, 4, 12, tzinfo=WIB)
    assert at(night, time(11, 59)) == datetime(2026, 12, 5, 11, 59, tzinfo=WIB)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-11-25", DayType.WEEKDAY),  # Wednesday
        ("2026-12-05", DayType.HOLIDAY),  # Saturday
        ("2026-12-06", DayType.HOLIDAY),  # Sunday
        ("2026-12-25", DayType.HOLIDAY),  # Christmas, a Friday
        ("2026-08-17", DayType.HOLIDAY),  # Independence Day, a Monday
        ("2026-03-19", DayType.HOLIDAY),  # Nyepi, a Thursday
    ],
)
def test_weekends_and_public_holidays_pay_the_holiday_tariff(day: str, expected: DayType) -> None:
    assert Calendar().day_type(date.fromisoformat(day)) is expected


@pytest.mark.parametrize(
    ("day", "crowd", "why"),
    [
        ("2026-11-25", Crowd.QUIET, []),  # a Wednesday
        ("2026-12-05", Crowd.BUSY, ["weekend"]),
        ("2026-06-15", Crowd.PEAK, ["long weekend"]),  # a Monday between the weekend and 1 Muharram
        ("2026-08-15", Crowd.PEAK, ["long weekend"]),  # Saturday before a Monday off
        ("2026-08-17", Crowd.PEAK, ["long weekend"]),
        ("2026-05-15", Crowd.PEAK, ["long weekend"]),  # a Friday between Ascension and the weekend
        ("2026-08-18", Crowd.QUIET, []),
        ("2026-12-27", Crowd.PEAK, ["end of the year"]),
        ("2027-01-04", Crowd.PEAK, ["end of the year"]),
        ("2027-01-05", Crowd.PEAK, ["long weekend"]),  # with the Monday before it as a bridge
        ("2027-01-06", Crowd.QUIET, []),
        ("2026-03-23", Crowd.PEAK, ["Lebaran"]),
        ("2027-06-30", Crowd.BUSY, ["school holidays"]),
    ],
)
def test_a_date_makes_its_night_quiet_busy_or_peak(day: str, crowd: Crowd, why: list[str]) -> None:
    special: list[SpecialDates] = list(PackagedData().rows("special_dates.csv"))
    found = Calendar(special).profile(date.fromisoformat(day))
    assert (found.crowd, [reason.text for reason in found.reasons]) == (crowd, why)
    assert found.busy is (crowd is not Crowd.QUIET)


def test_the_table_overrules_the_weekday() -> None:
    saturday = date(2026, 12, 5)
    for kind in (SpecialKind.QUIET, SpecialKind.BUSY, SpecialKind.PEAK):
        row = SpecialDates(saturday, saturday, kind, "said so", "H", "made up")
        found = Calendar([row]).profile(saturday)
        assert (found.crowd.value, found.day_type) == (kind.value, DayType.HOLIDAY)
        assert found.reasons[0].source == "made up"
    wednesday = date(2026, 11, 25)
    alone = Calendar([SpecialDates(wednesday, wednesday, SpecialKind.PUBLIC, "election", "H", "")]).profile(wednesday)
    assert (alone.crowd, [reason.text for reason in alone.reasons]) == (Crowd.BUSY, ["public holiday"])
    both = [SpecialDates(saturday, saturday, k, "", "H", "") for k in (SpecialKind.BUSY, SpecialKind.PEAK)]
    assert Calendar(both).profile(saturday).crowd is Crowd.PEAK


@pytest.mark.parametrize("day", [date(2024, 10, 29), date(2027, 12, 30)])
def test_dates_without_tariffs_or_too_far_ahead_are_refused(day: date) -> None:
    with pytest.raises(OutOfRangeError, match="Choose a date"):
        check_date(day, date(2026, 11, 24))


@pytest.mark.parametrize("day", [date(2024, 10, 30), date(2027, 12, 29)])
def test_the_first_and_last_date_are_accepted(day: date) -> None:
    check_date(day, date(2026, 11, 24))


def test_half_open_windows_that_touch_do_not_overlap() -> None:
    early, late = Window(clock("22:00"), clock("23:00")), Window(clock("23:00"), clock("23:30"))
    assert not early.overlaps(late)
    assert early.overlaps(Window(clock("22:59"), clock("23:30")))

"""Each indicator on a world that can be counted by hand, and on one where nobody has recorded anything."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from tests.worlds import clock
from tourism.adapters.data_files import PackagedData
from tourism.domain.calendar import WIB
from tourism.domain.campaign import Stage
from tourism.domain.measures import FORMULAS, Indicator, Observed, QuickWin, Stay, measure, seat_hours

NOW = datetime(2026, 6, 10, 12, tzinfo=WIB)
NIGHT = NOW.date()
INDICATORS: list[Indicator] = list(PackagedData().rows("indicators.csv"))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVENING = NIGHT - DAY


def stay(size: int, venue: str | None = "a", leave: str = "01:05", departure: str = "d1") -> Stay:
    """Return a party that joined at 21:00 and leaves at a time of this morning."""
    return Stay(NIGHT, departure, size, clock("21:00", EVENING), clock(leave, NIGHT), venue, "jeep")


def value(id_: str, **seen: object) -> float | None:
    """Return an indicator's value in a world in which only this was observed."""
    return FORMULAS[id_](replace(Observed(NOW), **seen))[0]  # type: ignore[arg-type]


def test_every_indicator_has_its_formula_and_every_component_at_least_two() -> None:
    assert [one.id for one in INDICATORS] == list(FORMULAS)
    counts = {c: sum(one.component == c for one in INDICATORS) for c in {one.component for one in INDICATORS}}
    assert counts.keys() == {"governance", "branding", "economy", "living", "society", "environment"}
    assert min(counts.values()) >= 2
    assert all("by hand" in one.basis for one in INDICATORS)


def test_what_nobody_recorded_is_not_known_and_never_zero() -> None:
    found = {one.indicator: one.value for one in measure(Observed(NOW), INDICATORS)}
    assert found == {one.id: None for one in INDICATORS}
    assert value("scans", links=1) == 0


def test_review_time_is_the_median_of_recent_decisions() -> None:
    def review(hours: int, ago: timedelta = DAY) -> tuple[datetime, datetime]:
        return NOW - ago - hours * HOUR, NOW - ago

    assert value("review_p50", reviews=[review(1), review(5), review(90)]) == 5
    assert value("review_p50", reviews=[review(1), review(5), review(500, 91 * DAY)]) == 3


def test_a_listing_is_fresh_for_ninety_days() -> None:
    assert value("fresh", checked=[NIGHT, NIGHT - 90 * DAY, NIGHT - 91 * DAY, None]) == 50


def test_a_visit_is_followed_from_scan_to_departure() -> None:
    visits = {Stage.SCAN: 40, Stage.PLAN: 10, Stage.TURN: 4}
    assert [value(id_, visits=visits) for id_ in ("scans", "scan_to_plan", "scan_to_turn")] == [40, 25, 10]
    assert value("scan_to_plan", visits={Stage.PLAN: 3}) is None


@pytest.mark.parametrize(
    ("one", "hours"),
    [
        (stay(4), 12),  # 22:00 to 01:00, for it boards at 01:00
        (replace(stay(4), joined_at=clock("23:30", EVENING)), 6),
        (stay(4, None), 0),
        (stay(4, leave="00:00"), 4 * (1 + 55 / 60)),
        (replace(stay(4), joined_at=clock("01:04", NIGHT)), 0),
    ],
)
def test_seat_hours_are_counted_from_ten_until_people_board(one: Stay, hours: float) -> None:
    assert seat_hours(one) == pytest.approx(hours)


def test_seat_hours_are_those_of_a_night() -> None:
    other = replace(
        stay(2), night=NIGHT - DAY, joined_at=clock("21:00", EVENING - DAY), leave_at=clock("01:05", EVENING)
    )
    assert value("seat_hours", stays=[stay(4), other]) == pytest.approx((12 + 6) / 2)


def test_people_beyond_the_first_ten_venues() -> None:
    stays = [stay(2, f"venue-{n}") for n in range(10)] + [stay(1, "eleventh"), stay(4, None)]
    assert value("beyond_ten", stays=stays) == pytest.approx(100 / 21)
    assert value("beyond_ten", stays=stays[:10]) == 0


def test_shares_of_waiting_spots() -> None:
    assert value("toilets", toilets=[True, True, False]) == pytest.approx(200 / 3)
    assert value("two_languages", described=[True, False, False]) == pytest.approx(100 / 3)


def test_lighting_is_not_known_until_somebody_maps_it() -> None:
    assert value("lit", lit=(0.0, 0.0, 1000.0)) is None
    assert value("lit", lit=(0.0, 100.0, 1000.0)) == 0
    assert value("lit", lit=(250.0, 100.0, 1000.0)) == 25


def test_a_report_is_answered_within_a_week_or_has_still_time() -> None:
    reports = [
        (NOW - 20 * DAY, NOW - 14 * DAY),  # in time
        (NOW - 20 * DAY, NOW - 12 * DAY),  # too late
        (NOW - 20 * DAY, None),  # never
        (NOW - 2 * DAY, None),  # has still time
        (NOW - 1 * DAY, NOW),  # in time
    ]
    assert value("answered", reports=reports) == 50


def test_minutes_and_people_of_vehicles() -> None:
    assert value("minutes_avoided", avoided=[10.0, -2.0]) == 4
    stays = [stay(2, departure="d1"), stay(3, departure="d1"), stay(4, departure="d2")]
    group = replace(stay(20, departure="d3"), vehicle="motorcycles")
    assert value("per_vehicle", stays=[*stays, group]) == 4.5


def test_a_target_is_reached_from_the_side_that_is_better() -> None:
    up, down = (next(one for one in INDICATORS if one.better == side) for side in ("up", "down"))
    assert [up.reaches(up.target[2027] + d, 2026) for d in (-1, 0, 1)] == [False, True, True]
    assert [down.reaches(down.target[2027] + d, 2026) for d in (-1, 0, 1)] == [True, True, False]


def test_a_year_works_towards_the_next_target_and_after_the_last_towards_that() -> None:
    one = replace(INDICATORS[0], targets="2027=80 2030=95")
    assert [one.target_of(year) for year in (2026, 2027, 2028, 2040)] == [
        (2027, 80), (2027, 80), (2030, 95), (2030, 95),
    ]  # fmt: skip


@pytest.mark.parametrize("targets", ["", "80", "2027=nan", "2027=1e400", "1990=5", "2027=-5", "2027 = 5"])
def test_a_target_that_cant_be_is_refused(targets: str) -> None:
    fields = {**vars(INDICATORS[0]), "targets": targets}
    with pytest.raises(ValidationError, match="Write targets as"):
        TypeAdapter(Indicator).validate_python(fields)


@pytest.mark.parametrize(("targets", "why"), [("2027=80 2027=90", "one target"), ("2027=101", "at most 100")])
def test_a_year_has_one_target_and_a_share_no_more_than_everything(targets: str, why: str) -> None:
    fresh = next(one for one in INDICATORS if one.id == "fresh")
    with pytest.raises(ValidationError, match=why):
        TypeAdapter(Indicator).validate_python({**vars(fresh), "targets": targets})


def test_a_quick_win_is_measured_after_it_was_started() -> None:
    with pytest.raises(ValueError, match="after it was started"):
        QuickWin("x", "scans", "y", NIGHT, "z", measured_on=NIGHT)
    assert QuickWin("x", "scans", "y", NIGHT, "z", NIGHT, NIGHT).started_on == NIGHT


def test_a_quick_win_of_the_future_has_not_happened() -> None:
    win = QuickWin("x", "scans", "y", NIGHT, "z", NIGHT, NIGHT + 5 * DAY)
    assert [win.state(NIGHT + n * DAY) for n in (-1, 0, 4, 5)] == ["planned", "started", "started", "measured"]

"""Twenty-five years on worlds that can be counted by hand, and properties that hold in every world."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourism.adapters.data_files import PackagedData
from tourism.domain.scenario import (
    BASE_YEAR,
    LEVERS,
    LIMITS,
    METRICS,
    SPAN,
    YEARS,
    Assumption,
    Base,
    Instrument,
    Surface,
    Visitors,
    annual_visitors,
    back_test,
    bands,
    central,
    drawn,
    in_blocks,
    run,
    season,
    tornado,
    visitors_of_day,
    with_ranges,
    yearly,
)

ASSUMPTIONS: list[Assumption] = list(PackagedData().rows("assumptions.csv"))
COUNTED: list[Visitors] = list(PackagedData().rows("visitors.csv"))
# 365,000 visitors a year, 1,000 a day, all months and nights alike; all leave from Malang for the sunrise, five a car.
EVEN = {
    "growth": 0, "malang_share": 100, "kayutangan_share": 100, "party": 5, "wait_h": 4, "seats": 600, "scan_rate": 2,
    "peak_month": 1, "quota": 100_000, "sunrise_share": 100, "weekend": 1, "holiday": 1, "parking": 150,
}  # fmt: skip
# Up to 100 vehicles all see it in turn and half by habit; with 300 half in turn and a quarter by habit; at both rates.
SURFACE = Surface(
    np.array([100.0, 300.0]), np.array([1.0, 4.0]), np.array([[0.5, 0.5], [0.25, 0.25]]),
    np.array([[1.0, 1.0], [0.5, 0.5]]), home_share=1.0, useful_min=90.0,
)  # fmt: skip
BASE = Base(season([]), SURFACE, SURFACE, 365_000)


def even(**changed: float) -> dict[str, np.ndarray]:
    """Return the even world, changed."""
    return {name: np.array([float(value)]) for name, value in {**EVEN, **changed}.items()}


def last(name: str, *instruments: Instrument, **changed: float) -> float:
    """Return a metric of the last year of the even world."""
    return float(run(even(**changed), BASE, instruments)[name][0, -1])


def test_the_even_world_is_what_one_counts_by_hand() -> None:
    # 1,000 people in 200 cars: the share lies half way between those of 100 and of 300 cars.
    assert last("visitors") == pytest.approx(365_000)
    assert last("sunrise_share") == pytest.approx(100 * (0.5 + 0.25) / 2)
    assert last("over_gate") == pytest.approx(365)  # 200 cars against 2 a minute for 90 minutes
    assert last("over_gate", scan_rate=2.3) == 0
    assert last("seats_missing") == pytest.approx(1000 - 600)
    assert last("parking_missing") == pytest.approx(200 - 150)
    assert last("over_quota") == 0
    assert last("over_quota", quota=999) == pytest.approx(365)


def test_growth_is_compounded_from_the_base_year() -> None:
    found = run(even(growth=10), BASE)["visitors"][0]
    assert found[0] == pytest.approx(365_000 * 1.1 ** (YEARS[0] - BASE_YEAR))
    assert found[-1] == pytest.approx(365_000 * 1.1**SPAN)


def test_who_waits_for_a_short_while_leaves_the_seat_to_another() -> None:
    assert last("seats_missing", wait_h=0.75, seats=0) == pytest.approx(500)  # all leave within 90 minutes
    assert last("seats_missing", wait_h=1.5, seats=0) == pytest.approx(1000)
    assert last("seats_missing", wait_h=9, seats=0) == pytest.approx(1000)


@pytest.mark.parametrize(
    ("instrument", "metric", "before", "after"),
    [
        (Instrument("slots", 2030, 100), "sunrise_share", 37.5, 75),
        (Instrument("slots", 2030, 50), "sunrise_share", 37.5, 56.25),
        (Instrument("venues", 2030, 400), "seats_missing", 400, 0),
        (Instrument("scanner", 2030, 2), "over_gate", 365, 0),
        (Instrument("cap", 2030, 500), "turned_away", 0, 500 * 365),
        (Instrument("cap", 2030, 500), "sunrise_share", 37.5, 50),
        (Instrument("shuttle", 2030, 10), "sunrise_share", 37.5, 50),
        (Instrument("spread", 2030, 50), "visitors", 365_000, 365_000 * (1 - (2 / 7 + 12 / 365) / 2)),
    ],
)
def test_an_instrument_works_from_its_year_on_and_not_before(
    instrument: Instrument, metric: str, before: float, after: float
) -> None:
    found = run(even(), BASE, [instrument])[metric][0]
    at = YEARS.index(2030)
    assert found[at - 1] == pytest.approx(before)
    assert found[at] == pytest.approx(after)
    assert run(even(), BASE)[metric][0] == pytest.approx(np.full(SPAN, before))  # without it nothing changes


def test_a_night_fuller_than_any_that_was_simulated_lets_no_more_see_it() -> None:
    many = SURFACE.share(np.array([300.0, 600.0]), np.array([2.0, 2.0]), True)
    assert (many * [300, 600]).tolist() == pytest.approx([150, 150])


def test_between_rates_the_surface_is_read_by_their_ratio() -> None:
    table = replace(SURFACE, habit=np.array([[0.2, 0.6], [0.2, 0.6]]))
    read = table.share(np.array([100.0] * 4), np.array([1.0, 2.0, 4.0, 40.0]), False)
    assert read.tolist() == pytest.approx([0.2, 0.4, 0.6, 0.6])


@given(
    st.floats(1, 4), st.floats(1, 2.5), st.floats(1, 6),
    st.lists(st.integers(1_000, 90_000), min_size=0, max_size=12),
)  # fmt: skip
def test_whatever_the_season_is_like_a_year_has_as_many_visitors(
    peak: float, weekend: float, holiday: float, months: list[int]
) -> None:
    counted = [Visitors("bromo", f"{BASE_YEAR}-{n:02}", v, "x") for n, v in enumerate(months, start=1)]
    nights = season(counted)
    values = even(peak_month=peak, weekend=weekend, holiday=holiday)
    days = visitors_of_day(values, nights, 365_000, [BASE_YEAR])
    assert nights.days.sum() == pytest.approx(365)
    assert float((days * nights.days).sum()) == pytest.approx(365_000)
    assert (days > 0).all()


def test_the_shape_of_the_months_is_the_counted_one_and_its_top_the_assumed_one() -> None:
    nights = season(COUNTED)
    days = visitors_of_day(even(peak_month=1.5), nights, 365_000, [BASE_YEAR])[0, 0, ::3]
    assert int(days.argmax()) == 3  # April 2025
    assert int(days.argmin()) == 2  # March 2025
    assert days.max() / days.mean() == pytest.approx(1.5, rel=0.02)


def test_draws_stay_in_their_ranges_and_the_same_seed_draws_the_same() -> None:
    found = drawn(ASSUMPTIONS, 500, 7)
    for one in ASSUMPTIONS:
        assert one.low <= found[one.id].min() <= found[one.id].max() <= one.high
    assert all((found[name] == values).all() for name, values in drawn(ASSUMPTIONS, 500, 7).items())
    assert any((found[name] != values).any() for name, values in drawn(ASSUMPTIONS, 500, 8).items())


def test_bands_are_deciles_over_draws() -> None:
    found = bands({"x": np.arange(101.0)[:, None] + np.zeros((1, 2))})
    assert found["x"].tolist() == [[10, 10], [50, 50], [90, 90]]


def test_the_tornado_puts_first_what_moves_most_and_last_what_moves_nothing() -> None:
    ranges = [replace(one, low=EVEN[one.id], central=EVEN[one.id], high=EVEN[one.id]) for one in ASSUMPTIONS]
    ranges = [replace(one, low=-1, high=1) if one.id == "growth" else one for one in ranges]
    ranges = [replace(one, low=599, high=601) if one.id == "seats" else one for one in ranges]
    middle, swings = tornado(ranges, BASE, [], "seats_missing")
    assert middle == pytest.approx(400)
    assert [swing.assumption.id for swing in swings[:2]] == ["growth", "seats"]
    assert swings[1].at_low == pytest.approx(401)
    assert swings[1].at_high == pytest.approx(399)
    assert {swing.width for swing in swings[2:]} == {0.0}


def test_the_back_test_counts_from_the_first_year_and_says_how_far_off_it_is() -> None:
    counted = [
        Visitors("bromo", "2022", 100, "x"), Visitors("bromo", "2023", 120, "x"),
        Visitors("bromo", "2024-H1", 50, "x"), Visitors("gate-jemplang", "2023", 9, "x"),
    ]  # fmt: skip
    checks = back_test(counted, {"growth": np.full(10, 10.0)})
    assert [(c.period, c.counted, round(c.central), c.doubled) for c in checks] == [
        ("2023", 120, 110, False), ("2024", 100, 121, True),
    ]  # fmt: skip
    assert [round(c.off_percent, 1) for c in checks] == [-8.3, 21.0]
    assert [c.inside for c in checks] == [False, False]
    assert back_test(counted, {"growth": np.linspace(0, 30, 99)})[0].inside


def test_what_ships_can_be_run_and_says_that_it_misses_the_last_years() -> None:
    assert annual_visitors(COUNTED) == 2 * 321_732
    checks = back_test(COUNTED, drawn(ASSUMPTIONS, 1000, 1))
    assert [c.period for c in checks] == ["2023", "2024", "2025"]
    assert checks[-1].off_percent < -40
    assert {one.id for one in ASSUMPTIONS} == LIMITS.keys()
    assert all(LIMITS[a.id][0] <= a.low and a.high <= LIMITS[a.id][1] for a in ASSUMPTIONS)
    found = run(central(ASSUMPTIONS), Base(season(COUNTED), SURFACE, SURFACE, 643_464))
    assert all(np.isfinite(values).all() for values in found.values())


def test_other_ranges_are_taken_and_marked_as_chosen() -> None:
    found = {one.id: one for one in with_ranges(ASSUMPTIONS, {"seats": (0, 0, 0)})}
    assert (found["seats"].high, found["seats"].basis) == (0, "")
    assert found["growth"] in ASSUMPTIONS
    with pytest.raises(ValueError, match="in that order"):
        with_ranges(ASSUMPTIONS, {"seats": (3, 2, 1)})


def test_quiet_nights_are_read_from_quiet_nights_and_busy_ones_from_busy_ones() -> None:
    clear = replace(SURFACE, habit=np.ones((2, 2)))
    found = float(run(even(), Base(BASE.nights, clear, SURFACE, 365_000))["sunrise_share"][0, -1])
    busy = 2 / 7 + 12 / 365
    assert found == pytest.approx(100 * (1 - busy) + 37.5 * busy)


def test_a_gate_is_full_by_the_minutes_that_each_kind_of_night_leaves_it() -> None:
    quiet = replace(SURFACE, useful_min=150.0)  # 300 vehicles against 200
    found = float(run(even(), Base(BASE.nights, quiet, SURFACE, 365_000))["over_gate"][0, -1])
    assert found == pytest.approx(365 * (2 / 7 + 12 / 365))


def test_a_quota_that_is_enforced_is_not_exceeded() -> None:
    assert last("over_quota", Instrument("cap", 2030, 500), quota=700) == 0
    assert last("over_quota", quota=700) == pytest.approx(365)


def test_no_name_is_an_instrument_and_an_assumption() -> None:
    assert LEVERS.keys().isdisjoint(LIMITS)


def test_a_change_of_one_assumption_moves_no_other() -> None:
    fixed = with_ranges(ASSUMPTIONS, {"growth": (4, 4, 4)})
    before, after = drawn(ASSUMPTIONS, 300, 1), drawn(list(reversed(fixed)), 300, 1)
    assert {name for name in before if (before[name] != after[name]).any()} == {"growth"}


def test_blocks_of_draws_are_the_draws() -> None:
    values = drawn(ASSUMPTIONS, 600, 3)
    whole, parts = run(values, BASE), in_blocks(values, BASE)
    assert all((whole[name] == parts[name]).all() for name in METRICS)


def test_a_whole_year_stands_above_twice_its_half() -> None:
    counted = [
        Visitors("bromo", "2025", 700, "x"),
        Visitors("bromo", "2025-H1", 300, "x"),
        Visitors("bromo", "2024-H1", 1, "x"),
    ]
    assert list(yearly(counted)) == [(2024, 2, True), (2025, 700, False)]
    assert annual_visitors(list(reversed(counted))) == 700

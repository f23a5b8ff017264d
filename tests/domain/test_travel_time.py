"""Distributions on the minute grid against 200,000 draws of the same lognormal times."""

import numpy as np
import pytest

from tourism.adapters.data_files import PackagedData
from tourism.domain.corridor import Leg
from tourism.domain.travel_time import Z90, before, chance_within, lognormal, quantile, together

DRAWS = 200_000
LEGS: list[Leg] = list(PackagedData().rows("corridor_legs.csv"))
RIDGE = (*(leg.deciles(True) for leg in LEGS[:4]), (15.0, 25.0), (1.0, 3.0), (50.0, 62.0), (28.0, 40.0), (17.0, 24.0))
JOURNEYS = {
    "one leg": ((45.0, 55.0),),
    "a ride, the scan and a short walk": ((25.0, 32.0), (1.0, 3.0), (3.0, 5.0)),
    "to the ridge on a busy night": RIDGE,
    "a long drive": ((165.0, 195.0), (1.0, 3.0), (13.0, 20.0)),
}


def drawn(parts: tuple[tuple[float, float], ...], seed: int = 1) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    rng = np.random.default_rng(seed)
    logs = [np.log(p50) + np.log(p90 / p50) / Z90 * rng.standard_normal(DRAWS) for p50, p90 in parts]
    return np.asarray(np.sum(np.exp(logs), axis=0), dtype=np.float64)


@pytest.mark.parametrize("parts", JOURNEYS.values(), ids=JOURNEYS)
def test_sums_agree_with_monte_carlo_within_half_a_point_and_a_minute(parts: tuple[tuple[float, float], ...]) -> None:
    total, draws = together(parts), drawn(parts)
    for minutes in np.quantile(draws, np.linspace(0.02, 0.98, 25)).round():
        assert chance_within(total, minutes) == pytest.approx((draws <= minutes).mean(), abs=0.005)
    for share in (0.1, 0.5, 0.9, 0.98):
        assert quantile(total, share) == pytest.approx(np.quantile(draws, share), abs=1.0)


def test_reading_the_grid_without_the_half_minute_would_not_do() -> None:
    """The negative control of the half minute: it costs more than the half point that is allowed."""
    parts = ((3.0, 5.0), (8.0, 10.0))
    total, draws = together(parts), drawn(parts)
    assert max(abs(np.cumsum(total)[m] - (draws <= m).mean()) for m in range(8, 16)) > 0.01


def test_adding_ninth_deciles_would_not_do() -> None:
    assert sum(p90 for _, p90 in RIDGE) > quantile(together(RIDGE), 0.9) + 20


def test_a_part_goes_through_its_median_and_its_ninth_decile() -> None:
    for leg in LEGS:
        for p50, p90 in (leg.deciles(False), leg.deciles(True)):
            assert quantile(lognormal(p50, p90), 0.5) == pytest.approx(p50, abs=0.15)
            assert quantile(lognormal(p50, p90), 0.9) == pytest.approx(p90, abs=0.25)
            assert lognormal(p50, p90).sum() == pytest.approx(1, abs=1e-6)


def test_a_part_with_equal_deciles_takes_exactly_that_long() -> None:
    assert lognormal(3, 3).tolist() == [0, 0, 0, 1]
    assert lognormal(0, 0).tolist() == [1]
    assert together(((3, 3), (2, 2))).tolist() == [0, 0, 0, 0, 0, 1]


def test_who_leaves_so_late_that_the_grid_ends_is_too_late() -> None:
    assert before(lognormal(2, 2), np.array([1.0, 1.0, 0.5, 0.0])).tolist() == [0.5, 0.0, 0.0, 0.0]

"""Queues small enough to work out by hand, laws, and a simulation of the same line."""

from datetime import time

import hypothesis
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourism.adapters.data_files import PackagedData
from tourism.domain.corridor import Scenario
from tourism.domain.night_grid import MINUTES, clock_minute, in_place_by
from tourism.domain.queueing import Queue, opening, queue

ONE = clock_minute(time(1))


def flat(value: float, start: int, end: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    found = np.zeros(MINUTES)
    found[start:end] = value
    return found


def test_the_night_grid_runs_from_the_evening_into_the_morning() -> None:
    assert [clock_minute(time(h)) for h in (18, 23, 0, 6)] == [0, 300, 360, 720]


def test_nobody_waits_where_nobody_comes_but_for_the_opening() -> None:
    found = queue(np.zeros(MINUTES), flat(3, ONE, MINUTES))
    assert found.opens == ONE
    assert found.wait_min(ONE + 30)[0] == 0
    by = in_place_by(ONE + 10)
    assert found.before(by)[ONE - 60] == 1  # who comes an hour early passes at the opening
    assert found.before(by)[ONE + 10] == 0.5
    assert found.before(by)[ONE + 11] == 0


def test_a_crowd_at_the_opening_waits_its_number_over_the_rate() -> None:
    """About 60 vehicles stand there when it opens; at 3 a minute the last waits 20 minutes, and no line is left."""
    found = queue(flat(60, ONE - 1, ONE), flat(3, ONE, MINUTES))
    assert found.wait_min(ONE)[0] == pytest.approx(20, abs=0.5)
    assert found.wait_min(ONE + 10)[0] == pytest.approx(10, abs=0.6)
    assert found.wait_min(ONE + 40)[0] == 0
    assert found.passing.sum() == pytest.approx(60)
    assert found.passing[ONE : ONE + 15].sum() == pytest.approx(45, abs=0.5)


def test_who_is_still_in_line_when_it_closes_never_passes() -> None:
    found = queue(flat(60, ONE - 1, ONE), flat(3, ONE, ONE + 15))
    assert found.wait_min(ONE + 30) == (np.inf, np.inf)
    chance = found.before(np.ones(MINUTES))
    assert chance[ONE - 30] == 1  # before the crowd
    assert chance[ONE] < 0.1  # behind about 60, of whom 45 pass
    assert chance[ONE + 16] == 0


def test_a_slow_rate_is_a_fraction_of_a_vehicle_a_minute() -> None:
    found = queue(flat(12, ONE - 1, ONE), flat(0.5, ONE, MINUTES))
    assert found.wait_min(ONE)[0] == pytest.approx(24, abs=1)


def test_nobody_passes_a_server_that_never_opens() -> None:
    assert queue(np.zeros(MINUTES), np.zeros(MINUTES)).wait_min(ONE) == (np.inf, np.inf)


@hypothesis.settings(max_examples=40, deadline=None)
@given(
    come=st.lists(st.floats(0, 8), min_size=4, max_size=4),
    rate=st.floats(0.4, 6),
    opens=st.integers(60, 500),
    hours=st.integers(1, 6),
)
def test_coming_later_never_helps_and_a_chance_stays_a_chance(
    come: list[float], rate: float, opens: int, hours: int
) -> None:
    arrivals = np.sum([flat(value, 300 + 40 * n, 340 + 40 * n) for n, value in enumerate(come)], axis=0)
    found = queue(arrivals, flat(rate, opens, min(opens + 60 * hours, MINUTES)))
    chance = found.before(in_place_by(650))
    assert np.all(np.diff(chance) <= 1e-6)
    assert np.all((chance >= 0) & (chance <= 1 + 1e-9))
    assert np.all(found.wait.sum(axis=1) <= 1 + 1e-9)
    assert found.passing.sum() <= arrivals.sum() + 1e-6


def test_a_simulated_line_agrees_on_the_peak_night() -> None:
    """Poisson arrivals at Jemplang by the scenario of 27 December 2025, served one after the other, 4,000 nights."""
    scenario: Scenario = next(s for s in PackagedData().rows("scenarios.csv") if s.crowd == "peak")
    usual, spread = clock_minute(scenario.habit_arrival_jemplang), scenario.habit_sd_min
    expected = scenario.vehicles * scenario.share_jemplang
    minutes = np.arange(MINUTES)
    arrivals = expected * np.exp(-(((minutes + 0.5 - usual) / spread) ** 2) / 2) / spread / np.sqrt(2 * np.pi)
    found = queue(arrivals, flat(3.0, clock_minute(time(0, 1)), MINUTES))
    for minute in (usual - 30, usual, usual + 35, usual + 80):
        waits = _simulated(arrivals, 3.0, clock_minute(time(0, 1)), minute)
        p50, p90 = found.wait_min(minute)
        assert p50 == pytest.approx(np.quantile(waits, 0.5), abs=0.6)
        assert p90 == pytest.approx(np.quantile(waits, 0.9), abs=0.8)


def _simulated(
    arrivals: np.ndarray[tuple[int], np.dtype[np.float64]], rate: float, opens: int, minute: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the waits of a vehicle that comes at a minute: one event after the other, in continuous time."""
    rng = np.random.default_rng(7)
    waits = []
    for _ in range(4000):
        numbers = rng.poisson(arrivals[:minute])
        times = np.sort(np.repeat(np.arange(minute), numbers) + rng.random(numbers.sum()))
        free = float(opens)
        for come in times:
            free = max(free, come) + 1 / rate
        waits.append(max(free - minute, 0.0))
    return np.array(waits)


def test_an_opening_only_waits() -> None:
    found: Queue = opening(ONE)
    assert found.wait_min(ONE)[0] == 0
    assert found.before(in_place_by(ONE + 1))[0] == 1

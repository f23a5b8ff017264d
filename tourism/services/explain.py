"""One picture of why leaving in turn gets everybody there: the busiest kind of night at the gate nearest to Malang."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np

from tourism.domain.calendar import Crowd
from tourism.domain.corridor import Scenario
from tourism.domain.crowds import scenario_of
from tourism.domain.night_grid import MINUTES, QUARTER_MIN, instant_of
from tourism.domain.night_slots import slots_of_fleet
from tourism.domain.nightsim import Outcome, course_of, fleet
from tourism.services.simulation import SimulationRequest, simulate_nights
from tourism.services.town import Town

SEED, RUNS = 1, 5


@dataclass(frozen=True)
class Quarter:
    """Vehicles that come to the gate in a quarter of an hour, by habit and in turn, and how many may pass."""

    start: datetime
    by_habit: int
    in_turn: int
    capacity: float


@dataclass(frozen=True)
class Picture:
    """One simulated night's quarters, and the means of several."""

    scenario: Scenario
    gate: str
    quarters: list[Quarter]
    habit: Outcome
    slots: Outcome


@lru_cache(maxsize=2)
def picture(town: Town) -> Picture | None:
    """Simulate the busiest kind of night; None where no scenario stands for it."""
    almanac = town.world.almanac
    scenario = scenario_of(almanac, Crowd.PEAK)
    if scenario is None:
        return None
    course = course_of(almanac, scenario)
    vehicles = fleet(course, scenario, np.random.default_rng((SEED, 0)))
    slots = slots_of_fleet(course, vehicles)
    here = [v for v in vehicles if v.gate == course.home_gate]
    habit = Counter(int(v.habit) // QUARTER_MIN for v in here)
    turn = Counter(slots[v.number] // QUARTER_MIN for v in here if v.number in slots)
    coming = [n for n in range(MINUTES // QUARTER_MIN) if habit[n] or turn[n]]
    rate = course.rates[course.home_gate]
    quarters = [
        Quarter(
            instant_of(scenario.night, n * QUARTER_MIN), habit[n], turn[n],
            float(rate[n * QUARTER_MIN : (n + 1) * QUARTER_MIN].sum()),
        )
        for n in range(coming[0], coming[-1] + 1)
    ]  # fmt: skip
    found = simulate_nights(town, SimulationRequest(scenario.id, SEED, RUNS), lambda: None)
    return Picture(scenario, course.home_gate, quarters, found.habit, found.slots)

"""One simulated peak night, slots given anew, against a limit of time on one core."""

import time
from statistics import median

import numpy as np

from benchmarks.result import Result
from tourism.adapters.data_files import PackagedData
from tourism.domain.corridor import Almanac
from tourism.domain.night_slots import most_in_time, slots_of_fleet
from tourism.domain.nightsim import course_of, fleet, simulate

NIGHT_S, NIGHTS = 0.5, 20
SCENARIO = "peak-2025-12-27"


def measure() -> list[Result]:
    """Draw nights, give their slots, and simulate them by habit and in turn; the slowest counts."""
    data = PackagedData()
    almanac = Almanac(
        data.rows("bromo_places.csv"), data.rows("corridor_legs.csv"), data.rows("gate_operations.csv"),
        data.rows("operations.csv"), closures=(), tariffs=(), quotas=(), advice=(),
    )  # fmt: skip
    scenario = next(s for s in data.rows("scenarios.csv") if s.id == SCENARIO)
    course = course_of(almanac, scenario)
    spent = []
    for seed in range(NIGHTS):
        begin = time.perf_counter()
        vehicles = fleet(course, scenario, np.random.default_rng(seed))
        slots = slots_of_fleet(course, vehicles)
        habit, turns = (simulate(course, vehicles, slots, share) for share in (0.0, 1.0))
        most = most_in_time(course, vehicles)
        spent.append(time.perf_counter() - begin)
        assert habit.sunrise_share < turns.sunrise_share <= most
    slowest = max(spent)
    what = (
        f"a peak night by habit and in turn, with slots and bound, slowest of {NIGHTS} (median {median(spent):.3f} s)"
    )
    return [Result(what, NIGHT_S / slowest, 1, slowest, NIGHT_S, "s")]

"""How many come to the gates and the ridge climb by habit, and how long they wait there."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from scipy.special import ndtr

from tourism.domain.calendar import Crowd
from tourism.domain.corridor import PARK, Almanac, GateOperation, Scenario, quickest
from tourism.domain.gate_report import RateChange
from tourism.domain.night_grid import MINUTES, clock_minute
from tourism.domain.queueing import Queue, queue
from tourism.domain.travel_time import Floats, together


def scenario_of(almanac: Almanac, crowd: Crowd) -> Scenario | None:
    """Return the scenario of a crowd, None when the table has none."""
    return next((s for s in almanac.scenarios if s.crowd == crowd.value), None)


@lru_cache(maxsize=32)
def queues(
    almanac: Almanac,
    crowd: Crowd,
    changes: tuple[RateChange, ...] = (),
    shares: tuple[tuple[str, float], ...] = (),
) -> Mapping[str, Queue]:
    """Return the queues of a crowd's night: at the gates by habit, at the climb by who passes the gates for the ridge.

    Nobody is expected where no scenario says so; of those who are, `shares` come by habit, by gate, else all.
    """
    scenario, busy = scenario_of(almanac, crowd), crowd is not Crowd.QUIET
    gates, left = [g for g in almanac.gates if g.kind == "gate"], dict(shares)
    found = {g.id: queue(left.get(g.id, 1.0) * _habit(scenario, g), rate_of(scenario, g, busy, changes)) for g in gates}
    for climb in (g for g in almanac.gates if g.kind == "climb"):
        arrivals = np.zeros(MINUTES)
        for gate in gates:
            nearby = (leg for leg in almanac.legs if leg.approach == PARK or leg.start == gate.id)
            if drive := quickest(nearby, gate.id, climb.id):
                minutes = together(tuple(leg.deciles(busy) for leg in drive))
                arrivals += np.convolve(found[gate.id].passing, minutes)[:MINUTES]
        bound = scenario.ridge_share if scenario else 0.0
        found[climb.id] = queue(arrivals * bound, rate_of(scenario, climb, busy, changes))
    return found


def _habit(scenario: Scenario | None, gate: GateOperation) -> Floats:
    """Return the vehicles expected at a gate in each minute: normally distributed around the usual arrival."""
    habit = scenario.habit_of(gate.id) if scenario else None
    if scenario is None or habit is None:
        return np.zeros(MINUTES)
    share, usual = habit
    edges = (np.arange(MINUTES + 1) - clock_minute(usual)) / scenario.habit_sd_min
    return scenario.vehicles * share * np.diff(ndtr(edges))


def rate_of(scenario: Scenario | None, gate: GateOperation, busy: bool, changes: tuple[RateChange, ...] = ()) -> Floats:
    """Return how many vehicles may pass in each minute, shape (MINUTES,); only gates have a scanner that can be slow.

    Of several changes the last one counts.
    """
    minutes = np.arange(MINUTES)
    rate = np.full(MINUTES, gate.vehicles_per_min, dtype=np.float64)
    if scenario and gate.kind == "gate":
        until = clock_minute(scenario.slow_until) if scenario.slow_until else 0
        rate[minutes < (MINUTES if scenario.scan_rate == "slow" else until)] = gate.vehicles_per_min_slow
    for change in changes:
        if change.server == gate.id:
            rate[change.start : change.end] = change.vehicles_per_min
    opens, closes = clock_minute(gate.opens), clock_minute(gate.closes_busy if busy else gate.closes_quiet)
    shut = (minutes < opens) | ((minutes >= closes) & (opens < closes))  # else it closes after the night
    return np.where(shut, 0.0, rate)

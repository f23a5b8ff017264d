"""Ways cut at gate and climb, in a world solvable by hand."""

import numpy as np
import pytest

from tests.worlds import almanac
from tourism.domain.calendar import Crowd
from tourism.domain.crowds import RateChange, queues, rate_of
from tourism.domain.itinerary import Step, chance_curve
from tourism.domain.night_grid import MINUTES, clock_minute, in_place_by, value_at
from tourism.domain.trip import CHANCE_OF_SLOT, trip_of


def test_ridge_is_cut_at_gate_and_climb() -> None:
    """Who leaves to be at the gate usually at the due minute has the wanted chance, a minute later not."""
    world = almanac()
    way = world.ways("ridge")[0]
    found = trip_of(world, way, False, queues(world, Crowd.QUIET), 660)
    assert found.gate == "gate"
    assert [part.end_place for part in found.before] == ["gate"]
    assert next(part.step for part in found.after) is Step.SCAN
    assert next(part.step for part in found.climb) is Step.CLIMB
    assert found.to_gate_min == 60
    assert found.due is not None
    curve, leave = chance_curve([*found.before, *found.after, *found.climb], in_place_by(660)), found.due - 60
    assert value_at(curve, leave) >= CHANCE_OF_SLOT > value_at(curve, leave + 1)
    assert found.climb_due is not None
    assert found.due + found.to_climb_min < found.climb_due


def test_a_way_outside_the_park_has_no_gate() -> None:
    """Who needs no ticket needs no slot; the due minute is that to leave."""
    world = almanac()
    found = trip_of(world, world.ways("hill")[0], False, queues(world, Crowd.QUIET), 660)
    assert (found.gate, found.before, found.climb_due) == (None, [], None)
    assert found.due is not None


def test_no_minute_is_worth_it() -> None:
    """Where the gate never opens no minute has a chance."""
    world = almanac()
    shut = (RateChange("gate", 0, MINUTES, 0.0),)
    assert trip_of(world, world.ways("ridge")[0], False, queues(world, Crowd.QUIET, 1.0, shut), 660).due is None


def test_changes_of_a_rate() -> None:
    """The last word about a minute counts; before the opening nobody passes whatever was said."""
    world = almanac()
    gate = world.server["gate"]
    said = (RateChange("gate", 0, 600, 1.0), RateChange("gate", 540, 560, 0.5), RateChange("other", 0, MINUTES, 9.0))
    rate = rate_of(None, gate, False, said)
    opens = clock_minute(gate.opens)
    assert not rate[:opens].any()
    assert [rate[minute] for minute in (opens, 539, 540, 559, 560, 600)] == pytest.approx(
        [1.0, 1.0, 0.5, 0.5, 1.0, gate.vehicles_per_min]
    )
    assert np.array_equal(rate_of(None, gate, False), rate_of(None, gate, False, said[2:]))

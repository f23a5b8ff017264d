"""Ways cut at gate and climb, in a world solvable by hand."""

from collections.abc import Mapping

import numpy as np
import pytest

from tests.worlds import almanac
from tourism.domain.calendar import Crowd
from tourism.domain.corridor import Almanac, Way
from tourism.domain.crowds import queues, rate_of
from tourism.domain.gate_report import RateChange
from tourism.domain.itinerary import Party, Step, chance_curve, parts_of
from tourism.domain.night_grid import MINUTES, clock_minute, in_place_by, value_at
from tourism.domain.queueing import Queue
from tourism.domain.trip import CHANCE_OF_SLOT, Trip, trip_of


def cut(world: Almanac, way: Way, met: Mapping[str, Queue], party: Party = Party()) -> Trip:  # noqa: B008 - frozen
    """Return the trip of a way on a quiet night that ends at 05:00."""
    return trip_of(way, parts_of(world, way, False, met, party), 660)


def test_a_jeep_from_the_start_need_not_change() -> None:
    """Fifteen minutes later than who changes from car to jeep at the gate."""
    world = almanac()
    way, met = world.ways("ridge")[0], queues(world, Crowd.QUIET)
    changes, stays = cut(world, way, met), cut(world, way, met, Party(in_jeep=True))
    assert changes.due
    assert stays.due
    assert stays.due - changes.due == pytest.approx(15, abs=2)


def test_ridge_is_cut_at_gate_and_climb() -> None:
    """Who leaves to be at the gate usually at the due minute has the wanted chance, a minute later not."""
    world = almanac()
    way = world.ways("ridge")[0]
    found = cut(world, way, queues(world, Crowd.QUIET))
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
    found = cut(world, world.ways("hill")[0], queues(world, Crowd.QUIET))
    assert (found.gate, found.before, found.climb_due) == (None, [], None)
    assert found.due is not None


def test_no_minute_is_worth_it() -> None:
    """Where the gate never opens no minute has a chance."""
    world = almanac()
    shut = (RateChange("gate", 0, MINUTES, 0.0),)
    assert cut(world, world.ways("ridge")[0], queues(world, Crowd.QUIET, shut)).due is None


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

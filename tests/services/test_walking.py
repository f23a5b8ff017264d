from dataclasses import replace

import numpy as np
import pytest
import shapely

from tests.worlds import EAST_M, LAT, LON, NORTH_M, PICKUP, STEP, almanac, grid
from tourism.domain.world import Snapshot, World
from tourism.errors import OutOfRangeError
from tourism.geo.crs import Point, to_metres
from tourism.geo.network import WALK_M_S, build_network
from tourism.geo.zone import STREET_SIDE_M
from tourism.services.town import Town
from tourism.services.walking import isochrones, zone

STREET = grid("A(0,0) B(30,0) residential")
SNAPSHOT = Snapshot(None, "made up", "x", build_network(STREET), [])  # type: ignore[arg-type]
WORLD = World(1, almanac(), [PICKUP], [], SNAPSHOT)


def reach_m(area: shapely.Geometry) -> float:
    """Return how far east of the pick-up an area reaches."""
    return float((area.bounds[2] - LON) / STEP * EAST_M)


def test_each_minute_is_78_metres_along_the_street() -> None:
    found = isochrones(Town(WORLD), "tugu", (5, 10, 15))
    assert [minutes for minutes, _ in found] == [15, 10, 5]
    for minutes, area in found:
        assert reach_m(area) == pytest.approx(minutes * 60 * WALK_M_S + STREET_SIDE_M, rel=0.01)
        assert area.is_valid


def test_a_longer_walk_holds_a_shorter_one(town: Town) -> None:
    fifteen, ten, five = (area for _, area in isochrones(town, "gedung-parkir"))
    assert fifteen.buffer(1e-4).contains(ten)
    assert ten.buffer(1e-4).contains(five)
    assert five.area > 0


def test_an_isochrone_of_nothing_is_empty() -> None:
    outside = Point(LAT + 20 * STEP, LON)
    assert [area.is_empty for _, area in isochrones(Town(WORLD), outside)] == [True] * 3
    assert [area.is_empty for _, area in isochrones(Town(replace(WORLD, snapshot=None)), "tugu")] == [True] * 3


def test_minutes_out_of_range_are_refused() -> None:
    for minutes in ((), (0,), (5, 61)):
        with pytest.raises(OutOfRangeError, match="1 to 60 minutes"):
            isochrones(Town(WORLD), "tugu", minutes)


def test_the_zone_follows_a_pickup_that_moves_and_the_walk_that_is_chosen() -> None:
    here, moved = Town(WORLD), Town(replace(WORLD, pickups=[replace(PICKUP, lon=LON + 10 * STEP)]))
    assert reach_m(zone(moved, None)) == pytest.approx(reach_m(zone(here, None)) + 10 * EAST_M, rel=0.01)
    assert reach_m(zone(here, 10)) == pytest.approx(600 * WALK_M_S + STREET_SIDE_M, rel=0.01)
    assert shapely.equals(zone(here, None), here.zone)


def test_a_whole_city_of_thirty_thousand_nodes_has_its_isochrones() -> None:
    """A grid of 175 by 175 corners, 60 m apart: a walk of 15 minutes reaches a diamond of known size."""
    side, step = 175, 60 / NORTH_M
    rows = [" ".join(f"N{x}x{y}({x * step},{y * step})" for x in range(side)) for y in range(side)]
    columns = [" ".join(f"N{x}x{y}" for y in range(side)) for x in range(side)]
    network = build_network(grid("\n".join(f"{line} residential" for line in [*rows, *columns])))
    assert len(network.xy) == side**2 > 30_000
    middle = PICKUP.lat + 87 * step * STEP, PICKUP.lon + 87 * step * STEP
    pickup = replace(PICKUP, lat=middle[0], lon=middle[1])
    city = replace(WORLD, pickups=[pickup], snapshot=replace(SNAPSHOT, network=network))
    (_, area), *_ = isochrones(Town(city), "tugu", (15,))
    metres = shapely.transform(area, lambda xy: to_metres(lat=xy[:, 1], lon=xy[:, 0]))
    walk = 900 * WALK_M_S
    edge = 4 * 2**0.5 * walk * STREET_SIDE_M  # the houses along the diamond's rim
    assert metres.area == pytest.approx(2 * walk**2 + edge, rel=0.02)
    assert np.ptp(metres.bounds[::2]) == pytest.approx(2 * (walk + STREET_SIDE_M), rel=0.02)

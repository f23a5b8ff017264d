import pytest
import shapely

from tests.worlds import EAST_M, LAT, LON, STEP, grid
from tourism.geo.crs import Point
from tourism.geo.network import build_network
from tourism.geo.zone import STREET_SIDE_M, reachable_streets, walking_zone
from tourism.services.town import Town

CROSS = "A(0,0) B(20,0) residential\nA C(-20,0) residential\nA D(0,20) motorway"


def test_the_reachable_streets_are_cut_where_the_walk_ends() -> None:
    streets = reachable_streets(build_network(grid(CROSS)), [Point(LAT, LON)], 500)
    assert streets.length == pytest.approx(1000, rel=0.001)  # 500 m each way, the motorway left out


def test_an_origin_in_the_middle_of_a_long_edge_reaches_both_ways() -> None:
    streets = reachable_streets(build_network(grid(CROSS)), [Point(LAT, LON + 10 * STEP)], 500)
    assert streets.length == pytest.approx(1000, rel=0.001)


def test_two_origins_share_one_zone() -> None:
    network = build_network(grid(CROSS))
    two = reachable_streets(network, [Point(LAT, LON), Point(LAT, LON + 2 * STEP)], 500)
    assert two.length == pytest.approx(1000 + 2 * EAST_M, rel=0.005)


def test_the_zone_is_a_valid_area_in_degrees_around_the_streets() -> None:
    zone = walking_zone(build_network(grid(CROSS)), [Point(LAT, LON)], 500)
    assert zone.is_valid
    west, south, east, north = zone.bounds
    assert west < LON < east
    assert (north - south) * 110_574 == pytest.approx(2 * STREET_SIDE_M, rel=0.02)


def test_a_zone_of_nothing_is_empty() -> None:
    assert walking_zone(build_network(grid(CROSS)), [Point(-7.0, 110.0)], 500).is_empty
    assert walking_zone(build_network(grid(CROSS)), [], 500).is_empty


def test_the_shipped_zone_holds_every_pickup(town: Town) -> None:
    assert all(town.zone.contains(shapely.Point(p.lon, p.lat)) for p in town.pickups)

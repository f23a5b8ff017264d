from dataclasses import replace
from statistics import median

import pytest

from tests.worlds import EAST_M, LAT, LON, NORTH_M, PICKUP, STEP, grid
from tourism.domain.evidence import Amenity
from tourism.domain.venue import Venue
from tourism.domain.waiting import DETOUR, Nearby, facilities, nearby, next_door, walks
from tourism.geo.crs import Point, distance_m
from tourism.geo.network import build_network
from tourism.geo.osm import PlaceElement
from tourism.services.town import Town


def test_a_walk_follows_the_street_and_is_estimated_beyond_it() -> None:
    network = build_network(grid("A(0,0) B(0,3) C(3,3) residential"))
    pickup = Point(LAT, LON)
    corner, outside = Point(LAT + 3 * STEP, LON + 3 * STEP), Point(LAT - 5 * STEP, LON)
    along, straight = walks(network, "tugu", pickup, [corner, outside])
    assert along.metres == pytest.approx(3 * NORTH_M + 3 * EAST_M, rel=0.005)
    assert along.minutes == 9  # 662 m at 1.3 m/s, rounded up
    assert not along.estimated
    assert straight.estimated
    assert straight.metres == pytest.approx(5 * NORTH_M * DETOUR, rel=0.01)


def venue(name: str, **fields: object) -> Venue:
    return replace(Venue(name, name, "cafe", LAT, LON, "made up"), **fields)  # type: ignore[arg-type]


def element(osm_id: int, y: float, **tags: str) -> PlaceElement:
    return PlaceElement("node", osm_id, LAT + y * STEP, LON, tags)


def test_a_toilet_or_mosque_next_door_is_found_along_the_street() -> None:
    network = build_network(grid("A(0,0) B(0,3) residential"))
    places = [
        element(1, 0.8, amenity="toilets"),
        element(2, 0.5, amenity="toilets"),
        element(3, 0.3, amenity="place_of_worship"),
        element(4, 0.4, amenity="place_of_worship", name="Musholla Al-Huda"),
        element(5, 0.1, amenity="toilets", access="private"),
    ]
    found = next_door(network, [venue("here"), venue("there", lat=LAT + 2 * STEP)], facilities(places, []))
    assert found == {
        "here": {
            Amenity.TOILET: Nearby("", round(0.5 * NORTH_M), False),
            Amenity.PRAYER_ROOM: Nearby("Musholla Al-Huda", round(0.4 * NORTH_M), False),
        }
    }


def test_what_is_round_the_block_is_not_next_door_and_a_rough_position_has_no_neighbours() -> None:
    network = build_network(grid("A(0,0) B(3,0) C(3,0.5) D(0,0.5) residential"))
    toilet = facilities([element(1, 0.5, amenity="toilets")], [])
    assert next_door(network, [venue("here")], toilet) == {}
    assert next_door(None, [venue("here")], toilet) != {}
    assert next_door(None, [venue("here", uncertainty_m=150)], toilet) == {}


def test_a_listed_mosque_is_a_prayer_room_but_not_its_own_neighbour() -> None:
    mosque = venue("jami", kind="mosque")
    found = next_door(None, [mosque, venue("here")], facilities([], [mosque]))
    assert list(found) == ["here"]


def test_a_venue_an_hour_away_is_no_waiting_spot() -> None:
    far = venue("far", lat=LAT + 40 * STEP)
    assert nearby([venue("here"), far], [PICKUP]) == [venue("here")]


def test_without_a_network_every_walk_is_an_estimate() -> None:
    assert [w.estimated for w in walks(None, "tugu", Point(LAT, LON), [Point(LAT, LON + STEP)])] == [True]


def test_the_detour_factor_is_the_median_measured_on_the_shipped_streets(town: Town) -> None:
    pickups = {p.id: p.point for p in town.pickups}
    ratios = []
    for place in town.venues:
        for pickup, point in pickups.items():
            walk = walks(town.network, pickup, point, [place.point])[0]
            if not walk.estimated and distance_m(place.point, point) > 200:
                ratios.append(walk.metres / distance_m(place.point, point))
    assert len(ratios) > 50
    assert median(ratios) == pytest.approx(DETOUR, abs=0.03)

from dataclasses import replace
from datetime import date, time
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worlds import EAST_M, LAT, LON, NORTH_M, PICKUP, STEP, grid
from tourism.domain.calendar import Window, at
from tourism.domain.venue import Amenity, Known, Venue
from tourism.domain.waiting import DETOUR, Walk, nearby, passes, spots, walks
from tourism.geo.crs import Point, distance_m
from tourism.geo.network import build_network
from tourism.services.town import Town

NIGHT = date(2026, 11, 25)
WINDOW = Window(at(NIGHT, time(22)), at(NIGHT, time(0, 34)))
NEAR = Walk("tugu", 100, 2, False)


def venue(name: str, hours: str = "", **amenities: Known) -> Venue:
    return Venue(name, name, "cafe", LAT, LON, "made up", opening_hours=hours, amenities=amenities)


def names(*venues: Venue, needs: tuple[Amenity, ...] = (), walk: dict[str, Walk] | None = None) -> list[str]:
    return [s.venue.name for s in spots(venues, walk or {v.id: NEAR for v in venues}, WINDOW, needs)]


def test_spots_come_open_first_then_closing_latest_then_unknown_then_closed() -> None:
    found = names(
        venue("closed", "Mo-Su 08:00-20:00"), venue("unknown"), venue("early", "Mo-Su 08:00-22:30"),
        venue("late", "Mo-Su 08:00-24:00"), venue("open", "24/7"),
    )  # fmt: skip
    assert found == ["open", "late", "early", "unknown", "closed"]


def test_among_equals_the_shorter_walk_comes_first() -> None:
    far = Walk("tugu", 900, 12, False)
    assert names(venue("a", "24/7"), venue("b", "24/7"), walk={"a": far, "b": NEAR}) == ["b", "a"]


def test_a_filter_leaves_out_only_a_known_no_and_puts_a_known_yes_first() -> None:
    found = names(
        venue("no", "24/7", toilet=Known.NO), venue("unknown", "24/7"), venue("yes", "24/7", toilet=Known.YES),
        needs=(Amenity.TOILET,),
    )  # fmt: skip
    assert found == ["yes", "unknown"]


@given(st.dictionaries(st.sampled_from(Amenity), st.sampled_from(Known)), st.sets(st.sampled_from(Amenity)))
def test_forgetting_a_fact_never_hides_a_venue(known: dict[Amenity, Known], needs: set[Amenity]) -> None:
    forgotten = replace(venue("v"), amenities={})
    assert passes(forgotten, needs)
    if passes(replace(venue("v"), amenities={str(amenity): value for amenity, value in known.items()}), needs):
        assert all(known.get(need) is not Known.NO for need in needs)


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


def test_a_venue_an_hour_away_is_no_waiting_spot() -> None:
    far = replace(venue("far"), lat=LAT + 40 * STEP)
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

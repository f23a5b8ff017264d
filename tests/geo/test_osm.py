import pytest

from tourism.geo.osm import can_drive, can_walk, drive_kmh, is_street


@pytest.mark.parametrize(
    ("tags", "walk", "drive"),
    [
        ({"highway": "residential"}, True, (True, True)),
        ({"highway": "residential", "oneway": "yes"}, True, (True, False)),
        ({"highway": "residential", "oneway": "-1"}, True, (False, True)),
        ({"highway": "primary", "junction": "roundabout"}, True, (True, False)),
        ({"highway": "primary", "junction": "roundabout", "oneway": "no"}, True, (True, True)),
        ({"highway": "motorway"}, False, (True, False)),
        ({"highway": "footway"}, True, (False, False)),
        ({"highway": "steps"}, True, (False, False)),
        ({"highway": "cycleway"}, False, (False, False)),
        ({"highway": "cycleway", "foot": "yes"}, True, (False, False)),
        ({"highway": "service", "access": "private"}, False, (False, False)),
        ({"highway": "service", "access": "private", "foot": "yes"}, True, (False, False)),
        ({"highway": "service", "access": "no", "motorcar": "yes"}, False, (True, True)),
        ({"highway": "residential", "motor_vehicle": "no"}, True, (False, False)),
        ({"highway": "residential", "foot": "no"}, False, (True, True)),
    ],
)
def test_tags_decide_who_may_use_a_way(tags: dict[str, str], walk: bool, drive: tuple[bool, bool]) -> None:
    assert is_street(tags)
    assert can_walk(tags) is walk
    assert can_drive(tags) == drive


@pytest.mark.parametrize("tags", [{}, {"highway": "construction"}, {"highway": "pedestrian", "area": "yes"}])
def test_what_is_not_a_street(tags: dict[str, str]) -> None:
    assert not is_street(tags)


def test_a_lower_limit_wins_and_nonsense_is_ignored() -> None:
    assert drive_kmh({"highway": "primary"}) == 40
    assert drive_kmh({"highway": "primary", "maxspeed": "20"}) == 20
    assert drive_kmh({"highway": "primary", "maxspeed": "walk"}) == 40
    assert drive_kmh({"highway": "primary", "maxspeed": "0"}) == 40

"""Worlds of a few cafés, solvable by hand."""

from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worlds import LAT, LON
from tourism.domain.calendar import WIB, Window, at
from tourism.domain.evidence import Age, Amenity, Fact, Rank, Source
from tourism.domain.finding import WEIGHTS, Group, Spot, Terms, Trust, Wish, find
from tourism.domain.hours import over
from tourism.domain.occupancy import GOOD_FOR, Occupancy, in_force
from tourism.domain.venue import Venue
from tourism.domain.waiting import Nearby, Walk

NIGHT = date(2026, 11, 25)
WINDOW = Window(at(NIGHT, time(22)), at(NIGHT, time(0, 34)))
WISH = Wish(NIGHT, WINDOW)
OFFICE = Source("office", Rank.LISTING, NIGHT)


def spot(name: str, hours: str = "24/7", minutes: int = 2, facts: dict[str, str] | None = None, **also: str) -> Spot:
    said = {key: Fact(value, OFFICE) for key, value in ((facts or {}) | also).items()}
    venue = Venue(name, name, "cafe", LAT, LON, "made up", opening_hours=hours, facts=said)
    return Spot(venue, over(hours, WINDOW), Walk("tugu", minutes * 78, minutes, False), trust=Trust(Age.FRESH, 1.0))


def names(found: list[Spot], group: Group | None = None) -> list[str]:
    return [s.venue.id for s in found if group is None or s.group is group]


def why(found: list[Spot], name: str) -> list[str]:
    return [str(r.message) for s in found if s.venue.id == name for r in s.reasons]


def test_each_venue_left_out_says_why() -> None:
    wish = replace(WISH, party=12, needs=(Amenity.TOILET,), max_walk_min=10)
    found = find(
        [
            spot("good", seats="40", toilet="yes"),
            spot("early", "Mo-Su 08:00-23:00", seats="40", toilet="yes"),
            spot("shut", "Mo-Su 08:00-20:00", seats="40", toilet="yes"),
            spot("later", "Mo-Su 23:30-05:00", seats="40", toilet="yes"),
            spot("silent", ""),
            spot("small", seats="8", toilet="no"),
            spot("far", minutes=14, seats="40", toilet="yes"),
        ],
        wish,
    )
    assert names(found, Group.FITS) == ["good"]
    assert names(found, Group.ASK) == ["silent"]
    assert why(found, "early") == ["closes 23:00:00"]
    assert why(found, "shut") == ["closed"]
    assert why(found, "later") == ["closed, opens 23:30:00"]
    assert why(found, "silent") == ["hours unknown", "no seats for 12 known", "Toilet unknown"]
    assert why(found, "small") == ["8 seats, too few for 12", "Toilet: no"]
    assert why(found, "far") == ["14 min walk, more than 10"]


def test_a_walk_that_is_only_estimated_leaves_room_for_asking() -> None:
    guess = spot("rough", minutes=14)._replace(walk=Walk("tugu", 1092, 14, True))
    assert names(find([guess], replace(WISH, max_walk_min=12)), Group.ASK) == ["rough"]
    assert names(find([guess], replace(WISH, max_walk_min=9)), Group.OUT) == ["rough"]  # 10.4 min as the crow flies


def test_what_is_next_door_counts_but_less_than_ones_own() -> None:
    wish = replace(WISH, needs=(Amenity.TOILET,))
    next_door = spot("next")._replace(nearby={Amenity.TOILET: Nearby("Umum", 60, False)})
    found = find([next_door, spot("own", toilet="yes"), spot("none")], wish)
    assert names(found, Group.FITS) == ["own", "next"]
    assert [s.terms.needs for s in found] == [1.0, 0.6, 0.0]
    in_spite = next_door._replace(venue=spot("x", toilet="no").venue)
    assert names(find([in_spite], wish), Group.FITS) == ["x"]


def test_spots_come_open_longest_then_unknown_and_closed_and_the_shorter_walk_first() -> None:
    found = find(
        [
            spot("closed", "Mo-Su 08:00-20:00"), spot("unknown", ""), spot("early", "Mo-Su 08:00-22:30"),
            spot("late", "Mo-Su 08:00-24:00"), spot("open", "24/7"), spot("open far", "24/7", minutes=9),
        ],
        WISH,
    )  # fmt: skip
    assert names(found) == ["open", "open far", "unknown", "late", "early", "closed"]


def test_the_score_is_the_weighted_sum_of_the_terms_that_are_told() -> None:
    assert sum(WEIGHTS) == 100
    found = find([spot("a", seats="10", toilet="yes")], replace(WISH, party=4, needs=(Amenity.TOILET,)))[0]
    assert found.terms == Terms(open=1, walk=1 - 2 / 30, needs=1, seats=1, trust=1)
    assert found.score == round(40 + 25 * (1 - 2 / 30) + 15 + 10 + 10, 1)


def test_equals_take_turns_so_that_each_is_first_once_in_as_many_nights() -> None:
    equal = [spot(name) for name in "abc"]
    nights = [NIGHT + timedelta(days=n) for n in range(3)]
    orders = [names(find(equal, replace(WISH, night=night))) for night in nights]
    assert sorted(order[0] for order in orders) == ["a", "b", "c"]
    assert names(find(equal[::-1], WISH)) == names(find(equal, WISH))


@given(st.dictionaries(st.sampled_from(["name", "source", "note", "address", "kind", "phone"]), st.text(max_size=9)))
def test_nothing_but_the_terms_moves_a_venue(changes: dict[str, str]) -> None:
    """No field of a listing buys a place: what people can't sit on, walk or open does not count."""
    plain = spot("a", seats="10")
    changed = plain._replace(venue=replace(plain.venue, **changes))  # type: ignore[arg-type]
    assert find([changed], WISH)[0].score == find([plain], WISH)[0].score
    assert not {"boost", "priority", "paid", "rating", "featured"} & {f.name for f in fields(Venue)}


FACTS = st.dictionaries(st.sampled_from(Amenity), st.sampled_from(["yes", "no"]))


@given(FACTS, st.sets(st.sampled_from(Amenity)), st.sampled_from(Amenity))
def test_forgetting_a_fact_never_turns_into_a_no(facts: dict[str, str], needs: set[Amenity], lost: Amenity) -> None:
    wish = replace(WISH, needs=tuple(sorted(needs)))
    known = find([spot("v", facts=facts)], wish)[0]
    forgotten = find([spot("v", facts={k: v for k, v in facts.items() if k != lost})], wish)[0]
    assert not (known.group is not Group.OUT and forgotten.group is Group.OUT)
    assert not (known.group is not Group.FITS and forgotten.group is Group.FITS)
    assert forgotten.score <= known.score


def occupied(free: int, minute: int = 0) -> Occupancy:
    return Occupancy("a", free, datetime(2026, 11, 24, 22, minute, tzinfo=WIB), "office")


def test_a_full_venue_is_out_and_free_seats_are_seats() -> None:
    full = spot("a", seats="40")._replace(occupancy=occupied(0, 5))
    assert why(find([full], WISH), "a") == ["full at 22:05:00"]
    few = spot("a")._replace(occupancy=occupied(3, 5))
    assert why(find([few], replace(WISH, party=5)), "a") == ["3 seats free at 22:05:00"]
    assert names(find([few], replace(WISH, party=3)), Group.FITS) == ["a"]


def test_what_was_said_about_seats_ends_after_half_an_hour() -> None:
    said = occupied(3)
    assert in_force([said], said.set_at) == {"a": said}
    assert in_force([said], said.set_at + GOOD_FOR - timedelta(seconds=1)) == {"a": said}
    assert in_force([said], said.set_at + GOOD_FOR) == {}
    assert in_force([said], said.set_at - timedelta(seconds=1)) == {}


@pytest.mark.parametrize("group", list(Group))
def test_the_group_follows_from_the_worst_reason(group: Group) -> None:
    spots = {Group.FITS: spot("v"), Group.ASK: spot("v", ""), Group.OUT: spot("v", "off")}
    assert find([spots[group]], WISH)[0].group is group

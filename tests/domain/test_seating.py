"""Parties spread over venues: nothing overflows, and walks are as short as the exact optimum."""

import random

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from tourism.domain.seating import Guest, seat


def test_by_hand() -> None:
    """The nearer venue is full with one of them: the second party walks, whoever it is the sum is the same."""
    guests = [Guest("a", 4, {"near": 1.0, "far": 9.0}), Guest("b", 4, {"near": 1.0, "far": 9.0})]
    assert sorted(seat(guests, {"near": 5, "far": 20}).values()) == ["far", "near"]


def test_a_flow_is_better_than_first_come() -> None:
    """Who can only use the near venue gets it; the other one, who came first, walks a little."""
    guests = [Guest("first", 2, {"near": 1.0, "far": 2.0}), Guest("only", 2, {"near": 1.0})]
    assert seat(guests, {"near": 2, "far": 2}) == {"first": "far", "only": "near"}


def test_no_venue_no_seat_no_party() -> None:
    """Nothing to give is an answer."""
    assert seat([], {"near": 3}) == {}
    assert seat([Guest("a", 2, {})], {"near": 3}) == {}
    assert seat([Guest("a", 4, {"near": 1.0})], {"near": 3}) == {}
    assert seat([Guest("a", 1, {"unknown": 1.0})], {"near": 3}) == {}


@pytest.mark.parametrize("seed", range(60))
def test_nothing_overflows_and_everybody_sits_who_must(seed: int) -> None:
    """Parties of any size: seats are never exceeded, and nobody stands while some venue has room for them."""
    rng = random.Random(seed)
    seats = {f"v{n}": rng.randint(0, 25) for n in range(rng.randint(1, 6))}
    guests = [
        Guest(f"p{n}", rng.randint(1, 9), {v: float(rng.randint(1, 30)) for v in seats if rng.random() < 0.7})
        for n in range(rng.randint(1, 30))
    ]
    found = seat(guests, seats)
    used = {venue: sum(g.size for g in guests if found.get(g.id) == venue) for venue in seats}
    assert all(used[venue] <= seats[venue] for venue in seats)
    assert all(found[g.id] in g.cost_min for g in guests if g.id in found)
    standing = [g for g in guests if g.id not in found]
    assert not any(seats[v] - used[v] >= g.size for g in standing for v in g.cost_min)


@pytest.mark.parametrize("seed", range(60))
def test_single_people_sit_as_the_assignment_problem_says(seed: int) -> None:
    """For parties of one the flow is exact: as many as possible, then the least minutes in all."""
    rng = random.Random(seed)
    seats = {f"v{n}": rng.randint(1, 4) for n in range(3)}
    guests = [Guest(f"p{n}", 1, {v: float(rng.randint(1, 30)) for v in seats if rng.random() < 0.7}) for n in range(8)]
    chairs = [venue for venue, number in seats.items() for _ in range(number)]
    cost = np.array([[g.cost_min.get(v, 1000.0) for v in chairs] + [500.0] * len(guests) for g in guests])
    rows, columns = linear_sum_assignment(cost)
    found = seat(guests, seats)
    spent = sum(g.cost_min[found[g.id]] if g.id in found else 500.0 for g in guests)
    assert spent == pytest.approx(cost[rows, columns].sum())

"""Where parties wait until their turn: spread over venues by a min-cost flow, so that none overflows.

People flow from groups (parties of one size that may use the same venues for the same costs) to venues with seats;
the least minutes on foot in all, those without a seat counting most (HiGHS, by scipy). A flow may split a party; then
the whole parties are seated as the flow says, and the few that are left, the largest first, where most cheaply one
still fits whole.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, vstack

NOWHERE_MIN = 1_000.0  # what a person without a seat counts: more than any walk


@dataclass(frozen=True)
class Guest:
    """A party that needs seats together: what each venue it may use costs each of its people, in minutes."""

    id: str
    size: int
    cost_min: Mapping[str, float]


def seat(guests: Iterable[Guest], seats: Mapping[str, int]) -> dict[str, str]:
    """Return the venue of each party; who fits nowhere is left out. No venue gets more people than it has seats."""
    groups: dict[tuple[int, tuple[tuple[str, float], ...]], list[Guest]] = defaultdict(list)
    for guest in guests:
        usable = {venue: cost for venue, cost in guest.cost_min.items() if seats.get(venue, 0) >= guest.size}
        groups[guest.size, tuple(sorted(usable.items()))].append(guest)
    left, found, unseated = dict(seats), dict[str, str](), []
    flows = _flow([(size * len(together), dict(costs)) for (size, costs), together in groups.items()], seats)
    for ((size, _), together), flow in zip(groups.items(), flows, strict=True):
        waiting = iter(together)
        for venue, people in flow.items():
            for guest in islice(waiting, int(people + 1e-6) // size):
                found[guest.id] = venue
                left[venue] -= size
        unseated += list(waiting)
    for guest in sorted(unseated, key=lambda g: -g.size):
        fits = [(cost, venue) for venue, cost in guest.cost_min.items() if left.get(venue, 0) >= guest.size]
        if fits:
            found[guest.id] = min(fits)[1]
            left[found[guest.id]] -= guest.size
    return found


def _flow(groups: list[tuple[int, dict[str, float]]], seats: Mapping[str, int]) -> list[dict[str, float]]:
    """Return how many people of each group go to each venue."""
    venues = {venue: n for n, venue in enumerate(seats)}
    edges = [(n, venue, cost) for n, (_, costs) in enumerate(groups) for venue, cost in costs.items()]
    if not edges:
        return [{} for _ in groups]
    columns, ones = np.arange(len(edges)), np.ones(len(edges))
    of_group = coo_array((ones, ([n for n, _, _ in edges], columns)), (len(groups), len(edges))).tocsr()
    of_venue = coo_array((ones, ([venues[v] for _, v, _ in edges], columns)), (len(venues), len(edges))).tocsr()
    solved = linprog(  # type: ignore[call-overload]  # it takes sparse matrices, the stubs don't say so
        [cost - NOWHERE_MIN for _, _, cost in edges],
        A_ub=vstack([of_group, of_venue]),
        b_ub=[*(people for people, _ in groups), *seats.values()],
    )
    found: list[dict[str, float]] = [{} for _ in groups]
    for (n, venue, _), people in zip(edges, solved.x, strict=True):
        found[n][venue] = float(people)
    return found

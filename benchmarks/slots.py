"""Slots for a night's departures, and again after one change, against limits of time; one core, without HTTP."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from math import log

from benchmarks.result import Result
from tourism.app import settle_memory
from tourism.domain.night_grid import MINUTES
from tourism.domain.slots import Capacity, Climb, SlotRequest, allocate, reallocate

ALLOCATE_S, AGAIN_MS = 1.0, 50.0
GROWTH = 10 * log(20_000) / log(2_000)
CLIMB_OPENS, CLIMB_CLOSES = 480, 600


def night(number: int, per_min: int) -> tuple[list[SlotRequest], Capacity]:
    """Return departures for three gates, half of them bound for the ridge, that more than fill gates and climb."""
    rng = random.Random(5)
    found = []
    for n in range(number):
        climb = Climb(rng.randint(20, 60), rng.randint(560, CLIMB_CLOSES - 1)) if rng.random() < 0.49 else None
        due = rng.randint(500, 620)
        release = min(rng.randint(420, 470), due)
        found.append(SlotRequest(str(n), f"gate-{rng.randint(1, 3)}", release, due, n, climb))
    open_climb = [2 * per_min * (CLIMB_OPENS <= minute < CLIMB_CLOSES) for minute in range(MINUTES)]
    return found, Capacity({f"gate-{n}": [per_min] * MINUTES for n in (1, 2, 3)}, open_climb)


def _changes(asked: list[SlotRequest], capacity: Capacity) -> Iterator[tuple[str, list[SlotRequest], Capacity]]:
    late = [replace(r, release=min(r.release + 60, r.due)) if r.id == "7" else r for r in asked]
    yield "one departure an hour late", late, capacity
    slow = [n if minute < 510 else 1 for minute, n in enumerate(capacity.gates["gate-1"])]
    yield "a scanner at one a minute from 02:30", asked, replace(capacity, gates={**capacity.gates, "gate-1": slow})
    shut = [n if minute < 510 else 0 for minute, n in enumerate(capacity.gates["gate-1"])]
    yield "a gate closes at 02:30", asked, replace(capacity, gates={**capacity.gates, "gate-1": shut})


def _best(work: Callable[[], object]) -> float:
    spent = []
    for _ in range(5):
        begin = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begin)
    return min(spent)


def measure() -> list[Result]:
    """Allocate 2,000 and 20,000, then change one thing for 2,000."""
    settle_memory()
    asked, capacity = night(2_000, 3)
    many, wide = night(20_000, 30)
    one, ten = _best(lambda: allocate(asked, capacity)), _best(lambda: allocate(many, wide))
    given = allocate(asked, capacity)
    limit = one * GROWTH
    results = [
        Result(f"2,000 departures, {len(given.refused)} of them don't fit", ALLOCATE_S / one, 1, one, ALLOCATE_S, "s"),
        Result("20,000 departures, against n log n of 2,000", limit / ten, 1, ten, limit, "s"),
    ]
    for what, changed, after in _changes(asked, capacity):
        spent = _best(partial(reallocate, changed, after, given.slots)) * 1000
        _, moves = reallocate(changed, after, given.slots)
        text = f"again: {what} ({len(moves)} moved)"
        results.append(Result(text, AGAIN_MS / spent, 1, spent, AGAIN_MS, "ms"))
    return results

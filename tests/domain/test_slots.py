"""Gate slots against Moore and Hodgson's rule, matchings, and an exact solver."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, milp
from scipy.sparse import coo_array

from tourism.domain.serving import Job, serve
from tourism.domain.slots import (
    Allocation,
    Capacity,
    Climb,
    MoveReason,
    Slot,
    SlotRequest,
    allocate,
    capacity_left,
    reallocate,
    whole_vehicles,
)

NO_CLIMB = [0] * 40


def request(
    id_: str, release: int, due: int, climb: Climb | None = None, *, gate: str = "g", order: int = 0
) -> SlotRequest:
    """Return a request at one gate."""
    return SlotRequest(id_, gate, release, due, order, climb)


def moore_hodgson(dues: Sequence[int], rate: int) -> int:
    """Count by hand's rule who is in time: take them by due date, drop one whenever one would be late."""
    done = 0
    for due in sorted(dues):
        if done // rate <= due:  # the next one passes in minute done // rate
            done += 1
    return done


def random_night(rng: random.Random, ridge: bool) -> tuple[list[SlotRequest], dict[str, list[int]], list[int]]:
    """Return a small night of two gates and a climb, so tight that some don't fit."""
    found = []
    for n in range(rng.randint(4, 13)):
        release = rng.randint(0, 6)
        due = release + rng.randint(0, 6)
        climb = Climb(rng.randint(1, 3), rng.randint(6, 13)) if ridge and rng.random() < 0.6 else None
        found.append(SlotRequest(f"d{n}", rng.choice("ab"), release, due, n, climb))
    found = [r for r in found if r.climb is None or r.due_at_gate >= r.release]
    gates = {gate: [rng.choice((0, 1, 1, 2)) for _ in range(16)] for gate in "ab"}
    return found, gates, [rng.choice((0, 1, 1)) for _ in range(16)]


def check(
    requests: Sequence[SlotRequest], gates: Mapping[str, Sequence[int]], climb: Sequence[int], found: Allocation
) -> None:
    """Assert that every slot may be used and no minute is overfull."""
    asked = {r.id: r for r in requests}
    assert set(found.slots) | found.refused == set(asked)
    assert not set(found.slots) & found.refused
    at_gate = Counter((asked[id_].gate, slot.gate_minute) for id_, slot in found.slots.items())
    assert all(n <= gates[gate][minute] for (gate, minute), n in at_gate.items())
    up = Counter(slot.climb_minute for slot in found.slots.values() if slot.climb_minute is not None)
    assert all(n <= climb[minute] for minute, n in up.items())
    for id_, slot in found.slots.items():
        r = asked[id_]
        assert r.release <= slot.gate_minute <= r.due
        assert (slot.climb_minute is None) is (r.climb is None)
        if r.climb and slot.climb_minute is not None:
            assert slot.gate_minute + r.climb.drive_min <= slot.climb_minute <= r.climb.due


def exact(
    requests: Sequence[SlotRequest], gates: Mapping[str, Sequence[int]], climb: Sequence[int],
    before: Mapping[str, Slot] | None = None,
) -> tuple[int, int]:  # fmt: skip
    """Return by integer programming how many can be in time, and how few of those need another slot than before."""
    had = before or {}
    choices = [
        (n, r, Slot(minute, up))
        for n, r in enumerate(requests)
        for minute in range(r.release, min(r.due, 15) + 1)
        for up in ([None] if r.climb is None else range(minute + r.climb.drive_min, min(r.climb.due, 15) + 1))
    ]
    if not choices:
        return 0, 0
    rows: dict[tuple[str, int], int] = {}
    limits: list[int] = []
    entries: list[tuple[int, int]] = []
    for column, (n, r, slot) in enumerate(choices):
        uses = [("request", n, 1), (r.gate, slot.gate_minute, gates[r.gate][slot.gate_minute])]
        if slot.climb_minute is not None:
            uses.append(("climb", slot.climb_minute, climb[slot.climb_minute]))
        for what, key, limit in uses:
            row = rows.setdefault((what, key), len(rows))
            if row == len(limits):
                limits.append(limit)
            entries.append((row, column))
    matrix = coo_array((np.ones(len(entries)), tuple(zip(*entries, strict=True))), (len(rows), len(choices)))
    cost = [-100 + (r.id in had and had[r.id] != slot) for _, r, slot in choices]
    at_most = LinearConstraint(matrix.tocsr(), ub=limits)
    found = milp(cost, integrality=np.ones(len(cost), dtype=int), bounds=Bounds(0, 1), constraints=at_most)
    assert found.x is not None
    taken = [choice for choice, x in zip(choices, found.x, strict=True) if x > 0.5]
    return len(taken), sum(r.id in had and had[r.id] != slot for _, r, slot in taken)


def test_by_hand() -> None:
    """Three for two minutes: the one due first goes first, the one published last stays out."""
    asked = [request("late", 0, 1, order=0), request("soon", 0, 0, order=1), request("last", 0, 1, order=2)]
    found = allocate(asked, Capacity({"g": [1, 1, 1]}, NO_CLIMB))
    assert found.slots == {"soon": Slot(0), "late": Slot(1)}
    assert found.refused == {"last"}


def test_nobody_waits_for_a_minute_that_is_free() -> None:
    """Whoever may pass in a free minute does: the hold is as short as it can be."""
    asked = [request("a", 2, 9), request("b", 5, 9)]
    assert allocate(asked, Capacity({"g": [1] * 10}, NO_CLIMB)).slots == {"a": Slot(2), "b": Slot(5)}


def test_climb_by_hand() -> None:
    """Two pass the gate together, one after the other the climb, which opens at 4."""
    asked = [request("a", 0, 9, Climb(2, 5), order=1), request("b", 0, 9, Climb(2, 4))]
    found = allocate(asked, Capacity({"g": [2] * 10}, [0] * 4 + [1] * 3))
    assert found.slots == {"b": Slot(0, 4), "a": Slot(0, 5)}


@pytest.mark.parametrize("seed", range(1000))
def test_one_gate_equals_moore_and_hodgson(seed: int) -> None:
    """At one gate of one rate, everybody ready at its opening, the known optimum is reached."""
    rng = random.Random(seed)
    rate, dues = rng.randint(1, 3), [rng.randint(0, 20) for _ in range(rng.randint(1, 60))]
    asked = [request(str(n), 0, due, order=n) for n, due in enumerate(dues)]
    found = allocate(asked, Capacity({"g": [rate] * 30}, NO_CLIMB))
    check(asked, {"g": [rate] * 30}, NO_CLIMB, found)
    assert len(found.slots) == moore_hodgson(dues, rate)


def test_serving_by_publication_is_not_the_optimum() -> None:
    """The comparison can fail: who was published first is due last, and takes the only minute of the other."""
    dues = [1, 0]
    by_publication = serve(
        [Job(0, False, 0, n, str(n)) for n in range(2)], [1, 1]
    )  # all due alike: order alone decides
    late = [n for n, due in enumerate(dues) if by_publication.get(str(n), 99) > due]
    assert len(dues) - len(late) == 1 < moore_hodgson(dues, 1) == 2


@pytest.mark.parametrize("seed", range(100))
def test_gates_without_climb_are_exact(seed: int) -> None:
    """With releases and rates by the minute too, as many as possible pass."""
    asked, gates, climb = random_night(random.Random(seed), ridge=False)
    found = allocate(asked, Capacity(gates, climb))
    check(asked, gates, climb, found)
    assert len(found.slots) == exact(asked, gates, climb)[0]


def test_gate_and_climb_are_nearly_exact() -> None:
    """On 200 random nights equal to an exact solver in at least 95 %, and never more than one fewer."""
    short = Counter[int]()
    for seed in range(200):
        asked, gates, climb = random_night(random.Random(seed), ridge=True)
        found = allocate(asked, Capacity(gates, climb))
        check(asked, gates, climb, found)
        short[exact(asked, gates, climb)[0] - len(found.slots)] += 1
    assert set(short) <= {0, 1}
    assert short[0] >= 190


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([request("a", 0, 1), request("a", 0, 1)], "share an id"),
        ([request("a", 0, 1, gate="nowhere")], "no gate nowhere"),
        ([request("a", 2, 1)], "due before it can be at the gate"),
    ],
)
def test_requests_that_cannot_be(asked: list[SlotRequest], said: str) -> None:
    """A shared id, an unknown gate, and a due minute before the release are refused, also when giving again."""
    with pytest.raises(ValueError, match=said):
        allocate(asked, Capacity({"g": [1]}, NO_CLIMB))
    with pytest.raises(ValueError, match=said):
        reallocate(asked, Capacity({"g": [1]}, NO_CLIMB), {})


def test_a_gate_that_never_opens_refuses_everybody() -> None:
    """Nobody gets a slot where nobody passes; nobody at all is an answer, too."""
    assert allocate([request("a", 0, 5)], Capacity({"g": [0] * 6}, NO_CLIMB)) == Allocation({}, frozenset({"a"}))
    assert allocate([], Capacity({}, [])) == Allocation({}, frozenset())


def test_whole_vehicles() -> None:
    """1.2 a minute let one through, then and again two: twelve in ten minutes."""
    assert whole_vehicles(np.full(10, 1.2)) == [1, 1, 1, 1, 2, 1, 1, 1, 1, 2]


def best_at_one_server(
    asked: Sequence[SlotRequest], capacity: Sequence[int], before: Mapping[str, Slot]
) -> tuple[int, int, int]:
    """Return how many can pass, how many of those who had a slot, and how few in another minute: by assignment."""
    places = [minute for minute, free in enumerate(capacity) for _ in range(free)]
    cost = np.zeros((len(asked), len(places) + len(asked)))
    for n, r in enumerate(asked):
        for column, minute in enumerate(places):
            moved = r.id in before and before[r.id].gate_minute != minute
            worth = -10_000 - 100 * (r.id in before) + moved
            cost[n, column] = worth if r.release <= minute <= r.due else 10_000
    rows, columns = linear_sum_assignment(cost)
    taken = [-int(cost[row, column]) for row, column in zip(rows, columns, strict=True) if cost[row, column] < 0]
    had = [value for value in taken if value > 10_000]
    return len(taken), len(had), sum(-value % 100 for value in had)


@pytest.mark.parametrize("seed", range(300))
def test_reallocation_moves_the_fewest(seed: int) -> None:
    """At one gate: as many in time as possible, then as few moved as possible, by the assignment problem."""
    rng = random.Random(seed)
    asked = []
    for n in range(rng.randint(5, 25)):
        release = rng.randint(0, 12)
        asked.append(request(f"d{n}", release, release + rng.randint(0, 9), order=n))
    before = allocate(asked, Capacity({"g": [rng.choice((1, 2)) for _ in range(25)]}, NO_CLIMB)).slots
    changed = [r if rng.random() < 0.8 else request(r.id, r.release + 2, r.due + 3, order=r.order) for r in asked]
    fewer = [rng.choice((0, 1, 1, 2)) for _ in range(25)]
    found, moves = reallocate(changed, Capacity({"g": fewer}, NO_CLIMB), before)
    check(changed, {"g": fewer}, NO_CLIMB, found)
    stayed = sum(id_ in before for id_ in found.slots)
    moved = sum(move.after is not None for move in moves)
    assert (len(found.slots), stayed, moved) == best_at_one_server(changed, fewer, before)
    assert {m.id for m in moves} == {r.id for r in changed if r.id in before and found.slots.get(r.id) != before[r.id]}


def test_reallocation_at_gate_and_climb() -> None:
    """On 200 random nights: never more than one fewer in time than giving all anew finds, and nearly as few moves."""
    short, more = Counter[int](), Counter[int]()
    for seed in range(200):
        rng = random.Random(seed)
        asked, gates, climb = random_night(rng, ridge=True)
        before = allocate(asked, Capacity(gates, climb)).slots
        gates = gates | {"a": [max(n - rng.choice((0, 0, 1)), 0) for n in gates["a"]]}
        found, moves = reallocate(asked, Capacity(gates, climb), before)
        check(asked, gates, climb, found)
        in_time, moved = exact(asked, gates, climb, before)
        short[in_time - len(found.slots)] += 1
        if in_time == len(found.slots):
            more[sum(move.after is not None for move in moves) - moved] += 1
    assert set(short) <= {0, 1}
    assert short[0] >= 190
    assert set(more) <= {0, 1}
    assert more[0] >= 0.95 * short[0]


@pytest.mark.parametrize("seed", range(30))
def test_nothing_changed_moves_nobody(seed: int) -> None:
    """Giving again in the same night gives the same."""
    asked, gates, climb = random_night(random.Random(seed), ridge=True)
    given = allocate(asked, Capacity(gates, climb))
    again, moves = reallocate(asked, Capacity(gates, climb), given.slots)
    assert again.slots == given.slots
    assert moves == []


def test_who_has_left_keeps_the_slot() -> None:
    """The gate slows down; one has left and takes the next minute there is, the others wait behind it, told why."""
    asked = [request("here", 0, 9, order=1), request("late", 0, 9, order=2)]
    left = capacity_left(Capacity({"g": [0, 0, 1, 1, 1]}, NO_CLIMB), [("g", Slot(0))])
    assert left.gates == {"g": [0, 0, 0, 1, 1]}
    found, moves = reallocate(asked, left, {"here": Slot(0), "late": Slot(1)})
    assert found.slots == {"here": Slot(3), "late": Slot(4)}
    assert {m.id: m.reason for m in moves} == {"here": MoveReason.FEWER_CAN, "late": MoveReason.FEWER_CAN}


def test_reasons() -> None:
    """One is late by itself; another makes room for it."""
    asked = [request("late", 1, 1), request("waits", 0, 2, order=1)]
    _, moves = reallocate(asked, Capacity({"g": [1, 1, 1]}, NO_CLIMB), {"late": Slot(0), "waits": Slot(1)})
    assert [(m.id, m.after, m.reason) for m in moves] == [
        ("late", Slot(1), MoveReason.OWN_TIMES),
        ("waits", Slot(0), MoveReason.MADE_ROOM),
    ]
    lost, moves = reallocate([request("a", 5, 6)], Capacity({"g": [1] * 5 + [0] * 5}, NO_CLIMB), {"a": Slot(5)})
    assert lost.refused == {"a"}
    assert [(m.after, m.reason) for m in moves] == [(None, MoveReason.FEWER_CAN)]

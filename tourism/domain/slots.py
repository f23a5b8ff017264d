"""Gate slots: who passes a gate, and the ridge climb after it, at which minute of the night.

Model: a gate is a server that lets so many vehicles pass each minute; the climb is a second one, shared by the gates.
A request may pass its gate from its release to its due minute, both included, and, if it is bound for the ridge, the
climb after the drive to it, up to a due minute there. As many as possible are in time; then nobody is held longer than
needed, for no minute stays free while somebody could use it; ties go to who was published first.

At two servers in a row: the gates first, then the climb; who does not get through the climb is taken out, and the gates
are filled again without them. That is not always the most (two in a row are as hard as matching in three dimensions),
so small changes are tried after it: one who got no slot goes first, one who got one stays out. Tests compare with an
exact solver. When something changes, everybody keeps their minute who can, and as few as possible of the others move.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from itertools import groupby

import numpy as np

from tourism.domain.serving import Job, Serve, may_enter, rearrange, serve
from tourism.domain.travel_time import Floats

ROUNDS = 8  # of filling the gates again; what is still lost at the climb then stays lost
EFFORT = 40_000  # requests times tries


@dataclass(frozen=True)
class Climb:
    """The second server of a request: minutes of the drive to it from the gate, and its due minute there."""

    drive_min: int
    due: int


@dataclass(frozen=True)
class SlotRequest:
    """A departure that asks for a slot; minutes are those of the night's grid, `order` is that of publication."""

    id: str
    gate: str
    release: int
    due: int
    order: int
    climb: Climb | None = None

    @property
    def due_at_gate(self) -> int:
        """The last minute at the gate that serves both."""
        return min(self.due, self.climb.due - self.climb.drive_min) if self.climb else self.due


@dataclass(frozen=True)
class Slot:
    """The minute at the gate given to a request, and that at the climb."""

    gate_minute: int
    climb_minute: int | None = None


@dataclass(frozen=True)
class Allocation:
    """The slots by id of the request, and the ids that got none."""

    slots: Mapping[str, Slot]
    refused: frozenset[str]


@dataclass(frozen=True)
class Capacity:
    """How many vehicles may pass in each minute, at each gate and at the climb."""

    gates: Mapping[str, Sequence[int]]
    climb: Sequence[int]


class MoveReason(StrEnum):
    """Why a departure has another slot than before, or none.

    OWN_TIMES: it can't be at the gate by then, or need not. FEWER_CAN: its minute lets fewer vehicles through.
    MADE_ROOM: it moved so that one more is in time.
    """

    OWN_TIMES = "own_times"
    FEWER_CAN = "fewer_can"
    MADE_ROOM = "made_room"


@dataclass(frozen=True)
class Move:
    """A departure whose slot changed; `after` is None for one that lost it."""

    id: str
    before: Slot
    after: Slot | None
    reason: MoveReason


def whole_vehicles(rate: Floats) -> list[int]:
    """Return how many vehicles pass in each minute, whole ones, of a rate in vehicles a minute."""
    return [int(n) for n in np.diff(np.floor(np.concatenate([[0.0], np.cumsum(rate)]) + 1e-9))]


def allocate(requests: Sequence[SlotRequest], capacity: Capacity) -> Allocation:
    """Give slots to requests.

    Raises ValueError for a request that is due before its release, names no gate, or shares its id with another.
    """
    _check(requests, capacity)
    best = _fill(requests, capacity)
    tries = EFFORT // len(requests) if best.refused and any(r.climb for r in requests) else 0
    for out in (None, *best.slots):
        asking = [r for r in requests if r.id != out]
        found, first = best if out is None else _fill(asking, capacity), frozenset[str]()
        for id_ in found.refused:
            if tries > 0:
                trial = _fill(asking, capacity, first | {id_})
                found, first = (trial, first | {id_}) if len(trial.slots) > len(found.slots) else (found, first)
            tries -= 1
        best = found if len(found.slots) > len(best.slots) else best
        if tries <= 0:
            break
    return replace(best, refused=frozenset(r.id for r in requests) - best.slots.keys())


def reallocate(
    requests: Sequence[SlotRequest], capacity: Capacity, before: Mapping[str, Slot]
) -> tuple[Allocation, list[Move]]:
    """Give slots again after a change, moving as few as possible of those that are in time; raises as `allocate`.

    Who has left does not ask any more: see `capacity_left`.
    """
    _check(requests, capacity)
    gate_of = {r.id: r.gate for r in requests}
    asked_gate = Counter((gate_of.get(id_), slot.gate_minute) for id_, slot in before.items())
    asked_climb = Counter(slot.climb_minute for slot in before.values())
    found = _fill_again([r for r in requests if r.id in before], capacity, before, before)
    tried = set[str]()
    while (newcomers := _newcomers(requests, capacity, found.slots)) - tried:
        asking = [r for r in requests if r.id in found.slots or r.id in newcomers]
        found = _fill_again(asking, capacity, found.slots, before)
        tried |= newcomers

    def why(r: SlotRequest, slot: Slot) -> MoveReason:
        minute, up = slot.gate_minute, slot.climb_minute
        too_late_up = r.climb is not None and (up is None or not minute + r.climb.drive_min <= up <= r.climb.due)
        if not r.release <= minute <= r.due or too_late_up:
            return MoveReason.OWN_TIMES
        fewer = asked_gate[r.gate, minute] > capacity.gates[r.gate][minute]
        fewer_up = up is not None and asked_climb[up] > capacity.climb[up]
        return MoveReason.FEWER_CAN if fewer or fewer_up else MoveReason.MADE_ROOM

    changed = [r for r in requests if r.id in before and found.slots.get(r.id) != before[r.id]]
    moves = [Move(r.id, before[r.id], found.slots.get(r.id), why(r, before[r.id])) for r in changed]
    return replace(found, refused=frozenset(gate_of) - found.slots.keys()), moves


def _fill_again(
    requests: Sequence[SlotRequest], capacity: Capacity, had: Mapping[str, Slot], home: Mapping[str, Slot]
) -> Allocation:
    """Serve everybody; `had` is where they are, `home` is from where moves are counted."""
    serve_gate = partial(rearrange, kept=_at_gates(had), home=_at_gates(home))
    serve_climb = partial(rearrange, kept=_at_climb(had), home=_at_climb(home))
    return _fill(requests, capacity, serve_gate=serve_gate, serve_climb=serve_climb)


def _at_gates(slots: Mapping[str, Slot]) -> dict[str, int]:
    return {id_: slot.gate_minute for id_, slot in slots.items()}


def _at_climb(slots: Mapping[str, Slot]) -> dict[str, int]:
    return {id_: slot.climb_minute for id_, slot in slots.items() if slot.climb_minute is not None}


def _newcomers(requests: Sequence[SlotRequest], capacity: Capacity, had: Mapping[str, Slot]) -> set[str]:
    """Return who has no slot but may pass the gate and find a place at the climb; else gates would move in vain."""
    at_gate, at_climb = _at_gates(had), _at_climb(had)
    may = {id_ for gate, r in _by_gate(requests) for id_ in may_enter(_at_gate(r), capacity.gates[gate], at_gate)}
    soonest = [(r, r.release + r.climb.drive_min, r.climb.due) for r in requests if r.climb and r.id in may]
    jobs = [Job(comes, False, due, r.order, r.id) for r, comes, due in soonest]
    up = rearrange(jobs, capacity.climb, at_climb, at_climb)
    return {r.id for r in requests if r.id in may and r.id not in had and (r.climb is None or r.id in up)}


def capacity_left(capacity: Capacity, taken: Collection[tuple[str, Slot]]) -> Capacity:
    """Return what slots at gates leave free; where fewer pass than have a slot, they take the minutes that follow."""
    gates = {
        gate: _without(passing, (slot.gate_minute for at, slot in taken if at == gate))
        for gate, passing in capacity.gates.items()
    }
    climb = (slot.climb_minute for _, slot in taken if slot.climb_minute is not None)
    return Capacity(gates, _without(capacity.climb, climb))


def _without(passing: Sequence[int], taken: Iterable[int]) -> list[int]:
    """Return what is left of a capacity; who finds no room in their minute takes it from the next."""
    wanted, left, behind = Counter(taken), [], 0
    for minute, free in enumerate(passing):
        behind += wanted[minute]
        left.append(max(free - behind, 0))
        behind = max(behind - free, 0)
    return left


def _fill(
    requests: Sequence[SlotRequest],
    capacity: Capacity,
    first: frozenset[str] = frozenset(),
    *,
    serve_gate: Serve = serve,
    serve_climb: Serve = serve,
) -> Allocation:
    """Serve the gates, then the climb, until nobody is lost at the climb; those who are `first` go before others."""
    left = list(requests)
    for _ in range(ROUNDS):
        at_gate: dict[str, int] = {}
        for gate, of_gate in _by_gate(left):
            at_gate |= serve_gate(_at_gate(of_gate, first), capacity.gates[gate])
        bound = [(r, r.climb) for r in left if r.climb and r.id in at_gate]
        jobs = [Job(at_gate[r.id] + c.drive_min, r.id not in first, c.due, r.order, r.id) for r, c in bound]
        up = serve_climb(jobs, capacity.climb)
        lost = {r.id for r, _ in bound} - up.keys()
        if not lost:
            break
        left = [r for r in left if r.id not in lost]
    slots = {id_: Slot(minute, up.get(id_)) for id_, minute in at_gate.items() if id_ not in lost}
    return Allocation(slots, frozenset(r.id for r in requests) - slots.keys())


def _at_gate(requests: Iterable[SlotRequest], first: Collection[str] = ()) -> list[Job]:
    return [Job(r.release, r.id not in first, r.due_at_gate, r.order, r.id) for r in requests]


def _check(requests: Sequence[SlotRequest], capacity: Capacity) -> None:
    if len({r.id for r in requests}) < len(requests):
        raise ValueError("two departures share an id")
    for r in requests:
        if r.gate not in capacity.gates:
            raise ValueError(f"{r.id}: there is no gate {r.gate}")
        if r.due < r.release:
            raise ValueError(f"{r.id}: due before it can be at the gate")


def _by_gate(requests: Iterable[SlotRequest]) -> Iterable[tuple[str, list[SlotRequest]]]:
    ordered = sorted(requests, key=lambda r: r.gate)
    return ((gate, list(found)) for gate, found in groupby(ordered, key=lambda r: r.gate))

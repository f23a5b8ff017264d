"""Gate slots: who passes a gate, and the ridge climb after it, at which minute of the night.

Model: a gate is a server that lets so many vehicles pass each minute; the climb is a second one, shared by the gates.
A request may pass its gate from its release to its due minute, both included, and, if it is bound for the ridge, the
climb after the drive to it, up to a due minute there. As many as possible are in time; then nobody is held longer than
needed, for no minute stays free while somebody could use it; ties go to who was published first.

One server: each minute goes to the waiting request that is due first (Glover 1967: this matches the most requests, as
each may use an interval of minutes). Two in a row: the gates first, then the climb; who does not get through the climb
is taken out, and the gates are filled again without them. That is not always the most (two in a row are as hard as
matching in three dimensions), so small changes are tried after it: one who got no slot goes first, one who got one
stays out. Tests compare with an exact solver.

When something changes, everybody keeps their minute who can; each of the others is placed by the chain of moves that
moves the fewest (successive shortest paths, exact at one server), and who has left already is not asked to move.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from heapq import heappop, heappush
from itertools import groupby
from typing import NamedTuple

import numpy as np

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
    requests: Sequence[SlotRequest], capacity: Capacity, before: Mapping[str, Slot], gone: Collection[str] = ()
) -> tuple[Allocation, list[Move]]:
    """Give slots again after a change, moving as few as possible of those that are in time; raises as `allocate`.

    Who is `gone` keeps the slot it had; where fewer pass than are gone, those behind them wait for it.
    """
    _check(requests, capacity)
    gate_of = {r.id: r.gate for r in requests}
    asked_gate = Counter((gate_of.get(id_), slot.gate_minute) for id_, slot in before.items())
    asked_climb = Counter(slot.climb_minute for slot in before.values())
    kept = {id_: before[id_] for id_ in gone if id_ in before and id_ in gate_of}
    free = Capacity(
        {
            gate: _without(passing, [slot.gate_minute for id_, slot in kept.items() if gate_of[id_] == gate])
            for gate, passing in capacity.gates.items()
        },
        _without(capacity.climb, [slot.climb_minute for slot in kept.values() if slot.climb_minute is not None]),
    )
    at_gate = {id_: slot.gate_minute for id_, slot in before.items()}
    at_climb = {id_: slot.climb_minute for id_, slot in before.items() if slot.climb_minute is not None}
    asking = [r for r in requests if r.id not in gone]
    serve_climb = partial(_keep, kept=at_climb)
    soonest = [(r, r.release + r.climb.drive_min, r.climb.due) for r in asking if r.climb]
    up = serve_climb([_Turn(comes, False, due, r.order, r.id) for r, comes, due in soonest], free.climb)
    hopeful = [r for r in asking if r.climb is None or r.id in before or r.id in up]  # else the gate moves for nothing
    found = _fill(hopeful, free, serve_gate=partial(_keep, kept=at_gate), serve_climb=serve_climb)

    def why(r: SlotRequest, slot: Slot) -> MoveReason:
        minute, up = slot.gate_minute, slot.climb_minute
        too_late_up = r.climb is not None and (up is None or not minute + r.climb.drive_min <= up <= r.climb.due)
        if not r.release <= minute <= r.due or too_late_up:
            return MoveReason.OWN_TIMES
        fewer = asked_gate[r.gate, minute] > capacity.gates[r.gate][minute]
        fewer_up = up is not None and asked_climb[up] > capacity.climb[up]
        return MoveReason.FEWER_CAN if fewer or fewer_up else MoveReason.MADE_ROOM

    changed = [r for r in asking if r.id in before and found.slots.get(r.id) != before[r.id]]
    moves = [Move(r.id, before[r.id], found.slots.get(r.id), why(r, before[r.id])) for r in changed]
    return Allocation({**found.slots, **kept}, frozenset(r.id for r in asking) - found.slots.keys()), moves


def _without(passing: Sequence[int], taken: Iterable[int]) -> list[int]:
    """Return what is left of a capacity; who finds no room in their minute takes it from the next."""
    wanted, left, behind = Counter(taken), [], 0
    for minute, free in enumerate(passing):
        behind += wanted[minute]
        left.append(max(free - behind, 0))
        behind = max(behind - free, 0)
    return left


class _Turn(NamedTuple):
    """When somebody comes to a server, and in which order they go."""

    comes: int
    later: bool
    due: int
    order: int
    id: str


Serve = Callable[[list[_Turn], Sequence[int]], dict[str, int]]


def _serve(coming: list[_Turn], capacity: Sequence[int]) -> dict[str, int]:
    """Return the minute each gets at one server; who is due and not served gets none."""
    coming.sort(reverse=True)
    line: list[tuple[bool, int, int, str]] = []
    found: dict[str, int] = {}
    minute = coming[-1].comes if coming else 0
    while (coming or line) and minute < len(capacity):
        while coming and coming[-1].comes <= minute:
            heappush(line, coming.pop()[1:])
        free = capacity[minute]
        while free and line:
            _, due, _, id_ = heappop(line)
            if due >= minute:
                found[id_] = minute
                free -= 1
        minute += 1
    return found


def _fill(
    requests: Sequence[SlotRequest],
    capacity: Capacity,
    first: frozenset[str] = frozenset(),
    *,
    serve_gate: Serve = _serve,
    serve_climb: Serve = _serve,
) -> Allocation:
    """Serve the gates, then the climb, until nobody is lost at the climb; those who are `first` go before others."""
    left = list(requests)
    for _ in range(ROUNDS):
        at_gate: dict[str, int] = {}
        for gate, of_gate in _by_gate(left):
            turns = [_Turn(r.release, r.id not in first, r.due_at_gate, r.order, r.id) for r in of_gate]
            at_gate |= serve_gate(turns, capacity.gates[gate])
        bound = [(r, r.climb) for r in left if r.climb and r.id in at_gate]
        turns = [_Turn(at_gate[r.id] + c.drive_min, r.id not in first, c.due, r.order, r.id) for r, c in bound]
        up = serve_climb(turns, capacity.climb)
        lost = {r.id for r, _ in bound} - up.keys()
        if not lost:
            break
        left = [r for r in left if r.id not in lost]
    slots = {id_: Slot(minute, up.get(id_)) for id_, minute in at_gate.items() if id_ not in lost}
    return Allocation(slots, frozenset(r.id for r in requests) - slots.keys())


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


def _keep(coming: list[_Turn], capacity: Sequence[int], kept: Mapping[str, int]) -> dict[str, int]:
    """Return the minute each gets at one server when as few as possible leave the minute they had.

    Who had a minute goes before who had none.
    """
    server = _Server(capacity, kept)
    coming.sort(key=lambda turn: (turn.due, turn.order))
    waiting = [turn for turn in coming if turn.id in kept and not server.stays(turn)]
    waiting = [turn for turn in waiting if not server.enters(turn)]
    server.shift_all(waiting)
    free = [room - len(turns) for room, turns in zip(capacity, server.passing, strict=True)]
    newcomers = {turn.id: turn for turn in coming if turn.id not in kept}
    for id_, minute in _serve(list(newcomers.values()), free).items():
        server.passing[minute].append(newcomers.pop(id_))
    server.shift_all(list(newcomers.values()))
    return {turn.id: minute for minute, turns in enumerate(server.passing) for turn in turns}


class _Server:
    """Who passes in each minute while others are placed."""

    def __init__(self, capacity: Sequence[int], kept: Mapping[str, int]) -> None:
        self.capacity, self.kept = capacity, kept
        self.passing: list[list[_Turn]] = [[] for _ in capacity]

    def free(self, minute: int) -> bool:
        return len(self.passing[minute]) < self.capacity[minute]

    def window(self, turn: _Turn) -> range:
        return range(max(turn.comes, 0), min(turn.due, len(self.capacity) - 1) + 1)

    def stays(self, turn: _Turn) -> bool:
        """Give a turn the minute it had, if it may use it and there is room."""
        minute = self.kept.get(turn.id, -1)
        stays = minute in self.window(turn) and self.free(minute)
        if stays:
            self.passing[minute].append(turn)
        return stays

    def enters(self, turn: _Turn) -> bool:
        """Give a turn the first free minute of its window."""
        minute = next(filter(self.free, self.window(turn)), None)
        if minute is not None:
            self.passing[minute].append(turn)
        return minute is not None

    def shift_all(self, waiting: list[_Turn]) -> None:
        """Place as many as possible of those for whom nothing is free."""
        while waiting and (first := self.shift(waiting)):
            waiting.remove(first)

    def shift(self, waiting: list[_Turn]) -> _Turn | None:
        """Place one of those for whom nothing is free by the chain of moves that moves the fewest, None without any.

        Costs count who is not in the minute it had; leaving a minute that was not one's own gives one back.
        """
        far = len(self.capacity)
        cost = np.full(far, far)
        came: dict[int, tuple[_Turn, int | None]] = {}
        queue: list[tuple[int, int]] = []
        best = (far, far)  # the cheapest free end so far: its cost and minute

        def move(mover: _Turn, start: int | None, so_far: int) -> None:
            nonlocal best
            home, window = self.kept.get(mover.id, -1), self.window(mover)
            base = so_far - (start is not None and start != home)
            minutes = (np.flatnonzero(cost[window.start : window.stop] > base + 1) + window.start).tolist()
            if home in window and cost[home] > base:
                minutes.append(home)
            for minute in minutes:
                spent = base + (minute != home)
                cost[minute], came[minute] = spent, (mover, start)
                if self.free(minute):
                    best = min(best, (spent, minute))
                else:
                    heappush(queue, (spent, minute))

        for turn in waiting:
            move(turn, None, 0)
        while queue and queue[0][0] < best[0]:
            so_far, minute = heappop(queue)
            if so_far == cost[minute]:
                for mover in self.passing[minute]:
                    move(mover, minute, so_far)
        return self._walk_back(came, best[1]) if best[1] < far else None

    def _walk_back(self, came: Mapping[int, tuple[_Turn, int | None]], minute: int) -> _Turn:
        """Make the moves of a chain, from its free end to the one who waited."""
        while True:
            mover, start = came[minute]
            self.passing[minute].append(mover)
            if start is None:
                return mover
            self.passing[start].remove(mover)
            minute = start

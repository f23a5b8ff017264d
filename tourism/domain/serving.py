"""One server, where so many pass in each minute: who passes when, and who moves when something changes.

Each minute goes to the one waiting who is due first: that matches the most, as each may use an interval of minutes
(Glover 1967). Again after a change: everybody keeps their minute who can; the others are placed by the chains of moves
that move the fewest (successive shortest paths of a min-cost flow).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]


class Job(NamedTuple):
    """When somebody comes to a server, the last minute there, and in which order they go."""

    comes: int
    later: bool
    due: int
    order: int
    id: str


Serve = Callable[[list[Job], Sequence[int]], dict[str, int]]


def serve(coming: list[Job], capacity: Sequence[int]) -> dict[str, int]:
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


def rearrange(
    coming: list[Job], capacity: Sequence[int], kept: Mapping[str, int], home: Mapping[str, int]
) -> dict[str, int]:
    """Return the minute each gets at one server when as few as possible are moved from home.

    `kept` are the minutes they have now; who has one goes before who has none.
    """
    server = _Server(coming, capacity, home)
    waiting = server.keep(kept)
    newcomers = {job.id: job for job in waiting if job.id not in kept}
    server.place([job for job in waiting if job.id in kept])
    for id_, minute in serve(list(newcomers.values()), server.room).items():
        server.enter(newcomers.pop(id_), minute)
    server.shift_all(list(newcomers.values()))
    return {job.id: minute for minute, jobs in server.passing.items() for job in jobs}


def may_enter(coming: list[Job], capacity: Sequence[int], kept: Mapping[str, int]) -> set[str]:
    """Return who keeps a minute or could find one, by whatever moves of others."""
    server = _Server(coming, capacity, kept)
    waiting = server.keep(kept)
    out = server.ways_out()
    return {job.id for job in coming} - {job.id for job in waiting if not out[server.window[job.id]].any()}


class _Server:
    """Who passes in each minute, and how many more could, while jobs are placed."""

    def __init__(self, coming: list[Job], capacity: Sequence[int], home: Mapping[str, int]) -> None:
        coming.sort(key=lambda job: (job.due, job.order))
        self.coming, self.home = coming, home
        self.room = list(capacity)
        self.passing: defaultdict[int, list[Job]] = defaultdict(list)
        self.window = {
            job.id: slice(max(job.comes, 0), max(min(job.due + 1, len(capacity)), job.comes, 0)) for job in coming
        }

    def enter(self, job: Job, minute: int) -> None:
        self.passing[minute].append(job)
        self.room[minute] -= 1

    def keep(self, kept: Mapping[str, int]) -> list[Job]:
        """Give everybody the minute they have, if they may use it and there is room; returns the others."""
        waiting = []
        for job in self.coming:
            minute = kept.get(job.id, -1)
            if job.comes <= minute <= job.due and minute < len(self.room) and self.room[minute]:
                self.enter(job, minute)
            else:
                waiting.append(job)
        return waiting

    def place(self, waiting: list[Job]) -> None:
        """Place as many as possible: where a minute is free, else by moving others."""
        left = []
        for job in waiting:
            window = self.window[job.id]
            free = next((minute for minute in range(window.start, window.stop) if self.room[minute]), None)
            if free is None:
                left.append(job)
            else:
                self.enter(job, free)
        self.shift_all(left)

    def ways_out(self) -> Bools:
        """Return from which minutes some chain of moves ends at a free one; who comes later opens no other."""
        out = np.array(self.room) > 0
        windows = [(minute, self.window[job.id]) for minute, jobs in self.passing.items() for job in jobs]
        rows = np.array([(minute, w.start, w.stop) for minute, w in windows], dtype=int).reshape(-1, 3)
        while True:
            before = np.concatenate([[0], np.cumsum(out)])
            reach = rows[before[rows[:, 2]] > before[rows[:, 1]], 0]
            if out[reach].all():
                return out
            out[reach] = True

    def shift_all(self, waiting: list[Job]) -> None:
        """Place as many as possible of those for whom nothing is free."""
        out = self.ways_out() if waiting else np.zeros(0, dtype=bool)
        waiting = [job for job in waiting if out[self.window[job.id]].any()]
        while waiting and (placed := self.shift(waiting, out)):
            waiting = [job for job in waiting if job.id not in placed]

    def shift(self, waiting: list[Job], out: Bools) -> set[str]:
        """Place some of those for whom nothing is free by the chains of moves that move the fewest; returns their ids.

        Costs count who is not at home; coming home gives one back. Chains of the same least cost are made together
        where they don't touch.
        """
        far = len(self.room)
        cost = np.where(out, far, -1)
        came: dict[int, tuple[Job, int | None]] = {}
        queue: list[tuple[int, int]] = []
        best = far  # the least cost of a free end

        def move(mover: Job, start: int | None, so_far: int) -> None:
            nonlocal best
            home, window = self.home.get(mover.id, -1), self.window[mover.id]
            base = so_far - (start is not None and start != home)
            minutes = ((cost[window] > base + 1).nonzero()[0] + window.start).tolist()
            if window.start <= home < window.stop and cost[home] > base:
                minutes.append(home)
            for minute in minutes:
                spent = base + (minute != home)
                cost[minute], came[minute] = spent, (mover, start)
                if self.room[minute]:
                    best = min(best, spent)
                else:
                    heappush(queue, (spent, minute))

        for job in waiting:
            move(job, None, 0)
        while queue and queue[0][0] < best:
            so_far, minute = heappop(queue)
            if so_far == cost[minute]:
                for mover in self.passing[minute]:
                    move(mover, minute, so_far)
        ends = sorted(minute for minute in came if cost[minute] == best and self.room[minute])
        return self._make(came, ends, waiting)

    def _make(self, came: Mapping[int, tuple[Job, int | None]], ends: list[int], waiting: list[Job]) -> set[str]:
        """Make the chains that lead to some ends, those that don't touch; returns who came in."""
        touched, placed = set[int](), set[str]()
        for end in ends:
            chain = [end]
            while (start := came[chain[-1]][1]) is not None:
                chain.append(start)
            first = next((t for t in self._alike(came[chain[-1]][0], waiting, chain[-1]) if t.id not in placed), None)
            if first and touched.isdisjoint(chain):
                touched.update(chain)
                placed.add(first.id)
                for minute, start in pairwise(chain):
                    self.passing[start].remove(came[minute][0])
                    self.passing[minute].append(came[minute][0])
                self.passing[chain[-1]].append(first)
                self.room[end] -= 1
        return placed

    def _alike(self, job: Job, waiting: list[Job], minute: int) -> Iterator[Job]:
        """Yield those who could come to a minute in a job's place at the same cost, itself first."""
        yield job
        at_home = self.home.get(job.id, -1) == minute
        for other in waiting:
            window = self.window[other.id]
            if window.start <= minute < window.stop and (self.home.get(other.id, -1) == minute) == at_home:
                yield other

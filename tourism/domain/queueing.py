"""How long vehicles wait where they pass one after the other: at a gate, at the ridge climb, at a door not yet open.

Model: vehicles come at random (a Poisson number each minute) around an expected number, stand in one line, and pass
in order at the rate of that minute. The distribution of how many stand in line is carried from minute to minute, so
the wait of who comes at a minute is a distribution too. Waits at two servers in a row are taken as independent.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlogy

from tourism.domain.night_grid import MINUTES
from tourism.domain.travel_time import Floats, quantile

Ints = NDArray[np.int64]
NEGLIGIBLE = 1e-9


@dataclass(frozen=True, eq=False)
class Queue:
    """The wait by minute of arrival.

    `wait[i, w]` is the chance that who arrives at minute i passes w minutes after max(i, opens); rows add up to less
    than 1 where some never pass. `arrivals[i]` and `passing[i]` are how many vehicles are expected to come and to pass
    in minute i.
    """

    opens: int
    wait: Floats
    passing: Floats
    arrivals: Floats

    def before(self, chance: Floats) -> Floats:
        """Carry chances by minute of passing, shape (MINUTES,), back to chances by minute of arrival."""
        width = self.wait.shape[1]
        padded = np.concatenate([chance, np.zeros(width)])
        ahead = np.lib.stride_tricks.sliding_window_view(padded, width)
        return np.asarray(
            np.einsum("iw,iw->i", self.wait, ahead[np.maximum(np.arange(MINUTES), self.opens)]), dtype=np.float64
        )

    def wait_min(self, minute: float) -> tuple[float, float]:
        """Return the median and the ninth decile of the wait in line, after the opening, of who arrives at a minute."""
        row = self.wait[min(max(round(minute), 0), MINUTES - 1)]
        return (quantile(row, 0.5), quantile(row, 0.9)) if row.sum() > NEGLIGIBLE else (np.inf, np.inf)


def opening(opens: int) -> Queue:
    """Return a door where nobody waits once it is open."""
    return Queue(opens, np.ones((MINUTES, 1)), np.zeros(MINUTES), np.zeros(MINUTES))


SHUT = Queue(0, np.zeros((MINUTES, 1)), np.zeros(MINUTES), np.zeros(MINUTES))  # nobody ever passes


def queue(arrivals: Floats, rate: Floats) -> Queue:
    """Return the queue of expected arrivals before a server, both in vehicles a minute, shape (MINUTES,).

    The server is open from its first minute with a rate to the end of its last one; without any nobody passes.
    """
    open_minutes = np.flatnonzero(rate)
    if not len(open_minutes):
        return SHUT
    opens, closes = int(open_minutes[0]), int(open_minutes[-1]) + 1
    served = np.floor(np.concatenate([[0.0], np.cumsum(rate)]) + NEGLIGIBLE)  # whole vehicles by the start of a minute
    line = _in_line(arrivals, np.diff(served).astype(int))
    minute, ahead = np.nonzero(line[:MINUTES] > NEGLIGIBLE)
    inside = slice(opens, closes + 1)
    turn = served[minute] + ahead - NEGLIGIBLE  # just below a whole number: where nobody passes for minutes, the first
    passes = np.interp(turn, served[inside], np.arange(opens, closes + 1), right=np.inf)
    passes = np.maximum(passes, minute)
    in_time = np.clip(closes + 0.5 - passes, 0.0, 1.0) if closes < MINUTES else np.isfinite(passes) * 1.0
    kept = in_time > 0
    late = passes[kept] - np.maximum(minute[kept], opens)
    whole = late.astype(int)
    weight = line[minute[kept], ahead[kept]] * in_time[kept]
    wait = np.zeros((MINUTES, int(late.max(initial=0)) + 2))
    np.add.at(wait, (minute[kept], whole), weight * (1 - (late - whole)))
    np.add.at(wait, (minute[kept], whole + 1), weight * (late - whole))
    numbers = np.arange(line.shape[1])
    return Queue(opens, wait, np.maximum(arrivals - np.diff(line @ numbers), 0.0), arrivals)


def _in_line(arrivals: Floats, served: Ints) -> Floats:
    """Return the chance that n vehicles stand in line at the start of each minute, shape (MINUTES + 1, n)."""
    longest = int(arrivals.sum() + 6 * np.sqrt(arrivals.sum())) + 2
    line = np.zeros((MINUTES + 1, longest))
    line[0, 0] = 1.0
    for i, expected in enumerate(arrivals):
        now = line[i]
        if expected > NEGLIGIBLE:
            k = np.arange(int(expected + 8 * np.sqrt(expected)) + 3)
            come = np.exp(xlogy(k, expected) - gammaln(k + 1) - expected)  # Poisson; scipy.stats costs 35 MB
            now = np.convolve(now, come)[:longest]
        pass_now = min(int(served[i]), longest - 1)
        line[i + 1, : longest - pass_now] = now[pass_now:]
        line[i + 1, 0] += now[:pass_now].sum()
    return line

"""Travel times as distributions on a grid of whole minutes.

Model: a part of a journey with a median (p50) and a ninth decile (p90) takes a lognormal time through both; parts are
independent. A distribution is an array of shape (n,): the chance of taking k - ½ to k + ½ minutes stands at index k,
so what it has added up to index k is the distribution at k + ½ minutes. Journeys of a quarter of an hour and more
agree with 200,000 draws within half a percentage point; sums of a few minutes are coarser.
"""

from functools import lru_cache, reduce

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]
Z90 = 1.2815515655446004  # the ninth decile of the standard normal distribution
TAIL = 1e-7  # what lies beyond is cut off: it counts as "too late"


@lru_cache(maxsize=1024)
def lognormal(p50_min: float, p90_min: float) -> Floats:
    """Return the distribution of a part; one whose deciles are equal takes exactly that long, to the minute."""
    if p90_min <= p50_min or p50_min <= 0:
        found = np.zeros(round(p50_min) + 1)
        found[-1] = 1.0
        return found
    spread = np.log(p90_min / p50_min) / Z90
    longest = int(p50_min * np.exp(5.2 * spread)) + 2  # 5.2 standard deviations leave out 1e-7
    edges = np.log((np.arange(longest) + 0.5) / p50_min) / spread
    return np.diff(ndtr(edges), prepend=0.0)


@lru_cache(maxsize=1024)
def together(parts: tuple[tuple[float, float], ...]) -> Floats:
    """Return the distribution of parts, given as (p50, p90), one after the other."""
    total = reduce(np.convolve, (lognormal(*part) for part in parts), np.ones(1))
    added = np.cumsum(total)
    return total[: np.searchsorted(added, added[-1] - TAIL) + 1]


def quantile(distribution: Floats, share: float) -> float:
    """Return the minutes that a share of cases stays below, between grid points as read at k + ½."""
    added = np.concatenate([[0.0], np.cumsum(distribution)])
    return max(float(np.interp(share * added[-1], added, np.arange(len(added)) - 0.5)), 0.0)


def chance_within(distribution: Floats, minutes: float) -> float:
    """Return the chance of taking at most so many minutes."""
    added = np.concatenate([[0.0], np.cumsum(distribution)])
    return float(np.interp(minutes, np.arange(len(added)) - 0.5, added))


def before(distribution: Floats, chance: Floats) -> Floats:
    """Carry chances by minute of arrival, shape (t,), back over a travel time to chances by minute of departure.

    Who arrives past the end of the grid is too late.
    """
    padded = np.concatenate([chance, np.zeros(len(distribution) - 1)])
    return np.correlate(padded, distribution, "valid")

"""Which of 5,000 listings and 5,000 OSM venues of a city are the same, against the limit of 5 seconds.

Names are made of common words and two of twenty others, so many are alike; places lie within 9 km.
"""

import random
import time

from benchmarks.result import Result
from tourism.geo.conflation import Outcome, Record, conflate

COUNT, LIMIT_S = 5000, 5.0
KINDS = ["Kopi", "Warung", "Kedai", "Cafe", "Toko", "Depot"]
WORDS = [
    "Senja", "Rindu", "Lestari", "Abadi", "Jaya", "Makmur", "Sari", "Bunga", "Mentari", "Bintang",
    "Pelangi", "Kenangan", "Merdeka", "Ijen", "Kawi", "Semeru", "Arjuno", "Brantas", "Pahlawan", "Nusantara",
]  # fmt: skip


def records(side: str, chance: random.Random) -> list[Record]:
    """Return places of one list."""
    return [
        Record(f"{side}{n}", f"{chance.choice(KINDS)} {' '.join(chance.sample(WORDS, 2))}",
               -7.98 + chance.uniform(-0.04, 0.04), 112.63 + chance.uniform(-0.04, 0.04), chance.choice((0, 0, 0, 100)))
        for n in range(COUNT)
    ]  # fmt: skip


def measure() -> list[Result]:
    """Measure one run; names are new to it."""
    chance = random.Random(7)
    left, right = records("l", chance), records("r", chance)
    began = time.perf_counter()
    found = conflate(left, right)
    seconds = time.perf_counter() - began
    if not any(match.outcome is Outcome.SAME for match in found):
        raise RuntimeError("nothing is the same")
    return [Result(f"{COUNT} by {COUNT} places conflated", LIMIT_S / seconds, 1, seconds, LIMIT_S, "s")]

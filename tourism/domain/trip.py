"""A way cut where vehicles pass one after the other: to the gate, from there to the ridge climb, and up.

Due minutes count back from the moment to be in place. The chance is that of the whole way from leaving on, for the
drive to the gate varies, too: who leaves to be at the gate usually at its due minute is in time with that chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tourism.domain.corridor import Way
from tourism.domain.itinerary import Part, Step, chance_curve, latest
from tourism.domain.night_grid import in_place_by
from tourism.domain.travel_time import Floats

CHANCE_OF_SLOT = 0.98  # of being in place in time, for the last minute one may be given
NEAR_BEST = 0.995  # of the best chance there is, where the wanted one can't be had
TOO_LITTLE = 0.5  # a slot is not given for less, not even to who is late


@dataclass(frozen=True)
class Trip:
    """The parts of a way before its gate, from the gate on, and from the climb on, with the due minutes.

    `due` is the last minute to be usually at the gate, or to leave where the way has none; None where no minute is
    worth it. `climb_due` is the last minute to come to the climb, None without one. `late` is the same trip with the
    last minutes of who is late anyway and has but an even chance.
    """

    gate: str | None
    before: Sequence[Part]
    after: Sequence[Part]
    climb: Sequence[Part]
    due: int | None = None
    climb_due: int | None = None
    late: "Trip | None" = None

    @property
    def to_gate_min(self) -> int:
        """Usual minutes from leaving to the gate, as an itinerary shows them."""
        return sum(part.shown_min for part in self.before)

    @property
    def to_climb_min(self) -> int:
        """Usual minutes from the gate to the climb."""
        return sum(part.shown_min for part in self.after)


def trip_of(way: Way, parts: Sequence[Part], by: float) -> Trip:
    """Cut the parts of a way, with the queues one meets; `by` is the minute to be in place."""
    scan = next((n for n, part in enumerate(parts) if part.step is Step.SCAN), None)
    up = next((n for n, part in enumerate(parts) if part.step is Step.CLIMB), len(parts))
    before = parts[: scan or 0]
    in_place = in_place_by(by)
    chance, climb_chance = chance_curve(parts, in_place), chance_curve(parts[up:], in_place)
    cut = Trip(None if scan is None else way.gate, before, parts[len(before) : up], parts[up:])

    def with_chance(wanted: float) -> Trip:
        leave, climb = _last(chance, wanted), _last(climb_chance, wanted) if cut.climb else None
        return replace(cut, due=None if leave is None else leave + cut.to_gate_min, climb_due=climb)

    return replace(with_chance(CHANCE_OF_SLOT), late=with_chance(TOO_LITTLE))


def _last(chance: Floats, wanted: float) -> int | None:
    best = float(chance.max())
    return latest(chance, min(wanted, best * NEAR_BEST)) if best >= TOO_LITTLE else None

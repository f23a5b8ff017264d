"""How full a venue is now: a word that is good for half an hour."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tourism.domain.calendar import Window

GOOD_FOR = timedelta(minutes=30)


@dataclass(frozen=True)
class Occupancy:
    """Free seats in a venue at a moment, 0 when it is full, as somebody there said."""

    venue: str
    free_seats: int
    set_at: datetime
    set_by: str

    @property
    def window(self) -> Window:
        """The time it is good for."""
        return Window(self.set_at, self.set_at + GOOD_FOR)


def in_force(said: Iterable[Occupancy], now: datetime) -> Mapping[str, Occupancy]:
    """Return what still holds, by venue; something said later than now is not known yet."""
    return {o.venue: o for o in said if o.window.start <= now < o.window.end}

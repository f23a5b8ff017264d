"""What is said about a gate or the ridge climb on one night."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class RateChange:
    """So many vehicles pass a minute in some minutes of a night's grid, `end` not among them; 0 shuts it."""

    server: str
    start: int
    end: int
    vehicles_per_min: float


@dataclass(frozen=True)
class GateReport:
    """Who said when that so many vehicles pass a gate or the climb a minute, between two minutes of a night."""

    night: date
    server: str
    start: int
    end: int
    vehicles_per_min: float
    said_at: datetime
    said_by: str

    @property
    def change(self) -> RateChange:
        """What it changes."""
        return RateChange(self.server, self.start, self.end, self.vehicles_per_min)

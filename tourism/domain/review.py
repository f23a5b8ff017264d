"""What waits for a person's judgement: what visitors say about a venue, and records that may be the same place."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tourism.geo.conflation import Outcome


class Verdict(StrEnum):
    """What a visitor says about a venue's page."""

    CORRECT = "correct"
    CHANGED = "changed"


@dataclass(frozen=True)
class Report:
    """One visitor's word about a venue; `reporter` is a digest that lasts a day and names nobody."""

    venue: str
    verdict: Verdict
    said_at: datetime
    reporter: str
    handled_at: datetime | None = None


@dataclass(frozen=True)
class Question:
    """A listing and an OSM venue that may be the same; `decision` is None until a person has said so."""

    listing: str
    element: str
    similarity: float
    distance_m: float
    asked_at: datetime
    decision: Outcome | None = None
    decided_at: datetime | None = None

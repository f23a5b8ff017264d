"""What a change of data does to the nights ahead, before it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tourism.domain.departure import NightBook
from tourism.domain.slotting import CLOSED
from tourism.services.departures import Action
from tourism.services.plans import PlanRequest, make_plan, tonight
from tourism.services.ports import UnitOfWork
from tourism.services.town import Town


@dataclass(frozen=True)
class NightEffect:
    """How many departures of a night fall into a closure now, lose their slot for another reason, or move.

    `people` have taken part in those that are closed or lost.
    """

    night: date
    departures: int
    closed: int
    lost: int
    moved: int
    given: int
    people: int

    @property
    def matters(self) -> bool:
        """Tell whether anything changes for anybody."""
        return bool(self.closed or self.lost or self.moved or self.given)


@dataclass(frozen=True)
class Effect:
    """What a change does: to the departures of the nights ahead, and to tonight's usual plan."""

    nights: Sequence[NightEffect]
    leave_before: datetime | None
    leave_after: datetime | None
    price_before: int | None
    price_after: int | None

    @property
    def affected(self) -> list[NightEffect]:
        """The nights on which anything changes."""
        return [night for night in self.nights if night.matters]

    @property
    def closed(self) -> int:
        """How many departures fall into a closure."""
        return sum(night.closed for night in self.nights)


def night_effect(before: NightBook, after: NightBook, now: datetime, why: dict[str, str]) -> NightEffect:
    """Compare a night's book before and after slots were given again."""
    ahead = [d for d in before.departures if d.is_ahead(now)]
    now_at = {d.id: after.departure[d.id].leave_at for d in ahead if d.id in after.departure}
    lost = [d for d in ahead if d.leave_at and not now_at.get(d.id)]
    closed = sum(why.get(d.id) == CLOSED for d in lost)
    moved = sum(bool(d.leave_at and now_at.get(d.id) and now_at[d.id] != d.leave_at) for d in ahead)
    people = sum(before.taken[d.id] for d in lost)
    given = sum(bool(not d.leave_at and now_at.get(d.id)) for d in ahead)
    return NightEffect(before.night, len(ahead), closed, len(lost) - closed, moved, given, people)


def give_slots_again(action: Action, uow: UnitOfWork, before: Town, nights: Sequence[date]) -> Effect:
    """Give slots again on nights, by the town as it is within a transaction; returns what that changes."""
    now, found = action.ports.now(), []
    for night in nights:
        book = uow.open_book(night)
        after, why = action.write(uow, book, book, now)
        found.append(night_effect(book, after, now, why))
    this_night = tonight(before, now)
    was, will = (make_plan(town, PlanRequest(this_night, party=1), this_night) for town in (before, action.town))
    return Effect(found, was.leave_at, will.leave_at, was.tickets.total_idr, will.tickets.total_idr)

"""Slots for the departures of a night in a world solvable by hand: one gate, one climb, nobody by habit."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.worlds import QUIET, almanac, clock, leg
from tourism.domain.closures import Closure
from tourism.domain.departure import Departure, NightBook, State, Vehicle, What
from tourism.domain.gate_report import GateReport
from tourism.domain.night_grid import MINUTES, clock_minute, instant_of, minute_of
from tourism.domain.slots import MoveReason
from tourism.domain.slotting import (
    CLOSED,
    NO_ROOM,
    NOBODY_PASSES,
    SPREADS_MIN,
    TOO_LATE,
    give_slots,
    loads,
    slot_night,
    stranded,
)

NOW = clock("21:00", date(2026, 6, 9))
WORLD = almanac(
    leg("kayutangan car gate 60/60"),
    leg("gate jeep foot 30/30", "park"),
    leg("foot jeep ridge 10/10", "park"),
    leg("gate jeep island 40/40", "park"),
    leg("kayutangan car hill 100/100", "south"),
)


def departures(number: int, viewpoint: str = "ridge", first: int = 1) -> tuple[Departure, ...]:
    """Return departures published one after the other."""
    approach = "south" if viewpoint == "hill" else "north"
    return tuple(
        Departure(f"260610-{n:03}", QUIET, "Jeeps", f"J{n}", Vehicle.JEEP, 6, "tugu", viewpoint, approach, NOW)
        for n in range(first, first + number)
    )


def gates_used(book: NightBook) -> Counter[datetime]:
    """Count the slots by minute."""
    return Counter(d.gate_at for d in book.departures if d.gate_at)


def test_times_of_one_departure() -> None:
    """It leaves an hour before its gate slot, the earliest of the first window before the last good minute."""
    book, why = give_slots(WORLD, NightBook(QUIET, departures(1)), NOW, "office")
    found = book.departures[0]
    trip = slot_night(WORLD, book).trip(found)
    assert why == {}
    assert found.state is State.SLOTTED
    assert found.leave_at
    assert found.gate_at
    assert found.climb_at
    assert trip.due
    assert found.gate_at - found.leave_at == timedelta(minutes=60)
    assert minute_of(QUIET, found.gate_at) == trip.due - SPREADS_MIN[0]
    assert found.climb_at - found.gate_at == timedelta(minutes=trip.to_climb_min)
    assert [(c.what, c.before, c.reason, c.by) for c in book.changes] == [(What.LEAVE, "", "first", "office")]


def test_a_longer_window_only_for_whom_it_is_needed() -> None:
    """Three pass in a minute: 16 minutes hold 48; the others begin earlier, the first ones stay where they were."""
    some, _ = give_slots(WORLD, NightBook(QUIET, departures(48)), NOW, "x")
    many, why = give_slots(WORLD, NightBook(QUIET, departures(75)), NOW, "x")
    assert why == {}
    assert max(gates_used(many).values()) == 3
    early = min(d.gate_at for d in some.departures if d.gate_at)
    assert sum(d.gate_at < early for d in many.departures if d.gate_at) == 27


def test_giving_again_changes_nothing() -> None:
    """The same book comes out, without a line in the log."""
    book, _ = give_slots(WORLD, NightBook(QUIET, (*departures(40), *departures(3, "hill", 41))), NOW, "x")
    assert give_slots(WORLD, book, NOW + timedelta(minutes=10), "y") == (book, {})


def test_a_late_one_moves_and_the_others_stay() -> None:
    """Said to be late it gets a slot it can keep; nobody else moves, for there is room."""
    book, _ = give_slots(WORLD, NightBook(QUIET, departures(10)), NOW, "x")
    late = book.departures[0]
    assert late.leave_at
    ready = late.leave_at + timedelta(minutes=13)
    after, _ = give_slots(WORLD, book.with_departure(replace(late, ready_at=ready)), NOW, "x")
    assert after.departures[1:] == book.departures[1:]
    assert after.departures[0].leave_at == ready
    change = after.changes[-1]
    assert (change.departure, change.reason) == (late.id, MoveReason.OWN_TIMES)
    assert (change.before, change.after) == tuple(t.isoformat(timespec="minutes") for t in (late.leave_at, ready))


def test_a_little_late_still_gets_a_slot_with_less_chance() -> None:
    """Five minutes after its last good minute it leaves at once, and keeps that; below an even chance it can't."""
    world = almanac()
    book, _ = give_slots(world, NightBook(QUIET, departures(1)), NOW, "x")
    trip = slot_night(world, book).trip(book.departures[0])
    assert trip.due
    assert trip.late
    assert trip.late.due
    assert trip.due + 5 < trip.late.due
    ready = instant_of(QUIET, trip.due - trip.to_gate_min + 5)
    late, why = give_slots(world, book.with_departure(replace(book.departures[0], ready_at=ready)), NOW, "x")
    assert why == {}
    assert late.departures[0].leave_at == ready
    assert give_slots(world, late, ready - timedelta(minutes=2), "x") == (late, {})
    gone = instant_of(QUIET, trip.late.due - trip.to_gate_min + 1)
    lost, why = give_slots(world, book.with_departure(replace(book.departures[0], ready_at=gone)), NOW, "x")
    assert why == {book.departures[0].id: TOO_LATE}
    assert lost.departures[0].leave_at is None


def test_too_late_is_said() -> None:
    """Who can't be in time any more has no slot."""
    late = replace(departures(1)[0], ready_at=clock("05:00", QUIET))
    book, why = give_slots(WORLD, NightBook(QUIET, (late,)), NOW, "x")
    assert why == {late.id: TOO_LATE}
    assert (book.departures[0].state, book.departures[0].leave_at) == (State.PLANNED, None)


def test_a_slow_gate_moves_few_and_who_has_left_keeps_the_slot() -> None:
    """From two in the morning one passes a minute; who is on the road keeps the minute, each other is told why."""
    book, _ = give_slots(WORLD, NightBook(QUIET, departures(60)), NOW, "x")
    gone = book.departures[0]
    book = book.with_departure(replace(gone, state=State.LEFT))
    report = GateReport(QUIET, "gate", clock_minute(clock("02:00").time()), MINUTES, 1.0, NOW, "office")
    after, why = give_slots(WORLD, replace(book, reports=(report,)), NOW, "office")
    assert after.departures[0] == replace(gone, state=State.LEFT)
    slow = Counter(d.gate_at for d in after.departures if d.gate_at and d.gate_at >= clock("02:00", QUIET))
    assert max(slow.values()) <= 1 + (gone.gate_at in slow)
    moved = {c.departure for c in after.changes[len(book.changes) :]}
    assert moved == {d.id for d in after.departures if d.leave_at != book.departure[d.id].leave_at}
    assert why.keys() <= moved
    assert all(c.reason for c in after.changes)


def test_a_gate_that_shuts() -> None:
    """Nobody passes any more: no slot, and that is logged; those on the way keep theirs."""
    book, _ = give_slots(WORLD, NightBook(QUIET, departures(3)), NOW, "x")
    report = GateReport(QUIET, "gate", 0, MINUTES, 0.0, NOW, "office")
    after, why = give_slots(WORLD, replace(book, reports=(report,)), NOW, "office")
    assert set(why) == {d.id for d in book.departures}
    assert {d.state for d in after.departures} == {State.PLANNED}
    assert all(c.after == "" for c in after.changes[-3:])


def test_a_closure_takes_the_slots_and_its_end_gives_them() -> None:
    """Closed: no slot, and the reason; open again: slots as at first."""
    closed = almanac(
        *WORLD.legs,
        closures=(Closure(NOW, "gate", "landslide", "announced", "made up", clock("09:00", QUIET)),),
    )
    book, why = give_slots(closed, NightBook(QUIET, departures(2)), NOW, "x")
    assert set(why.values()) == {CLOSED}
    again, why = give_slots(WORLD, book, NOW, "x")
    assert why == {}
    assert again.departures == give_slots(WORLD, NightBook(QUIET, departures(2)), NOW, "x")[0].departures


def test_no_gate_no_slot_but_a_time() -> None:
    """The hill lies outside the park: the last good minute to leave, no gate."""
    book, why = give_slots(WORLD, NightBook(QUIET, departures(2, "hill")), NOW, "x")
    assert why == {}
    assert {d.gate_at for d in book.departures} == {None}
    assert {d.state for d in book.departures} == {State.SLOTTED}
    trip = slot_night(WORLD, book).trip(book.departures[0])
    assert {minute_of(QUIET, d.leave_at) for d in book.departures if d.leave_at} == {trip.due}


def test_cancelled_ones_give_their_minute_back() -> None:
    """A slot of a cancelled departure goes to who had none."""
    full = NightBook(QUIET, (*departures(1), *departures(1, first=2)))
    shut = GateReport(QUIET, "gate", 0, MINUTES, 0.0, NOW, "x")
    book, _ = give_slots(WORLD, full, NOW, "x")
    minute = round(minute_of(QUIET, book.departures[0].gate_at or NOW))
    one = replace(shut, start=minute, end=minute + 1, vehicles_per_min=1.0)
    book, why = give_slots(WORLD, replace(full, reports=(shut, one)), NOW, "x")
    assert list(why.values()) == [NO_ROOM]
    served = next(d for d in book.departures if d.gate_at)
    after, _ = give_slots(WORLD, book.with_departure(replace(served, state=State.CANCELLED)), NOW, "x")
    assert [bool(d.gate_at) for d in after.departures if d.id != served.id] == [True]


def test_who_got_no_slot_is_told_why_and_offered_something_else() -> None:
    """Where the gate is shut the hill is offered; nobody with a slot is moved for it."""
    shut = GateReport(QUIET, "gate", 0, MINUTES, 0.0, NOW, "x")
    book, why = give_slots(WORLD, NightBook(QUIET, departures(2), reports=(shut,)), NOW, "x")
    found = stranded(WORLD, book, NOW)
    assert {s.departure.id: s.reason for s in found} == why == dict.fromkeys(book.departure, NOBODY_PASSES)
    assert [(s.offer.viewpoint, s.offer.approach) for s in found if s.offer] == [("hill", "south")] * 2
    assert all(s.offer and s.offer.times.leave_at for s in found)
    assert stranded(WORLD, give_slots(WORLD, NightBook(QUIET, departures(2)), NOW, "x")[0], NOW) == []


def test_offers_do_not_take_each_others_minutes() -> None:
    """One minute is left at the gate: of two that lost the ridge one is offered the island, the other nothing."""
    world = almanac(*(leg for leg in WORLD.legs if leg.end != "hill"))
    shut = GateReport(QUIET, "gate", 0, MINUTES, 0.0, NOW, "x")
    one, climb = replace(shut, start=600, end=601, vehicles_per_min=1.0), replace(shut, server="foot")
    book, why = give_slots(world, NightBook(QUIET, departures(2), reports=(shut, one, climb)), NOW, "x")
    assert len(why) == 2
    assert [s.offer and s.offer.viewpoint for s in stranded(world, book, NOW)] == ["island", None]
    [alone] = stranded(world, book, NOW, book.departures[1].id)
    assert alone.offer, "asked about alone it is offered what is left"


@pytest.mark.parametrize("number", [1, 50, 300])
def test_loads_count_every_slot_and_never_pass_what_may(number: int) -> None:
    """The wall's quarters hold exactly the slots; no minute is overfull at gate or climb."""
    book, _ = give_slots(WORLD, NightBook(QUIET, departures(number)), NOW, "x")
    found = loads(WORLD, book)
    slotted = sum(d.gate_at is not None for d in book.departures)
    assert sum(load.slotted for load in found["gate"]) == sum(load.slotted for load in found["foot"]) == slotted
    assert all(load.slotted + load.by_habit <= load.capacity + 1 for quarters in found.values() for load in quarters)

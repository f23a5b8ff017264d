"""Slots for the departures of a night: when each leaves its pick-up and passes its gate, and why that changed.

A departure is given a gate minute from which its viewpoint is reached before the sunrise with the chosen chance. The
window before the last such minute is as short as lets everybody through: a quarter of an hour of margin while there is
room, more only for whom it is needed, so that nobody stands up there in the cold for long. Who does not take part is
expected to come by habit: what they use of a gate is not given away, and the queue they make is counted in.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from math import ceil
from typing import NamedTuple

import numpy as np

from tourism.domain.calendar import Window
from tourism.domain.candidates import Sky, sky_of, touching
from tourism.domain.corridor import Almanac, Scenario, Way
from tourism.domain.crowds import queues, rate_of, scenario_of
from tourism.domain.departure import Change, Departure, NightBook, State, Vehicle, What
from tourism.domain.itinerary import Party, park_window, parts_of
from tourism.domain.night_grid import EVENING_MIN, MINUTES, QUARTER_MIN, instant_of, minute_of
from tourism.domain.night_plan import Aim, Question
from tourism.domain.queueing import Queue
from tourism.domain.slots import (
    Capacity,
    Climb,
    MoveReason,
    Slot,
    SlotRequest,
    allocate,
    capacity_left,
    reallocate,
    whole_vehicles,
)  # fmt: skip
from tourism.domain.travel_time import Floats
from tourism.domain.trip import Trip, trip_of
from tourism.domain.waiting import BOARD_MIN

# The window before the last minute. The shortest is margin: who is given its first minute has so long in hand. The
# longest is for nights on which some must wait at the foot of the climb until it opens.
SPREADS_MIN = (15, 30, 60, 120, 240)
FIRST, DUE_EARLIER, NO_ROOM, CLOSED, TOO_LATE, NOBODY_PASSES = (
    "first", "due_earlier", "no_room", "closed", "too_late", "nobody_passes",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class SlotNight:
    """One night as its departures meet it: what passes besides who comes by habit, and the trips they make."""

    almanac: Almanac
    night: date
    busy: bool
    queues: Mapping[str, Queue]
    rates: Mapping[str, Floats]
    capacity: Capacity
    _weighed: dict[tuple[str, str, bool], tuple[Trip, bool]] = field(default_factory=dict, init=False)

    def weigh(self, viewpoint: str, approach: str, in_jeep: bool = False) -> tuple[Trip, bool]:
        """Return a trip, and whether its way is closed; raises LookupError where no road leads there."""
        key = viewpoint, approach, in_jeep
        if key not in self._weighed:
            way = self.almanac.find_way(viewpoint, approach)
            if way is None:
                raise LookupError(f"{approach} does not lead to {viewpoint}")
            sky = sky_of(self.almanac, Question(self.night, viewpoint, aim=Aim.SUNRISE))
            parts = parts_of(self.almanac, way, self.busy, self.queues, Party(in_jeep=in_jeep))
            trip = trip_of(way, parts, minute_of(self.night, sky.by))
            self._weighed[key] = trip, _closed(self.almanac, self.night, way, trip, sky)
        return self._weighed[key]

    def trip(self, departure: Departure) -> Trip:
        """Return the trip of a departure."""
        return self._of(departure)[0]

    def shut(self, departure: Departure) -> bool:
        """Tell whether its way is closed."""
        return self._of(departure)[1]

    def _of(self, departure: Departure) -> tuple[Trip, bool]:
        return self.weigh(departure.viewpoint, departure.approach, departure.vehicle is Vehicle.JEEP)

    @cached_property
    def climb_opens(self) -> int:
        """The first minute at which somebody may climb."""
        return next((minute for minute, passing in enumerate(self.capacity.climb) if passing), MINUTES)


def slot_night(almanac: Almanac, book: NightBook) -> SlotNight:
    """Weigh a night: who is registered at a gate does not come to it by habit."""
    profile = almanac.calendar.profile(book.night)
    scenario, changes = scenario_of(almanac, profile.crowd), tuple(report.change for report in book.reports)
    met = queues(almanac, profile.crowd, changes, tuple(_by_habit(almanac, book, scenario)))
    rates = {g.id: rate_of(scenario, g, profile.busy, changes) for g in almanac.gates}
    free = {id_: whole_vehicles(np.maximum(rate - met[id_].passing, 0.0)) for id_, rate in rates.items()}
    gates = {g.id: free[g.id] for g in almanac.gates if g.kind == "gate"}
    climb = next((free[g.id] for g in almanac.gates if g.kind == "climb"), [0] * MINUTES)
    return SlotNight(almanac, book.night, profile.busy, met, rates, Capacity(gates, climb))


def _by_habit(almanac: Almanac, book: NightBook, scenario: Scenario | None) -> Iterator[tuple[str, float]]:
    """Yield for each gate the share of those who usually come to it that is not registered, rounded up to tenths."""
    gate_of = {(v, way.approach): way.gate for v in almanac.viewpoints for way in almanac.ways(v)}
    registered = Counter(gate_of.get((d.viewpoint, d.approach)) for d in book.here)
    for gate in almanac.gates:
        usual = scenario.habit_of(gate.id) if scenario else None
        expected = scenario.vehicles * usual[0] if scenario and usual else 0.0
        if expected:
            yield gate.id, ceil(10 * max(1 - registered[gate.id] / expected, 0.0)) / 10


def _closed(almanac: Almanac, night: date, way: Way, trip: Trip, sky: Sky) -> bool:
    """Tell whether a closure forbids a way to those who leave at its last minute."""
    last = minute_of(night, sky.sunrise) if trip.due is None else trip.due - trip.to_gate_min
    leaves, parts = instant_of(night, last), [*trip.before, *trip.after, *trip.climb]
    park = park_window(parts, night, leaves, sky.sunrise, way.gate)
    found = touching(almanac, way, Window(min(leaves, park.start), sky.sunrise), park)
    return any(closure.forbids for closure in found)


def give_slots(almanac: Almanac, book: NightBook, now: datetime, by: str) -> tuple[NightBook, dict[str, str]]:
    """Return the book with a slot for everybody who can have one, and by id why the others got none.

    As few as possible of those who had one are moved; who has left keeps it. Every change of a time to leave is logged
    with its reason.
    """
    night = slot_night(almanac, book)
    asking = [d for d in book.departures if d.is_ahead(now)]
    at_gates = _at_gates(night, book, asking, now)
    found, changes, why = [], [], {}
    for d in asking:
        times, reason = at_gates.get(d.id) or _without_slot(night, d, now)
        if times.leave_at is None:
            why[d.id] = reason
        state = d.state
        if state in (State.PLANNED, State.SLOTTED):
            state = State.SLOTTED if times.leave_at else State.PLANNED
        found.append(replace(d, state=state, leave_at=times.leave_at, gate_at=times.gate_at, climb_at=times.climb_at))
        if times.leave_at != d.leave_at:
            before, after = (t.isoformat(timespec="minutes") if t else "" for t in (d.leave_at, times.leave_at))
            changes.append(Change(book.night, d.id, now, by, What.LEAVE, before, after, reason))
    return book.with_departure(*found).with_change(*changes), why


class Times(NamedTuple):
    """When a departure leaves, passes its gate and climbs; None where it does not."""

    leave_at: datetime | None = None
    gate_at: datetime | None = None
    climb_at: datetime | None = None


def _times(night: date, trip: Trip, slot: Slot) -> Times:
    climb = None if slot.climb_minute is None else instant_of(night, slot.climb_minute)
    gate = instant_of(night, slot.gate_minute)
    return Times(gate - timedelta(minutes=trip.to_gate_min), gate, climb)


def slot_of(departure: Departure) -> Slot | None:
    """Return the slot a departure has, None without one."""
    if departure.gate_at is None:
        return None
    climb = None if departure.climb_at is None else round(minute_of(departure.night, departure.climb_at))
    return Slot(round(minute_of(departure.night, departure.gate_at)), climb)


def _soonest(departure: Departure, trip: Trip, now: datetime) -> int:
    """Return the first minute at which a departure can be at its gate, or leave where it has none.

    It boards first, unless it is boarding for the time it has; who is said to be late waits until then.
    """
    board = now + timedelta(minutes=BOARD_MIN)
    if departure.leave_at:
        board = min(board, max(departure.leave_at, now))
    ready = max(board, departure.ready_at or board)
    return max(ceil(minute_of(departure.night, ready)), 0) + trip.to_gate_min


def _is_late(night: SlotNight, departure: Departure, now: datetime) -> bool:
    """Tell whether a departure can't have the usual chance any more."""
    trip = night.trip(departure)
    return trip.due is not None and _soonest(departure, trip, now) > trip.due


def _trip_now(night: SlotNight, departure: Departure, now: datetime) -> Trip:
    """Return the trip of a departure with the due minutes that count for it, be it late or not."""
    trip = night.trip(departure)
    return trip.late if trip.late and _is_late(night, departure, now) else trip


def _without_slot(night: SlotNight, departure: Departure, now: datetime) -> tuple[Times, str]:
    """Give the last good minute to leave to who passes no gate; to others say why there is none."""
    trip = _trip_now(night, departure, now)
    soonest = _soonest(departure, trip, now)
    if night.shut(departure):
        return Times(), CLOSED
    if trip.due is None:
        return Times(), NOBODY_PASSES
    if soonest > trip.due:
        return Times(), TOO_LATE
    if trip.gate:
        return Times(), NO_ROOM
    had = departure.leave_at
    stays = had is not None and soonest <= minute_of(departure.night, had) <= trip.due
    leave = soonest if _is_late(night, departure, now) else trip.due
    return Times(had if stays else instant_of(departure.night, leave)), MoveReason.OWN_TIMES if had else FIRST


def _at_gates(
    night: SlotNight, book: NightBook, asking: Sequence[Departure], now: datetime
) -> dict[str, tuple[Times, str]]:
    """Give slots at the gates; whom the shortest window does not serve gets a longer one."""
    capacity = capacity_left(night.capacity, _taken(night, (d for d in book.departures if d.has_left(now))))
    here = {d.id: d for d in asking}
    before = {id_: slot for id_, d in here.items() if (slot := slot_of(d))}

    def request(id_: str, spread: int) -> SlotRequest | None:
        return _request(night, here[id_], spread, now)

    slots, reasons = in_windows(here, request, capacity, before)

    def why(id_: str) -> str:
        if id_ not in before or id_ not in reasons:
            return FIRST
        due = night.trip(here[id_]).due
        late = reasons[id_] is MoveReason.OWN_TIMES and due is not None and before[id_].gate_minute > due
        return DUE_EARLIER if late else reasons[id_]

    return {id_: (_times(night.night, night.trip(here[id_]), slot), why(id_)) for id_, slot in slots.items()}


def in_windows(
    ids: Iterable[str],
    request: Callable[[str, int], SlotRequest | None],
    capacity: Capacity,
    before: Mapping[str, Slot],
) -> tuple[Mapping[str, Slot], dict[str, MoveReason]]:
    """Give slots in the shortest window that serves each, and say why those who had one were moved.

    `request` is what one asks for by id and minutes of the window, None where no slot would do.
    """
    slots, reasons, spread = before, dict[str, MoveReason](), dict.fromkeys(ids, SPREADS_MIN[0])
    for longer in (*SPREADS_MIN[1:], None):
        requests = [r for id_, minutes in spread.items() if (r := request(id_, minutes))]
        found, moves = reallocate(requests, capacity, slots) if slots else (allocate(requests, capacity), [])
        slots, reasons = found.slots, reasons | {move.id: move.reason for move in moves}
        if longer is None or not found.refused:
            break
        spread |= dict.fromkeys(found.refused, longer)
    return slots, reasons


def window_start(trip: Trip, due: int, spread: int, climb_opens: int) -> int:
    """Return where a window of so many minutes before the last minute begins.

    Only in the longest one somebody waits at the foot of the climb until it opens.
    """
    if trip.climb_due is None or spread == SPREADS_MIN[-1]:
        return due - spread
    return max(due - spread, min(climb_opens - trip.to_climb_min, due))


def climb_of(trip: Trip) -> Climb | None:
    """Return what a trip asks of the climb."""
    return None if trip.climb_due is None else Climb(trip.to_climb_min, trip.climb_due)


def _request(night: SlotNight, departure: Departure, spread: int, now: datetime) -> SlotRequest | None:
    """Return what a departure asks for; who has a slot may keep it, however short the window is."""
    trip, had = _trip_now(night, departure, now), slot_of(departure)
    if trip.gate is None or trip.due is None or night.shut(departure):
        return None
    wanted = window_start(trip, trip.due, spread, night.climb_opens)
    release = max(min(wanted, had.gate_minute) if had else wanted, _soonest(departure, trip, now))
    if release > trip.due:
        return None
    return SlotRequest(departure.id, trip.gate, release, trip.due, departure.number, climb_of(trip))


@dataclass(frozen=True)
class Offer:
    """Another viewpoint or approach that still has room, and its times."""

    viewpoint: str
    approach: str
    times: Times


@dataclass(frozen=True)
class Stranded:
    """A departure that has no time to leave, why (a code of this module), and what else there is for it."""

    departure: Departure
    reason: str
    offer: Offer | None = None


def stranded(almanac: Almanac, book: NightBook, now: datetime, only: str | None = None) -> list[Stranded]:
    """Say for each departure without a slot why, and offer another gate to its viewpoint, else the latest to leave.

    Offers don't take each other's minutes, and move nobody who has a slot. Asked about one alone, by its id, what is
    offered may be what another one would be offered, too.
    """
    night = slot_night(almanac, book)
    capacity = capacity_left(night.capacity, _taken(night, book.departures))
    asking = [d for d in book.departures if only in (None, d.id)]
    without = [d for d in asking if d.is_ahead(now) and not d.leave_at]
    ways = [(viewpoint, way.approach) for viewpoint in almanac.viewpoints for way in almanac.ways(viewpoint)]
    others = {d.id: _best_first(night, d, ways) for d in without}
    found: dict[str, Offer] = {}
    for rank in range(len(ways)):
        asked = [replace(d, viewpoint=v, approach=a) for d in without for v, a in others[d.id][rank : rank + 1]]
        asked = [d for d in asked if d.id not in found and not _is_late(night, d, now)]
        requests = [r for d in asked if (r := _request(night, d, SPREADS_MIN[-1], now))]
        slots = allocate(requests, capacity).slots
        for d in asked:
            slot = slots.get(d.id)
            times = _times(book.night, night.trip(d), slot) if slot else _without_slot(night, d, now)[0]
            if times.leave_at:
                found[d.id] = Offer(d.viewpoint, d.approach, times)
        capacity = capacity_left(capacity, [(r.gate, slots[r.id]) for r in requests if r.id in slots])
    return [Stranded(d, _without_slot(night, d, now)[1], found.get(d.id)) for d in without]


def _best_first(night: SlotNight, departure: Departure, ways: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the other viewpoints and approaches, the best first."""

    def leaves(key: tuple[str, str]) -> int:
        trip, _ = night.weigh(*key)
        return -1 if trip.due is None else trip.due - trip.to_gate_min

    others = [key for key in ways if key != (departure.viewpoint, departure.approach)]
    return sorted(others, key=lambda key: (key[0] != departure.viewpoint, -leaves(key)))


def _taken(night: SlotNight, departures: Iterable[Departure]) -> list[tuple[str, Slot]]:
    """Return the slots that departures have, with their gates."""
    return [
        (gate, slot)
        for d in departures
        if d.state is not State.CANCELLED and (gate := night.trip(d).gate) and (slot := slot_of(d))
    ]


@dataclass(frozen=True)
class Load:
    """Vehicles at a gate or the climb in a quarter of an hour: with a slot, by habit, and how many may pass."""

    start: datetime
    slotted: float
    by_habit: float
    capacity: float


def loads(almanac: Almanac, book: NightBook) -> dict[str, list[Load]]:
    """Return the load of each gate and climb from 22:00 to the end of the night, by quarters of an hour."""
    night = slot_night(almanac, book)
    times = {server: np.zeros(MINUTES) for server in night.rates}
    climb = next((g.id for g in almanac.gates if g.kind == "climb"), None)
    for d in book.here:
        if (slot := slot_of(d)) and (gate := night.trip(d).gate):
            times[gate][slot.gate_minute] += 1
            if climb and slot.climb_minute is not None:
                times[climb][slot.climb_minute] += 1

    def in_quarter(start: int, minutes: Floats) -> float:
        return float(minutes[start : start + QUARTER_MIN].sum())

    def load(server: str, start: int) -> Load:
        found = (times[server], night.queues[server].arrivals, night.rates[server])
        return Load(instant_of(book.night, start), *(in_quarter(start, minutes) for minutes in found))

    quarters = range(EVENING_MIN, MINUTES - QUARTER_MIN + 1, QUARTER_MIN)
    return {server: [load(server, start) for start in quarters] for server in night.rates}

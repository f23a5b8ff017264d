"""Gate slots for all vehicles of a simulated night, and the most of them that could see the sunrise."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import ceil

import numpy as np

from tourism.domain.night_grid import MINUTES
from tourism.domain.nightsim import Course, Vehicle
from tourism.domain.slots import Capacity, Climb, SlotRequest, allocate, whole_vehicles
from tourism.domain.trip import Trip


def give_slots(course: Course, vehicles: Sequence[Vehicle]) -> dict[int, int]:
    """Return the minute at the gate by number of the vehicle, for as many as get one.

    Everybody asks, whether they then come and follow or not, so a no-show frees nothing; what is drawn for a vehicle
    is not known, the scenario's rates are. Nobody is asked to come before their gate has to begin with all that are due
    no later, or, bound for the ridge, before they could be let up.
    """
    passing = {server: whole_vehicles(rate) for server, rate in course.rates.items()}
    capacity = Capacity({gate: free for gate, free in passing.items() if gate != course.climb}, passing[course.climb])
    due = {key: trip.due for key, trip in course.trips.items() if trip.due is not None}
    coming = Counter((v.gate, v.ridge) for v in vehicles)
    wanted: dict[tuple[str, bool], SlotRequest] = {}
    for (gate, ridge), last in due.items():
        no_later = sum(coming[key] for key, other in due.items() if key[0] == gate and other <= last)
        release = last - int(np.searchsorted(np.cumsum(passing[gate][last::-1]), no_later))
        climb = _climb(course.trips[gate, ridge])
        if climb:
            opens = int(np.flatnonzero(course.rates[course.climb]).min(initial=MINUTES))
            release = min(release, opens - climb.drive_min)
        wanted[gate, ridge] = SlotRequest("", gate, max(release, 0), last, 0, climb)
    asking = [v for v in vehicles if (v.gate, v.ridge) in wanted]
    requests = [replace(wanted[v.gate, v.ridge], id=str(v.number), order=v.number) for v in asking]
    return {int(id_): slot.gate_minute for id_, slot in allocate(requests, capacity).slots.items()}


def _climb(trip: Trip) -> Climb | None:
    return None if trip.climb_due is None else Climb(trip.to_climb_min, trip.climb_due)


def most_in_time(course: Course, vehicles: Sequence[Vehicle]) -> float:
    """Return a share that no simulated night can exceed: everything drawn is known, and everybody comes early enough.

    The smaller of two counts: what the gates let through in time; and what they let through of those who don't climb
    with what the climb lets through of the others. Each is exact, for all are there when the server opens.
    """
    passing = {server: whole_vehicles(rate) for server, rate in course.rates.items()}
    closes = int(np.flatnonzero(course.rates[course.climb]).max(initial=-1)) + 1
    at_gates, apart = [], []
    for v in vehicles:
        up_by = min(course.sunrise - v.climb_min, closes) if v.ridge else course.sunrise
        at_gates.append(_by(v, v.gate, up_by - v.onward_min))
        apart.append(_by(v, course.climb, up_by) if v.ridge else at_gates[-1])
    counts = [len(allocate(asked, Capacity(passing, [])).slots) for asked in (at_gates, apart)]
    return min(counts) / len(vehicles) if vehicles else 1.0


def _by(vehicle: Vehicle, server: str, instant: float) -> SlotRequest:
    """Ask to be through by an instant; the minute it lies in counts whole."""
    return SlotRequest(str(vehicle.number), server, 0, max(ceil(instant) - 1, 0), vehicle.number)

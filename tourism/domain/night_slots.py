"""Gate slots for all vehicles of a simulated night, and the most of them that could see the sunrise."""

from collections.abc import Sequence
from math import ceil

import numpy as np

from tourism.domain.night_grid import MINUTES
from tourism.domain.nightsim import Course, Vehicle
from tourism.domain.slots import Capacity, SlotRequest, allocate, whole_vehicles
from tourism.domain.slotting import climb_of, in_windows, window_start


def slots_of_fleet(course: Course, vehicles: Sequence[Vehicle]) -> dict[int, int]:
    """Return the minute at the gate by number of the vehicle, for as many as get one.

    Slots are given as to departures. Everybody asks, whether they then come and follow or not, so a no-show frees
    nothing; what is drawn for a vehicle is not known, the scenario's rates are.
    """
    passing = {server: whole_vehicles(rate) for server, rate in course.rates.items()}
    capacity = Capacity({gate: free for gate, free in passing.items() if gate != course.climb}, passing[course.climb])
    opens = {server: int(np.flatnonzero(rate).min(initial=MINUTES)) for server, rate in course.rates.items()}
    fleet = {str(v.number): v for v in vehicles}

    def request(id_: str, spread: int) -> SlotRequest | None:
        v = fleet[id_]
        trip = course.trips[v.gate, v.ridge]
        if trip.due is None or trip.due < opens[v.gate]:
            return None
        release = max(window_start(trip, trip.due, spread, opens[course.climb]), opens[v.gate])
        return SlotRequest(id_, v.gate, release, trip.due, v.number, climb_of(trip))

    slots, _ = in_windows(fleet, request, capacity, {})
    return {int(id_): slot.gate_minute for id_, slot in slots.items()}


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

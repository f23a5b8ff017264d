"""A night at the gates, event by event: what habit costs, and what leaving in turn brings.

Model: a vehicle comes to its gate, stands in line, passes, drives on, and if it is bound for the ridge stands in line
for the climb and drives up. Gate and climb let one vehicle through after the other at the rate of the minute (nobody
while it is 0); who is not through the climb when it closes sees no sunrise. By habit vehicles come around the usual
hour of their gate; who follows a slot leaves when one usually does to be at the gate at that minute. Everything random
is drawn for the vehicle before the night begins, so habit and slots, and any share that follows, meet the same night.

Assumed, besides the scenario: who is bound for the ridge goes to its viewpoint with the longest walk, the others to the
nearest one that their gate has without the climb, or to the foot of the climb; the vehicles of the gate nearest to
Kayutangan wait there. What goes wrong is known to nobody beforehand. How slots are given is no matter of this module.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import inf, isfinite, log
from typing import Any

import numpy as np
import simpy

from tourism.domain.corridor import Almanac, Scenario, Way
from tourism.domain.crowds import rate_of
from tourism.domain.evidence import Known
from tourism.domain.itinerary import Part, Party, parts_of
from tourism.domain.night_grid import EVENING_MIN, MINUTES, QUARTER_MIN, clock_minute, minute_of
from tourism.domain.queueing import queue
from tourism.domain.sun import sun_times
from tourism.domain.travel_time import Z90, Floats
from tourism.domain.trip import Trip, trip_of
from tourism.domain.waiting import BOARD_MIN
from tourism.errors import DataError, Message

LATE_MIN = 20.0  # assumed: nobody has counted how late the late ones are
DAY_MIN = 24 * 60
A_HAIR = 1e-9  # who would be through at the very moment a server stops is through


@dataclass(frozen=True)
class Course:
    """The servers and trips of one scenario's night, in minutes of the night's grid.

    `rates` are vehicles a minute of each gate and of the `climb`, shape (MINUTES,); trips go by gate and by whether
    they lead up the ridge. The vehicles of `home_gate` wait in Kayutangan.
    """

    rates: Mapping[str, Floats]
    climb: str
    home_gate: str
    trips: Mapping[tuple[str, bool], Trip]
    sunrise: float


@dataclass(frozen=True)
class Vehicle:
    """One vehicle with everything drawn for it.

    `habit` is the minute it comes to its gate by habit. It takes `to_gate_min` from its pick-up to the gate when it
    follows a slot, `onward_min` from there to the climb or its viewpoint, and `climb_min` from the climb on. `follows`,
    `stays` and `dawdles` are uniform numbers: whoever is below a share belongs to it.
    """

    number: int
    gate: str
    ridge: bool
    people: float
    habit: float
    to_gate_min: float
    onward_min: float
    climb_min: float
    follows: float = 0.0
    stays: float = 1.0
    dawdles: float = 1.0
    late_min: float = 0.0


@dataclass(frozen=True)
class Disturbances:
    """What goes wrong: shares of vehicles that stay at home or leave `LATE_MIN` late, and minutes that are lost.

    During an outage no gate lets anybody through, during a breakdown the climb doesn't; ends are not in it.
    """

    no_show: float = 0.0
    late: float = 0.0
    outage: tuple[int, int] | None = None
    breakdown: tuple[int, int] | None = None


@dataclass(frozen=True)
class Outcome:
    """What a night brought to the vehicles that set off.

    Mean and p90 are over vehicles; their wait at the gate lasts from coming to being through, before it opens too. The
    longest queue is of vehicles before one gate, the one at the window among them. A hold is how much later than by
    habit who follows a slot leaves Kayutangan, 0 for who leaves earlier; `seats` are the people held there at each
    quarter of an hour from 22:00 on.
    """

    sunrise_share: float
    ridge_share: float
    followed_share: float
    gate_wait_mean_min: float
    gate_wait_p90_min: float
    longest_queue: float
    hold_mean_min: float
    seats: tuple[float, ...]


def course_of(almanac: Almanac, scenario: Scenario) -> Course:
    """Prepare a scenario's night; raises DataError where no vehicle comes, or one has no way up the ridge."""
    gates = [g for g in almanac.gates if g.kind == "gate" and (scenario.habit_of(g.id) or (0.0,))[0] > 0]
    climbs = {g.id: g for g in almanac.gates if g.kind == "climb"}
    ridge = [v for v in almanac.viewpoints.values() if v.reached_from in climbs]
    summit = max(ridge, key=lambda v: v.walk_min_p50, default=None)
    up = {way.gate: way for way in almanac.ways(summit.id)} if summit else {}
    if not summit or not gates or any(g.id not in up for g in gates):
        text = "The night of {id} can't be simulated: no vehicle comes to a gate, or one has no way up the ridge."
        raise DataError(Message("NOT_SIMULATED", text, id=scenario.id))
    climb = climbs[summit.reached_from]
    rates = {g.id: rate_of(scenario, g, scenario.busy) for g in (*gates, climb)}
    nobody = {id_: queue(np.zeros(MINUTES), rate) for id_, rate in rates.items()}
    sunrise = minute_of(scenario.night, sun_times(scenario.night, summit.point).sunrise)
    trips = {
        (g.id, way is up[g.id]): trip_of(way, parts_of(almanac, way, scenario.busy, nobody, Party()), sunrise)
        for g in gates
        for way in (up[g.id], _without_climb(almanac, up[g.id], climb.id))
    }
    home = min(trips, key=lambda key: trips[key].to_gate_min)[0]
    return Course(rates, climb.id, home, trips, sunrise)


def _without_climb(almanac: Almanac, up: Way, climb: str) -> Way:
    """Return the way through the same gate to the nearest viewpoint that needs no climb, or to the climb's foot."""
    ways = [way for viewpoint in almanac.viewpoints for way in almanac.ways(viewpoint) if way.gate == up.gate]
    ways = [way for way in ways if climb not in way.places and almanac.needs_ticket(way) is not Known.NO]
    foot = Way(up.approach, up.legs[: up.places.index(climb)], up.gate)
    return min(ways, key=lambda way: sum(leg.p50_min for leg in way.legs), default=foot)


def fleet(course: Course, scenario: Scenario, rng: np.random.Generator) -> list[Vehicle]:
    """Draw the vehicles of one night: a Poisson number around the scenario's, each of them independently."""
    gates = sorted({gate for gate, _ in course.trips})
    habits = [found for gate in gates if (found := scenario.habit_of(gate))]
    shares = np.array([share for share, _ in habits])
    number = int(rng.poisson(scenario.vehicles * shares.sum()))
    gate = rng.choice(len(gates), number, p=shares / shares.sum())
    usual = np.array([clock_minute(clock) for _, clock in habits])[gate]
    habit = usual + scenario.habit_sd_min * rng.standard_normal(number)
    ridge = rng.random(number) < scenario.ridge_share
    motorcycle = rng.random(number) < scenario.motorcycle_share_of_vehicles
    people = np.where(motorcycle, scenario.people_per_motorcycle, scenario.people_per_jeep)
    chances = rng.random((number, 3))
    minutes = np.zeros((number, 3))
    for n, name in enumerate(gates):
        for up in (True, False):
            chosen = (gate == n) & (ridge == up)
            trip = course.trips[name, up]
            for column, parts in enumerate((trip.before, trip.after, trip.climb)):
                minutes[chosen, column] = _drawn(parts, rng, chosen.sum())
    columns = (ridge, people, habit, *minutes.T, *chances.T)
    rows = zip(gate.tolist(), *(column.tolist() for column in columns), strict=True)
    return [Vehicle(number, gates[n], *row) for number, (n, *row) in enumerate(rows)]


def _drawn(parts: Sequence[Part], rng: np.random.Generator, number: int) -> Floats:
    """Draw minutes for parts one after the other, each lognormal through its p50 and p90."""
    total = np.zeros(number)
    for part in parts:
        spread = log(part.p90_min / part.p50_min) / Z90 if part.p50_min else 0.0
        total += part.p50_min * np.exp(spread * rng.standard_normal(number))
    return total


def disturbed(course: Course, vehicles: Sequence[Vehicle], disturbances: Disturbances) -> tuple[Course, list[Vehicle]]:
    """Return the night as it comes when things go wrong: the same for habit and slots."""
    minute, rates = np.arange(MINUTES), {}
    for server, rate in course.rates.items():
        start, end = (disturbances.breakdown if server == course.climb else disturbances.outage) or (0, 0)
        rates[server] = np.where((start <= minute) & (minute < end), 0.0, rate)
    coming = [v for v in vehicles if v.stays >= disturbances.no_show]
    late = [replace(v, late_min=LATE_MIN) if v.dawdles < disturbances.late else v for v in coming]
    return replace(course, rates=rates), late


def simulate(course: Course, vehicles: Sequence[Vehicle], slots: Mapping[int, int], compliance: float) -> Outcome:
    """Run a night in which a share of the vehicles follows its slots and all others their habit.

    Slots are minutes at the gate by number of the vehicle; who has none goes by habit.
    """
    night = _Night(course)
    followed = {v.number: slots[v.number] for v in vehicles if v.number in slots and v.follows < compliance}
    for vehicle in vehicles:
        comes, slot = vehicle.habit, followed.get(vehicle.number)
        if slot is not None:
            comes = slot - course.trips[vehicle.gate, vehicle.ridge].to_gate_min + vehicle.to_gate_min
        night.clock.process(night.drive(vehicle, max(comes + vehicle.late_min, 0.0)))
    night.clock.run()
    held = [(v, followed[v.number]) for v in vehicles if v.gate == course.home_gate and v.number in followed]
    return Outcome(
        sunrise_share=_mean(list(night.saw.values()), of_nobody=1.0),
        ridge_share=_mean([night.saw[v.number] for v in vehicles if v.ridge], of_nobody=1.0),
        followed_share=len(followed) / len(vehicles) if vehicles else 0.0,
        gate_wait_mean_min=_mean(night.waits),
        gate_wait_p90_min=float(np.quantile(night.waits, 0.9)) if night.waits else 0.0,
        longest_queue=float(night.longest),
        hold_mean_min=_mean([max(slot - v.habit, 0.0) for v, slot in held]),
        seats=_seats(course, held),
    )


def _mean(values: Sequence[float], of_nobody: float = 0.0) -> float:
    return float(np.mean(values)) if values else of_nobody


def mean_of(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the mean over several nights, figure by figure: a p90 is the mean of the nights' p90."""
    mean: dict[str, Any] = {
        field.name: np.mean([getattr(outcome, field.name) for outcome in outcomes], axis=0).tolist()
        for field in fields(Outcome)
    }
    return Outcome(**mean | {"seats": tuple(mean["seats"])})


def _seats(course: Course, held: Sequence[tuple[Vehicle, int]]) -> tuple[float, ...]:
    """Return how many people sit in Kayutangan because of a slot, from their habit's leave to that of their slot."""
    quarters = np.arange(EVENING_MIN, MINUTES, QUARTER_MIN)
    seats = np.zeros(len(quarters))
    for vehicle, slot in held:
        away = course.trips[vehicle.gate, vehicle.ridge].to_gate_min + BOARD_MIN
        seats += vehicle.people * ((vehicle.habit - away <= quarters) & (quarters < slot - away))
    return tuple(seats.tolist())


class _Server:
    """A line of vehicles of which one passes after the other."""

    def __init__(self, clock: simpy.Environment, rate: Floats) -> None:
        self.clock, self.line = clock, simpy.Resource(clock)
        self.longest = 0
        # How many it could have let through by each minute; its last rate lasts for a day on.
        through = np.concatenate([[0.0], np.cumsum(rate)])
        self.through = np.append(through, through[-1] + rate[-1] * DAY_MIN)
        self.minutes = np.append(np.arange(MINUTES + 1.0), MINUTES + DAY_MIN)

    def passing(self) -> Generator[Any, Any, bool]:
        """Stand in line and pass; False for who is not through when it closes."""
        with self.line.request() as turn:
            self.longest = max(self.longest, self.line.count + len(self.line.queue))
            yield turn
            begun = np.interp(self.clock.now, self.minutes, self.through)
            done = float(np.interp(begun + 1 - A_HAIR, self.through, self.minutes, right=inf))
            if isfinite(done):
                yield self.clock.timeout(max(done - self.clock.now, 0.0))
        return isfinite(done)


class _Night:
    """One run; simpy's clock counts the minutes of the night's grid."""

    def __init__(self, course: Course) -> None:
        self.course, self.clock = course, simpy.Environment()
        self.servers = {id_: _Server(self.clock, rate) for id_, rate in course.rates.items()}
        self.waits: list[float] = []
        self.saw: dict[int, bool] = {}

    @property
    def longest(self) -> int:
        return max(server.longest for id_, server in self.servers.items() if id_ != self.course.climb)

    def drive(self, vehicle: Vehicle, comes: float) -> Generator[Any, Any, None]:
        """Let a vehicle come to its gate and go on to where it sees the sunrise or not."""
        yield self.clock.timeout(comes)
        through = yield from self.servers[vehicle.gate].passing()
        self.waits.append(self.clock.now - comes)
        if through:
            yield self.clock.timeout(vehicle.onward_min)
            if vehicle.ridge:
                through = yield from self.servers[self.course.climb].passing()
            yield self.clock.timeout(vehicle.climb_min)
        self.saw[vehicle.number] = through and self.clock.now <= self.course.sunrise

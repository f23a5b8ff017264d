"""Simulated nights: worlds worked out by hand, the same line counted another way, and laws."""

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from tourism.adapters.data_files import PackagedData
from tourism.domain.corridor import Almanac, Scenario
from tourism.domain.night_grid import MINUTES
from tourism.domain.night_slots import most_in_time, slots_of_fleet
from tourism.domain.nightsim import (
    LATE_MIN,
    Course,
    Disturbances,
    Outcome,
    Vehicle,
    course_of,
    disturbed,
    fleet,
    mean_of,
    simulate,
)
from tourism.domain.queueing import queue
from tourism.domain.slots import whole_vehicles
from tourism.domain.travel_time import Floats, quantile, together
from tourism.domain.trip import Trip
from tourism.errors import DataError

DATA = PackagedData()
SCENARIOS: dict[str, Scenario] = {s.id: s for s in DATA.rows("scenarios.csv")}
PEAK = SCENARIOS["peak-2025-12-27"]
ALMANAC = Almanac(
    DATA.rows("bromo_places.csv"), DATA.rows("corridor_legs.csv"), DATA.rows("gate_operations.csv"),
    DATA.rows("operations.csv"), closures=(), tariffs=(), quotas=(), advice=(),
)  # fmt: skip


def flat(value: float, start: int, end: int) -> Floats:
    found = np.zeros(MINUTES)
    found[start:end] = value
    return found


def world(gate: Floats, climb: Floats | None = None, *, sunrise: float = 700) -> Course:
    """Return gates g and h of one rate and a climb, with no minute between anything, and no drive to the gates."""
    trips = {(g, up): Trip(g, [], [], [], int(sunrise), None) for g in "gh" for up in (True, False)}
    rates = {"g": gate, "h": gate, "up": flat(1, 0, MINUTES) if climb is None else climb}
    return Course(rates, "up", "g", trips, sunrise)


def vehicle(number: int, habit: float, *, gate: str = "g", ridge: bool = False, climb_min: float = 0) -> Vehicle:
    return Vehicle(number, gate, ridge, 4, habit, 0, 0, climb_min)


def test_three_at_once_wait_one_after_the_other() -> None:
    """At one vehicle in two minutes they are through after 2, 4 and 6; three stood there."""
    night = simulate(world(flat(0.5, 0, MINUTES)), [vehicle(n, 100) for n in range(3)], {}, 0)
    assert night.gate_wait_mean_min == pytest.approx(4)
    assert night.longest_queue == 3
    assert night.gate_wait_p90_min == pytest.approx(5.6)
    assert (night.sunrise_share, night.followed_share, night.hold_mean_min) == (1, 0, 0)


def test_two_gates_are_two_lines() -> None:
    night = simulate(world(flat(1, 0, MINUTES)), [vehicle(n, 100, gate="gh"[n]) for n in range(2)], {}, 0)
    assert night.gate_wait_mean_min == pytest.approx(1)
    assert night.longest_queue == 1


def test_standing_before_a_gate_that_is_not_open_is_waiting() -> None:
    night = simulate(world(flat(1, 120, MINUTES)), [vehicle(0, 100)], {}, 0)
    assert night.gate_wait_mean_min == pytest.approx(21)


def test_a_rate_that_changes_while_one_is_at_the_window() -> None:
    """Half a vehicle by 101 at 0.5 a minute, the other half in a quarter of a minute at 2."""
    rate = np.where(np.arange(MINUTES) < 101, 0.5, 2.0)
    assert simulate(world(rate), [vehicle(0, 100)], {}, 0).gate_wait_mean_min == pytest.approx(1.25)


def test_an_outage_stops_the_gates_in_both_nights() -> None:
    """Who comes at 105 passes at 131, by habit and by slot; who is through at 100 as the outage begins is through."""
    course, coming = disturbed(
        world(flat(1, 0, MINUTES)), [vehicle(0, 105), vehicle(1, 99)], Disturbances(outage=(100, 130))
    )
    habit, slots = simulate(course, coming, {}, 0), simulate(course, coming, {0: 105, 1: 99}, 1)
    assert habit.gate_wait_mean_min == pytest.approx((26 + 1) / 2)
    assert replace(slots, followed_share=0) == replace(habit, seats=slots.seats)


def test_a_breakdown_stops_the_climb_alone() -> None:
    """Two for the ridge wait below it until 130, pass one after the other, and drive 8 minutes; sunrise is at 139.5."""
    climbing = [vehicle(n, 105, gate="gh"[n], ridge=True, climb_min=8) for n in range(2)]
    broken = Disturbances(breakdown=(100, 130))
    course, coming = disturbed(world(flat(1, 0, MINUTES), sunrise=139.5), [*climbing, vehicle(2, 110)], broken)
    night = simulate(course, coming, {}, 0)
    assert night.sunrise_share == pytest.approx(2 / 3)
    assert night.ridge_share == 0.5
    assert night.gate_wait_mean_min == pytest.approx(1)


def test_who_is_not_through_the_climb_when_it_closes_sees_no_sunrise() -> None:
    """It closes at 110: one is through then, one stands behind it, one comes later; the sun rises at 700."""
    course = world(flat(60, 0, MINUTES), flat(1, 0, 110))
    climbing = [vehicle(n, comes, ridge=True) for n, comes in enumerate((108.5, 108.6, 300))]
    assert simulate(course, climbing, {}, 0).sunrise_share == pytest.approx(1 / 3)


def test_a_queue_outlives_the_grid() -> None:
    """Who comes at the end of the night still passes; nobody's wait is cut."""
    night = simulate(world(flat(0.1, 0, MINUTES)), [vehicle(n, MINUTES - 1) for n in range(3)], {}, 0)
    assert night.gate_wait_mean_min == pytest.approx(20)


def test_hold_and_seats_by_hand() -> None:
    """One is held from 295 to 395 with its 4 people, 5 minutes to board before its slot at 400; one leaves earlier."""
    course = world(flat(60, 0, MINUTES))
    held, earlier, elsewhere = vehicle(0, 300), vehicle(1, 300), vehicle(2, 300, gate="h")
    night = simulate(course, [held, earlier, elsewhere], {0: 400, 1: 250, 2: 400}, 1)
    assert night.hold_mean_min == pytest.approx(50)
    assert [240 + 15 * n for n, people in enumerate(night.seats) if people == 4] == list(range(300, 391, 15))
    assert sum(night.seats) == 4 * 7


def test_who_stays_at_home_and_who_leaves_late() -> None:
    """A late one comes later by habit and by slot; nobody at all is an answer, too."""
    course = world(flat(60, 0, MINUTES), sunrise=319)
    coming = [replace(vehicle(0, 300), dawdles=0.1), replace(vehicle(1, 300), stays=0.1)]
    _, there = disturbed(course, coming, Disturbances(no_show=0.5, late=0.5))
    assert [(v.number, v.late_min) for v in there] == [(0, LATE_MIN)]
    assert simulate(course, there, {}, 0).sunrise_share == simulate(course, there, {0: 300}, 1).sunrise_share == 0
    assert disturbed(course, coming, Disturbances())[1] == coming
    _, nobody = disturbed(course, coming, Disturbances(no_show=1.0 + 1e-9))
    assert nobody == []
    assert simulate(course, nobody, {}, 0).gate_wait_mean_min == 0
    assert most_in_time(course, nobody) == 1


def mean_wait(per_min: float, rate: float, minutes: tuple[int, int], nights: int) -> float:
    """Simulate a line of vehicles that come at random, and return their mean wait until their own turn begins."""
    rng, course = np.random.default_rng(3), world(flat(rate, 0, MINUTES))
    number, waited = 0, 0.0
    for _ in range(nights):
        comes = rng.uniform(*minutes, rng.poisson(per_min * (minutes[1] - minutes[0]))).tolist()
        night = simulate(course, [vehicle(n, minute) for n, minute in enumerate(comes)], {}, 0)
        number, waited = number + len(comes), waited + night.gate_wait_mean_min * len(comes)
    return waited / number - 1 / rate


def test_more_than_pass_wait_as_the_queue_says() -> None:
    """For an hour 4 a minute come where 3 pass; within 5 %, for the queue doesn't count who came in the same minute."""
    arrivals = flat(4, 100, 160)

    def said(rate: float) -> float:
        found = queue(arrivals, flat(rate, 0, MINUTES))
        by_minute = found.wait @ np.arange(found.wait.shape[1])
        return float((arrivals * by_minute).sum() / arrivals.sum())

    assert mean_wait(4, 3, (100, 160), 150) == pytest.approx(said(3), rel=0.05)
    assert mean_wait(4, 3, (100, 160), 150) != pytest.approx(said(2.9), rel=0.05)  # the comparison can fail


def test_fewer_than_pass_wait_as_pollaczek_and_khinchine_say() -> None:
    """A steady line at 0.8 of what passes waits 0.8 / (2 (1 - 0.8)) turns: two, of 20 seconds each."""
    assert mean_wait(2.4, 3, (0, 780), 25) == pytest.approx(2 / 3, rel=0.05)
    assert mean_wait(2.3, 3, (0, 780), 25) != pytest.approx(2 / 3, rel=0.05)  # the comparison can fail


def test_drawn_minutes_have_the_distribution_of_the_plan() -> None:
    """Medians and ninth deciles of the drive to the gate and of the drive to the climb agree within 1.5 %."""
    course = course_of(ALMANAC, PEAK)
    many = fleet(course, replace(PEAK, sunrise_visitors=20_000), np.random.default_rng(1))
    trip = course.trips["gate-jemplang", True]
    chosen = [v for v in many if v.gate == "gate-jemplang" and v.ridge]
    for parts, drawn in (
        (trip.before, [v.to_gate_min for v in chosen]),
        (trip.after, [v.onward_min for v in chosen]),
    ):
        expected = together(tuple((part.p50_min, part.p90_min) for part in parts))
        for share in (0.5, 0.9):
            assert np.quantile(drawn, share) == pytest.approx(quantile(expected, share), rel=0.015)


def test_a_fleet_is_that_of_its_scenario() -> None:
    course = course_of(ALMANAC, PEAK)
    nights = [fleet(course, PEAK, np.random.default_rng(seed)) for seed in range(20)]
    every = [v for night in nights for v in night]
    assert len(every) / 20 == pytest.approx(PEAK.vehicles, rel=0.02)
    assert np.mean([v.ridge for v in every]) == pytest.approx(PEAK.ridge_share, abs=0.01)
    assert sum(v.people for v in every) / 20 == pytest.approx(PEAK.sunrise_visitors, rel=0.02)
    shares = Counter(v.gate for v in every)
    assert shares["gate-jemplang"] / len(every) == pytest.approx(PEAK.share_jemplang, abs=0.01)
    jemplang = [v.habit for v in every if v.gate == "gate-jemplang"]
    assert np.mean(jemplang) == pytest.approx(505, abs=1)
    assert np.std(jemplang) == pytest.approx(30, rel=0.02)
    assert nights[3] == fleet(course, PEAK, np.random.default_rng(3))


def peak_night(seed: int) -> tuple[Course, list[Vehicle]]:
    course = course_of(ALMANAC, PEAK)
    return course, fleet(course, PEAK, np.random.default_rng(seed))


def test_nobody_following_is_exactly_habit() -> None:
    course, vehicles = peak_night(5)
    assert simulate(course, vehicles, slots_of_fleet(course, vehicles), 0.0) == simulate(course, vehicles, {}, 1.0)


def test_who_ignores_slots_behaves_by_habit_whatever_the_others_do() -> None:
    """All of one gate follow, all of the others ignore: each gate waits as in the night where all do the same."""
    course, vehicles = peak_night(5)
    vehicles = [replace(v, ridge=False, follows=0.1 if v.gate == "gate-jemplang" else 0.9) for v in vehicles]
    slots = slots_of_fleet(course, vehicles)
    following = [v for v in vehicles if v.follows < 0.5]
    ignoring = [v for v in vehicles if v.follows >= 0.5]
    waited = [
        simulate(course, some, slots, share).gate_wait_mean_min * len(some)
        for some, share in ((vehicles, 0.5), (following, 1.0), (ignoring, 0.0))
    ]
    assert waited[0] == pytest.approx(waited[1] + waited[2])


def test_slots_fit_the_gates_and_no_show_frees_none() -> None:
    """No minute is given to more than pass; slots depend on nothing that is drawn but gate and wish."""
    course, vehicles = peak_night(6)
    slots = slots_of_fleet(course, vehicles)
    gate_of = {v.number: v.gate for v in vehicles}
    given = Counter((gate_of[number], minute) for number, minute in slots.items())
    passing = {gate: whole_vehicles(rate) for gate, rate in course.rates.items()}
    assert all(n <= passing[gate][minute] for (gate, minute), n in given.items())
    other = [replace(v, habit=0, to_gate_min=1, onward_min=1, climb_min=1, stays=0, follows=1) for v in vehicles]
    assert slots_of_fleet(course, other) == slots


def test_on_a_quiet_night_slots_come_late() -> None:
    """Nobody is at the gate before there is a need: those for the nearest viewpoint within an hour of the sunrise."""
    scenario = SCENARIOS["quiet-tuesday"]
    course = course_of(ALMANAC, scenario)
    vehicles = fleet(course, scenario, np.random.default_rng(1))
    slots = slots_of_fleet(course, vehicles)
    nearest = [slots[v.number] for v in vehicles if v.gate == "gate-jemplang" and not v.ridge]
    assert course.sunrise - 60 < min(nearest) <= max(nearest) < course.sunrise - 10


def test_the_most_in_time_by_hand() -> None:
    """Three minutes of a gate for five; and a climb that lets two through for three on the ridge."""
    five = [vehicle(n, 100) for n in range(5)]
    assert most_in_time(world(flat(1, 100, MINUTES), sunrise=103), five) == 3 / 5
    climbing = [vehicle(n, 100, ridge=True) for n in range(3)] + [vehicle(9, 100)]
    assert most_in_time(world(flat(9, 100, MINUTES), flat(1, 108, 110)), climbing) == 3 / 4
    assert most_in_time(world(flat(9, 100, MINUTES), flat(0, 0, 0)), climbing) == 1 / 4


def test_no_night_exceeds_the_most_in_time() -> None:
    """In 300 small worlds at random; where all come at the opening and are alike it is reached."""
    for seed in range(300):
        rng = random.Random(seed)
        gate = np.array([rng.choice((0, 0.3, 0.7, 1, 2)) for _ in range(30)] + [1.0] * (MINUTES - 30))
        climb = np.array([rng.choice((0, 0.4, 1)) for _ in range(24)] + [0.0] * (MINUTES - 24))
        course = world(gate, climb, sunrise=rng.randint(5, 30))
        coming = [
            Vehicle(n, rng.choice("gh"), rng.random() < 0.5, 4, *(rng.uniform(0, most) for most in (8, 0, 5, 5)))
            for n in range(rng.randint(1, 20))
        ]
        slots = {v.number: rng.randint(0, 8) for v in coming}
        nights = [simulate(course, coming, slots, share) for share in (0.0, 1.0)]
        assert max(night.sunrise_share for night in nights) <= most_in_time(course, coming)
        alike = [replace(v, habit=0, ridge=False, onward_min=2, climb_min=0) for v in coming]
        assert simulate(course, alike, {}, 0).sunrise_share == most_in_time(course, alike)


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("seed", range(3))
def test_slots_are_better_than_habit_and_within_the_bound(name: str, seed: int) -> None:
    """With everybody there, and with no-shows, late ones, an outage and a breakdown that nobody expects."""
    rng = random.Random(seed)
    outage, breakdown = rng.randint(400, 520), rng.randint(480, 560)
    wrong = Disturbances(rng.random() / 2, rng.random() / 2, (outage, outage + 30), (breakdown, breakdown + 20))
    planned = course_of(ALMANAC, SCENARIOS[name])
    asking = fleet(planned, SCENARIOS[name], np.random.default_rng(seed))
    slots = slots_of_fleet(planned, asking)
    for disturbances in (Disturbances(), wrong):
        course, vehicles = disturbed(planned, asking, disturbances)
        most = most_in_time(course, vehicles)
        shares = [simulate(course, vehicles, slots, share).sunrise_share for share in (0.0, 0.5, 1.0)]
        assert max(shares) <= most
        assert shares[0] <= shares[2] + 0.02 or disturbances is wrong


@pytest.mark.parametrize("seed", range(4))
def test_the_peak_night_in_turn(seed: int) -> None:
    """At least 97 % see the sunrise and wait 5 minutes or less; by habit it is another night."""
    course, vehicles = peak_night(seed)
    slots = slots_of_fleet(course, vehicles)
    habit, turns = simulate(course, vehicles, slots, 0), simulate(course, vehicles, slots, 1)
    assert turns.sunrise_share >= 0.97
    assert turns.gate_wait_mean_min <= 5
    assert turns.gate_wait_mean_min <= turns.gate_wait_p90_min < habit.gate_wait_p90_min
    assert habit.sunrise_share < 0.8
    assert habit.gate_wait_mean_min > 10


def test_the_curve_over_compliance_rises() -> None:
    """On the mean of five nights every quarter that follows brings more to the sunrise, and the lines vanish."""
    found: dict[float, list[Outcome]] = {0: [], 0.25: [], 0.5: [], 0.75: [], 1: []}
    for seed in range(5):
        course, vehicles = peak_night(seed)
        slots = slots_of_fleet(course, vehicles)
        for share, nights in found.items():
            nights.append(simulate(course, vehicles, slots, share))
    curve = [mean_of(nights) for nights in found.values()]
    assert [night.sunrise_share for night in curve] == sorted(night.sunrise_share for night in curve)
    waits = [night.gate_wait_mean_min for night in curve]
    assert waits[:4] == sorted(waits[:4], reverse=True)
    assert max(waits[3:]) <= 2
    assert [night.followed_share for night in curve] == pytest.approx(list(found), abs=0.05)


def test_a_mean_is_taken_figure_by_figure() -> None:
    course = world(flat(0.5, 0, MINUTES))
    one, two = (simulate(course, [vehicle(n, 100) for n in range(number)], {0: 400}, 1) for number in (1, 3))
    mean = mean_of([one, two])
    assert mean.longest_queue == pytest.approx((1 + 2) / 2)
    assert mean.seats == pytest.approx([(a + b) / 2 for a, b in zip(one.seats, two.seats, strict=True)])


def test_a_scenario_nobody_comes_in_is_refused() -> None:
    empty = replace(PEAK, share_jemplang=0.0, share_wonokitri=0.0, share_cemoro_lawang=0.0)
    with pytest.raises(DataError, match="can't be simulated"):
        course_of(ALMANAC, empty)
    with pytest.raises(DataError, match="can't be simulated"):
        course_of(replace(ALMANAC, gates=[g for g in ALMANAC.gates if g.kind == "gate"]), PEAK)

"""Nights of one scenario simulated by habit and in turn, with the same random numbers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from typing_extensions import TypedDict

from tourism.domain.corridor import Scenario
from tourism.domain.night_grid import EVENING_MIN, MINUTES, QUARTER_MIN, instant_of
from tourism.domain.night_slots import most_in_time, slots_of_fleet
from tourism.domain.nightsim import (
    LATE_MIN,
    Disturbances,
    Outcome,
    course_of,
    disturbed,
    fleet,
    mean_of,
    simulate,
)
from tourism.errors import Message, OutOfRangeError
from tourism.services.language import Language
from tourism.services.town import Town

MOST_RUNS = 1000
STEPS = tuple(n / 10 for n in range(11))
UNDISTURBED = Disturbances()
MODEL = Message(
    "MODEL",
    "Every vehicle asks for a slot beforehand, when the rates of the gates are known, and none is moved to another "
    "viewpoint; who gets no slot, or does not follow it, comes by habit, and a no-show frees nothing. Who is bound for "
    "the ridge goes to the viewpoint with the longest walk, the others to the nearest one without the climb. The "
    "vehicles of the gate nearest to Malang wait in Kayutangan.",
)


@dataclass(frozen=True)
class SimulationRequest:
    """Which nights to simulate; each run draws a night of its own from the seed and its number."""

    scenario: str
    seed: int = 1
    runs: int = 20
    compliance: float = 1.0
    disturbances: Disturbances = UNDISTURBED
    curve: bool = False


@dataclass(frozen=True)
class Simulated:
    """Means over all runs: by habit, with slots, the share that no night can exceed, and outcomes by compliance."""

    request: SimulationRequest
    scenario: Scenario
    habit: Outcome
    slots: Outcome
    bound_share: float
    curve: Mapping[float, Outcome]


class SeatsDocument(TypedDict):
    """How many people are held in Kayutangan at a clock time."""

    time: str
    people: float


class OutcomeDocument(TypedDict):
    """What a night brings on average; shares are of vehicles that set off, waits are over them."""

    sunrise_share: float
    ridge_share: float
    followed_share: float
    gate_wait_mean_min: float
    gate_wait_p90_min: float
    longest_queue: float
    hold_mean_min: float
    seats: list[SeatsDocument]


class PointDocument(TypedDict):
    """One point of the curve over compliance."""

    compliance: float
    sunrise_share: float
    gate_wait_mean_min: float


class SimulationDocument(TypedDict):
    """Habit against slots, with the most that capacity allows and what is assumed."""

    scenario: str
    service_date: str
    assumptions: list[str]
    seed: int
    runs: int
    compliance: float
    habit: OutcomeDocument
    slots: OutcomeDocument
    bound_share: float
    curve: list[PointDocument]


def simulate_nights(town: Town, request: SimulationRequest, tick: Callable[[], None]) -> Simulated:
    """Simulate; raises OutOfRangeError with every field that is wrong. `tick` is called after each run."""
    almanac = town.world.almanac
    scenarios = {scenario.id: scenario for scenario in almanac.scenarios}
    issues = dict(_issues(request, list(scenarios)))
    if issues:
        raise OutOfRangeError(issues)
    scenario = scenarios[request.scenario]
    planned = course_of(almanac, scenario)
    nights: dict[float, list[Outcome]] = {s: [] for s in (0.0, request.compliance, *(STEPS if request.curve else ()))}
    bounds = []
    for run in range(request.runs):
        asking = fleet(planned, scenario, np.random.default_rng((request.seed, run)))
        slots = slots_of_fleet(planned, asking)
        course, vehicles = disturbed(planned, asking, request.disturbances)
        bounds.append(most_in_time(course, vehicles))
        for share, outcomes in nights.items():
            outcomes.append(simulate(course, vehicles, slots, share))
        tick()
    means = {share: mean_of(outcomes) for share, outcomes in nights.items()}
    curve = {share: means[share] for share in STEPS} if request.curve else {}
    return Simulated(request, scenario, means[0.0], means[request.compliance], float(np.mean(bounds)), curve)


def _issues(request: SimulationRequest, known: list[str]) -> Iterator[tuple[str, Message]]:
    if request.scenario not in known:
        text = "There is no scenario {id}. Choose one of: {known}."
        yield "scenario", Message("UNKNOWN_SCENARIO", text, id=request.scenario, known=", ".join(known))
    if not 1 <= request.runs <= MOST_RUNS:
        yield "runs", Message("RUNS_OUT_OF_RANGE", "Ask for 1 to {most} runs.", most=MOST_RUNS)
    if request.seed < 0:
        yield "seed", Message("SEED_OUT_OF_RANGE", "A seed is 0 or more.")
    wrong = request.disturbances
    for field, share in (("compliance", request.compliance), ("no-show", wrong.no_show), ("late", wrong.late)):
        if not 0 <= share <= 1:
            yield field, Message("SHARE_OUT_OF_RANGE", "A share lies between 0 and 1.")
    for field, window in (("outage", wrong.outage), ("breakdown", wrong.breakdown)):
        if window and not 0 <= window[0] < window[1] < MINUTES:
            text = "It begins before it ends, between 18:00 and 07:00."
            yield field, Message("NOT_IN_THE_NIGHT", text)


def simulation_document(found: Simulated, language: Language) -> SimulationDocument:
    """Write nights down."""
    return {
        "scenario": found.scenario.id,
        "service_date": found.scenario.night.isoformat(),
        "assumptions": assumptions(found, language),
        "seed": found.request.seed,
        "runs": found.request.runs,
        "compliance": found.request.compliance,
        "habit": _outcome(found.scenario, found.habit),
        "slots": _outcome(found.scenario, found.slots),
        "bound_share": round(found.bound_share, 4),
        "curve": [
            {
                "compliance": share,
                "sunrise_share": round(outcome.sunrise_share, 4),
                "gate_wait_mean_min": round(outcome.gate_wait_mean_min, 2),
            }
            for share, outcome in found.curve.items()
        ],
    }


def assumptions(found: Simulated, language: Language) -> list[str]:
    """Say what is assumed: the scenario's words, those of the simulation, and what goes wrong."""
    return [language.text(found.scenario.basis), *(language.say(message) for message in _assumed(found, language))]


def _assumed(found: Simulated, language: Language) -> Iterator[Message]:
    yield MODEL
    wrong, night = found.request.disturbances, found.scenario.night
    if wrong.no_show:
        yield Message("NO_SHOW", "{share} of the vehicles stay at home.", share=percent(language, wrong.no_show))
    if wrong.late:
        text = "{share} of the vehicles leave {minutes} minutes late."
        yield Message("LATE", text, share=percent(language, wrong.late), minutes=round(LATE_MIN))
    if wrong.outage:
        start, end = (language.clock(instant_of(night, minute)) for minute in wrong.outage)
        yield Message("OUTAGE", "No gate lets anybody through from {start} to {end}.", start=start, end=end)
    if wrong.breakdown:
        start, end = (language.clock(instant_of(night, minute)) for minute in wrong.breakdown)
        yield Message("BREAKDOWN", "Nobody gets up the ridge from {start} to {end}.", start=start, end=end)
    text = "Means of {runs} nights drawn with seed {seed}."
    yield Message("RUNS", text, runs=found.request.runs, seed=str(found.request.seed))


def percent(language: Language, share: float) -> str:
    """Return a share of vehicles with one decimal: what was counted may be all or nobody."""
    return f"{language.decimal(100 * share)}%"


def _outcome(scenario: Scenario, outcome: Outcome) -> OutcomeDocument:
    clocks = (instant_of(scenario.night, minute) for minute in range(EVENING_MIN, MINUTES, QUARTER_MIN))
    return {
        "sunrise_share": round(outcome.sunrise_share, 4),
        "ridge_share": round(outcome.ridge_share, 4),
        "followed_share": round(outcome.followed_share, 4),
        "gate_wait_mean_min": round(outcome.gate_wait_mean_min, 2),
        "gate_wait_p90_min": round(outcome.gate_wait_p90_min, 2),
        "longest_queue": round(outcome.longest_queue, 1),
        "hold_mean_min": round(outcome.hold_mean_min, 1),
        "seats": [
            {"time": f"{clock:%H:%M}", "people": round(people, 1)}
            for clock, people in zip(clocks, outcome.seats, strict=True)
        ],
    }

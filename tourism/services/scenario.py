"""Twenty-five years ahead, as a question that fits into a link, and the nights it is simulated with."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np

from tourism.domain.calendar import Crowd
from tourism.domain.corridor import Almanac, Scenario
from tourism.domain.crowds import scenario_of
from tourism.domain.night_slots import slots_of_fleet
from tourism.domain.nightsim import Course, course_of, fleet, simulate
from tourism.domain.scenario import (
    LEVERS,
    LIMITS,
    METRICS,
    YEARS,
    Assumption,
    Base,
    Check,
    Instrument,
    Surface,
    Swing,
    annual_visitors,
    back_test,
    bands,
    drawn,
    in_blocks,
    season,
    tornado,
    with_ranges,
)
from tourism.domain.travel_time import Floats
from tourism.errors import DataError, Message, OutOfRangeError
from tourism.services.town import Town


@dataclass(frozen=True)
class Grid:
    """Which nights of a crowd are simulated: by vehicles in all, and by the rate of the gate nearest to Malang."""

    crowd: Crowd
    vehicles: tuple[int, ...]
    rates: tuple[float, ...]


GRIDS = (
    Grid(Crowd.QUIET, (100, 500, 1200), (1.2, 3.0)),
    Grid(Crowd.PEAK, (100, 500, 1000, 1600, 2400), (1.2, 3.0, 6.0)),  # the busiest day on record had about 1,200
)
CELLS = tuple(
    (g, n, r) for g, grid in enumerate(GRIDS) for n in range(len(grid.vehicles)) for r in range(len(grid.rates))
)
ENOUGH = 800  # vehicles in all, over as many nights of a kind as that takes
SEED, DRAWS, MOST_DRAWS = 1, 1000, 2000
METRIC_TEXTS = {
    "visitors": Message("visitors", "Visitors a year"),
    "over_gate": Message("over_gate", "Nights a year on which the gate can't let all through in time"),
    "over_quota": Message("over_quota", "Nights a year with more people than the quota"),
    "turned_away": Message("turned_away", "People a year whom the quota turns away"),
    "seats_missing": Message("seats_missing", "Seats missing in Kayutangan on the fullest night"),
    "parking_missing": Message("parking_missing", "Parking places missing on the fullest night"),
    "sunrise_share": Message("sunrise_share", "Visitors who see the sunrise, %"),
}
THOUSANDS = re.compile(r"-?\d{1,3}(\.\d{3})+(,\d+)?", re.ASCII)  # 1.000 in Indonesian
MOST_ISSUES = 20  # that are told at once
RANGE_ORDER = Message("RANGE_ORDER", "Write a range as low,central,high, in that order.")


@dataclass(frozen=True)
class ScenarioRequest:
    """A scenario: ranges other than the table's, instruments with their year and effect, draws and their seed."""

    ranges: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    instruments: tuple[Instrument, ...] = ()
    draws: int = DRAWS
    seed: int = SEED
    metric: str = "sunrise_share"

    def query(self) -> dict[str, str]:
        """Return the whole scenario as the parameters of a link."""
        found = {one.lever: f"{one.year},{one.effect:g}" for one in self.instruments}
        found |= {name: ",".join(f"{value:g}" for value in values) for name, values in self.ranges.items()}
        others = {name: getattr(self, name) for name in ("draws", "seed", "metric")}
        return found | {name: str(value) for name, value in others.items() if value != getattr(ScenarioRequest, name)}


def read_request(given: Mapping[str, str]) -> ScenarioRequest:
    """Read a scenario from the parameters of a link; raises OutOfRangeError with every field that can't be."""
    issues: dict[str, Message] = {}
    ranges, instruments, numbers = {}, [], {}
    for name, written in given.items():
        try:
            if name in LEVERS and written:
                instruments.append(_instrument(name, _numbers(written, 2)))
            elif name in LIMITS and written:
                ranges[name] = _range(name, _numbers(written, 3))
            elif name in ("draws", "seed"):
                (numbers[name],) = (int(n) for n in _numbers(written, 1))
            elif name not in ("metric", *LEVERS, *LIMITS) and len(issues) < MOST_ISSUES:
                text = "There is no such part of a scenario. Known are: {known}."
                known = ", ".join((*LEVERS, *LIMITS, "draws", "seed", "metric"))
                issues[name[:40]] = Message("UNKNOWN_PART", text, known=known)
        except OutOfRangeError as error:
            issues[name] = error.message
    asked = ScenarioRequest(ranges, tuple(instruments), metric=given.get("metric", "sunrise_share"), **numbers)
    if not 100 <= asked.draws <= MOST_DRAWS:
        text = "Ask for {least} to {most} draws."
        issues["draws"] = Message("DRAWS_OUT_OF_RANGE", text, least=100, most=MOST_DRAWS)
    if not 0 <= asked.seed < 1_000_000:
        issues["seed"] = Message("SEED_OUT_OF_RANGE", "A seed is 0 or more.")
    if asked.metric not in METRICS:
        issues["metric"] = Message("NOT_A_CHOICE", "Choose from: {choices}.", choices=", ".join(METRICS))
    if issues:
        raise OutOfRangeError(issues)
    return asked


def _refuse(text: Message) -> OutOfRangeError:
    return OutOfRangeError({"scenario": text})


def plain(written: str) -> str:
    """Return numbers with commas between and points within; with ; between they are written as in Indonesian."""
    if ";" not in written:
        return written
    parts = (part.replace(".", "") if THOUSANDS.fullmatch(part) else part for part in written.split(";"))
    return ",".join(part.replace(",", ".") for part in parts)


def _numbers(written: str, number: int) -> list[float]:
    parts = plain(written).split(",")
    try:
        found = [float(part) for part in parts if len(part) < 15]
    except ValueError:
        found = []
    if len(found) != number or len(parts) != number or not all(np.isfinite(found)):
        shape = {1: "1000", 2: "2028,60", 3: "-2,4,9"}[number]
        raise _refuse(Message("NOT_NUMBERS", "Write this as {shape}.", shape=shape))
    return found


def _instrument(name: str, numbers: Sequence[float]) -> Instrument:
    (year, effect), lever = numbers, LEVERS[name]
    if year not in YEARS:
        text = "Write a year from {first} to {last}."
        raise _refuse(Message("YEAR_OUT_OF_RANGE", text, first=str(YEARS[0]), last=str(YEARS[-1])))
    if not lever.least <= effect <= lever.most:
        raise _refuse(_between(lever.least, lever.most))
    return Instrument(name, int(year), effect)


def _between(least: float, most: float) -> Message:
    return Message("OUT_OF_LIMITS", "This lies between {least} and {most}.", least=f"{least:g}", most=f"{most:g}")


def limit_issue(name: str, low: float, high: float) -> Message | None:
    """Say why a variable can't have a range; None where it can."""
    least, most = LIMITS[name]
    return None if least <= low <= high <= most else _between(least, most)


def _range(name: str, numbers: Sequence[float]) -> tuple[float, float, float]:
    low, central, high = numbers
    if not low <= central <= high:
        raise _refuse(RANGE_ORDER)
    wrong = limit_issue(name, low, high)
    if wrong:
        raise _refuse(wrong)
    return low, central, high


class Nights:
    """The simulated nights that a scenario reads from, made one after the other so that a page can say how far it is.

    One object serves all who ask: whoever comes while a night is being simulated does not wait for it.
    """

    def __init__(self, almanac: Almanac, ticks: Callable[[], float]) -> None:
        self._almanac, self._ticks = almanac, ticks
        self._lock = Lock()
        self._shares: dict[tuple[int, int, int], tuple[float, float]] = {}
        self.total = len(CELLS)

    def serves(self, almanac: Almanac) -> bool:
        """Tell whether the nights would be the same by another reading of the data."""
        return _basis(almanac) == _basis(self._almanac)

    @property
    def done(self) -> int:
        """How many nights have been simulated."""
        return len(self._shares)

    @cached_property
    def _nights(self) -> list[tuple[Scenario, Course]]:
        """The scenario and course of each grid; raises DataError."""
        found = []
        for grid in GRIDS:
            scenario = scenario_of(self._almanac, grid.crowd)
            if scenario is None:
                text = "There is no scenario of a {crowd} night in scenarios.csv, so none can be simulated."
                raise DataError(Message("NO_SCENARIO_OF", text, crowd=grid.crowd.value))
            found.append((scenario, course_of(self._almanac, scenario)))
        return found

    def advance(self, seconds: float = float("inf"), tick: Callable[[], object] = lambda: None) -> bool:
        """Simulate nights for so long, at least one; tells whether all are there. Raises DataError."""
        ends = self._ticks() + seconds
        while self.done < self.total:
            if not self._lock.acquire(blocking=seconds == float("inf")):
                return False
            try:
                if self.done < self.total:
                    cell = CELLS[self.done]
                    self._shares[cell] = self._simulated(*cell)
                    tick()
            finally:
                self._lock.release()
            if self._ticks() > ends:
                break
        return self.done == self.total

    def _simulated(self, number: int, vehicles: int, rate: int) -> tuple[float, float]:
        """Return the shares that see the sunrise by habit and in turn: means over several nights where one is small."""
        grid, (scenario, course) = GRIDS[number], self._nights[number]
        people = round(scenario.sunrise_visitors * grid.vehicles[vehicles] / scenario.vehicles)
        home = np.where(course.rates[course.home_gate] > 0, grid.rates[rate], 0.0)
        here = replace(course, rates={**course.rates, course.home_gate: home})
        nights = []
        for run in range(max(ENOUGH // grid.vehicles[vehicles], 1)):
            rng = np.random.default_rng((SEED, number, vehicles, run))
            asking = fleet(here, replace(scenario, sunrise_visitors=people), rng)
            slots = slots_of_fleet(here, asking)
            nights.append([simulate(here, asking, slots, share).sunrise_share for share in (0.0, 1.0)])
        habit, turn = np.mean(nights, axis=0).tolist()
        return habit, turn

    @cached_property
    def surfaces(self) -> list[Surface]:
        """What the nights of each grid say together; all of them have to be there."""
        return [self._surface(number) for number in range(len(GRIDS))]

    def _surface(self, number: int) -> Surface:
        grid, (scenario, course) = GRIDS[number], self._nights[number]
        tables = np.array([
            [self._shares[number, n, r] for r in range(len(grid.rates))] for n in range(len(grid.vehicles))
        ])  # fmt: skip
        share, _ = scenario.habit_of(course.home_gate) or (1.0, None)
        opens = int(np.flatnonzero(course.rates[course.home_gate])[0])
        due = course.trips[course.home_gate, True].due
        return Surface(
            np.array(grid.vehicles, dtype=np.float64), np.array(grid.rates), tables[..., 0], tables[..., 1], share,
            max(float((due or opens) - opens), 1.0),
        )  # fmt: skip


def _basis(almanac: Almanac) -> tuple[object, ...]:
    """Return what simulated nights are made from."""
    return almanac.places, almanac.legs, almanac.gates, almanac.operations, almanac.scenarios


@dataclass(frozen=True, eq=False)
class Prospect:
    """What twenty-five years bring: bands of each metric as things are, and with the instruments; what matters most.

    Bands have the shape (3, years). `checks` are years that were counted against what the model says of them.
    """

    request: ScenarioRequest
    assumptions: Sequence[Assumption]
    as_now: Mapping[str, Floats]
    planned: Mapping[str, Floats]
    middle: float
    swings: Sequence[Swing]
    checks: Sequence[Check]
    annual: int

    def table(self, metric: str) -> Iterator[tuple[int, list[float], list[float]]]:
        """Yield a metric by year: its band as things are, and with the instruments."""
        for n, year in enumerate(YEARS):
            yield year, self.as_now[metric][:, n].tolist(), self.planned[metric][:, n].tolist()


def look_ahead(town: Town, nights: Nights, asked: ScenarioRequest) -> Prospect:
    """Answer a scenario from the simulated nights; raises DataError where nobody counted visitors."""
    world = town.world
    try:
        annual = annual_visitors(world.visitors)
    except ValueError as error:
        raise DataError(Message("NO_BASE_YEAR", "{problem}", problem=str(error))) from error
    assumptions = with_ranges(world.assumptions, asked.ranges)
    values = drawn(assumptions, asked.draws, asked.seed)
    quiet, busy = nights.surfaces
    base = Base(season(world.visitors), quiet, busy, annual)
    as_now = bands(in_blocks(values, base))
    planned = bands(in_blocks(values, base, asked.instruments)) if asked.instruments else as_now
    middle, swings = tornado(assumptions, base, asked.instruments, asked.metric)
    usual = drawn(world.assumptions, asked.draws, asked.seed)  # what is checked are our assumptions, not the reader's
    return Prospect(
        asked, assumptions, as_now, planned, middle, swings, back_test(world.visitors, usual), annual
    )  # fmt: skip


def prospect_document(found: Prospect) -> dict[str, Any]:
    """Write an outlook down for machines."""

    def metric(bands: Mapping[str, Floats], name: str) -> list[dict[str, float]]:
        return [
            {"year": year, "p10": round(low, 2), "p50": round(mid, 2), "p90": round(high, 2)}
            for year, (low, mid, high) in zip(YEARS, bands[name].T.tolist(), strict=True)
        ]

    return {
        "request": found.request.query(),
        "base_visitors": found.annual,
        "assumptions": [
            {"id": a.id, "variable": a.variable, "low": a.low, "central": a.central, "high": a.high, "unit": a.unit,
             "basis": a.basis}
            for a in found.assumptions
        ],
        "as_now": {name: metric(found.as_now, name) for name in METRICS},
        "planned": {name: metric(found.planned, name) for name in METRICS},
        "tornado": [
            {"assumption": s.assumption.id, "at_low": round(s.at_low, 2), "at_high": round(s.at_high, 2)}
            for s in found.swings
        ],
        "back_test": [
            {"period": c.period, "counted": c.counted, "p10": round(c.low), "p50": round(c.central),
             "p90": round(c.high), "off_percent": round(c.off_percent, 1), "twice_the_first_half": c.doubled}
            for c in found.checks
        ],
    }  # fmt: skip

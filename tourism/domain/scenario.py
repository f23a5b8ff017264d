"""Twenty-five years ahead: how many come, what is full, and who still sees the sunrise, as far as anybody can say.

Model: visitors of a day are those of the mean day, which grows by a share each year, times a factor of the month and
one of the kind of night (quiet, weekend, holiday); the mean over a year stays one. Of them some come for the sunrise,
some of those leave from Malang, and some of these wait in Kayutangan. How many see the sunrise is read from nights that
were simulated (`Surface`), by how many vehicles come and how fast the gate nearest to Malang lets them through; who
follows a slot sees what a night in turn brings, the others what habit brings. Each draw takes each assumption from a
triangle between low, central and high, the same for all years.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tourism.domain.travel_time import Floats

BASE_YEAR, FIRST_YEAR, SPAN = 2025, 2026, 25
YEARS = tuple(range(FIRST_YEAR, FIRST_YEAR + SPAN))
MONTH_DAYS = 365 / 12
WEEKENDS, HOLIDAYS = 2 / 7, 12 / 365  # shares of all nights; holidays are spread evenly over the months
LEAST_FACTOR = 0.05
BAND = (0.1, 0.5, 0.9)
BLOCK = 250  # draws
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Assumption:
    """A variable of the scenario, between a low and a high value, with its source; most of them are assumed."""

    id: str
    variable: str
    low: float
    central: float
    high: float
    unit: str
    basis: str

    def __post_init__(self) -> None:
        """Refuse a range that is none."""
        if not self.low <= self.central <= self.high:
            raise ValueError("Write a range as low, central, high, in that order.")


LIMITS: Mapping[str, tuple[float, float]] = {
    "growth": (-20, 20), "malang_share": (1, 100), "kayutangan_share": (0, 100), "party": (1, 60),
    "wait_h": (0, 12), "seats": (0, 100_000), "scan_rate": (0.1, 60), "peak_month": (1, 4),
    "quota": (100, 100_000), "sunrise_share": (1, 100), "weekend": (1, 3), "holiday": (1, 10),
    "parking": (0, 100_000),
}  # fmt: skip


@dataclass(frozen=True)
class Visitors:
    """How many came to a place in a period, by whose word."""

    place: str
    period: str
    visitors: int
    source: str


@dataclass(frozen=True)
class Lever:
    """An instrument: what its effect is counted in, between which values, and what is taken when it is chosen."""

    least: float
    most: float
    usual: float


LEVERS: Mapping[str, Lever] = {
    "slots": Lever(0, 100, 60),  # % of vehicles that follow
    "venues": Lever(0, 20_000, 300),  # more seats at night
    "scanner": Lever(1, 10, 2),  # times the rate at the gate nearest to Malang
    "cap": Lever(100, 100_000, 2752),  # people a day: a quota that is enforced
    "shuttle": Lever(1, 60, 12),  # people a vehicle
    "spread": Lever(0, 90, 15),  # % of a busy night's visitors who go to Batu or the regency instead
}


@dataclass(frozen=True)
class Instrument:
    """A lever that is pulled from a year on."""

    lever: str
    year: int
    effect: float


@dataclass(frozen=True)
class Season:
    """Nights of a year by month and kind, shape (nights,): how many there are, and what the months of a year are like.

    `month` are the visitors of each month over those of the mean month, by what was counted; 1 where nobody has.
    """

    days: Floats
    month: Floats
    weekend: Bools
    holiday: Bools


def season(counted: Sequence[Visitors]) -> Season:
    """Return the nights of a year; of the months that were counted in the base year the shape is kept."""
    months = np.ones(12)
    found = {int(v.period[5:]): v.visitors for v in counted
             if v.place == "bromo" and v.period[:5] == f"{BASE_YEAR}-" and v.period[5:].isdigit()}  # fmt: skip
    for number, visitors in found.items():
        months[number - 1] = visitors / (sum(found.values()) / len(found))
    quiet = 1 - WEEKENDS - HOLIDAYS
    days = np.tile(np.array([quiet, WEEKENDS, HOLIDAYS]) * MONTH_DAYS, 12)
    kinds = np.tile(np.array([0, 1, 2]), 12)
    return Season(days, np.repeat(months, 3), kinds == 1, kinds == 2)


@dataclass(frozen=True)
class Surface:
    """Shares of vehicles that see the sunrise, from simulated nights, by habit and in turn: shape (vehicles, rates).

    `vehicles` is the number of a whole night, `rates` those of the gate nearest to Malang, which takes `home_share` of
    them; `useful_min` is for how long it lets through who is still in time.
    """

    vehicles: Floats
    rates: Floats
    habit: Floats
    turn: Floats
    home_share: float
    useful_min: float

    def share(self, vehicles: Floats, rate: Floats, turn: bool) -> Floats:
        """Return the share that sees the sunrise, between the simulated nights.

        Beyond the fullest simulated night as many see it as on that one.
        """
        table = self.turn if turn else self.habit
        inside = np.clip(vehicles, self.vehicles[0], self.vehicles[-1])
        at_rates = [np.interp(inside, self.vehicles, table[:, n]) for n in range(len(self.rates))]
        where = np.interp(
            np.log(np.clip(rate, self.rates[0], self.rates[-1])), np.log(self.rates), range(len(self.rates))
        )
        low = np.minimum(where.astype(int), len(self.rates) - 2)
        part = where - low
        stacked = np.stack(at_rates)
        low, part = np.broadcast_to(low, inside.shape), np.broadcast_to(part, inside.shape)
        below = np.take_along_axis(stacked, low[None], 0)[0]
        above = np.take_along_axis(stacked, low[None] + 1, 0)[0]
        return np.asarray((below * (1 - part) + above * part) * inside / np.maximum(vehicles, inside), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Base:
    """What a scenario starts from: the nights of a year, quiet and busy ones as simulated, the base year's visitors.

    Weekends and holidays are busy: the climb closes earlier then, and the road takes longer.
    """

    nights: Season
    quiet: Surface
    busy: Surface
    annual: float


Drawn = Mapping[str, Floats]  # each of shape (draws,)
METRICS = ("visitors", "over_gate", "over_quota", "turned_away", "seats_missing", "parking_missing", "sunrise_share")


def drawn(assumptions: Iterable[Assumption], draws: int, seed: int) -> Drawn:
    """Draw every assumption, each from its triangle with random numbers of its own: a change of one moves no other."""

    def values(one: Assumption) -> Floats:
        if one.low == one.high:
            return np.full(draws, float(one.central))
        rng = np.random.default_rng((seed, crc32(one.id.encode())))
        return np.asarray(rng.triangular(one.low, one.central, one.high, draws), dtype=np.float64)

    return {one.id: values(one) for one in assumptions}


def central(assumptions: Iterable[Assumption], **changed: float) -> Drawn:
    """Return every assumption at its central value but for what is changed."""
    return {one.id: np.array([changed.get(one.id, one.central)]) for one in assumptions}


def _effect(instruments: Iterable[Instrument], lever: str, without: float) -> Floats:
    """Return a lever's effect by year, shape (1, years, 1)."""
    chosen = next((one for one in instruments if one.lever == lever), None)
    years = np.array(YEARS)
    effect = np.full(SPAN, without) if chosen is None else np.where(years >= chosen.year, chosen.effect, without)
    return np.asarray(effect, dtype=np.float64)[None, :, None]


def visitors_of_day(values: Drawn, nights: Season, annual: float, years: Sequence[int]) -> Floats:
    """Return the visitors of a day by draw, year and kind of night."""
    v = {name: found[:, None, None] for name, found in values.items()}
    growth = (1 + v["growth"] / 100) ** (np.array(years)[None, :, None] - BASE_YEAR)
    top = nights.month.max()
    stretch = (v["peak_month"] - 1) / (top - 1) if top > 1 else np.zeros_like(v["peak_month"])
    month = np.maximum(1 + (nights.month - 1) * stretch, LEAST_FACTOR)
    quiet = (1 - WEEKENDS * v["weekend"] - HOLIDAYS * v["holiday"]) / (1 - WEEKENDS - HOLIDAYS)
    kind = np.where(
        nights.holiday, v["holiday"], np.where(nights.weekend, v["weekend"], np.maximum(quiet, LEAST_FACTOR))
    )
    factor = month * kind
    factor = factor / ((factor * nights.days).sum(axis=2, keepdims=True) / nights.days.sum())
    return np.asarray(annual / 365 * growth * factor, dtype=np.float64)


def run(values: Drawn, base: Base, instruments: Sequence[Instrument] = ()) -> dict[str, Floats]:
    """Return every metric by draw and year, shape (draws, years)."""
    nights = base.nights
    useful_min = np.where(nights.weekend | nights.holiday, base.busy.useful_min, base.quiet.useful_min)
    v = {name: found[:, None, None] for name, found in values.items()}
    wanted = visitors_of_day(values, nights, base.annual, YEARS)
    busy = nights.weekend | nights.holiday
    wanted = wanted * np.where(busy, 1 - _effect(instruments, "spread", 0) / 100, 1.0)
    allowed = np.minimum(wanted, _effect(instruments, "cap", np.inf))
    people = allowed * v["sunrise_share"] / 100
    shuttle = _effect(instruments, "shuttle", 0)
    vehicles = people / np.where(shuttle > 0, shuttle, v["party"])
    rate = v["scan_rate"] * _effect(instruments, "scanner", 1)
    home = v["malang_share"] / 100
    # A gate with twice the vehicles at twice the rate is the same gate.
    alike = rate * base.busy.home_share / home
    follows = _effect(instruments, "slots", 0) / 100
    seen = np.empty_like(vehicles)
    for surface, here in ((base.quiet, ~busy), (base.busy, busy)):
        some = vehicles[..., here]
        seen[..., here] = (1 - follows) * surface.share(some, alike, False) + follows * surface.share(some, alike, True)
    waiting = people * home * v["kayutangan_share"] / 100 * np.minimum(v["wait_h"] * 60 / useful_min, 1)
    seats = v["seats"] + _effect(instruments, "venues", 0)
    total = (people * nights.days).sum(axis=2)
    return {
        "visitors": (allowed * nights.days).sum(axis=2),
        "over_gate": ((vehicles * home > rate * useful_min) * nights.days).sum(axis=2),
        "over_quota": ((allowed > v["quota"]) * nights.days).sum(axis=2),
        "turned_away": ((wanted - allowed) * nights.days).sum(axis=2),
        "seats_missing": np.maximum(waiting - seats, 0).max(axis=2),
        "parking_missing": np.maximum(waiting / v["party"] - v["parking"], 0).max(axis=2),
        "sunrise_share": 100 * (people * seen * nights.days).sum(axis=2) / np.maximum(total, 1e-9),
    }


def in_blocks(values: Drawn, base: Base, instruments: Sequence[Instrument] = ()) -> dict[str, Floats]:
    """Return the same as `run`, a few hundred draws at a time: what is between takes 36 nights of 25 years each."""
    draws = len(next(iter(values.values())))
    parts = [
        run({name: found[start : start + BLOCK] for name, found in values.items()}, base, instruments)
        for start in range(0, draws, BLOCK)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in METRICS}


def bands(found: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the tenth, fifth and ninth decile of each metric by year, shape (3, years)."""
    return {name: np.quantile(values, BAND, axis=0) for name, values in found.items()}


@dataclass(frozen=True)
class Swing:
    """What one assumption alone does to a metric in the last year: at its low and at its high value."""

    assumption: Assumption
    at_low: float
    at_high: float

    @property
    def width(self) -> float:
        """How far both lie apart."""
        return abs(self.at_high - self.at_low)


def tornado(
    assumptions: Sequence[Assumption], base: Base, instruments: Sequence[Instrument], metric: str
) -> tuple[float, list[Swing]]:
    """Return a metric of the last year with everything central, and what each assumption does to it, most first."""

    def last(**changed: float) -> float:
        return float(run(central(assumptions, **changed), base, instruments)[metric][0, -1])

    swings = [Swing(one, last(**{one.id: one.low}), last(**{one.id: one.high})) for one in assumptions]
    return last(), sorted(swings, key=lambda swing: -swing.width)


@dataclass(frozen=True)
class Check:
    """A year that was counted, and what the model would have said of it from an earlier one."""

    period: str
    counted: int
    low: float
    central: float
    high: float
    doubled: bool  # only its first half was counted, and taken twice

    @property
    def off_percent(self) -> float:
        """How far the central value is off."""
        return 100 * (self.central / self.counted - 1)

    @property
    def inside(self) -> bool:
        """Tell whether the count lies in the band."""
        return self.low <= self.counted <= self.high


def yearly(counted: Iterable[Visitors]) -> Iterator[tuple[int, int, bool]]:
    """Yield the visitors of Bromo by year, in order, and whether that is twice its first half for want of the whole."""
    here = [one for one in counted if one.place == "bromo"]
    halves = {int(one.period[:4]): (2 * one.visitors, True) for one in here if one.period.endswith("-H1")}
    whole = {int(one.period): (one.visitors, False) for one in here if one.period.isdigit()}
    for year, (visitors, doubled) in sorted((halves | whole).items()):
        yield year, visitors, doubled


def back_test(counted: Sequence[Visitors], values: Drawn) -> list[Check]:
    """Return what the assumed growth says of the years that were counted, from the first of them on."""
    years = list(yearly(counted))
    checks = []
    for year, visitors, doubled in years[1:]:
        said = years[0][1] * (1 + values["growth"] / 100) ** (year - years[0][0])
        low, middle, high = np.quantile(said, BAND).tolist()
        checks.append(Check(str(year), visitors, low, middle, high, doubled))
    return checks


def annual_visitors(counted: Sequence[Visitors]) -> int:
    """Return the visitors of the base year; raises ValueError where nobody counted."""
    found = {year: visitors for year, visitors, _ in yearly(counted)}
    if BASE_YEAR not in found:
        raise ValueError(f"visitors.csv has no year {BASE_YEAR}")
    return found[BASE_YEAR]


def with_ranges(
    assumptions: Iterable[Assumption], ranges: Mapping[str, tuple[float, float, float]]
) -> list[Assumption]:
    """Return the assumptions with other ranges where they are given; raises ValueError for one that can't be."""
    return [
        replace(one, low=ranges[one.id][0], central=ranges[one.id][1], high=ranges[one.id][2], basis="")
        if one.id in ranges else one
        for one in assumptions
    ]  # fmt: skip

"""The road from Malang to a viewpoint: places, legs, gates, tickets, who sets off, and ways through them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from itertools import pairwise
from typing import Literal

import networkx as nx

from tourism.domain.calendar import Calendar, DayType, SpecialDates, Window, at
from tourism.domain.closures import Alert, AlertLevel, Closure, closures_by
from tourism.domain.evidence import Known
from tourism.domain.gate_report import GateReport, RateChange
from tourism.geo.crs import Point

ORIGIN = "kayutangan"
SLOW_UNTIL = "slow until "
SCAN_RATES = 'a scan rate is "normal", "slow" or "slow until 04:00"'
RANGES = ("temperature_c", "jeep_price_idr")
LEAST_MIN, LONGEST_KM = 0.1, 500  # of a leg
LONGEST_MIN = 600  # of a leg: a night is no longer
MOST_VISITORS = 20_000  # a night: five times the busiest day on record (data/visitors.csv)
MOST_IDR = 100_000_000
PARK = "park"
Confidence = Literal["L", "M", "H"]


def require(holds: bool, what: str) -> None:
    """Raise ValueError for a row that can't be; whoever reads the table names its line."""
    if not holds:
        raise ValueError(what)


@dataclass(frozen=True)
class Place:
    """A viewpoint, site, gate, hub or junction; minutes are the walk from where the vehicle stops."""

    id: str
    kind: Literal["viewpoint", "site", "gate", "hub", "junction", "landmark"]
    name: str
    lat: float
    lon: float
    uncertainty_m: int
    confidence: Confidence
    aliases: str = ""
    elevation_m: int | None = None
    reached_from: str = ""
    walk_min_p50: float = 0
    walk_min_p90: float = 0
    step_free: Known = Known.UNKNOWN
    park_ticket: Known = Known.UNKNOWN
    quota_site: str = ""
    area: str = ""
    note: str = ""

    @property
    def point(self) -> Point:
        """Where it is, within `uncertainty_m`."""
        return Point(self.lat, self.lon)


@dataclass(frozen=True)
class Leg:
    """A directed stretch of road with free-flow minutes on quiet and busy nights."""

    approach: str
    start: str
    end: str
    mode: Literal["car", "jeep", "walk"]
    distance_km: float
    p50_min: float
    p90_min: float
    busy_p50_min: float
    busy_p90_min: float
    basis: str
    confidence: Confidence

    def __post_init__(self) -> None:
        """Refuse minutes that no leg takes."""
        for p50, p90 in (self.deciles(False), self.deciles(True)):
            require(LEAST_MIN <= p50 <= p90 <= LONGEST_MIN, "minutes of a leg: 0.1 <= p50 <= p90 <= 600")
        require(0 <= self.distance_km <= LONGEST_KM, "a leg is 0 to 500 km long")

    def deciles(self, busy: bool) -> tuple[float, float]:
        """Return the median and the ninth decile in minutes, without queues."""
        return (self.busy_p50_min, self.busy_p90_min) if busy else (self.p50_min, self.p90_min)


@dataclass(frozen=True)
class GateOperation:
    """When a gate or the ridge climb lets vehicles through (clock times in WIB), and how many a minute."""

    id: str
    kind: Literal["gate", "climb"]
    opens: time
    closes_quiet: time
    closes_busy: time
    vehicles_per_min: float
    vehicles_per_min_slow: float
    note: str
    confidence: Confidence

    def __post_init__(self) -> None:
        """Refuse a gate that lets nobody through."""
        rates = self.vehicles_per_min, self.vehicles_per_min_slow
        require(all(0.01 <= rate <= 60 for rate in rates), "a gate lets 0.01 to 60 vehicles through a minute")
        shuts = self.opens in (self.closes_quiet, self.closes_busy)
        require(not shuts, "a gate closes at another time than it opens")

    def closes_on(self, night: date, busy: bool) -> datetime:
        """Return when it closes on a night."""
        return at(night, self.closes_busy if busy else self.closes_quiet)


@dataclass(frozen=True)
class Operation:
    """Minutes that something on the way takes."""

    what: str
    basis: str
    confidence: Confidence
    p50_min: float | None = None
    p90_min: float | None = None


@dataclass(frozen=True)
class Tariff:
    """A price from a date on."""

    item: str
    audience: Literal["domestic", "foreign", "any"]
    day_type: Literal["weekday", "holiday", "any"]
    amount_idr: int
    valid_from: date
    source: str

    def __post_init__(self) -> None:
        """Refuse an amount that nobody pays."""
        require(0 <= self.amount_idr <= MOST_IDR, "an amount is 0 to 100,000,000 Rupiah")


@dataclass(frozen=True)
class Quota:
    """People a day at a site: three quarters of capacity in 2023, and the peak allowed in 2023 and 2024."""

    site: str
    people_per_day_75pct_2023: int
    people_per_day_peak_2023_24: int
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a number that no site holds."""
        people = self.people_per_day_75pct_2023, self.people_per_day_peak_2023_24
        require(all(0 <= number <= MOST_VISITORS for number in people), "a quota is 0 to 20,000 people a day")


@dataclass(frozen=True)
class Advice:
    """A fact worth telling a traveller; temperatures and prices are a range such as "9 to 14"."""

    topic: str
    key: str
    value: str
    basis: str
    confidence: Confidence

    def __post_init__(self) -> None:
        """Refuse a range that can't be read."""
        if self.topic in RANGES:
            require(bool(re.fullmatch(r"-?\d+ to -?\d+", self.value)), "a range is written as 9 to 14")


@dataclass(frozen=True)
class Scenario:
    """Who sets off for the sunrise on a night and when they come to the gates by habit; all of it is assumed.

    Shares are of visitors by gate, of visitors bound for the ridge, and of vehicles that are motorcycles. A scan rate
    is "normal", "slow" or "slow until 04:00". The scenario of a crowd is the one whose `crowd` names it.
    """

    id: str
    night: date
    sunrise_visitors: int
    share_jemplang: float
    share_wonokitri: float
    share_cemoro_lawang: float
    ridge_share: float
    people_per_jeep: float
    people_per_motorcycle: float
    motorcycle_share_of_vehicles: float
    habit_arrival_jemplang: time
    habit_arrival_wonokitri: time
    habit_arrival_cemoro_lawang: time
    habit_sd_min: float
    scan_rate: str
    busy: bool
    basis: str
    crowd: str = ""

    def __post_init__(self) -> None:
        """Refuse numbers that no night has, and a scan rate that can't be read."""
        require(0 <= self.sunrise_visitors <= MOST_VISITORS, "visitors of a night: 0 to 20,000")
        require(0 < self.habit_sd_min <= LONGEST_MIN, "the spread of arrivals: more than 0 minutes")
        require(min(self.people_per_jeep, self.people_per_motorcycle) > 0, "people in a vehicle: more than 0")
        shares = (
            self.share_jemplang, self.share_wonokitri, self.share_cemoro_lawang, self.ridge_share,
            self.motorcycle_share_of_vehicles,
        )  # fmt: skip
        require(all(0 <= share <= 1 for share in shares), "a share lies between 0 and 1")
        require(self.scan_rate in ("normal", "slow") or self.slow_until is not None, SCAN_RATES)

    @property
    def slow_until(self) -> time | None:
        """Return until when scanners are slow, None when that is not said."""
        if not self.scan_rate.startswith(SLOW_UNTIL):
            return None
        try:
            return time.fromisoformat(self.scan_rate.removeprefix(SLOW_UNTIL))
        except ValueError as error:
            raise ValueError(SCAN_RATES) from error

    @property
    def vehicles(self) -> float:
        """Return how many vehicles carry the visitors."""
        motorcycles = self.motorcycle_share_of_vehicles
        return self.sunrise_visitors / (
            motorcycles * self.people_per_motorcycle + (1 - motorcycles) * self.people_per_jeep
        )

    def habit_of(self, gate: str) -> tuple[float, time] | None:
        """Return the share of vehicles that come to a gate and the usual time of arrival; None for another place."""
        name = gate.removeprefix("gate-").replace("-", "_")
        share = getattr(self, f"share_{name}", None)
        return None if share is None else (share, getattr(self, f"habit_arrival_{name}"))


@dataclass(frozen=True)
class Destination:
    """Something to see in Malang Raya after the sunrise, or instead of it; empty hours are unknown."""

    name: str
    municipality: str
    lat: float
    lon: float
    uncertainty_m: int
    when: str
    way_back: str
    basis: str
    opening_hours: str = ""
    hours_basis: str = ""

    @property
    def point(self) -> Point:
        """Where it is, within `uncertainty_m`."""
        return Point(self.lat, self.lon)


@dataclass(frozen=True)
class Way:
    """One way from Kayutangan to a viewpoint, by one approach."""

    approach: str
    legs: tuple[Leg, ...]
    gate: str | None

    @cached_property
    def places(self) -> tuple[str, ...]:
        """Place ids from the first to the last."""
        return (self.legs[0].start, *(leg.end for leg in self.legs))

    @cached_property
    def km(self) -> float:
        """Length of the whole way."""
        return sum(leg.distance_km for leg in self.legs)

    @cached_property
    def beyond_gate(self) -> tuple[str, ...]:
        """Place ids after the gate."""
        return self.places[self.places.index(self.gate) + 1 :] if self.gate else ()


def quickest(legs: Iterable[Leg], start: str, end: str) -> tuple[Leg, ...]:
    """Return the legs from one place to another with the least quiet median minutes; empty without a way."""
    graph = nx.DiGraph()
    for leg in legs:
        graph.add_edge(leg.start, leg.end, leg=leg, minutes=leg.p50_min)
    if not (graph.has_node(start) and graph.has_node(end) and nx.has_path(graph, start, end)):
        return ()
    nodes = nx.shortest_path(graph, start, end, weight="minutes")
    return tuple(graph.edges[pair]["leg"] for pair in pairwise(nodes))


def known_scopes(places: Iterable[Place], legs: Iterable[Leg]) -> set[str]:
    """Return everything that a closure may name."""
    of_places = {name for place in places for name in (place.id, place.area) if name}
    return {PARK} | of_places | {leg.approach for leg in legs}


@dataclass(frozen=True, eq=False)
class Almanac:
    """Everything a plan is computed from, read once per data version."""

    places: Sequence[Place]
    legs: Sequence[Leg]
    gates: Sequence[GateOperation]
    operations: Sequence[Operation]
    closures: Sequence[Closure]
    tariffs: Sequence[Tariff]
    quotas: Sequence[Quota]
    advice: Sequence[Advice]
    special_dates: Sequence[SpecialDates] = ()
    scenarios: Sequence[Scenario] = ()
    destinations: Sequence[Destination] = ()
    alert_levels: Sequence[AlertLevel] = ()
    alerts: Sequence[Alert] = ()
    gate_reports: Sequence[GateReport] = ()
    _ways: dict[str, tuple[Way, ...]] = field(default_factory=dict, init=False)

    @cached_property
    def calendar(self) -> Calendar:
        """Holidays, as the library knows them and the table corrects them."""
        return Calendar(self.special_dates)

    @cached_property
    def place(self) -> dict[str, Place]:
        """Places by id."""
        return {place.id: place for place in self.places}

    @cached_property
    def operation(self) -> dict[str, Operation]:
        """Operations by what they are."""
        return {operation.what: operation for operation in self.operations}

    @cached_property
    def server(self) -> dict[str, GateOperation]:
        """Gates and climbs by id: where vehicles pass one after the other."""
        return {gate.id: gate for gate in self.gates}

    @cached_property
    def all_closures(self) -> tuple[Closure, ...]:
        """The closures of the table, and those that the volcano's alert levels bring."""
        return (*self.closures, *closures_by(self.alerts, self.alert_levels))

    def closures_in(self, window: Window) -> list[Closure]:
        """Return the closures that hold at any time of a window."""
        return [closure for closure in self.all_closures if closure.window.overlaps(window)]

    def changes_on(self, night: date) -> tuple[RateChange, ...]:
        """Return what was said about the rates of gates and climb for a night, in order."""
        return tuple(report.change for report in self.gate_reports if report.night == night)

    @cached_property
    def viewpoints(self) -> dict[str, Place]:
        """Viewpoints by id, in the order of the data."""
        return {place.id: place for place in self.places if place.kind == "viewpoint"}

    @cached_property
    def approaches(self) -> tuple[str, ...]:
        """Approach names in the order of the data."""
        return tuple(dict.fromkeys(leg.approach for leg in self.legs if leg.approach != PARK))

    def ways(self, viewpoint: str) -> tuple[Way, ...]:
        """Return the quickest way by each approach that leads to a viewpoint; empty where none does."""
        if viewpoint not in self._ways:
            found = (self._way(approach, viewpoint) for approach in self.approaches)
            self._ways[viewpoint] = tuple(way for way in found if way)
        return self._ways[viewpoint]

    def find_way(self, viewpoint: str, approach: str) -> Way | None:
        """Return the quickest way to a viewpoint by an approach, None where that does not lead there."""
        return next((way for way in self.ways(viewpoint) if way.approach == approach), None)

    def _way(self, approach: str, viewpoint: str) -> Way | None:
        legs = quickest((leg for leg in self.legs if leg.approach in (approach, PARK)), ORIGIN, viewpoint)
        gate = next((leg.end for leg in legs if self.place_kind(leg.end) == "gate"), None)
        return Way(approach, legs, gate) if legs else None

    def area(self, place_id: str) -> str:
        """Return the area a place lies in, "" for none."""
        return self.place[place_id].area if place_id in self.place else ""

    def is_climb(self, place_id: str) -> bool:
        """Tell whether the ridge climb begins at a place."""
        return place_id in self.server and self.server[place_id].kind == "climb"

    def place_kind(self, place_id: str) -> str:
        """Return a place's kind, or "" for one that is not in the table (the origin)."""
        return self.place[place_id].kind if place_id in self.place else ""

    def needs_ticket(self, way: Way) -> Known:
        """Tell whether a way needs a park ticket: its viewpoint does, or it crosses the park to get there."""
        own = self.place[way.legs[-1].end].park_ticket
        crosses = any(self.place_kind(node) == "junction" for node in way.beyond_gate)
        return Known.YES if crosses else own

    def find_advice(self, topic: str, key: str | None = None) -> Advice | None:
        """Return a fact of a topic, None when the table has none."""
        return next((a for a in self.advice if a.topic == topic and key in (None, a.key)), None)

    def tariff(self, item: str, audience: str, kind: DayType, on: date) -> Tariff | None:
        """Return the price in force on a date, or None when none is known."""
        in_force = [
            t
            for t in self.tariffs
            if t.item == item and t.audience in (audience, "any") and t.day_type in (kind, "any") and t.valid_from <= on
        ]
        return max(in_force, key=lambda t: t.valid_from, default=None)

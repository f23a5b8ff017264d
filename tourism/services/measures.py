"""Measures as they are now and as they were: observed in this service's own data, recorded once a day."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

import numpy as np

from tourism.domain.calendar import ONE_DAY, WIB
from tourism.domain.corridor import Almanac
from tourism.domain.crowds import queues
from tourism.domain.departure import NightBook
from tourism.domain.evidence import Amenity, Known
from tourism.domain.measures import (
    QUARTER,
    WEEKS,
    Indicator,
    Measurement,
    Observed,
    QuickWin,
    measure,
)
from tourism.domain.night_grid import MINUTES
from tourism.domain.queueing import NEGLIGIBLE, Queue
from tourism.domain.slotting import slot_night, slot_of
from tourism.domain.venue import Venue
from tourism.services.plans import tonight
from tourism.services.ports import Branding, Ports
from tourism.services.town import Town

NIGHTS_KEPT = 64


@dataclass(frozen=True)
class Gauge:
    """An indicator with its value now, its baseline (the first known value that was recorded) and its history."""

    indicator: Indicator
    now: Measurement
    baseline: Measurement | None
    history: tuple[Measurement, ...]

    @property
    def reached(self) -> bool | None:
        """Tell whether the next target is reached; None where the value is not known."""
        return None if self.now.value is None else self.indicator.reaches(self.now.value, self.now.day.year)


@dataclass(frozen=True)
class Win:
    """A quick win, with the indicator's value when it was started and when it was measured, as recorded."""

    win: QuickWin
    state: str
    before: float | None
    after: float | None


def list_gauges(ports: Ports, town: Town, now: datetime) -> list[Gauge]:
    """Return every indicator as it is now, in the order of the data."""
    with ports.office() as office:
        seen, history = _observed(ports, town, office.branding, now), office.branding.history()
    values = {one.indicator: one for one in measure(seen, town.world.indicators)}
    past: dict[str, list[Measurement]] = {}
    for one in history:
        past.setdefault(one.indicator, []).append(one)
    return [
        Gauge(i, values[i.id], _first_known(past.get(i.id, ())), tuple(past.get(i.id, ())))
        for i in town.world.indicators if i.id in values
    ]  # fmt: skip


def _first_known(history: Sequence[Measurement]) -> Measurement | None:
    return next((one for one in history if one.value is not None), None)


def record(ports: Ports, town: Town) -> list[Measurement]:
    """Keep today's values; doing it again on the same day replaces them. Forgets who came on days before."""
    now = ports.now().astimezone(WIB)
    with ports.office() as office:
        values = measure(_observed(ports, town, office.branding, now), town.world.indicators)
    with ports.unit_of_work() as uow:
        uow.office.lock("measurements")
        uow.office.branding.record(values)
        uow.office.branding.forget(now.date())
        uow.commit()
    return values


def quick_wins(gauges: Sequence[Gauge], wins: Sequence[QuickWin], today: date) -> list[Win]:
    """Return the quick wins in the order they were planned, each with what the history says about it."""
    history = {gauge.indicator.id: gauge.history for gauge in gauges}
    found = []
    for win in sorted(wins, key=lambda win: win.planned_on):
        past, state = history.get(win.indicator, ()), win.state(today)
        before = _on(past, win.started_on) if state != "planned" else None
        found.append(Win(win, state, before, _on(past, win.measured_on) if state == "measured" else None))
    return found


def _on(history: Sequence[Measurement], day: date | None) -> float | None:
    """Return the last value that was recorded on or before a day."""
    return next((one.value for one in reversed(history) if day and one.day <= day and one.value is not None), None)


def _observed(ports: Ports, town: Town, branding: Branding, now: datetime) -> Observed:
    local = now.astimezone(WIB)
    over = tonight(town, now) - ONE_DAY  # the night that is under way is not counted yet
    first = over - WEEKS + ONE_DAY
    return Observed(
        local, branding.reviews(local - 2 * QUARTER), branding.reports(local - QUARTER),
        branding.visits(first, over), len(town.world.campaigns),
        [venue.source_of("opening_hours").as_of for venue in town.listed],
        [_has_toilet(town, venue) for venue in town.venues],
        [bool(venue.about_id and venue.about_en) for venue in town.venues], branding.stays(first, over),
        town.network.lit_m if town.network else (0.0, 0.0, 0.0),
        list(_avoided(ports, town, branding.nights(first, over))),
    )  # fmt: skip


def _has_toilet(town: Town, venue: Venue) -> bool:
    """Tell whether a toilet is known to be there or next door."""
    return venue.has(Amenity.TOILET) is Known.YES or Amenity.TOILET in town.next_door.get(venue.id, {})


def _avoided(ports: Ports, town: Town, nights: Sequence[date]) -> Iterator[float]:
    for night in nights:
        yield from _avoided_on(town.world.almanac, night, ports.reader.book)


@lru_cache(maxsize=NIGHTS_KEPT)
def _avoided_on(almanac: Almanac, over: date, read: Callable[[date], NightBook]) -> tuple[float, ...]:
    """Return the minutes that each vehicle with a slot is spared at its gate, by the queueing model.

    Against the mean wait of who comes to that gate by habit, when everybody does. A night that is over is read once.
    """
    book = read(over)
    crowd = almanac.calendar.profile(book.night).crowd
    by_habit = queues(almanac, crowd, almanac.changes_on(book.night))
    night = slot_night(almanac, book)
    spared = []
    for departure in book.here:
        try:
            slot, gate = slot_of(departure), night.trip(departure).gate or ""
        except LookupError:
            continue  # its way is gone from the data
        if slot and gate in by_habit and by_habit[gate].arrivals.sum() > 0:
            spared.append(_mean_wait_min(by_habit[gate]) - _wait_min(night.queues[gate], slot.gate_minute))
    return tuple(spared)


def _wait_min(queue: Queue, minute: int) -> float:
    """Return the mean wait of who comes at a minute."""
    row = queue.wait[min(max(minute, 0), MINUTES - 1)]
    total = float(row.sum())
    return float(row @ np.arange(len(row))) / total if total > NEGLIGIBLE else 0.0


@lru_cache(maxsize=NIGHTS_KEPT)
def _mean_wait_min(queue: Queue) -> float:
    """Return the mean wait of all who come."""
    return float(np.average([_wait_min(queue, minute) for minute in range(MINUTES)], weights=queue.arrivals))


def gauges_document(gauges: Sequence[Gauge]) -> list[Mapping[str, object]]:
    """Write measures down for machines; null is not known."""
    return [
        {
            "id": g.indicator.id, "component": g.indicator.component, "name": g.indicator.name,
            "definition": g.indicator.definition, "unit": g.indicator.unit, "formula": g.indicator.formula,
            "source": g.indicator.source, "owner": g.indicator.owner, "value": _rounded(g.now.value),
            "cases": g.now.cases, "day": g.now.day.isoformat(),
            "baseline": _rounded(g.baseline.value) if g.baseline else None,
            "baseline_day": g.baseline.day.isoformat() if g.baseline else None,
            "targets": {str(year): value for year, value in g.indicator.target.items()}, "better": g.indicator.better,
            "reached": g.reached, "basis": g.indicator.basis,
            "history": [{"day": m.day.isoformat(), "value": _rounded(m.value), "cases": m.cases} for m in g.history],
        }
        for g in gauges
    ]  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)

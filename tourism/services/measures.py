"""Measures as they are now and as they were: observed in this service's own data, recorded once a day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import numpy as np

from tourism.domain.calendar import WIB
from tourism.domain.corridor import Almanac
from tourism.domain.crowds import queues
from tourism.domain.departure import NightBook
from tourism.domain.evidence import Amenity, Known
from tourism.domain.measures import (
    QUARTER,
    WEEKS,
    Described,
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
from tourism.services.language import LANGUAGES
from tourism.services.ports import Branding, Ports
from tourism.services.town import Town

COMPONENTS = ("governance", "branding", "economy", "living", "society", "environment")
NIGHTS_KEPT = 64


@dataclass(frozen=True)
class Gauge:
    """An indicator with its value now, its baseline, which is the first that was recorded, and its history by day."""

    indicator: Indicator
    now: Measurement
    baseline: Measurement | None
    history: tuple[Measurement, ...]

    @property
    def reached(self) -> bool | None:
        """Tell whether the target is reached; None where the value is not known."""
        return None if self.now.value is None else self.indicator.reaches(self.now.value)


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
    """Keep today's values; doing it again on the same day replaces them."""
    now = ports.now().astimezone(WIB)
    with ports.office() as office:
        values = measure(_observed(ports, town, office.branding, now), town.world.indicators)
    with ports.unit_of_work() as uow:
        uow.office.branding.record(values)
        uow.commit()
    return values


def quick_wins(gauges: Sequence[Gauge], wins: Sequence[QuickWin]) -> list[Win]:
    """Return the quick wins: measured ones last, each with what the history says about it."""
    history = {gauge.indicator.id: gauge.history for gauge in gauges}
    found = []
    for win in wins:
        state = "measured" if win.measured_on else "started" if win.started_on else "planned"
        past = history.get(win.indicator, ())
        found.append(Win(win, state, _on(past, win.started_on), _on(past, win.measured_on)))
    order = ("started", "planned", "measured")
    return sorted(found, key=lambda one: (order.index(one.state), one.win.planned_on))


def _on(history: Sequence[Measurement], day: date | None) -> float | None:
    """Return the last value that was recorded on or before a day."""
    return next((one.value for one in reversed(history) if day and one.day <= day and one.value is not None), None)


def _observed(ports: Ports, town: Town, branding: Branding, now: datetime) -> Observed:
    local = now.astimezone(WIB)
    today = local.date()
    first = today - WEEKS + timedelta(days=1)
    return Observed(
        local, branding.reviews(local - 2 * QUARTER), branding.reports(local - QUARTER),
        branding.visits(first, today), [_described(town, venue) for venue in town.listed],
        [_described(town, venue) for venue in town.venues], branding.stays(first, today),
        town.network.lit_m if town.network else (0.0, 0.0, 0.0),
        list(_avoided(ports, town, branding.nights(first, today))),
    )  # fmt: skip


def _described(town: Town, venue: Venue) -> Described:
    texts = dict(zip(LANGUAGES, (venue.about_id, venue.about_en), strict=True))
    near = Amenity.TOILET in town.next_door.get(venue.id, {})
    has = venue.has(Amenity.TOILET) is Known.YES or near
    return Described(venue.source_of("opening_hours").as_of, all(texts.values()), has)


def _avoided(ports: Ports, town: Town, nights: Sequence[date]) -> Iterator[float]:
    for night in nights:
        yield from _avoided_on(town.world.almanac, ports.reader.book(night))


@lru_cache(maxsize=NIGHTS_KEPT)
def _avoided_on(almanac: Almanac, book: NightBook) -> tuple[float, ...]:
    """Return the minutes that each vehicle with a slot is spared at its gate, by the queueing model.

    Against the mean wait of who comes to that gate by habit, when everybody does.
    """
    crowd = almanac.calendar.profile(book.night).crowd
    by_habit = queues(almanac, crowd, almanac.changes_on(book.night))
    night = slot_night(almanac, book)
    spared = []
    for departure in book.here:
        slot, gate = slot_of(departure), night.trip(departure).gate or ""
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
            "target": g.indicator.target, "target_year": g.indicator.target_year, "better": g.indicator.better,
            "reached": g.reached, "basis": g.indicator.basis,
            "history": [{"day": m.day.isoformat(), "value": _rounded(m.value), "cases": m.cases} for m in g.history],
        }
        for g in gauges
    ]  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)

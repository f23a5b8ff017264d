"""Share pictures, posters, measures over a year of counts, and a scenario of twenty-five years, against limits of time.

Pictures and posters are drawn anew each time: each has another night. The page of measures is asked for over WSGI,
each time after more than the minute for which it is kept.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from statistics import median

from sqlalchemy import insert

from benchmarks.result import Result
from tourism.app import create_app, make_ports, settle_memory
from tourism.config import Settings
from tourism.domain.calendar import WIB
from tourism.domain.campaign import Stage
from tourism.domain.departure import Departure, NightBook, Party, State, Vehicle
from tourism.services.language import Language
from tourism.services.ports import Ports
from tourism.services.prints import card_of, poster_of
from tourism.services.scenario import DRAWS, Nights, ScenarioRequest, look_ahead, read_request
from tourism.services.setup import initialise
from tourism.services.sights import Asking, get_sight
from tourism.services.town import Town
from tourism.store.branding_tables import LinkCountRow
from tourism.store.db import make_engine

NOW = datetime(2026, 11, 24, 21, 30, tzinfo=WIB)
NIGHTS, VEHICLES = 60, 100
PICTURE_MS, POSTER_MS, MEASURES_MS, SCENARIO_S = 80.0, 300.0, 100.0, 5.0
CODES, DAYS = 92, 365  # 92 short links with three steps each on 365 days: 100,740 counts


def measure() -> list[Result]:
    """Draw, count and look ahead."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(f"sqlite:///{folder}/bench.sqlite", workers=1)
        ports = replace(make_ports(settings), now=lambda: NOW)
        initialise(ports, lambda _: None)
        town = Town(ports.reader.read())
        settle_memory()
        return [*_drawn(ports, town), _measures(settings, ports), _scenario(ports, town)]


def _spent(act: Callable[[date], object]) -> list[float]:
    """Return the milliseconds that something takes for each of many nights."""
    spent = []
    for n in range(NIGHTS):
        begin = time.perf_counter()
        act(NOW.date() + timedelta(days=n + 1))
        spent.append((time.perf_counter() - begin) * 1000)
    return spent


def _slowest(what: str, spent: list[float], limit: float) -> Result:
    slowest = sorted(spent)[len(spent) * 95 // 100]
    found = f"{what}, slowest twentieth of {len(spent)} (median {median(spent):.0f}, worst {max(spent):.0f} ms)"
    return Result(found, limit / slowest, 1, slowest, limit, "ms")


def _drawn(ports: Ports, town: Town) -> list[Result]:
    asking = Asking(town, NOW.date() + timedelta(days=1), NOW, Language("id"), "https://wisata.example.org")
    brand = town.world.brand("kota-batu")

    def picture(night: date) -> bytes:
        return ports.draw_card(card_of(get_sight(asking, "night", night.isoformat()), brand, asking.words))

    def poster(night: date) -> bytes:
        return ports.draw_poster(poster_of(asking, "critasena", night, brand, ("a3", f"{asking.site}/k/ab23cd")))

    return [
        _slowest("a share picture", _spent(picture), PICTURE_MS),
        _slowest("a poster, the first with its import", _spent(poster), POSTER_MS),
    ]


def _measures(settings: Settings, ports: Ports) -> Result:
    rows = [
        {"day": NOW.date() - timedelta(days=day), "code": f"code{code}", "step": step, "number": day % 7 + 1}
        for day in range(DAYS) for code in range(CODES) for step in Stage
    ]  # fmt: skip
    with make_engine(settings.database_url).begin() as connection:
        connection.execute(insert(LinkCountRow), rows)
    _departures(ports)
    minutes = iter(range(10_000))
    later = replace(ports, now=lambda: NOW + timedelta(days=1, minutes=2 * next(minutes)))
    client = create_app(settings, later, lambda _: None).test_client()
    client.get("/")  # the town is read once

    def page(_: date) -> None:
        assert client.get("/measures").status_code == 200

    what = f"/measures computed anew over {len(rows):,} counts and 28 nights of {VEHICLES} departures, the first cold"
    return _slowest(what, _spent(page), MEASURES_MS)


def _departures(ports: Ports) -> None:
    """Register a month of nights with a party in each vehicle."""
    for n in range(28):
        night = NOW.date() - timedelta(days=n)
        leaves = datetime(night.year, night.month, night.day, 0, 30, tzinfo=WIB)
        departures = tuple(
            Departure(
                f"{night:%y%m%d}-{k:03}", night, "Jeeps", "J", Vehicle.JEEP, 6, "alun-alun-merdeka", "penanjakan-1",
                "tumpang", NOW, state=State.SLOTTED, leave_at=leaves + timedelta(minutes=k // 3),
                gate_at=leaves + timedelta(minutes=100 + k // 3), climb_at=leaves + timedelta(minutes=130 + k // 3),
            )
            for k in range(1, VEHICLES + 1)
        )  # fmt: skip
        parties = tuple(
            Party(night, f"C{k:06}", d.id, 4, leaves - timedelta(hours=4), "critasena")
            for k, d in enumerate(departures)
        )
        with ports.unit_of_work() as uow:
            uow.write_book(uow.open_book(night), NightBook(night, departures, parties))
            uow.commit()


def _scenario(ports: Ports, town: Town) -> Result:
    asked = read_request({"slots": "2028,60", "scanner": "2030,2", "venues": "2028,300"})
    assert asked.draws == DRAWS == ScenarioRequest().draws
    begin = time.perf_counter()
    nights = Nights(town.world.almanac, ports.ticks)
    nights.advance()
    simulated = time.perf_counter() - begin
    look_ahead(town, nights, asked)
    spent = time.perf_counter() - begin
    what = f"25 years with {DRAWS:,} draws, {simulated:.1f} s of it for {nights.total} simulated nights"
    return Result(what, SCENARIO_S / spent, 1, spent, SCENARIO_S, "s")

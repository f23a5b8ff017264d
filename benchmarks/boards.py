"""Five hundred boards that ask every five seconds, while the night changes, against a share of one core.

The worker's processor time is read from the system while boards ask by ETag at random moments over kept connections,
as screens do, and the office says something about the night every five seconds.
"""

import http.client
import os
import random
import tempfile
import threading
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from benchmarks.http import serve
from benchmarks.result import Result
from tourism.app import make_ports
from tourism.config import Settings
from tourism.domain.calendar import WIB
from tourism.domain.departure import State, Template, Vehicle
from tourism.services.departures import Action, set_state
from tourism.services.plans import PlanRequest, make_plan
from tourism.services.setup import initialise
from tourism.services.timetable import publish
from tourism.services.town import Town

BOARDS, EVERY_S, SECONDS, THREADS = 500, 5.0, 30, 25
SHARE, DEPARTURES, PORT = 0.20, 300, 5613
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def _spent_s(pid: int) -> float:
    """Return the processor seconds of a process and those it started."""
    spent = 0.0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if str(pid) in (process.name, fields[1]):
            spent += (int(fields[11]) + int(fields[12])) * TICK_S
    return spent


def _boards(night: str, end: float, statuses: list[int]) -> None:
    """Be some of the boards, each asking by the ETag it has seen."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    seen: dict[int, str] = {}
    share = BOARDS // THREADS
    while time.monotonic() < end:
        board = random.randrange(share)
        headers = {"If-None-Match": seen[board]} if board in seen else {}
        connection.request("GET", f"/board/rows?date={night}&lang={'id' if board % 2 else 'en'}", headers=headers)
        answer = connection.getresponse()
        answer.read()
        seen[board] = answer.headers["ETag"]
        statuses.append(answer.status)
        time.sleep(random.uniform(0.8, 1.2) * EVERY_S / share)


def _open(town: Town, night: date) -> bool:
    """Tell whether one can go on a night."""
    return make_plan(town, PlanRequest(night, "mentigen", approach="tumpang"), night).leave_at is not None


def measure() -> list[Result]:
    """Measure the share of a core."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(f"sqlite:///{folder}/bench.sqlite")
        ports = make_ports(settings)
        initialise(ports, lambda _: None)
        town = Town(ports.reader.read())
        night = next(night for n in range(3, 60) if _open(town, night := datetime.now(WIB).date() + timedelta(days=n)))
        action = Action(ports, town, "bench")
        line = Template("Jeeps", "J", Vehicle.JEEP, 6, "alun-alun-merdeka", "mentigen", "tumpang", night, night)
        publish(action, [replace(line, number=DEPARTURES)])
        server = serve("tourism.app:web", PORT, {"DATABASE_URL": settings.database_url})
        try:
            statuses: list[int] = []
            end = time.monotonic() + SECONDS
            threads = [threading.Thread(target=_boards, args=(str(night), end, statuses)) for _ in range(THREADS)]
            for thread in threads:
                thread.start()
            time.sleep(EVERY_S)  # every board has asked once
            before, begun, asked = _spent_s(server.pid), time.monotonic(), len(statuses)
            for number in range(1, int((SECONDS - EVERY_S) // EVERY_S)):
                set_state(action, f"{night:%y%m%d}-{number:03}", State.BOARDING)
                time.sleep(EVERY_S)
            spent, lasted = _spent_s(server.pid) - before, time.monotonic() - begun
            rate, unchanged = (len(statuses) - asked) / lasted, statuses.count(304) / len(statuses)
            for thread in threads:
                thread.join()
        finally:
            server.terminate()
            server.wait()
    share = spent / lasted
    what = f"{BOARDS} boards, {rate:.0f} requests a second, {unchanged:.0%} of them 304"
    return [Result(what, SHARE / share, 1, share, SHARE, "of a core")]

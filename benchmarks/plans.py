"""One plan with its curve, and a year of plans, against limits of time on one core, without HTTP."""

import tempfile
import time
from datetime import date, timedelta
from statistics import median

from benchmarks.result import Result
from tourism.app import make_ports, settle_memory
from tourism.config import Settings
from tourism.services.plans import PlanRequest, make_plan
from tourism.services.setup import initialise
from tourism.services.town import Town

FIRST, DAYS, TODAY = date(2026, 11, 25), 366, date(2026, 11, 24)
ONE_PLAN_MS, YEAR_S = 3.0, 10.0


def measure() -> list[Result]:
    """Plan every viewpoint on every date, each once, and read its curve; closed nights look for open dates too."""
    with tempfile.TemporaryDirectory() as folder:
        ports = make_ports(Settings(f"sqlite:///{folder}/bench.sqlite"))
        initialise(ports, lambda _: None)
        town = Town(ports.reader.read())
    settle_memory()
    asked = [
        PlanRequest(FIRST + timedelta(days=n), viewpoint)
        for n in range(DAYS)
        for viewpoint in town.world.almanac.viewpoints
    ]
    spent = []
    for request in asked:
        begin = time.perf_counter()
        found = make_plan(town, request, TODAY)
        points = found.points()
        spent.append(time.perf_counter() - begin)
        assert points or found.reason
    one, slowest = median(spent) * 1000, sorted(spent)[len(spent) * 95 // 100] * 1000
    what = f"a plan with its curve, slowest twentieth (median {one:.2f} ms, slowest {max(spent) * 1000:.0f} ms)"
    return [
        Result(what, ONE_PLAN_MS / slowest, 1, slowest, ONE_PLAN_MS, "ms"),
        Result(f"{len(asked)} plans: {DAYS} dates, all viewpoints", YEAR_S / sum(spent), 1, sum(spent), YEAR_S, "s"),
    ]

"""The slowest twentieth of /api/v1/spots over 1,000 venues, on one core, against the limit of 50 ms.

Every question is another one, so no answer is known from before; it is asked in one thread, through the application.
"""

import json
import os
import random
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles

from benchmarks.http import VENUES, prepare
from benchmarks.result import Result
from tourism.app import create_app, make_ports, settle_memory
from tourism.config import settings_from
from tourism.domain.calendar import WIB
from tourism.domain.evidence import Amenity

QUESTIONS, LIMIT_MS = 200, 50


def questions() -> list[str]:
    """Return different questions, as people ask them."""
    chance = random.Random(5)
    night = datetime.now(WIB).date() + timedelta(days=3)
    found = []
    for n in range(QUESTIONS):
        need = ",".join(chance.sample(list(Amenity), chance.randint(0, 3)))
        window = f"from=2{chance.randint(0, 2)}:{n % 60:02}&until=0{chance.randint(0, 3)}:{chance.randint(0, 59):02}"
        near = f"{-7.98 + chance.uniform(-0.005, 0.005):.5f},{112.63 + chance.uniform(-0.005, 0.005):.5f}"
        asked = f"night={night}&{window}&need={need}&party={chance.randint(1, 12)}&max_walk_min={chance.randint(5, 30)}"
        found.append(f"/api/v1/spots?{asked}" + (f"&near={near}" if n % 3 == 0 else ""))
    return [question.replace("need=&", "") for question in found]


def measure() -> list[Result]:
    """Measure; raises RuntimeError for an answer that is none."""
    with tempfile.TemporaryDirectory() as name:
        settings = settings_from({**os.environ, **prepare(Path(name))})
        client = create_app(settings, make_ports(settings), lambda _: None).test_client()
        client.get("/api/v1/spots")
        settle_memory()  # as a web worker does
        seconds = []
        for question in questions():
            began = time.perf_counter()
            answer = client.get(question)
            seconds.append(time.perf_counter() - began)
            found = json.loads(answer.data)
            if answer.status_code != 200 or len(found["spots"]) + len(found["left_out"]) != VENUES:
                raise RuntimeError(f"{question}: {answer.status_code}")
    p95 = quantiles(seconds, n=20)[-1] * 1000
    what = f"/api/v1/spots over {VENUES} venues, {QUESTIONS} questions, slowest twentieth"
    return [Result(what, LIMIT_MS / p95, 1, p95, LIMIT_MS, "ms")]

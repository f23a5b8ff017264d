"""Requests per second of our API against bare Flask views on the same server, in turn, by wrk.

The peer has no middleware: one view returns `jsonify` of a plan document, the other a spots document's bytes from
memory. Each side runs one granian worker with the same threads; the median of the rounds' ratios counts.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median

from flask import Flask, Response, jsonify

from benchmarks.hours import venues
from benchmarks.result import Result
from tourism.app import make_ports
from tourism.config import Settings
from tourism.domain.calendar import WIB
from tourism.domain.evidence import Amenity, Detail, Evidence
from tourism.domain.venue import Venue
from tourism.domain.world import LoadedFile
from tourism.services.setup import initialise
from tourism.store.db import make_engine
from tourism.store.unit_of_work import SqlUnitOfWork

ROOT = Path(__file__).parent.parent
CONNECTIONS, SECONDS, ROUNDS = 32, 4, 5
VENUES, QUERIES = 1000, 2000
CHECKED = date(2026, 11, 1)
VIEWPOINTS = ["penanjakan-1", "bukit-kedaluh", "lemah-pasar", "seruni-point", "mentigen", "jemplang-view"]


def peer() -> Flask:
    """Build the bare application; the documents are read from the folder that BENCH_FOLDER names."""
    app = Flask("peer")
    folder = Path(os.environ["BENCH_FOLDER"])
    plan = json.loads((folder / "plan.json").read_bytes())
    spots = (folder / "spots.geojson").read_bytes()
    app.add_url_rule("/plan", "plan", lambda: jsonify(plan))
    app.add_url_rule("/spots", "spots", lambda: Response(spots, mimetype="application/geo+json"))
    return app


def queries() -> list[str]:
    """Return different plan queries: every viewpoint on as many nights as it takes."""
    first, nights = datetime.now(WIB).date(), -(-QUERIES // len(VIEWPOINTS))
    found = [
        f"/api/v1/plan?date={first + timedelta(days=n)}&viewpoint={viewpoint}&party={2 + n % 5}&foreign={n % 2}"
        for n in range(nights)
        for viewpoint in VIEWPOINTS
    ][:QUERIES]
    assert len(set(found)) == QUERIES
    return found


def serve(target: str, port: int, environ: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start one worker and wait until it answers."""
    granian = [str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--factory", "--workers", "1"]
    command = [*granian, "--blocking-threads", "4", "--port", str(port), "--no-ws", "--log-level", "error", target]
    server = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(ROOT), **environ}, stderr=subprocess.DEVNULL
    )
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").close()
        except urllib.error.HTTPError:
            return server
        except OSError:
            time.sleep(0.1)
        else:
            return server
    raise RuntimeError(f"{target} does not answer")


def load(port: int, paths: list[str], folder: Path, headers: dict[str, str] | None = None) -> float:
    """Return requests per second over paths taken in turn; any failed request is an error."""
    script = folder / "paths.lua"
    listed = ",".join(json.dumps(path) for path in paths)
    script.write_text(
        "".join(f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}\n" for name, value in (headers or {}).items())
        + f"local paths = {{{listed}}}\nlocal n = 0\n"
        "request = function() n = n % #paths + 1; return wrk.format('GET', paths[n]) end\n"
        "done = function(s) io.write(s.requests / s.duration * 1e6, ' ', s.errors.status + s.errors.read, '\\n') end\n"
    )
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(script), f"http://127.0.0.1:{port}"]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1].split()
    if out[1] != "0":
        raise RuntimeError(f"{out[1]} requests failed")
    return float(out[0])


def compare(
    what: str, limit: float, paths: tuple[list[str], list[str]], folder: Path, headers: dict[str, str] | None = None
) -> Result:
    """Measure both sides, ours first, in turn and take the median ratio; `headers` go to ours."""
    ours, theirs = paths
    load(5611, ours, folder, headers)  # warm
    pairs = [(load(5611, ours, folder, headers), load(5612, theirs, folder)) for _ in range(ROUNDS)]
    ratio = median(a / b for a, b in pairs)
    return Result(what, ratio, limit, median(a for a, _ in pairs), median(b for _, b in pairs), "requests a second")


def prepare(folder: Path) -> dict[str, str]:
    """Fill a database with the shipped data and enough made-up venues; returns the environment of both servers."""
    settings = Settings(f"sqlite:///{folder}/bench.sqlite")
    initialise(make_ports(settings), lambda _: None)
    shipped, listed = 41, venues()
    made_up = [
        Venue(f"v{n}", f"Venue {n}", "cafe", -7.98 + n % 37 / 9000, 112.63 + n // 37 / 9000, "made up",
              opening_hours=listed[n] if n % 2 else "", as_of=CHECKED)
        for n in range(VENUES - shipped)
    ]  # fmt: skip
    fields: dict[Amenity | Detail, str] = {
        Amenity.TOILET: "yes",
        Amenity.WIFI: "no",
        Amenity.INDOOR: "yes",
        Detail.SEATS: "20",
    }
    evidence = [
        Evidence(venue.id, field, value, "made up", CHECKED)
        for venue in made_up[::2]
        for field, value in fields.items()
    ]
    with SqlUnitOfWork(make_engine(settings.database_url)) as uow:
        uow.replace(
            [LoadedFile("venues", Venue, "", made_up), LoadedFile("evidence", Evidence, "", evidence)],
            datetime.now(WIB),
        )
        uow.commit()
    return {"DATABASE_URL": settings.database_url, "BENCH_FOLDER": str(folder)}


def measure() -> list[Result]:
    """Measure both sides of each; raises RuntimeError without wrk."""
    if not shutil.which("wrk"):
        raise RuntimeError("this benchmark needs wrk: apt-get install wrk")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = prepare(folder)
        ours = serve("tourism.app:web", 5611, environ)
        try:
            for path, file in ((queries()[0], "plan.json"), ("/api/v1/spots.geojson", "spots.geojson")):
                with urllib.request.urlopen(f"http://127.0.0.1:5611{path}") as answer:
                    (folder / file).write_bytes(answer.read())
            assert len(json.loads((folder / "spots.geojson").read_bytes())["features"]) == VENUES
            theirs = serve("benchmarks.http:peer", 5612, environ)
            try:
                return [
                    compare("/api/v1/plan, 2,000 queries, against bare Flask jsonify", 0.5,
                            (queries(), ["/plan"]), folder),
                    compare("/api/v1/spots.geojson, 1,000 venues, against the same bytes from memory", 0.7,
                            (["/api/v1/spots.geojson"], ["/spots"]), folder),
                ]  # fmt: skip
            finally:
                theirs.terminate()
                theirs.wait()
        finally:
            ours.terminate()
            ours.wait()

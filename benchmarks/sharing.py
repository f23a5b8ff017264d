"""What is shared: a page of 1,000 features against pygeoapi on the same rows, all of 10,000 by a real client, feeds.

The peer is pygeoapi with its SQLiteGPKG provider (which asks for mod_spatialite) on SQLite with the same rows,
served by the same server with the same threads. Both answer pages of 1,000 of 10,000 venues, each from the same eight
places in the list. Our key may ask without limit, for the limit is not what is measured.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.http import compare, serve
from benchmarks.result import Result
from tourism.app import make_ports
from tourism.config import Settings
from tourism.domain.calendar import WIB
from tourism.domain.listing import LISTING
from tourism.domain.record import Line, Record, Step
from tourism.domain.sharing import Feed
from tourism.services.changes import KeyWish, add_key
from tourism.services.ports import Ports
from tourism.services.setup import initialise
from tourism.services.town import Town
from tourism.store.db import make_engine
from tourism.store.unit_of_work import SqlUnitOfWork

LISTINGS, PAGE, CLIENT_LIMIT_S = 10_000, 1000, 3.0
FEED_ROWS, FEED_LIMIT_S = 100_000, 60.0
CONFLATED, CONFLATED_LIMIT_S = 5_000, 5.0
MANY_ROWS, MEMORY_LIMIT_MB = 1_000_000, 300.0
SPATIALITE = "mod_spatialite.so"
KINDS = ["cafe", "restaurant", "hotel", "park"]
WORDS = [
    "Senja", "Rindu", "Lestari", "Abadi", "Jaya", "Makmur", "Sari", "Bunga", "Mentari", "Bintang", "Kawi", "Arjuno",
    "Merdeka", "Brantas",
]  # fmt: skip


def fields(n: int, municipality: str = "kota-malang") -> dict[str, str]:
    """Return a made-up listing."""
    return {
        "name": f"{WORDS[n % 14]} {WORDS[n // 14 % 14]} {n}", "kind": KINDS[n % 4], "municipality": municipality,
        "lat": f"{-7.90 - n % 499 / 2500:.6f}".rstrip("0"), "lon": f"{112.55 + n // 499 / 2500:.6f}".rstrip("0"),
        "address": f"Jl. Contoh {n}", "phone": "+62 341 123456", "hours": "08.00-22.00",
        "source": "made up", "as_of": "2026-11-01",
    }  # fmt: skip


def prepare(folder: Path) -> Settings:
    """Fill a database with the shipped data and as many listings as it takes."""
    settings = Settings(f"sqlite:///{folder}/bench.sqlite")
    initialise(make_ports(settings), lambda _: None)
    now = datetime.now(WIB)
    with SqlUnitOfWork(make_engine(settings.database_url)) as uow:
        shipped = len(uow.office.list_records(LISTING))
        changes = []
        for n in range(LISTINGS - shipped):
            before = Record(LISTING, f"venue-{n:05}")
            after = before.with_published(fields(n))
            changes.append((before, after, Line(now, "bench", LISTING, after.key, 1, Step.PUBLISH, None, after.live)))
        uow.office.put_records(changes, {})
        uow.commit()
    return settings


def peer_config(folder: Path, geojson: Path) -> dict[str, str]:
    """Write the rows and the configuration of the peer; returns its environment."""
    # Not a GeoPackage: the provider then fails now and then when two ask at once.
    file = folder / "peer.sqlite"
    options = ["-dsco", "SPATIALITE=YES", "-nln", "venues", "-lco", "FID=ogc_fid"]
    made = ["ogr2ogr", "-f", "SQLite", str(file), str(geojson), *options]
    subprocess.run(made, check=True, capture_output=True)
    provider = {"type": "feature", "name": "SQLiteGPKG", "data": str(file), "id_field": "ogc_fid", "table": "venues"}
    config = {
        "server": {
            "bind": {"host": "127.0.0.1", "port": 5612}, "url": "http://127.0.0.1:5612", "mimetype": "application/json",
            "encoding": "utf-8", "languages": ["en-US"], "limits": {"default_items": PAGE, "max_items": PAGE},
            "map": {"url": "https://example.org/{z}/{x}/{y}", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {"title": "peer", "description": "peer", "keywords": ["peer"],
                               "terms_of_service": "none", "url": "https://example.org"},
            "license": {"name": "ODbL", "url": "https://example.org"},
            "provider": {"name": "peer", "url": "https://example.org"}, "contact": {"name": "peer"},
        },
        "resources": {"venues": {
            "type": "collection", "title": "venues", "description": "venues", "keywords": ["venues"],
            "extents": {"spatial": {"bbox": [112, -9, 114, -7], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}},
            "providers": [provider],
        }},
    }  # fmt: skip
    (folder / "peer.yml").write_text(json.dumps(config))  # JSON is YAML
    (folder / "openapi.yml").write_text(
        json.dumps({"openapi": "3.0.2", "info": {"title": "peer", "version": "1"}, "paths": {}})
    )
    return {"PYGEOAPI_CONFIG": str(folder / "peer.yml"), "PYGEOAPI_OPENAPI": str(folder / "openapi.yml")}


def pages(settings: Settings, folder: Path) -> list[Result]:
    """Measure pages of features on both sides, and the whole by ogr2ogr."""
    try:
        peer = version("pygeoapi")
    except PackageNotFoundError as error:
        raise RuntimeError("pygeoapi is not installed: .venv/bin/pip install -c constraints.txt -e .[bench]") from error
    made = add_key(make_ports(settings), KeyWish("bench", "kota-malang"), "bench")
    with SqlUnitOfWork(make_engine(settings.database_url)) as uow:
        uow.sharing.put_key(replace(made.key, per_s=1_000_000))
        uow.commit()
    key = made.secret
    environ = {"DATABASE_URL": settings.database_url, "WORKERS": "1"}
    ours = serve("tourism.app:web", 5611, environ)
    try:
        everything = folder / "all.geojson"
        began = time.perf_counter()
        _ogr2ogr(everything, key)
        seconds = time.perf_counter() - began
        found = [one["properties"]["uuid"] for one in json.loads(everything.read_bytes())["features"]]
        if len(set(found)) != LISTINGS or len(found) != LISTINGS:
            raise RuntimeError(f"ogr2ogr has {len(found)} features, {len(set(found))} of them different")
        theirs = serve("benchmarks.sharing:peer", 5612, peer_config(folder, everything))
        try:
            starts = range(0, 8000, 1000)
            path = f"/collections/venues/items?limit={PAGE}&f=json"
            rate = compare(
                f"/ogc items, a page of {PAGE}, against pygeoapi {peer} with SQLiteGPKG", 10,
                ([f"/ogc{path}&after=venue-{n:05}" for n in starts], [f"{path}&offset={n}" for n in starts]),
                folder, {"Authorization": f"Bearer {key}"},
            )  # fmt: skip
        finally:
            theirs.terminate()
            theirs.wait()
    finally:
        ours.terminate()
        ours.wait()
    return [
        rate,
        Result(f"{LISTINGS} features by ogr2ogr, once each", CLIENT_LIMIT_S / seconds, 1, seconds, CLIENT_LIMIT_S, "s"),
    ]


def _ogr2ogr(target: Path, key: str) -> None:
    source = "OAPIF:http://127.0.0.1:5611/ogc/collections/venues"
    headers = {"GDAL_HTTP_HEADERS": f"Authorization: Bearer {key}"}
    command = ["ogr2ogr", "-f", "GeoJSON", str(target), source, "-oo", f"PAGE_SIZE={PAGE}"]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **headers})


def peer() -> Any:
    """Build the peer's application from the configuration that its environment names."""
    import pysqlite3  # noqa: PLC0415 - not every Python's own sqlite3 can load mod_spatialite

    sys.modules["sqlite3"] = pysqlite3
    from pygeoapi.flask_app import APP  # noqa: PLC0415 - only the peer's process has it

    return APP


class FeedHandler(BaseHTTPRequestHandler):
    """Serves the file that the server carries."""

    def do_GET(self) -> None:
        """Send it."""
        file: Path = self.server.file  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Type", "application/geo+json")
        self.send_header("Content-Length", str(file.stat().st_size))
        self.end_headers()
        with file.open("rb") as content:
            shutil.copyfileobj(content, self.wfile)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def write_feed(file: Path, rows: int) -> None:
    """Write a feed of made-up places in Kota Batu, feature by feature."""
    with file.open("w") as out:
        out.write('{"type":"FeatureCollection","features":[')
        for n in range(rows):
            point = {"type": "Point", "coordinates": [112.50 + n // 499 % 499 / 5000, -7.83 - n % 499 / 5000]}
            named = {"nama": f"{WORDS[n % 14]} {n}", "jenis": "kafe", "alamat": f"Jl. Contoh {n}", "jam": "08.00-22.00"}
            feature = {"type": "Feature", "id": f"b{n}", "geometry": point, "properties": named}
            out.write(("," if n else "") + json.dumps(feature))
        out.write("]}")


def pull(settings: Settings, folder: Path, rows: int) -> tuple[float, float, str]:
    """Pull a feed in a process of its own; returns seconds, its largest memory in MB, and its report."""
    file = folder / f"feed-{rows}.geojson"
    write_feed(file, rows)
    server = ThreadingHTTPServer(("127.0.0.1", 0), FeedHandler)
    server.file = file  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_port
    environ = {**os.environ, "DATABASE_URL": settings.database_url, "PRIVATE_FEEDS": f"127.0.0.1:{port}"}
    tourism = str(Path(sys.executable).parent / "tourism")
    told = ["--format=geojson", "--name=Batu", "--licence=CC0-1.0", "--contact=x", "--municipality=kota-batu"]
    add = [tourism, "feeds", "add", f"f{rows}", f"http://127.0.0.1:{port}/feed", *told]
    subprocess.run(add, check=True, capture_output=True, env=environ)
    began = time.perf_counter()
    process = subprocess.Popen([tourism, "feeds", "pull", f"f{rows}"], env=environ, stdout=subprocess.PIPE, text=True)
    most = 0.0
    while process.poll() is None:
        # The largest so far; what wait4 tells would be that of this process, from before the other one began.
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
        most = max(most, int(found[1]) / 1000 if found else 0.0)
        time.sleep(0.05)
    seconds = time.perf_counter() - began
    out = process.stdout.read() if process.stdout else ""
    server.shutdown()
    file.unlink()
    return seconds, most, out.splitlines()[0] if out else ""


def conflated(settings: Settings) -> Result:
    """Measure how long it takes to say which of a feed's listings and of ours are the same."""
    ports: Ports = make_ports(settings)
    feed = Feed("half", "Half", "https://example.org/x", "geojson", "CC0-1.0", "x", 24)
    world = ports.reader.read()
    ours = [v for v in world.listings if v.id.startswith("venue-")][:CONFLATED]
    theirs = [v.__class__(**{**v.__dict__, "id": f"x{v.id}", "lat": v.lat + 0.0002, "municipality": "kota-batu"})
              for v in ours]  # fmt: skip
    town = Town(world.__class__(**{**world.__dict__, "listings": [*ours, *theirs], "providers": {}}))
    began = time.perf_counter()
    once = town.listed
    seconds = time.perf_counter() - began
    if not len(ours) <= len(once) < len(ours) + len(theirs):
        raise RuntimeError(f"of {feed.id} {len(once)} places are left")
    what = f"{CONFLATED} rows of a feed conflated with {CONFLATED} listings"
    return Result(what, CONFLATED_LIMIT_S / seconds, 1, seconds, CONFLATED_LIMIT_S, "s")


def measure() -> list[Result]:
    """Measure everything."""
    for tool in ("wrk", "ogr2ogr"):
        if not shutil.which(tool):
            raise RuntimeError(f"{tool} is not installed (apt: wrk, gdal-bin, libsqlite3-mod-spatialite)")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = prepare(folder)
        results = [*pages(settings, folder), conflated(settings)]
        seconds, memory, report = pull(settings, folder, FEED_ROWS)
        print(report)
        results.append(
            Result(f"a feed of {FEED_ROWS} rows taken", FEED_LIMIT_S / seconds, 1, seconds, FEED_LIMIT_S, "s")
        )
        empty = Settings(f"sqlite:///{folder}/empty.sqlite")
        initialise(make_ports(empty), lambda _: None)
        seconds, memory, report = pull(empty, folder, MANY_ROWS)
        print(report, f"{seconds:.0f} s")
        results.append(
            Result(f"memory of a feed of {MANY_ROWS} rows", MEMORY_LIMIT_MB / memory, 1, memory, MEMORY_LIMIT_MB, "MB")
        )
    return results

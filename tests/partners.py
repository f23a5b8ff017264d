"""Partners' servers on loopback, and copies of this service that share with each other."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tourism.domain.account import Role, User
from tourism.services.feed_pull import get_feed
from tourism.services.keeping import RowEdit, new_row_key, save_row
from tourism.services.office import Desk
from tourism.services.ports import Ports
from tourism.services.town import Town

ADMIN = User("admin@example.org", Role.ADMIN)


class Partner(ThreadingHTTPServer):
    """A partner's server: what it has by path, and who asked for what."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content: dict[str, tuple[bytes, str]] = {}
        self.headers: dict[str, str] = {}
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    @property
    def place(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self.server_port}"

    def url(self, path: str = "/list") -> str:
        """Return an address of it."""
        return f"http://{self.place}{path}"

    def gives(self, content: object, kind: str = "application/geo+json", path: str = "/list") -> None:
        """Let it answer with something from now on."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.content[path] = body, kind

    def handle_error(self, *_: Any) -> None:
        """Say nothing when the other side has had enough."""


class _Handler(BaseHTTPRequestHandler):
    server: Partner

    def do_GET(self) -> None:
        path = self.path
        self.server.asked.append((path, dict(self.headers)))
        body, kind = self.server.content.get(path) or self.server.content.get(path.split("?")[0]) or (b"", "")
        if self.server.headers.get("ETag") and self.headers.get("If-None-Match") == self.server.headers["ETag"]:
            self.send_response(304)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200 if kind else 404)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **self.server.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def partner() -> Iterator[Partner]:
    """Run a partner's server."""
    server = Partner()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def place(n: int | str, name: str = "", **changed: Any) -> dict[str, Any]:
    """Return a feature of a partner's list: a café in Kota Batu."""
    at = changed.pop("at", [112.52, round(-7.87 - (n % 500 if isinstance(n, int) else 0) / 1000, 6)])
    properties = {"nama": name or f"Kafe {n}", "jenis": "kafe", "alamat": f"Jl. Contoh {n}", **changed}
    return {
        "type": "Feature",
        "id": f"b{n}",
        "geometry": {"type": "Point", "coordinates": at},
        "properties": properties,
    }


def places(features: Sequence[object]) -> dict[str, Any]:
    """Return a list as GeoJSON."""
    return {"type": "FeatureCollection", "features": list(features)}


def desk_of(ports: Ports, user: User = ADMIN) -> Desk:
    """Return what somebody's action needs."""
    return Desk(ports, Town(ports.reader.read()), user)


def add_feed(ports: Ports, url: str, **changed: str) -> Any:
    """Add a feed as the office does; returns it."""
    told = {
        "id": "batu", "name": "Dinas Batu", "url": url, "format": "geojson", "licence": "CC-BY-4.0",
        "contact": "dinas@batu.example", "every_h": "24", "municipality": "kota-batu", **changed,
    }  # fmt: skip
    fields = {name: value for name, value in told.items() if value}
    save_row(desk_of(ports), RowEdit("feeds", new_row_key(), 0, fields, "test"))
    return get_feed(ports, told["id"])


def change_feed(ports: Ports, feed_id: str, **changed: str) -> Any:
    """Change a feed's row; returns it."""
    with ports.office() as office:
        record = next(r for r in office.list_records("feeds") if r.live and r.live["id"] == feed_id)
    assert record.live is not None
    save_row(desk_of(ports), RowEdit("feeds", record.key, record.version, {**record.live, **changed}, "test"))
    return replace(get_feed(ports, feed_id))

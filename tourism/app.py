"""The only place that wires things."""

import gc
import os
import sys
import time
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING

from flask import Flask
from flask_compress import Compress
from jinja2 import FileSystemLoader
from werkzeug.middleware.proxy_fix import ProxyFix

from tourism import clock
from tourism.adapters import photos, sheets
from tourism.adapters.data_files import PackagedData
from tourism.adapters.feed_files import PartnerFeeds
from tourism.adapters.mailer import make_mailer
from tourism.adapters.osm_file import read_file
from tourism.adapters.partner_http import Fetcher, Limits
from tourism.adapters.passwords import Argon2Passwords
from tourism.adapters.pictures import draw_card
from tourism.adapters.robots import is_robot
from tourism.cli.main import cli
from tourism.config import Settings, settings_from
from tourism.domain.card import Poster
from tourism.errors import TourismError
from tourism.geo.osm import Extract, Progress
from tourism.routes import _limits, _problems, _render
from tourism.routes._secure import secure
from tourism.routes.api import api
from tourism.routes.assets import asset, assets, shell_version, vendor
from tourism.routes.health import Log, health, log_to_stderr, observe, write_line
from tourism.routes.listings_api import listings_api
from tourism.routes.office import office
from tourism.routes.office_door import door
from tourism.routes.office_keeping import keeping
from tourism.routes.office_night import night_desk
from tourism.routes.office_review import office_review
from tourism.routes.office_sharing import office_sharing
from tourism.routes.office_sheets import office_sheets
from tourism.routes.ogc import ogc
from tourism.routes.pages import pages
from tourism.routes.plans import plans
from tourism.routes.results import results
from tourism.routes.share import register as register_share
from tourism.routes.share import share, wear
from tourism.routes.sharing import sharing
from tourism.routes.turns import turns
from tourism.services.current import Current
from tourism.services.ports import Ports
from tourism.store.db import make_engine, migrate
from tourism.store.queries import SqlReader
from tourism.store.unit_of_work import SqlUnitOfWork

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from tourism.adapters.overpass import Overpass


BRIEF_MS = 100  # that a count waits for others who write
LARGEST_BODY = 200_000  # bytes; what visitors send is small, and what the office sends has its own limit


class _Osm:
    """Files are read at once; Overpass is loaded only when asked, for osmnx is slow to import and patches sockets."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def _overpass(self) -> "Overpass":
        from tourism.adapters.overpass import Overpass  # noqa: PLC0415 - see the class

        return Overpass(self._settings.overpass_url, self._settings.overpass_timeout_s)

    def file(self, path: str, progress: Progress) -> Extract:
        return read_file(path, progress)

    def bbox(self, west: float, south: float, east: float, north: float) -> Extract:
        return self._overpass().bbox(west, south, east, north)

    def place(self, name: str) -> Extract:
        return self._overpass().place(name)


def _write_gpkg(rows: Sequence[Mapping[str, str]]) -> bytes:
    """Write a GeoPackage; geopandas takes a second to import, and web workers never need it."""
    from tourism.adapters.geopackage import write_gpkg  # noqa: PLC0415 - see above

    return write_gpkg(rows)


def _draw_poster(poster: Poster) -> bytes:
    """Draw a poster; fpdf2 takes a fifth of a second to import, and most workers never need it."""
    from tourism.adapters.posters import draw_poster  # noqa: PLC0415 - see above

    return draw_poster(poster)


def make_ports(settings: Settings) -> Ports:
    """Connect the services to the database, the files and the clock."""
    engine = make_engine(settings.database_url)
    reader = SqlReader(engine)
    return Ports(
        reader=reader,
        office=reader.office,
        unit_of_work=lambda: SqlUnitOfWork(engine),
        brief_unit_of_work=lambda: SqlUnitOfWork(engine, BRIEF_MS),
        migrate=lambda: migrate(engine),
        osm=_Osm(settings),
        data_files=PackagedData(),
        now=clock.now,
        ticks=time.monotonic,
        mailer=make_mailer(settings.mail),
        passwords=Argon2Passwords(),
        to_jpeg=photos.to_jpeg,
        to_logo=photos.to_logo,
        draw_card=draw_card,
        draw_poster=_draw_poster,
        read_sheet=sheets.read_sheet,
        write_sheet=sheets.write_sheet,
        public_url=settings.public_url,
        is_robot=is_robot,
        feeds=PartnerFeeds(Fetcher(Limits(allowed=settings.private_feeds))),
        write_gpkg=_write_gpkg,
    )


class _Branded:
    """Before everything else: a path such as /batu/plan is that of /plan in the brand of Kota Batu."""

    def __init__(self, inner: "WSGIApplication") -> None:
        self._inner = inner

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        wear(environ, _render.BRAND)
        return self._inner(environ, start_response)


def create_app(settings: Settings, ports: Ports | None = None, log: Log = write_line) -> Flask:
    """Build the web application; tests replace the ports and the request log."""
    app = Flask("tourism", static_folder=None)
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.wsgi_app = _Branded(app.wsgi_app)  # type: ignore[method-assign]
    app.config["TILE_URL"] = settings.tile_url
    app.config["COMPRESS_MIMETYPES"] = [
        "text/html", "text/css", "text/javascript", "application/json", "application/geo+json",
        "application/problem+json", "image/svg+xml",
        "application/schema+json", "application/vnd.oai.openapi+json",
    ]  # fmt: skip
    app.config["COMPRESS_STREAMS"] = False
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.jinja_loader = FileSystemLoader(str(files("tourism.templates")))
    app.jinja_env.globals |= {"asset": asset, "vendor": vendor, "shell_version": shell_version}
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    wired = ports or make_ports(settings)
    _render.register(app, wired, Current(wired.reader, wired.ticks))
    _problems.register(app)
    _limits.register(app, settings.workers)
    register_share(app)
    observe(app, log)
    Compress(app)
    secure(app)
    for blueprint in (
        pages,
        plans,
        turns,
        api,
        assets,
        health,
        door,
        office,
        keeping,
        night_desk,
        office_review,
        office_sheets,
        listings_api,
        ogc,
        sharing,
        office_sharing,
        share,
        results,
    ):
        app.register_blueprint(blueprint)
    return app


def settle_memory() -> None:
    """Keep collections short: modules never become garbage, and an answer makes many objects that go at once."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def web() -> Flask:
    """Build the application of a web worker from the environment."""
    log_to_stderr()
    app = create_app(settings_from(os.environ))
    settle_memory()
    return app


def main() -> None:
    """Run the command line; every error of ours is one sentence and exit status 1."""
    try:
        settings = settings_from(os.environ)
        cli(obj=(settings, lambda: make_ports(settings)))
    except TourismError as error:
        sys.exit(f"tourism: {error}")


if __name__ == "__main__":
    main()

"""Fixtures: a database with the project's own data, a fixed clock, and what the machine can run."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.partners import Partner, partner
from tourism.app import create_app, make_ports
from tourism.config import Settings
from tourism.domain.calendar import WIB
from tourism.services.ports import Ports
from tourism.services.scenario import Nights
from tourism.services.setup import initialise
from tourism.services.town import Town

EVENING = datetime(2026, 11, 24, 21, 30, tzinfo=WIB)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
POSTGRES = os.environ.get("TOURISM_TEST_POSTGRES")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine can't run, unless TOURISM_REQUIRE_ALL=1 makes that a failure."""
    missing = {}
    if not CHROMIUM:
        missing["browser"] = "Chromium is not installed"
    if not shutil.which("ogr2ogr"):
        missing["gdal"] = "ogr2ogr (gdal-bin) is not installed"
    if not POSTGRES:
        missing["postgres"] = "TOURISM_TEST_POSTGRES names no PostgreSQL with PostGIS"
    for item in items:
        for marker, reason in missing.items():
            if item.get_closest_marker(marker):
                required = os.environ.get("TOURISM_REQUIRE_ALL") == "1"
                item.add_marker(pytest.mark.usefixtures("must_not_skip") if required else pytest.mark.skip(reason))


@pytest.fixture
def must_not_skip() -> None:
    """Fail a test that would be skipped."""
    pytest.fail("this test can't run here, and TOURISM_REQUIRE_ALL=1 asks for all of them")


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return settings of a database with the project's own data."""
    found = Settings(f"sqlite:///{tmp_path_factory.mktemp('database')}/tourism.sqlite")
    initialise(make_ports(found), lambda _: None)
    return found


@pytest.fixture
def fresh(settings: Settings, tmp_path: Path) -> Settings:
    """Return settings of a copy of that database that a test may write to."""
    source = Path(settings.database_url.removeprefix("sqlite:///"))
    for file in source.parent.iterdir():
        shutil.copy(file, tmp_path / file.name)
    return replace(settings, database_url=f"sqlite:///{tmp_path}/{source.name}")


@pytest.fixture(scope="session")
def simulated(settings: Settings) -> Nights:
    """Return the nights that scenarios are read from, simulated once."""
    ports = make_ports(settings)
    found = Nights(Town(ports.reader.read()).world.almanac, ports.ticks)
    assert found.advance()
    return found


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.instant = EVENING

    def __call__(self) -> datetime:
        return self.instant


@pytest.fixture
def at() -> Clock:
    """Return the clock of `client`: 24 November 2026, 21:30 WIB unless set."""
    return Clock()


@pytest.fixture
def ports(settings: Settings, at: Clock) -> Ports:
    """Return ports on the project's own data."""
    return replace(make_ports(settings), now=at)


@pytest.fixture
def server() -> Iterator[Partner]:
    """Run a partner's server, which has a list and a site."""
    with partner() as found:
        yield found


@pytest.fixture
def town(ports: Ports) -> Town:
    """Return the town of the project's own data."""
    return Town(ports.reader.read())


@pytest.fixture
def log() -> list[dict[str, Any]]:
    """Return what the application of `app` logs."""
    return []


@pytest.fixture
def app(settings: Settings, ports: Ports, log: list[dict[str, Any]]) -> Flask:
    """Return the application on the project's own data."""
    return create_app(settings, ports, log.append)


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    """Return a client of the application."""
    with app.test_client() as found:
        yield found

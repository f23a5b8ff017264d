"""What several commands read: dates, times, places, needs, and the ports that `app` wired."""

import json
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import click

from tourism.domain.evidence import Amenity
from tourism.domain.night_grid import clock_minute
from tourism.geo.crs import Point
from tourism.services.language import LANGUAGES
from tourism.services.ports import Ports
from tourism.services.town import Town, read_place


def ports_of(ctx: click.Context) -> Ports:
    """Connect to the database and the outside."""
    make: Callable[[], Ports] = ctx.obj[1]
    return make()


lang_option = click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the document of the API.")


def echo_json(document: object) -> None:
    """Print a document for machines."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def town_of(ctx: click.Context) -> tuple[Ports, Town]:
    """Return the ports and the town as it is now."""
    ports = ports_of(ctx)
    return ports, Town(ports.reader.read())


def read_date(_ctx: click.Context, _param: click.Parameter, value: str | None) -> date | None:
    """Read a date."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not a date; write it as 2026-12-05") from error


def read_time(_ctx: click.Context, _param: click.Parameter, value: str | None) -> time | None:
    """Read a clock time."""
    try:
        return datetime.strptime(value, "%H:%M").time() if value else None  # noqa: DTZ007 - a clock time
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not a time; write it as 22:30") from error


def read_window(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """Read two clock times of a night as minutes of its grid."""
    if not value:
        return None
    try:
        start, end = (datetime.strptime(part, "%H:%M").time() for part in value.split("-"))  # noqa: DTZ007
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not a window; write it as 01:30-02:30") from error
    return clock_minute(start), clock_minute(end)


def read_new_file(_ctx: click.Context, _param: click.Parameter, value: Path | None) -> Path | None:
    """Read the name of a file to write, before the work for it begins."""
    if value and not value.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {value.parent}")
    return value


def read_near(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | Point | None:
    """Read a place."""
    return read_place(value) if value else None


def read_needs(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[Amenity, ...]:
    """Read amenities."""
    try:
        return tuple(Amenity(part) for part in value.split(",") if part)
    except ValueError as error:
        raise click.BadParameter(f"{error}; choose from {', '.join(Amenity)}") from error

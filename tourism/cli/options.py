"""What several commands read: dates, times, places, needs, and the ports that `app` wired."""

from collections.abc import Callable
from datetime import date, datetime, time

import click

from tourism.domain.evidence import Amenity
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


def read_near(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | Point | None:
    """Read a place."""
    return read_place(value) if value else None


def read_needs(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[Amenity, ...]:
    """Read amenities."""
    try:
        return tuple(Amenity(part) for part in value.split(",") if part)
    except ValueError as error:
        raise click.BadParameter(f"{error}; choose from {', '.join(Amenity)}") from error

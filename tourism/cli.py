"""The command line: parse, call one service, print."""

import json
import multiprocessing
import os
import socket
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any

import click
from granian import Granian
from granian.constants import Interfaces
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from tourism.config import Settings
from tourism.domain.calendar import WIB
from tourism.domain.itinerary import Step
from tourism.domain.planning import Aim
from tourism.domain.venue import Amenity
from tourism.errors import InputError, MalformedError, Message, OsmImportError, TourismError
from tourism.geo.crs import Point
from tourism.services.documents import (
    STEP_TEXTS,
    PlanDocument,
    name_of,
    opening_label,
    plan_document,
    spots_document,
)
from tourism.services.language import LANGUAGES, Language
from tourism.services.osm_import import import_extract
from tourism.services.plans import DEFAULT_VIEWPOINT, PlanRequest, make_plan, tonight
from tourism.services.ports import Ports
from tourism.services.setup import initialise
from tourism.services.spots import SpotsRequest, find_spots
from tourism.services.town import Town, read_place

EXAMPLES = """\b
Examples:
  tourism init                                       create the database and load data/
  tourism serve                                      serve http://127.0.0.1:5000
  tourism plan --date 2026-12-05 --viewpoint penanjakan-1 --party 4
  tourism plan --viewpoint jemplang-view --near critasena --json
  tourism spots --at 01:30                           who is open at half past one
  tourism spots --from 22:30 --until 01:00 --need toilet,wifi
  tourism osm import malang.osm.pbf                  a file
  tourism osm import --bbox 112.60,-8.00,112.66,-7.95   west,south,east,north, by Overpass
"""


class OneSentence(click.Group):
    """Turn every error of ours into one sentence a field, and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            raise click.ClickException("; ".join(f"{field}: {text}" for field, text in error.issues.items())) from error
        except TourismError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=OneSentence, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kongkow-kayutangan")
def cli() -> None:
    """Waiting spots in Kayutangan and the time to leave for the Bromo sunrise."""


def _ports(ctx: click.Context) -> Ports:
    make: Callable[[], Ports] = ctx.obj[1]
    return make()


lang_option = click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the document of the API.")


@cli.command()
@click.pass_context
def init(ctx: click.Context) -> None:
    """Create the database, load data/ and a first OSM extract. Doing it again changes nothing.

    DATABASE_URL chooses the database: sqlite:///path or postgresql://user@host/name (with PostGIS).
    """
    initialise(_ports(ctx), lambda line: click.echo(f"  {line}"))
    click.echo("ready")


@cli.command()
@click.pass_context
def serve(ctx: click.Context) -> None:
    """Serve the pages and the API. HOST, PORT and WORKERS are honoured."""
    settings: Settings = ctx.obj[0]
    _ports(ctx).reader.version()  # says what to do when there is no database
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            text = f"can't serve on {settings.host}:{settings.port}: {error.strerror}; choose another with PORT=5001"
            raise click.ClickException(text) from error
    # Fresh workers, so that each reads the variable below when it imports the metrics.
    multiprocessing.set_start_method("spawn", force=True)
    with tempfile.TemporaryDirectory(prefix="tourism-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        click.echo(f"http://{settings.host}:{settings.port}")
        Granian(
            "tourism.app:web",
            address=settings.host,
            port=settings.port,
            interface=Interfaces.WSGI,
            workers=settings.workers,
            blocking_threads=4,
            factory=True,
            websockets=False,
            log_level="warning",  # type: ignore[arg-type]
        ).serve()


def _date(_ctx: click.Context, _param: click.Parameter, value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not a date; write it as 2026-12-05") from error


def _time(_ctx: click.Context, _param: click.Parameter, value: str | None) -> time | None:
    try:
        return datetime.strptime(value, "%H:%M").time() if value else None  # noqa: DTZ007 - a clock time
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not a time; write it as 22:30") from error


def _place(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | Point | None:
    return read_place(value) if value else None


def _needs(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[Amenity, ...]:
    try:
        return tuple(Amenity(part) for part in value.split(",") if part)
    except ValueError as error:
        raise click.BadParameter(f"{error}; choose from {', '.join(Amenity)}") from error


@cli.command()
@click.option("--date", "day", callback=_date, help="Service date: the date of the sunrise. Default: tonight's.")
@click.option("--viewpoint", default=DEFAULT_VIEWPOINT, show_default=True, help="Id of a viewpoint.")
@click.option("--party", type=int, default=2, show_default=True, help="People travelling together.")
@click.option("--foreign", type=int, default=0, show_default=True, help="How many of them pay the foreign tariff.")
@click.option("--approach", help="tumpang, nongkojajar or probolinggo. Default: the latest leave.")
@click.option("--near", callback=_place, help="Where you wait: the id of a venue or pick-up, or latitude,longitude.")
@click.option(
    "--aim", type=click.Choice(list(Aim)), default=Aim.COLOURS, show_default=True, help="What to be there for."
)
@lang_option
@json_option
@click.pass_context
def plan(
    ctx: click.Context, day: date | None, viewpoint: str, party: int, foreign: int, approach: str | None,
    near: str | Point | None, aim: str, lang: str, as_json: bool,
) -> None:  # fmt: skip
    """Plan a night, counted back from the sunrise."""
    ports = _ports(ctx)
    town, now = Town(ports.reader.read()), ports.now()
    request = PlanRequest(day or tonight(town, now), viewpoint, party, foreign, approach, near, Aim(aim))
    found = make_plan(town, request, now.astimezone(WIB).date())
    words = Language(lang)
    document = plan_document(town, found, words)
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _print_plan(document, words)


def _print_plan(document: PlanDocument, words: Language) -> None:
    console = Console(highlight=False)
    night = date.fromisoformat(document["service_date"])

    def clock(instant: str) -> str:
        return words.clock(datetime.fromisoformat(instant))

    console.print(f"[bold]{document['viewpoint_name']}[/], {words.long_date(night)}")
    if not document["leave_at"]:
        console.print(f"[bold red]{document['reason_text']}[/]")
        if document["nearest_open"]:
            nearest = date.fromisoformat(document["nearest_open"])
            console.print(words.text("Nearest open date: {date}", date=nearest))
        return
    console.print(words.text("Leave at {time}", time=clock(document["leave_at"])), style="bold")
    sunrise, by = clock(document["sunrise"]), clock(document["in_place_by"])
    console.print(words.text("Sunrise {sunrise}, in place by {by}", sunrise=sunrise, by=by))
    table = Table(box=None)
    for heading in ("", "", "min", "km"):
        table.add_column(heading, justify="right" if heading in ("min", "km") else "left")
    for leg in document["legs"]:
        text = words.text(STEP_TEXTS[Step(leg["step"])].text, here=leg["from_name"], there=leg["to_name"])
        start, end = datetime.fromisoformat(leg["start"]), datetime.fromisoformat(leg["end"])
        minutes = round((end - start).total_seconds() / 60)
        km = f"{leg['distance_m'] / 1000:.1f}" if leg["distance_m"] else ""
        table.add_row(clock(leg["start"]), text, str(minutes), km)
    table.add_row(clock(document["in_place_by"]), words.text("in place"), "", "")
    console.print(table)
    if document["tickets"]["needed"] != "no":
        console.print(words.text("Park tickets: {amount}", amount=words.rupiah(document["tickets"]["total_idr"])))
    for warning in document["warnings"]:
        console.print(f"! {warning['text']}")


@cli.command()
@click.option("--night", callback=_date, help="Service date: the date of the sunrise. Default: tonight's.")
@click.option("--at", callback=_time, help="One moment, for example 01:30.")
@click.option("--from", "start", callback=_time, help="WIB; from 12:00 on, the evening before. Default: 22:00.")
@click.option("--until", callback=_time, help="WIB. Default: the time to leave.")
@click.option("--need", callback=_needs, default="", help=f"Comma-separated: {', '.join(Amenity)}.")
@click.option("--near", callback=_place, help="Measure the walk to this place.")
@lang_option
@json_option
@click.pass_context
def spots(
    ctx: click.Context, night: date | None, at: time | None, start: time | None, until: time | None,
    need: tuple[Amenity, ...], near: str | Point | None, lang: str, as_json: bool,
) -> None:  # fmt: skip
    """List where to wait, most useful first."""
    if at and (start or until):
        raise MalformedError({"at": Message("AT_AND_WINDOW", "Give either --at or --from and --until, not both.")})
    if at == time(11, 59):
        raise MalformedError({"at": Message("NIGHT_IS_OVER", "A night ends at noon; ask for 11:58 or earlier.")})
    if at:
        start, until = at, (datetime.combine(date.min, at) + timedelta(minutes=1)).time()
    ports = _ports(ctx)
    town, now = Town(ports.reader.read()), ports.now()
    request = SpotsRequest(night or tonight(town, now), start, until, need, near)
    found = find_spots(town, request, now.astimezone(WIB).date())
    words = Language(lang)
    if as_json:
        click.echo(json.dumps(spots_document(found, words), ensure_ascii=False, indent=2))
        return
    console = Console(highlight=False)
    console.print(f"{words.long_date(found.night)}, {words.clock(found.window.start)}-{words.clock(found.window.end)}")
    table = Table(box=None)
    for spot in found.spots:
        walk = f"{'~' if spot.walk.estimated else ''}{spot.walk.minutes} min"
        to = name_of(town, spot.walk.to, words)
        table.add_row(spot.venue.name, opening_label(spot.answer, words), walk, to, spot.venue.id)
    console.print(table)


@cli.group()
def osm() -> None:
    """OpenStreetMap snapshots."""


@osm.command("import")
@click.argument("file", required=False)
@click.option("--bbox", help="west,south,east,north in degrees, from Overpass.")
@click.option("--place", help="A named area, from Overpass.")
@json_option
@click.pass_context
def import_osm(ctx: click.Context, file: str | None, bbox: str | None, place: str | None, as_json: bool) -> None:
    """Import streets and named places from FILE (.osm, .osm.bz2, .osm.gz, .osm.pbf) or from Overpass.

    The new snapshot serves only when it is complete; when anything fails the last one keeps serving.
    OVERPASS_URL and OVERPASS_TIMEOUT choose the server and how long to wait for it.
    """
    if sum(source is not None for source in (file, bbox, place)) != 1:
        raise click.UsageError("Give exactly one of FILE, --bbox and --place.")
    ports = _ports(ctx)
    ports.reader.version()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,} elements"))
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(f"reading {file or bbox or place}", total=None)
        if file:
            extract = ports.osm.file(file, lambda done: bar.update(task, completed=done))
        elif bbox:
            extract = ports.osm.bbox(*_box(bbox))
        else:
            extract = ports.osm.place(place or "")
        bar.update(task, description="storing", completed=len(extract.streets) + len(extract.places))
        report = import_extract(ports, extract, file or bbox or place or "")
    click.echo(json.dumps(asdict(report)) if as_json else str(report))


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise click.BadParameter("write west,south,east,north in degrees", param_hint="--bbox") from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise OsmImportError(Message("BAD_BOX", "{box} is not west,south,east,north in degrees", box=text))
    return west, south, east, north

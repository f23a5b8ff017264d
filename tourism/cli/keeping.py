"""Commands that keep: the database, the server, OSM, reviews, and how full venues are."""

import getpass
import json
import multiprocessing
import os
import socket
import sys
import tempfile
from dataclasses import asdict

import click
from granian import Granian
from granian.constants import Interfaces
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from tourism.cli.options import echo_json, json_option, ports_of, town_of
from tourism.config import Settings
from tourism.domain.record import Line
from tourism.errors import Message, OsmImportError
from tourism.geo.conflation import Outcome
from tourism.services.accounts import list_users
from tourism.services.language import Language
from tourism.services.osm_import import import_extract
from tourism.services.reviews import decide, handle_reports, set_occupancy, waiting_questions
from tourism.services.setup import initialise


@click.command()
@click.pass_context
def init(ctx: click.Context) -> None:
    """Create the database, load data/ and a first OSM extract. Doing it again changes nothing.

    DATABASE_URL chooses the database: sqlite:///path or postgresql://user@host/name (with PostGIS).
    """
    ports = ports_of(ctx)
    initialise(ports, lambda line: click.echo(f"  {line}"))
    if not list_users(ports):
        click.echo("  nobody can sign in at /office/ yet: tourism user add EMAIL --role admin")
    click.echo("ready")


@click.command()
@click.pass_context
def serve(ctx: click.Context) -> None:
    """Serve the pages and the API. HOST, PORT and WORKERS are honoured."""
    settings: Settings = ctx.obj[0]
    ports_of(ctx).reader.version()  # says what to do when there is no database
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


@click.group()
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
    ports = ports_of(ctx)
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


@click.group()
def review() -> None:
    """Visitors' reports, and records that may be the same place; proposals and feeds wait at /office/review."""


@review.command("list")
@json_option
@click.pass_context
def list_reviews(ctx: click.Context, as_json: bool) -> None:
    """List what waits, oldest reports first, most alike questions first."""
    ports, town = town_of(ctx)
    reports, questions = ports.reader.reports(), waiting_questions(town)
    if as_json:
        rows = {
            "reports": [{"venue": r.venue, "verdict": r.verdict, "said_at": r.said_at.isoformat()} for r in reports],
            "questions": [
                {"listing": q.listing, "element": q.element, "similarity": q.similarity, "distance_m": q.distance_m}
                for q in questions
            ],
        }
        echo_json(rows)
        return
    table, words = Table(box=None), Language("en")
    for report in reports:
        name = escape(town.named[report.venue].name) if report.venue in town.named else ""
        table.add_row(words.short_date(report.said_at), report.verdict, report.venue, name, "")
    for question in questions:
        names = " / ".join(escape(town.named[i].name) for i in (question.listing, question.element) if i in town.named)
        about = f"{question.similarity:.0f} % alike, {question.distance_m:.0f} m apart"
        table.add_row("same?", question.listing, question.element, names, about)
    Console(highlight=False).print(
        table if reports or questions else "No report and no question waits; proposals and feeds are at /office/review."
    )


@review.command("decide")
@click.argument("listing")
@click.argument("element")
@click.argument("decision", type=click.Choice([Outcome.SAME.value, Outcome.DIFFERENT.value]))
@click.pass_context
def decide_question(ctx: click.Context, listing: str, element: str, decision: str) -> None:
    """Decide that LISTING and the OSM venue ELEMENT are the same place, or different; imports keep it."""
    ports, town = town_of(ctx)
    key = f"{listing}~{element}"
    line = Line(ports.now(), getpass.getuser(), "question", key, 0, "decided", None, {"same": decision})
    decide(ports, town, (listing, element), Outcome(decision), line)
    click.echo(f"{listing} and {element}: {decision}")


@review.command("handled")
@click.argument("venue")
@click.pass_context
def handled(ctx: click.Context, venue: str) -> None:
    """Take the reports about VENUE off the list."""
    ports = ports_of(ctx)
    line = Line(ports.now(), getpass.getuser(), "report", venue, 0, "handled", None, None)
    click.echo(f"{handle_reports(ports, venue, line)} off the list")


@click.command()
@click.argument("venue")
@click.option("--free", type=int, help="Free seats; 0 is full.")
@click.option("--full", is_flag=True, help="No seat is free.")
@click.option("--clear", is_flag=True, help="Forget what was said.")
@click.pass_context
def occupancy(ctx: click.Context, venue: str, free: int | None, full: bool, clear: bool) -> None:
    """Say how full VENUE is now. It holds for 30 minutes; the map shows it and filters go by it."""
    if (free is not None) + full + clear != 1:
        raise click.UsageError("Give exactly one of --free, --full and --clear.")
    ports, town = town_of(ctx)
    set_occupancy(ports, town, venue, None if clear else free or 0, getpass.getuser())
    click.echo("forgotten" if clear else "said, for 30 minutes")

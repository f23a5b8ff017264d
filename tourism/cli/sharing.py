"""Commands that share: feeds, keys, and the daily dump."""

import getpass
import json
import os
import socket
import sys
from datetime import timedelta

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tourism.cli.options import json_option, ports_of, town_of
from tourism.domain.account import MUNICIPALITIES, Role, User
from tourism.domain.sharing import Ending, Feed, Run
from tourism.errors import TourismError
from tourism.services.changes import GRACE, USUAL_PER_S, KeyWish, add_key, list_keys, revoke_key, rotate_key
from tourism.services.dumps import dump as make_dump
from tourism.services.feed_pull import due_feeds, get_feed, pull
from tourism.services.keeping import RowEdit, new_row_key, save_row
from tourism.services.language import Language
from tourism.services.office import Desk
from tourism.services.ports import Ports

FORMATS = ("geojson", "csv", "ogc", "changes")


@click.group()
def feeds() -> None:
    """Partners' lists behind web addresses."""


@feeds.command("add")
@click.argument("id_", metavar="ID")
@click.argument("url")
@click.option("--format", "format_", type=click.Choice(FORMATS), required=True, help="How the list is written.")
@click.option("--name", required=True, help="Who gives it, for readers.")
@click.option("--licence", required=True, help="Such as CC-BY-4.0.")
@click.option("--contact", required=True, help="Whom to ask.")
@click.option("--municipality", type=click.Choice(MUNICIPALITIES), help="Whose; without it the rows say so.")
@click.option("--every", "every_h", default=24, show_default=True, help="Hours between two pulls.")
@click.option("--trusted", is_flag=True, help="What it says is shown without clearance.")
@click.pass_context
def add(
    ctx: click.Context, /, id_: str, url: str, format_: str, trusted: bool, every_h: int, **told: str | None
) -> None:
    """Add the feed ID (small letters, digits, hyphens) at URL. It is changed and taken away at /office/tables/feeds.

    \b
    tourism feeds add batu https://example.org/venues.geojson --format geojson --name "Dinas Batu"
      --licence CC-BY-4.0 --contact dinas@example.org --municipality kota-batu
    """
    ports, town = town_of(ctx)
    by = User(getpass.getuser(), Role.ADMIN)
    fields = {"id": id_, "url": url, "format": format_, "every_h": str(every_h), "trusted": "yes" if trusted else "no",
              "active": "yes", **{name: value for name, value in told.items() if value}}  # fmt: skip
    save_row(Desk(ports, town, by), RowEdit("feeds", new_row_key(), 0, fields, "tourism feeds add"))
    click.echo(f"{id_} is pulled by: tourism feeds pull {id_}")


@feeds.command("list")
@click.pass_context
def list_all(ctx: click.Context) -> None:
    """List every feed with its last pull."""
    ports, words = ports_of(ctx), Language("en")
    table = Table(box=None)
    for heading in ("Feed", "Of", "Every", "Licence", "Last pull", "Rows"):
        table.add_column(heading)
    with ports.office() as office:
        kept = office.sharing
        for feed in kept.list_feeds():
            runs = kept.list_runs(feed.id, 1)
            last = f"{runs[0].ending or 'under way'}, {words.short_date(runs[0].began_at)}" if runs else "never"
            table.add_row(feed.id, feed.municipality or "all", f"{feed.every_h} h", escape(feed.licence), last,
                          str(kept.count_origins(feed.id)))  # fmt: skip
    Console().print(table)


@feeds.command("pull")
@click.argument("source", required=False)
@json_option
@click.pass_context
def pull_feeds(ctx: click.Context, source: str | None, as_json: bool) -> None:
    """Take the feed SOURCE now, or every feed whose time has come. Let cron run this every quarter of an hour.

    Two hosts never pull one feed at once. PRIVATE_FEEDS="host:port" allows hosts within your own network.
    Exit status 1 when one that was pulled now failed or waits for a person.
    """
    ports = ports_of(ctx)
    wanted = [get_feed(ports, source)] if source else due_feeds(ports)
    runs = []
    for feed in wanted:
        run = _pull(ports, feed, alone=source is not None)
        if run:
            runs.append(run)
            if not as_json:
                _tell(run)
    if as_json:
        click.echo(json.dumps([_document(run) for run in runs], ensure_ascii=False, indent=2))
    elif not wanted:
        click.echo("no feed is due")
    if any(run.ending in (Ending.FAILED, Ending.HELD) for run in runs) or len(runs) < len(wanted):
        ctx.exit(1)


def _pull(ports: Ports, feed: Feed, alone: bool) -> Run | None:
    """Take one feed behind a progress bar; among several, one that can't be taken does not stop the others."""
    worker = f"{socket.gethostname()}:{os.getpid()}"
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(feed.id, total=None)
        try:
            return pull(ports, feed, worker, lambda done, total: bar.update(task, completed=done, total=total))
        except TourismError as error:
            if alone:
                raise
            click.echo(f"{feed.id}: {error}", err=True)
            return None


def _tell(run: Run) -> None:
    counts = ", ".join(f"{count:,} {fate}" for fate, count in run.counts.items())
    nothing = "nothing new" if run.ending in (Ending.DONE, Ending.NOT_MODIFIED) else ""
    click.echo(": ".join(filter(None, (run.feed, run.ending, counts or nothing, str(run.problem or "")))))
    if run.counts.get("queued"):
        click.echo(f"  rows wait until somebody says what their category is: /office/feeds/{run.feed}")
    if run.ending == Ending.HELD:
        click.echo(f"  it has lost half of its rows or more; agree at /office/feeds/{run.feed}")
    for issue in run.issues[:20]:
        hint = f" Write: {issue.suggestion}" if issue.suggestion else ""
        click.echo(f"  line {issue.line}, {issue.field}: {issue.message}{hint}")
    if len(run.issues) > 20:
        click.echo(f"  and more at /office/feeds/{run.feed}")


def _document(run: Run) -> dict[str, object]:
    issues = [{"line": i.line, "field": i.field, "code": i.message.code, "detail": str(i.message),
               "suggestion": i.suggestion, "rejects": i.rejects} for i in run.issues]  # fmt: skip
    return {"feed": run.feed, "ending": run.ending, "counts": dict(run.counts), "issues": issues,
            "problem": str(run.problem) if run.problem else None}  # fmt: skip


@click.group()
def key() -> None:
    """Keys with which partners read more often, or write. A secret is shown once; only a digest is kept."""


@key.command("add")
@click.argument("name")
@click.option("--municipality", type=click.Choice(MUNICIPALITIES), required=True, help="Whose.")
@click.option("--scope", type=click.Choice(["read", "write"]), default="read", show_default=True,
              help="write: as a partner of the municipality.")  # fmt: skip
@click.option("--per-second", default=USUAL_PER_S, show_default=True, help="Requests a second.")
@click.pass_context
def add_one(ctx: click.Context, name: str, municipality: str, scope: str, per_second: int) -> None:
    """Make a key for NAME and print it, this once."""
    click.echo(add_key(ports_of(ctx), KeyWish(name, municipality, scope, per_second), getpass.getuser()).secret)


@key.command("rotate")
@click.argument("id_", metavar="ID")
@click.option("--days", default=GRACE.days, show_default=True, help="How long the old one goes on.")
@click.pass_context
def rotate(ctx: click.Context, id_: str, days: int) -> None:
    """Print a new key beside the one with ID (see tourism key list), which goes on for a week."""
    click.echo(rotate_key(ports_of(ctx), id_, getpass.getuser(), timedelta(days=max(days, 0))).secret)


@key.command("revoke")
@click.argument("id_", metavar="ID")
@click.pass_context
def revoke(ctx: click.Context, id_: str) -> None:
    """End the key with ID (see tourism key list) at once."""
    revoke_key(ports_of(ctx), id_, getpass.getuser())
    click.echo("ended")


@key.command("list")
@click.pass_context
def list_keys_(ctx: click.Context) -> None:
    """List every key and when it was used last."""
    ports, words = ports_of(ctx), Language("en")
    now, table = ports.now(), Table(box=None)
    for heading in ("Id", "Name", "Of", "May", "A second", "Last used", "State"):
        table.add_column(heading)
    for one in list_keys(ports):
        ends = "ended" if one.is_over(now) else f"until {words.short_date(one.ends_at)}" if one.ends_at else "holds"
        used = words.short_date(one.used_at) if one.used_at else "never"
        table.add_row(one.id, escape(one.name), one.municipality, one.scope, str(one.per_s), used, ends)
    Console().print(table)


@click.command()
@click.pass_context
def dump(ctx: click.Context) -> None:
    """Make today's files for /dumps/: our listings as GeoPackage, GeoJSON and CSV, and a CSV with partners' too.

    Let cron run this once a day.
    """
    day, files = make_dump(ports_of(ctx))
    for name, size in files.items():
        click.echo(f"{day} {name}: {size:,} bytes")

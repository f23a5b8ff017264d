"""Commands for the departures of a night: publish, list, and say what happens."""

import getpass
from collections import Counter
from datetime import date, datetime, time

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tourism.cli.options import echo_json, json_option, lang_option, ports_of, read_date, read_time
from tourism.domain.calendar import at
from tourism.domain.departure import NightBook, State, What
from tourism.domain.slotting import stranded
from tourism.services.board_documents import board_document
from tourism.services.departures import (
    Action,
    GateWord,
    night_of,
    say_rate,
    set_late,
    set_state,
    slot_again,
)
from tourism.services.language import Language
from tourism.services.plans import tonight
from tourism.services.timetable import publish
from tourism.services.town import Town
from tourism.services.wall import change_text, stranded_text

SAID = [s.value for s in (State.BOARDING, State.LEFT, State.ARRIVED, State.CANCELLED, State.PLANNED)]
date_option = click.option("--date", "day", callback=read_date, help="Date of the sunrise; default: tonight's.")


def _action(ctx: click.Context) -> Action:
    ports = ports_of(ctx)
    return Action(ports, Town(ports.reader.read()), getpass.getuser())


def _night(action: Action, day: date | None) -> date:
    return day or tonight(action.town, action.ports.now())


@click.group()
def departures() -> None:
    """Departures of a night: publish them, and say what happens. Slots are given again after each word."""


@departures.command("publish")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.pass_context
def publish_file(ctx: click.Context, file: str) -> None:
    """Publish the timetable in FILE, all of it or nothing.

    A CSV with the columns operator, label, vehicle (jeep, minibus, motorcycles, car), seats, pickup, viewpoint,
    approach, first, last (dates of the sunrise), days (Fr;Sa; none are all), except (dates), number (of vehicles).
    """
    action = _action(ctx)
    published, without = publish(action, action.ports.data_files.timetable(file))
    click.echo(f"{published} departures published" + (f", {without} of them without a slot" if without else ""))


@departures.command("list")
@date_option
@lang_option
@json_option
@click.pass_context
def list_departures(ctx: click.Context, day: date | None, lang: str, as_json: bool) -> None:
    """List a night's departures in the order they leave."""
    action, words = _action(ctx), Language(lang)
    now = action.ports.now()
    book = action.ports.reader.book(_night(action, day))
    document = board_document(action.town, book, now, words)
    if as_json:
        echo_json(document)
        return
    table = Table(box=None)
    headings = ("No.", "Leave", "Gate slot", "Viewpoint", "Vehicle", "Seats left", "Gather at", "State")
    for heading in headings:
        table.add_column(heading, no_wrap=heading in ("No.", "Leave", "Gate slot"))
    for row in document["departures"]:
        leave, gate = (words.clock(datetime.fromisoformat(t)) if t else "–" for t in (row["leave_at"], row["gate_at"]))
        vehicle = escape(f"{row['operator'] or row['vehicle_text']} {row['label']}")
        seats = str(row["seats_left"])
        table.add_row(
            row["id"], leave, gate, row["viewpoint_name"], vehicle, seats, row["pickup_name"], row["state_text"]
        )
    Console(highlight=False).print(table if document["departures"] else "Nothing is published for this night.")
    for one in stranded(action.almanac, book, now):
        click.echo(stranded_text(action.town, one, words))


@departures.command("state")
@click.argument("departure")
@click.argument("state", type=click.Choice(SAID), metavar="STATE")
@click.pass_context
def say_state(ctx: click.Context, departure: str, state: str) -> None:
    """Say where DEPARTURE stands: boarding, left, arrived or cancelled; planned takes back what was said."""
    after = set_state(_action(ctx), departure, State(state))
    click.echo(f"{departure}: {after.departure[departure].state}")


@departures.command("late")
@click.argument("departure")
@click.argument("ready", callback=read_time)
@click.pass_context
def say_late(ctx: click.Context, departure: str, ready: time) -> None:
    """Say that DEPARTURE can't leave before READY, for example 01:10; prints every turn that moves."""
    action = _action(ctx)
    before = action.ports.reader.book(night_of(departure))
    _print_moves(action, before, set_late(action, departure, at(night_of(departure), ready)))


@departures.command("gate")
@click.argument("gate")
@click.option("--rate", type=float, help="Vehicles that pass in a minute.")
@click.option("--usual", is_flag=True, help="As many as usual pass again.")
@click.option("--shut", is_flag=True, help="Nobody passes.")
@click.option("--from", "start", callback=read_time, required=True, help="For example 01:30.")
@click.option("--until", "end", callback=read_time, help="Default: the end of the night.")
@date_option
@click.pass_context
def say_gate(
    ctx: click.Context, gate: str, rate: float | None, usual: bool, shut: bool, start: time, end: time | None,
    day: date | None,
) -> None:  # fmt: skip
    """Say how fast GATE is (gate-jemplang, gate-wonokitri, gate-cemoro-lawang; dingklik is the climb).

    Prints every turn that moves, and why.
    """
    if (rate is not None) + usual + shut != 1:
        raise click.UsageError("Give exactly one of --rate, --usual and --shut.")
    action = _action(ctx)
    night = _night(action, day)
    before = action.ports.reader.book(night)
    _print_moves(action, before, say_rate(action, GateWord(night, gate, rate, start, end, shut)))


@departures.command("again")
@date_option
@click.pass_context
def give_again(ctx: click.Context, day: date | None) -> None:
    """Give slots again, for a closure or an alert changed; prints every turn that moves."""
    action = _action(ctx)
    night = _night(action, day)
    before = action.ports.reader.book(night)
    _print_moves(action, before, slot_again(action, night))


def _print_moves(action: Action, before: NightBook, after: NightBook) -> None:
    words, new = Language("en"), after.changes[len(before.changes) :]
    for change in new:
        click.echo(f"{change.departure or ' ' * 10} {change_text(action.town, change, words)}")
    if not any(change.what is What.LEAVE for change in new):
        click.echo("no turn moves")
    states = Counter(departure.state for departure in after.departures)
    click.echo(", ".join(f"{number} {state}" for state, number in states.items()) or "no departures")

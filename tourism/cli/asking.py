"""Commands that answer: plan, spots, hours."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tourism.cli.options import (
    echo_json,
    json_option,
    lang_option,
    read_date,
    read_near,
    read_needs,
    read_time,
    town_of,
)
from tourism.domain.calendar import WIB
from tourism.domain.evidence import Amenity
from tourism.domain.finding import Group
from tourism.domain.itinerary import Companion, Step
from tourism.domain.night_plan import Aim
from tourism.domain.occupancy import in_force
from tourism.errors import MalformedError, Message
from tourism.geo.crs import Point
from tourism.services.documents import name_of
from tourism.services.hours_check import check_hours
from tourism.services.language import Language
from tourism.services.plan_documents import STEP_TEXTS, chances_document, plan_document
from tourism.services.plan_shapes import ChancesDocument, PlanDocument
from tourism.services.plans import DEFAULT_VIEWPOINT, PlanRequest, make_chances, make_plan, tonight
from tourism.services.spot_documents import GROUP_TEXTS, opening_label, spots_document
from tourism.services.spots import FoundSpots, SpotsRequest, find_spots
from tourism.services.town import Town

AIMS = [aim.value for aim in Aim]  # of an enumeration click would take the names


@click.command()
@click.option("--date", "day", callback=read_date, help="Service date: the date of the sunrise. Default: tonight's.")
@click.option("--viewpoint", default=DEFAULT_VIEWPOINT, show_default=True, help="Id of a viewpoint.")
@click.option("--party", type=int, default=2, show_default=True, help="People travelling together.")
@click.option("--foreign", type=int, default=0, show_default=True, help="How many of them pay the foreign tariff.")
@click.option("--approach", help="tumpang, nongkojajar or probolinggo. Default: the latest leave.")
@click.option("--near", callback=read_near, help="Where you wait: the id of a venue or pick-up, or latitude,longitude.")
@click.option(
    "--aim",
    type=click.Choice(AIMS),
    default=Aim.COLOURS.value,
    show_default=True,
    help="What to be there for.",
)
@click.option("--child", is_flag=True, help="Walk at a child's pace.")
@click.option("--wheelchair", is_flag=True, help="Leave out viewpoints with steps.")
@click.option("--subuh", is_flag=True, help="Time to pray Subuh at the viewpoint.")
@click.option("--leave", callback=read_time, help="Ask the other way round: what is leaving at 02:00 worth?")
@lang_option
@json_option
@click.pass_context
def plan(
    ctx: click.Context, day: date | None, viewpoint: str, party: int, foreign: int, approach: str | None,
    near: str | Point | None, aim: str, child: bool, wheelchair: bool, subuh: bool, leave: time | None, lang: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Plan a night, counted back from the sunrise; or say what a time to leave is worth for every viewpoint."""
    ports, town = town_of(ctx)
    now, words = ports.now(), Language(lang)
    along = ((Companion.CHILD, child), (Companion.WHEELCHAIR, wheelchair))
    this_night = tonight(town, now)
    request = PlanRequest(
        day or this_night, viewpoint, party, foreign, approach, near, Aim(aim),
        tuple(companion for companion, comes in along if comes), subuh, leave,
    )  # fmt: skip
    if leave is not None:
        chances = chances_document(request, make_chances(town, request, this_night), words)
        _tell(chances, as_json, lambda: _print_chances(chances, words))
    else:
        document = plan_document(town, make_plan(town, request, this_night), words)
        _tell(document, as_json, lambda: _print_plan(document, words))


def _tell(document: object, as_json: bool, say: Callable[[], None]) -> None:
    if as_json:
        echo_json(document)
    else:
        say()


def _print_chances(document: ChancesDocument, words: Language) -> None:
    console = Console(highlight=False)
    leave = words.clock(datetime.fromisoformat(document["leave"]))
    console.print(words.long_date(date.fromisoformat(document["service_date"])))
    console.print(words.text("Leave at {time}", time=leave), style="bold")
    table = Table(box=None, show_header=False)
    for one in document["viewpoints"]:
        about = "; ".join([one["reason_text"] or one["approach"] or "", *(c["text"] for c in one["cautions"])])
        table.add_row(words.percent(one["chance"]), escape(one["viewpoint_name"]), escape(about))
    console.print(table)


def _print_plan(document: PlanDocument, words: Language) -> None:
    console = Console(highlight=False)
    night = date.fromisoformat(document["service_date"])

    def clock(instant: str) -> str:
        return words.clock(datetime.fromisoformat(instant))

    console.print(f"[bold]{document['viewpoint_name']}[/], {words.long_date(night)}")
    if not document["leave_at"]:
        console.print(document["reason_text"], style="bold red", markup=False)
        if document["nearest_open"]:
            nearest = date.fromisoformat(document["nearest_open"])
            console.print(words.text("Nearest open date: {date}", date=nearest))
        for option in document["alternatives"]["viewpoints"]:
            name, time = option["viewpoint_name"], clock(option["leave_at"])
            console.print(words.text("{viewpoint}: leave at {time}", viewpoint=name, time=time))
        return
    console.print(words.text("Leave at {time}", time=clock(document["leave_at"])), style="bold")
    habit, chance = document["habit"], document["chance"]
    if habit and chance:
        text = "Chance to be in place in time: {chance}; when leaving at {habit}: {habit_chance}"
        at_habit = {"habit": clock(habit["leave"]), "habit_chance": words.percent(habit["chance"])}
        console.print(words.text(text, chance=words.percent(chance), **at_habit))
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
    total = document["tickets"]["total_idr"]
    if document["tickets"]["needed"] != "no" and total is not None:
        console.print(words.text("Park tickets: {amount}", amount=words.rupiah(total)))
    for warning in document["warnings"]:
        console.print(f"! {warning['text']}", markup=False)
    for message in document["advice"]:
        console.print(f"- {message['text']}", markup=False)


@click.command()
@click.option("--night", callback=read_date, help="Service date: the date of the sunrise. Default: tonight's.")
@click.option("--at", callback=read_time, help="One moment, for example 01:30.")
@click.option("--from", "start", callback=read_time, help="WIB; from 12:00 on, the evening before. Default: 22:00.")
@click.option("--until", callback=read_time, help="WIB. Default: the time to leave.")
@click.option("--need", callback=read_needs, default="", help=f"Comma-separated: {', '.join(Amenity)}.")
@click.option("--near", callback=read_near, help="Measure the walk to this place.")
@click.option("--party", type=int, help="How many want to sit together.")
@click.option("--max-walk-min", type=int, help="Minutes on foot.")
@lang_option
@json_option
@click.pass_context
def spots(
    ctx: click.Context, night: date | None, at: time | None, start: time | None, until: time | None,
    need: tuple[Amenity, ...], near: str | Point | None, party: int | None, max_walk_min: int | None,
    lang: str, as_json: bool,
) -> None:  # fmt: skip
    """List where to wait, best first, and why the others are left out."""
    if at and (start or until):
        raise MalformedError({"at": Message("AT_AND_WINDOW", "Give either --at or --from and --until, not both.")})
    if at == time(11, 59):
        raise MalformedError({"at": Message("NIGHT_IS_OVER", "A night ends at noon; ask for 11:58 or earlier.")})
    if at:
        start, until = at, (datetime.combine(date.min, at) + timedelta(minutes=1)).time()
    ports, town = town_of(ctx)
    now, words = ports.now(), Language(lang)
    request = SpotsRequest(night or tonight(town, now), start, until, need, near, party, max_walk_min)
    found = find_spots(town, request, now, in_force(ports.reader.occupancies(), now))
    _tell(
        spots_document(town, found, words, now.astimezone(WIB).date()),
        as_json,
        lambda: _print_spots(town, found, words),
    )


def _print_spots(town: Town, found: FoundSpots, words: Language) -> None:
    console = Console(highlight=False)
    start_at, end_at = words.clock(found.window.start), words.clock(found.window.end)
    console.print(f"{words.long_date(found.wish.night)}, {start_at}-{end_at}")
    for note in found.notes:
        console.print(f"! {words.say(note)}")
    for group in Group:
        table = Table(box=None, title=words.say(GROUP_TEXTS[group]), title_justify="left")
        for spot in found.of(group):
            walk = f"{'~' if spot.walk.estimated else ''}{spot.walk.minutes} min"
            why = [words.say(reason.message) for reason in spot.reasons] or [opening_label(spot.answer, words)]
            table.add_row(
                escape(spot.venue.name), ", ".join(why), walk, name_of(town, spot.walk.to, words), spot.venue.id
            )
        if table.row_count:
            console.print(table)


@click.command()
@click.argument("text")
@click.option("--night", callback=read_date, help="Service date: the date of the sunrise. Default: tonight's.")
@lang_option
@click.pass_context
def hours(ctx: click.Context, text: str, night: date | None, lang: str) -> None:
    """Read opening hours as venues write them, check them, and say how they answer for a night.

    TEXT is Indonesian ("Senin-Jumat 16.00 s/d 02.00") or OSM syntax ("Mo-Fr 16:00-02:00").
    """
    ports, town = town_of(ctx)
    words, found = Language(lang), check_hours(town, text, ports.now(), night)
    click.echo(found.written)
    for finding in found.findings:
        click.echo(f"! {words.say(finding.message)}")
        if finding.rewritten:
            click.echo(f"  {words.text('Write: {hours}', hours=finding.rewritten)}")
    start, end = words.clock(found.window.start), words.clock(found.window.end)
    said = f"{opening_label(found.answer, words)} ({found.rule})"
    click.echo(f"{words.short_date(found.night)}, {start}-{end}: {said}")

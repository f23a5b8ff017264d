"""The commands of measures and scenarios."""

import sys

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from tourism.cli.options import echo_json, json_option, lang_option, town_of
from tourism.domain.calendar import WIB
from tourism.domain.scenario import METRICS, YEARS
from tourism.errors import MalformedError, Message
from tourism.services.language import Language
from tourism.services.measures import gauges_document, list_gauges, record
from tourism.services.scenario import METRIC_TEXTS, Nights, look_ahead, prospect_document, read_request

EVERY = 5  # years between two rows


@click.command()
@click.option("--record", "keep", is_flag=True, help="Keep today's values; let cron do it once a day.")
@lang_option
@click.option("--json", "as_json", is_flag=True, help="Print a document for machines.")
@click.pass_context
def measures(ctx: click.Context, keep: bool, lang: str, as_json: bool) -> None:
    """Print every indicator as it is now, with its target."""
    (ports, town), words = town_of(ctx), Language(lang)
    if keep:
        record(ports, town)
    gauges = list_gauges(ports, town, ports.now().astimezone(WIB))
    if as_json:
        echo_json(gauges_document(gauges))
        return
    table = Table(box=None)
    for heading in ("Indicator", "Now", "Cases", "Baseline", "Targets"):
        table.add_column(heading)
    for gauge in gauges:
        i, both = gauge.indicator, (gauge.now, gauge.baseline)
        known = [words.decimal(one.value) if one and one.value is not None else "?" for one in both]
        target = f"{'at least' if i.better == 'up' else 'at most'} {i.targets} ({i.unit})"
        table.add_row(escape(words.text(i.name)), known[0], str(gauge.now.cases), known[1], escape(target))
    Console().print(table)


@click.command()
@click.option(
    "--set", "parts", multiple=True, metavar="NAME=VALUE",
    help="A part of the scenario as it stands in the page's link: slots=2028,60 or growth=-2,4,9; may be repeated.",
)  # fmt: skip
@lang_option
@json_option
@click.pass_context
def scenario(ctx: click.Context, parts: tuple[str, ...], lang: str, as_json: bool) -> None:
    """Look twenty-five years ahead: who still sees the sunrise, and what is full."""
    ports, town = town_of(ctx)
    words, given = Language(lang), {}
    for part in parts:
        name, sign, value = part.partition("=")
        if not sign:
            raise MalformedError({"set": Message("NOT_A_PART", "Write a part as slots=2028,60.")})
        given[name] = value
    asked, nights = read_request(given), Nights(town.world.almanac, ports.ticks)
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=nights.total)
        nights.advance(tick=lambda: bar.advance(task))
    found = look_ahead(town, nights, asked)
    if as_json:
        echo_json(prospect_document(found))
        return
    console = Console(highlight=False)
    headings = ["", words.text("as things are"), words.text("with the instruments")]
    columns = 3 if asked.instruments else 2
    for name in METRICS:
        table = Table(box=None, title=words.say(METRIC_TEXTS[name]), title_justify="left")
        for heading in headings[:columns]:
            table.add_column(heading, justify="right" if heading else "left")
        for year, *series in found.table(name):
            if year == YEARS[0] or year % EVERY == 0:
                table.add_row(str(year), *[_band(words, *one) for one in series][: columns - 1])
        console.print(table)
    for check in found.checks:
        text = "{period}: counted {counted}, said {said}, off by {off}%"
        off, said = words.decimal(check.off_percent), round(check.central)
        console.print(words.text(text, period=check.period, counted=check.counted, said=said, off=off), markup=False)


def _band(words: Language, low: float, middle: float, high: float) -> str:
    return f"{words.rough(middle)} ({words.rough(low)} – {words.rough(high)})"

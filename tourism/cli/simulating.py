"""The command that simulates nights."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tourism.cli.options import echo_json, lang_option, read_new_file, read_window, town_of
from tourism.domain.nightsim import LATE_MIN, Disturbances, Outcome
from tourism.services.language import Language
from tourism.services.simulation import (
    Simulated,
    SimulationRequest,
    assumptions,
    percent,
    simulate_nights,
    simulation_document,
)
from tourism.services.simulation_chart import chart

_Row = tuple[str, Callable[[Outcome], str]]  # a label, and how a night's figure reads
SVG = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command()
@click.option("--scenario", default="peak-2025-12-27", show_default=True, help="Id of a row of data/scenarios.csv.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the random numbers.")
@click.option("--runs", type=int, default=20, show_default=True, help="How many nights.")
@click.option("--compliance", type=float, default=1.0, show_default=True, help="Share of vehicles that follow slots.")
@click.option("--no-show", type=float, default=0.0, show_default=True, help="Share of vehicles that stay at home.")
@click.option("--late", type=float, default=0.0, show_default=True, help=f"Share that leaves {LATE_MIN:.0f} min late.")
@click.option("--outage", callback=read_window, help="No gate lets anybody through, for example 01:30-02:30.")
@click.option("--breakdown", callback=read_window, help="Nobody gets up the ridge, for example 02:30-03:00.")
@click.option("--chart", "file", type=SVG, callback=read_new_file, help="Draw curves over compliance into an SVG file.")
@lang_option
@click.option("--json", "as_json", is_flag=True, help="Print a document for machines.")
@click.pass_context
def simulate(
    ctx: click.Context, scenario: str, seed: int, runs: int, compliance: float, no_show: float, late: float,
    outage: tuple[int, int] | None, breakdown: tuple[int, int] | None, file: Path | None, lang: str, as_json: bool,
) -> None:  # fmt: skip
    """Simulate nights at the gates: by habit, and in turn by gate slots, with the same random numbers."""
    _, town = town_of(ctx)
    words, wrong = Language(lang), Disturbances(no_show, late, outage, breakdown)
    request = SimulationRequest(scenario, seed, runs, compliance, wrong, curve=file is not None)
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=runs)
        found = simulate_nights(town, request, lambda: bar.advance(task))
    if file:
        try:
            file.write_text(chart(found, words), encoding="utf-8")
        except OSError as error:
            raise click.ClickException(f"can't write {file}: {error.strerror}") from error
    if as_json:
        echo_json(simulation_document(found, words))
    else:
        _print(found, words)


def _print(found: Simulated, words: Language) -> None:
    console, share = Console(highlight=False), partial(percent, words)
    console.print(f"{found.scenario.id}, {words.long_date(found.scenario.night)}", style="bold", markup=False)
    for assumed in assumptions(found, words):
        console.print(f"- {assumed}", markup=False)
    sees: _Row = (words.text("see the sunrise"), lambda night: share(night.sunrise_share))
    waits: _Row = (words.text("mean wait at the gate, min"), lambda night: words.decimal(night.gate_wait_mean_min))
    rows: list[_Row] = [
        sees,
        (words.text("of those bound for the ridge"), lambda night: share(night.ridge_share)),
        (words.text("have a slot and follow it"), lambda night: share(night.followed_share)),
        waits,
        (words.text("nine in ten wait at most, min"), lambda night: words.decimal(night.gate_wait_p90_min)),
        (words.text("longest queue, vehicles"), lambda night: words.decimal(night.longest_queue)),
        (words.text("mean hold in Kayutangan, min"), lambda night: words.decimal(night.hold_mean_min)),
        (words.text("most people held there at once"), lambda night: words.decimal(max(night.seats))),
    ]
    headings = ("", words.text("by habit"), words.text("in turn"))
    _table(console, headings, [(label, say(found.habit), say(found.slots)) for label, say in rows])
    console.print(words.text("the most that capacity allows: {share}", share=share(found.bound_share)))
    if found.curve:
        headings = (words.text("follow slots"), sees[0], waits[0])
        _table(console, headings, [(share(s), sees[1](night), waits[1](night)) for s, night in found.curve.items()])


def _table(console: Console, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(box=None)
    for heading in headings:
        table.add_column(heading, justify="right" if heading else "left")
    for row in rows:
        table.add_row(*row)
    console.print(table)

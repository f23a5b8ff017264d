"""Whether it works, and what twenty-five years bring: measures and scenarios, as pages and as numbers."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request

from tourism.domain.measures import Measurement
from tourism.domain.scenario import LEVERS, METRICS, YEARS, Assumption
from tourism.errors import InputError, Message, NotReadyError
from tourism.routes import _charts
from tourism.routes._limits import limit
from tourism.routes._render import answers, html, is_added, language, nights, now, ports, today
from tourism.services.current import to_json
from tourism.services.language import Language
from tourism.services.measures import Gauge, gauges_document, list_gauges, quick_wins
from tourism.services.scenario import (
    GRIDS,
    METRIC_TEXTS,
    Nights,
    Prospect,
    ScenarioRequest,
    look_ahead,
    plain,
    prospect_document,
    read_request,
)

results = Blueprint("results", __name__)
COLUMNS = (
    "id", "component", "name", "definition", "unit", "formula", "source", "owner", "value", "cases", "day", "baseline",
    "baseline_day", "targets", "better", "reached", "basis",
)  # fmt: skip
FRESH = timedelta(minutes=1)  # a measure counts over weeks, so a minute is nothing
SPARKS = 26  # points of a small chart
OPEN = {"Access-Control-Allow-Origin": "*", "Cache-Control": f"public, max-age={round(FRESH.total_seconds())}"}
ESTIMATED = {"seat_hours", "minutes_avoided"}  # by a model, or by where people were sent
A_SCENARIO_COUNTS, MOST_LATELY = 5, 64  # requests that a new one counts for, and how many are kept
LEAST_SWING = 0.05  # below it nothing is seen of it
A_TURN_S = 1.0  # of simulating within one request
LEVER_TEXTS = {
    "slots": Message("slots", "Gate slots: % of vehicles that follow"),
    "venues": Message("venues", "More night venues: seats"),
    "scanner": Message("scanner", "More scanners at the Malang gate: times the rate"),
    "cap": Message("cap", "Quota that is enforced: people a day"),
    "shuttle": Message("shuttle", "Shuttles instead of jeeps: people a vehicle"),
    "spread": Message("spread", "Spreading to Batu and the regency: % of a busy night's visitors"),
}
COMPONENT_TEXTS = {
    "governance": Message("governance", "Governance"),
    "branding": Message("branding", "Branding"),
    "economy": Message("economy", "Economy"),
    "living": Message("living", "Living"),
    "society": Message("society", "Society"),
    "environment": Message("environment", "Environment"),
}
WIN_TEXTS = {
    "planned": Message("planned", "planned"),
    "started": Message("started", "started"),
    "measured": Message("measured", "measured"),
}


def _gauges() -> list[Gauge]:
    """Return every indicator, computed at most once a minute."""
    here, at = answers(), now()
    if here.gauges is None or at - here.gauges[0] >= FRESH:
        here.gauges = at, list_gauges(ports(), here.town, at)
    return here.gauges[1]


def _shown(words: Language, value: float | None, unit: str) -> str:
    """Return a value with its unit as people read it."""
    if value is None:
        return words.text("not known")
    number = words.decimal(value)
    return f"{number}%" if unit == "%" else f"{number} {words.text(unit)}"


def _known(gauge: Gauge) -> list[Measurement]:
    """Return the last known values, that of now as the newest."""
    found = [one for one in (*gauge.history, gauge.now) if one.value is not None]
    return list({one.day: one for one in found}.values())[-SPARKS:]


@results.get("/measures")
def measures() -> Response:
    """Every indicator with its value, baseline, target and history, and the quick wins."""
    words, gauges = language(), _gauges()
    history = {g.indicator.id: _known(g) for g in gauges}
    return html(
        "measures.html", components=[
            (words.say(text), [g for g in gauges if g.indicator.component == component])
            for component, text in COMPONENT_TEXTS.items()
        ],
        sparks={id_: _charts.spark([m.value or 0.0 for m in found]) for id_, found in history.items()},
        history=history, wins=quick_wins(gauges, answers().town.world.quick_wins, today()), win_texts=WIN_TEXTS,
        indicator={g.indicator.id: g.indicator for g in gauges}, estimated=ESTIMATED,
        shown=lambda value, unit: _shown(words, value, unit),
    )  # fmt: skip


@results.get("/measures.json")
def measures_json() -> Response:
    """The same for machines."""
    return Response(to_json(gauges_document(_gauges())), mimetype="application/json", headers=OPEN)


@results.get("/measures.csv")
def measures_csv() -> Response:
    """The same as a table, without the history."""
    rows = [{name: _cell(row[name]) for name in COLUMNS} for row in gauges_document(_gauges())]
    answer = Response(ports().write_sheet("csv", COLUMNS, rows), content_type="text/csv; charset=utf-8", headers=OPEN)
    answer.headers["Content-Disposition"] = 'attachment; filename="measures.csv"'
    return answer


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{year}={target:g}" for year, target in value.items())
    return "" if value is None else str(value)


def _given() -> dict[str, str]:
    """Return the parts of a scenario as they stand in the link; a form gives year and effect apart."""
    found = {k: v for k, v in request.args.items() if k != "lang" and not is_added(k) and not k.endswith("_effect")}
    for lever in LEVERS:
        effect = request.args.get(f"{lever}_effect", "")
        if found.get(lever) and effect and not {",", ";"} & set(found[lever]):
            found[lever] = f"{found[lever]};{effect.replace('.', ',') if language().code == 'en' else effect}"
    return {name: plain(value) for name, value in found.items() if value}


def _range_text(one: Assumption, words: Language) -> str:
    """Return a range as one types it."""
    numbers = [f"{value:g}" for value in (one.low, one.central, one.high)]
    return ",".join(numbers) if words.code == "en" else ";".join(numbers).replace(".", ",")


@results.get("/scenario")
def scenario() -> Response:
    """Twenty-five years ahead; the whole scenario is in the address."""
    issues: Mapping[str, Message] = {}
    status, asked = 200, ScenarioRequest()
    try:
        asked = read_request(_given())
    except InputError as error:
        issues, status = error.issues, error.status
    made = nights()
    if not made.advance(A_TURN_S):
        answer = html("scenario_wait.html", done=made.done, total=made.total)
        answer.headers["Refresh"] = "1"
        answer.headers["Cache-Control"] = "no-store"
        return answer
    found, words = _prospect(made, asked), language()
    return html(
        "scenario.html", status, found=found, asked=asked, issues=issues, fullest=GRIDS[-1].vehicles[-1],
        nights_total=made.total, years=YEARS, first=YEARS[0], last=YEARS[-1], levers=LEVERS, lever_texts=LEVER_TEXTS,
        filled=_filled(asked, _given() if issues else {}), metrics=METRICS, metric_texts=METRIC_TEXTS,
        query=asked.query(), ranges={one.id: _range_text(one, words) for one in found.assumptions},
        names={one.id: words.text(one.variable) for one in found.assumptions}, **_drawn(found),
    )  # fmt: skip


def _prospect(made: Nights, asked: ScenarioRequest) -> Prospect:
    """Answer a scenario; one that was asked for lately costs nothing."""
    lately, key = answers().prospects, tuple(sorted(asked.query().items()))
    found = lately.get(key)
    if found is None:
        limit(A_SCENARIO_COUNTS)
        found = look_ahead(answers().town, made, asked)
        if len(lately) >= MOST_LATELY:
            lately.clear()
        lately[key] = found
    return found


def _filled(asked: ScenarioRequest, given: Mapping[str, str]) -> dict[str, str]:
    """Return what the form's fields hold: what was typed where that can't be, else what the scenario has."""
    found = asked.query()
    for name, lever in LEVERS.items():
        year, _, effect = (given.get(name) or found.get(name, "")).partition(",")
        found |= {name: year, f"{name}_effect": effect or request.args.get(f"{name}_effect") or f"{lever.usual:g}"}
    return found | {name: value for name, value in given.items() if name not in LEVERS}


def _drawn(found: Prospect) -> dict[str, Any]:
    """Return where the lines of the charts stand."""
    both = bool(found.request.instruments)
    charts = {
        name: _charts.bands(YEARS, [one[name].tolist() for one in (found.as_now, *((found.planned,) if both else ()))])
        for name in METRICS
    }
    moving = [swing for swing in found.swings if swing.width > LEAST_SWING]
    middle, bars = _charts.tornado(found.middle, [(swing.at_low, swing.at_high) for swing in moving])
    still = [swing.assumption for swing in found.swings if swing.width <= LEAST_SWING]
    return {"charts": charts, "middle": middle, "bars": bars, "both": both, "moving": moving, "still": still}


@results.get("/scenario.json")
def scenario_json() -> Response:
    """The same for machines; while nights are being simulated it says when to come again."""
    asked, made = read_request(_given()), nights()
    if not made.advance(A_TURN_S):
        raise NotReadyError(Message("SIMULATING", "Nights are being simulated. Ask again in a few seconds."))
    found = _prospect(made, asked)
    return Response(to_json(prospect_document(found)), mimetype="application/json", headers=OPEN)

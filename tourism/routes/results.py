"""Whether it works, and what twenty-five years bring: measures and scenarios, as pages and as numbers."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from tourism.domain.scenario import LEVERS, METRICS, YEARS
from tourism.errors import InputError, Message
from tourism.routes import _charts
from tourism.routes._limits import limit
from tourism.routes._render import answers, html, language, nights, now, ports
from tourism.services.current import to_json
from tourism.services.language import Language
from tourism.services.measures import COMPONENTS, Gauge, gauges_document, list_gauges, quick_wins
from tourism.services.scenario import (
    METRIC_TEXTS,
    VEHICLES,
    Outlook,
    ScenarioRequest,
    look_ahead,
    outlook_document,
    read_request,
)

results = Blueprint("results", __name__)
COLUMNS = (
    "id", "component", "name", "definition", "unit", "formula", "source", "owner", "value", "cases", "day", "baseline",
    "baseline_day", "target", "target_year", "better", "reached", "basis",
)  # fmt: skip
FRESH_S = 60  # a measure counts over weeks, so a minute is nothing
SPARKS = 26  # points of a small chart
OPEN = {"Access-Control-Allow-Origin": "*", "Cache-Control": f"public, max-age={FRESH_S}"}
A_TURN_S = 1.0  # of simulating within one request
LEVER_TEXTS = {
    "slots": Message("slots", "Gate slots: % of vehicles that follow"),
    "venues": Message("venues", "More night venues: seats"),
    "scanner": Message("scanner", "More scanners at the Malang gate: times the rate"),
    "quota": Message("quota", "Quota that is enforced: people a day"),
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
    return list_gauges(ports(), answers().town, now())


def _shown(words: Language, value: float | None, unit: str) -> str:
    """Return a value with its unit as people read it."""
    if value is None:
        return words.text("not known")
    number = words.decimal(value)
    return f"{number}%" if unit == "%" else f"{number} {words.text(unit)}"


@results.get("/measures")
def measures() -> Response:
    """Every indicator with its value, baseline, target and history, and the quick wins."""
    words, gauges = language(), _gauges()
    history = {g.indicator.id: [m.value for m in g.history if m.value is not None][-SPARKS:] for g in gauges}
    return html(
        "measures.html", components=[
            (words.say(COMPONENT_TEXTS[component]), [g for g in gauges if g.indicator.component == component])
            for component in COMPONENTS
        ],
        sparks={id_: _charts.spark(values) for id_, values in history.items()}, history=history,
        wins=quick_wins(gauges, answers().town.world.quick_wins), win_texts=WIN_TEXTS,
        unit_of={g.indicator.id: g.indicator.unit for g in gauges},
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
    return "" if value is None else str(value)


def _given() -> dict[str, str]:
    """Return the parts of a scenario as they stand in the link; a form gives year and effect apart."""
    found = {k: v for k, v in request.args.items() if k not in ("lang", "k") and not k.endswith("_effect")}
    for lever in LEVERS:
        effect = request.args.get(f"{lever}_effect", "")
        if found.get(lever) and effect and "," not in found[lever]:
            found[lever] = f"{found[lever]},{effect.replace(',', '.')}"
    return {name: value for name, value in found.items() if value}


@results.get("/scenario")
def scenario() -> Response:
    """Twenty-five years ahead; the whole scenario is in the address."""
    limit()
    issues: Mapping[str, Message] = {}
    status, asked = 200, ScenarioRequest()
    try:
        asked = read_request(_given())
    except InputError as error:
        issues, status = error.issues, error.status
    made = nights()
    if not made.advance(A_TURN_S):
        answer = html("scenario_wait.html", done=made.done, total=made.total)
        answer.headers["Refresh"] = "0"
        answer.headers["Cache-Control"] = "no-store"
        return answer
    found = look_ahead(answers().town, made, asked)
    return html(
        "scenario.html", status, found=found, asked=asked, issues=issues, fullest=VEHICLES[-1], years=YEARS,
        levers=LEVERS, lever_texts=LEVER_TEXTS, metrics=METRICS, metric_texts=METRIC_TEXTS, first=YEARS[0],
        last=YEARS[-1], chosen={one.lever: one for one in asked.instruments}, query=asked.query(), typed=request.args,
        **_drawn(found),
    )  # fmt: skip


def _drawn(found: Outlook) -> dict[str, Any]:
    """Return where the lines of the charts stand."""
    both = bool(found.request.instruments)
    charts = {
        name: _charts.bands(YEARS, [one[name].tolist() for one in (found.as_now, *((found.planned,) if both else ()))])
        for name in METRICS
    }
    middle, bars = _charts.tornado(found.middle, [(swing.at_low, swing.at_high) for swing in found.swings])
    return {"charts": charts, "middle": middle, "bars": bars, "both": both}


@results.get("/scenario.json")
def scenario_json() -> Response:
    """The same for machines; it answers once all nights have been simulated."""
    limit()
    asked, made = read_request(_given()), nights()
    made.advance()
    found = look_ahead(answers().town, made, asked)
    return Response(to_json(outlook_document(found)), mimetype="application/json", headers=OPEN)

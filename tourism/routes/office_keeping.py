"""The office's tables: closures, alerts, gates, legs, tariffs, quotas, holidays and temporary hours."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, Response, g, redirect, request
from flask.typing import ResponseReturnValue

from tourism.domain.account import Verb
from tourism.domain.corridor import PARK
from tourism.domain.record import Record
from tourism.domain.tables import TABLES, get_table, shape_of
from tourism.errors import InputError, NotFoundError
from tourism.routes._office import form_text, form_version, guard, office_page
from tourism.routes._office_words import TABLE_TITLES
from tourism.routes._render import answers, language, link, now, ports
from tourism.routes._session import desk
from tourism.routes.pages import home
from tourism.services.campaigns import counts, days_of, new_code
from tourism.services.documents import name_of
from tourism.services.effects import Effect
from tourism.services.keeping import (
    BRANDS,
    FIXED_ROWS,
    RowEdit,
    get_row,
    keep_logo,
    list_rows,
    new_row_key,
    read_brand,
    require_row,
    save_row,
)
from tourism.services.office import StaleError

USUAL = {"feeds": {"every_h": "24", "trusted": "no", "active": "yes"}}
EXAMPLES = {
    "feeds": {"id": "dinas-batu", "url": "https://example.org/venues.geojson", "licence": "CC-BY-4.0"},
    "widgets": {"id": "batu", "colour": "#0b6e4f", "origins": "https://example.org https://www.example.org"},
    "campaigns": {"leads_to": "/spots/critasena", "place": "Toko Oen"},
    "brands": {"hosts": "wisata.example.org"},
}
keeping = Blueprint("office_keeping", __name__, url_prefix="/office")
keeping.before_request(guard)


@keeping.get("/tables")
def tables() -> Response:
    """Every table."""
    desk().require(Verb.TABLES)
    return office_page("tables.html", tables=TABLES, titles=TABLE_TITLES)


@keeping.get("/tables/<table>")
def table_rows(table: str) -> Response:
    """The rows of a table that hold."""
    rows, town, words = list_rows(desk(), table), answers().town, language()
    return office_page(
        "table.html", places={place: name_of(town, place, words) for place in town.world.almanac.place},
        table=table, title=TABLE_TITLES[table], rows=rows, names=get_table(table).names,
        grows=get_table(table).grows, saved=request.args.get("saved"),
        visits=counts(ports(), now()) if table == "campaigns" else {},
    )  # fmt: skip


@keeping.get("/tables/<table>/new")
def new_row(table: str) -> Response:
    """The form of a new row."""
    if not get_table(table).grows:
        raise NotFoundError(FIXED_ROWS)
    usual = {"code": new_code(), "active": "yes", "leads_to": "/"} if table == "campaigns" else USUAL.get(table, {})
    return _form(table, Record(table, new_row_key()), usual)


@keeping.get("/tables/<table>/<key>")
def table_row(table: str, key: str) -> Response:
    """The form of a row."""
    found = get_row(desk(), table, key)
    return _form(table, found, found.live or {})


def _known(table: str) -> dict[str, dict[str, str]]:
    """Return what fields may name, each with its words."""
    town, words = answers().town, language()
    almanac = town.world.almanac
    if table == "hours":
        return {"venue": {v.id: v.name for v in sorted(town.venues, key=lambda v: v.name.casefold())}}
    if table == "wins":
        return {"indicator": {one.id: words.text(one.name) for one in town.world.indicators}}
    if table != "closures":
        return {}
    found = {PARK: words.text("the whole park")}
    found |= {place.id: name_of(town, place.id, words) for place in almanac.places if place.kind != "junction"}
    found |= {area: area for area in sorted({place.area for place in almanac.places} - {""})}
    found |= {a: words.text("the road of {approach}", approach=a.title()) for a in sorted(almanac.approaches)}
    return {"scope": found}


def _days(table: str, record: Record) -> dict[date, dict[str, int]]:
    """Return the counts of a short link, by day."""
    return days_of(ports(), record.live["code"]) if table == "campaigns" and record.live else {}


def _form(table: str, record: Record, fields: Mapping[str, str], status: int = 200, **values: Any) -> Response:
    require_row(desk(), table, record.key)
    values = {"issues": {}, "stale": None, "effect": None, "removing": False, "reason": ""} | values
    return office_page(
        "row.html", status, table=table, title=TABLE_TITLES[table], record=record, fields=fields,
        known=_known(table), places=set(answers().town.world.almanac.place), shape=shape_of(get_table(table)),
        grows=get_table(table).grows, moves=get_table(table).moves,
        examples=EXAMPLES.get(table, {}), days=_days(table, record), **values,
    )  # fmt: skip


def _logo(key: str, digest: str, kept: bool) -> str:
    """Return the digest of the logo that the form sends, none to take it away, or that of before.

    A look keeps nothing, so it shows that of before.
    """
    sent = request.files.get("logo_file")
    if "remove_logo" in request.form:
        return ""
    return keep_logo(desk(), key, sent.stream.read()) if kept and sent and sent.filename else digest


def _record(table: str, key: str, version: int) -> Record:
    """Return the row that a form is about, at the version it was based on; a new one is none yet."""
    try:
        return replace(get_row(desk(), table, key), version=version)
    except NotFoundError:
        return Record(table, key, version)


@keeping.post("/tables/<table>/<key>")
def save(table: str, key: str) -> ResponseReturnValue:
    """Show what a row, or its removal, would do; then keep it."""
    shape = shape_of(get_table(table))
    fields = {name: form_text(name) for name in shape if name in request.form}
    if "excepted" in shape:
        fields["excepted"] = ";".join(request.form.getlist("excepted"))
    asked, version, reason = request.form.get("step", "preview"), form_version(), form_text("why")
    removing = asked in {"remove", "preview_removal"}
    record = _record(table, key, version)
    try:
        if table == BRANDS:
            fields["logo"] = _logo(key, (record.live or {}).get("logo", ""), kept=asked == "save")
        if table == BRANDS and asked == "look":
            g.brand, g.looked_at = read_brand(desk(), key, fields), True
            return home()
        edit = RowEdit(table, key, version, fields, reason, removing)
        effect: Effect = save_row(desk(), edit, preview=asked not in {"save", "remove"})
        if asked not in {"save", "remove"}:
            return _form(table, record, fields, effect=effect, removing=removing, reason=reason)
    except StaleError as error:
        return _form(table, error.record, error.merged, 409, stale=error, reason=reason)
    except InputError as error:
        return _form(table, record, fields, error.status, issues=error.issues, reason=reason)
    if table == "feeds" and not removing:
        return redirect(link(f"/office/feeds/{fields['id']}", done=1), 303)
    return redirect(link(f"/office/tables/{table}", saved="1"), 303)

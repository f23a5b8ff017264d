"""Sheets of venues: looked at, kept, and taken."""

from typing import Any

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from tourism.domain.account import MUNICIPALITIES, Verb
from tourism.domain.record import changes
from tourism.domain.sheet import COLUMNS, Outcome
from tourism.errors import (
    InputError,
    MalformedError,
    Message,
)
from tourism.routes._office import form_text, guard, office_page
from tourism.routes._office_words import OUTCOME_TEXTS
from tourism.routes._render import language, link, today
from tourism.routes._session import desk
from tourism.services.imports import check_sheet, export_listings, get_checked, get_headings, import_sheet, map_columns

office_sheets = Blueprint("office_sheets", __name__, url_prefix="/office")
office_sheets.before_request(guard)
ISSUES_SHOWN = 200
MIMETYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
}


@office_sheets.get("/sheets")
def sheets() -> Response:
    """Bring a sheet, or take one."""
    here = desk()
    here.require(Verb.EXPORT)
    return office_page("sheets.html", municipalities=MUNICIPALITIES, issues={})


@office_sheets.post("/sheets")
def bring_sheet() -> ResponseReturnValue:
    """Look at a sheet before anything of it is kept."""
    file = request.files.get("file")
    try:
        if not file or not file.filename:
            raise MalformedError({"file": Message("NO_FILE", "Choose a file first.")})
        content = file.stream.read()
        found = check_sheet(desk(), file.filename, content, form_text("source", 200), form_text("municipality", 40))
    except InputError as error:
        return office_page("sheets.html", error.status, municipalities=MUNICIPALITIES, issues=error.issues)
    return redirect(link(f"/office/sheets/{found.id}"), 303)


@office_sheets.get("/sheets/<id_>")
def show_sheet(id_: str) -> Response:
    """What would become of a sheet, row by row."""
    return _sheet(id_)


def _sheet(id_: str, status: int = 200, **values: Any) -> Response:
    found, words = get_checked(desk(), id_), language()
    issues = [issue for row in found.rows for issue in row.issues]
    return office_page(
        "sheet.html", status, sheet=found.brought, checked=found, found_issues=issues[:ISSUES_SHOWN],
        more=max(len(issues) - ISSUES_SHOWN, 0),
        changes=lambda record, row: changes(record.cleared or record.newest, row.fields),
        columns=COLUMNS, outcomes={o: words.say(OUTCOME_TEXTS[o]) for o in Outcome},
        **{"issues": {}} | values,
    )  # fmt: skip


@office_sheets.post("/sheets/<id_>/columns")
def choose_columns(id_: str) -> ResponseReturnValue:
    """Read a sheet with other columns."""
    headings = get_headings(desk(), id_)
    try:
        found = map_columns(desk(), id_, {h: form_text(f"column_{n}", 40) for n, h in enumerate(headings)})
    except InputError as error:
        return _sheet(id_, error.status, issues=error.issues)
    return redirect(link(f"/office/sheets/{found.id}"), 303)


@office_sheets.post("/sheets/<id_>")
def keep_sheet(id_: str) -> ResponseReturnValue:
    """Keep what was shown, all of it."""
    counts = import_sheet(desk(), id_, form_text("seal", 40))
    return redirect(link("/office/venues", imported=counts[Outcome.NEW] + counts[Outcome.CHANGED]), 303)


@office_sheets.get("/venues.<any(csv, xlsx, geojson):format_>")
def export(format_: str) -> Response:
    """The listings as a sheet."""
    answer = Response(export_listings(desk(), format_), content_type=MIMETYPES[format_])
    answer.headers["Content-Disposition"] = f'attachment; filename="venues-{today().isoformat()}.{format_}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer

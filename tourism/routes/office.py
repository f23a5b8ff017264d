"""The office's pages: listings, what waits for review, history, and sheets."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from tourism.domain.account import MUNICIPALITIES, OFFICE, Role, Verb, Whose
from tourism.domain.evidence import Amenity, Detail
from tourism.domain.finding import AMENITY_TEXTS
from tourism.domain.listing import FACTS, FIELDS, KINDS, LISTING, LONGEST
from tourism.domain.record import NEXT, Line, Record, State, Step, changed_names, differences
from tourism.domain.review import Verdict
from tourism.domain.sheet import COLUMNS, Outcome
from tourism.errors import InputError, MalformedError, Message, NotFoundError, OutOfRangeError
from tourism.geo.conflation import Outcome as Same
from tourism.routes._office import form_text, form_version, guard, office_page
from tourism.routes._office_words import FLAG_TEXTS, OUTCOME_TEXTS, STATE_NAMES
from tourism.routes._render import answers, language, link, today
from tourism.routes._session import desk, user
from tourism.routes._words import DETAIL_TEXTS
from tourism.routes.pages import spot_page
from tourism.services.accounts import invite_owner
from tourism.services.hours_check import HoursCheck, check_hours
from tourism.services.imports import check_sheet, export_listings, get_checked, import_sheet, map_columns
from tourism.services.keeping import revert_row
from tourism.services.office import (
    FLAGS,
    Edit,
    StaleError,
    archive,
    get_question,
    get_record,
    history,
    keep_photo,
    list_entries,
    new_key,
    osm_fields,
    questions_about,
    queue,
    revert,
    review,
    save_listing,
    settle_question,
    settle_report,
    usual_step,
    whose,
)
from tourism.services.spot_documents import opening_label

office = Blueprint("office", __name__, url_prefix="/office")
office.before_request(guard)
ON_A_PAGE = 50
MIMETYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
}
ISSUES_SHOWN = 200


@office.get("/")
def home() -> ResponseReturnValue:
    """Where each role begins."""
    if user().role is Role.OWNER:
        return redirect(link(f"/office/venues/{user().venue}"), 303)
    if user().role is Role.OPERATOR:
        return redirect(link("/office/night"), 303)
    return redirect(link("/office/venues"), 303)


# Listings


@office.get("/venues")
def venues() -> Response:
    """The list, searched and filtered."""
    search, flag, state = (request.args.get(name, "")[:100] for name in ("q", "flag", "state"))
    found = list_entries(desk(), search, flag if flag in FLAGS else "", state if state in list(State) else "")
    number = request.args.get("page", "1")
    page = min(max(int(number) if number.isascii() and number.isdecimal() else 1, 1), -(-len(found) // ON_A_PAGE) or 1)
    words = language()
    return office_page(
        "venues.html", entries=found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE], count=len(found), page=page,
        pages=-(-len(found) // ON_A_PAGE), search=search, flag=flag, state=state, states=STATE_NAMES,
        flags={name: words.say(FLAG_TEXTS[name]) for name in FLAGS}, today=today(),
    )  # fmt: skip


@office.get("/venues/new")
def new_venue() -> Response:
    """The form of a new listing, empty or with what OSM says."""
    here, source = desk(), request.args.get("from", "")
    here.require(Verb.PROPOSE)
    fields = {"municipality": here.user.municipality}
    if source:
        fields = osm_fields(here, source) | {"source": ""}  # who checked it says so
    return _form("", Record(LISTING, ""), fields)


@office.get("/venues/<key>")
def venue(key: str) -> Response:
    """The form of a listing."""
    record = get_record(desk(), LISTING, key)
    return _form(key, record, record.newest, saved=request.args.get("saved", ""))


def _form(key: str, record: Record, fields: Mapping[str, str], status: int = 200, **values: Any) -> Response:
    here, words = desk(), language()
    facts = {**{a.value: AMENITY_TEXTS[a] for a in Amenity}, **{d.value: DETAIL_TEXTS[d] for d in Detail}}
    usual = (
        Step.PUBLISH
        if not record.key and here.user.may(Verb.PUBLISH, Whose(here.user.municipality))
        else usual_step(here, record)
    )
    values = {"issues": {}, "stale": None, "saved": ""} | values
    return office_page(
        "venue.html", status, key=key, record=record, fields=fields, kinds=KINDS, municipalities=MUNICIPALITIES,
        longest=LONGEST, facts={name: words.say(text) for name, text in facts.items()},
        may_submit=(record.state, Step.SUBMIT) in NEXT,
        usual=usual, Step=Step, may_draft=(record.state, Step.DRAFT) in NEXT,
        may_archive=(record.state, Step.ARCHIVE) in NEXT and here.user.may(Verb.ARCHIVE, whose(record)),
        may_edit=(record.state, Step.SUBMIT) in NEXT and (not record.key or here.user.may(Verb.PROPOSE, whose(record))),
        may_invite=bool(record.key) and here.user.may(Verb.INVITE, whose(record)), today=today(),
        questions=list(questions_about(here.town, fields)), label=opening_label,
        hours=_hours(fields.get("hours", "")), **values,
    )  # fmt: skip


def _typed() -> tuple[dict[str, str], dict[str, Message]]:
    """Return the fields of the form, and what is missing: who says so, when hours or facts were changed.

    Who does not say so anew leaves the old word with its date; a fact that was changed is the new word.
    """
    fields = {name: form_text(name) for name in FIELDS if name not in FACTS and name in request.form}
    had = {name: form_text(f"{name}_had") for name in ("source", "as_of", "hours", *FACTS)}
    source, as_of = (form_text(name).strip() for name in ("source", "as_of"))
    as_of = as_of or (today().isoformat() if source else had["as_of"])
    changed = "hours" in fields and fields["hours"].strip() != had["hours"]
    fields |= {"source": source or had["source"], "as_of": as_of}
    for name in FACTS:
        value = form_text(name).strip()
        same = value == had[name].partition(";")[0].strip()
        changed = changed or not same
        if value:
            word = f"{value}; {fields['source'].replace(';', ',')}; {as_of or today().isoformat()}"
            fields[name] = had[name] if same else word
    text = "Say who says so: the hours or what is there have changed."
    return fields, {"source": Message("NO_SOURCE", text)} if changed and not source else {}


@office.post("/venues/new")
@office.post("/venues/<key>")
def save_venue(key: str = "") -> ResponseReturnValue:
    """Keep a listing, or look at it as the tourist would."""
    here, version, (fields, missing) = desk(), form_version(), _typed()
    asked = request.form.get("step", "")
    if asked not in (Step.DRAFT, Step.SUBMIT, Step.PUBLISH, "preview"):
        raise MalformedError(
            {"step": Message("NOT_A_CHOICE", "Choose from: {choices}.", choices="draft, submit, publish")}
        )
    key = key or new_key(here, fields.get("name", ""))
    try:
        photo = request.files.get("photo_file")
        if photo and photo.filename:
            fields["photo"] = keep_photo(here, photo.stream.read())
        if "remove_photo" in request.form:
            fields["photo"] = ""
        if missing:
            raise OutOfRangeError(missing)
        if asked == "preview":
            return _preview(key, Edit(key, version, fields, Step.SUBMIT))
        edit = Edit(key, version, fields, Step(asked), form_text("reason"))
        after = save_listing(here, edit)
    except StaleError as error:
        return _form(key, error.record, error.merged, 409, stale=error)
    except InputError as error:
        record = _known(key, version)
        return _form(
            key if record.version or record.published else "", record, fields, error.status, issues=error.issues
        )
    return redirect(link(f"/office/venues/{key}", saved=after.state), 303)


def _known(key: str, version: int) -> Record:
    """Return the record that a form is about; a new one is none yet."""
    try:
        return get_record(desk(), LISTING, key)
    except NotFoundError:
        return Record(LISTING, "", version)


def _preview(key: str, edit: Edit) -> Response:
    shown: list[Response] = []
    save_listing(desk(), edit, look=lambda town: shown.append(spot_page(town, key, preview=True)))
    shown[0].headers["Cache-Control"] = "no-store"
    return shown[0]


@office.post("/venues/<key>/archive")
def archive_venue(key: str) -> ResponseReturnValue:
    """Take a listing out of sight."""
    try:
        archive(desk(), key, form_version(), form_text("reason"))
    except StaleError as error:
        return _form(key, error.record, error.record.newest, 409, stale=error)
    except InputError as error:
        record = get_record(desk(), LISTING, key)
        return _form(key, record, record.newest, error.status, issues=error.issues)
    return redirect(link(f"/office/venues/{key}", saved=State.ARCHIVED), 303)


@office.post("/venues/<key>/owner")
def invite(key: str) -> ResponseReturnValue:
    """Mail the venue's owner a link to its page."""
    here = desk()
    record = get_record(here, LISTING, key)
    here.require(Verb.INVITE, whose(record))
    try:
        invite_owner(here.ports, form_text("email", 200), key, record.municipality or OFFICE, here.by)
    except InputError as error:
        return _form(key, record, record.newest, error.status, issues=error.issues)
    return redirect(link(f"/office/venues/{key}", saved="invited"), 303)


def _hours(text: str) -> HoursCheck | None:
    return check_hours(answers().town, text, desk().now) if text.strip() else None


@office.get("/hours")
def hours_line() -> Response:
    """What hours mean tonight, and what to know about them, while they are typed."""
    return office_page("_hours.html", hours=_hours(request.args.get("text", "")[:300]), label=opening_label)


# Review


@office.get("/review")
def review_queue() -> Response:
    """What waits for a person."""
    return office_page("queue.html", items=queue(desk()))


@office.get("/review/<kind>/<key>")
def review_item(kind: str, key: str) -> Response:
    """One thing to judge."""
    return _item(kind, key)


def _item(kind: str, key: str, status: int = 200, **values: Any) -> Response:
    here = desk()
    items = queue(here)
    at = next((n for n, item in enumerate(items) if (item.kind, item.key) == (kind, key)), None)
    following = [item for n, item in enumerate(items) if n != at]
    values = {"issues": {}, "stale": False, "kept": {}} | values
    values |= {
        "items": items,
        "position": at,
        "following": following[(at or 0) % len(following)] if following else None,
    }
    if kind == "proposal":
        record = get_record(here, LISTING, key)
        rows = list(differences(record.published or {}, record.proposed or {}, record.proposed or {}))
        return office_page("review.html", status, key=key, record=record, rows=rows, **values)
    if kind == "report":
        said = [report for report in here.ports.reader.reports() if report.venue == key]
        if not said:
            raise NotFoundError(Message("NO_REPORT_LEFT", "No report waits about {venue}.", venue=key))
        name = here.town.named[key].name if key in here.town.named else key
        return office_page("report.html", status, key=key, name=name, reports=said, Verdict=Verdict, **values)
    if kind == "question":
        question = get_question(here, key)
        pair = [here.town.named.get(id_) for id_ in (question.listing, question.element)]
        return office_page("question.html", status, key=key, question=question, pair=pair, Same=Same, **values)
    raise NotFoundError(Message("UNKNOWN_RECORD", "There is no record {id}; it may have been removed.", id=kind))


@office.post("/review/<kind>/<key>")
def judge(kind: str, key: str) -> ResponseReturnValue:
    """Keep a judgement, and go on with the next."""
    here = desk()
    items = queue(here)
    at = next((n for n, item in enumerate(items) if (item.kind, item.key) == (kind, key)), 0)
    try:
        if kind == "proposal":
            names = [
                name.removeprefix("verdict_")
                for name, v in request.form.items()
                if v == "reject" and name.startswith("verdict_")
            ]
            review(
                here,
                key,
                form_version(),
                {name: form_text(f"why_{name}") or form_text("why") for name in names[: len(FIELDS)]},
            )
        elif kind == "report":
            settle_report(here, key, form_text("reason"))
        elif kind == "question":
            settle_question(here, key, Same.SAME if request.form.get("same") == "same" else Same.DIFFERENT)
    except StaleError:
        return _item(kind, key, 409, stale=True, kept=request.form)
    except InputError as error:
        return _item(kind, key, error.status, issues=error.issues, kept=request.form)
    left = [item for n, item in enumerate(items) if n != at]
    if not left:
        return redirect(link("/office/review"), 303)
    following = left[at % len(left)]
    return redirect(link(f"/office/review/{following.kind}/{following.key}"), 303)


# History


@office.get("/history")
def show_history() -> Response:
    """Who changed what."""
    kind, key, by, before = (request.args.get(name, "")[:200] or None for name in ("kind", "key", "by", "before"))
    at = int(before) if before and before.isascii() and before.isdecimal() and len(before) < 10 else None
    lines = history(desk(), kind, key, by, at)
    return office_page(
        "history.html", lines=lines, kind=kind, key=key, by=by, changed=_changed, issues={},
        may_revert=lambda line: line.step in (Step.PUBLISH, Step.ARCHIVE, Step.REVERT),
    )  # fmt: skip


def _changed(line: Line) -> list[tuple[str, str, str]]:
    before, after = line.before or {}, line.after or {}
    return [(name, before.get(name, ""), after.get(name, "")) for name in changed_names(before, after)]


@office.post("/history/<int:line_id>/revert")
def undo(line_id: int) -> ResponseReturnValue:
    """Undo one change as a new change."""
    here, kind, key = desk(), form_text("kind", 40), form_text("key", 200)
    if kind == LISTING:
        revert(here, line_id, form_text("reason"))
    else:
        revert_row(here, line_id, form_text("reason"))
    return redirect(link("/office/history", kind=kind, key=key), 303)


# Sheets


@office.get("/sheets")
def sheets() -> Response:
    """Bring a sheet, or take one."""
    here = desk()
    here.require(Verb.EXPORT)
    return office_page("sheets.html", municipalities=MUNICIPALITIES, issues={})


@office.post("/sheets")
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


@office.get("/sheets/<id_>")
def show_sheet(id_: str) -> Response:
    """What would become of a sheet, row by row."""
    return _sheet(id_)


def _sheet(id_: str, status: int = 200, **values: Any) -> Response:
    found, words = get_checked(desk(), id_), language()
    issues = [issue for row in found.rows for issue in row.issues]
    return office_page(
        "sheet.html", status, sheet=found.brought, checked=found, found_issues=issues[:ISSUES_SHOWN],
        more=max(len(issues) - ISSUES_SHOWN, 0),
        columns=COLUMNS, outcomes={o: words.say(OUTCOME_TEXTS[o]) for o in Outcome}, Outcome=Outcome,
        **{"issues": {}} | values,
    )  # fmt: skip


@office.post("/sheets/<id_>/columns")
def choose_columns(id_: str) -> ResponseReturnValue:
    """Read a sheet with other columns."""
    headings = get_checked(desk(), id_).brought.sheet.headings
    try:
        found = map_columns(desk(), id_, {h: form_text(f"column_{n}", 40) for n, h in enumerate(headings)})
    except InputError as error:
        return _sheet(id_, error.status, issues=error.issues)
    return redirect(link(f"/office/sheets/{found.id}"), 303)


@office.post("/sheets/<id_>")
def keep_sheet(id_: str) -> ResponseReturnValue:
    """Keep what was shown, all of it."""
    counts = import_sheet(desk(), id_, form_text("seal", 40))
    return redirect(link("/office/venues", imported=counts[Outcome.NEW] + counts[Outcome.CHANGED]), 303)


@office.get("/venues.<any(csv, xlsx, geojson):format_>")
def export(format_: str) -> Response:
    """The listings as a sheet."""
    answer = Response(export_listings(desk(), format_), content_type=MIMETYPES[format_])
    answer.headers["Content-Disposition"] = f'attachment; filename="venues-{today().isoformat()}.{format_}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer

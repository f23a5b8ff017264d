"""The office's pages of venues: the list, the form, the preview, archive and owners."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from tourism.domain.account import MUNICIPALITIES, OFFICE, Role, Verb, Whose
from tourism.domain.evidence import Amenity, Detail
from tourism.domain.finding import AMENITY_TEXTS
from tourism.domain.listing import FIELDS, KINDS, LISTING, LONGEST, WITH_PAGE
from tourism.domain.record import NEXT, Record, State, Step
from tourism.errors import (
    ConflictError,
    ForbiddenError,
    HoursError,
    InputError,
    MailError,
    MalformedError,
    Message,
    NotFoundError,
    OutOfRangeError,
)
from tourism.routes._office import form_text, form_version, guard, issues_of, office_page
from tourism.routes._office_words import FLAG_TEXTS, STATE_NAMES
from tourism.routes._render import answers, language, link, today
from tourism.routes._session import desk, user
from tourism.routes._words import DETAIL_TEXTS
from tourism.routes.pages import spot_page
from tourism.services.feed_desk import find_origin
from tourism.services.hours_check import check_hours
from tourism.services.office import (
    Edit,
    StaleError,
    archive,
    get_record,
    invite,
    keep_photo,
    new_key,
    osm_fields,
    preview_listing,
    questions_about,
    restore,
    save_listing,
    usual_step,
    whose,
)
from tourism.services.office_lists import (
    FLAGS,
    list_entries,
)
from tourism.services.spot_documents import opening_label

office = Blueprint("office", __name__, url_prefix="/office")
office.before_request(guard)
ON_A_PAGE = 50


@office.get("/")
def home() -> ResponseReturnValue:
    """Where each role begins."""
    if user().role is Role.OWNER:
        return redirect(link(f"/office/venues/{user().venue}"), 303)
    if user().role is Role.OPERATOR:
        return redirect(link("/office/night"), 303)
    return redirect(link("/office/venues"), 303)


@office.get("/venues")
def venues() -> Response:
    """The list, searched and filtered."""
    search, flag, state = (request.args.get(name, "")[:100] for name in ("q", "flag", "state"))
    found = list_entries(desk(), search, flag if flag in FLAGS else "", state if state in list(State) else "")
    number = request.args.get("page", "1")
    readable = number.isascii() and number.isdecimal() and len(number) < 6
    page = min(max(int(number) if readable else 1, 1), -(-len(found) // ON_A_PAGE) or 1)
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
    values = {"issues": {}, "stale": None, "saved": ""} | values
    origin = find_origin(here, key) if key else None
    areas = [area for area in MUNICIPALITIES if here.user.may(Verb.PROPOSE, Whose(area, key))]
    return office_page(
        "venue.html", status, key=key, record=record, fields=fields, kinds=KINDS, municipalities=areas,
        longest=LONGEST, facts={name: words.say(text) for name, text in facts.items()},
        has_page=fields.get("kind", "") in WITH_PAGE, seen=key in here.town.venue,
        may_submit=(record.state, Step.SUBMIT) in NEXT,
        usual=usual_step(here, record), Step=Step, may_draft=(record.state, Step.DRAFT) in NEXT,
        may_restore=record.state is State.ARCHIVED and record.published is not None
        and here.user.may(Verb.REVERT, whose(record)),
        may_archive=(record.state, Step.ARCHIVE) in NEXT and here.user.may(Verb.ARCHIVE, whose(record)),
        origin=origin, may_layer=record.cleared is not None and here.user.may(Verb.REVIEW)
        and (origin is not None or record.municipality not in ("", OFFICE)),
        may_edit=origin is None and (record.state, Step.SUBMIT) in NEXT
        and (not record.key or here.user.may(Verb.PROPOSE, whose(record))),
        may_invite=record.live is not None and here.user.may(Verb.INVITE, whose(record)), today=today(),
        questions=list(questions_about(here.town, fields)), label=opening_label,
        **_hours(fields.get("hours", "")), **values,
    )  # fmt: skip


@office.post("/venues/new")
@office.post("/venues/<key>")
def save_venue(key: str = "") -> ResponseReturnValue:
    """Keep a listing, or look at it as the tourist would."""
    here, version, asked = desk(), form_version() if key else None, form_text("step", 10)
    fields = {name: form_text(name) for name in FIELDS if name in request.form}
    if asked not in (Step.DRAFT, Step.SUBMIT, Step.PUBLISH, "preview"):
        choices = "draft, submit, publish, preview"
        raise MalformedError({"step": Message("NOT_A_CHOICE", "Choose from: {choices}.", choices=choices)})
    key = key or new_key(here, fields.get("name", ""))
    try:
        photo = request.files.get("photo_file")
        if photo and photo.filename:
            fields["photo"] = keep_photo(here, key, photo.stream.read())
        if "remove_photo" in request.form:
            fields["photo"] = ""
        edit = Edit(key, version, fields, None if asked == "preview" else Step(asked), form_text("reason"))
        if asked == "preview":
            return _preview(edit)
        after = save_listing(here, edit)
    except StaleError as error:
        return _form(key, error.record, error.merged, 409, stale=error)
    except (InputError, ConflictError, ForbiddenError) as error:
        if asked == "preview":
            return office_page("no_preview.html", error.status, issues=issues_of(error, "state"))
        record = replace(_known(key), version=version or 0)  # a form goes on from what it was based on
        field = "municipality" if isinstance(error, ForbiddenError) else "state"
        typed = {**_old_word(record), **_filled(fields)}
        return _form(record.key, record, typed, error.status, issues=issues_of(error, field))
    return redirect(link(f"/office/venues/{key}", saved=after.state), 303)


def _filled(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value or name not in ("source", "as_of")}


def _old_word(record: Record) -> dict[str, str]:
    """Return who said what a record says, and when."""
    return {name: record.newest[name] for name in ("source", "as_of") if name in record.newest}


def _known(key: str) -> Record:
    """Return the record that a form is about; a new one is none yet."""
    try:
        return get_record(desk(), LISTING, key)
    except NotFoundError:
        return Record(LISTING, "")


def _preview(edit: Edit) -> Response:
    town = preview_listing(desk(), edit)
    if edit.key not in town.venue:
        text = "Only places to wait, near a pick-up, have a page of their own."
        raise OutOfRangeError({"kind": Message("NO_PAGE", text)})
    answer = spot_page(town, edit.key, preview=True)
    answer.headers["Cache-Control"] = "no-store"
    return answer


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


@office.post("/venues/<key>/restore")
def restore_venue(key: str) -> ResponseReturnValue:
    """Bring an archived listing back."""
    try:
        after = restore(desk(), key, form_version(), form_text("reason"))
    except (InputError, ConflictError) as error:
        record = get_record(desk(), LISTING, key)
        return _form(key, record, record.newest, error.status, issues=issues_of(error, "state"))
    return redirect(link(f"/office/venues/{key}", saved=after.state), 303)


@office.post("/venues/<key>/owner")
def invite_owner(key: str) -> ResponseReturnValue:
    """Mail the venue's owner a link to its page."""
    try:
        invite(desk(), key, form_text("email", 200))
    except (InputError, ConflictError, MailError) as error:
        record = get_record(desk(), LISTING, key)
        return _form(key, record, record.newest, error.status, issues=issues_of(error, "email"))
    return redirect(link(f"/office/venues/{key}", saved="invited"), 303)


def _hours(text: str) -> dict[str, Any]:
    """Return what a page shows of hours: the check, or the problem with them; nothing for none."""
    try:
        return {"hours": check_hours(answers().town, text, desk().now) if text.strip() else None, "unreadable": None}
    except HoursError as error:
        return {"hours": None, "unreadable": error.message}


@office.get("/hours")
def hours_line() -> Response:
    """What hours mean tonight, and what to know about them, while they are typed."""
    return office_page("_hours.html", label=opening_label, **_hours(request.args.get("text", "")[:300]))

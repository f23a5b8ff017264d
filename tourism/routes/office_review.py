"""What waits for a person's judgement, and who changed what."""

from typing import Any

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from tourism.domain.account import area_name
from tourism.domain.listing import FIELDS, LISTING
from tourism.domain.record import Step, differences
from tourism.domain.review import Verdict
from tourism.domain.tables import TABLES
from tourism.errors import (
    InputError,
    MalformedError,
    Message,
    NotFoundError,
)
from tourism.geo.conflation import Outcome as Same
from tourism.routes._office import form_text, form_version, guard, office_page
from tourism.routes._render import link
from tourism.routes._session import desk
from tourism.services.feed_desk import alike
from tourism.services.keeping import revert_row
from tourism.services.office import (
    Desk,
    StaleError,
    get_record,
    revert,
    review,
)
from tourism.services.office_lists import (
    LINES,
    Item,
    get_question,
    list_history,
    list_queue,
    settle_question,
    settle_report,
)
from tourism.services.town import Named

office_review = Blueprint("office_review", __name__, url_prefix="/office")
office_review.before_request(guard)
SHOWN = (Step.PUBLISH, Step.ARCHIVE, Step.REVERT)  # steps that changed what everybody sees


@office_review.get("/review")
def review_queue() -> Response:
    """What waits for a person."""
    return office_page("queue.html", items=list_queue(desk()))


@office_review.get("/review/<any(proposal, report, question):kind>/<key>")
def review_item(kind: str, key: str) -> Response:
    """One thing to judge."""
    return _item(kind, key)


def _judged(here: Desk) -> list[Item]:
    """Return what is judged one after the other; a feed has a page of its own."""
    return [item for item in list_queue(here) if item.kind != "feed"]


def _item(kind: str, key: str, status: int = 200, **values: Any) -> Response:
    here = desk()
    items = _judged(here)
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
        near = [here.town.named[id_] for id_ in alike(here, key, record.newest) if id_ in here.town.named]
        return office_page("review.html", status, key=key, record=record, rows=rows, alike=near, **values)
    if kind == "report":
        said = [report for report in here.ports.reader.reports() if report.venue == key]
        if not said:
            raise NotFoundError(Message("NO_REPORT_LEFT", "No report waits about {venue}.", venue=key))
        name = here.town.named[key].name if key in here.town.named else key
        return office_page("report.html", status, key=key, name=name, reports=said, Verdict=Verdict, **values)
    question = get_question(here, key)
    pair = [here.town.named.get(id_) for id_ in (question.listing, question.element)]
    listed = {venue.id: venue for venue in here.town.world.listings}

    def listed_by(one: Named | None) -> str:
        provider = here.town.world.providers.get(one.id) if one else None
        if provider or one is None or one.id not in listed:
            return provider.name if provider else ""
        return area_name(listed[one.id].municipality)

    return office_page("question.html", status, key=key, question=question, pair=pair, listed_by=listed_by, **values)


@office_review.post("/review/<any(proposal, report, question):kind>/<key>")
def judge(kind: str, key: str) -> ResponseReturnValue:
    """Keep a judgement, and go on with the next."""
    here = desk()
    items = _judged(here)
    at = next((n for n, item in enumerate(items) if (item.kind, item.key) == (kind, key)), 0)
    try:
        if kind == "proposal":
            review(here, key, form_version(), _rejected())
        elif kind == "report":
            settle_report(here, key, form_text("reason"))
        else:
            settle_question(here, key, _outcome())
    except StaleError:
        return _item(kind, key, 409, stale=True, kept=request.form)
    except InputError as error:
        return _item(kind, key, error.status, issues=error.issues, kept=request.form)
    left = [item for n, item in enumerate(items) if n != at]
    if not left:
        return redirect(link("/office/review", done=1), 303)
    following = left[at % len(left)]
    return redirect(link(following.path, done=1), 303)


def _rejected() -> dict[str, str]:
    """Return the rejected fields of the form, each with its own reason or the one for all."""
    names = [name for name in FIELDS if request.form.get(f"verdict_{name}") == "reject"]
    return {name: form_text(f"why_{name}") or form_text("why") for name in names}


def _outcome() -> Same:
    said = request.form.get("same", "")
    if said not in (Same.SAME, Same.DIFFERENT):
        raise MalformedError({"same": Message("NOT_A_CHOICE", "Choose from: {choices}.", choices="same, different")})
    return Same(said)


@office_review.get("/history")
def show_history() -> Response:
    """Who changed what."""
    kind, key, by, before = (request.args.get(name, "")[:200] or None for name in ("kind", "key", "by", "before"))
    at = int(before) if before and before.isascii() and before.isdecimal() and len(before) < 10 else None
    lines = list_history(desk(), kind, key, by, at)
    return office_page(
        "history.html", lines=lines, kind=kind, key=key, by=by, limit=LINES,
        may_revert=lambda line: line.kind in (LISTING, *TABLES) and line.step in SHOWN,
    )  # fmt: skip


@office_review.post("/history/<int(max=2147483647):line_id>/revert")
def undo(line_id: int) -> ResponseReturnValue:
    """Undo one change as a new change; of the tables it is seen first what that does."""
    here, kind, key, reason = desk(), form_text("kind", 40), form_text("key", 200), form_text("reason")
    if kind == LISTING:
        revert(here, line_id, reason)
    elif "sure" in request.form:
        revert_row(here, line_id, reason)
    else:
        effect = revert_row(here, line_id, reason, preview=True)
        return office_page(
            "undo.html", line_id=line_id, kind=kind, key=key, reason=reason, effect=effect, removing=None
        )
    return redirect(link("/office/history", kind=kind, key=key, done=1), 303)

"""What the office and its partners do about sharing: feeds, keys, widgets, and words on top of a partner's listing."""

from typing import Any

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from tourism.domain.account import MUNICIPALITIES, Verb, Whose
from tourism.domain.listing import KINDS, LISTING
from tourism.domain.sheet import COLUMNS
from tourism.errors import ConflictError, InputError, MalformedError, Message
from tourism.routes._office import form_text, form_version, guard, issues_of, office_page
from tourism.routes._office_words import ENDING_TEXTS, FATE_TEXTS
from tourism.routes._render import language, link, now
from tourism.routes._session import desk
from tourism.services.changes import USUAL_PER_S, KeyWish, add_key, get_key, list_keys, revoke_key, rotate_key
from tourism.services.feed_desk import (
    LAYERED,
    agree_to_shrink,
    clear_feed,
    get_feed_view,
    list_feeds,
    list_revisions,
    name_category,
    name_columns,
    pull_soon,
    row_of_feed,
    save_layer,
)
from tourism.services.office import StaleError, get_record
from tourism.services.places import list_widgets

office_sharing = Blueprint("office_sharing", __name__, url_prefix="/office")
office_sharing.before_request(guard)


@office_sharing.get("/sharing")
def sharing() -> Response:
    """Feeds, keys and widgets."""
    return _sharing()


def _sharing(status: int = 200, **values: Any) -> Response:
    here = desk()
    here.require(Verb.SHARE)
    keys = [key for key in list_keys(here.ports) if here.user.may(Verb.SHARE, Whose(key.municipality))]
    areas = [area for area in MUNICIPALITIES if here.user.may(Verb.SHARE, Whose(area))]
    values = {"issues": {}, "new_key": None, "kept": {}} | values
    return office_page(
        "sharing.html", status, feeds=list_feeds(here), keys=keys, areas=areas, widgets=list_widgets(here.ports),
        usual_per_s=USUAL_PER_S, at=now(), **_words(), **values,
    )  # fmt: skip


def _words() -> dict[str, Any]:
    words = language()
    return {
        "fates": {fate.value: words.say(text) for fate, text in FATE_TEXTS.items()},
        "endings": {ending.value: words.say(text) for ending, text in ENDING_TEXTS.items()},
    }


@office_sharing.get("/feeds/<feed_id>")
def feed(feed_id: str) -> Response:
    """A feed: its pulls, its columns, its categories, and what waits."""
    return _feed(feed_id)


def _feed(feed_id: str, status: int = 200, **values: Any) -> Response:
    here = desk()
    view = get_feed_view(here, feed_id)
    values = {"issues": {}, "done": request.args.get("done", "")} | values
    return office_page(
        "feed.html", status, view=view, row_key=row_of_feed(here, feed_id), columns=COLUMNS, kinds=KINDS,
        revisions=list_revisions(here, feed_id),
        at=now(), **_words(), **values,
    )  # fmt: skip


@office_sharing.post("/feeds/<feed_id>/<any(columns, category, agree, soon, clear):what>")
def change_feed(feed_id: str, what: str) -> ResponseReturnValue:
    """Say something about a feed."""
    here = desk()
    try:
        if what == "columns":
            headings = list(get_feed_view(here, feed_id).state.headings)
            name_columns(here, feed_id, {h: form_text(f"column_{n}", 40) for n, h in enumerate(headings)})
        elif what == "category":
            name_category(here, feed_id, form_text("category", 80), form_text("kind", 40))
        elif what == "agree":
            agree_to_shrink(here, feed_id)
        elif what == "soon":
            pull_soon(here, feed_id)
        else:
            clear_feed(here, feed_id, form_text("seen", 80))
    except (InputError, ConflictError) as error:
        return _feed(feed_id, error.status, issues=issues_of(error, "state"))
    return redirect(link(f"/office/feeds/{feed_id}", done=1), 303)


@office_sharing.post("/keys")
def new_key() -> Response:
    """Make a key and show it, this once."""
    here, area = desk(), form_text("municipality", 40)
    here.require(Verb.SHARE, Whose(area))
    per_s = form_text("per_s", 5)
    try:
        if not (per_s.isascii() and per_s.isdecimal()):
            raise MalformedError({"per_s": Message("NOT_A_NUMBER", "Write a whole number.")})
        made = add_key(here.ports, KeyWish(form_text("name", 200), area, form_text("scope", 10), int(per_s)), here.by)
    except InputError as error:
        return _sharing(error.status, issues=error.issues, kept=request.form)
    return _sharing(new_key=made)


@office_sharing.post("/keys/<key_id>/<any(rotate, revoke):what>")
def change_key(key_id: str, what: str) -> ResponseReturnValue:
    """Put a new key beside an old one, or end one."""
    here = desk()
    here.require(Verb.SHARE, Whose(get_key(here.ports, key_id).municipality))
    if what == "rotate":
        try:
            return _sharing(new_key=rotate_key(here.ports, key_id, here.by))
        except ConflictError as error:
            return _sharing(error.status, issues=issues_of(error, "state"))
    revoke_key(here.ports, key_id, here.by)
    return redirect(link("/office/sharing", done=1), 303)


@office_sharing.get("/venues/<key>/layer")
def layer(key: str) -> Response:
    """What the office says on top of a partner's listing."""
    return _layer(key)


def _layer(key: str, status: int = 200, **values: Any) -> Response:
    here = desk()
    here.require(Verb.REVIEW)
    record = get_record(here, LISTING, key)
    values = {"issues": {}, "stale": None, "typed": record.layer} | values
    return office_page("layer.html", status, key=key, record=record, names=LAYERED, kinds=KINDS, **values)


@office_sharing.post("/venues/<key>/layer")
def keep_layer(key: str) -> ResponseReturnValue:
    """Keep what the office says on top."""
    typed = {name: form_text(name, 600).strip() for name in (*LAYERED, "source")}
    try:
        save_layer(desk(), key, form_version(), typed, form_text("reason"))
    except StaleError as error:
        return _layer(key, 409, stale=error, typed=typed)
    except (InputError, ConflictError) as error:
        return _layer(key, error.status, issues=issues_of(error, "state"), typed=typed)
    return redirect(link(f"/office/venues/{key}", done=1), 303)

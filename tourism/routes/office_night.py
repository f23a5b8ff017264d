"""The night desk: the departures of a night, and what a word about one would move before it is said."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from tourism.domain.account import Verb, Whose
from tourism.domain.calendar import ONE_DAY, at
from tourism.domain.departure import Change, NightBook, State
from tourism.domain.listing import NEEDED_TEXT
from tourism.domain.night_grid import hours_of
from tourism.errors import DataError, InputError, MalformedError, Message, OutOfRangeError
from tourism.routes._office import guard, office_page
from tourism.routes._parse import DeskForm, DeskQuery, EditForm, GateForm, MessageForm, Query, parse
from tourism.routes._render import answers, language, link, now, ports, this_night
from tourism.routes._session import desk, user
from tourism.routes.turns import SIGNS
from tourism.services.board_documents import STATE_TEXTS, board_document
from tourism.services.departures import Action, GateWord, get_departure, night_of, say_rate, set_late, set_state
from tourism.services.documents import name_of
from tourism.services.night_desk import DepartureEdit, edit_departure, fingerprint, write_to_board
from tourism.services.office import checked_reason
from tourism.services.timetable import publish
from tourism.services.wall import change_text, report_text

night_desk = Blueprint("office_night", __name__, url_prefix="/office")
night_desk.before_request(guard)
SAID = (State.BOARDING, State.LEFT, State.ARRIVED, State.CANCELLED, State.PLANNED)
MOVES_SHOWN = 40


def _action(preview: bool = False) -> Action:
    """Return what the night desk acts with: an operator touches its own departures alone."""
    here = desk()
    here.require(Verb.NIGHT)
    own = None if user().may(Verb.NIGHT, Whose(operator="")) else user().operator
    return Action(ports(), answers().town, here.by, preview, own)


def _for_gates(preview: bool = False) -> Action:
    desk().require(Verb.GATE)
    return _action(preview)


@night_desk.get("/night")
def night() -> Response:
    """The departures of a night."""
    asked = parse(DeskQuery, request.args, forgive_empty=True)
    return _night(asked.night_of(this_night()))


def _night(day: date, status: int = 200, **values: Any) -> Response:
    action, words = _action(), language()
    book = ports().reader.book(day)
    document = board_document(action.town, book, now(), words)["departures"]
    rows = [row for row in document if action.operator is None or row["operator"] == action.operator]
    almanac, own = action.town.world.almanac, {row["id"] for row in rows}

    def shown(change: Change) -> bool:
        return action.operator is None or change.departure in own

    return office_page(
        "night.html", status, night=day, rows=rows, signs=SIGNS, at=datetime.fromisoformat, message=book.message,
        gates=sorted((name_of(action.town, server, words), server) for server in almanac.server),
        closures=almanac.closures_in(hours_of(day)),
        pickups=action.town.pickups, viewpoints=[(v, name_of(action.town, v, words)) for v in almanac.viewpoints],
        approaches=sorted(almanac.approaches), day=ONE_DAY,
        said=[report_text(action.town, report, words) for report in book.reports_in_force],
        log=[(c.at, c.by, change_text(action.town, c, words)) for c in reversed(book.changes) if shown(c)][:30],
        may_gate=user().may(Verb.GATE), **{"issues": {}, "moves": None, "form": {}} | values,
    )  # fmt: skip


@night_desk.get("/night/departures/<id_>")
def departure(id_: str) -> Response:
    """One departure: its state, how late it is, and what it is."""
    return _departure(id_)


def _departure(id_: str, status: int = 200, **values: Any) -> Response:
    action = _action()
    book = ports().reader.book(night_of(id_))
    found, words = get_departure(action, book, id_), language()
    town = action.town
    return office_page(
        "departure.html", status, departure=found, taken=book.taken[id_], based_on=fingerprint(found),
        states=[(state, words.say(STATE_TEXTS[state])) for state in SAID if found.state.may_become(state)],
        state=words.say(STATE_TEXTS[State(found.state)]), ahead=found.is_ahead(now()),
        pickups=town.pickups, viewpoints=[(v, name_of(town, v, words)) for v in town.world.almanac.viewpoints],
        approaches=sorted(town.world.almanac.approaches),
        log=[(c.at, c.by, change_text(town, c, words)) for c in reversed(book.changes) if c.departure == id_],
        **{"issues": {}, "moves": None, "form": {}} | values,
    )  # fmt: skip


def _said(
    night_: date, say: Callable[[bool], NightBook], show: Callable[..., Response], back: str, preview: bool
) -> ResponseReturnValue:
    """Say a word, or show what it would move; what is wrong with it is shown beside the form."""
    before = ports().reader.book(night_)
    try:
        after = say(preview)
    except InputError as error:
        return show(status=error.status, issues=error.issues, form=request.form)
    if not preview:
        return redirect(back, 303)
    words, town = language(), answers().town
    lines = [change_text(town, change, words) for change in after.changes[len(before.changes) :]]
    return show(moves=lines[:MOVES_SHOWN], more=max(len(lines) - MOVES_SHOWN, 0), form=request.form)


F = TypeVar("F", bound=Query)


def _read(model: type[F], show: Callable[..., Response]) -> F | Response:
    """Read a form; what is wrong with it is shown beside it."""
    try:
        return parse(model, request.form, forgive_empty=True)
    except InputError as error:
        return show(status=error.status, issues=error.issues, form=request.form)


@night_desk.post("/night/departures/<id_>")
def say(id_: str) -> ResponseReturnValue:
    """Say where a departure stands, or how late it is."""
    day, form = night_of(id_), _read(DeskForm, partial(_departure, id_))
    if isinstance(form, Response):
        return form

    def word(preview: bool) -> NightBook:
        reason = checked_reason(form.reason or "", needed=form.state is State.CANCELLED and not preview)
        if form.ready:
            return set_late(_action(preview), id_, at(day, form.ready))
        if form.state is None:
            raise MalformedError({"state": NEEDED_TEXT})
        return set_state(_action(preview), id_, form.state, reason)

    back = link("/office/night", date=day, done=1)
    return _said(day, word, partial(_departure, id_), back, form.step == "preview")


@night_desk.post("/night/departures/<id_>/edit")
def edit(id_: str) -> ResponseReturnValue:
    """Change what a departure is."""
    day, form = night_of(id_), _read(EditForm, partial(_departure, id_))
    if isinstance(form, Response):
        return form
    new = DepartureEdit(form.label or "", form.seats, form.pickup, form.viewpoint, form.approach, form.based_on)
    back = link(f"/office/night/departures/{id_}", done=1)
    return _said(
        day, lambda preview: edit_departure(_action(preview), id_, new), partial(_departure, id_), back,
        form.step == "preview",
    )  # fmt: skip


@night_desk.post("/night/gate")
def gate() -> ResponseReturnValue:
    """Say how many vehicles pass a gate, or that it is shut."""
    form = _read(GateForm, partial(_night, this_night()))
    if isinstance(form, Response):
        return form
    rate = form.rate if form.how == "rate" else None
    word = GateWord(form.date, form.gate, rate, form.start, form.end, form.how == "shut")

    def told(preview: bool) -> NightBook:
        if form.how == "rate" and rate is None:
            raise OutOfRangeError({"rate": NEEDED_TEXT})
        return say_rate(_for_gates(preview), word)

    back = link("/office/night", date=form.date, done=1)
    return _said(form.date, told, partial(_night, form.date), back, form.step == "preview")


@night_desk.post("/night/message")
def message() -> ResponseReturnValue:
    """Write to the boards."""
    form = _read(MessageForm, partial(_night, this_night()))
    if isinstance(form, Response):
        return form

    def told(preview: bool) -> NightBook:
        return write_to_board(_for_gates(preview), form.date, form.text_id or "", form.text_en or "")

    back = link("/office/night", date=form.date, done=1)
    return _said(form.date, told, partial(_night, form.date), back, preview=False)


@night_desk.post("/night/timetable")
def timetable() -> ResponseReturnValue:
    """Publish a timetable, all of it or nothing."""
    file, action = request.files.get("file"), _action()
    day = parse(DeskQuery, request.args, forgive_empty=True).night_of(this_night())
    try:
        if not file or not file.filename:
            raise MalformedError({"file": Message("NO_FILE", "Choose a file first.")})
        lines = ports().data_files.timetable_of(file.filename[:80], file.stream.read())
        published, without = publish(action, lines)
    except InputError as error:
        return _night(day, error.status, issues=error.issues)
    except DataError as error:
        return _night(day, 422, issues={"file": error.message})
    first = min((n for line in lines for n in line.nights()), default=day)
    return redirect(link("/office/night", date=first, published=published, without=without), 303)

"""The night desk: the departures of a night, and what a word about one would move before it is said."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from tourism.domain.account import Role, Verb
from tourism.domain.calendar import at
from tourism.domain.departure import NightBook, State, Vehicle
from tourism.errors import DataError, InputError, MalformedError, Message, OutOfRangeError
from tourism.routes._office import guard, office_page
from tourism.routes._parse import DeskForm, EditForm, GateForm, MessageForm, NightQuery, parse
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
    own = user().operator if user().role is Role.OPERATOR else None
    return Action(ports(), answers().town, here.by, preview, own)


def _for_gates(preview: bool = False) -> Action:
    desk().require(Verb.GATE)
    return _action(preview)


@night_desk.get("/night")
def night() -> Response:
    """The departures of a night."""
    asked = parse(NightQuery, request.args, forgive_empty=True)
    return _night(asked.night_of(this_night()))


def _night(day: date, status: int = 200, **values: Any) -> Response:
    action, words = _action(), language()
    book = ports().reader.book(day)
    document = board_document(action.town, book, now(), words)["departures"]
    rows = [row for row in document if action.operator is None or row["operator"] == action.operator]
    almanac = action.town.world.almanac
    return office_page(
        "night.html", status, night=day, rows=rows, signs=SIGNS, at=datetime.fromisoformat, message=book.message,
        gates=[(server, name_of(action.town, server, words)) for server in almanac.server],
        said=[report_text(action.town, report, words) for report in book.reports_in_force],
        log=[(c.at, c.by, change_text(action.town, c, words)) for c in reversed(book.changes[-30:])],
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
        "departure.html", status, departure=found, book=book, taken=book.taken[id_], based_on=fingerprint(found),
        states=[(state, words.say(STATE_TEXTS[state])) for state in SAID if found.state.may_become(state)],
        state=words.say(STATE_TEXTS[State(found.state)]), ahead=found.is_ahead(now()), vehicles=list(Vehicle),
        pickups=town.pickups, viewpoints=[(v, name_of(town, v, words)) for v in town.world.almanac.viewpoints],
        approaches=sorted({leg.approach for leg in town.world.almanac.legs} - {"park"}),
        log=[(c.at, c.by, change_text(town, c, words), c.reason) for c in reversed(book.changes) if c.departure == id_],
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


@night_desk.post("/night/departures/<id_>")
def say(id_: str) -> ResponseReturnValue:
    """Say where a departure stands, or how late it is."""
    form = parse(DeskForm, request.form, forgive_empty=True)
    day = night_of(id_)

    def word(preview: bool) -> NightBook:
        reason = checked_reason(form.reason or "", needed=form.state is State.CANCELLED and not preview)
        if form.ready:
            return set_late(_action(preview), id_, at(day, form.ready))
        if form.state is None:
            raise MalformedError({"state": Message("NEEDED", "This is needed.")})
        return set_state(_action(preview), id_, form.state, reason)

    back = link("/office/night", date=day)
    return _said(day, word, lambda **v: _departure(id_, **v), back, form.step == "preview")


@night_desk.post("/night/departures/<id_>/edit")
def edit(id_: str) -> ResponseReturnValue:
    """Change what a departure is."""
    form, day = parse(EditForm, request.form, forgive_empty=True), night_of(id_)
    new = DepartureEdit(form.label or "", form.seats, form.pickup, form.viewpoint, form.approach, form.based_on)
    back = link(f"/office/night/departures/{id_}")
    return _said(
        day, lambda preview: edit_departure(_action(preview), id_, new), lambda **v: _departure(id_, **v), back,
        form.step == "preview",
    )  # fmt: skip


@night_desk.post("/night/gate")
def gate() -> ResponseReturnValue:
    """Say how many vehicles pass a gate, or that it is shut."""
    form = parse(GateForm, request.form, forgive_empty=True)
    word = GateWord(form.date, form.gate, form.rate, form.start, form.end, form.how == "shut")

    def told(preview: bool) -> NightBook:
        if form.how == "rate" and form.rate is None:
            raise OutOfRangeError({"rate": Message("NEEDED", "This is needed.")})
        usual = replace(word, vehicles_per_min=None) if form.how != "rate" else word
        return say_rate(_for_gates(preview), usual)

    back = link("/office/night", date=form.date)
    return _said(form.date, told, lambda **v: _night(form.date, **v), back, form.step == "preview")


@night_desk.post("/night/message")
def message() -> ResponseReturnValue:
    """Write to the boards."""
    form = parse(MessageForm, request.form, forgive_empty=True)

    def told(preview: bool) -> NightBook:
        return write_to_board(_for_gates(preview), form.date, form.text_id or "", form.text_en or "")

    back = link("/office/night", date=form.date)
    return _said(form.date, told, lambda **v: _night(form.date, **v), back, preview=False)


@night_desk.post("/night/timetable")
def timetable() -> ResponseReturnValue:
    """Publish a timetable, all of it or nothing."""
    file, action = request.files.get("file"), _action()
    day = parse(NightQuery, request.args, forgive_empty=True).night_of(this_night())
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

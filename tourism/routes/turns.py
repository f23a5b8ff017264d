"""Taking part in a night: joining a departure, the board at the pick-ups, and the wall of the command centre."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from tourism.domain.calendar import WIB
from tourism.domain.departure import NightBook
from tourism.routes._parse import JoinForm, NightQuery, TurnForm, parse
from tourism.routes._render import answers, book, conditional, html, language, link, now, page, ports, this_night
from tourism.routes._secure import check_same_site
from tourism.services.board_documents import board_document
from tourism.services.departures import VISITOR, Action, join, withdraw
from tourism.services.documents import name_of
from tourism.services.explain import RUNS, picture
from tourism.services.plans import start_of
from tourism.services.wall import change_text, report_text, wall_of

turns = Blueprint("turns", __name__)

SIGNS = {"planned": "?", "slotted": "✓", "boarding": "●", "left": "→", "arrived": "⚑", "cancelled": "×"}
ROWS = 7  # of a board that is read from five metres
LIVE = {"Cache-Control": "no-cache", "Vary": "Accept-Language"}


def _action() -> Action:
    return Action(ports(), answers().town, VISITOR)


@turns.post("/turns")
def take() -> ResponseReturnValue:
    """Let a party take part, and show its plan with its turn."""
    check_same_site()
    form = parse(JoinForm, request.form, forgive_empty=True)
    pickup = start_of(answers().town, form.near).pickup.id
    code = join(_action(), form.request(pickup), request.remote_addr or "")
    asked = {"date": form.date, "viewpoint": form.viewpoint, "party": form.party, "near": request.form.get("near")}
    return redirect(link("/plan", **asked, turn=code), 303)


@turns.post("/turns/withdraw")
def leave() -> ResponseReturnValue:
    """Take a party out."""
    check_same_site()
    form = parse(TurnForm, request.form)
    withdraw(_action(), form.date, form.turn)
    return redirect(link("/plan", date=form.date), 303)


@turns.get("/board")
def board() -> Response:
    """Who leaves when: the departure board."""
    night = parse(NightQuery, request.args, forgive_empty=True).night_of(this_night())
    return html("board.html", night=night, **_board(*_at(night)))


@turns.get("/board/rows")
def board_rows() -> Response:
    """The board alone, for a screen that asks again and again."""
    return _fragment("_board.html", _board)


@turns.get("/wall")
def wall() -> Response:
    """The night at a glance, for the command centre."""
    night = parse(NightQuery, request.args, forgive_empty=True).night_of(this_night())
    return html("wall.html", night=night, **_wall(*_at(night)))


@turns.get("/wall/panels")
def wall_panels() -> Response:
    """The wall's panels alone."""
    return _fragment("_wall.html", _wall)


@turns.get("/how")
def how() -> Response:
    """Why leaving in turn gets everybody there."""
    town = answers().town
    found = picture(town)
    gate = name_of(town, found.gate, language()) if found else ""
    return html("how.html", found=found, gate=gate, runs=RUNS)


def _at(night: Any) -> tuple[NightBook, datetime]:
    """Return what is registered for a night, and this minute."""
    return book(night)[0], now().astimezone(WIB).replace(second=0, microsecond=0)


def _fragment(template: str, values: Callable[[NightBook, datetime], dict[str, Any]]) -> Response:
    night = parse(NightQuery, request.args, forgive_empty=True).night_of(this_night())
    registered, minute = _at(night)
    asked = template, language(), minute, answers().town.world.version, request.args.get("lang")
    body, etag = book(night)[1].get(asked, lambda: page(template, night=night, **values(registered, minute)).encode())
    return conditional(body, etag, "text/html", LIVE)


def _board(registered: NightBook, minute: datetime) -> dict[str, Any]:
    rows = board_document(answers().town, registered, minute, language())["departures"]
    ahead = [row for row in rows if row["state"] in ("slotted", "boarding", "planned")]
    return {
        "rows": ahead[:ROWS],
        "later": len(ahead) - len(ahead[:ROWS]),
        "minute": minute,
        "signs": SIGNS,
        "at": _instant,
    }


def _instant(written: str) -> datetime:
    return datetime.fromisoformat(written)


def _wall(registered: NightBook, minute: datetime) -> dict[str, Any]:
    town, words = answers().town, language()
    found = wall_of(town, registered, minute)
    return {
        "wall": found,
        "minute": minute,
        "name_of": lambda place: name_of(town, place, words),
        "log": [(change.at, change_text(town, registered, change, words)) for change in found.changes],
        "reports": [report_text(town, report, words) for report in registered.reports],
    }

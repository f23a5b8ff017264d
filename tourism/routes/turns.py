"""Taking part in a night: joining a departure, the board at the pick-ups, and the wall of the command centre."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from tourism.domain.calendar import WIB
from tourism.domain.campaign import Stage
from tourism.domain.departure import NightBook
from tourism.domain.night_grid import hours_of
from tourism.errors import OutOfRangeError
from tourism.routes._parse import BoardQuery, JoinForm, TurnForm, parse, written
from tourism.routes._render import answers, book, conditional, html, language, link, now, page, ports, this_night
from tourism.routes._secure import check_same_site
from tourism.routes.share import came
from tourism.services.board_documents import board_document
from tourism.services.departures import Action
from tourism.services.documents import name_of
from tourism.services.explain import RUNS, picture
from tourism.services.plans import PlanRequest, start_of
from tourism.services.timetable import unknown_pickup
from tourism.services.turns import VISITOR, get_turn, join, withdraw
from tourism.services.wall import change_text, report_text, stranded_text, wall_of

turns = Blueprint("turns", __name__)

SIGNS = {"planned": "?", "slotted": "✓", "boarding": "●", "left": "→", "arrived": "⚑", "cancelled": "×"}
ROWS, MOST_ROWS = 7, 60  # of a board that is read from five metres, and of one that is scrolled
LEFT_MIN = timedelta(minutes=3)  # who has left is shown so long
LIVE = {"Cache-Control": "no-cache", "Vary": "Accept-Language"}


def _action() -> Action:
    return Action(ports(), answers().town, VISITOR)


@turns.post("/turns")
def take() -> ResponseReturnValue:
    """Let a party take part, and show its plan with its turn."""
    check_same_site()
    form = parse(JoinForm, request.form, forgive_empty=True)
    asked = form.request(this_night())
    pickup = start_of(answers().town, asked.near).pickup.id
    code = join(_action(), form.joining(asked, pickup), request.remote_addr or "")
    came(request.args.get("k", ""), Stage.TURN)
    return redirect(link("/plan", **written(asked), turn=code), 303)


@turns.post("/turns/withdraw")
def leave() -> ResponseReturnValue:
    """Take a party out, and show the plan for it again."""
    check_same_site()
    form = parse(TurnForm, request.form)
    turn = get_turn(ports(), answers().town, form.date, form.turn)
    withdraw(_action(), form.date, form.turn)
    asked = PlanRequest(form.date, turn.departure.viewpoint, turn.party.size)
    return redirect(link("/plan", **written(asked)), 303)


@turns.get("/board")
def board() -> Response:
    """Who leaves when: the departure board."""
    return html("board.html", asked=request.args, **_board(_seen()))


@turns.get("/board/rows")
def board_rows() -> Response:
    """The board alone, for a screen that asks again and again."""
    return _fragment("_board.html", _board)


@turns.get("/wall")
def wall() -> Response:
    """The night at a glance, for the command centre."""
    return html("wall.html", asked=request.args, **_wall(_seen()))


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


class _Seen(NamedTuple):
    """What a screen shows: a night as it is registered, this minute, and the pick-up it stands at, if any."""

    registered: NightBook
    minute: datetime
    pickup: str | None


def _seen() -> _Seen:
    """Read what a screen asks for; raises OutOfRangeError for a night or a pick-up that there is not."""
    query, pickups = parse(BoardQuery, request.args, forgive_empty=True), [p.id for p in answers().town.pickups]
    if query.pickup not in (None, *pickups):
        raise OutOfRangeError({"pickup": unknown_pickup(query.pickup, pickups)})
    minute = now().astimezone(WIB).replace(second=0, microsecond=0)
    return _Seen(book(query.night_of(this_night()))[0], minute, query.pickup)


def _fragment(template: str, values: Callable[[_Seen], dict[str, Any]]) -> Response:
    seen = _seen()
    asked = template, language(), seen.minute, answers().town.world.version, request.args.get("lang"), seen.pickup
    body, etag = book(seen.registered.night)[1].get(asked, lambda: page(template, **values(seen)).encode())
    return conditional(body, etag, "text/html", LIVE)


def _board(seen: _Seen) -> dict[str, Any]:
    """Show who leaves, who left in the last minutes, and, until its time, what was cancelled."""
    registered, minute, pickup = seen
    closures_in = answers().town.world.almanac.closures_in
    since = (minute - LEFT_MIN).isoformat(timespec="minutes")
    rows = board_document(answers().town, registered, minute, language())["departures"]
    here = [row for row in rows if not pickup or row["pickup"] == pickup]
    shown = [row for row in here if row["leave_at"] and row["leave_at"] > since and row["state"] != "arrived"]
    return {
        "night": registered.night,
        "rows": shown[:MOST_ROWS],
        "on_screen": ROWS - bool(registered.message),
        "number": len(shown),
        "closed": None if shown else next((c for c in closures_in(hours_of(registered.night)) if c.forbids), None),
        "without": sum(row["leave_at"] is None and row["state"] != "cancelled" for row in here),
        "published": bool(here),
        "minute": minute,
        "signs": SIGNS,
        "at": datetime.fromisoformat,
        "message": registered.message,
    }


def _wall(seen: _Seen) -> dict[str, Any]:
    registered, minute, _ = seen
    town, words = answers().town, language()
    found = wall_of(town, registered, minute)
    return {
        "night": registered.night,
        "wall": found,
        "minute": minute,
        "name_of": lambda place: name_of(town, place, words),
        "log": [(change.at, change_text(town, change, words)) for change in found.changes],
        "stranded": [stranded_text(town, one, words) for one in found.stranded],
        "reports": [report_text(town, report, words) for report in registered.reports_in_force],
    }

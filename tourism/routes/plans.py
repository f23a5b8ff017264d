"""The page of a night's plan, and what one takes along from it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import segno
from flask import Blueprint, Response, request

from tourism.domain.calendar import FIRST_DATE, LAST_DAY, at
from tourism.domain.campaign import Stage
from tourism.domain.departure import Vehicle
from tourism.domain.evidence import Known
from tourism.domain.itinerary import CHANCE_WANTED, Companion
from tourism.domain.night_plan import Aim, Chance, Plan, moments
from tourism.domain.notices import leg_note
from tourism.domain.planning import by_moment
from tourism.domain.tickets import leg_price
from tourism.domain.way_back import MORNING
from tourism.errors import InputError, Message, NotFoundError
from tourism.routes._curve import HEIGHT, WIDTH, curve_of
from tourism.routes._outlook import outlook_values, plan_address
from tourism.routes._parse import PlanPageQuery, TurnQuery, parse, written
from tourism.routes._render import answers, book, html, language, link, now, ports, this_night
from tourism.routes.share import came
from tourism.services.board_documents import departure_document, in_order, moves_of
from tourism.services.documents import name_of
from tourism.services.plan_documents import step_text
from tourism.services.plans import HABIT, LARGEST_PARTY, PlanRequest, Ride, make_chances, make_plan
from tourism.services.spot_documents import opening_label
from tourism.services.take_along import Saved, calendar, waypoints
from tourism.services.town import Town
from tourism.services.turns import OWN, Turn, get_turn
from tourism.services.wall import move_text

plans = Blueprint("plans", __name__)

AIM_TEXTS = {
    Aim.COLOURS: Message("COLOURS", "first colours"),
    Aim.BRIGHT: Message("BRIGHT", "bright sky"),
    Aim.SUNRISE: Message("SUNRISE", "sunrise"),
}
CAUTION_TEXTS = {
    "CLOSURE_EXPECTED": Message("CLOSURE_EXPECTED", "closure expected"),
    "PARK_CLOSED": Message("PARK_CLOSED", "park closed"),
    "STEP_FREE_UNKNOWN": Message("STEP_FREE_UNKNOWN", "wheelchair: not known"),
}
FIELDS = ("date", "viewpoint", "party", "foreign", "near", "approach", "aim", "with", "stop", "leave")


@plans.get("/plan")
def plan() -> Response:
    """A night's plan, counted back from the sunrise; with a time to leave, what that is worth."""
    town, issues, status = answers().town, {}, 200
    came(request.args.get("k", ""), Stage.PLAN)
    asked, found, turn = PlanRequest(this_night()), None, None
    chances: list[Chance] = []
    try:
        asked, turn = _asked(town, parse(PlanPageQuery, request.args, forgive_empty=True))
        found, chances = _answer(town, asked, turn)
    except InputError as error:
        issues, status = error.issues, error.status
    form = {
        "largest": LARGEST_PARTY,
        "first_date": FIRST_DATE,
        "last_date": this_night() + LAST_DAY,
        "aims": Aim,
        "aim_texts": AIM_TEXTS,
        "companions": Companion,
        "fields": FIELDS,
        "moments": moments(found.sun, found.sunrise) if found else None,
        "turn": _turn_values(town, turn) if turn else None,
        "departures": _departures(town, asked) if found and (turn is None or turn.why) else {},
        "own_vehicles": OWN,
        "trip": written(asked),
    }
    return html(
        "plan.html", status, plan=found, chances=chances, asked=asked, issues=issues, typed=request.args, town=town,
        leaving=asked.leave is not None or "leave" in issues, pills=_pills,
        cautions={str(c): c for one in chances for c in one.cautions}, now=now(), known=Known, **form,
        **(_plan_values(town, asked, found) if found else {"plan_address": plan_address(asked)}),
    )  # fmt: skip


def _pills(cautions: Iterable[Message]) -> list[str]:
    """Return in a word each why it may be a no after all."""
    return [language().say(CAUTION_TEXTS[c.code]) for c in cautions if c.code in CAUTION_TEXTS]


def _asked(town: Town, query: TurnQuery) -> tuple[PlanRequest, Turn | None]:
    """Return what is asked: with a code what its party takes part in, whatever else the address says."""
    asked = query.request(this_night())
    if query.turn is None:
        return asked, None
    turn = get_turn(ports(), town, asked.date, query.turn)
    size, d = turn.party.size, turn.departure
    spot = turn.party.spot if turn.party.spot in town.venue else None
    approach = None if turn.why else d.approach  # without a turn the best one that is open
    aim = asked.aim if turn.why else Aim.SUNRISE  # what a slot is given for
    whole = replace(
        asked, viewpoint=d.viewpoint, approach=approach, party=size, foreign=min(asked.foreign, size), aim=aim
    )
    return replace(whole, near=asked.near or spot), turn


def _ride(turn: Turn | None) -> Ride | None:
    if turn is None or turn.why or turn.departure.leave_at is None:
        return None
    return Ride(turn.departure.leave_at, turn.departure.pickup, turn.departure.vehicle is Vehicle.JEEP)


def _turn_values(town: Town, turn: Turn) -> dict[str, Any]:
    """Say when a party leaves, where it waits, and what changed."""
    words, departure = language(), turn.departure
    moves = moves_of(turn.book, departure.id)
    return {
        "party": turn.party,
        "row": departure_document(town, turn.book, departure, next(iter(moves), None), (now(), words)),
        "spot": town.venue.get(turn.party.spot or ""),
        "moves": [{"at": move.at, "text": move_text(move, words)} for move in moves],
        "why": words.say(turn.why) if turn.why else None,
        "offer": turn.offer,
        "offered": name_of(town, turn.offer.viewpoint, words) if turn.offer else None,
        "at": datetime.fromisoformat,
    }


def _departures(town: Town, asked: PlanRequest) -> dict[str, list[dict[str, Any]]]:
    """Return the published departures to the viewpoint that have room for the party, by name of the pick-up."""
    registered, _ = book(asked.date)
    found: dict[str, list[dict[str, Any]]] = {}
    for d in in_order(registered.departures):
        left = registered.seats_left(d)
        if d.own or d.viewpoint != asked.viewpoint or d.leave_at is None or left < asked.party:
            continue
        if d.is_ahead(now()):
            row = {"id": d.id, "leave_at": d.leave_at, "operator": d.operator, "label": d.label, "seats_left": left}
            found.setdefault(name_of(town, d.pickup, language()), []).append(row)
    return found


def _answer(town: Town, asked: PlanRequest, turn: Turn | None) -> tuple[Plan | None, list[Chance]]:
    if asked.leave is None:
        return make_plan(town, asked, this_night(), _ride(turn)), []
    return None, make_chances(town, asked, this_night())


def _plan_values(town: Town, asked: PlanRequest, found: Plan) -> dict[str, Any]:
    words, almanac = language(), town.world.almanac
    return {
        "steps": [(leg, step_text(town, leg, words)) for leg in found.legs],
        "leaves": by_moment(almanac, found.question),
        "curve": curve_of(found, at(found.question.night, HABIT)),
        "box": (WIDTH, HEIGHT),
        "wanted": CHANCE_WANTED,
        "morning": MORNING,
        "qr": segno.make(_address(asked)).svg_inline(scale=3),
        "price": lambda leg: leg_price(almanac, found.approach, found.tickets, leg.step),
        "note": lambda leg: leg_note(almanac, leg, found.start),
        "hours": lambda visit: opening_label(visit.answer, words),
        "ics": link("/plan.ics", **written(asked), turn=request.args.get("turn")),
        "gpx": link("/plan.gpx", **written(asked), turn=request.args.get("turn")),
        "share": _shared(asked),
        "curve_text": _curve_text(found),
        **outlook_values(town, asked, found),
    }


def _curve_text(found: Plan) -> str:
    """Say what the curve shows."""
    words, habit = language(), at(found.question.night, HABIT)
    known = {"habit": habit.time(), "habit_chance": words.percent(found.chance_at(habit))}
    if found.leave_at is None:
        return words.text("Leaving at {habit}, the usual hour: {habit_chance}.", **known)
    text = "Leaving at {leave}: {chance}. Leaving at {habit}, the usual hour: {habit_chance}."
    return words.text(text, leave=found.leave_at.time(), chance=words.percent(found.chance_at(found.leave_at)), **known)


def _shared(asked: PlanRequest) -> str:
    """Return the whole question as a short address, without the language of who shares it."""
    return f"/plan?{urlencode(written(asked), safe=',')}"


def _address(asked: PlanRequest, turn: Turn | None = None) -> str:
    """Return the same for a reader who is not on this site; with a turn it leads back to that."""
    code = f"&turn={turn.party.code}" if turn else ""
    return request.host_url.rstrip("/") + request.script_root + _shared(asked) + code


def _taken_along() -> tuple[PlanRequest, Plan, Turn | None]:
    """Return the plan of the query; raises NotFoundError, with the reason, where there is none to take along."""
    town = answers().town
    asked, turn = _asked(town, parse(TurnQuery, request.args, forgive_empty=True))
    found = make_plan(town, asked, this_night(), _ride(turn))
    if reason := (turn.why if turn else None) or found.reason:
        raise NotFoundError(reason)
    return asked, found, turn


@plans.get("/plan.ics")
def ics() -> Response:
    """The plan for a calendar."""
    asked, found, turn = _taken_along()
    moved = len(moves_of(turn.book, turn.departure.id)) if turn else 0
    event = Saved(_address(asked, turn), answers().town.world.version + moved)
    return _file(calendar(answers().town, found, language(), now(), event), "text/calendar", asked, "ics")


@plans.get("/plan.gpx")
def gpx() -> Response:
    """The plan's places for a map."""
    asked, found, _ = _taken_along()
    return _file(waypoints(answers().town, found, language()), "application/gpx+xml", asked, "gpx")


def _file(body: bytes, mimetype: str, asked: PlanRequest, ending: str) -> Response:
    answer = Response(body, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="bromo-{asked.date}.{ending}"'
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@plans.get("/offline")
def offline() -> Response:
    """What is shown without a signal where no page was saved."""
    return html("offline.html")

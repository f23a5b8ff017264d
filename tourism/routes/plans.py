"""The page of a night's plan, and what one takes along from it."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from tourism.domain.calendar import FIRST_DATE, LAST_DAY, at
from tourism.domain.evidence import Known
from tourism.domain.itinerary import CHANCE, ItineraryLeg
from tourism.domain.night_plan import Aim, Chance, Plan, moments
from tourism.domain.notices import leg_note
from tourism.domain.tickets import leg_price
from tourism.errors import InputError, NotFoundError
from tourism.routes._curve import HEIGHT, WIDTH, curve_of
from tourism.routes._outlook import outlook_values, tab
from tourism.routes._parse import PlanPageQuery, PlanQuery, parse, written
from tourism.routes._render import answers, html, language, link, now, this_night, today
from tourism.services.documents import name_of
from tourism.services.plan_documents import STEP_TEXTS
from tourism.services.plans import HABIT, LARGEST_PARTY, Companion, PlanRequest, make_chances, make_plan
from tourism.services.spot_documents import opening_label
from tourism.services.take_along import calendar, waypoints
from tourism.services.town import Town

plans = Blueprint("plans", __name__)

APPROACH_TEXTS = {
    "tumpang": "Tumpang",
    "nongkojajar": "Nongkojajar",
    "probolinggo": "Probolinggo",
}
MUNICIPALITIES = {"kota-malang": "Kota Malang", "kota-batu": "Kota Batu", "kabupaten-malang": "Kabupaten Malang"}
FIELDS = ("date", "viewpoint", "party", "foreign", "near", "approach", "aim", "with", "stop", "leave")


@plans.get("/plan")
def plan() -> Response:
    """A night's plan, counted back from the sunrise; with a time to leave, what that is worth."""
    town, issues, status = answers().town, {}, 200
    asked, found = PlanRequest(this_night()), None
    chances: list[Chance] = []
    try:
        asked = parse(PlanPageQuery, request.args, forgive_empty=True).request(this_night())
        found, chances = _answer(town, asked)
    except InputError as error:
        issues, status = error.issues, error.status
    form = {
        "largest": LARGEST_PARTY,
        "first_date": FIRST_DATE,
        "last_date": today() + LAST_DAY,
        "aims": Aim,
        "companions": Companion,
        "fields": FIELDS,
        "moments": moments(found.sun, found.sunrise) if found else None,
    }
    return html(
        "plan.html", status, plan=found, chances=chances, asked=asked, issues=issues, typed=request.args, town=town,
        approaches=APPROACH_TEXTS, municipalities=MUNICIPALITIES, habit=HABIT, leaving="leave" in request.args,
        percent=percent, now=now(), known=Known, **form,
        **(_plan_values(town, asked, found) if found else {"tab": tab(asked)}),
    )  # fmt: skip


def percent(chance: float) -> str:
    """Return a chance as people read it; nothing is certain."""
    whole = round(chance * 100)
    if whole == 0:
        return "0%" if chance == 0 else "< 1%"
    return f"{whole}%" if whole < 100 else "> 99%"


def _answer(town: Town, asked: PlanRequest) -> tuple[Plan | None, list[Chance]]:
    if asked.leave is None:
        return make_plan(town, asked, today()), []
    return None, make_chances(town, asked, today())


def _plan_values(town: Town, asked: PlanRequest, found: Plan) -> dict[str, Any]:
    words, almanac = language(), town.world.almanac
    return {
        "steps": _steps(town, found),
        "curve": curve_of(found, at(found.question.night, HABIT)),
        "box": (WIDTH, HEIGHT),
        "wanted": CHANCE,
        "price": lambda leg: leg_price(almanac, found.approach, found.tickets, leg.step),
        "note": lambda leg: leg_note(almanac, leg, found.start),
        "hours": lambda stop: opening_label(stop.answer, words),
        "ics": link("/plan.ics", **written(asked)),
        "gpx": link("/plan.gpx", **written(asked)),
        "share": _shared(asked),
        "curve_text": _curve_text(found),
        **outlook_values(town, asked, found),
    }


def _curve_text(found: Plan) -> str:
    """Say what the curve shows."""
    words, habit = language(), at(found.question.night, HABIT)
    known = {"habit": habit.time(), "habit_chance": percent(found.chance_at(habit))}
    if found.leave_at is None:
        return words.text("Leaving at {habit}, the usual hour: {habit_chance}.", **known)
    text = "Leaving at {leave}: {chance}. Leaving at {habit}, the usual hour: {habit_chance}."
    return words.text(text, leave=found.leave_at.time(), chance=percent(found.chance_at(found.leave_at)), **known)


def _shared(asked: PlanRequest) -> str:
    """Return the whole question as a short address, without the language of who shares it."""
    return f"/plan?{urlencode(written(asked), safe=',')}"


def _steps(town: Town, found: Plan) -> list[tuple[ItineraryLeg, str]]:
    """Pair each leg with its words."""
    words = language()

    def say(leg: ItineraryLeg) -> str:
        here, there = (name_of(town, place, words) for place in (leg.start_place, leg.end_place))
        return words.text(STEP_TEXTS[leg.step].text, here=here, there=there)

    return [(leg, say(leg)) for leg in found.legs]


def _taken_along() -> tuple[PlanRequest, Plan]:
    """Return the plan of the query; raises NotFoundError, with the reason, where there is none to take along."""
    asked = parse(PlanQuery, request.args, forgive_empty=True).request(this_night())
    found = make_plan(answers().town, asked, today())
    if found.reason:
        raise NotFoundError(found.reason)
    return asked, found


@plans.get("/plan.ics")
def ics() -> Response:
    """The plan for a calendar."""
    asked, found = _taken_along()
    address = request.host_url.rstrip("/") + _shared(asked)
    return _file(calendar(answers().town, found, language(), now(), address), "text/calendar", asked, "ics")


@plans.get("/plan.gpx")
def gpx() -> Response:
    """The plan's places for a map."""
    asked, found = _taken_along()
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

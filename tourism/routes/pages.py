"""The pages people open on their phone."""

from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, Response, request

from tourism.domain.calendar import FIRST_DATE, LAST_DAY, WIB
from tourism.domain.itinerary import ItineraryLeg
from tourism.domain.planning import BEFORE_SUNRISE, Outlook, Plan, outlook
from tourism.domain.venue import Amenity, Known
from tourism.errors import InputError, Message
from tourism.routes import _map
from tourism.routes._parse import PlanQuery, SpotsQuery, parse
from tourism.routes._render import answers, html, language, now, this_night, today
from tourism.services.documents import STEP_TEXTS, name_of, opening_label
from tourism.services.plans import LARGEST_PARTY, PlanRequest, make_plan, still_reachable
from tourism.services.spots import FoundSpots, SpotsRequest, find_spots, get_spot
from tourism.services.town import Town

pages = Blueprint("pages", __name__)

SIGNS = {"open": "✓", "closes": "◔", "closed": "×", "unknown": "?"}
AMENITY_TEXTS = {
    Amenity.TOILET: Message("TOILET", "Toilet"),
    Amenity.PRAYER_ROOM: Message("PRAYER_ROOM", "Prayer room"),
    Amenity.INDOOR: Message("INDOOR", "Indoor seats"),
    Amenity.POWER: Message("POWER", "Power sockets"),
    Amenity.WIFI: Message("WIFI", "Wi-Fi"),
    Amenity.PARKING: Message("PARKING", "Parking"),
}
KIND_TEXTS = {
    kind: Message(kind, text)
    for kind, text in {
        "cafe": "Café", "restaurant": "Restaurant", "fast_food": "Fast food", "food_court": "Food court",
        "bar": "Bar", "hotel": "Hotel", "hostel": "Hostel", "mall": "Mall", "park": "Park", "square": "Square",
        "station": "Station",
    }.items()
}  # fmt: skip
APPROACH_TEXTS = {
    "tumpang": "Tumpang",
    "nongkojajar": "Nongkojajar",
    "probolinggo": "Probolinggo",
}


def _amenities(found: FoundSpots, venue: Any) -> list[str]:
    """Name what is known to be there, and what was asked for and is not known."""
    say = language().say
    return [
        f"{say(AMENITY_TEXTS[a])}{'' if venue.has(a) is Known.YES else '?'}"
        for a in Amenity
        if venue.has(a) is Known.YES or (a in found.need and venue.has(a) is Known.UNKNOWN)
    ]


def _spot_values(town: Town, found: FoundSpots) -> dict[str, Any]:
    words = language()
    return {
        "found": found,
        "signs": SIGNS,
        "kinds": KIND_TEXTS,
        "amenity_texts": AMENITY_TEXTS,
        "label": lambda spot: opening_label(spot.answer, words),
        "amenities": lambda spot: _amenities(found, spot.venue),
        "name_of": lambda place: name_of(town, place, words),
    }


def _outlook(town: Town, plan: Plan) -> dict[str, Any]:
    """Say what the plan is worth now, and which viewpoints can still be reached when it is not."""
    found = outlook(plan, now())
    missed = found in (Outlook.LATE, Outlook.CLOSED)
    later = still_reachable(town, plan.question.night, now()) if missed else []
    return {"outlook": found, "later": later, "Outlook": Outlook}


@pages.get("/")
def tonight() -> Response:
    """Tonight's map and the list of waiting spots."""
    town, issues, status = answers().town, {}, 200
    asked = SpotsRequest(this_night())
    try:
        asked = parse(SpotsQuery, request.args, forgive_empty=True).request(this_night())
        found = find_spots(town, asked, today())
    except InputError as error:
        issues, status = error.issues, error.status
        found = find_spots(town, SpotsRequest(this_night()), today())
    ahead = _outlook(town, found.plan)
    if ahead["outlook"] is Outlook.LATE and ahead["later"] and not (asked.start or asked.end or issues):
        # The usual window is over: show who is open from now until the last viewpoint must be left for.
        clock, last = now().astimezone(WIB).time(), ahead["later"][-1][1]
        asked = replace(asked, start=clock.replace(second=0, microsecond=0), end=last.time())
        found = find_spots(town, asked, today())
    return html(
        "map.html", status, plan=found.plan, asked=asked, issues=issues, typed=request.args,
        map_id=f"map_{_map.MAP_ID}", **ahead, **_spot_values(town, found),
    )  # fmt: skip


@pages.get("/plan")
def plan() -> Response:
    """A night's plan, counted back from the sunrise."""
    town, issues, status, found = answers().town, {}, 200, None
    asked = PlanRequest(this_night())
    try:
        asked = parse(PlanQuery, request.args, forgive_empty=True).request(this_night())
        found = make_plan(town, asked, today())
    except InputError as error:
        issues, status = error.issues, error.status
    return html(
        "plan.html", status, plan=found, asked=asked, issues=issues, typed=request.args, town=town,
        largest=LARGEST_PARTY, first_date=FIRST_DATE, last_date=today() + LAST_DAY, approaches=APPROACH_TEXTS,
        steps=_steps(town, found), before=BEFORE_SUNRISE, known=Known, **(_outlook(town, found) if found else {}),
    )  # fmt: skip


def _steps(town: Town, found: Plan | None) -> list[tuple[ItineraryLeg, str]]:
    """Pair each leg with its words."""
    words = language()

    def say(leg: ItineraryLeg) -> str:
        here, there = (name_of(town, place, words) for place in (leg.start_place, leg.end_place))
        return words.text(STEP_TEXTS[leg.step].text, here=here, there=there)

    return [(leg, say(leg)) for leg in (found.legs if found else ())]


@pages.get("/spots/<spot_id>")
def spot(spot_id: str) -> Response:
    """One venue."""
    town = answers().town
    asked = parse(SpotsQuery, request.args, forgive_empty=True).request(this_night())
    found, chosen = get_spot(town, spot_id, asked, today())
    return html("spot.html", spot=chosen, age=_age(chosen.venue.as_of), **_spot_values(town, found))


def _age(as_of: date | None) -> Message:
    """Say how long ago something was checked."""
    if as_of is None:
        return Message("AGE_UNKNOWN", "date of the source not known")
    days = (now().astimezone(WIB).date() - as_of).days
    if days < 14:
        return Message("AGE_DAYS", "source {days} days old", days=days)
    if days < 60:
        return Message("AGE_WEEKS", "source {weeks} weeks old", weeks=days // 7)
    return Message("AGE_MONTHS", "source {months} months old", months=days // 30)

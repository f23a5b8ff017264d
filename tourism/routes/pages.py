"""The pages people open on their phone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from tourism.domain.calendar import WIB
from tourism.domain.evidence import Age, Amenity, Known
from tourism.domain.finding import AMENITY_TEXTS, Group, Spot
from tourism.domain.hours import evening_of
from tourism.domain.night_plan import Outlook
from tourism.domain.review import Verdict
from tourism.domain.venue import Venue
from tourism.errors import InputError
from tourism.routes import _map
from tourism.routes._outlook import outlook_values
from tourism.routes._parse import ReportForm, SpotsQuery, parse
from tourism.routes._render import answers, asking, html, language, link, live, now, ports, this_night, today
from tourism.routes._secure import check_same_site
from tourism.routes._words import KIND_TEXTS, age_text, rows
from tourism.routes._words import tonight as tonight_in_words
from tourism.services.documents import name_of
from tourism.services.office import get_photo
from tourism.services.plans import LARGEST_PARTY, PlanRequest
from tourism.services.reviews import report
from tourism.services.sights import spot_sight
from tourism.services.spot_documents import GROUP_TEXTS, opening_label
from tourism.services.spots import FoundSpots, SpotsRequest, deciding_rule, find_spots, get_spot
from tourism.services.town import Town
from tourism.services.walking import MINUTES

pages = Blueprint("pages", __name__)

SAID = {"HOURS_UNKNOWN", "CLOSES", "OPENS", "CLOSED", "FULL", "TOO_FEW_FREE"}  # by the sign, or as what is free now
SIGNS = {"open": "✓", "closes": "◔", "closed": "×", "unknown": "?"}
USUAL_NEEDS = (Amenity.TOILET, Amenity.PRAYER_ROOM, Amenity.INDOOR)  # the rest is one tap away


def _amenities(spot: Spot) -> list[str]:
    """Name what is known to be there or next door."""
    words = language()
    found = []
    for amenity in Amenity:
        if spot.venue.has(amenity) is Known.YES:
            found.append(words.say(AMENITY_TEXTS[amenity]))
        elif amenity in spot.nearby:
            metres = words.text("{metres} m", metres=spot.nearby[amenity].metres)
            found.append(f"{words.say(AMENITY_TEXTS[amenity])} {metres}")
    if spot.venue.seats is not None:
        found.insert(0, words.text("{seats} seats", seats=spot.venue.seats))
    return found


def _spot_values(town: Town, found: FoundSpots) -> dict[str, Any]:
    words = language()
    return {
        "found": found,
        "signs": SIGNS,
        "kinds": KIND_TEXTS,
        "amenity_texts": AMENITY_TEXTS,
        "Group": Group,
        "Age": Age,
        "label": lambda spot: opening_label(spot.answer, words),
        "amenities": _amenities,
        "reasons": lambda spot: [words.say(r.message) for r in spot.reasons if r.message.code not in SAID],
        "live_class": lambda spot: _live_class(found, spot),
        "name_of": lambda place: name_of(town, place, words),
    }


def _live_class(found: FoundSpots, spot: Spot) -> str:
    """Say by colour whether the seats that are free now are enough."""
    free = spot.occupancy.free_seats if spot.occupancy else 0
    return "open" if free >= (found.wish.party or 1) else "full" if free == 0 else "closes"


@pages.get("/")
def home() -> Response:
    """Tonight's map and the list of waiting spots."""
    town, issues, status = answers().town, {}, 200
    asked = SpotsRequest(this_night())
    try:
        asked = parse(SpotsQuery, request.args, forgive_empty=True).request(this_night())
        found = find_spots(town, asked, now(), live())
    except InputError as error:
        issues, status = error.issues, error.status
        found = find_spots(town, SpotsRequest(this_night()), now(), live())
    ahead = outlook_values(town, PlanRequest(found.wish.night), found.plan)
    if ahead["outlook"] is Outlook.LATE and ahead["later"] and not (asked.start or asked.end or issues):
        # The usual window is over: show who is open from now until the last viewpoint must be left for.
        clock, last = now().astimezone(WIB).time(), ahead["later"][-1].leave_at
        asked = replace(asked, start=clock.replace(second=0, microsecond=0), end=last.time())
        found = find_spots(town, asked, now(), live())
    return html(
        "map.html", status, plan=found.plan, asked=asked, issues=issues, typed=request.args, largest=LARGEST_PARTY,
        group_texts=GROUP_TEXTS, usual_needs=USUAL_NEEDS, walk_choices=_walk_choices, clock_value=_clock_value,
        map_id=f"map_{_map.MAP_ID}", **ahead, **_spot_values(town, found),
    )  # fmt: skip


def _walk_choices(chosen: int | None) -> list[int]:
    return sorted({*MINUTES, chosen or MINUTES[0]})


def _clock_value(chosen: time | datetime | None) -> str:
    """Return what a time field shows."""
    local = chosen.astimezone(WIB) if isinstance(chosen, datetime) else chosen
    return local.strftime("%H:%M") if local else ""


@pages.get("/spots/<spot_id>")
def spot(spot_id: str) -> ResponseReturnValue:
    """One venue."""
    town = answers().town
    if spot_id in town.same_as:
        return redirect(link(f"/spots/{town.same_as[spot_id]}"), 308)
    return spot_page(town, spot_id)


def spot_page(town: Town, spot_id: str, preview: bool = False) -> Response:
    """Return a venue's page in a town, also in one that is only looked at."""
    words = language()
    query = {} if preview else request.args.to_dict(flat=False)
    said = (query.pop("said", None) or [""])[0]
    asked = parse(SpotsQuery, MultiDict(query), forgive_empty=True).request(this_night())
    found, chosen = get_spot(town, spot_id, asked, now(), live())
    hours = chosen.venue.source_of("opening_hours")
    evening = evening_of(found.window.start)
    about = (chosen.venue.about_id, chosen.venue.about_en)
    return html(
        "spot.html", spot=chosen, kept=_kept(), rows=rows(town, chosen, words, today()), preview=preview,
        about=next(filter(None, about if words.code == "id" else reversed(about)), ""),
        rule=deciding_rule(town, chosen.venue, found.window),
        tonight=tonight_in_words(town, found, chosen, words),
        hours=hours, hours_age=age_text(hours.as_of, today()), walks=town.walks_of[chosen.venue.id],
        position=chosen.venue.source_of("position"), providers=_providers(town, chosen.venue),
        said=said if said in list(Verdict) else "", sight=None if preview else spot_sight(asking(), chosen, found.plan),
        temporary=[t for t in town.temporary.get(chosen.venue.id, ()) if t.first <= evening <= t.last],
        **_spot_values(town, found),
    )  # fmt: skip


def _providers(town: Town, venue: Venue) -> Sequence[str]:
    """Return who lists a venue, where that is not the office alone."""
    listed = town.world.providers.get(venue.id)
    return venue.providers if listed or len(venue.providers) > 1 else ()


@pages.get("/photos/<digest>.jpg", defaults={"mimetype": "image/jpeg"})
@pages.get("/logos/<digest>.png", defaults={"mimetype": "image/png"})
def photo(digest: str, mimetype: str) -> Response:
    """A picture of a venue or the logo of a brand, as we re-encoded it."""
    answer = Response(get_photo(ports(), digest), mimetype=mimetype)
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


@pages.post("/spots/<spot_id>/reports")
def say(spot_id: str) -> ResponseReturnValue:
    """Keep what a visitor says about a venue's page, for review."""
    check_same_site()
    verdict = parse(ReportForm, request.form).verdict
    report(ports(), answers().town, spot_id, verdict, request.remote_addr or "")
    return redirect(link(f"/spots/{spot_id}", said=verdict, **_kept()) + "#reports", 303)


def _kept() -> dict[str, str | None]:
    """Return what was asked about the wait, for the links that go on with it."""
    return {key: request.args.get(key) for key in ("night", "from", "until", "party")}

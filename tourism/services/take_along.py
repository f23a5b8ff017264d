"""A plan for a calendar (iCalendar, RFC 5545) and for a map (GPX 1.1)."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

from gpxpy.gpx import GPX, GPXRoute, GPXRoutePoint, GPXWaypoint
from icalendar import Alarm, Calendar, Event

from tourism.domain.itinerary import Step
from tourism.domain.night_plan import Plan
from tourism.services.documents import name_of, point_of
from tourism.services.language import Language
from tourism.services.plan_documents import step_text
from tourism.services.town import Town

LAST_ORDER = timedelta(minutes=30)  # before one gets up; an assumption: no venue has said when it takes the last order


class Saved(NamedTuple):
    """What an event in a calendar is known by: the page it comes from, and a number that grows with changes."""

    address: str
    sequence: int


def calendar(town: Town, plan: Plan, language: Language, now: datetime, saved: Saved) -> bytes:
    """Return an event from the minute to leave to the sunrise, with alarms for the last order and for getting up.

    The same question has the same UID in both languages; what changed replaces what was saved.
    """
    leave = plan.leave_at or plan.in_place_by
    up = next((leg.end for leg in plan.legs if leg.step is Step.HOLD), plan.legs[0].start)
    pickup = plan.start.pickup
    event = Event()
    event.add("uid", str(uuid5(NAMESPACE_URL, saved.address)))
    event.add("sequence", saved.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", leave)
    event.add("dtend", plan.sunrise)
    title = language.text(
        "Leave for {viewpoint}; sunrise {time}", viewpoint=plan.viewpoint.name, time=plan.sunrise.time()
    )
    event.add("summary", title)
    event.add("location", pickup.name)
    event.add("geo", (pickup.lat, pickup.lon))
    event.add("description", "\n".join(_lines(town, plan, language)))
    event.add("url", saved.address)
    event.add_component(_alarm(up - LAST_ORDER - leave, language.text("Last order: in half an hour you walk.")))
    text = language.text("Walk to {pickup}; the vehicle leaves at {time}.", pickup=pickup.name, time=leave.time())
    event.add_component(_alarm(up - leave, text))
    found = Calendar()
    found.add("prodid", "-//Kongkow Kayutangan//id")
    found.add("version", "2.0")
    found.add_component(event)
    found.add_missing_timezones()
    return bytes(found.to_ical())


def _alarm(before: timedelta, text: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", before)
    alarm.add("description", text)
    return alarm


def _lines(town: Town, plan: Plan, language: Language) -> list[str]:
    chance = language.percent(plan.chance_at(plan.leave_at)) if plan.leave_at else ""
    by = language.clock(plan.in_place_by)
    first = language.text("{chance} chance of being in place by {time}", chance=chance, time=by)
    steps = [f"{language.clock(leg.start)} {step_text(town, leg, language)}" for leg in plan.legs]
    return [first, *(language.say(caution) for caution in plan.cautions), *steps]


def waypoints(town: Town, plan: Plan, language: Language) -> bytes:
    """Return the places of a plan in order, with when one is there and how well their position is known."""
    found, route = GPX(), GPXRoute(name=plan.viewpoint.name)
    found.creator = "Kongkow Kayutangan"
    found.name = f"{plan.viewpoint.name}, {language.long_date(plan.question.night)}"
    found.description = language.text("The route joins the places by straight lines; follow the road.")
    for place, when in _arrivals(plan).items():
        where, name = point_of(town, place), name_of(town, place, language)
        known = town.world.almanac.place.get(place)
        rough = f" · ± {language.number(known.uncertainty_m)} m" if known else ""
        about = f"{language.clock(when)}{rough}"
        found.waypoints.append(GPXWaypoint(where.lat, where.lon, name=_printable(name), description=about))
        route.points.append(GPXRoutePoint(where.lat, where.lon, name=_printable(name)))
    found.routes.append(route)
    return found.to_xml().encode()


def _printable(name: str) -> str:
    """Leave out what XML forbids."""
    return "".join(sign for sign in name if sign.isprintable())


def _arrivals(plan: Plan) -> dict[str, datetime]:
    """Return when one is first at each place, in order."""
    found: dict[str, datetime] = {}
    for leg in plan.legs:
        found.setdefault(leg.start_place, leg.start)
        found.setdefault(leg.end_place, leg.end)
    return found

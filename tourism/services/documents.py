"""The documents of the API and of `--json`: plain dictionaries whose shape OpenAPI describes."""

from collections.abc import Iterable
from typing import Any

from shapely.geometry.base import BaseGeometry
from typing_extensions import TypedDict

from tourism.domain.corridor import Place
from tourism.domain.itinerary import CHANCE, ItineraryLeg, Step
from tourism.domain.planning import Plan
from tourism.errors import Message
from tourism.geo.geojson import collection, feature
from tourism.services.language import Language
from tourism.services.town import Town

ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"


class WarningDocument(TypedDict):
    """Something to know before going."""

    code: str
    text: str
    source: str


LegDocument = TypedDict(
    "LegDocument",
    {
        "mode": str,
        "step": str,
        "from": str,
        "from_name": str,
        "to": str,
        "to_name": str,
        "start": str,
        "end": str,
        "distance_m": int,
        "p50_min": float | None,
        "p90_min": float | None,
        "confidence": str,
        "estimated": bool,
    },
)


class TicketLineDocument(TypedDict):
    """Entry tickets of one audience."""

    audience: str
    day_type: str
    people: int
    each_idr: int
    amount_idr: int
    valid_from: str
    source: str


class TicketsDocument(TypedDict):
    """Park tickets; `vehicle_each_idr` comes on top and is often part of a jeep's price."""

    needed: str
    lines: list[TicketLineDocument]
    total_idr: int
    vehicle_each_idr: int | None
    vehicles: int


class PlanDocument(TypedDict):
    """One night's plan. `leave_at` is null and `reason` set unless `status` is ok."""

    status: str
    reason: str | None
    reason_text: str | None
    service_date: str
    viewpoint: str
    viewpoint_name: str
    aim: str
    party: int
    foreign: int
    approach: str | None
    subuh: str
    nautical_dawn: str
    civil_dawn: str
    sunrise: str
    in_place_by: str
    leave_at: str | None
    chance: float | None
    legs: list[LegDocument]
    tickets: TicketsDocument
    warnings: list[WarningDocument]
    nearest_open: str | None


class ViewpointDocument(TypedDict):
    """A viewpoint and how well its position is known."""

    id: str
    name: str
    aliases: list[str]
    lat: float
    lon: float
    uncertainty_m: int
    elevation_m: int | None
    park_ticket: str
    step_free: str
    approaches: list[str]
    note: str


class ViewpointsDocument(TypedDict):
    """All viewpoints."""

    viewpoints: list[ViewpointDocument]


STEP_TEXTS = {
    Step.HOLD: Message("HOLD", "Wait at {here}"),
    Step.WALK_TO_PICKUP: Message("WALK_TO_PICKUP", "Walk to {there}"),
    Step.BOARD: Message("BOARD", "Board at {here}"),
    Step.DRIVE: Message("DRIVE", "Ride to {there}"),
    Step.CHANGE: Message("CHANGE", "Change to the jeep at {here}"),
    Step.GATE_OPENS: Message("GATE_OPENS", "Wait until {here} opens"),
    Step.SCAN: Message("SCAN", "Ticket scan at {here}"),
    Step.CLIMB_OPENS: Message("CLIMB_OPENS", "Wait until the climb opens at {here}"),
    Step.CLIMB: Message("CLIMB", "Climb to {there}"),
    Step.WALK: Message("WALK", "Walk to {there}"),
    Step.IN_HAND: Message("IN_HAND", "In place at {here}, with time in hand for delays"),
}


def name_of(town: Town, place_id: str, language: Language) -> str:
    """Return the name of a place on the corridor or in town; a position stands for itself."""
    if place_id in town.world.almanac.place:
        return language.text(town.world.almanac.place[place_id].name)
    return town.named[place_id].name if place_id in town.named else place_id


def plan_document(town: Town, plan: Plan, language: Language) -> PlanDocument:
    """Write a plan down."""
    return {
        "status": plan.status,
        "reason": plan.reason.code if plan.reason else None,
        "reason_text": language.say(plan.reason) if plan.reason else None,
        "service_date": plan.question.night.isoformat(),
        "viewpoint": plan.viewpoint.id,
        "viewpoint_name": plan.viewpoint.name,
        "aim": plan.question.aim,
        "party": plan.question.party,
        "foreign": plan.question.foreign,
        "approach": plan.approach,
        "subuh": plan.sun.subuh.isoformat(),
        "nautical_dawn": plan.sun.nautical_dawn.isoformat(),
        "civil_dawn": plan.sun.civil_dawn.isoformat(),
        "sunrise": plan.sunrise.isoformat(),
        "in_place_by": plan.in_place_by.isoformat(),
        "leave_at": plan.leave_at.isoformat() if plan.leave_at else None,
        "chance": CHANCE if plan.leave_at else None,
        "legs": [_leg(town, leg, language) for leg in plan.legs],
        "tickets": _tickets(plan),
        "warnings": [_warning(warning, language) for warning in plan.warnings],
        "nearest_open": plan.nearest_open.isoformat() if plan.nearest_open else None,
    }


def _leg(town: Town, leg: ItineraryLeg, language: Language) -> LegDocument:
    return {
        "mode": leg.mode,
        "step": leg.step,
        "from": leg.start_place,
        "from_name": name_of(town, leg.start_place, language),
        "to": leg.end_place,
        "to_name": name_of(town, leg.end_place, language),
        "start": leg.start.isoformat(),
        "end": leg.end.isoformat(),
        "distance_m": leg.distance_m,
        "p50_min": leg.p50_min,
        "p90_min": leg.p90_min,
        "confidence": leg.confidence,
        "estimated": leg.estimated,
    }


def _warning(message: Message, language: Language) -> WarningDocument:
    return {"code": message.code, "text": language.say(message), "source": message.source}


def _tickets(plan: Plan) -> TicketsDocument:
    return {
        "needed": plan.tickets.needed,
        "lines": [
            {
                "audience": line.audience,
                "day_type": line.day_type,
                "people": line.people,
                "each_idr": line.each_idr,
                "amount_idr": line.people * line.each_idr,
                "valid_from": line.valid_from.isoformat(),
                "source": line.source,
            }
            for line in plan.tickets.lines
        ],
        "total_idr": plan.tickets.total_idr,
        "vehicle_each_idr": plan.tickets.vehicle_each_idr,
        "vehicles": plan.tickets.vehicles,
    }


def areas_geojson(areas: Iterable[tuple[int | None, BaseGeometry]]) -> dict[str, Any]:
    """Write areas within a walk down as GeoJSON; the minutes are null for the usual buffer zone."""
    return collection((feature(area, {"max_walk_min": minutes}) for minutes, area in areas), attribution=ATTRIBUTION)


def viewpoint_document(town: Town, place: Place) -> ViewpointDocument:
    """Write a viewpoint down."""
    return {
        "id": place.id,
        "name": place.name,
        "aliases": place.aliases.split(";") if place.aliases else [],
        "lat": place.lat,
        "lon": place.lon,
        "uncertainty_m": place.uncertainty_m,
        "elevation_m": place.elevation_m,
        "park_ticket": place.park_ticket,
        "step_free": place.step_free,
        "approaches": [way.approach for way in town.world.almanac.ways(place.id)],
        "note": place.note,
    }

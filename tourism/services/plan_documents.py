"""A night's plan written down for the API and for `--json`."""

from collections.abc import Iterable
from datetime import date, datetime

from tourism.domain.calendar import at
from tourism.domain.closures import Closure
from tourism.domain.itinerary import CHANCE_WANTED, Companion, ItineraryLeg, Step
from tourism.domain.night_plan import Alternatives, Chance, Option, Plan, Reason
from tourism.domain.notices import leg_note
from tourism.domain.tickets import leg_price
from tourism.domain.way_back import Visit
from tourism.errors import Message
from tourism.geo.geojson import line, point
from tourism.services.documents import name_of, point_of
from tourism.services.language import Language
from tourism.services.plan_shapes import (
    AlternativesDocument,
    ChancesDocument,
    ClosureDocument,
    CurvePoint,
    LegDocument,
    NoteDocument,
    OptionDocument,
    PlanDocument,
    TicketsDocument,
    VisitDocument,
)
from tourism.services.plans import HABIT, PlanRequest
from tourism.services.spot_documents import opening_label
from tourism.services.town import Town

STEP_TEXTS = {
    Step.HOLD: Message("HOLD", "Wait at {here}"),
    Step.WALK_TO_PICKUP: Message("WALK_TO_PICKUP", "Walk to {there}"),
    Step.BOARD: Message("BOARD", "Board at {here}"),
    Step.DRIVE: Message("DRIVE", "Ride to {there}"),
    Step.CHANGE: Message("CHANGE", "Change to the jeep at {here}"),
    Step.GATE_OPENS: Message("GATE_OPENS", "Wait until {here} opens"),
    Step.GATE_QUEUE: Message("GATE_QUEUE", "In line at {here}"),
    Step.SCAN: Message("SCAN", "Ticket scan at {here}"),
    Step.CLIMB_OPENS: Message("CLIMB_OPENS", "Wait until the climb opens at {here}"),
    Step.CLIMB_QUEUE: Message("CLIMB_QUEUE", "In line for the climb at {here}"),
    Step.CLIMB: Message("CLIMB", "Climb to {there}"),
    Step.WALK: Message("WALK", "Walk to {there}"),
    Step.SUBUH: Message("SUBUH", "Wait for Subuh at {here}"),
    Step.PRAYER: Message("PRAYER", "Pray Subuh at {here}"),
    Step.IN_HAND: Message("IN_HAND", "In place at {here}, with time in hand for delays"),
}


def step_text(town: Town, leg: ItineraryLeg, language: Language) -> str:
    """Say what a leg is for."""
    here, there = (name_of(town, place, language) for place in (leg.start_place, leg.end_place))
    return language.text(STEP_TEXTS[leg.step].text, here=here, there=there)


def plan_document(town: Town, plan: Plan, language: Language) -> PlanDocument:
    """Write a plan down."""
    asked, sun = plan.question, plan.sun
    party = asked.party
    habit = at(asked.night, HABIT)
    return {
        "status": plan.status,
        "reason": Reason(plan.reason.code) if plan.reason else None,
        "reason_text": language.say(plan.reason) if plan.reason else None,
        "service_date": asked.night.isoformat(),
        "viewpoint": plan.viewpoint.id,
        "viewpoint_name": plan.viewpoint.name,
        "aim": asked.aim,
        "party": party.size,
        "foreign": party.foreign,
        "companions": [c.value for c in Companion if c in party.companions],
        "subuh_stop": party.subuh,
        "profile": {
            "crowd": plan.profile.crowd,
            "day_type": plan.profile.day_type,
            "reasons": [language.say(reason) for reason in plan.profile.reasons],
        },
        "approach": plan.approach,
        "subuh": sun.subuh.isoformat(),
        "nautical_dawn": sun.nautical_dawn.isoformat(),
        "civil_dawn": sun.civil_dawn.isoformat(),
        "sunrise": plan.sunrise.isoformat(),
        "in_place_by": plan.in_place_by.isoformat(),
        "leave_at": plan.leave_at.isoformat() if plan.leave_at else None,
        "chance": _share(plan.chance_at(plan.leave_at)) if plan.leave_at else None,
        "chance_wanted": CHANCE_WANTED,
        "curve": [_curve_point(leave, chance) for leave, chance in plan.points()],
        "habit": _curve_point(habit, plan.chance_at(habit)) if plan.curve is not None else None,
        "legs": [_leg(town, plan, leg, language) for leg in plan.legs],
        "tickets": _tickets(plan),
        "closures": [_closure(closure, language) for closure in plan.closures],
        "warnings": [_note(warning, language) for warning in (*plan.cautions, *plan.warnings)],
        "advice": [_note(message, language) for message in plan.advice],
        "way_back": [_visit(visit, language) for visit in plan.way_back],
        "alternatives": _alternatives(plan.alternatives, language),
        "nearest_open": _day(plan.nearest_open),
    }


def chances_document(asked: PlanRequest, found: Iterable[Chance], language: Language) -> ChancesDocument:
    """Write down what leaving at a time is worth."""
    return {
        "service_date": asked.date.isoformat(),
        "leave": asked.leave_at.isoformat(),
        "aim": asked.aim,
        "viewpoints": [
            {
                "viewpoint": one.viewpoint.id,
                "viewpoint_name": one.viewpoint.name,
                "chance": _share(one.chance),
                "approach": one.approach,
                "in_place_by": one.in_place_by.isoformat(),
                "usually_there": one.usually_there.isoformat() if one.usually_there else None,
                "cautions": [_note(caution, language) for caution in one.cautions],
                "reason": Reason(one.reason.code) if one.reason else None,
                "reason_text": language.say(one.reason) if one.reason else None,
            }
            for one in found
        ],
    }


def _share(chance: float) -> float:
    return round(chance, 3)


def _curve_point(leave: datetime, chance: float) -> CurvePoint:
    return {"leave": leave.isoformat(), "chance": _share(chance)}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _leg(town: Town, plan: Plan, leg: ItineraryLeg, language: Language) -> LegDocument:
    start, end = (point_of(town, place) for place in (leg.start_place, leg.end_place))
    moves = leg.start_place != leg.end_place
    by_street = leg.step is Step.WALK_TO_PICKUP and not leg.estimated
    path = (town.path_of(start, end) if by_street else []) or [start, end]
    price = leg_price(town.world.almanac, plan.approach, plan.tickets, leg.step)
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
        "geometry": line(path) if moves else point(start),
        "schematic": moves and not by_street,
        "price": {
            "low_idr": price.low_idr,
            "high_idr": price.high_idr,
            "per": price.per.code.lower(),
            "source": price.source,
        }
        if price
        else None,
        "note": leg_note(town.world.almanac, leg, plan.start),
    }


def _note(message: Message, language: Language) -> NoteDocument:
    return {"code": message.code, "text": language.say(message), "source": message.source}


def _closure(closure: Closure, language: Language) -> ClosureDocument:
    return {
        "scope": closure.scope,
        "starts_at": closure.starts_at.isoformat(),
        "ends_at": closure.ends_at.isoformat() if closure.ends_at else None,
        "status": closure.status,
        "reason": language.text(closure.reason),
        "note": language.text(closure.note) if closure.note else "",
        "source": closure.source,
    }


def _option(option: Option, language: Language) -> OptionDocument:
    return {
        "viewpoint": option.viewpoint.id,
        "viewpoint_name": option.viewpoint.name,
        "approach": option.approach,
        "leave_at": option.leave_at.isoformat(),
        "cautions": [_note(caution, language) for caution in option.cautions],
    }


def _visit(visit: Visit, language: Language) -> VisitDocument:
    place = visit.destination
    return {
        "name": place.name,
        "municipality": place.municipality,
        "lat": place.lat,
        "lon": place.lon,
        "uncertainty_m": place.uncertainty_m,
        "opening": visit.answer.opening,
        "label": opening_label(visit.answer, language),
        "opening_hours": place.opening_hours,
        "hours_basis": place.hours_basis,
        "detour": language.text(visit.detour) if visit.detour else "",
        "source": place.basis,
    }


def _alternatives(found: Alternatives, language: Language) -> AlternativesDocument:
    return {
        "approaches": [_option(option, language) for option in found.approaches],
        "viewpoints": [_option(option, language) for option in found.viewpoints],
        "open_before": _day(found.open_before),
        "open_after": _day(found.open_after),
        "destinations": [_visit(visit, language) for visit in found.destinations],
    }


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

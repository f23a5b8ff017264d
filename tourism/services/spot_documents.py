"""The documents of waiting spots: plain dictionaries whose shape OpenAPI describes."""

from datetime import date
from functools import lru_cache
from typing import Any

from typing_extensions import TypedDict

from tourism.domain.calendar import clock_time
from tourism.domain.evidence import Known
from tourism.domain.finding import WEIGHTS, Group, Reason, Spot, hours_reasons
from tourism.domain.hours import Answer, Opening
from tourism.domain.occupancy import Occupancy
from tourism.errors import Message
from tourism.geo.geojson import collection, point_feature
from tourism.services.documents import ATTRIBUTION
from tourism.services.language import Language
from tourism.services.spots import FoundSpots, deciding_rule
from tourism.services.town import Town


class FactDocument(TypedDict):
    """One value with who says so, when, and how many metres away if it is next door."""

    value: str
    source: str
    as_of: str | None
    confidence: float | None
    nearby_m: int | None
    nearby_name: str | None


class ReasonDocument(TypedDict):
    """Why a venue is left out; `certain` is false where something is only not known."""

    code: str
    text: str
    certain: bool


class WalkDocument(TypedDict):
    """A walk to a pick-up, or to the place that was asked for."""

    to: str
    minutes: int
    metres: int
    estimated: bool


class OccupancyDocument(TypedDict):
    """Free seats as somebody there said; it holds for half an hour."""

    free_seats: int
    set_at: str
    until: str


class BriefDocument(TypedDict):
    """What a list or a map needs to know of a venue in one window.

    `group` is fits, ask (something asked for is not known) or out; `score` is the sum of the terms, each times its
    weight; `age` is that of the hours: fresh, stale or undated.
    """

    id: str
    name: str
    kind: str
    group: str
    reasons: list[ReasonDocument]
    score: float
    opening: str
    label: str
    short: str
    age: str
    walk_min: int
    walk_estimated: bool
    occupancy: OccupancyDocument | None


class SpotDocument(BriefDocument):
    """Everything about a venue in one window. What is not in `facts` is not known."""

    lat: float
    lon: float
    uncertainty_m: int
    address: str
    terms: dict[str, float]
    until: str | None
    opens: str | None
    rule: str
    opening_hours: str | None
    source: str
    as_of: str | None
    walk_m: int
    walk_to: str
    walks: list[WalkDocument]
    facts: dict[str, FactDocument]


class NoteDocument(TypedDict):
    """Something to know about the whole answer."""

    code: str
    text: str


SpotsDocument = TypedDict(
    "SpotsDocument",
    {
        "night": str,
        "from": str,
        "until": str,
        "leave_at": str | None,
        "party": int | None,
        "need": list[str],
        "max_walk_min": int | None,
        "weights": dict[str, int],
        "notes": list[NoteDocument],
        "count": int,
        "spots": list[SpotDocument],
        "left_out": list[BriefDocument],
        "attribution": str,
    },
)


GROUP_TEXTS = {
    Group.FITS: Message("FITS", "These suit"),
    Group.ASK: Message("ASK", "Ask there first: something is not known"),
    Group.OUT: Message("OUT", "Not for this wait"),
}


@lru_cache(maxsize=16_384)
def opening_label(answer: Answer, language: Language) -> str:
    """Say in words whether a venue stays open for the window."""
    reasons = hours_reasons(answer)
    return language.say(reasons[0].message) if reasons else language.text("open all through")


def opening_short(spot: Spot, language: Language) -> str:
    """Say the same on a pin; how full it is now goes before."""
    if spot.occupancy:
        free = spot.occupancy.free_seats
        return language.text("{free} seats free", free=free) if free else language.text("full")
    return _opening_short(spot.answer, language)


@lru_cache(maxsize=16_384)
def _opening_short(answer: Answer, language: Language) -> str:
    if answer.opening is Opening.CLOSES and answer.until:
        return language.text("till {time}", time=clock_time(answer.until))
    labels = {Opening.OPEN: "open", Opening.UNKNOWN: "hours unknown"}
    return language.text(labels.get(answer.opening, "closed"))


def brief_document(spot: Spot, language: Language) -> BriefDocument:
    """Write down what a list or a map needs."""
    venue, said = spot.venue, spot.occupancy
    return {
        "id": venue.id,
        "name": venue.name,
        "kind": venue.kind,
        "group": spot.group,
        "reasons": [_reason(reason, language) for reason in spot.reasons],
        "score": spot.score,
        "opening": spot.answer.opening,
        "label": opening_label(spot.answer, language),
        "short": opening_short(spot, language),
        "age": spot.trust.age,
        "walk_min": spot.walk.minutes,
        "walk_estimated": spot.walk.estimated,
        "occupancy": _occupancy(said) if said else None,
    }


@lru_cache(maxsize=16_384)
def _reason(reason: Reason, language: Language) -> ReasonDocument:
    return {"code": reason.message.code, "text": language.say(reason.message), "certain": reason.certain}


def _occupancy(said: Occupancy) -> OccupancyDocument:
    return {
        "free_seats": said.free_seats,
        "set_at": said.set_at.isoformat(),
        "until": said.window.end.isoformat(),
    }


def spot_document(town: Town, found: FoundSpots, spot: Spot, language: Language, today: date) -> SpotDocument:
    """Write everything about a spot down."""
    venue, answer = spot.venue, spot.answer
    hours = venue.source_of("opening_hours" if venue.opening_hours else "name")
    return {
        **brief_document(spot, language),
        "lat": venue.lat,
        "lon": venue.lon,
        "uncertainty_m": venue.uncertainty_m,
        "address": venue.address,
        "terms": {term: round(value, 3) for term, value in spot.terms._asdict().items()},
        "until": answer.until.isoformat() if answer.until else None,
        "opens": answer.opens.isoformat() if answer.opens else None,
        "rule": deciding_rule(town, venue, found.window),
        "opening_hours": venue.opening_hours or None,
        "source": hours.name,
        "as_of": hours.as_of.isoformat() if hours.as_of else None,
        "walk_m": spot.walk.metres,
        "walk_to": spot.walk.to,
        "walks": [
            {"to": w.to, "minutes": w.minutes, "metres": w.metres, "estimated": w.estimated}
            for w in town.walks_of[venue.id]
        ],
        "facts": _facts(town, spot, today),
    }


def _facts(town: Town, spot: Spot, today: date) -> dict[str, FactDocument]:
    found: dict[str, FactDocument] = {}
    for name, fact in spot.venue.facts.items():
        confidence = town.world.freshness.confidence(name, fact.source.as_of, today)
        found[name] = {
            "value": fact.value,
            "source": fact.source.name,
            "as_of": fact.source.as_of.isoformat() if fact.source.as_of else None,
            "confidence": None if confidence is None else round(confidence, 2),
            "nearby_m": None,
            "nearby_name": None,
        }
    for amenity, nearby in spot.nearby.items():
        if spot.venue.has(amenity) is not Known.YES:
            found[amenity.value] = {
                "value": "nearby",
                "source": "OpenStreetMap",
                "as_of": None,
                "confidence": None,
                "nearby_m": nearby.metres,
                "nearby_name": nearby.name or None,
            }
    return found


def _window(found: FoundSpots, language: Language) -> dict[str, Any]:
    window, wish = found.window, found.wish
    return {
        "night": wish.night.isoformat(),
        "from": window.start.isoformat(),
        "until": window.end.isoformat(),
        "leave_at": found.plan.leave_at.isoformat() if found.plan.leave_at else None,
        "party": wish.party,
        "need": [need.value for need in wish.needs],
        "max_walk_min": wish.max_walk_min,
        "weights": WEIGHTS._asdict(),
        "notes": [{"code": note.code, "text": language.say(note)} for note in found.notes],
        "count": len(found.of(Group.FITS)),
        "attribution": ATTRIBUTION,
    }


def spots_document(town: Town, found: FoundSpots, language: Language, today: date) -> dict[str, Any]:
    """Write spots down, in the shape of SpotsDocument: those that fit whole, the others with their reasons."""
    return {
        **_window(found, language),
        "spots": [spot_document(town, found, spot, language, today) for spot in found.of(Group.FITS)],
        "left_out": [brief_document(spot, language) for spot in found.of(Group.ASK, Group.OUT)],
    }


def spots_geojson(town: Town, found: FoundSpots, language: Language, today: date) -> dict[str, Any]:
    """Write every spot down as GeoJSON, whole, in the same order."""
    return collection(
        (
            point_feature(
                lat=spot.venue.lat,
                lon=spot.venue.lon,
                id=spot.venue.id,
                properties=spot_document(town, found, spot, language, today),
            )
            for spot in found.spots
        ),
        **_window(found, language),
    )

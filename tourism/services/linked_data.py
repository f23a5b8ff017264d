"""What machines read on a page: schema.org's words as JSON-LD (tests/routes/shapes.ttl says what has to be there)."""

import re
from datetime import timedelta
from typing import Any

from tourism.domain.departure import WEEKDAYS
from tourism.domain.night_plan import Plan
from tourism.domain.venue import Venue
from tourism.geo.crs import Point

SCHEMA = "https://schema.org"
VENUE_TYPES = {
    "cafe": "CafeOrCoffeeShop", "restaurant": "Restaurant", "fast_food": "FastFoodRestaurant", "bar": "BarOrPub",
    "food_court": "FoodEstablishment", "hotel": "Hotel", "hostel": "Hostel", "mall": "ShoppingCenter", "park": "Park",
    "square": "CivicStructure", "station": "TrainStation",
}  # fmt: skip
_DAY = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_CLOCK = r"(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)"
_RULE = re.compile(rf"{_DAY}(?:[-,]{_DAY})* {_CLOCK}-{_CLOCK}", re.ASCII)
SUNRISE_LASTS = timedelta(hours=1)  # as an event
Data = dict[str, Any]


def _geo(point: Point) -> Data:
    return {"@type": "GeoCoordinates", "latitude": round(point.lat, 5), "longitude": round(point.lon, 5)}


def hours_of(opening_hours: str) -> list[str]:
    """Return hours as schema.org writes them, one line a rule; none for rules that it has no words for.

    There rules add up, in OSM the later one stands for the earlier, so that only rules of different days are the same.
    """
    if opening_hours == "24/7":
        return ["Mo-Su 00:00-24:00"]
    rules = [rule.strip() for rule in opening_hours.split(";") if rule.strip()]
    days = [day for rule in rules for day in _days_of(rule)]
    return rules if all(map(_RULE.fullmatch, rules)) and len(days) == len(set(days)) else []


def _days_of(rule: str) -> list[str]:
    """Return the weekdays of a rule."""
    found = []
    for part in rule.partition(" ")[0].split(","):
        first, _, last = part.partition("-")
        if first in WEEKDAYS and (last or first) in WEEKDAYS:
            start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
            found += [WEEKDAYS[n % 7] for n in range(start, end + 1 + (7 if end < start else 0))]
    return found


def attraction(address: str, name: str, point: Point, locality: str = "") -> Data:
    """Describe something to see; without its context, so that it may stand within something else."""
    where = {"@type": "PostalAddress", "addressRegion": "Jawa Timur", "addressCountry": "ID"}
    found = where | ({"addressLocality": locality} if locality else {})
    return {"@type": "TouristAttraction", "@id": address, "name": name, "geo": _geo(point), "address": found}


def page_of(data: Data, summary: str, **more: object) -> Data:
    """Describe what a page is about, without what is not known."""
    known = {name: value for name, value in more.items() if value}
    return {"@context": SCHEMA, **data, "url": data["@id"], "description": summary, **known}


def waiting_spot(address: str, venue: Venue) -> Data:
    """Describe a venue to wait in."""
    found = attraction(address, venue.name, venue.point, "Malang")
    found["@type"] = VENUE_TYPES.get(venue.kind, "LocalBusiness")
    if venue.address:
        found["address"]["streetAddress"] = venue.address
    return found


def night(address: str, plan: Plan, start: Point, where: Data, said: Data) -> Data:
    """Describe a night as a trip, and its sunrise as an event; a night nobody can travel in is the event alone.

    `said` are its name, description and language.
    """
    event = {
        "@type": "Event", "@id": f"{address}#sunrise", **said, "location": where,
        "startDate": plan.sunrise.isoformat(), "endDate": (plan.sunrise + SUNRISE_LASTS).isoformat(),
        "eventStatus": f"{SCHEMA}/{'EventScheduled' if plan.leave_at else 'EventCancelled'}",
        "eventAttendanceMode": f"{SCHEMA}/OfflineEventAttendanceMode",
    }  # fmt: skip
    if plan.leave_at is None:
        return {"@context": SCHEMA, "@graph": [event]}
    there = {name: where[name] for name in ("@type", "@id", "name")}  # the event says where that is
    stops = [{"@type": "Place", "name": "Kayutangan", "geo": _geo(start)}, there]
    items = [{"@type": "ListItem", "position": n, "item": stop} for n, stop in enumerate(stops, start=1)]
    trip = {
        "@type": "TouristTrip", "@id": address, **said,
        "departureTime": plan.leave_at.isoformat(), "arrivalTime": plan.in_place_by.isoformat(),
        "itinerary": {"@type": "ItemList", "numberOfItems": len(items), "itemListElement": items},
    }  # fmt: skip
    return {"@context": SCHEMA, "@graph": [trip, event]}

"""Pages worth sharing: a night, a viewpoint, a destination, a venue, each with its figures, picture and data."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tourism.domain.brand import Brand
from tourism.domain.calendar import check_date
from tourism.domain.card import Card, Figure, Poster, Size
from tourism.domain.corridor import Destination, Place
from tourism.domain.evidence import Known
from tourism.domain.finding import Spot
from tourism.domain.night_plan import Plan, Status
from tourism.domain.way_back import FAR, ON_THE_WAY
from tourism.errors import Message, NotFoundError, OutOfRangeError
from tourism.geo.crs import Point
from tourism.services.documents import name_of
from tourism.services.language import LANGUAGES, Language
from tourism.services.plans import DEFAULT_VIEWPOINT, PlanRequest, make_plan
from tourism.services.spot_documents import opening_label
from tourism.services.spots import SpotsRequest, get_spot
from tourism.services.town import Town

NIGHTS_AHEAD = 60  # in the sitemap
SCHEMA = "https://schema.org"
VENUE_TYPES = {
    "cafe": "CafeOrCoffeeShop", "restaurant": "Restaurant", "fast_food": "FastFoodRestaurant", "bar": "BarOrPub",
    "food_court": "FoodEstablishment", "hotel": "Hotel", "hostel": "Hostel", "mall": "ShoppingCenter", "park": "Park",
    "square": "CivicStructure", "station": "TrainStation",
}  # fmt: skip
ESTIMATE = Message("ESTIMATE", "Travel times and chances are estimates. Check closures before you leave.")
LEAVE_HERE = Message("LEAVE_HERE", "leave from Kayutangan")
SCAN = Message("SCAN", "Scan: when do we leave?")
AREAS = {"kota-malang": "Kota Malang", "kota-batu": "Kota Batu", "kabupaten-malang": "Kabupaten Malang"}


@dataclass(frozen=True)
class Sight:
    """One page: its path, what it says in one language, and what machines read.

    `facts` are pairs of a label and what is known; `figures` stand large, on the page and in the share picture.
    """

    kind: str
    id: str
    path: str
    kicker: str
    title: str
    summary: str
    figures: tuple[Figure, ...]
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    data: dict[str, Any]
    next: tuple[str, str] | None = None  # a page to go on with, and what it answers


@dataclass(frozen=True)
class Asking:
    """For whom a page is made: the town, the night that now belongs to, the language, and the site's address."""

    town: Town
    tonight: date
    now: datetime
    words: Language
    site: str

    def address(self, path: str) -> str:
        """Return the one address of a page in this language."""
        return f"{self.site}{path}?lang={self.words.code}"


def slug_of(name: str) -> str:
    """Return a name as a part of an address."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def destinations(town: Town) -> dict[str, Destination]:
    """Return destinations by the part of their address."""
    return {slug_of(one.name): one for one in town.world.almanac.destinations}


def paths(town: Town, tonight: date) -> Iterator[str]:
    """Yield the path of every page worth sharing."""
    yield from ("/", "/plan", "/nights", "/places", "/how", "/measures", "/scenario")
    yield from (f"/nights/{tonight + timedelta(days=n)}" for n in range(NIGHTS_AHEAD))
    yield from (f"/viewpoints/{id_}" for id_ in town.world.almanac.viewpoints)
    yield from (f"/destinations/{slug}" for slug in destinations(town))
    yield from (f"/spots/{venue.id}" for venue in town.venues)


def get_sight(asking: Asking, kind: str, id_: str) -> Sight:
    """Return a page by its kind and id; raises NotFoundError."""
    make = {"night": _night_by_id, "viewpoint": _viewpoint, "destination": _destination, "spot": _spot}.get(kind)
    if make is None:
        raise NotFoundError(Message("UNKNOWN_SIGHT", "There is no such page to share."))
    return make(asking, id_)


def _night_by_id(asking: Asking, written: str) -> Sight:
    try:
        day = date.fromisoformat(written) if len(written) == len("2026-12-05") else None
        if day:
            check_date(day, asking.tonight)
    except (ValueError, OutOfRangeError):
        day = None
    if day is None:
        text = "Write a night as /nights/2026-12-05: the date of the sunrise, from tonight to a year ahead."
        raise NotFoundError(Message("UNKNOWN_NIGHT", text))
    return night(asking, make_plan(asking.town, PlanRequest(day), asking.tonight))


def night(asking: Asking, plan: Plan) -> Sight:
    """Return the page of a night: when the sun rises and when to leave for it."""
    words, day = asking.words, plan.question.night
    sunrise, viewpoint = words.clock(plan.sunrise), name_of(asking.town, plan.viewpoint.id, words)
    figures = [Figure(sunrise, words.text("sunrise"))]
    if plan.leave_at:
        figures += [
            Figure(words.clock(plan.leave_at), words.text("leave Kayutangan")),
            Figure(words.percent(plan.chance_at(plan.leave_at)), words.text("chance to be in place in time")),
        ]
        text = "{date}: sunrise {sunrise} at {viewpoint}, leave Kayutangan {leave}."
        summary = words.text(
            text, date=words.long_date(day), sunrise=sunrise, viewpoint=viewpoint, leave=words.clock(plan.leave_at)
        )
    else:
        closed = words.text("closed") if plan.status is Status.CLOSED else words.text("too late for everybody")
        figures.append(Figure(closed, viewpoint))
        text = "{date}: sunrise {sunrise}, but {viewpoint} can't be reached in time. See what is open instead."
        summary = words.text(text, date=words.long_date(day), sunrise=sunrise, viewpoint=viewpoint)
    facts = [
        (words.text("First colours"), words.clock(plan.sun.nautical_dawn)),
        (words.text("Bright sky"), words.clock(plan.sun.civil_dawn)),
        (words.text("Viewpoint"), viewpoint),
        (words.text("Kind of night"), words.text("busy") if plan.profile.busy else words.text("quiet")),
    ]
    notes = [*([words.say(plan.reason)] if plan.reason else []), *map(words.say, plan.cautions), words.say(ESTIMATE)]
    path = f"/nights/{day}"
    return Sight(
        "night", day.isoformat(), path, words.long_date(day), words.text("Sunrise over Bromo"), summary,
        tuple(figures), tuple(facts), tuple(notes), _trip_data(asking, plan, summary, path),
        (f"/plan?date={day}", words.text("The whole plan for this night")),
    )  # fmt: skip


def _geo(point: Point) -> dict[str, Any]:
    return {"@type": "GeoCoordinates", "latitude": round(point.lat, 5), "longitude": round(point.lon, 5)}


def _place_data(asking: Asking, place: Place) -> dict[str, Any]:
    return {
        "@type": "TouristAttraction", "@id": asking.address(f"/viewpoints/{place.id}"),
        "name": name_of(asking.town, place.id, asking.words), "geo": _geo(place.point),
        "address": {"@type": "PostalAddress", "addressRegion": "Jawa Timur", "addressCountry": "ID"},
    }  # fmt: skip


def _trip_data(asking: Asking, plan: Plan, summary: str, path: str) -> dict[str, Any]:
    """Describe a night as a trip, and its sunrise as an event."""
    words = asking.words
    where = _place_data(asking, plan.viewpoint)
    event = {
        "@type": "Event", "@id": asking.address(path) + "#sunrise", "name": words.text("Sunrise over Bromo"),
        "startDate": plan.sunrise.isoformat(), "endDate": (plan.sunrise + timedelta(hours=1)).isoformat(),
        "eventStatus": f"{SCHEMA}/{'EventScheduled' if plan.leave_at else 'EventCancelled'}",
        "eventAttendanceMode": f"{SCHEMA}/OfflineEventAttendanceMode", "location": where, "inLanguage": words.code,
        "description": summary,
    }  # fmt: skip
    if plan.leave_at is None:
        return {"@context": SCHEMA, "@graph": [event]}
    there = {name: where[name] for name in ("@type", "@id", "name")}  # the event says where that is
    stops = [{"@type": "Place", "name": "Kayutangan", "geo": _geo(asking.town.get_named(None).point)}, there]
    trip = {
        "@type": "TouristTrip", "@id": asking.address(path), "name": words.text("Sunrise over Bromo"),
        "description": summary, "inLanguage": words.code, "touristType": words.text("sunrise travellers"),
        "departureTime": plan.leave_at.isoformat(), "arrivalTime": plan.in_place_by.isoformat(),
        "itinerary": {
            "@type": "ItemList", "numberOfItems": len(stops),
            "itemListElement": [
                {"@type": "ListItem", "position": n, "item": stop} for n, stop in enumerate(stops, start=1)
            ],
        },
    }  # fmt: skip
    return {"@context": SCHEMA, "@graph": [trip, event]}


def _viewpoint(asking: Asking, id_: str) -> Sight:
    town, words = asking.town, asking.words
    place = town.world.almanac.viewpoints.get(id_)
    if place is None:
        known = ", ".join(town.world.almanac.viewpoints)
        text = "There is no viewpoint {id}. Choose one of: {known}."
        raise NotFoundError(Message("UNKNOWN_VIEWPOINT", text, id=id_[:60], known=known))
    plan = make_plan(town, PlanRequest(asking.tonight, id_), asking.tonight)
    figures = [Figure(words.clock(plan.sunrise), words.text("sunrise tonight"))]
    if plan.leave_at:
        figures.append(Figure(words.clock(plan.leave_at), words.text("leave Kayutangan tonight")))
    if place.elevation_m:
        figures.append(Figure(words.text("{metres} m", metres=place.elevation_m), words.text("above the sea")))
    yes_no = {Known.YES: words.text("yes"), Known.NO: words.text("no"), Known.UNKNOWN: words.text("not known")}
    walk_min = round(place.walk_min_p50)
    approaches = ", ".join(way.approach.title() for way in town.world.almanac.ways(id_))
    facts = [
        (words.text("Ways there"), approaches or words.text("not known")),
        (words.text("Park ticket"), yes_no[place.park_ticket]),
        (words.text("Without steps"), yes_no[place.step_free]),
        (
            words.text("Walk from where the vehicle stops"),
            words.text("{minutes} min", minutes=walk_min),
        ),
        (words.text("Position"), f"± {words.number(place.uncertainty_m)} m"),
    ]
    if place.aliases:
        facts.append((words.text("Also called"), ", ".join(place.aliases.split(";"))))
    name = name_of(town, id_, words)
    text = "{name}: sunrise {sunrise}, tonight leave Kayutangan {leave}."
    summary = words.text(text, name=name, sunrise=words.clock(plan.sunrise), leave=words.clock(plan.leave_at)) if (
        plan.leave_at) else words.text("{name}: a place to see the sunrise over Bromo.", name=name)  # fmt: skip
    data = {
        "@context": SCHEMA,
        **_place_data(asking, place),
        "description": summary,
        "url": asking.address(f"/viewpoints/{id_}"),
    }
    if place.aliases:
        data["alternateName"] = place.aliases.split(";")
    return Sight(
        "viewpoint", id_, f"/viewpoints/{id_}", words.text("Viewpoint"), name, summary, tuple(figures), tuple(facts),
        (words.say(ESTIMATE),), data, (f"/plan?viewpoint={id_}", words.text("When do we leave?")),
    )  # fmt: skip


def _destination(asking: Asking, slug: str) -> Sight:
    words, found = asking.words, destinations(asking.town).get(slug)
    if found is None:
        raise NotFoundError(Message("UNKNOWN_DESTINATION", "There is no such destination; it may have been renamed."))
    area = AREAS.get(found.municipality, found.municipality)
    back = {ON_THE_WAY: words.text("on the way back"), FAR: words.text("not on the way back")}
    way = back.get(found.way_back) or words.text(found.way_back)
    hours = found.opening_hours or words.text("not known")
    facts = (
        (words.text("Municipality"), area),
        (words.text("Opening hours"), hours),
        (words.text("After the sunrise"), way),
        (words.text("Position"), f"± {words.number(found.uncertainty_m)} m"),
        (words.text("Who says so"), found.hours_basis if found.opening_hours and found.hours_basis else found.basis),
    )
    summary = words.text("{name} in {area}: {way}.", name=found.name, area=area, way=way)
    path = f"/destinations/{slug}"
    data = {
        "@context": SCHEMA, "@type": "TouristAttraction", "@id": asking.address(path), "url": asking.address(path),
        "name": found.name, "description": summary, "geo": _geo(found.point),
        "address": {"@type": "PostalAddress", "addressLocality": area, "addressRegion": "Jawa Timur",
                    "addressCountry": "ID"},
    }  # fmt: skip
    if found.opening_hours:
        data["openingHours"] = found.opening_hours
    figures = (
        Figure(area, words.text("where it is")),
        Figure(found.opening_hours.removeprefix("Mo-Su ") or "?", words.text("opening hours")),
    )
    return Sight(
        "destination", slug, path, words.text("Destination"), found.name, summary, figures, facts, (), data,
        ("/places?q=" + slug_of(found.name).split("-")[0], words.text("Places of Malang Raya")),
    )  # fmt: skip


def _spot(asking: Asking, id_: str) -> Sight:
    found, spot = get_spot(asking.town, id_, SpotsRequest(asking.tonight), asking.now, {})
    return spot_sight(asking, spot, found.plan)


def spot_sight(asking: Asking, spot: Spot, plan: Plan) -> Sight:
    """Return the page of a waiting spot."""
    town, words = asking.town, asking.words
    venue, walk = spot.venue, spot.walk
    label = opening_label(spot.answer, words)
    minutes = words.text("about {minutes} min", minutes=walk.minutes) if walk.estimated else (
        words.text("{minutes} min", minutes=walk.minutes))  # fmt: skip
    figures = [
        Figure(minutes, words.text("walk to {place}", place=name_of(town, walk.to, words))),
        Figure(label, words.text("tonight")),
    ]
    if plan.leave_at:
        figures.append(Figure(words.clock(plan.leave_at), words.text("leave for the sunrise")))
    text = "Wait for the sunrise at {name}: {label}, {minutes} on foot to {place}."
    summary = words.text(text, name=venue.name, label=label, minutes=minutes, place=name_of(town, walk.to, words))
    path = f"/spots/{venue.id}"
    data: dict[str, Any] = {
        "@context": SCHEMA, "@type": VENUE_TYPES.get(venue.kind, "LocalBusiness"), "@id": asking.address(path),
        "url": asking.address(path), "name": venue.name, "description": summary, "geo": _geo(venue.point),
        "address": {
            "@type": "PostalAddress", "addressLocality": "Malang", "addressRegion": "Jawa Timur",
            "addressCountry": "ID",
        } | ({"streetAddress": venue.address} if venue.address else {}),
    }  # fmt: skip
    if venue.opening_hours:
        data["openingHours"] = venue.opening_hours
    if venue.photo:
        data["image"] = f"{asking.site}/photos/{venue.photo}.jpg"
    return Sight(
        "spot", venue.id, path, words.text("Wait here, then leave in turn"), venue.name, summary, tuple(figures), (),
        (words.say(ESTIMATE),), data,
    )  # fmt: skip


def card_of(sight: Sight, brand: Brand, words: Language) -> Card:
    """Return the share picture of a page."""
    note = sight.notes[0] if sight.notes else sight.summary
    tagline = brand.said("tagline", words.code)
    beside = brand.name if tagline == brand.wordmark else tagline
    return Card(brand, sight.kicker, sight.title, sight.figures[:3], note, beside)


def poster_of(asking: Asking, venue_id: str, night: date, brand: Brand, wish: tuple[Size, str]) -> Poster:
    """Return the poster of a venue for a night, in both languages, with a link to scan.

    Raises NotFoundError for a venue that there is not, OutOfRangeError for a night that can't be planned.
    """
    town, (size, link) = asking.town, wish
    both = [Language(code) for code in LANGUAGES]
    check_date(night, asking.tonight)
    found, spot = get_spot(town, venue_id, SpotsRequest(night), asking.now, {})
    plan, walk, indonesian = found.plan, spot.walk, both[0]

    def pair(message: Message) -> tuple[str, str]:
        return both[0].say(message), both[1].say(message)

    about = "about {minutes} min" if walk.estimated else "{minutes} min"
    figures = [Figure(indonesian.clock(plan.sunrise), *pair(Message("SUNRISE", "sunrise")))]
    if plan.leave_at:
        figures.append(Figure(indonesian.clock(plan.leave_at), *pair(LEAVE_HERE)))
    figures.append(Figure(indonesian.text(about, minutes=walk.minutes), *(
        words.text("walk to {place}", place=name_of(town, walk.to, words)) for words in both)))  # fmt: skip
    notes = pair(plan.reason or ESTIMATE)
    return Poster(
        brand, size, spot.venue.name, (both[0].long_date(night), both[1].long_date(night)), tuple(figures),
        pair(SCAN), notes, link, link.partition("://")[2].removesuffix("/"),
    )  # fmt: skip


def nights_ahead(asking: Asking, days: int) -> list[Plan]:
    """Return the plans of the next nights."""
    start = asking.tonight
    return [
        make_plan(asking.town, PlanRequest(start + timedelta(days=n), DEFAULT_VIEWPOINT), start) for n in range(days)
    ]

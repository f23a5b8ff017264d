"""Pages worth sharing: a night, a viewpoint, a destination, a venue, each with its figures, picture and data."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tourism.domain.account import area_name
from tourism.domain.brand import PATHS
from tourism.domain.calendar import WIB, check_date
from tourism.domain.card import Figure
from tourism.domain.corridor import Destination, Place
from tourism.domain.evidence import Known
from tourism.domain.finding import Spot
from tourism.domain.listing import stem_of
from tourism.domain.night_plan import Plan, Status
from tourism.domain.waiting import Walk
from tourism.domain.way_back import FAR, ON_THE_WAY
from tourism.errors import Message, NotFoundError, OutOfRangeError
from tourism.services import linked_data
from tourism.services.documents import name_of
from tourism.services.language import Language
from tourism.services.plans import DEFAULT_VIEWPOINT, PlanRequest, make_plan
from tourism.services.spot_documents import opening_label
from tourism.services.spots import SpotsRequest, get_spot
from tourism.services.town import Town

NIGHTS_AHEAD = 60  # in the sitemap
ESTIMATE = Message("ESTIMATE", "Travel times and chances are estimates. Check closures before you leave.")


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
    data: linked_data.Data
    next: tuple[str, dict[str, str], str] | None = None  # a page to go on with, its question, and what it answers


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


def destinations(town: Town) -> dict[str, Destination]:
    """Return destinations by the part of their address."""
    return {stem_of(one.name): one for one in town.world.almanac.destinations}


def paths(town: Town, tonight: date) -> Iterator[str]:
    """Yield the path of every page worth sharing."""
    yield from ("/", "/plan", "/nights", "/places", "/how", "/measures", "/scenario")
    yield from (f"/nights/{tonight + timedelta(days=n)}" for n in range(NIGHTS_AHEAD))
    yield from (f"/viewpoints/{id_}" for id_ in town.world.almanac.viewpoints)
    yield from (f"/destinations/{slug}" for slug in destinations(town))
    yield from (f"/spots/{venue.id}" for venue in town.venues)


PAGES = ("/", "/plan", "/board", "/nights", "/nights/tonight", "/places", "/how", "/measures", "/scenario")


def is_page(town: Town, path: str) -> bool:
    """Tell whether a path is that of a page, in any brand; of nights each date has one, as long as it lies ahead."""
    first, _, rest = path[1:].partition("/")
    path = f"/{rest}" if first in PATHS else path
    kind, _, id_ = path[1:].partition("/")
    known: dict[str, Container[str]] = {
        "spots": town.venue,
        "viewpoints": town.world.almanac.viewpoints,
        "destinations": destinations(town),
    }
    dated = kind == "nights" and _is_date(id_)
    return path in PAGES or dated or id_ in known.get(kind, {})


def _is_date(written: str) -> bool:
    try:
        return len(written) == len("2026-12-05") and bool(date.fromisoformat(written))
    except ValueError:
        return False


def get_sight(asking: Asking, kind: str, id_: str) -> Sight:
    """Return a page by its kind and id; raises NotFoundError."""
    make = {"night": _night_by_id, "viewpoint": _viewpoint, "destination": _destination, "spot": _spot}.get(kind)
    if make is None:
        raise NotFoundError(Message("UNKNOWN_SIGHT", "There is no such page to share."))
    return make(asking, id_)


def _night_by_id(asking: Asking, written: str) -> Sight:
    day = date.fromisoformat(written) if _is_date(written) else None
    try:
        check_date(day or date.max, asking.tonight)
    except OutOfRangeError:
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
            Figure(words.clock(plan.leave_at), leave_label(plan.leave_at, day, words)),
            Figure(words.percent(plan.chance_at(plan.leave_at)), words.text("chance to be in place in time")),
        ]
        leave = words.clock(plan.leave_at)
        if plan.leave_at.astimezone(WIB).date() < day:
            leave = f"{words.short_date(plan.leave_at)} {leave}"
        text = "{date}: sunrise {sunrise} at {viewpoint}, leave Kayutangan {leave}."
        summary = words.text(text, date=words.long_date(day), sunrise=sunrise, viewpoint=viewpoint, leave=leave)
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
    kicker = words.long_date(day) + (f" · {words.text('That night is over')}" if day < asking.tonight else "")
    notes = [
        *([words.say(plan.reason)] if plan.reason else []),
        *map(words.say, plan.cautions),
        words.say(ESTIMATE),
    ]
    path, start = f"/nights/{day}", asking.town.get_named(None).point
    said = {"name": words.text("Sunrise over Bromo"), "description": summary, "inLanguage": words.code}
    data = linked_data.night(asking.address(path), plan, start, _attraction(asking, plan.viewpoint), said)
    return Sight(
        "night", day.isoformat(), path, kicker, words.text("Sunrise over Bromo"), summary,
        tuple(figures), tuple(facts), tuple(notes), data,
        _next_of(asking, plan),
    )  # fmt: skip


def _next_of(asking: Asking, plan: Plan) -> tuple[str, dict[str, str], str]:
    """Return where a night's page leads on to."""
    night, words = plan.question.night, asking.words
    if night < asking.tonight:
        return "/nights/tonight", {}, words.text("Tonight's page")
    if plan.leave_at is None:
        return "/plan", {"date": night.isoformat()}, words.text("See what is open instead")
    return "/plan", {"date": night.isoformat()}, words.text("The whole plan for this night")


def leave_label(leave_at: datetime, night: date, words: Language) -> str:
    """Say what a time to leave is; one before midnight names its evening, for the night is called by its sunrise."""
    if leave_at.astimezone(WIB).date() < night:
        return words.text("leave Kayutangan the evening before, {date}", date=words.short_date(leave_at))
    return words.text("leave Kayutangan")


def _attraction(asking: Asking, place: Place) -> linked_data.Data:
    name, address = name_of(asking.town, place.id, asking.words), asking.address(f"/viewpoints/{place.id}")
    return linked_data.attraction(address, name, place.point)


def _viewpoint(asking: Asking, id_: str) -> Sight:
    town, words = asking.town, asking.words
    place = town.world.almanac.viewpoints.get(id_)
    if place is None:
        known = ", ".join(town.world.almanac.viewpoints)
        text = "There is no viewpoint {id}. Choose one of: {known}."
        raise NotFoundError(Message("UNKNOWN_VIEWPOINT", text, id=id_[:60], known=known))
    plan = make_plan(town, PlanRequest(asking.tonight, id_), asking.tonight)
    name, sunrise = name_of(town, id_, words), words.clock(plan.sunrise)
    figures = [Figure(sunrise, words.text("sunrise tonight"))]
    summary = words.text("{name}: a place to see the sunrise over Bromo.", name=name)
    if plan.leave_at:
        leave = words.clock(plan.leave_at)
        figures.append(Figure(leave, leave_label(plan.leave_at, asking.tonight, words)))
        text = "{name}: sunrise {sunrise}, tonight leave Kayutangan {leave}."
        summary = words.text(text, name=name, sunrise=sunrise, leave=leave)
    if place.elevation_m:
        figures.append(Figure(words.text("{metres} m", metres=place.elevation_m), words.text("above the sea")))
    aliases = place.aliases.split(";") if place.aliases else []
    data = linked_data.page_of(_attraction(asking, place), summary, alternateName=aliases)
    return Sight(
        "viewpoint", id_, f"/viewpoints/{id_}", words.text("Viewpoint"), name, summary, tuple(figures),
        tuple(_about(asking, place, aliases)), (words.say(ESTIMATE),), data,
        ("/plan", {"viewpoint": id_}, words.text("When do we leave?")),
    )  # fmt: skip


def _about(asking: Asking, place: Place, aliases: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what is known about a viewpoint."""
    words = asking.words
    yes_no = {Known.YES: words.text("yes"), Known.NO: words.text("no"), Known.UNKNOWN: words.text("not known")}
    approaches = ", ".join(way.approach.title() for way in asking.town.world.almanac.ways(place.id))
    yield words.text("Ways there"), approaches or words.text("not known")
    yield words.text("Park ticket"), yes_no[place.park_ticket]
    yield words.text("Without steps"), yes_no[place.step_free]
    minutes = words.text("{minutes} min", minutes=round(place.walk_min_p50))
    yield words.text("Walk from where the vehicle stops"), minutes
    yield words.text("Position"), f"± {words.number(place.uncertainty_m)} m"
    if aliases:
        yield words.text("Also called"), ", ".join(aliases)


def _destination(asking: Asking, slug: str) -> Sight:
    words, found = asking.words, destinations(asking.town).get(slug)
    if found is None:
        raise NotFoundError(Message("UNKNOWN_DESTINATION", "There is no such destination; it may have been renamed."))
    area = area_name(found.municipality)
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
    described = linked_data.attraction(asking.address(path), found.name, found.point, area)
    data = linked_data.page_of(described, summary, openingHours=linked_data.hours_of(found.opening_hours))
    hours_figure = Figure(found.opening_hours.removeprefix("Mo-Su "), words.text("opening hours"))
    figures = (Figure(area, words.text("where it is")), *([hours_figure] if found.opening_hours else []))
    return Sight(
        "destination", slug, path, words.text("Destination"), found.name, summary, figures, facts, (), data
    )  # fmt: skip


def walk_text(walk: Walk, words: Language) -> str:
    """Say how long a walk takes."""
    if walk.estimated:
        return words.text("about {minutes} min", minutes=walk.minutes)
    return words.text("{minutes} min", minutes=walk.minutes)


def _spot(asking: Asking, id_: str) -> Sight:
    found, spot = get_spot(asking.town, id_, SpotsRequest(asking.tonight), asking.now, {})
    return spot_sight(asking, spot, found.plan)


def spot_sight(asking: Asking, spot: Spot, plan: Plan) -> Sight:
    """Return the page of a waiting spot."""
    town, words = asking.town, asking.words
    venue, walk = spot.venue, spot.walk
    label = opening_label(spot.answer, words)
    minutes = walk_text(walk, words)
    figures = [
        Figure(minutes, words.text("walk to {place}", place=name_of(town, walk.to, words))),
        Figure(label, words.text("tonight")),
    ]
    if plan.leave_at:
        figures.append(Figure(words.clock(plan.leave_at), leave_label(plan.leave_at, plan.question.night, words)))
    text = "Wait for the sunrise at {name}: {label}, {minutes} on foot to {place}."
    summary = words.text(text, name=venue.name, label=label, minutes=minutes, place=name_of(town, walk.to, words))
    path = f"/spots/{venue.id}"
    photo = f"{asking.site}/photos/{venue.photo}.jpg" if venue.photo else ""
    described = linked_data.waiting_spot(asking.address(path), venue)
    data = linked_data.page_of(described, summary, openingHours=linked_data.hours_of(venue.opening_hours), image=photo)
    return Sight(
        "spot", venue.id, path, words.text("Wait here, then leave in turn"), venue.name, summary, tuple(figures), (),
        (words.say(ESTIMATE),), data,
    )  # fmt: skip


def nights_ahead(asking: Asking, days: int) -> list[Plan]:
    """Return the plans of the next nights."""
    start = asking.tonight
    return [
        make_plan(asking.town, PlanRequest(start + timedelta(days=n), DEFAULT_VIEWPOINT), start) for n in range(days)
    ]

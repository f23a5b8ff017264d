"""OGC API - Features: what is shared as collections of features, read page by page.

Source of names, parameters and links: OGC 17-069r4 (Core, OpenAPI 3.0, HTML, GeoJSON), 18-058r1 (CRS), 19-079r2
(queryables as query parameters).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import orjson
import shapely

from tourism.domain.account import MUNICIPALITIES, area_name
from tourism.domain.evidence import Amenity, Detail
from tourism.domain.listing import FACTS, KINDS, WITH_PAGE
from tourism.domain.record import Fields
from tourism.domain.sharing import OWN_LICENCE, ListingChange
from tourism.domain.venue import Venue
from tourism.errors import Message, NotFoundError
from tourism.geo.crs import Floats, Point, to_metres
from tourism.geo.geojson import feature, point_feature
from tourism.services.board_documents import departure_document
from tourism.services.documents import point_of, viewpoint_document
from tourism.services.language import Language
from tourism.services.ports import Ports
from tourism.services.town import Town
from tourism.services.walking import MINUTES, zone

MOST_FEATURES = 1000
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CRS = {
    CRS84: "CRS84",
    "http://www.opengis.net/def/crs/EPSG/0/4326": "EPSG:4326",
    "http://www.opengis.net/def/crs/EPSG/0/32749": "EPSG:32749",
}
Properties = Mapping[str, Mapping[str, Any]]
_TEXT, _INT, _NUMBER, _FLAG = {"type": "string"}, {"type": "integer"}, {"type": "number"}, {"type": "boolean"}
_AREA = {"type": "string", "enum": list(MUNICIPALITIES)}
_KNOWN = {"type": "string", "enum": ["yes", "no"]}
_WHEN = {"type": "string", "format": "date-time"}
_FACTS: Properties = {
    **{amenity.value: _KNOWN for amenity in Amenity},
    Detail.SEATS.value: _INT, Detail.PARKING_LAST_EXIT.value: _TEXT, Detail.PRICE_RANGE.value: _TEXT,
}  # fmt: skip


@dataclass(frozen=True)
class Collection:
    """One collection: what it holds, the properties of its features, and which of them is their time."""

    id: str
    title: Message
    description: Message
    properties: Properties
    geometry: str = "Point"
    time: str = ""


COLLECTIONS: Mapping[str, Collection] = {
    one.id: one
    for one in (
        Collection(
            "venues",
            Message("VENUES", "Listings"),
            Message(
                "VENUES_TEXT",
                "Our own listings that were cleared, and partners' with passed-on=yes; each with licence and UUID.",
            ),
            {
                "name": _TEXT, "kind": {"type": "string", "enum": list(KINDS)}, "municipality": _AREA, "address": _TEXT,
                "phone": _TEXT, "hours": _TEXT, "about_id": _TEXT, "about_en": _TEXT, "note": _TEXT,
                "uncertainty_m": _INT, **_FACTS, "source": _TEXT, "as_of": {"type": "string", "format": "date"},
                "provider": _TEXT, "external_id": _TEXT, "uuid": {"type": "string", "format": "uuid"},
                "licence": _TEXT, "chain": _TEXT, "changed_at": _WHEN,
            },
        ),
        Collection(
            "waiting-spots",
            Message("WAITING_SPOTS", "Waiting spots"),
            Message(
                "WAITING_SPOTS_TEXT",
                "Places near the pick-ups where a party can wait: listings joined with OpenStreetMap.",
            ),
            {
                "name": _TEXT, "kind": {"type": "string", "enum": list(WITH_PAGE)}, "address": _TEXT, "phone": _TEXT,
                "opening_hours": _TEXT, "uncertainty_m": _INT, **_FACTS, "pickup": _TEXT, "walk_m": _INT,
                "walk_min": _NUMBER, "source": _TEXT, "as_of": {"type": "string", "format": "date"},
                "providers": _TEXT, "licence": _TEXT,
            },
        ),
        Collection(
            "viewpoints",
            Message("VIEWPOINTS", "Viewpoints"),
            Message("VIEWPOINTS_TEXT", "Where the sunrise is seen from; positions are as rough as they say."),
            {
                "name": _TEXT, "aliases": _TEXT, "uncertainty_m": _INT, "elevation_m": _INT, "park_ticket": _KNOWN,
                "step_free": _TEXT, "approaches": _TEXT, "note": _TEXT,
            },
        ),
        Collection(
            "departures",
            Message("DEPARTURES", "Departures"),
            Message("DEPARTURES_TEXT", "Who leaves for the sunrise, from tonight on, from which pick-up and when."),
            {
                "night": {"type": "string", "format": "date"}, "state": _TEXT, "leave_at": _WHEN, "gate": _TEXT,
                "gate_at": _WHEN, "viewpoint": _TEXT, "approach": _TEXT, "pickup": _TEXT, "vehicle": _TEXT,
                "operator": _TEXT, "label": _TEXT, "seats": _INT, "seats_left": _INT, "own": _FLAG,
            },
            time="leave_at",
        ),
        Collection(
            "zones",
            Message("ZONES", "Zones"),
            Message("ZONES_TEXT", "The streets within a walk of the pick-ups, and rough outlines of municipalities."),
            {"name": _TEXT, "kind": {"type": "string", "enum": ["walk", "municipality"]}, "max_walk_min": _INT,
             "uncertainty_m": _INT},
            geometry="Geometry",
        ),
    )
}  # fmt: skip


def get_collection(name: str) -> Collection:
    """Return a collection; raises NotFoundError."""
    if name not in COLLECTIONS:
        text = "There is no collection {name}. Choose one of: {known}."
        raise NotFoundError(Message("UNKNOWN_COLLECTION", text, name=name, known=", ".join(COLLECTIONS)))
    return COLLECTIONS[name]


class Table:
    """The features of a collection by id, ready to be sent."""

    def __init__(self, features: Iterable[Mapping[str, Any]]) -> None:
        self.features = sorted(features, key=lambda one: str(one["id"]))
        self.ids = [str(one["id"]) for one in self.features]
        self.bodies = [orjson.dumps(one) for one in self.features]
        points = [one["geometry"]["coordinates"] for one in self.features if one["geometry"]["type"] == "Point"]
        self.bounds: Floats = (
            np.tile(np.array(points, dtype=float), 2) if points and len(points) == len(self.features)
            else shapely.bounds([shapely.geometry.shape(one["geometry"]) for one in self.features]).reshape(-1, 4)
        )  # fmt: skip

    @property
    def extent(self) -> list[float] | None:
        """The box around everything, None when there is nothing."""
        return (
            [*self.bounds[:, :2].min(axis=0).tolist(), *self.bounds[:, 2:].max(axis=0).tolist()] if self.ids else None
        )


@dataclass(frozen=True)
class Asked:
    """Which features: those after an id, at most so many, in a box of degrees, with properties, in an interval."""

    after: str = ""
    limit: int = MOST_FEATURES
    box: tuple[float, float, float, float] | None = None
    wanted: Mapping[str, Any] | None = None
    begins: datetime | None = None
    ends: datetime | None = None


def select(collection: Collection, table: Table, asked: Asked) -> tuple[list[int], int, bool]:
    """Return which features are meant, how many match in all, and whether there are more after these."""
    found: Sequence[int] = range(len(table.ids))
    if asked.box:
        west, south, east, north = asked.box
        b = table.bounds
        inside = (b[:, 0] <= east) & (b[:, 2] >= west) & (b[:, 1] <= north) & (b[:, 3] >= south)
        found = np.flatnonzero(inside).tolist()
    if asked.wanted:
        wanted = asked.wanted.items()
        found = [n for n in found if all(table.features[n]["properties"].get(k) == v for k, v in wanted)]
    if collection.time and (asked.begins or asked.ends):
        found = [n for n in found if _within(table.features[n]["properties"].get(collection.time), asked)]
    start = bisect_right(found, bisect_right(table.ids, asked.after) - 1) if asked.after else 0
    page = list(found[start : start + asked.limit])
    return page, len(found), start + len(page) < len(found)


def _within(written: str | None, asked: Asked) -> bool:
    if written is None:
        return False
    at = datetime.fromisoformat(written)
    return (asked.begins is None or at >= asked.begins) and (asked.ends is None or at <= asked.ends)


def bodies(table: Table, page: Sequence[int], crs: str) -> list[bytes]:
    """Return features as GeoJSON in a CRS; EPSG:4326 is latitude first, as its definition says."""
    if crs == CRS84:
        return [table.bodies[n] for n in page]
    change = _swapped if CRS[crs] == "EPSG:4326" else _metres
    return [
        orjson.dumps({
            **table.features[n],
            "geometry": shapely.geometry.mapping(
                shapely.transform(shapely.geometry.shape(table.features[n]["geometry"]), change)
            ),
        })
        for n in page
    ]  # fmt: skip


def _swapped(points: Floats) -> Floats:
    return points[:, ::-1]


def _metres(points: Floats) -> Floats:
    return to_metres(lat=points[:, 1], lon=points[:, 0]).round(2)


_TABLES: WeakKeyDictionary[Town, dict[tuple[str, bool], Table]] = WeakKeyDictionary()


def table_of(ports: Ports, town: Town, name: str, passed_on: bool = False) -> Table:
    """Return the features of a collection that changes with the town, made once for each reading of the database."""
    tables = _TABLES.setdefault(town, {})
    asked = name, passed_on and name == "venues"
    if asked not in tables:
        tables[asked] = Table(_MAKERS[name](ports, town, passed_on))
    return tables[asked]


def shared(ports: Ports, passed_on: bool) -> list[ListingChange]:
    """Return the listings that others may take; those that came from elsewhere only when that is asked for."""
    with ports.office() as office:
        found = [one for one in office.sharing.list_shared() if passed_on or not one.chain]
        return [replace(one, chain=f"{one.chain} {office.sharing.provider}".strip()) for one in found]


def _venues(ports: Ports, _town: Town, passed_on: bool) -> Iterable[dict[str, Any]]:
    for one in shared(ports, passed_on):
        fields = one.fields or {}
        yield point_feature(
            lat=float(fields["lat"]), lon=float(fields["lon"]), id=one.key, properties=_properties(one, fields)
        )


def _properties(one: ListingChange, fields: Fields) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in COLLECTIONS["venues"].properties:
        value = fields.get(name, "")
        if name in FACTS:
            value = value.partition(";")[0].strip()
        if value:
            found[name] = int(value) if name in ("seats", "uncertainty_m") else value
    return _whole("venues", found) | {
        "provider": one.source, "external_id": one.external_id, "uuid": one.uuid, "licence": one.licence,
        "chain": one.chain, "changed_at": one.at.isoformat(timespec="seconds"),
    }  # fmt: skip


def _spots(_ports: Ports, town: Town, _passed_on: bool) -> Iterable[dict[str, Any]]:
    for venue in town.venues:
        walk = town.walk_of[venue.id]
        properties = {
            "name": venue.name, "kind": venue.kind, "address": venue.address, "phone": venue.phone,
            "opening_hours": venue.opening_hours, "uncertainty_m": venue.uncertainty_m, **_facts(venue),
            "pickup": walk.to, "walk_m": round(walk.metres), "walk_min": round(walk.minutes, 1),
            "source": venue.source, "as_of": venue.as_of.isoformat() if venue.as_of else "",
            "providers": "; ".join(venue.providers), "licence": _licence(town, venue),
        }  # fmt: skip
        yield point_feature(lat=venue.lat, lon=venue.lon, id=venue.id, properties=_whole("waiting-spots", properties))


def _licence(town: Town, venue: Venue) -> str:
    own = town.licence_of(venue)
    return own if own == OWN_LICENCE or not venue.same_as else f"{own}; {OWN_LICENCE}"


def _facts(venue: Venue) -> dict[str, Any]:
    values = {name: fact.value for name, fact in venue.facts.items()}
    return values | ({"seats": venue.seats} if venue.seats is not None else {})


def _whole(collection: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return every property of a collection, null where nobody knows: clients learn the columns from the first page."""
    values = ((name, properties.get(name)) for name in COLLECTIONS[collection].properties)
    return {name: None if value == "" else value for name, value in values}


def _viewpoints(_ports: Ports, town: Town, _passed_on: bool) -> Iterable[dict[str, Any]]:
    for place in town.world.almanac.viewpoints.values():
        found = viewpoint_document(town, place)
        lists = {"aliases": "; ".join(found["aliases"]), "approaches": "; ".join(found["approaches"])}
        kept = {name: value for name, value in found.items() if name not in ("id", "lat", "lon")}
        yield point_feature(
            lat=place.lat, lon=place.lon, id=place.id, properties=_whole("viewpoints", {**kept, **lists})
        )


def _zones(_ports: Ports, town: Town, _passed_on: bool) -> Iterable[dict[str, Any]]:
    for minutes in MINUTES:
        area = zone(town, minutes)
        if not area.is_empty:
            named = {"name": f"{minutes} min", "kind": "walk", "max_walk_min": minutes}
            yield feature(area, _whole("zones", named)) | {"id": f"walk-{minutes}"}
    for name, outline in town.outlines.items():
        rough = {"name": area_name(name), "kind": "municipality", "uncertainty_m": 1000}
        yield feature(outline, _whole("zones", rough)) | {"id": name}


_MAKERS: Mapping[str, Callable[[Ports, Town, bool], Iterable[dict[str, Any]]]] = {
    "venues": _venues, "waiting-spots": _spots, "viewpoints": _viewpoints, "zones": _zones,
}  # fmt: skip


_DEPARTURES: WeakKeyDictionary[Town, tuple[tuple[datetime, int, Language], Table]] = WeakKeyDictionary()


def departures(ports: Ports, town: Town, tonight: date, state: tuple[datetime, int], words: Language) -> Table:
    """Return the departures from tonight on as they are at a minute, with a version of the nights' books."""
    asked, made = (*state, words), _DEPARTURES.get(town)
    if made is None or made[0] != asked:
        made = _DEPARTURES[town] = asked, Table(_departures(ports, town, tonight, state[0], words))
    return made[1]


def _departures(ports: Ports, town: Town, tonight: date, now: datetime, words: Language) -> list[dict[str, Any]]:
    with ports.office() as office:
        nights = office.nights(tonight)
    found = []
    for night in nights:
        book = ports.reader.book(night)
        for one in book.departures:
            row = departure_document(town, book, one, None, (now, words))
            properties = {n: row.get(n) for n in COLLECTIONS["departures"].properties} | {"night": night.isoformat()}
            point: Point = point_of(town, one.pickup)
            found.append(
                point_feature(lat=point.lat, lon=point.lon, id=one.id, properties=_whole("departures", properties))
            )
    return found

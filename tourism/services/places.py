"""The joint map of Malang Raya: every cleared listing once, with all who list it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tourism.domain.account import MUNICIPALITIES, OFFICE, area_name
from tourism.domain.listing import KINDS
from tourism.domain.sharing import Widget
from tourism.domain.venue import Venue
from tourism.errors import Message, NotFoundError, OutOfRangeError
from tourism.geo.geojson import collection, feature, point_feature
from tourism.services.documents import ATTRIBUTION
from tourism.services.ports import Ports
from tourism.services.town import Town

ON_A_PAGE = 60


@dataclass(frozen=True)
class PlacesRequest:
    """Which places: of a municipality, of a kind, with a text in name or address, from which page on."""

    municipality: str = ""
    kind: str = ""
    search: str = ""
    page: int = 1


def find_places(town: Town, asked: PlacesRequest) -> list[Venue]:
    """Return every place that is asked for, by name; raises OutOfRangeError."""
    issues = {}
    for name, value, choices in (("municipality", asked.municipality, MUNICIPALITIES), ("kind", asked.kind, KINDS)):
        if value and value not in choices:
            issues[name] = Message("NOT_A_CHOICE", "Choose from: {choices}.", choices=", ".join(choices))
    if issues:
        raise OutOfRangeError(issues)
    wanted = asked.search.casefold().strip()
    found = [
        venue for venue in town.listed
        if asked.municipality in ("", venue.municipality or OFFICE) and asked.kind in ("", venue.kind)
        and wanted in f"{venue.name} {venue.address}".casefold()
    ]  # fmt: skip
    return sorted(found, key=lambda venue: (venue.name.casefold(), venue.id))


def places_geojson(town: Town, asked: PlacesRequest) -> dict[str, Any]:
    """Return the places as GeoJSON, and the rough outlines of the municipalities they are of."""
    found = find_places(town, asked)
    outlines = [
        feature(outline, {"outline": area_name(name)})
        for name, outline in town.outlines.items() if asked.municipality in ("", name)
    ]  # fmt: skip
    points = [
        point_feature(lat=v.lat, lon=v.lon, id=v.id, properties={
            "name": v.name, "kind": v.kind, "address": v.address, "hours": v.hours_as_recorded or v.opening_hours,
            "note": v.note, "providers": "; ".join(v.providers), "licence": town.licence_of(v),
            "page": v.id in town.venue, "uncertainty_m": v.uncertainty_m,
        })
        for v in found
    ]  # fmt: skip
    return collection([*outlines, *points], attribution=ATTRIBUTION)


def list_widgets(ports: Ports) -> Sequence[Widget]:
    """Return every widget, by id."""
    with ports.office() as office:
        return office.sharing.list_widgets()


def get_widget(ports: Ports, widget_id: str) -> Widget:
    """Return a widget; raises NotFoundError."""
    found = next((one for one in list_widgets(ports) if one.id == widget_id), None)
    if not widget_id:
        text = "Which widget? Write /embed/map?widget= and its id. The office makes one under Data, Widgets."
        raise NotFoundError(Message("NO_WIDGET", text))
    if found is None:
        text = "There is no widget {id}. The office makes one under Data, Widgets."
        raise NotFoundError(Message("UNKNOWN_WIDGET", text, id=widget_id[:40]))
    return found

"""The JSON API."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from tourism.routes import _openapi
from tourism.routes._parse import (
    ChanceQuery,
    IsochronesQuery,
    NightQuery,
    NoQuery,
    PlanQuery,
    SpotsQuery,
    ZoneQuery,
    parse,
)
from tourism.routes._render import (
    JSON_HEADERS,
    answers,
    book,
    conditional,
    html,
    language,
    live,
    now,
    this_night,
    today,
)
from tourism.services.board_documents import board_document
from tourism.services.current import Kept, to_json
from tourism.services.documents import ViewpointsDocument, areas_geojson, viewpoint_document
from tourism.services.plan_documents import chances_document, plan_document
from tourism.services.plan_shapes import ChancesDocument, PlanDocument
from tourism.services.plans import make_chances, make_plan
from tourism.services.spot_documents import spots_document, spots_geojson
from tourism.services.spots import FoundSpots, find_spots
from tourism.services.walking import isochrones, zone

LONGEST_KEPT = 1000  # bytes of a query whose answer is kept
api = Blueprint("api", __name__, url_prefix="/api/v1")


def _answer(make: Callable[[], Any], mimetype: str = "application/json") -> Response:
    """Answer as before to the same query, language and day, with an ETag; else make the document."""
    here = request._get_current_object()  # type: ignore[attr-defined]  # each look through the proxy costs a microsecond
    query = here.query_string
    asked = here.path, query, language(), this_night(), today(), tuple(live().values())
    kept = answers().kept if len(query) <= LONGEST_KEPT else Kept()
    body, etag = kept.get(asked, lambda: to_json(make()))
    return conditional(body, etag, mimetype, JSON_HEADERS)


def _spots() -> FoundSpots:
    query = parse(SpotsQuery, request.args)
    return find_spots(answers().town, query.request(this_night()), now(), live())


@api.get("/plan")
def plan() -> Response:
    """When to leave for the sunrise."""

    def make() -> PlanDocument:
        town, query = answers().town, parse(PlanQuery, request.args)
        return plan_document(town, make_plan(town, query.request(this_night()), this_night()), language())

    return _answer(make)


@api.get("/chance")
def chance() -> Response:
    """What leaving at a time is worth."""

    def make() -> ChancesDocument:
        asked = parse(ChanceQuery, request.args).request(this_night())
        return chances_document(asked, make_chances(answers().town, asked, this_night()), language())

    return _answer(make)


@api.get("/spots")
def spots() -> Response:
    """Where to wait."""
    return _answer(lambda: spots_document(answers().town, _spots(), language(), today()))


@api.get("/spots.geojson")
def spots_as_geojson() -> Response:
    """Where to wait, as GeoJSON."""
    return _answer(lambda: spots_geojson(answers().town, _spots(), language(), today()), "application/geo+json")


@api.get("/isochrones.geojson")
def isochrones_as_geojson() -> Response:
    """How far one gets on foot, as GeoJSON."""

    def make() -> dict[str, Any]:
        query = parse(IsochronesQuery, request.args)
        return areas_geojson(isochrones(answers().town, query.near, query.minutes))

    return _answer(make, "application/geo+json")


@api.get("/zone.geojson")
def zone_as_geojson() -> Response:
    """The buffer zone: the streets within a walk of the pick-ups, as GeoJSON."""

    def make() -> dict[str, Any]:
        query = parse(ZoneQuery, request.args)
        return areas_geojson([(query.max_walk_min, zone(answers().town, query.max_walk_min))])

    return _answer(make, "application/geo+json")


@api.get("/viewpoints")
def viewpoints() -> Response:
    """Where the sunrise can be seen from."""

    def make() -> ViewpointsDocument:
        parse(NoQuery, request.args)
        town = answers().town
        return {"viewpoints": [viewpoint_document(town, place) for place in town.world.almanac.viewpoints.values()]}

    return _answer(make)


@api.get("/departures")
def departures() -> Response:
    """Who leaves when, and has seats left."""
    night = parse(NightQuery, request.args).night_of(this_night())
    registered, kept = book(night)
    minute = now().replace(second=0, microsecond=0)
    asked = "departures", language(), minute, answers().town.world.version
    body, etag = kept.get(asked, lambda: to_json(board_document(answers().town, registered, minute, language())))
    return conditional(body, etag, "application/json", {**JSON_HEADERS, "Cache-Control": "no-cache"})


@api.get("/openapi.json")
def openapi() -> Response:
    """The description of this API."""
    parse(NoQuery, request.args)
    return Response(to_json(_openapi.description()), headers=JSON_HEADERS, mimetype="application/json")


@api.get("/docs")
def docs() -> Response:
    """The description as a page."""
    return html("docs.html", api=_openapi.description())

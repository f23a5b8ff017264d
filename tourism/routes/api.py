"""The JSON API."""

from flask import Blueprint, Response, request

from tourism.routes import _openapi
from tourism.routes._parse import NoQuery, PlanQuery, SpotsQuery, parse
from tourism.routes._render import answers, html, json_bytes, language, this_night, today
from tourism.services.current import to_json
from tourism.services.documents import viewpoint_document

api = Blueprint("api", __name__, url_prefix="/api/v1")


@api.get("/plan")
def plan() -> Response:
    """When to leave for the sunrise."""
    query = parse(PlanQuery, request.args)
    return json_bytes(answers().plan(query.request(this_night()), language(), today()))


@api.get("/spots")
def spots() -> Response:
    """Where to wait."""
    query = parse(SpotsQuery, request.args)
    return json_bytes(answers().spots(query.request(this_night()), language(), today()))


@api.get("/spots.geojson")
def spots_geojson() -> Response:
    """Where to wait, as GeoJSON; answers 304 to a matching ETag."""
    query = parse(SpotsQuery, request.args)
    body, etag = answers().geojson(query.request(this_night()), language(), today())
    answer = json_bytes(body, "application/geo+json")
    answer.set_etag(etag, weak=True)
    answer.make_conditional(request)
    return answer


@api.get("/viewpoints")
def viewpoints() -> Response:
    """Where the sunrise can be seen from."""
    parse(NoQuery, request.args)
    town = answers().town
    places = town.world.almanac.viewpoints.values()
    return json_bytes(to_json({"viewpoints": [viewpoint_document(town, place) for place in places]}))


@api.get("/openapi.json")
def openapi() -> Response:
    """The description of this API."""
    return json_bytes(to_json(_openapi.description()))


@api.get("/docs")
def docs() -> Response:
    """The description as a page."""
    return html("docs.html", api=_openapi.description())

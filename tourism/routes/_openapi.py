"""The OpenAPI 3.1 description, made from the models that parse queries and the types of the documents."""

from functools import cache
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic.json_schema import models_json_schema

from tourism.domain.account import MUNICIPALITIES
from tourism.routes._parse import (
    ChanceQuery,
    IsochronesQuery,
    NightQuery,
    NoQuery,
    PlanQuery,
    Query,
    SpotsQuery,
    ZoneQuery,
)
from tourism.routes._session import COOKIE
from tourism.routes.listings_api import ListingBody, ListingDocument, ListingsDocument, SessionDocument
from tourism.services.board_documents import BoardDocument
from tourism.services.changes import MOST_CHANGES, ChangesDocument
from tourism.services.documents import ATTRIBUTION, ViewpointsDocument
from tourism.services.plan_shapes import ChancesDocument, PlanDocument
from tourism.services.spot_documents import SpotDocument, SpotsDocument


class FieldProblem(BaseModel):
    """What is wrong with one parameter."""

    field: str
    code: str
    detail: str


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldProblem] = []


class PointGeometry(BaseModel):
    """A GeoJSON point: longitude, latitude."""

    type: str
    coordinates: tuple[float, float]


class SpotFeature(BaseModel):
    """A GeoJSON feature of a spot."""

    type: str
    id: str
    geometry: PointGeometry
    properties: SpotDocument


class SpotCollection(BaseModel):
    """A GeoJSON FeatureCollection of spots, most useful first."""

    model_config = ConfigDict(extra="allow")
    type: str
    features: list[SpotFeature]


class AreaProperties(BaseModel):
    """Minutes on foot; null for the usual buffer zone."""

    max_walk_min: int | None


class AreaFeature(BaseModel):
    """A GeoJSON feature of an area: a Polygon, a MultiPolygon, or an empty Polygon where no street is near."""

    type: str
    geometry: dict[str, Any]
    properties: AreaProperties


class AreaCollection(BaseModel):
    """A GeoJSON FeatureCollection of areas within a walk, the longest first."""

    model_config = ConfigDict(extra="allow")
    type: str
    features: list[AreaFeature]


_OPERATIONS: tuple[tuple[str, str, type[Query], Any, str], ...] = (
    ("/api/v1/plan", "When to leave for the sunrise", PlanQuery, PlanDocument, "application/json"),
    ("/api/v1/chance", "What a time to leave is worth", ChanceQuery, ChancesDocument, "application/json"),
    ("/api/v1/spots", "Where to wait, most useful first", SpotsQuery, SpotsDocument, "application/json"),
    ("/api/v1/spots.geojson", "Where to wait, as GeoJSON", SpotsQuery, SpotCollection, "application/geo+json"),
    ("/api/v1/isochrones.geojson", "How far one gets on foot", IsochronesQuery, AreaCollection, "application/geo+json"),
    ("/api/v1/zone.geojson", "The buffer zone for a walk", ZoneQuery, AreaCollection, "application/geo+json"),
    ("/api/v1/departures", "Who leaves when, and has seats left", NightQuery, BoardDocument, "application/json"),
    ("/api/v1/viewpoints", "Where the sunrise is seen from", NoQuery, ViewpointsDocument, "application/json"),
)
_REF = "#/components/schemas/{model}"


@cache
def description() -> dict[str, Any]:
    """Return the whole description."""
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    problem = _component(Problem, schemas)
    for path, summary, query, document, mimetype in _OPERATIONS:
        failures: dict[str, Any] = {
            code: {"description": text, "content": {"application/problem+json": {"schema": problem}}}
            for code, text in (
                ("400", "Malformed request"),
                ("422", "Well-formed, but out of range"),
                ("503", "The database is not ready"),
            )
        }
        ok = {
            "description": "The answer",
            "content": {mimetype: {"schema": _component(document, schemas)}},
        }
        if path.endswith((".geojson", "/departures")):
            failures["304"] = {"description": "Not modified, for a matching If-None-Match"}
        paths[path] = {
            "get": {
                "operationId": path.removeprefix("/api/v1/").replace(".", "_"),
                "summary": summary,
                "parameters": _parameters(query),
                "responses": failures | {"200": ok},
            }
        }
    paths |= _listing_paths(schemas, problem)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kongkow Kayutangan",
            "version": version("kongkow-kayutangan"),
            "description": f"Waiting spots in Kayutangan and the time to leave for the Bromo sunrise. {ATTRIBUTION}.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": COOKIE,
                    "description": "From POST /office/sign-in.",
                },
                "key": {"type": "http", "scheme": "bearer", "description": "A key of /office/sharing."},
            },
        },
    }


_OF_LISTINGS = {
    "400": "Malformed request", "401": "Nobody is signed in", "403": "Not with this account", "404": "No such listing",
    "409": "Not in this state", "412": "It has another version", "415": "Not JSON", "422": "Fields that can't be",
    "428": "No version is said", "503": "The database is not ready", "410": "A cursor of another database",
    "429": "Too many requests; Retry-After says when to come again",
}  # fmt: skip


def _listing_paths(schemas: dict[str, Any], problem: dict[str, Any]) -> dict[str, Any]:
    """Describe what is only for who is signed in."""
    failures = {
        code: {"description": text, "content": {"application/problem+json": {"schema": problem}}}
        for code, text in _OF_LISTINGS.items()
    }

    def operation(name: str, summary: str, document: Any, codes: str, *parameters: dict[str, Any]) -> dict[str, Any]:
        content = {"application/json": {"schema": _component(document, schemas)}}
        ok = {code: {"description": "The answer", "content": content} for code in codes.split() if code < "300"}
        responses = ok | {code: failures[code] for code in codes.split() if code >= "300"}
        return {
            "operationId": name, "security": [{"session": []}, {"key": []}],
            "summary": f"{summary} (for who is signed in)", "responses": responses,
            "parameters": [*_parameters(NoQuery), *parameters],
        }  # fmt: skip

    key = {
        "name": "key",
        "in": "path",
        "required": True,
        "description": "Id of a listing.",
        "schema": {"type": "string"},
    }
    text = {"type": "string"}
    heads = [
        {"name": name, "in": "header", "required": name.startswith("X-"), "description": meaning, "schema": text}
        for name, meaning in (
            ("If-Match", "The ETag that was read."),
            ("If-None-Match", "* for a new listing."),
            ("X-CSRF-Token", "From /api/v1/session."),
        )
    ]
    body = {"required": True, "content": {"application/json": {"schema": _component(ListingBody, schemas)}}}
    put = operation(
        "put_listing", "Keep a listing on the version that was read", ListingDocument,
        "200 201 400 401 403 404 409 412 415 422 428 503", key, *heads,
    )  # fmt: skip
    yes_no = {"type": "string", "enum": ["yes", "no"], "default": "no"}
    asked = [
        {"name": name, "in": "query", "required": False, "description": meaning, "schema": schema}
        for name, meaning, schema in (
            ("since", "The cursor of the last answer; none at first.", text),
            ("of", "What this municipality gives out, cleared or not.", {"type": "string", "enum": [*MUNICIPALITIES]}),
            ("passed-on", "Also what came from other providers.", yes_no),
            (
                "limit",
                "At most so many, 1,000 where it is not said.",
                {"type": "integer", "minimum": 1, "maximum": MOST_CHANGES},
            ),
        )
    ]
    changes = operation("changes", "Listings as they change", ChangesDocument, "200 400 401 410 429 503", *asked)
    changes |= {"security": [{}, {"key": []}], "summary": "Every change of a listing once, in order, after a cursor"}
    return {
        "/api/v1/listings/changes": {"get": changes},
        "/api/v1/session": {"get": operation("session", "Who is signed in", SessionDocument, "200 400 401 503")},
        "/api/v1/listings": {
            "get": operation("listings", "Every listing that one may read", ListingsDocument, "200 400 401 403 503")
        },
        "/api/v1/listings/{key}": {
            "get": operation("listing", "One listing", ListingDocument, "200 400 401 403 404 503", key),
            "put": put | {"requestBody": body},
        },
    }


def _component(kind: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """Add a type and all it uses to the components; returns a reference to it."""
    schema = TypeAdapter(kind).json_schema(ref_template=_REF, mode="serialization")
    schemas.update(schema.pop("$defs", {}))
    schemas[kind.__name__] = schema
    return {"$ref": _REF.format(model=kind.__name__)}


def _parameters(query: type[Query]) -> list[dict[str, Any]]:
    _, definitions = models_json_schema([(query, "validation")], ref_template=_REF)
    definition = definitions["$defs"]
    properties = definition[query.__name__]["properties"]
    required = definition[query.__name__].get("required", [])
    return [
        _parameter(name, dict(schema), definition) | {"required": name in required}
        for name, schema in properties.items()
    ]


def _parameter(name: str, schema: dict[str, Any], definition: dict[str, Any]) -> dict[str, Any]:
    text = schema.pop("description", "")
    schema.pop("title", None)
    options = [_inline(option, definition) for option in schema.pop("anyOf", []) if option != {"type": "null"}]
    if options:
        schema |= options[0]
    if schema.get("default", 0) is None:
        del schema["default"]
    found = {"name": name, "in": "query", "description": text, "schema": _inline(schema, definition)}
    return found | ({"style": "form", "explode": False} if schema.get("type") == "array" else {})


def _inline(schema: dict[str, Any], definition: dict[str, Any]) -> dict[str, Any]:
    """Replace a reference to an enumeration by the enumeration."""
    if "$ref" in schema:
        target = definition[schema["$ref"].rsplit("/", 1)[1]]
        return {key: value for key, value in (target | schema).items() if key not in ("$ref", "title")}
    if "items" in schema:
        return {**schema, "items": _inline(schema["items"], definition)}
    return schema

"""The OpenAPI 3.0 description of /ogc, made from the collections."""

from importlib.metadata import version
from typing import Any

from tourism.services.ogc import COLLECTIONS, CRS, MOST_FEATURES, Collection

_GEOJSON = {"application/geo+json": {"schema": {"type": "object"}}, "text/html": {"schema": {"type": "string"}}}
_JSON = {"application/json": {"schema": {"type": "object"}}, "text/html": {"schema": {"type": "string"}}}


def _parameter(name: str, schema: dict[str, Any], text: str, where: str = "query") -> dict[str, Any]:
    found = {"name": name, "in": where, "description": text, "required": where == "path", "schema": schema}
    return found | ({"style": "form", "explode": False} if where == "query" else {})


_PARAMETERS = {
    "f": _parameter("f", {"type": "string", "enum": ["json", "html"]}, "The form of the answer."),
    "limit": _parameter(
        "limit", {"type": "integer", "minimum": 1, "maximum": MOST_FEATURES, "default": MOST_FEATURES},
        "Features on a page.",
    ),
    "after": _parameter("after", {"type": "string"}, "Go on after the feature of this id, as the next link says."),
    "bbox": _parameter(
        "bbox",
        {"type": "array", "items": {"type": "number"}, "oneOf": [{"minItems": n, "maxItems": n} for n in (4, 6)]},
        "Only features that touch this box.",
    ),
    "bbox-crs": _parameter("bbox-crs", {"type": "string", "enum": list(CRS)}, "The CRS of the box."),
    "crs": _parameter("crs", {"type": "string", "enum": list(CRS)}, "The CRS of the answer."),
    "datetime": _parameter("datetime", {"type": "string"}, "An instant, a date, or an interval with / between."),
    "passed-on": _parameter(
        "passed-on", {"type": "string", "enum": ["yes", "no"], "default": "no"},
        "Also listings that came from elsewhere, with their chain.",
    ),
    "featureId": _parameter("featureId", {"type": "string"}, "The id of a feature.", "path"),
}  # fmt: skip


def _get(name: str, summary: str, content: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    failures = {"400": "Malformed request", "404": "There is no such thing", "429": "Too many requests"}
    problem = {"application/problem+json": {"schema": {"type": "object"}}}
    responses = {"200": {"description": "The answer", "content": content}}
    responses |= {code: {"description": text, "content": problem} for code, text in failures.items()}
    named = [{"$ref": "#/components/parameters/f"}, *parameters]
    return {"get": {"operationId": name, "summary": summary, "parameters": named, "responses": responses}}


def _ref(*names: str) -> list[dict[str, Any]]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _items(collection: Collection) -> dict[str, Any]:
    usual = "limit", "after", "bbox", "bbox-crs", "crs", "datetime"
    asked = _ref(*usual, *(["passed-on"] if collection.id == "venues" else []))
    by = [_parameter(name, dict(schema), f"Only features whose {name} is this.")
          for name, schema in collection.properties.items()]  # fmt: skip
    return _get(f"{collection.id}_items", f"Features of {collection.id}", _GEOJSON, *asked, *by)


def openapi(server: str) -> dict[str, Any]:
    """Return the description for a server."""
    paths = {
        "/": _get("landing", "Where to begin", _JSON),
        "/conformance": _get("conformance", "Conformance classes", _JSON),
        "/collections": _get("collections", "Every collection", _JSON),
    }
    for name, collection in COLLECTIONS.items():
        path = f"/collections/{name}"
        paths[path] = _get(name, f"About {name}", _JSON)
        paths[f"{path}/queryables"] = _get(f"{name}_queryables", f"What {name} can be asked for by", _JSON)
        paths[f"{path}/items"] = _items(collection)
        paths[f"{path}/items/{{featureId}}"] = _get(
            f"{name}_item", f"One of {name}", _GEOJSON, *_ref("featureId", "crs")
        )
    return {
        "openapi": "3.0.3",
        "info": {"title": "Kongkow Kayutangan: OGC API - Features", "version": version("kongkow-kayutangan"),
                 "license": {"name": "ODbL 1.0", "url": "https://opendatacommons.org/licenses/odbl/1-0/"}},
        "servers": [{"url": server}],
        "paths": paths,
        "components": {"parameters": _PARAMETERS},
    }  # fmt: skip

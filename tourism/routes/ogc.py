"""OGC API - Features over HTTP: landing page, conformance, collections, queryables, items; JSON, or HTML for people."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, request

from tourism.errors import Message, NotFoundError
from tourism.routes._limits import limit
from tourism.routes._ogc_openapi import openapi
from tourism.routes._ogc_query import Query, check_known, read_items
from tourism.routes._render import (
    answers,
    book_version,
    conditional,
    for_people,
    html,
    language,
    now,
    ports,
    this_night,
)
from tourism.services.current import Kept, to_json
from tourism.services.ogc import (
    COLLECTIONS,
    CRS,
    CRS84,
    Collection,
    Table,
    bodies,
    departures,
    get_collection,
    select,
    table_of,
)

ogc = Blueprint("ogc", __name__, url_prefix="/ogc")
ogc.before_request(limit)
GEOJSON, JSON = "application/geo+json", "application/json"
SCHEMA = "application/schema+json"
OAS30 = "application/vnd.oai.openapi+json;version=3.0"
_CLASSES = """
    ogcapi-features-1/1.0/conf/core ogcapi-features-1/1.0/conf/oas30 ogcapi-features-1/1.0/conf/html
    ogcapi-features-1/1.0/conf/geojson ogcapi-features-2/1.0/conf/crs ogcapi-features-3/1.0/conf/queryables
    ogcapi-features-3/1.0/conf/queryables-query-parameters ogcapi-common-1/1.0/conf/core
    ogcapi-common-2/1.0/conf/collections
"""
CONFORMANCE = [f"http://www.opengis.net/spec/{name}" for name in _CLASSES.split()]
ON_A_PAGE = 100  # for people
Link = dict[str, str]


def _url(path: str = "", **query: str) -> str:
    return f"{request.host_url}ogc{quote(path)}" + (f"?{urlencode(query)}" if query else "")


def _link(rel: str, type_: str, title: str, path: str, **query: str) -> Link:
    return {"rel": rel, "type": type_, "title": title, "href": _url(path, **query)}


def _both(path: str, kept: Mapping[str, str] | None = None, kind: str = JSON) -> list[Link]:
    """Return the links to this document and to itself in the other form."""
    query, page = dict(kept or {}), for_people()
    here, other = ("self", "alternate") if not page else ("alternate", "self")
    return [
        _link(here, kind, "This document", path, **query, f="json"),
        _link(other, "text/html", "This document as HTML", path, **query, f="html"),
    ]


def _answer(document: Mapping[str, Any], what: str, title: str, kind: str = JSON, **values: Any) -> Response:
    if for_people():
        return html("ogc.html", what=what, title=title, document=document, **values)
    answer = Response(to_json(document), mimetype=kind)
    answer.headers |= {"Access-Control-Allow-Origin": "*", "Vary": "Accept, Accept-Language"}
    return answer


@ogc.get("", strict_slashes=False)
@ogc.get("/", strict_slashes=False)
def landing() -> Response:
    """Where a client begins."""
    check_known(request.args)
    title = "Kongkow Kayutangan: OGC API - Features"
    document = {
        "title": title,
        "description": language().text("Listings, waiting spots, viewpoints and departures of Malang Raya."),
        "attribution": "© OpenStreetMap contributors, ODbL 1.0",
        "links": [
            *_both(""),
            _link("service-desc", OAS30, "The API in OpenAPI 3.0", "/api"),
            _link("service-doc", "text/html", "The API for people", "/api", f="html"),
            _link("conformance", JSON, "Conformance classes", "/conformance"),
            _link("data", JSON, "Collections", "/collections"),
        ],
    }
    return _answer(document, "landing", title, collections=COLLECTIONS.values())


@ogc.get("/conformance")
def conformance() -> Response:
    """What of the standard is here."""
    check_known(request.args)
    return _answer({"conformsTo": CONFORMANCE, "links": _both("/conformance")}, "conformance", "Conformance")


@ogc.get("/api")
def api() -> Response:
    """The description in OpenAPI 3.0."""
    check_known(request.args)
    found = openapi(_url())
    if for_people():
        return html("ogc.html", what="api", title="API", document=found)
    answer = Response(to_json(found), content_type=OAS30)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _table(collection: Collection, passed_on: bool = False) -> Table:
    town = answers().town
    if collection.id == "departures":
        minute = now().replace(second=0, microsecond=0)
        return departures(ports(), town, this_night(), (minute, book_version()), language())
    return table_of(ports(), town, collection.id, passed_on)


def _collection(collection: Collection) -> dict[str, Any]:
    words, path = language(), f"/collections/{collection.id}"
    box = _table(collection).extent
    spatial = {"spatial": {"bbox": [box], "crs": CRS84}} if box else {}
    temporal = {"temporal": {"interval": [[this_night().isoformat() + "T00:00:00Z", None]]}} if collection.time else {}
    return {
        "id": collection.id, "title": words.say(collection.title), "description": words.say(collection.description),
        "itemType": "feature", "extent": {**spatial, **temporal}, "crs": list(CRS), "storageCrs": CRS84,
        "links": [
            *_both(path),
            _link("items", GEOJSON, words.say(collection.title), f"{path}/items"),
            _link("items", "text/html", words.say(collection.title), f"{path}/items", f="html"),
            _link("http://www.opengis.net/def/rel/ogc/1.0/queryables", SCHEMA, "Queryables", f"{path}/queryables"),
            {"rel": "license", "type": "text/html", "title": "ODbL 1.0",
             "href": "https://opendatacommons.org/licenses/odbl/1-0/"},
        ],
    }  # fmt: skip


@ogc.get("/collections")
def collections() -> Response:
    """Every collection."""
    check_known(request.args)
    found = [_collection(collection) for collection in COLLECTIONS.values()]
    document = {"collections": found, "crs": list(CRS), "links": _both("/collections")}
    return _answer(document, "collections", language().text("Collections"))


@ogc.get("/collections/<name>")
def collection(name: str) -> Response:
    """One collection."""
    check_known(request.args)
    found = _collection(get_collection(name))
    return _answer(found, "collection", found["title"], properties=get_collection(name).properties)


@ogc.get("/collections/<name>/queryables")
def queryables(name: str) -> Response:
    """What features can be asked for by."""
    check_known(request.args)
    found, path = get_collection(name), f"/collections/{name}/queryables"
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": _url(path), "type": "object",
        "title": language().say(found.title), "additionalProperties": False,
        "properties": {
            **{n: {"title": n, **schema} for n, schema in found.properties.items()},
            "geometry": {"format": f"geometry-{found.geometry.lower() if found.geometry == 'Point' else 'any'}"},
        },
    }  # fmt: skip
    return _answer(document, "queryables", language().say(found.title), SCHEMA)


@ogc.get("/collections/<name>/items")
def items(name: str) -> Response:
    """A page of features."""
    found = get_collection(name)
    query = read_items(request.args, found)
    if for_people():
        shown = query.asked if "limit" in request.args else replace(query.asked, limit=ON_A_PAGE)
        table, page, document = _page(found, replace(query, asked=shown))
        rows = [table.features[n] for n in page]
        return html(
            "ogc.html", what="items", title=language().say(found.title), document=document, rows=rows, name=name
        )
    # Departures change by the minute; the rest is as it was until there is another reading of the database.
    kept = Kept(0) if found.time else answers().shared
    asked = "ogc", request.host_url, request.full_path, language()
    body, etag = kept.get(asked, lambda: _items_body(found, query))
    return conditional(body, etag, GEOJSON, {
        "Content-Crs": f"<{query.crs}>", "Access-Control-Allow-Origin": "*", "Vary": "Accept, Accept-Language",
        "Cache-Control": "no-cache" if found.time else "public, max-age=30",
    })  # fmt: skip


def _page(collection: Collection, query: Query) -> tuple[Table, list[int], dict[str, Any]]:
    """Return a page: the table, which of it, and what surrounds the features."""
    table = _table(collection, query.passed_on)
    page, matched, more = select(collection, table, query.asked)
    path, kept = f"/collections/{collection.id}/items", dict(query.kept)
    here = kept | ({"after": query.asked.after} if query.asked.after else {})
    links = _both(path, here, GEOJSON)
    if more:
        form = "html" if for_people() else "json"
        kind = "text/html" if for_people() else GEOJSON
        links.append(_link("next", kind, "Next page", path, **kept, after=table.ids[page[-1]], f=form))
    links.append(_link("collection", JSON, "The collection", f"/collections/{collection.id}"))
    return table, page, {
        "links": links, "numberMatched": matched, "numberReturned": len(page),
        "timeStamp": now().astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }  # fmt: skip


def _items_body(collection: Collection, query: Query) -> bytes:
    table, page, document = _page(collection, query)
    head = b'{"type":"FeatureCollection","features":['
    return head + b",".join(bodies(table, page, query.crs)) + b"]," + to_json(document)[1:]


@ogc.get("/collections/<name>/items/<feature_id>")
def item(name: str, feature_id: str) -> Response:
    """One feature; one that came from elsewhere too, for its address is known."""
    found = get_collection(name)
    check_known(request.args, "crs")
    query = read_items(request.args, found)
    table = _table(found, passed_on=True)
    n = bisect_left(table.ids, feature_id)
    if n == len(table.ids) or table.ids[n] != feature_id:
        text = "There is no feature {id} in {collection}."
        raise NotFoundError(Message("UNKNOWN_FEATURE", text, id=feature_id[:100], collection=name))
    path = f"/collections/{name}/items/{feature_id}"
    links = [*_both(path, kind=GEOJSON), _link("collection", JSON, "The collection", f"/collections/{name}")]
    if for_people():
        row = table.features[n]
        title = row["properties"].get("name") or row["properties"].get("label") or feature_id
        return html("ogc.html", what="item", title=title, document={"links": links}, row=row, name=name)
    body = bodies(table, [n], query.crs)[0][:-1] + b',"links":' + to_json(links) + b"}"
    answer = Response(body, mimetype=GEOJSON)
    answer.headers |= {"Content-Crs": f"<{query.crs}>", "Access-Control-Allow-Origin": "*"}
    return answer

"""What partners take: changes, dumps, the joint map and its widget."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, current_app, g, request

from tourism.domain.account import MUNICIPALITIES
from tourism.domain.brand import JOINT, ink_on
from tourism.domain.listing import KINDS
from tourism.errors import InputError, MalformedError, Message
from tourism.routes._limits import limit
from tourism.routes._office_words import CODE_TEXTS, KIND_NAMES
from tourism.routes._ogc_query import read_changes
from tourism.routes._render import answers, conditional, html, language, ports
from tourism.services.changes import list_changes
from tourism.services.current import Kept, to_json
from tourism.services.dumps import get_dump, list_dumps
from tourism.services.places import (
    ON_A_PAGE,
    PlacesRequest,
    find_places,
    get_widget,
    places_geojson,
)

sharing = Blueprint("sharing", __name__)
DUMP_TYPES = {
    "gpkg": "application/geopackage+sqlite3", "geojson": "application/geo+json", "csv": "text/csv; charset=utf-8",
}  # fmt: skip
LONGEST_SEARCH = 80


@sharing.get("/api/v1/listings/changes")
def changes() -> Response:
    """Every change of a listing and every tombstone, once and in order, after a cursor."""
    limit()
    found = list_changes(ports(), *read_changes(request.args))
    answer = Response(to_json(found), mimetype="application/json")
    answer.headers |= {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"}
    return answer


@sharing.get("/dumps/")
def dumps() -> Response:
    """The files of each day."""
    days: dict[date, list[tuple[str, int]]] = {}
    for day, name, size in list_dumps(ports()):
        days.setdefault(day, []).append((name, size))
    return html("dumps.html", days=days)


@sharing.get("/dumps/<when>/<name>")
def dump_file(when: str, name: str) -> Response:
    """A file of a day, or of the newest."""
    limit()
    try:
        day = None if when == "newest" else date.fromisoformat(when)
    except ValueError as error:
        raise MalformedError({"day": Message("NOT_A_DATE", "Write a date as 2026-12-05.")}) from error
    found, content = get_dump(ports(), day, name)
    stem, _, ending = name.rpartition(".")
    answer = Response(content, content_type=DUMP_TYPES[ending])
    answer.headers["Content-Disposition"] = f'attachment; filename="{stem}-{found.isoformat()}.{ending}"'
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _asked(municipality: str | None = None) -> PlacesRequest:
    args = request.args
    page, search = args.get("page") or "1", args.get("q", "")
    if not (page.isascii() and page.isdecimal() and 0 < len(page) < 6 and int(page)):
        raise MalformedError({"page": Message("NOT_A_NUMBER", "Write a whole number.")})
    if len(search) > LONGEST_SEARCH:
        raise MalformedError({"q": Message("TOO_LONG", "This is too long.")})
    area = municipality if municipality is not None else args.get("municipality", "")
    return PlacesRequest(area, args.get("kind", ""), search, int(page))


@sharing.get("/places")
def places() -> Response:
    """The joint map of Malang Raya and the list of its places."""
    issues, status, asked = {}, 200, PlacesRequest()
    try:
        asked = _asked()
        found = find_places(answers().town, asked)
    except InputError as error:
        issues, status, asked = error.issues, error.status, PlacesRequest()
        found = find_places(answers().town, asked)
    first = (asked.page - 1) * ON_A_PAGE
    return html(
        "places.html", status, asked=asked, issues=issues, count=len(found), shown=found[first : first + ON_A_PAGE],
        more=len(found) > first + ON_A_PAGE, kinds=KINDS, municipalities=MUNICIPALITIES,
        **_words(),
    )  # fmt: skip


def _words() -> dict[str, Any]:
    words, town = language(), answers().town
    return {
        "kind_name": lambda kind: words.say(KIND_NAMES[kind]) if kind in KIND_NAMES else kind,
        "area_name": lambda area: words.say(CODE_TEXTS[area]) if area in CODE_TEXTS else area,
        "has_page": lambda venue: venue.id in town.venue,
        "tiles": current_app.config["TILE_URL"],
        "kind_names": {kind: words.say(text) for kind, text in KIND_NAMES.items()},
    }  # fmt: skip


@sharing.get("/places.geojson")
def places_as_geojson() -> Response:
    """The places of the joint map."""
    asked, town = _asked(), answers().town
    if asked.search:
        limit()
    kept = Kept(0) if asked.search else answers().shared  # whatever people type is not kept
    body, etag = kept.get(("places", asked), lambda: to_json(places_geojson(town, asked)))
    headers = {"Cache-Control": "public, max-age=30", "Access-Control-Allow-Origin": "*"}
    return conditional(body, etag, "application/geo+json", headers)


@sharing.get("/embed/map")
def embed() -> Response:
    """The joint map for a partner's site: its name, colour and municipality, only on the sites that it names."""
    widget = get_widget(ports(), request.args.get("widget", ""))
    asked = _asked(widget.municipality or "")
    g.frame_ancestors = widget.origins
    g.brand = answers().town.world.brand(widget.municipality or JOINT)
    return html("embed.html", widget=widget, widget_ink=ink_on(widget.colour), asked=asked, **_words())

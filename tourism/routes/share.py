"""Pages worth sharing, their pictures and posters, short links, and what crawlers ask for."""

from dataclasses import replace
from datetime import date
from typing import Any, cast, get_args
from xml.sax.saxutils import escape

from flask import Blueprint, Flask, Response, current_app, redirect, request
from flask.typing import ResponseReturnValue

from tourism.domain.account import area_name
from tourism.domain.brand import PATHS, Brand
from tourism.domain.campaign import Campaign, Stage, is_navigation
from tourism.domain.card import Size
from tourism.errors import MalformedError, Message, NotFoundError, NotReadyError, NotSignedInError, TooManyError
from tourism.routes._brand import UNBRANDED
from tourism.routes._limits import limit
from tourism.routes._parse import LONGEST
from tourism.routes._render import (
    answers,
    asking,
    brand,
    conditional,
    html,
    language,
    link,
    own_path,
    own_site,
    ports,
    this_night,
)
from tourism.services.campaigns import Came, count, find_campaign, get_campaign
from tourism.services.documents import name_of
from tourism.services.language import LANGUAGES, Language
from tourism.services.office import get_photo
from tourism.services.plans import DEFAULT_VIEWPOINT
from tourism.services.prints import card_of, poster_of
from tourism.services.sights import (
    Asking,
    destinations,
    get_sight,
    nights_ahead,
    paths,
)

share = Blueprint("share", __name__)
NIGHTS_SHOWN = 14
RECENT, MOST_RECENT = "tourism-visits", 10_000  # visits that a worker has tried to count
HIDDEN = ("/office/", "/k/", "/turns", "/api/", "/posters/")  # from crawlers
KEPT = {"Cache-Control": "public, max-age=600"}


@share.get("/nights")
def nights() -> Response:
    """The nights ahead, and every viewpoint and destination."""
    town, words = answers().town, language()
    return html(
        "nights.html", plans=nights_ahead(asking(), NIGHTS_SHOWN), area_name=area_name,
        viewpoint=name_of(town, DEFAULT_VIEWPOINT, words), destinations=sorted(destinations(town).items()),
        viewpoints=[(id_, name_of(town, id_, words)) for id_ in town.world.almanac.viewpoints],
    )  # fmt: skip


@share.get("/<any(nights, viewpoints, destinations):kinds>/<id_>")
def sight(kinds: str, id_: str) -> ResponseReturnValue:
    """One night, viewpoint or destination."""
    if (kinds, id_) == ("nights", "tonight"):
        return redirect(link(f"/nights/{this_night()}"), 302)
    return html("sight.html", sight=get_sight(asking(), kinds.removesuffix("s"), id_))


@share.get("/pictures/<kind>/<id_>.<any(id, en):code>.png")
def picture(kind: str, id_: str, code: str) -> Response:
    """The share picture of a page."""
    here = replace(asking(), words=Language(code))
    id_ = str(here.tonight) if (kind, id_) == ("night", "tonight") else id_
    card = card_of(get_sight(here, kind, id_), brand(), here.words)

    def draw() -> bytes:
        limit()  # who asks for what is drawn already costs nothing
        return ports().draw_card(replace(card, logo=_logo(card.brand)))

    body, etag = answers().shared.get(("picture", card), draw)
    return conditional(body, etag, "image/png", KEPT)


def _logo(worn: Brand) -> bytes:
    """Return the logo of a brand, empty without one."""
    return get_photo(ports(), worn.logo) if worn.logo else b""


@share.get("/posters/<venue_id>.pdf")
def poster(venue_id: str) -> Response:
    """A poster or table tent of a venue, with a code that leads to its page or to a short link."""
    size, night, code = (request.args.get(name, "")[:LONGEST] for name in ("size", "night", "k"))
    if size not in ("", *get_args(Size)):
        choices = ", ".join(get_args(Size))
        raise MalformedError({"size": Message("NOT_A_CHOICE", "Choose from: {choices}.", choices=choices)})
    try:
        day = date.fromisoformat(night) if night else this_night()
    except ValueError as error:
        raise MalformedError({"night": Message("NOT_A_DATE", "Write a date as 2026-12-05.")}) from error
    path = f"/k/{_campaign(code).code}" if code else f"/spots/{venue_id}"
    wish = cast(Size, size or "a4"), own_site() + path
    found = poster_of(asking(), venue_id, day, brand(), wish)

    def draw() -> bytes:
        limit()
        return ports().draw_poster(replace(found, logo=_logo(found.brand)))

    body, etag = answers().shared.get(("poster", found), draw)
    name = f"{venue_id}-{found.size}-{day}.pdf"
    headers = {**KEPT, "Content-Disposition": f'inline; filename="{name}"'}
    return conditional(body, etag, "application/pdf", headers)


@share.get("/k/<code>", strict_slashes=False)
def short_link(code: str) -> ResponseReturnValue:
    """Lead on from a poster; whoever comes is counted once a night, without a cookie."""
    code = code.lower()  # as a phone writes it
    campaign = _campaign(code)
    came(code, Stage.SCAN)
    own, _, query = campaign.leads_to.partition("?")
    answer = redirect(own_path(own) + (f"?{query}&" if query else "?") + f"k={code}", 302)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _campaign(code: str) -> Campaign:
    """Return a short link; raises NotFoundError, and TooManyError for who tries many."""
    try:
        return get_campaign(answers().town, code)
    except NotFoundError:
        limit()
        raise


def came(code: str, step: Stage) -> None:
    """Count a visit by a short link as far as a step; nothing hangs on it, so a busy database only counts less."""
    asks = request.method == "GET" if step is not Stage.TURN else request.method == "POST"
    if not asks or not is_navigation(dict(request.headers)) or find_campaign(answers().town, code) is None:
        return
    visit = Came(code, step, request.remote_addr or "", request.headers.get("User-Agent", "")[:300])
    recent = cast(dict[Any, None], current_app.extensions[RECENT])
    key = hash((this_night(), visit))
    if key in recent:
        return  # counted before, so nothing is written
    try:
        limit()
        counted = count(ports(), answers().town, visit)
    except (TooManyError, NotReadyError, NotSignedInError):
        return
    if len(recent) >= MOST_RECENT:
        recent.clear()
    if counted or step is Stage.SCAN:  # a plan without a scan may still get one
        recent[key] = None


@share.get("/robots.txt")
def robots() -> Response:
    """What crawlers may ask for."""
    site = asking().site
    paths_of = [f"{brand}{path}" for brand in ("", *(f"/{one}" for one in PATHS)) for path in HIDDEN]
    hidden = "".join(f"Disallow: {path}\n" for path in paths_of)
    return Response(f"User-agent: *\n{hidden}Sitemap: {site}/sitemap.xml\n", mimetype="text/plain")


@share.get("/sitemap.xml")
def sitemap() -> Response:
    """Every page worth sharing, in each language."""
    here = asking()
    body, etag = answers().shared.get(("sitemap", here.tonight), lambda: _sitemap(here).encode())
    return conditional(body, etag, "application/xml", KEPT)


def _sitemap(here: Asking) -> str:
    def entry(path: str, code: str) -> str:
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{other}" href="{escape(here.site + path)}?lang={other}"/>'
            for other in LANGUAGES
        )
        return f"<url><loc>{escape(here.site + path)}?lang={code}</loc>{others}</url>"

    entries = "\n".join(entry(path, code) for path in paths(here.town, here.tonight) for code in LANGUAGES)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:xhtml="http://www.w3.org/1999/xhtml">\n{entries}\n</urlset>\n'
    )


def register(app: Flask) -> None:
    """Make room for the visits that a worker has counted."""
    app.extensions[RECENT] = {}


def wear(environ: dict[str, Any], key: str) -> None:
    """Let a request whose path begins with that of a brand wear it: the rest of the path stays as it is.

    What is no page for everybody has one address alone: a proxy that shuts it there shuts it.
    """
    first, _, rest = environ["PATH_INFO"][1:].partition("/")
    rest = rest.lstrip("/")
    if first in PATHS and rest.partition("/")[0] not in UNBRANDED:
        environ[key] = PATHS[first]
        environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/{first}"
        environ["PATH_INFO"] = f"/{rest}"

"""Pages and JSON bytes, in the reader's language."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any, cast
from urllib.parse import quote, urlencode

from flask import Flask, Response, current_app, g, render_template, request
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from tourism.domain.brand import JOINT, PATHS, PLAIN, Brand
from tourism.domain.calendar import WIB
from tourism.domain.campaign import CODE
from tourism.domain.departure import NightBook
from tourism.domain.occupancy import Occupancy
from tourism.errors import NotReadyError
from tourism.routes._brand import UNBRANDED, style_of, style_version
from tourism.services.current import Answers, Current, Kept
from tourism.services.language import LANGUAGES, Language
from tourism.services.plans import tonight
from tourism.services.ports import Ports
from tourism.services.scenario import Nights
from tourism.services.sights import Asking

EXTENSION = "tourism"
ADDED = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|gad_\w+|srsltid|msclkid|ttclid|twclid|igsh(id)?|mc_[ce]id|_ga|_gl",
    re.ASCII,
)
BRAND = "tourism.brand"  # in the environment of a request that came by a brand's path


@dataclass(frozen=True)
class _Asking:
    """What holds for a whole request: its instant, and the answers and occupancies as they are then."""

    ports: Ports
    now: datetime
    answers: Answers
    live: Mapping[str, Occupancy]

    @cached_property
    def today(self) -> date:
        return self.now.astimezone(WIB).date()

    @cached_property
    def night(self) -> date:
        return tonight(self.answers.town, self.now)


def _asking() -> _Asking:
    """Return it, made at the first question; raises NotReadyError."""
    found = g.get("asking")
    if found is None:
        wired, current = current_app.extensions[EXTENSION]
        now = wired.now()
        found = g.asking = _Asking(wired, now, current.get(), current.live(now))
    return cast(_Asking, found)


def ports() -> Ports:
    """Return what `app` wired."""
    return _asking().ports


def answers() -> Answers:
    """Return the answers of the newest reading; raises NotReadyError."""
    return _asking().answers


def live() -> Mapping[str, Occupancy]:
    """Return how full venues are now."""
    return _asking().live


def now() -> datetime:
    """Return the instant of this request."""
    return _asking().now


def today() -> date:
    """Return today's date in WIB."""
    return _asking().today


def this_night() -> date:
    """Return the service date of tonight."""
    return _asking().night


def book(night: date) -> tuple[NightBook, Kept]:
    """Return what is registered for a night, and the answers already given from it."""
    _, current = current_app.extensions[EXTENSION]
    found: tuple[NightBook, Kept] = current.book(night)
    return found


def nights() -> Nights:
    """Return the simulated nights that scenarios are read from."""
    _, current = current_app.extensions[EXTENSION]
    return cast(Nights, current.nights())


def brand() -> Brand:
    """Return the brand that pages wear: by the path, by a widget, by the host name, else the joint one."""
    found = g.get("brand")
    if found is None:
        try:
            world = answers().town.world
        except NotReadyError:
            return PLAIN
        found = g.brand = world.brand(request.environ.get(BRAND) or _of_host(world.brands) or JOINT)
    return cast(Brand, found)


def _of_host(brands: Iterable[Brand]) -> str:
    """Return the id of the brand that the host name asked for wears, empty for none."""
    host = request.host.partition(":")[0].lower()
    return next((one.id for one in brands if host in one.hosts.split()), "")


def own_path(path: str) -> str:
    """Return the path of a page in the brand of this one."""
    first = path[1:].partition("/")[0]
    return path if first in (*PATHS, *UNBRANDED) else request.script_root + path


def own_site() -> str:
    """Return this site's address in the brand of this page, for who shares or prints it."""
    try:
        if request.environ.get(BRAND) is None and _of_host(answers().town.world.brands):
            return request.host_url.rstrip("/")
    except NotReadyError:
        pass
    return _site() + request.script_root


def asking() -> Asking:
    """Return for whom a page worth sharing is made."""
    return Asking(answers().town, this_night(), now(), language(), _site())


def book_version() -> int:
    """Return a number that grows with every change in a night's book."""
    _, current = current_app.extensions[EXTENSION]
    answers()
    return int(current.books_version)


def language() -> Language:
    """Return the language asked for by `lang`, else by Accept-Language, else Indonesian."""
    found = g.get("language")
    if found is None:
        asked = request.args.get("lang")
        code = asked if asked in LANGUAGES else _preferred(request.headers.get("Accept-Language", ""))
        found = g.language = Language(code)
    return cast(Language, found)


@lru_cache(maxsize=512)
def _preferred(header: str) -> str:
    """Return the language a header likes best; "in" is an old name of "id"."""
    for tag, quality in parse_accept_header(header, LanguageAccept):
        code = tag.split("-")[0].lower().replace("in", "id")
        if code in LANGUAGES and quality > 0:
            return code
    return LANGUAGES[0]


def for_people() -> bool:
    """Tell whether a page is asked for: by f, else by what the client likes best."""
    if "f" in request.args:
        return request.args["f"] == "html"
    return (
        request.accept_mimetypes.best_match(
            ["application/json", "application/geo+json", "text/html"], "application/json"
        )
        == "text/html"
    )


def link(path: str, **query: Any) -> str:
    """Return a link that keeps the brand of the path, the language chosen by hand, and the poster one came by."""
    own = own_path(path)
    alone = path[1:].partition("/")[0] in UNBRANDED
    going_on = {name: value for name, value in kept().items() if name != "k" or not alone}
    filled = {key: value for key, value in query.items() if value not in (None, "")} | going_on
    return f"{own}?{urlencode(filled, doseq=True)}" if filled else own


def kept() -> dict[str, str]:
    """Return what every link and form of a page goes on with: the language and the short link's code."""
    found = {"lang": request.args["lang"]} if request.args.get("lang") in LANGUAGES else {}
    code = request.args.get("k", "")
    return found | {"k": code} if CODE.fullmatch(code) else found


def kept_inputs() -> Markup:
    """Return the same as hidden fields of a form."""
    fields = (Markup('<input type="hidden" name="{}" value="{}">').format(*pair) for pair in kept().items())
    return Markup("").join(fields)


def other_language() -> str:
    """Return this address in the other language."""
    code = next(code for code in LANGUAGES if code != language().code)
    query = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    return f"{quote(request.script_root + request.path)}?{urlencode([*query, ('lang', code)])}"


def page(template: str, **values: Any) -> str:
    """Render a template with the language at hand."""
    words, worn = language(), brand()
    return render_template(
        template, words=words, _=words.text, link=link, other_language=other_language, kept_inputs=kept_inputs,
        brand=worn, looked_at=g.get("looked_at"), style_of=style_of, style_version=style_version, site=_site(),
        own_site=own_site, plain=_is_plain(), languages=LANGUAGES, **values,
    )  # fmt: skip


def _site() -> str:
    """Return this site's address as people reach it."""
    wired, _ = current_app.extensions[EXTENSION]
    return str(wired.public_url).rstrip("/")


def is_added(name: str) -> bool:
    """Tell whether a parameter is no part of what is asked: the short link one came by, or what others add to links."""
    return name == "k" or bool(ADDED.fullmatch(name))


def _is_plain() -> bool:
    """Tell whether this address is that of a page in itself, not that of a question put to it."""
    return request.method == "GET" and not {name for name in request.args if not is_added(name)} - {"lang"}


def html(template: str, status: int = 200, **values: Any) -> Response:
    """Return a page that is asked for again each time; its parts are cached, not itself."""
    answer = Response(page(template, **values), status)
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Vary"] = "Accept-Language"
    return answer


def conditional(body: bytes, etag: str, mimetype: str, headers: Mapping[str, str]) -> Response:
    """Return an answer with its ETag, or 304 to who has it."""
    matches = request.headers.get("If-None-Match", "")
    body, status = (b"", 304) if etag in matches or matches == "*" else (body, 200)
    return Response(body, status, {**headers, "ETag": f'W/"{etag}"'}, mimetype=mimetype)


def private(template: str, status: int = 200, **values: Any) -> Response:
    """Return a page for one person, which nobody keeps."""
    answer = html(template, status, **values)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Vary"] = "Accept-Language, Cookie"
    return answer


# A dict: a shared werkzeug Headers would collect what later handlers add to one answer.
JSON_HEADERS = {
    "Cache-Control": "public, max-age=30",
    "Vary": "Accept-Language",
    "Access-Control-Allow-Origin": "*",
}


def register(app: Flask, wired: Ports, current: Current) -> None:
    """Make ports and answers reachable from requests."""
    app.extensions[EXTENSION] = (wired, current)

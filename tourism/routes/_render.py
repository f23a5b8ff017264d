"""Pages and JSON bytes, in the reader's language."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, cast
from urllib.parse import quote, urlencode

from flask import Flask, Response, current_app, g, render_template, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from tourism.domain.calendar import WIB
from tourism.domain.occupancy import Occupancy
from tourism.services.current import Answers, Current
from tourism.services.language import LANGUAGES, Language
from tourism.services.plans import tonight
from tourism.services.ports import Ports

EXTENSION = "tourism"


def ports() -> Ports:
    """Return what `app` wired."""
    return cast(Ports, current_app.extensions[EXTENSION][0])


def answers() -> Answers:
    """Return the answers of the newest reading; raises NotReadyError."""
    return cast(Current, current_app.extensions[EXTENSION][1]).get()


def live() -> Mapping[str, Occupancy]:
    """Return how full venues are now."""
    return cast(Current, current_app.extensions[EXTENSION][1]).live(now())


def now() -> datetime:
    """Return the instant of this request."""
    if "now" not in g:
        g.now = ports().now()
    return cast(datetime, g.now)


def today() -> date:
    """Return today's date in WIB."""
    return now().astimezone(WIB).date()


def this_night() -> date:
    """Return the service date of tonight."""
    return tonight(answers().town, now())


def language() -> Language:
    """Return the language asked for by `lang`, else by Accept-Language, else Indonesian."""
    if "language" not in g:
        asked = request.args.get("lang")
        g.language = Language(asked if asked in LANGUAGES else _preferred(request.headers.get("Accept-Language", "")))
    return cast(Language, g.language)


@lru_cache(maxsize=512)
def _preferred(header: str) -> str:
    """Return the language a header likes best; "in" is an old name of "id"."""
    for tag, quality in parse_accept_header(header, LanguageAccept):
        code = tag.split("-")[0].lower().replace("in", "id")
        if code in LANGUAGES and quality > 0:
            return code
    return LANGUAGES[0]


def link(path: str, **query: Any) -> str:
    """Return a link that keeps the language the reader chose by hand."""
    chosen = {"lang": request.args["lang"]} if request.args.get("lang") in LANGUAGES else {}
    filled = {key: value for key, value in query.items() if value not in (None, "")} | chosen
    return f"{path}?{urlencode(filled, doseq=True)}" if filled else path


def other_language() -> str:
    """Return this address in the other language."""
    code = next(code for code in LANGUAGES if code != language().code)
    query = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    return f"{quote(request.path)}?{urlencode([*query, ('lang', code)])}"


def page(template: str, **values: Any) -> str:
    """Render a template with the language at hand."""
    words = language()
    return render_template(template, words=words, _=words.text, link=link, other_language=other_language, **values)


def html(template: str, status: int = 200, **values: Any) -> Response:
    """Return a page that is asked for again each time; its parts are cached, not itself."""
    answer = Response(page(template, **values), status)
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Vary"] = "Accept-Language"
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

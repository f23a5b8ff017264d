"""One handler and one shape for everything that goes wrong: RFC 9457, or a page that says what to do."""

import json
import logging
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from tourism.errors import InputError, Message, TooManyError, TourismError
from tourism.routes._render import for_people, language, page
from tourism.services.language import Language

_HTTP_TEXTS = {
    403: Message("FORBIDDEN", "This was sent from another site. Open the page here and try again."),
    404: Message("NOT_FOUND", "There is no page at this address."),
    413: Message("TOO_LARGE_BODY", "This is larger than what is taken here. Send it in parts."),
    405: Message("METHOD_NOT_ALLOWED", "This address does not take this method."),
}
_OTHER_HTTP = Message("BAD_REQUEST", "The request can't be answered.")
_OURS = Message("INTERNAL", "Something went wrong on our side. Try again in a minute.")


def problem(error: TourismError | HTTPException | None, words: Language) -> dict[str, Any]:
    """Write an error down as problem details."""
    if isinstance(error, TourismError):
        found = {
            "type": "about:blank",
            "title": error.title,
            "status": error.status,
            "code": error.message.code,
            "detail": words.say(error.message),
        }
        if isinstance(error, InputError):
            found["errors"] = [
                {"field": field, "code": message.code, "detail": words.say(message)}
                for field, message in error.issues.items()
            ]
        return found
    status = error.code or 500 if error else 500
    message = _HTTP_TEXTS.get(status, _OTHER_HTTP) if error else _OURS
    title = error.name if error else "Internal Server Error"
    return {"type": "about:blank", "title": title, "status": status, "code": message.code, "detail": words.say(message)}


def _answer(error: TourismError | HTTPException | None) -> Response:
    found = problem(error, language())
    if request.path.startswith("/api/") or (request.path.startswith("/ogc") and not for_people()):
        answer = Response(json.dumps(found, ensure_ascii=False), found["status"], mimetype="application/problem+json")
    else:
        answer = Response(page("error.html", problem=found), found["status"])
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Vary"] = "Accept-Language"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    if isinstance(error, HTTPException):
        answer.headers.extend(h for h in error.get_headers() if h[0].lower() in {"allow", "retry-after", "location"})
    if isinstance(error, TooManyError):
        answer.headers["Retry-After"] = str(round(error.wait.total_seconds()))
    if found["status"] == 503:
        answer.headers["Retry-After"] = "5"
    return answer


def register(app: Flask) -> None:
    """Handle every error of the application."""

    def ours(error: TourismError) -> Response:
        return _answer(error)

    def http(error: HTTPException) -> Response:
        if error.code and 300 <= error.code < 400:
            return Response(status=error.code, headers=error.get_headers())
        return _answer(error)

    def unexpected(error: Exception) -> Response:
        logging.getLogger("tourism").error("unexpected error", exc_info=error)
        return _answer(None)

    app.register_error_handler(TourismError, ours)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, unexpected)

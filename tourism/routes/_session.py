"""Who is signed in: the session's cookie, the token that every form carries, and the desk of a request."""

import hmac
from secrets import token_urlsafe
from typing import cast

from flask import Response, g, request

from tourism.domain.account import LONGEST_SESSION, User
from tourism.errors import ForbiddenError, Message
from tourism.routes._limits import api_key
from tourism.routes._render import answers, ports
from tourism.routes._secure import check_same_site
from tourism.services.accounts import SignedIn, get_signed_in
from tourism.services.changes import user_of
from tourism.services.office import MAY_NOT, Desk

COOKIE, BEFORE = "office", "office_before"
NO_TOKEN = Message("NO_TOKEN", "Send the X-CSRF-Token that /api/v1/session gives.")
OLD_FORM = Message("OLD_FORM", "This form is somebody else's or from before a new password. Open the page again.")


def signed_in() -> SignedIn:
    """Return who acts; raises NotSignedInError."""
    found = g.get("signed_in")
    if found is None:
        found = g.signed_in = get_signed_in(ports(), request.cookies.get(COOKIE, ""))
    return cast(SignedIn, found)


def user() -> User:
    """Return who is signed in, or the partner whose key may write; raises NotSignedInError, ForbiddenError."""
    key = api_key()
    if key and key.scope != "write":
        raise ForbiddenError(MAY_NOT)
    return user_of(key) if key else signed_in().user


def desk() -> Desk:
    """Return what an action of this request needs; raises NotSignedInError."""
    return Desk(ports(), answers().town, user(), g.request_id)


def csrf() -> str:
    """Return the token of this session's forms."""
    return signed_in().session.csrf


def check_csrf() -> None:
    """Refuse a form of another site or of another session; raises Forbidden, ForbiddenError, NotSignedInError.

    No other site's page can send a key along, so who has one needs no token.
    """
    if api_key():
        return
    check_same_site()
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf", "")
    if not hmac.compare_digest(given.encode(), csrf().encode()):
        raise ForbiddenError(NO_TOKEN if request.path.startswith("/api/") else OLD_FORM)


def form_before() -> str:
    """Return the token of a form that is sent before anybody is signed in; `keep_before` puts it into a cookie."""
    if "before" not in g:
        g.before = request.cookies.get(BEFORE) or token_urlsafe(24)
    return cast(str, g.before)


def keep_before(answer: Response) -> Response:
    """Let the browser keep that token."""
    answer.set_cookie(BEFORE, form_before(), httponly=True, samesite="Strict", secure=request.is_secure, path="/office")
    return answer


def check_before() -> None:
    """Refuse a form that was not sent from our page in this browser; raises Forbidden, ForbiddenError."""
    check_same_site()
    kept = request.cookies.get(BEFORE, "")
    if not kept or not hmac.compare_digest(kept.encode(), request.form.get("csrf", "").encode()):
        raise ForbiddenError(OLD_FORM)


def keep_session(answer: Response, token: str) -> Response:
    """Let the browser keep a session; scripts can't read it, and other sites' pages don't send it along."""
    answer.set_cookie(
        COOKIE, token, max_age=LONGEST_SESSION, httponly=True, samesite="Lax", secure=request.is_secure, path="/"
    )  # fmt: skip
    return answer


def drop_session(answer: Response) -> Response:
    """Let the browser forget it."""
    answer.delete_cookie(COOKIE, path="/")
    return answer

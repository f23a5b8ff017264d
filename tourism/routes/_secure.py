"""Security headers, written by hand: the well-known extension costs a fifth of an API answer (benchmarks/http.py)."""

from secrets import token_urlsafe
from typing import cast

from flask import Flask, Response, g, request
from werkzeug.exceptions import BadRequest, Forbidden

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_PAGE = {
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_NOT_A_PAGE = "default-src 'none'; frame-ancestors 'none'"


def nonce() -> str:
    """Return this answer's nonce, for script tags."""
    if "nonce" not in g:
        g.nonce = token_urlsafe(16)
    return cast(str, g.nonce)


def check_same_site() -> None:
    """Refuse a form that another site's page sent; raises Forbidden.

    Browsers say where a request comes from by Sec-Fetch-Site; older ones by Origin alone.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = site in {"same-origin", "none"} if site else origin in {None, request.host_url.rstrip("/")}
    if not ours:
        raise Forbidden
    if any("\0" in part for pair in request.form.items(multi=True) for part in pair):
        raise BadRequest


def secure(app: Flask) -> None:
    """Allow scripts and styles only from here or with the answer's nonce, and pictures also from the tile server."""
    tiles = "/".join(app.config["TILE_URL"].replace("{s}", "*").split("/")[:3])
    pictures = f"img-src 'self' data: {tiles}".strip()
    app.jinja_env.globals["csp_nonce"] = nonce

    @app.before_request
    def refuse_nul() -> None:
        """A NUL is in no text that anybody types, and PostgreSQL keeps none."""
        asked = request.environ  # as it came: reading the query would cost every answer
        if "\0" in asked["PATH_INFO"] or "%00" in asked.get("QUERY_STRING", ""):
            raise BadRequest

    @app.after_request
    def headers(answer: Response) -> Response:
        answer.headers.extend(_ALWAYS)
        if answer.mimetype != "text/html":
            answer.headers.setdefault("Content-Security-Policy", _NOT_A_PAGE)
            return answer
        framed = g.get("frame_ancestors", "'none'")  # X-Frame-Options can't name sites
        answer.headers.extend({k: v for k, v in _PAGE.items() if framed == "'none'" or k != "X-Frame-Options"})
        own = f"'self' 'nonce-{nonce()}'"
        answer.headers["Content-Security-Policy"] = (
            f"default-src 'self'; script-src {own}; style-src {own}; {pictures}; object-src 'none'; "
            f"base-uri 'none'; form-action 'self'; frame-ancestors {framed}"
        )
        return answer

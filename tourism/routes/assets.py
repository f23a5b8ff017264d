"""Files that pages need: Leaflet from its package, and the map's shell. All are asked for by version and kept."""

import hashlib
from functools import lru_cache
from importlib.resources import files

from flask import Blueprint, Response, current_app, request, send_from_directory

from tourism.routes import _map
from tourism.routes._render import answers
from tourism.services.town import Town

assets = Blueprint("assets", __name__)
LEAFLET = str(files("js_lib_leaflet").joinpath("static/js_lib_leaflet"))
FOR_EVER = "public, max-age=31536000, immutable"


@assets.get("/vendor/leaflet/<path:name>")
def leaflet(name: str) -> Response:
    """A file of Leaflet."""
    answer = send_from_directory(LEAFLET, name)
    answer.headers["Cache-Control"] = FOR_EVER
    return answer


@assets.get("/map.js")
def map_script() -> Response:
    """The map's shell for the present data version."""
    body, etag = _shell(answers().town, current_app.config["TILE_URL"])
    answer = Response(body, mimetype="text/javascript")
    answer.headers["Cache-Control"] = FOR_EVER if request.args.get("v") == etag[:12] else "no-cache"
    answer.set_etag(etag, weak=True)
    answer.make_conditional(request)
    return answer


@lru_cache(maxsize=2)
def _shell(town: Town, tile_url: str) -> tuple[bytes, str]:
    body = _map.shell(town, tile_url).encode()
    return body, hashlib.sha256(body).hexdigest()


def shell_version() -> str:
    """Return the name of the present shell."""
    return _shell(answers().town, current_app.config["TILE_URL"])[1][:12]

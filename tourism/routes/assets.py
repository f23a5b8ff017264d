"""Files that pages need: Leaflet from its package, and the map's shell. All are asked for by version and kept."""

import hashlib
import mimetypes
from functools import cache, lru_cache
from importlib.resources import files

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import NotFound

from tourism.routes import _map
from tourism.routes._brand import style_of, style_version
from tourism.routes._render import answers
from tourism.services.town import Town

assets = Blueprint("assets", __name__)
_LEAFLET = files("js_lib_leaflet").joinpath("static/js_lib_leaflet")
FOLDERS = {
    "static": files("tourism").joinpath("static"),
    "leaflet": _LEAFLET,
    "leaflet/images": _LEAFLET.joinpath("images"),
}


@cache
def _read(folder: str, name: str) -> bytes:
    """Return a file's content, held in memory; raises NotFound for a name that is not exactly a file's."""
    if name not in {file.name for file in FOLDERS[folder].iterdir() if file.is_file()}:
        raise NotFound
    return FOLDERS[folder].joinpath(name).read_bytes()


@assets.get("/static/<name>", defaults={"folder": "static"})
@assets.get("/vendor/leaflet/<name>", defaults={"folder": "leaflet"})
@assets.get("/vendor/leaflet/images/<name>", defaults={"folder": "leaflet/images"})
def static(folder: str, name: str) -> Response:
    """A file of ours or of Leaflet."""
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    answer = Response(_read(folder, name), mimetype=mimetype)
    answer.headers["Cache-Control"] = _keep(_version(folder, name))
    return answer


@assets.get("/static/brands/<brand_id>.css")
def brand_style(brand_id: str) -> Response:
    """The style of a brand."""
    brand = answers().town.world.brand(brand_id)
    if brand.id != brand_id:
        raise NotFound
    answer = Response(style_of(brand), mimetype="text/css")
    answer.headers["Cache-Control"] = _keep(style_version(brand))
    return answer


@assets.get("/sw.js")
def service_worker() -> Response:
    """The worker that keeps plans for where there is no signal; from the root, for it looks after the pages there."""
    answer = Response(_read("static", "sw.js"), mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    # What a worker may fetch is decided by the policy of its own script.
    answer.headers["Content-Security-Policy"] = "default-src 'none'; connect-src 'self'"
    return answer


def _keep(version: str) -> str:
    """Let only an address that names this very content be kept."""
    return "public, max-age=31536000, immutable" if request.args.get("v") == version else "public, max-age=300"


@cache
def _version(folder: str, name: str) -> str:
    return hashlib.sha256(_read(folder, name)).hexdigest()[:12]


def asset(name: str) -> str:
    """Return the address of a file of ours, with the version of its content."""
    return f"/static/{name}?v={_version('static', name)}"


def vendor(name: str) -> str:
    """Return the address of a file of Leaflet, with the version of its content."""
    return f"/vendor/leaflet/{name}?v={_version('leaflet', name)}"


@assets.get("/map.js")
def map_script() -> Response:
    """The map's shell for the present data version."""
    body, etag = _shell(answers().town, current_app.config["TILE_URL"])
    answer = Response(body, mimetype="text/javascript")
    answer.headers["Cache-Control"] = _keep(etag[:12])
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

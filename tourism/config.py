"""Settings, read once from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tourism.errors import DataError, Message


@dataclass(frozen=True)
class Settings:
    """What a deployment may choose; every field has a working default."""

    database_url: str
    host: str = "127.0.0.1"
    port: int = 5000
    workers: int = 2
    tile_url: str = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
    overpass_url: str = "https://overpass-api.de/api"
    overpass_timeout_s: int = 180
    proxies: int = 0
    mail: str = "file:instance/mail"
    public_url: str = "http://127.0.0.1:5000"
    private_feeds: frozenset[str] = frozenset()


def settings_from(environ: Mapping[str, str]) -> Settings:
    """Read the settings; raises DataError where a number is not one."""

    def number(name: str, default: int, low: int, high: int) -> int:
        text = environ.get(name) or str(default)
        if not text.isdecimal() or not low <= int(text) <= high:
            raise DataError(
                Message(
                    "BAD_SETTING",
                    "{name} must be a whole number from {low} to {high}, not {text}",
                    name=name,
                    low=low,
                    high=high,
                    text=repr(text),
                )
            )
        return int(text)

    port = number("PORT", Settings.port, 1, 65535)
    return Settings(
        database_url=environ.get("DATABASE_URL") or f"sqlite:///{Path('instance').absolute() / 'tourism.sqlite'}",
        host=environ.get("HOST") or Settings.host,
        port=port,
        workers=number("WORKERS", Settings.workers, 1, 64),
        tile_url=environ.get("TILE_URL", Settings.tile_url),
        overpass_url=environ.get("OVERPASS_URL") or Settings.overpass_url,
        overpass_timeout_s=number("OVERPASS_TIMEOUT", Settings.overpass_timeout_s, 1, 3600),
        proxies=number("PROXIES", Settings.proxies, 0, 9),
        mail=environ.get("MAIL") or Settings.mail,
        private_feeds=frozenset((environ.get("PRIVATE_FEEDS") or "").split()),
        public_url=(environ.get("PUBLIC_URL") or f"http://127.0.0.1:{port}").rstrip("/"),
    )

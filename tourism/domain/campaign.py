"""Short links for posters, venues, partners and events, and how visits by them are counted without knowing anybody."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator

from tourism.domain.sharing import YesOrNo

CODE = re.compile(r"[a-z0-9]{4,12}", re.ASCII)
CODE_SIGNS, CODE_LENGTH = "23456789abcdefghjkmnpqrstuvwxyz", 6  # none that is taken for another
_TARGET = re.compile(r"/(?![/\\])[A-Za-z0-9/_.-]{0,120}(\?[A-Za-z0-9=&_.,:-]{1,150})?", re.ASCII)
# Whoever says so of itself, or comes without a browser: crawlers, and those who draw a preview of a link.
_BOT = re.compile(
    r"bot\b|crawl|spider|slurp|preview|facebookexternalhit|whatsapp|telegram|embed|headless|python|curl|wget|libwww|"
    r"httpclient|okhttp|go-http|java/|scrapy|monitor|lighthouse|pingdom|uptime",
    re.IGNORECASE,
)


class Step(StrEnum):
    """How far a visit came, in order."""

    SCAN = "scan"
    PLAN = "plan"
    TURN = "turn"


def _code(value: str) -> str:
    if not CODE.fullmatch(value):
        raise ValueError("Write 4 to 12 small letters and digits, as in toko7.")
    return value


def _target(value: str) -> str:
    if not _TARGET.fullmatch(value) or value.startswith(("/k/", "/office")):
        raise ValueError("Write a page of this site as /spots/critasena or /plan.")
    return value


@dataclass(frozen=True)
class Campaign:
    """A short link: where it leads, on what it stands and where that hangs."""

    code: Annotated[str, AfterValidator(_code)]
    name: str
    kind: Literal["poster", "venue", "partner", "event"]
    leads_to: Annotated[str, AfterValidator(_target)]
    place: str = ""
    active: YesOrNo = "yes"


@dataclass(frozen=True)
class Visits:
    """How many visitors of one day came by a short link as far as a step; each is counted once a day."""

    day: date
    code: str
    step: Step
    number: int


def is_bot(headers: Mapping[str, str]) -> bool:
    """Tell whether a request is no person's: a crawler, a preview of a link, a page fetched ahead."""
    agent = headers.get("User-Agent", "")
    ahead = headers.get("Sec-Purpose", "") + headers.get("Purpose", "") + headers.get("X-Moz", "")
    return not agent or bool(_BOT.search(agent)) or "prefetch" in ahead or "preview" in ahead


def visitor_of(secret: bytes, code: str, step: Step, network: str, agent: str) -> str:
    """Return a digest by which a visit is counted once; without the day's secret it leads back to nobody."""
    return hmac.digest(secret, repr((code, step, network, agent)).encode(), "sha256").hex()

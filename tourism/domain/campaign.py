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
MOST_OF_A_NETWORK = 200  # visitors a night that a step counts: a phone company's customers share an address


class Stage(StrEnum):
    """How far a visit came, in order."""

    SCAN = "scan"
    PLAN = "plan"
    TURN = "turn"


def _code(value: str) -> str:
    if not CODE.fullmatch(value):
        raise ValueError("Write 4 to 12 small letters and digits, as in toko7.")
    return value


def _target(value: str) -> str:
    if not _TARGET.fullmatch(value) or ".." in value or re.search(r"[?&]k=", value):
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
    """How many visitors of one night came by a short link as far as a step; each is counted once a night."""

    day: date
    code: str
    step: Stage
    number: int


def is_navigation(headers: Mapping[str, str]) -> bool:
    """Tell whether somebody opens a page: not ahead of time, and not as a picture on another site.

    Our own service worker says so when it fetches a page that is opened; another site can't send that header.
    """
    ahead = headers.get("Sec-Purpose", "") + headers.get("Purpose", "") + headers.get("X-Moz", "")
    opens = headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    ours = headers.get("X-Navigation") == "1" and headers.get("Sec-Fetch-Site") == "same-origin"
    return (opens or ours) and not re.search("prefetch|preview", ahead)


def digest_of(secret: bytes, *parts: str) -> str:
    """Return a digest by which a visit is counted once; without the night's secret it leads back to nobody."""
    return hmac.digest(secret, repr(parts).encode(), "sha256").hex()

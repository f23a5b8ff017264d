"""What a share picture and a poster say, before anybody draws them."""

from dataclasses import dataclass
from typing import Literal

from tourism.domain.brand import Brand

Size = Literal["a4", "a3", "tent"]


@dataclass(frozen=True)
class Figure:
    """One figure and what it is; on a poster in both languages."""

    value: str
    label: str
    label_en: str = ""


@dataclass(frozen=True)
class Card:
    """A share picture: what it is about, up to three figures, and a line under them, all in one language."""

    brand: Brand
    kicker: str
    title: str
    figures: tuple[Figure, ...]
    note: str
    tagline: str
    logo: bytes = b""  # a PNG; none without one


@dataclass(frozen=True)
class Poster:
    """A poster or table tent of a venue: tonight's figures, and a code that leads to the page of `link`.

    Texts are pairs in Indonesian and English; `shown_link` is what is printed beside the code, for who has no camera.
    """

    brand: Brand
    size: Size
    title: str
    night: tuple[str, str]
    figures: tuple[Figure, ...]
    call: tuple[str, str]
    notes: tuple[str, str]
    link: str
    shown_link: str
    logo: bytes = b""

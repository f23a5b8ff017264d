"""The faces of Malang Raya: a brand for each government and a joint one, and what makes a brand readable.

A brand changes the accent, the wordmark and words; everything else on a page stays as it is.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tourism.errors import Message

JOINT = "malang-raya"
PATHS = {"malang": "kota-malang", "batu": "kota-batu", "kabupaten": "kabupaten-malang"}  # where pages wear a brand
DARK, LIGHT = "#161d3d", "#f6f5f0"  # what text in the accent stands on, at night and by day (static/style.css)
AA = 4.5  # to one: the least contrast of text, WCAG 2.2, 1.4.3
LONGEST = {
    "name": 40, "wordmark": 28, "tagline_id": 60, "tagline_en": 60, "tone_id": 160, "tone_en": 160,
    "footer_id": 200, "footer_en": 200, "licence": 100,
}  # fmt: skip
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*", re.ASCII)


@dataclass(frozen=True)
class Brand:
    """One face: its words in both languages, its accent on night and on paper, and the host names that wear it.

    `colour` is the accent on dark pages and of buttons, `colour_day` that of text on light pages and paper. `licence`
    is that of its pictures; `logo` is the digest of a picture, empty without one.
    """

    id: Literal["malang-raya", "kota-malang", "kota-batu", "kabupaten-malang"]
    name: str
    wordmark: str
    tagline_id: str
    tagline_en: str
    colour: str
    colour_day: str
    tone_id: str
    tone_en: str
    footer_id: str
    footer_en: str
    licence: str
    basis: str = ""
    hosts: str = ""
    logo: str = ""

    def said(self, field: Literal["tagline", "tone", "footer"], language: str) -> str:
        """Return what it says in a language."""
        return str(getattr(self, f"{field}_{language}"))


PLAIN = Brand(
    "malang-raya", "Malang Raya", "Kongkow Kayutangan", "", "", "#f2b134", "#7a4b00", "", "", "", "", "",
)  # fmt: skip  # what pages wear while no brand can be read


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour written as #0b6e4f, by WCAG 2.2."""
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21, by WCAG 2.2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def ink_on(colour: str) -> str:
    """Return black or white, whichever is read better on a colour."""
    return max("#000000", "#ffffff", key=lambda ink: contrast(ink, colour))


def readable(colour: str, ground: str) -> str:
    """Return the colour nearest to one, on the way to white or black, that is text enough on a ground."""
    towards = 255 if luminance(ground) < 0.5 else 0
    channels = [int(colour[n : n + 2], 16) for n in (1, 3, 5)]
    mixed = ("#" + "".join(f"{round(c + (towards - c) * part / 100):02x}" for c in channels) for part in range(101))
    return next(found for found in mixed if contrast(found, ground) >= AA)


def is_drawn(sign: str) -> bool:
    """Tell whether posters and share pictures have a sign: their letters are Latin."""
    return (sign.isascii() and sign.isprintable()) or sign in "’‘“”–—·…©®×é" or (
        "LATIN" in unicodedata.name(sign, "") and ord(sign) < 0x250
    )  # fmt: skip


def drawn(text: str) -> str:
    """Return what of a text posters and share pictures can show."""
    return " ".join("".join(sign for sign in text if is_drawn(sign)).split())


def issues_of(brand: Brand) -> Iterator[tuple[str, Message]]:
    """Yield what keeps a brand from being read: too long, letters that no picture has, too little contrast."""
    for field, most in LONGEST.items():
        text = getattr(brand, field)
        if len(text) > most:
            yield field, Message("TOO_LONG_FOR", "This has at most {most} signs.", most=most)
        elif missing := {sign for sign in text if not is_drawn(sign)}:
            text = "Posters and share pictures have Latin letters alone, and no sign for {signs}."
            yield field, Message("NOT_DRAWN", text, signs=" ".join(sorted(missing)[:5]))
    for field, ground in (("colour", DARK), ("colour_day", LIGHT)):
        yield from _colour_issues(field, getattr(brand, field), ground)
    if brand.logo and not _DIGEST.fullmatch(brand.logo):
        yield "logo", Message("NOT_A_LOGO", "Send the logo as a PNG, JPEG or WebP picture.")
    wrong = [host for host in brand.hosts.split() if not _HOST.fullmatch(host)]
    if wrong:
        text = "Write host names as wisata.example.org, with spaces between."
        yield "hosts", Message("NOT_A_HOST", text)


def _colour_issues(field: str, colour: str, ground: str) -> Iterator[tuple[str, Message]]:
    if not _COLOUR.fullmatch(colour):
        yield field, Message("NOT_A_COLOUR", "Write a colour as #0b6e4f.")
    elif contrast(colour, ground) < AA:
        text = "Nobody can read this on {ground}: its contrast is {found} to 1, and WCAG AA asks for 4.5. Try {colour}."
        found = f"{contrast(colour, ground):.1f}"
        yield field, Message("CONTRAST", text, ground=ground, found=found, colour=readable(colour, ground))

"""Share pictures: 1200 by 630 pixels, drawn with Roboto; a text is made smaller until all of it is in."""

import io
from dataclasses import dataclass, replace
from functools import cache

import font_roboto
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tourism.domain.brand import drawn
from tourism.domain.card import Card

WIDTH, HEIGHT, MARGIN = 1200, 630, 64
INSIDE = WIDTH - 2 * MARGIN
REGULAR, BOLD = font_roboto.Roboto, font_roboto.RobotoBold
# The sky of a morning from the top down, as on the plan's page; dark where text stands.
SKY = ((0.0, "#0b1029"), (0.45, "#141a44"), (0.72, "#3c2a56"), (0.9, "#8c3b4c"), (1.0, "#c8613f"))
LOGO, WIDEST_LOGO, GAP = 56, 200, 18  # pixels high, wide at most, and beside it
LINE = 1.18  # of a font's size
STEPS = 4  # pixels by which a text is made smaller


@dataclass(frozen=True)
class Box:
    """A text as it is drawn: its lines, at a size, from the upper left corner."""

    lines: tuple[str, ...]
    font: str
    size: int
    left: float
    top: float
    ink: str

    @property
    def height(self) -> float:
        """Height of all lines."""
        return len(self.lines) * self.size * LINE

    @property
    def width(self) -> float:
        """Width of the longest line."""
        return max((font_of(self.font, self.size).getlength(line) for line in self.lines), default=0.0)


@cache
def font_of(path: str, size: int) -> ImageFont.FreeTypeFont:
    """Return a font at a size in pixels."""
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def wrapped(text: str, font: str, size: int, width: float) -> tuple[str, ...]:
    """Return a text in lines no wider than a width; a word that is wider is cut."""
    length = font_of(font, size).getlength
    lines, line = [], ""
    for word in text.split():
        tried = f"{line} {word}".strip()
        if length(tried) <= width:
            line = tried
            continue
        if line:
            lines.append(line)
        line = word
        while length(line) > width:
            fits = next(n for n in range(len(line) - 1, 0, -1) if length(line[:n]) <= width)
            lines.append(line[:fits])
            line = line[fits:]
    return (*lines, line) if line else tuple(lines)


def fitted(text: str, font: str, sizes: tuple[int, int], width: float, height: float) -> tuple[tuple[str, ...], int]:
    """Return a text in lines and the largest size, of two and those between, at which all of it is in a box."""
    largest, least = sizes
    for size in range(largest, least, -STEPS):
        lines = wrapped(text, font, size, width)
        if len(lines) * size * LINE <= height:
            return lines, size
    return wrapped(text, font, least, width), least


def layout(card: Card) -> list[Box]:
    """Return where each text of a share picture stands."""
    accent = card.brand.colour
    boxes = []

    def place(text: str, font: str, sizes: tuple[int, int], where: tuple[float, float, float, float], ink: str) -> Box:
        left, top, width, height = where
        lines, size = fitted(drawn(text), font, sizes, width, height)
        boxes.append(Box(lines, font, size, left, top, ink))
        return boxes[-1]

    logo = _logo(card)
    beside = logo.width + GAP if logo else 0
    place(card.brand.wordmark, BOLD, (38, 22), (MARGIN + beside, 44, INSIDE * 0.55 - beside, 46), accent)
    tagline = place(card.tagline, REGULAR, (26, 16), (0, 50, INSIDE * 0.43, 60), "#dfe2ff")
    boxes[-1] = replace(tagline, left=WIDTH - MARGIN - tagline.width)
    kicker = place(card.kicker, REGULAR, (34, 20), (MARGIN, 128, INSIDE, 84), "#dfe2ff")
    title_top = kicker.top + kicker.height + 4
    place(card.title, BOLD, (84, 28), (MARGIN, title_top, INSIDE, 340 - title_top), "#ffffff")
    column = INSIDE / len(card.figures)
    room = column - 28, 124
    alike = min(fitted(drawn(figure.value), BOLD, (104, 32), *room)[1] for figure in card.figures)
    values = [
        place(figure.value, BOLD, (alike, min(alike, 32)), (MARGIN + n * column, 352, *room), accent)
        for n, figure in enumerate(card.figures)
    ]
    below = 352 + max(value.height for value in values)
    for value, figure in zip(values, card.figures, strict=True):
        place(figure.label, REGULAR, (28, 16), (value.left, below, column - 28, 552 - below), "#ffffff")
    place(card.note, REGULAR, (22, 14), (MARGIN, 566, INSIDE, 56), "#ffffff")
    return boxes


def _logo(card: Card) -> Image.Image | None:
    """Return the brand's logo as large as there is room for, without the empty space around it; None without one."""
    if not card.logo:
        return None
    with Image.open(io.BytesIO(card.logo), formats=("PNG",)) as opened:
        logo = opened.convert("RGBA")
    logo = logo.crop(logo.getbbox())
    logo.thumbnail((WIDEST_LOGO, LOGO))
    return logo


@cache
def _sky() -> Image.Image:
    stops = np.array([place for place, _ in SKY]) * (HEIGHT - 1)
    colours = np.array([[int(colour[n : n + 2], 16) for n in (1, 3, 5)] for _, colour in SKY])
    rows = np.stack([np.interp(np.arange(HEIGHT), stops, colours[:, n]) for n in range(3)], axis=1)
    return Image.fromarray(np.repeat(rows.round().astype(np.uint8)[:, None], WIDTH, axis=1), "RGB")


def draw_card(card: Card) -> bytes:
    """Draw a share picture as a PNG."""
    picture = _sky().copy()
    pen = ImageDraw.Draw(picture, "RGBA")
    pen.rectangle((0, 0, WIDTH, 12), fill=card.brand.colour)
    pen.rectangle((0, 556, WIDTH, HEIGHT), fill=(8, 10, 30, 200))
    logo = _logo(card)
    if logo:
        picture.paste(logo, (MARGIN, 40 + (LOGO - logo.height) // 2), logo)
    for box in layout(card):
        for n, line in enumerate(box.lines):
            pen.text((box.left, box.top + n * box.size * LINE), line, fill=box.ink, font=font_of(box.font, box.size))
    written = io.BytesIO()
    picture.save(written, "PNG", compress_level=4)
    return written.getvalue()

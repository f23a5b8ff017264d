"""Posters and table tents as PDF: white paper, one accent, text that can be selected, and a code to scan."""

import io
from dataclasses import dataclass, replace
from typing import cast

import font_roboto
import segno
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from tourism.domain.brand import drawn
from tourism.domain.card import Poster

INK, SOFT = "#171a2b", "#4b5170"
PAPERS = {"a4": (210.0, 297.0), "a3": (297.0, 420.0), "tent": (210.0, 297.0)}  # mm; a tent is one sheet, folded
LINE = 1.15
LEAST_MM, SMALLER, A_HAIR = 1.0, 0.94, 0.01
POINT_MM = 25.4 / 72
QUIET = 4  # modules of white around a code, ISO/IEC 18004


@dataclass(frozen=True)
class Panel:
    """A part of the sheet that is drawn as one: from its upper left corner, with the unit everything is a part of."""

    left: float
    top: float
    width: float
    height: float

    @property
    def unit(self) -> float:
        """What everything is a multiple of, in mm: a hundredth of an upright sheet's width."""
        return min(self.width / (148 if self.wide else 100), self.height / (96 if self.wide else 141))

    @property
    def wide(self) -> bool:
        """Tell whether it lies."""
        return self.width > self.height

    @property
    def left_edge(self) -> float:
        """Where texts begin."""
        return self.left + 7 * self.unit

    @property
    def inside(self) -> float:
        """How wide texts may be."""
        return self.width - 14 * self.unit


@dataclass(frozen=True)
class Style:
    """How a text is written: its colour, its weight, how large at most in mm (0: as its box), and on which side."""

    ink: str
    bold: bool = False
    largest: float = 0.0
    align: str = "L"


def draw_poster(poster: Poster) -> bytes:
    """Draw a poster as a PDF with its fonts embedded; a tent has its two faces head to head, to fold between them."""
    width, height = PAPERS[poster.size]
    pdf = FPDF(unit="mm", format=(width, height))
    pdf.set_auto_page_break(False)
    pdf.set_title(drawn(poster.title))
    pdf.set_lang("id")
    pdf.add_font("Roboto", "", font_roboto.Roboto)
    pdf.add_font("Roboto", "B", font_roboto.RobotoBold)
    pdf.add_page()
    if poster.size != "tent":
        _face(pdf, poster, Panel(0, 0, width, height))
    else:
        half = Panel(0, height / 2, width, height / 2)
        _face(pdf, poster, half)
        with pdf.rotation(180, width / 2, height / 2):
            _face(pdf, poster, half)
        pdf.set_draw_color(SOFT)
        pdf.set_dash_pattern(dash=1, gap=2)
        pdf.line(0, height / 2, width, height / 2)
    return bytes(pdf.output())


def _face(pdf: FPDF, poster: Poster, panel: Panel) -> None:
    """Draw one face: brand, venue and night; figures; the code and what it answers; notes and whose all that is."""
    u = panel.unit
    y = _head(pdf, poster, panel)
    across = panel.inside * (0.62 if panel.wide else 1)
    _figures(pdf, poster, (panel.left_edge, y, across), panel)
    side = (40 if panel.wide else 46) * u
    left, right = panel.left_edge, panel.left_edge + panel.inside
    code = (right - side, y) if panel.wide else (left, y + 36 * u)
    _code(pdf, poster.link, *code, side)
    at, top, room = (left, y + 31 * u, across - 4 * u) if panel.wide else (
        left + side + 5 * u, code[1] + 3 * u, panel.inside - side - 5 * u)  # fmt: skip
    step, large, small = (6.5 * u, 4 * u, 3.6 * u) if panel.wide else (14 * u, 5.4 * u, 4.6 * u)
    accent = Style(poster.brand.colour_day, bold=True, largest=4.2 * u)
    _write(pdf, poster.call[0], (at, top, room, step), Style(INK, bold=True, largest=large))
    _write(pdf, poster.call[1], (at, top + step, room, step), Style(SOFT, largest=small))
    _write(pdf, poster.shown_link, (at, top + 2 * step, room, 5 * u), accent)
    foot = panel.top + panel.height - (12 if panel.wide else 16) * u
    legal = " / ".join(dict.fromkeys(text for text in (poster.brand.footer_id, poster.brand.footer_en) if text))
    credit = f"{legal} {poster.brand.licence}. Data: © OpenStreetMap contributors, ODbL 1.0."
    for n, text in enumerate((*poster.notes, credit)):
        _write(pdf, text, (left, foot + n * 3.6 * u, panel.inside, 4 * u), Style(SOFT, largest=2.4 * u))


def _head(pdf: FPDF, poster: Poster, panel: Panel) -> float:
    """Draw the brand, the venue's name and the night in both languages; returns where that ends."""
    u, brand, left, inside = panel.unit, poster.brand, panel.left_edge, panel.inside
    pdf.set_fill_color(brand.colour_day)
    pdf.rect(panel.left, panel.top, panel.width, 3 * u, style="F")
    y = panel.top + 7 * u
    beside = 9 * u if poster.logo else 0.0
    if poster.logo:
        pdf.image(io.BytesIO(poster.logo), left, y - u, 8 * u, 8 * u, keep_aspect_ratio=True, alt_text="")
    wordmark = Style(brand.colour_day, bold=True)
    _write(pdf, brand.wordmark, (left + beside, y, inside * 0.55 - beside, 6 * u), wordmark)
    said = dict.fromkeys((brand.name, brand.tagline_id, brand.tagline_en))
    tagline = " · ".join(text for text in said if text and text != brand.wordmark)
    _write(pdf, tagline, (left + inside * 0.55, y, inside * 0.45, 6 * u), Style(SOFT, largest=3.2 * u, align="R"))
    title = left, y + 10 * u, inside, (11 if panel.wide else 20) * u
    y = _write(pdf, poster.title, title, Style(INK, bold=True, largest=11 * u)) + 1.5 * u
    for line in poster.night:
        y = _write(pdf, line, (left, y, inside, 5 * u), Style(SOFT, largest=4 * u))
    return y + (2 if panel.wide else 5) * u


def _figures(pdf: FPDF, poster: Poster, where: tuple[float, float, float], panel: Panel) -> None:
    """Draw the figures side by side, all of one size, and what each is in both languages."""
    (left, y, across), u = where, panel.unit
    column = across / len(poster.figures)
    space, value = (column - 3 * u, 8 * u), Style(poster.brand.colour_day, True, (11 if panel.wide else 13) * u)
    alike = min(_size(pdf, drawn(one.value), (space[0], 15 * u), value) for one in poster.figures)
    texts = [text for one in poster.figures for text in (one.label, one.label_en)]
    small = min(_size(pdf, drawn(text), space, Style(INK, largest=3.4 * u)) for text in texts)
    below = y + alike * LINE + 1.2 * u
    for n, figure in enumerate(poster.figures):
        x = left + n * column
        _write(pdf, figure.value, (x, y, space[0], 15 * u), replace(value, largest=alike))
        _write(pdf, figure.label, (x, below, *space), Style(INK, largest=small))
        _write(pdf, figure.label_en, (x, below + 8.6 * u, *space), Style(SOFT, largest=small))


def _write(pdf: FPDF, text: str, box: tuple[float, float, float, float], style: Style) -> float:
    """Write a text into a box, in mm, as large as all of it fits in; returns where it ends."""
    left, top, width, height = box
    text = drawn(text)
    size = _size(pdf, text, (width, height), style)
    pdf.set_text_color(style.ink)
    pdf.set_xy(left, top)
    pdf.multi_cell(width, size * LINE, text, align=style.align, new_x=XPos.LEFT, new_y=YPos.NEXT)
    return pdf.get_y()


def _size(pdf: FPDF, text: str, room: tuple[float, float], style: Style) -> float:
    """Return the largest size, in mm, at which all of a text fits; the font is set to it."""
    width, height = room
    size = style.largest or height / LINE
    while True:
        pdf.set_font("Roboto", "B" if style.bold else "", size / POINT_MM)
        lines = cast(list[str], pdf.multi_cell(width, size * LINE, text, dry_run=True, output="LINES"))
        if len(lines) * size * LINE <= height + A_HAIR or size < LEAST_MM:
            return size
        size *= SMALLER


def _code(pdf: FPDF, link: str, left: float, top: float, side: float) -> None:
    """Draw a QR code as one path of squares, error correction Q: paper outdoors gets dirty."""
    rows = tuple(segno.make(link, error="q", micro=False, boost_error=False).matrix)
    module = side / (len(rows) + 2 * QUIET)
    pdf.set_fill_color("#000000")
    for n, row in enumerate(rows):
        begins = None
        for m, dark in enumerate((*row, 0)):
            if dark and begins is None:
                begins = m
            elif not dark and begins is not None:
                x, y = left + (begins + QUIET) * module, top + (n + QUIET) * module
                pdf.rect(x, y, (m - begins) * module + 0.01, module + 0.01, style="F")
                begins = None

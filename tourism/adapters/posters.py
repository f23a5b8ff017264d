"""Posters and table tents as PDF: white paper, one accent, text that can be selected, and a code to scan."""

import io
from dataclasses import dataclass, replace
from functools import partial
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
        upright = self.height > self.width
        return min(self.width / (100 if upright else 148), self.height / (141 if upright else 96))


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
    """Draw one face: brand, venue, night, figures, code."""
    u = panel.unit
    wide = panel.width > panel.height
    accent = poster.brand.colour_day
    left, inside = panel.left + 7 * u, panel.width - 14 * u
    write = partial(_write, pdf)
    pdf.set_fill_color(accent)
    pdf.rect(panel.left, panel.top, panel.width, 3 * u, style="F")
    y = panel.top + 7 * u
    beside = 9 * u if poster.logo else 0.0
    if poster.logo:
        pdf.image(io.BytesIO(poster.logo), left, y - u, 8 * u, 8 * u, keep_aspect_ratio=True, alt_text="")
    write(poster.brand.wordmark, (left + beside, y, inside * 0.55 - beside, 6 * u), Style(accent, bold=True))
    said = dict.fromkeys((poster.brand.name, poster.brand.tagline_id, poster.brand.tagline_en))
    tagline = " · ".join(text for text in said if text and text != poster.brand.wordmark)
    write(tagline, (left + inside * 0.55, y, inside * 0.45, 6 * u), Style(SOFT, largest=3.2 * u, align="R"))
    y += 10 * u
    y = (
        write(poster.title, (left, y, inside, (11 if wide else 20) * u), Style(INK, bold=True, largest=11 * u))
        + 1.5 * u
    )
    for line in poster.night:
        y = write(line, (left, y, inside, 5 * u), Style(SOFT, largest=4 * u))
    y += (2 if wide else 5) * u
    across = inside * 0.62 if wide else inside
    column = across / len(poster.figures)
    value = Style(accent, bold=True, largest=(11 if wide else 13) * u)
    alike = min(_size(pdf, drawn(one.value), (column - 3 * u, 15 * u), value) for one in poster.figures)
    space = column - 3 * u, 8 * u
    labels = Style(INK, largest=3.4 * u)
    texts = [text for one in poster.figures for text in (one.label, one.label_en)]
    small = min(_size(pdf, drawn(text), space, labels) for text in texts)
    below = y + alike * LINE + 1.2 * u
    for n, figure in enumerate(poster.figures):
        x = left + n * column
        write(figure.value, (x, y, column - 3 * u, 15 * u), replace(value, largest=alike))
        write(figure.label, (x, below, *space), replace(labels, largest=small))
        write(figure.label_en, (x, below + 8 * u, *space), Style(SOFT, largest=small))
    side = 40 * u if wide else 46 * u
    code_x, code_y = (left + inside - side, y) if wide else (left, y + 36 * u)
    _code(pdf, poster.link, code_x, code_y, side)
    at, below = (left, y + 34 * u) if wide else (left + side + 5 * u, code_y + 3 * u)
    room = across - 4 * u if wide else inside - side - 5 * u
    step = 6.5 * u if wide else 14 * u
    write(poster.call[0], (at, below, room, step), Style(INK, bold=True, largest=5.4 * u if not wide else 4 * u))
    write(poster.call[1], (at, below + step, room, step), Style(SOFT, largest=4.6 * u if not wide else 3.6 * u))
    write(poster.shown_link, (at, below + 2 * step, room, 5 * u), Style(accent, bold=True, largest=4.2 * u))
    foot = panel.top + panel.height - (12 if wide else 16) * u
    write(poster.notes[0], (left, foot, inside, 4 * u), Style(SOFT, largest=2.4 * u))
    write(poster.notes[1], (left, foot + 3.6 * u, inside, 4 * u), Style(SOFT, largest=2.4 * u))
    legal = " / ".join(dict.fromkeys(text for text in (poster.brand.footer_id, poster.brand.footer_en) if text))
    credit = f"{legal} {poster.brand.licence}. Data: © OpenStreetMap contributors, ODbL 1.0."
    write(credit, (left, foot + 7.2 * u, inside, 4 * u), Style(SOFT, largest=2.2 * u))


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

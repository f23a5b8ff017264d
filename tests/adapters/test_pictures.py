"""Share pictures and posters: all of every text is in, and what is printed can be scanned, selected and searched."""

import io
from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tourism.adapters.data_files import PackagedData
from tourism.adapters.photos import to_logo
from tourism.adapters.pictures import HEIGHT, INSIDE, LINE, MARGIN, WIDTH, draw_card, font_of, layout
from tourism.adapters.posters import PAPERS, draw_poster
from tourism.domain.brand import Brand, drawn
from tourism.domain.card import Card, Figure, Poster, Size
from tourism.errors import OutOfRangeError

BRANDS: list[Brand] = list(PackagedData().rows("brands.csv"))
CARD = Card(
    BRANDS[0], "Sabtu, 5 Desember 2026", "Matahari terbit di Bromo",
    (Figure("05.02", "matahari terbit"), Figure("00.50", "berangkat dari Kayutangan")), "Perkiraan.", "Satu perjalanan",
)  # fmt: skip
POSTER = Poster(
    BRANDS[1], "a4", "Toko Oen", ("Sabtu, 5 Desember 2026", "Saturday, 5 December 2026"),
    (Figure("05.02", "matahari terbit", "sunrise"), Figure("00.50", "berangkat", "leave"),
     Figure("4 mnt", "jalan", "walk")),
    ("Pindai: kapan kita berangkat?", "Scan: when do we leave?"), ("Perkiraan.", "Estimates."),
    "https://wisata.example.org/k/ab23cd", "wisata.example.org/k/ab23cd",
)  # fmt: skip
WORDS = st.lists(st.text("aijmWgÉ0.", min_size=1, max_size=30), min_size=1, max_size=14).map(" ".join)


def joined(lines: tuple[str, ...]) -> str:
    return "".join(lines).replace(" ", "")


def all_in(card: Card) -> None:
    """Fail when a text of a card is cut off, runs out of the picture, or over another one."""
    boxes = layout(card)
    texts = [card.brand.wordmark, card.tagline, card.kicker, card.title]
    texts += [*(figure.value for figure in card.figures), *(figure.label for figure in card.figures), card.note]
    assert [joined(box.lines) for box in boxes] == [joined((drawn(text),)) for text in texts]
    for box in boxes:
        assert box.left >= MARGIN
        assert box.left + box.width <= WIDTH - MARGIN + 1
        assert box.top + box.height <= HEIGHT
    kicker, title = boxes[2], boxes[3]
    figures, note = boxes[4:-1], boxes[-1]
    assert kicker.top + kicker.height <= title.top
    assert all(title.top + title.height <= one.top for one in figures)
    assert all(one.top + one.height <= note.top for one in figures)


def test_a_picture_has_the_size_that_is_shared() -> None:
    with Image.open(io.BytesIO(draw_card(CARD))) as picture:
        assert (picture.format, picture.size) == ("PNG", (1200, 630))
        assert picture.convert("RGB").getpixel((600, 5)) == (0xF2, 0xB1, 0x34)  # the brand's colour


def test_brands_and_languages_draw_other_pictures() -> None:
    assert len({draw_card(replace(CARD, brand=brand)) for brand in BRANDS}) == 4


@given(WORDS, WORDS, WORDS)
@settings(max_examples=60, deadline=None)
def test_no_text_is_cut_off_however_long_it_is(kicker: str, title: str, note: str) -> None:
    figures = (Figure("tutup, buka lagi 18.00", "jalan kaki ke Alun-alun Merdeka"), *CARD.figures)
    all_in(replace(CARD, kicker=kicker[:60], title=title[:120], note=note[:160], figures=figures))


def test_the_check_would_see_a_text_that_is_cut_off() -> None:
    """The negative control: a word of a hundred letters, were it drawn on one line, runs out of the picture."""
    long = "m" * 100
    assert font_of(layout(CARD)[3].font, 28).getlength(long) > INSIDE
    all_in(replace(CARD, title=long))
    assert len(layout(replace(CARD, title=long))[3].lines) > 1


def test_signs_that_no_font_has_are_left_out_of_pictures() -> None:
    all_in(replace(CARD, title="Kopi ☕ متجر Tua"))
    assert layout(replace(CARD, title="Kopi ☕ متجر Tua"))[3].lines == ("Kopi Tua",)


def opened(poster: Poster) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(draw_poster(poster))


@pytest.mark.parametrize("size", PAPERS)
@pytest.mark.parametrize("brand", BRANDS, ids=lambda brand: str(brand.id))
def test_a_poster_can_be_selected_scanned_and_printed(size: Size, brand: Brand) -> None:
    poster = replace(POSTER, size=size, brand=brand)
    document = opened(poster)
    assert len(document) == 1
    page = document[0]
    assert [round(mm / 72 * 25.4) for mm in page.get_size()] == [round(mm) for mm in PAPERS[size]]
    text = " ".join(page.get_textpage().get_text_bounded().split())
    for wanted in (poster.title, *poster.night, "05.02", "sunrise", "matahari terbit", *poster.call, brand.wordmark):
        assert wanted in text
    seen = page.render(scale=1.5).to_pil()
    found = {code.text for code in zxingcpp.read_barcodes(seen)}
    assert found == {poster.link}
    assert seen.convert("RGB").getpixel((2, seen.height - 3)) == (255, 255, 255)  # white paper


def test_fonts_are_embedded() -> None:
    content = draw_poster(POSTER)
    assert content.count(b"/FontFile2") == 2
    assert b"/BaseFont /MPDFAA+Roboto" in content
    assert b"Helvetica" not in content


@pytest.mark.parametrize("size", PAPERS)
def test_a_long_name_stays_on_its_poster(size: Size) -> None:
    name = "Warung Kopi Pak Slamet Jalan Jenderal Basuki Rahmat Kayutangan Heritage Nomor Seratus Dua Puluh Tiga " * 2
    page = opened(replace(POSTER, size=size, title=name.strip()[:120])).get_page(0)
    width, height = page.get_size()
    words = page.get_textpage()
    rects = [words.get_rect(n) for n in range(words.count_rects())]
    assert rects
    assert all(left >= 0 and right <= width and bottom >= 0 and top <= height for left, bottom, right, top in rects)
    assert LINE > 1


def png(mode: str = "RGBA", size: tuple[int, int] = (300, 200)) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, (200, 30, 90, 128) if mode == "RGBA" else 0).save(written, "PNG")
    return written.getvalue()


def test_a_logo_keeps_its_transparency_and_nothing_but_its_pixels() -> None:
    logo = to_logo(png(size=(3000, 500)) + b"<script>alert(1)</script>")
    assert b"script" not in logo
    with Image.open(io.BytesIO(logo)) as found:
        assert (found.mode, found.size) == ("RGBA", (400, 67))
    assert draw_card(replace(CARD, logo=logo)) != draw_card(CARD)
    all_in(replace(CARD, logo=logo))
    assert len(draw_poster(replace(POSTER, logo=logo))) > len(draw_poster(POSTER))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG_LOGO"),
        (b'<?xml version="1.0"?>\n<!-- x -->\n<SVG onload="alert(1)"/>', "SVG_LOGO"),
        (b"GIF89a", "NOT_A_PICTURE"),
        (b"", "NOT_A_PICTURE"),
        (b"x" * 9_000_000, "PHOTO_TOO_LARGE"),
    ],
    ids=["svg", "shouted svg", "gif", "empty", "large"],
)
def test_a_logo_that_is_no_picture_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(OutOfRangeError) as refused:
        to_logo(content)
    assert refused.value.issues["logo"].code == code

"""Brands: what can be read, what is refused with a reason, and what pictures can draw."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourism.adapters.data_files import PackagedData
from tourism.domain.brand import (
    AA,
    DARK,
    LIGHT,
    PATHS,
    PLAIN,
    Brand,
    contrast,
    drawn,
    ink_on,
    is_drawn,
    issues_of,
    readable,
)

BRANDS: dict[str, Brand] = {brand.id: brand for brand in PackagedData().rows("brands.csv")}
COLOUR = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")
STYLE = (Path(__file__).parents[2] / "tourism/static/style.css").read_text()


def codes(**changed: str) -> dict[str, str]:
    """Return the codes of what is wrong with a brand after a change."""
    return {field: message.code for field, message in issues_of(replace(BRANDS["kota-batu"], **changed))}  # type: ignore[arg-type]


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # the grey that just fails
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)  # the grey that just passes
    assert contrast("#336699", "#336699") == 1


def test_the_grounds_are_those_of_the_pages() -> None:
    night = re.findall(r"--surface: (#[0-9a-f]{6})", STYLE)[0]
    day = re.findall(r"--night: (#[0-9a-f]{6})", STYLE)[1]
    assert (night, day) == (DARK, LIGHT)


@given(COLOUR)
def test_ink_is_read_on_every_colour_and_a_readable_colour_is_found_for_each(colour: str) -> None:
    assert contrast(ink_on(colour), colour) >= AA
    for ground in (DARK, LIGHT):
        assert contrast(readable(colour, ground), ground) >= AA


@given(COLOUR)
def test_a_palette_is_refused_exactly_below_aa_and_what_is_offered_is_taken(colour: str) -> None:
    found = dict(issues_of(replace(PLAIN, colour=colour)))
    assert ("colour" in found) == (contrast(colour, DARK) < AA)
    if "colour" in found:
        assert not dict(issues_of(replace(PLAIN, colour=str(found["colour"].params["colour"]))))


def test_every_brand_that_ships_is_readable_and_there_is_one_for_each_path() -> None:
    assert [list(issues_of(brand)) for brand in BRANDS.values()] == [[]] * 4
    assert set(PATHS.values()) == BRANDS.keys() - {"malang-raya"}
    assert [BRANDS[id_].tagline_en for id_ in PATHS.values()] == [
        "Beautiful Malang", "Shining Batu", "The Heart of East Java",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("tagline_id", "x" * 200, "TOO_LONG_FOR"),
        ("tagline_en", "مدينة باتو", "NOT_DRAWN"),
        ("tagline_en", "Batu ⭐", "NOT_DRAWN"),
        ("wordmark", "Shining \u202eutaB", "NOT_DRAWN"),
        ("colour", "#222222", "CONTRAST"),
        ("colour_day", "#ffff00", "CONTRAST"),
        ("colour", "red", "NOT_A_COLOUR"),
        ("colour", "#f2b134;}body{display:none", "NOT_A_COLOUR"),
        ("logo", "../k/toko7?", "NOT_A_LOGO"),
        ("hosts", "https://evil.example/", "NOT_A_HOST"),
        ("hosts", "batu.example -x.example", "NOT_A_HOST"),
    ],
)
def test_what_cant_be_read_is_refused_with_its_field(field: str, value: str, code: str) -> None:
    assert codes(**{field: value}) == {field: code}
    assert codes() == {}  # the control: without the change nothing is wrong


def test_letters_of_indonesian_and_of_names_are_drawn_and_others_left_out() -> None:
    assert drawn("Café “Sénja” – 3×") == "Café “Sénja” – 3×"
    assert drawn("Kopi ☕ متجر  Tua") == "Kopi Tua"
    assert [is_drawn(sign) for sign in "aÉ’☕م\u202e\n"] == [True, True, True, False, False, False, False]

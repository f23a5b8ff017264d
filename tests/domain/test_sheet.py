"""Sheets: headings in Indonesian, decimal commas, and cells that no spreadsheet takes for formulas."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourism.domain.record import Record, State
from tourism.domain.sheet import FORMULA, Outcome, Reading, Sheet, defused, mapping_of, plain, read_rows

GOOD = {"nama": "Kopi", "jenis": "kafe", "lintang": "-7,979", "bujur": "112,63"}
HELD = {
    "name": "Toko Oen",
    "kind": "restaurant",
    "municipality": "kota-malang",
    "lat": "-7.9807",
    "lon": "112.63033",
    "source": "OSM",
}


def outcomes(*rows: dict[str, str], may: bool = True, near: str = "kota-malang") -> list[str]:
    """Read rows against one listing that is there."""
    headings = tuple(dict.fromkeys(name for row in rows for name in row))
    records = {"toko-oen": Record("listing", "toko-oen", state=State.PUBLISHED, published=HELD)}
    how = Reading("kota-malang", "list", date(2026, 11, 20), records, may=lambda _: may, lies_in=lambda _: [near])
    sheet = Sheet(headings, tuple(enumerate(rows, start=2)))
    return [row.outcome.value for row in read_rows(sheet, mapping_of(headings, {}), how)]


@given(st.text(max_size=8) | st.sampled_from([*FORMULA, "'", "'=", "''=", "'''"]))
def test_no_cell_is_a_formula_and_each_comes_back(cell: str) -> None:
    assert plain(defused(cell)) == cell
    assert not defused(cell).startswith(FORMULA)


@pytest.mark.parametrize(
    ("heading", "field"),
    [("Nama", "name"), ("JAM BUKA", "hours"), ("jam-operasional", "hours"), ("Lintang", "lat"), ("bujur", "lon"),
     ("alamat", "address"), ("No HP", "phone"), ("Kota/Kabupaten", "municipality"), ("Warna", ""),
     ("musala", "prayer_room")],
)  # fmt: skip
def test_headings_are_understood(heading: str, field: str) -> None:
    assert mapping_of([heading], {}) == {heading: field}


def test_a_heading_is_read_as_it_was_the_last_time_and_a_field_is_taken_once() -> None:
    assert mapping_of(["Warna", "nama", "tempat"], {"Warna": "note"}) == {"Warna": "note", "nama": "name", "tempat": ""}


def test_the_outcomes_add_up() -> None:
    same = {"nama": "Toko Oen"}
    found = outcomes(GOOD, {**GOOD, "nama": "Rusak", "lintang": "x"}, same, {**same, "alamat": "Jl. 5"})
    assert found == ["new", "rejected", "unchanged", "rejected"]  # the last is about the same venue as the third
    assert set(found) <= {outcome.value for outcome in Outcome}


def test_a_venue_twice_in_one_sheet_is_told_and_two_of_one_name_are_two() -> None:
    again = {**GOOD, "jam buka": "24 jam"}
    assert outcomes(GOOD, again) == ["new", "rejected"]
    assert outcomes(GOOD, {**again, "lintang": "-7,99"}) == ["new", "new"]


def test_a_sheet_that_changes_hours_is_their_source() -> None:
    headings = ("nama", "jam buka")
    records = {"toko-oen": Record("listing", "toko-oen", state=State.PUBLISHED, published=HELD)}
    how = Reading("kota-malang", "list", date(2026, 11, 20), records, may=lambda _: True, lies_in=lambda _: [])
    sheet = Sheet(headings, ((2, {"nama": "Toko Oen", "jam buka": "10.00-22.00"}),))
    (row,) = read_rows(sheet, mapping_of(headings, {}), how)
    assert (row.outcome, row.fields["source"], row.fields["as_of"]) == (Outcome.CHANGED, "list", "2026-11-20")
    waiting = replace(records["toko-oen"], state=State.CHANGED, proposed=HELD)
    (row,) = read_rows(sheet, mapping_of(headings, {}), replace(how, records={"toko-oen": waiting}))
    assert row.outcome is Outcome.REJECTED  # a proposal is not run over


def test_swapped_coordinates_and_unknown_kinds_get_a_suggestion() -> None:
    headings = tuple(GOOD)
    how = Reading("kota-malang", "list", date(2026, 11, 20), {}, may=lambda _: True, lies_in=lambda _: [])
    sheet = Sheet(headings, ((2, {**GOOD, "jenis": "restauran", "lintang": "112,63", "bujur": "-7,979"}),))
    (row,) = read_rows(sheet, mapping_of(headings, {}), how)
    assert {issue.field: issue.suggestion for issue in row.issues} == {
        "kind": "restaurant", "lat": "-7.979", "lon": "112.63",
    }  # fmt: skip


def test_others_listings_are_not_changed() -> None:
    assert outcomes(GOOD, may=False) == ["rejected"]


def test_a_point_that_seems_to_lie_elsewhere_is_questioned_not_refused() -> None:
    assert outcomes(GOOD, near="kota-batu") == ["new"]


@given(
    st.lists(
        st.dictionaries(st.sampled_from([*GOOD, "id", "jam buka", "toilet", "kursi"]), st.text(max_size=20)), max_size=6
    )
)
def test_whatever_a_sheet_holds_each_row_has_one_outcome(rows: list[dict[str, str]]) -> None:
    assert len(outcomes(*rows)) == len(rows)

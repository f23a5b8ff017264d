"""Fields of a listing: what reads, what is refused, and that writing undoes reading."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourism.adapters.data_files import PackagedData
from tourism.domain.evidence import Evidence
from tourism.domain.listing import (
    FACTS,
    canonical,
    cleaned,
    fields_of_venue,
    key_for,
    plain_fact,
    read_listing,
    reworded,
    same_listing,
    without_old_word,
    word,
)
from tourism.domain.record import Record, State
from tourism.domain.tables import TABLES, read_row, write_row
from tourism.errors import OutOfRangeError

GOOD = {
    "name": "Warung Uji", "kind": "cafe", "municipality": "kota-malang", "lat": "-7.979", "lon": "112.63",
    "hours": "24 jam", "source": "visit", "toilet": "yes; visit; 2026-11-20",
}  # fmt: skip


def test_a_listing_is_read_as_a_venue_with_its_evidence() -> None:
    venue, evidence = read_listing("warung-uji", GOOD)
    assert (venue.opening_hours, venue.hours_as_recorded) == ("24/7", "24 jam")
    assert evidence == [Evidence("warung-uji", FACTS["toilet"], "yes", "visit", date(2026, 11, 20))]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "x" * 81), ("name", "a\u202eb"), ("kind", "palace"), ("municipality", "surabaya"),
        ("lat", "nan"), ("lat", "inf"), ("lat", "7.98"), ("lon", "1e9"), ("lat", "x"), ("uncertainty_m", "-1"),
        ("hours", "kapan-kapan"), ("as_of", "2026-13-01"), ("toilet", "perhaps; visit; 2026-11-20"), ("toilet", "yes"),
        ("seats", "many; visit; 2026-11-20"), ("photo", "../../etc/passwd"), ("source", ""), ("colour", "red"),
        ("phone", "abc"),
    ],
)  # fmt: skip
def test_a_field_that_can_not_be_is_named(field: str, value: str) -> None:
    with pytest.raises(OutOfRangeError) as refused:
        read_listing("warung-uji", {**GOOD, field: value})
    assert list(refused.value.issues) == [field]


@pytest.mark.parametrize("key", ["", "A", "../x", "a b", "-x", "x" * 81, "é"])
def test_a_key_is_plain(key: str) -> None:
    with pytest.raises(OutOfRangeError):
        read_listing(key, GOOD)


@given(
    st.dictionaries(
        st.sampled_from(["name", "address", "note", "about_id", "about_en", "source"]),
        st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30),
    ),
    st.floats(-8.5, -7.6), st.floats(112.3, 113.1),
)  # fmt: skip
def test_writing_undoes_reading(texts: dict[str, str], lat: float, lon: float) -> None:
    kept = canonical("x", {**GOOD, **texts, "lat": str(lat), "lon": str(lon)})
    assert canonical("x", kept) == kept
    assert fields_of_venue(*read_listing("x", kept)) == kept


def test_fields_are_on_one_line_in_one_form_of_unicode() -> None:
    assert cleaned({"name": "  Cafe\u0301\r\n Kopi ", "note": "  "}) == {"name": "Café Kopi"}
    assert word("yes", "a; b", date(2026, 1, 2)) == "yes; a, b; 2026-01-02"


def test_a_key_is_made_of_the_name_and_is_never_taken() -> None:
    assert key_for("Kopi Lonceng & Co", set()) == "kopi-lonceng-co"
    assert key_for("Kopi", {"kopi", "kopi-2"}) == "kopi-3"
    assert key_for("☕☕", set()) == "venue"


@pytest.mark.parametrize(
    ("table", "file"),
    [
        ("closures", "closures.csv"), ("gates", "gate_operations.csv"), ("legs", "corridor_legs.csv"),
        ("tariffs", "tariffs.csv"), ("quotas", "quotas.csv"), ("holidays", "special_dates.csv"),
    ],
)  # fmt: skip
def test_every_row_of_the_data_is_read_as_it_is_written(table: str, file: str) -> None:
    rows = PackagedData().rows(file)
    assert rows
    for row in rows:
        assert read_row(TABLES[table], write_row(row)) == row
    assert len({TABLES[table].key(row) for row in rows}) == len(rows)


TODAY = date(2026, 11, 24)


def test_what_is_as_it_was_keeps_its_word_and_what_changes_needs_a_new_one() -> None:
    base = canonical("x", {**GOOD, "as_of": "2026-05-01"})
    typed = {**base, "toilet": "yes", "source": "", "as_of": ""}
    assert reworded(base, typed, TODAY) == base
    for changed in ({"toilet": "no"}, {"hours": "22 jam"}, {"seats": "40"}, {"toilet": ""}):
        with pytest.raises(OutOfRangeError) as refused:
            reworded(base, {**typed, **changed}, TODAY)
        assert list(refused.value.issues) == ["source"]
    said = reworded(base, {**typed, "seats": "40", "source": "call", "as_of": "2026-11-23"}, TODAY)
    assert said["seats"] == "40; call; 2026-11-23"
    assert (said["toilet"], said["source"]) == (base["toilet"], "call")
    with pytest.raises(OutOfRangeError):
        reworded(base, {**typed, "as_of": "2026-11-25"}, TODAY)


def test_a_source_that_is_sent_back_as_it_was_read_says_nothing_anew() -> None:
    base = canonical("x", {**GOOD, "as_of": "2026-05-01"})
    with pytest.raises(OutOfRangeError):
        reworded(base, without_old_word(base, {**base, "hours": "10.00-22.00"}), TODAY)


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [("price_range", "Rp15.000 - 40.000", "15000-40000"), ("price_range", "15rb-40rb", "15000-40000"),
     ("parking_last_exit", "23.30", "23:30"), ("seats", " 40 ", "40")],
)  # fmt: skip
def test_figures_are_read_as_people_write_them(name: str, typed: str, kept: str) -> None:
    assert plain_fact(name, typed) == kept


@pytest.mark.parametrize(
    ("changed", "same"),
    [({}, True), ({"lat": "-7.9795"}, True), ({"lat": "-7.99"}, False), ({"name": "WARUNG UJI"}, True),
     ({"name": "Other"}, False), ({"lat": "", "lon": ""}, True)],
)  # fmt: skip
def test_a_listing_is_known_by_its_name_at_its_place(changed: dict[str, str], same: bool) -> None:
    record = Record("listing", "x", state=State.PUBLISHED, published=GOOD)
    assert same_listing(record, {**GOOD, **changed}) is same
    assert not same_listing(Record("listing", "x", state=State.ARCHIVED, published=GOOD), GOOD)

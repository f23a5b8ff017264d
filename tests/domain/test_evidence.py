from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourism.adapters.data_files import PackagedData
from tourism.domain.evidence import Age, Amenity, Detail, Freshness, HalfLife

TODAY = date(2026, 11, 24)
FRESHNESS = Freshness([HalfLife("opening_hours", 100, "made up", "L"), HalfLife("toilet", 400, "made up", "L")])


def test_confidence_halves_with_each_half_life_of_its_field() -> None:
    ago = TODAY - timedelta(days=200)
    assert FRESHNESS.confidence("opening_hours", ago, TODAY) == pytest.approx(0.25)
    assert FRESHNESS.confidence("toilet", ago, TODAY) == pytest.approx(0.5**0.5)
    assert FRESHNESS.confidence("opening_hours", TODAY, TODAY) == 1.0
    assert FRESHNESS.confidence("opening_hours", None, TODAY) is None


def test_a_word_is_stale_from_its_half_life_on_and_undated_without_a_date() -> None:
    assert FRESHNESS.age("opening_hours", TODAY - timedelta(days=99), TODAY) is Age.FRESH
    assert FRESHNESS.age("opening_hours", TODAY - timedelta(days=100), TODAY) is Age.STALE
    assert FRESHNESS.age("opening_hours", None, TODAY) is Age.UNDATED


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_older_is_never_surer(a: int, b: int) -> None:
    old, new = max(a, b), min(a, b)
    days = [FRESHNESS.confidence("toilet", TODAY - timedelta(days=n), TODAY) or 0 for n in (old, new)]
    assert days[0] <= days[1] <= 1


def test_every_field_has_a_half_life_with_its_basis() -> None:
    rows: list[HalfLife] = list(PackagedData().rows("half_lives.csv"))
    assert {row.field for row in rows} == {"opening_hours", *Amenity, *Detail}
    assert all("estimate" in row.basis for row in rows)

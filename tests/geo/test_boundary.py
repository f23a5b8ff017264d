"""Rough outlines: a square that can be judged by hand, and the three municipalities."""

import pytest

from tourism.adapters.data_files import PackagedData
from tourism.geo.boundary import outlines_at, outlines_of
from tourism.geo.crs import Point

SQUARE = outlines_of(("square", Point(lat, lon)) for lat, lon in ((0, 0), (0, 1), (1, 1), (1, 0)))
MALANG = outlines_of((c.municipality, Point(c.lat, c.lon)) for c in PackagedData().rows("municipality_outlines.csv"))


def test_a_point_is_inside_near_or_outside() -> None:
    assert outlines_at(SQUARE, Point(0.5, 0.5), 0) == ["square"]
    assert outlines_at(SQUARE, Point(0.5, 1.005), 1_000) == ["square"]  # 555 m outside
    assert outlines_at(SQUARE, Point(0.5, 1.02), 1_000) == []


@pytest.mark.parametrize(
    ("place", "point"),
    [
        ("kota-malang", Point(-7.979, 112.6296)),
        ("kota-batu", Point(-7.8788, 112.5201)),
        ("kabupaten-malang", Point(-8.16, 112.57)),
    ],
)
def test_kayutangan_batu_and_kepanjen_lie_where_they_do(place: str, point: Point) -> None:
    assert outlines_at(MALANG, point, 1_000)[0] == place

import csv
from importlib.resources import files

import pytest

from tourism.adapters.data_files import PackagedData, read_rows
from tourism.domain.hours import parse
from tourism.domain.venue import Venue
from tourism.errors import DataError

PROVENANCE = {"basis", "source", "confidence", "note"}


@pytest.mark.parametrize("name", list(PackagedData().names()))
def test_every_data_file_is_read(name: str) -> None:
    assert PackagedData().rows(name) or name in {"temporary_hours.csv", "alerts.csv"}  # none are known


def test_every_table_says_where_its_rows_come_from_and_sources_names_it() -> None:
    folder = files("tourism.data")
    sources = folder.joinpath("SOURCES.md").read_text()
    tables = [f for f in folder.iterdir() if f.name.endswith(".csv")]
    assert len(tables) > 10
    for table in tables:
        assert table.name in sources
        headings = set(next(csv.reader(table.read_text().splitlines())))
        assert headings & PROVENANCE or table.name == "municipality_outlines.csv"


def test_recorded_hours_are_kept_beside_their_osm_form() -> None:
    venues: list[Venue] = list(PackagedData().rows("late_venues.csv"))
    critasena = next(v for v in venues if v.id == "critasena")
    assert (critasena.hours_as_recorded, critasena.opening_hours) == ("24 jam", "24/7")
    assert all(parse(v.opening_hours, 2026) for v in venues)
    assert all(v.as_of for v in venues)


def test_what_a_row_does_not_say_is_unknown() -> None:
    rows = read_rows("kayutangan_places.csv", "id,name,kind,lat,lon,basis\na,A,cafe,-7.9,112.6,x\n")
    assert (rows[0].opening_hours, rows[0].facts, rows[0].seats) == ("", {}, None)


def test_evidence_and_temporary_hours_are_read_strictly() -> None:
    head = "venue,field,value,source,as_of\n"
    assert read_rows("evidence.csv", f"{head}critasena,seats,40,visit,2026-11-01\n")[0].fact.value == "40"
    with pytest.raises(DataError, match=r"evidence.csv, line 2, row: .*wifi must be yes or no"):
        read_rows("evidence.csv", f"{head}critasena,wifi,fast,visit,2026-11-01\n")
    head = "venue,first,last,hours_as_recorded,reason,source\n"
    found = read_rows("temporary_hours.csv", f"{head}critasena,2027-02-08,2027-03-09,16.00-02.00,Ramadan,x\n")[0]
    assert found.opening_hours == "Mo-Su 16:00-02:00"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("a,A,cafe,north,112.6,x", "line 2, lat"),
        ("a,A,cafe,-7.9,112.6,", "line 2, source"),
        ("a,A,cafe", "line 2, lat"),
        ("a,A,cafe,-7.9,112.6,x,kadang", "line 2, hours_as_recorded"),
    ],
)
def test_a_bad_row_is_refused_by_file_line_and_field(row: str, problem: str) -> None:
    with pytest.raises(DataError, match=f"kayutangan_places.csv, {problem}"):
        read_rows("kayutangan_places.csv", f"id,name,kind,lat,lon,basis,hours_as_recorded\n{row}\n")

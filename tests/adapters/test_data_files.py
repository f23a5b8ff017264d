import csv
from datetime import time
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


GATE = "id,kind,opens,closes_quiet,closes_busy,vehicles_per_min,vehicles_per_min_slow,note,confidence\n"
NIGHT = (
    "id,crowd,night,sunrise_visitors,share_jemplang,share_wonokitri,share_cemoro_lawang,ridge_share,people_per_jeep,"
    "people_per_motorcycle,motorcycle_share_of_vehicles,habit_arrival_jemplang,habit_arrival_wonokitri,"
    "habit_arrival_cemoro_lawang,habit_sd_min,scan_rate,busy,basis\n"
)


def night(people: float = 4.5, visitors: int = 450, spread: int = 30, rate: str = "normal", share: float = 0.4) -> str:
    shares = f"{share},0.3,0.3,0.5,{people},1.6,0.3,02:25,02:45,03:00,{spread}"
    return f"{NIGHT}x,quiet,2026-06-09,{visitors},{shares},{rate},no,made up\n"


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("gate_operations.csv", f"{GATE}g,gate,00:01,17:00,17:00,0,1,x,L\n", "line 2, row: .*0.01 to 60"),
        ("gate_operations.csv", f"{GATE}g,gate,00:01,00:01,17:00,3,1,x,L\n", "another time than it opens"),
        ("scenarios.csv", night(people=0), "people in a vehicle"),
        ("scenarios.csv", night(visitors=1_000_000), "visitors of a night"),
        ("scenarios.csv", night(visitors=-1), "visitors of a night"),
        ("scenarios.csv", night(spread=0), "spread"),
        ("scenarios.csv", night(share=1.5), "share"),
        ("scenarios.csv", night(rate="Slow"), "scan rate"),
        ("scenarios.csv", night(rate="slow until dawn"), "scan rate"),
        ("advice.csv", "topic,key,value,basis,confidence\ntemperature_c,01,about 5,x,L\n", "range"),
        ("advice.csv", "topic,key,value,basis,confidence\njeep_price_idr,tumpang,850.000 to 900.000,x,L\n", "range"),
        ("corridor_legs.csv",
         "approach,from,to,mode,distance_km,p50_min,p90_min,busy_p50_min,busy_p90_min,basis,confidence\n"
         "a,b,c,car,1,10,100000,10,20,x,L\n", "minutes of a leg"),
    ],
)  # fmt: skip
def test_a_row_that_no_plan_could_use_is_refused_by_line(name: str, text: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        read_rows(name, text)


def test_a_night_like_the_usual_ones_is_read() -> None:
    """The negative control of the rows above."""
    assert read_rows("scenarios.csv", night(rate="slow until 04:00"))[0].slow_until == time(4)
    assert read_rows("gate_operations.csv", f"{GATE}g,gate,00:01,17:00,17:00,3,1,x,L\n")


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

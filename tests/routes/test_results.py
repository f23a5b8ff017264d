"""Measures and scenarios over HTTP: what is known, what is refused, and what machines take."""

import csv
import io
import json
import re
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Clock
from tests.office import Person, admin, app, ports
from tourism.domain.departure import Vehicle
from tourism.domain.measures import Measurement
from tourism.domain.scenario import METRICS, YEARS
from tourism.services.departures import Action
from tourism.services.keeping import RowEdit, save_row
from tourism.services.measures import list_gauges, record
from tourism.services.office import Desk
from tourism.services.ports import Ports
from tourism.services.scenario import Nights
from tourism.services.town import Town
from tourism.services.turns import JoinRequest, join

__all__ = ["admin", "app", "ports"]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a reader."""
    return app.test_client()


def values(client: FlaskClient) -> dict[str, float | None]:
    return {one["id"]: one["value"] for one in client.get("/measures.json").get_json()}


def test_measures_come_from_what_happened(client: FlaskClient, ports: Ports, at: Clock) -> None:
    before = values(client)
    assert (before["seat_hours"], before["per_vehicle"], before["minutes_avoided"]) == (None, None, None)
    night, town = date(2026, 11, 28), Town(ports.reader.read())  # a busy Saturday
    for n in range(4):
        asked = JoinRequest(night, 3, None, Vehicle.CAR, "jemplang-view", "tumpang", "alun-alun-merdeka")
        join(Action(ports, town, "visitor"), asked, f"203.0.113.{n}")
    at.instant += timedelta(days=3, hours=3)  # the night is under way
    assert values(client)["per_vehicle"] is None
    at.instant += timedelta(days=2)
    found = values(client)
    assert found["per_vehicle"] == 3
    assert found["seat_hours"] is not None
    assert found["seat_hours"] > 4 * 3 * 0.5  # they leave after half past ten, at the earliest
    assert found["minutes_avoided"] is not None
    assert found["minutes_avoided"] > 0
    assert found["beyond_ten"] == 0
    at.instant += timedelta(days=60)
    assert values(client)["per_vehicle"] is None


def test_a_day_is_recorded_once_and_the_first_one_is_the_baseline(client: FlaskClient, ports: Ports, at: Clock) -> None:
    assert all(one["baseline"] is None and one["history"] == [] for one in client.get("/measures.json").get_json())
    town = Town(ports.reader.read())
    record(ports, town)
    record(ports, town)
    at.instant += timedelta(days=1)
    record(ports, town)
    at.instant += timedelta(minutes=2)
    toilets = next(one for one in client.get("/measures.json").get_json() if one["id"] == "toilets")
    assert [row["day"] for row in toilets["history"]] == ["2026-11-24", "2026-11-25"]
    assert (toilets["baseline"], toilets["baseline_day"]) == (0, "2026-11-24")
    assert toilets["targets"] == {"2027": 90, "2030": 100}
    lit = next(one for one in client.get("/measures.json").get_json() if one["id"] == "lit")
    assert (lit["baseline"], lit["value"], lit["cases"] > 1000) == (None, None, True)


def test_the_page_says_what_is_by_hand_and_what_is_not_known(client: FlaskClient, ports: Ports) -> None:
    with ports.unit_of_work() as uow:
        days = [date(2026, 11, day) for day in (1, 2, 3)]
        uow.office.branding.record([Measurement("fresh", day, 10.0 * n, 30) for n, day in enumerate(days)])
        uow.commit()
    page = client.get("/measures?lang=en").text
    assert page.count("<article") == 13
    assert page.count("entered by hand") >= 13
    assert "not known" in page
    (drawn,) = re.findall(r'<svg class="spark"[^>]*aria-label="([^"]*)"', page)
    assert drawn == "Fresh listings, the last 4 days recorded: 0.0; 10.0; 20.0; 0.0"
    assert "baseline 0% on 1 Nov 2026" in page
    assert "1 Nov 2026 0%; 2 Nov 2026 10%; 3 Nov 2026 20%; 24 Nov 2026 0%" in page
    assert page.count(">an estimate<") == 2


def test_measures_are_a_table_for_a_spreadsheet(client: FlaskClient) -> None:
    answer = client.get("/measures.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert [row["id"] for row in rows] == [one["id"] for one in client.get("/measures.json").get_json()]
    assert next(row for row in rows if row["id"] == "lit")["value"] == ""


def test_a_quick_win_says_what_it_moved_by_the_history(
    client: FlaskClient, ports: Ports, admin: Person
) -> None:  # fmt: skip
    with ports.unit_of_work() as uow:
        for day, value in ((date(2026, 11, 1), 12.5), (date(2026, 11, 20), 61.0)):
            uow.office.branding.record([Measurement("toilets", day, value, 40)])
        uow.commit()
    desk = Desk(ports, Town(ports.reader.read()), admin.user)
    fields = {
        "name": "Ask <b>ten</b> venues", "indicator": "toilets", "owner": "office", "planned_on": "2026-11-01",
        "started_on": "2026-11-03", "measured_on": "2026-11-22", "basis": "test",
    }  # fmt: skip
    save_row(desk, RowEdit("wins", "new-win", 0, fields, "a test"))
    page = client.get("/measures?lang=en").text
    assert "Ask &lt;b&gt;ten&lt;/b&gt; venues" in page
    assert "12.5% → 61%" in page
    assert "measured 22 Nov 2026" in page


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"indicator": "nonsense"}, "indicator"),
        ({"measured_on": "2026-11-22"}, "Diukur setelah dimulai."),
        ({"planned_on": "1999-01-01"}, "planned_on"),
    ],
)
def test_a_quick_win_that_cant_be_is_refused(admin: Person, fields: dict[str, str], field: str) -> None:
    usual = {"name": "x", "indicator": "toilets", "owner": "y", "planned_on": "2026-11-01", "basis": "z"}
    answer = admin.post(
        "/office/tables/wins/new-win", **{"version": "0", "step": "save", "why": "x", **usual, **fields}
    )
    assert answer.status_code == 422, answer.text
    assert field in answer.text


def test_an_assumption_stays_within_what_a_year_can_have(admin: Person, client: FlaskClient) -> None:
    page = {"version": "0", "step": "save", "why": "x", "id": "growth", "variable": "visitors growth",
            "unit": "% a year", "basis": "x"}  # fmt: skip
    refused = admin.post("/office/tables/assumptions/growth", **page, low="-2", central="4", high="300")
    assert refused.status_code == 422
    assert "Nilainya antara -20 dan 20." in refused.text
    assert admin.post("/office/tables/assumptions/growth", **page, low="0", central="1", high="2").status_code == 303
    while (answer := client.get("/scenario.json")).status_code == 503:
        pass
    found = answer.get_json()
    assert next(one for one in found["assumptions"] if one["id"] == "growth")["high"] == 2


# Scenarios

SLOTS = "Gate slots: % of vehicles that follow"


def test_a_scenario_shows_how_far_it_is_and_then_answers(client: FlaskClient) -> None:
    pages = []
    while True:
        answer = client.get("/scenario?slots=2028,60&lang=en")
        assert answer.status_code == 200
        pages.append(answer)
        if "Refresh" not in answer.headers:
            break
        assert re.search(r'<progress value="\d+" max="21"', answer.text)
        assert len(pages) < 40
    page = pages[-1].text
    assert len(pages) > 1
    assert page.count('<svg class="bands"') == len(METRICS) - 1  # without a quota nobody is turned away
    assert page.count('role="img"') == len(METRICS) - 1
    assert "outside the band" in page
    assert '<option value="2028" selected>' in page


@pytest.fixture
def ready(app: Flask, ports: Ports, simulated: Nights) -> FlaskClient:
    """Return a reader of an application whose nights have been simulated."""
    current = app.extensions["tourism"][1]
    current.get()
    current._nights = simulated
    return app.test_client()


def test_nights_that_were_simulated_serve_as_long_as_nothing_they_rest_on_changes(
    app: Flask, ports: Ports, ready: FlaskClient, admin: Person
) -> None:
    assert "Refresh" not in ready.get("/scenario").headers
    desk = Desk(ports, Town(ports.reader.read()), admin.user)
    wins = {"name": "x", "indicator": "toilets", "owner": "y", "planned_on": "2026-11-01", "basis": "z"}
    save_row(desk, RowEdit("wins", "new-win", 0, wins, "x"))
    assert "Refresh" not in ready.get("/scenario").headers
    with ports.office() as office:
        gate = next(one for one in office.list_records("gates") if one.key == "gate-jemplang")
    fields = {**(gate.live or {}), "vehicles_per_min": "4"}
    save_row(desk, RowEdit("gates", gate.key, gate.version, fields, "x"))
    assert "Refresh" in ready.get("/scenario").headers


def test_the_whole_scenario_is_in_its_link(ready: FlaskClient) -> None:
    form = (
        "/scenario?slots=2028&slots_effect=60&venues=&venues_effect=300&growth=0%2C1%2C2&metric=seats_missing&lang=en"
    )
    page = ready.get(form).text
    link = re.search(r'href="(/scenario\?[^"]*)">Link to this scenario', page)
    assert link
    again = ready.get(link[1].replace("&amp;", "&")).text
    nonces = re.compile(r'nonce="[^"]*"|href="[^"]*"|<input type="hidden"[^>]*>')
    assert nonces.sub("", again) == nonces.sub("", page)
    found = ready.get("/scenario.json?slots=2028,60&growth=0,1,2").get_json()
    assert found["request"] == {"slots": "2028,60", "growth": "0,1,2"}
    assert [row["year"] for row in found["planned"]["sunrise_share"]] == list(YEARS)
    assert found["planned"]["sunrise_share"][-1]["p50"] > found["as_now"]["sunrise_share"][-1]["p50"]
    assert json.dumps(ready.get("/scenario.json?slots=2028,60&growth=0,1,2").get_json()) == json.dumps(found)


GROWTH, SCANNER = "visitors growth", "More scanners at the Malang gate: times the rate"
IMPOSSIBLE = [
    ("growth=300,300,300", GROWTH), ("growth=9,4,-2", GROWTH), ("growth=nan,nan,nan", GROWTH), ("growth=1", GROWTH),
    ("growth=1e999,2,3", GROWTH), ("party=0,0,0", "party size"), ("slots=1999,60", SLOTS), ("slots=2028,101", SLOTS),
    ("slots=2028.5,60", SLOTS), ("scanner=2030,0", SCANNER), ("draws=100000000", "draws"), ("draws=-1", "draws"),
    ("draws=1.5.2", "draws"), ("seed=-5", "seed"), ("metric=secrets", "metric"), ("nonsense=1", "nonsense"),
    ("%3Cscript%3E=1", "&lt;script&gt;"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "field"), IMPOSSIBLE)
def test_a_scenario_that_cant_be_is_explained(ready: FlaskClient, query: str, field: str) -> None:
    page = ready.get(f"/scenario?{query}&lang=en")
    assert page.status_code == 422
    assert f"<b>{field}</b>" in page.text
    assert "<script>=" not in page.text
    assert "Shown is the scenario without any change." in page.text
    assert ready.get(f"/scenario.json?{query}").status_code == 422


def test_a_mistake_in_one_field_keeps_what_was_typed_in_the_others(ready: FlaskClient) -> None:
    page = ready.get("/scenario?slots=2028&slots_effect=70&venues=2030&venues_effect=x&growth=9,4,2&lang=en").text
    assert page.count("selected>2028") == page.count("selected>2030") == 1
    assert 'name="slots_effect" inputmode="decimal" value="70"' in page
    assert 'name="growth" value="9,4,2" aria-invalid="true"' in page
    assert re.search(r"<details open><summary>Other assumptions", page)


def test_ranges_are_written_with_decimal_commas_too(ready: FlaskClient) -> None:
    found = ready.get("/scenario.json?growth=-1,5;6;10&quota=1000,1500,2000&cap=2030,3000").get_json()
    assert found["request"] == {"cap": "2030,3000", "growth": "-1.5,6,10", "quota": "1000,1500,2000"}


def test_a_scenario_that_was_read_with_a_comma_comes_back_into_its_form(ready: FlaskClient) -> None:
    page = ready.get("/scenario?scanner=2028;1,5&lang=en").text
    assert 'name="scanner_effect" inputmode="decimal" value="1.5"' in page
    assert page.count("selected>2028") == 1


def test_thousands_are_read_as_the_page_writes_them(ready: FlaskClient) -> None:
    query = "venues=2028&venues_effect=1.000&quota=2.202;2.752;4.752&wait_h=1;2,5;4"
    assert "kursi: 1.000 (mulai 2028)" in ready.get(f"/scenario?{query}&lang=id").text
    page = ready.get("/scenario?venues=2028&venues_effect=1000.5&lang=en").text
    assert "seats: 1,000.5 (from 2028)" in page
    found = ready.get("/scenario.json?quota=2.202;2.752;4.752&wait_h=1;2,5;4").get_json()
    assert found["request"] == {"quota": "2202,2752,4752", "wait_h": "1,2.5,4"}
    assert 'placeholder="1;2,5;4"' in ready.get("/scenario?lang=id").text


def test_new_scenarios_count_for_several_requests_and_the_same_again_for_none(ready: FlaskClient) -> None:
    answers = [ready.get(f"/scenario.json?seed={n}").status_code for n in range(25)]
    assert answers.count(200) == 20
    assert set(answers[20:]) == {429}
    assert ready.get("/scenario.json?seed=1").status_code == 200
    assert ready.get("/scenario?seed=1").status_code == 200


def test_machines_are_told_to_come_again_while_nights_are_simulated(client: FlaskClient) -> None:
    answer = client.get("/scenario.json")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"


def test_zero_venues_and_no_growth_are_worlds_like_others(ready: FlaskClient) -> None:
    found = ready.get("/scenario.json?seats=0,0,0&growth=0,0,0&kayutangan_share=100,100,100").get_json()
    missing = [row["p50"] for row in found["as_now"]["seats_missing"]]
    assert missing[0] > 100
    assert max(missing) == min(missing)
    assert ready.get("/scenario?seats=0,0,0").status_code == 200


def test_targets_are_reached_or_not(ports: Ports) -> None:
    gauges = {g.indicator.id: g for g in list_gauges(ports, Town(ports.reader.read()), ports.now())}
    assert gauges["toilets"].reached is False
    assert gauges["lit"].reached is None

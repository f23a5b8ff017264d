"""The plan's page, what one takes along from it, and the other question."""

import json
import re
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import gpxpy
import hypothesis
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from werkzeug.datastructures import MultiDict

from tests.conftest import Clock
from tourism.domain.itinerary import Companion
from tourism.domain.night_plan import Aim
from tourism.geo.crs import Point
from tourism.routes._parse import PlanPageQuery, parse, written
from tourism.services.plans import PlanRequest

NIGHT = "date=2026-12-05"


def get(client: FlaskClient, path: str, status: int = 200) -> Any:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    return json.loads(answer.text)


# The API ------------------------------------------------------------------------------------------------------------


def test_the_plan_has_its_curve_with_everybodys_habit_on_it(client: FlaskClient) -> None:
    found = get(client, f"/api/v1/plan?{NIGHT}&lang=en")
    chances = [point["chance"] for point in found["curve"]]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.98
    assert chances[-1] < 0.02
    assert found["chance_wanted"] == 0.9 <= found["chance"] < 0.93
    assert found["habit"]["leave"] == "2026-12-05T02:00:00+07:00"
    assert found["habit"]["chance"] < 0.01
    assert found["profile"] == {"crowd": "busy", "day_type": "holiday", "reasons": ["weekend"]}


def test_every_leg_has_where_it_is_what_it_costs_and_what_to_know(client: FlaskClient) -> None:
    legs = get(client, f"/api/v1/plan?{NIGHT}&approach=tumpang&near=critasena&lang=en")["legs"]
    by_step = {leg["step"]: leg for leg in legs}
    assert by_step["hold"]["geometry"]["type"] == "Point"
    assert by_step["walk_to_pickup"]["geometry"]["coordinates"][-1] == [112.63037, -7.97981]
    assert len(by_step["walk_to_pickup"]["geometry"]["coordinates"]) > 2
    moving = [leg for leg in legs if leg["geometry"]["type"] == "LineString"]
    assert [leg["step"] for leg in moving if not leg["schematic"]] == ["walk_to_pickup"]
    assert by_step["scan"]["price"]["low_idr"] == by_step["scan"]["price"]["high_idr"] == 158_000
    assert (by_step["change"]["price"]["low_idr"], by_step["change"]["price"]["per"]) == (850_000, "jeep")
    assert by_step["drive"]["price"] is None
    gate = next(leg for leg in legs if leg["to"] == "gate-jemplang")
    assert "tickets scanned here" in gate["note"]
    assert by_step["climb"]["p50_min"] == 17


def test_a_closed_plan_has_alternatives_that_are_open(client: FlaskClient) -> None:
    found = get(client, "/api/v1/plan?date=2026-12-09&lang=en")
    other = found["alternatives"]
    assert {o["viewpoint"] for o in other["viewpoints"]} == {"seruni-point", "jemplang-view"}
    assert (other["open_before"], other["open_after"]) == ("2026-12-08", "2026-12-10")
    assert found["closures"][0]["status"] == "announced"
    assert found["closures"][0]["source"]
    opens = {d["name"]: d["opening"] for d in other["destinations"]}
    assert opens["Kampoeng Heritage Kajoetangan"] == "open"
    assert opens["Selecta"] == "unknown"
    assert "Museum Angkut" not in opens
    for option in other["viewpoints"]:
        assert get(client, f"/api/v1/plan?date=2026-12-09&viewpoint={option['viewpoint']}")["status"] == "ok"
    for day in (other["open_before"], other["open_after"]):
        assert get(client, f"/api/v1/plan?date={day}")["status"] == "ok"


def test_an_expected_closure_warns_with_its_source(client: FlaskClient) -> None:
    found = get(client, "/api/v1/plan?date=2027-01-07&lang=en")
    assert found["status"] == "ok"
    assert found["warnings"][0]["code"] == "CLOSURE_EXPECTED"
    assert "not announced" in found["warnings"][0]["source"]


def test_what_may_be_a_no_is_told_wherever_a_way_is_offered(client: FlaskClient) -> None:
    expected = get(client, "/api/v1/chance?date=2027-01-07&leave=00:15&lang=en")["viewpoints"]
    codes = {v["viewpoint"]: [c["code"] for c in v["cautions"]] for v in expected}
    assert codes["penanjakan-1"] == ["CLOSURE_EXPECTED"]
    closed = get(client, "/api/v1/plan?date=2026-12-09&lang=en")
    for option in closed["alternatives"]["viewpoints"]:
        assert [c["code"] for c in option["cautions"]] == ["PARK_CLOSED"]
    assert get(client, "/api/v1/plan?date=2026-12-09&viewpoint=jemplang-view")["warnings"][0]["code"] == "PARK_CLOSED"
    page = client.get("/plan?date=2027-01-07&lang=en").text
    assert page.index("? closure expected") < page.index("Know before you go")
    assert "? A closure is expected" in client.get("/?night=2027-01-07&lang=en").text
    assert "? ask first" in client.get("/plan?date=2026-12-09&lang=en").text
    late = get(client, "/api/v1/plan?date=2027-12-15&lang=en")
    assert "CLOSURES_NOT_KNOWN" in {w["code"] for w in late["warnings"]}


def test_other_dates_are_not_before_tonight(client: FlaskClient, at: Clock) -> None:
    at.instant = at.instant.replace(year=2026, month=12, day=8, hour=8)
    found = get(client, "/api/v1/plan?date=2026-12-09")["alternatives"]
    assert (found["open_before"], found["open_after"]) == (None, "2026-12-10")
    past = get(client, "/api/v1/plan?date=2025-12-19")
    assert past["nearest_open"] >= "2026-12-10"


def test_a_time_to_leave_has_its_chance_at_every_viewpoint(client: FlaskClient) -> None:
    found = get(client, f"/api/v1/chance?{NIGHT}&leave=02:00&lang=en")
    assert found["leave"] == "2026-12-05T02:00:00+07:00"
    assert found["viewpoints"][0]["viewpoint"] == "jemplang-view"
    assert len(found["viewpoints"]) == 6
    evening = get(client, f"/api/v1/chance?{NIGHT}&leave=23:30&lang=en")
    assert evening["leave"] == "2026-12-04T23:30:00+07:00"
    by_id = {v["viewpoint"]: v["chance"] for v in evening["viewpoints"]}
    assert all(by_id[v["viewpoint"]] >= v["chance"] for v in found["viewpoints"])
    plan = get(client, f"/api/v1/plan?{NIGHT}")
    same = get(client, f"/api/v1/chance?{NIGHT}&leave={plan['leave_at'][11:16]}&approach={plan['approach']}")
    assert next(v for v in same["viewpoints"] if v["viewpoint"] == "penanjakan-1")["chance"] == plan["chance"]


@pytest.mark.parametrize(
    ("query", "status", "field", "code"),
    [
        ("leave=2", 400, "leave", "NOT_A_CLOCK_TIME"),
        ("leave=24:00", 400, "leave", "NOT_A_CLOCK_TIME"),
        ("leave=2026-12-05T02:00", 400, "leave", "NOT_A_CLOCK_TIME"),
        ("leave=12:00", 422, "leave", "LEAVE_OUT_OF_RANGE"),
        ("leave=06:01", 422, "leave", "LEAVE_OUT_OF_RANGE"),
        ("leave=17:59", 422, "leave", "LEAVE_OUT_OF_RANGE"),
        ("viewpoint=penanjakan-1", 400, "viewpoint", "UNKNOWN_PARAMETER"),
        ("with=dog", 422, "with", "NOT_A_CHOICE"),
        ("stop=lunch", 422, "stop", "NOT_A_CHOICE"),
    ],
)
def test_a_time_to_leave_that_cannot_be_is_refused(
    client: FlaskClient, query: str, status: int, field: str, code: str
) -> None:
    found = get(client, f"/api/v1/chance?{query}", status)
    assert (field, code) in [(e["field"], e["code"]) for e in found["errors"]]


def test_who_travels_changes_the_plan(client: FlaskClient) -> None:
    usual = get(client, f"/api/v1/plan?{NIGHT}")
    both = get(client, f"/api/v1/plan?{NIGHT}&with=child&stop=subuh&lang=en")
    assert both["leave_at"] < usual["leave_at"]
    assert (both["companions"], both["subuh_stop"]) == (["child"], True)
    assert {"CHILD_PACE", "SUBUH_STOP"} <= {a["code"] for a in both["advice"]}
    wheels = get(client, f"/api/v1/plan?{NIGHT}&with=wheelchair,child&lang=en")
    assert (wheels["status"], wheels["reason"]) == ("impossible", "NOT_STEP_FREE")
    assert (wheels["curve"], wheels["approach"], wheels["tickets"]["total_idr"]) == ([], None, None)
    assert all(o["cautions"][0]["code"] == "STEP_FREE_UNKNOWN" for o in wheels["alternatives"]["viewpoints"])
    assert {o["viewpoint"] for o in wheels["alternatives"]["viewpoints"]} == {"lemah-pasar", "jemplang-view"}


def test_advice_is_what_the_tables_say_and_the_rest_reads_not_known(client: FlaskClient) -> None:
    def texts(day: str) -> str:
        return " ".join(a["text"] for a in get(client, f"/api/v1/plan?date={day}&lang=en")["advice"])

    july, december = texts("2027-07-15"), texts("2026-12-15")
    assert "2 to 9 °C" in july
    assert "rough estimate" not in july.split("°C")[1][:30]
    assert "how cold this month is not known" in december
    for text in (july, december):
        assert "alert level is not known here" in text
        assert "Emergency: 112" in text
        assert "On the road between them none is known." in text
        assert re.search(r"Subuh begins at 0\d:\d\d", text)


# The page -----------------------------------------------------------------------------------------------------------


def test_the_page_shows_the_curve_with_two_oclock_marked_and_its_figures(client: FlaskClient) -> None:
    page = client.get(f"/plan?{NIGHT}&lang=en").text
    assert "Leaving at 23:53: 90%. Leaving at 02:00, the usual hour: &lt; 1%." in page
    assert '<circle class="habit"' in page
    assert page.count('<th scope="row">0') > 5
    assert "Candi Jago" in client.get(f"/plan?{NIGHT}&lang=en&approach=tumpang").text


def test_the_second_tab_answers_for_a_time_to_leave(client: FlaskClient) -> None:
    page = client.get(f"/plan?{NIGHT}&lang=en&leave=02:00").text
    assert "Leaving Kayutangan at 02:00, the chance to be in time is" in page
    assert "Better: Jemplang, 7" in page
    assert page.count("<meter") == 6
    assert 'name="leave"' in page
    assert 'id="leave-error"' in client.get("/plan?lang=en&leave=13:00").text
    shut = client.get("/plan?lang=en&date=2026-12-09&leave=02:00").text
    assert "Wulan Kapitu" in shut
    empty = client.get("/plan?lang=en&leave=").text
    assert '<span class="big">00:25</span>' in empty
    assert 'name="leave"' not in empty
    assert "This time is over." in client.get("/plan?lang=en&date=2026-11-24&leave=02:00").text


def test_a_plan_that_is_late_says_what_leaving_now_is_worth(client: FlaskClient, at: Clock) -> None:
    at.instant = at.instant.replace(day=25, hour=0, minute=30)
    assert re.search(r"Who leaves now is in time with 8\d%\.", client.get("/plan?lang=en").text)
    at.instant = at.instant.replace(day=25, hour=3, minute=30)
    assert "Who leaves now" not in client.get("/plan?lang=en").text


def test_a_page_of_an_impossible_plan_says_what_is_possible(client: FlaskClient) -> None:
    page = client.get(f"/plan?{NIGHT}&lang=en&with=wheelchair").text
    assert "There are steps at Puncak Penanjakan" in page
    assert "with=wheelchair" in page  # the links go on with the party
    assert "Jemplang: leave at" in page
    other = client.get(f"/plan?{NIGHT}&lang=en&viewpoint=jemplang-view&approach=nongkojajar").text
    assert "This approach does not lead to this viewpoint." in other
    assert "By Tumpang: leave at" in other


REQUESTS = st.builds(
    PlanRequest,
    date=st.dates(date(2024, 10, 30), date(2027, 12, 28)),
    viewpoint=st.sampled_from(["penanjakan-1", "jemplang-view"]),
    party=st.integers(1, 100),
    foreign=st.integers(0, 100),
    approach=st.sampled_from([None, "tumpang"]),
    near=st.sampled_from([None, "critasena", Point(-7.98, 112.63)]),
    aim=st.sampled_from(Aim),
    companions=st.sampled_from([(), (Companion.CHILD,), (Companion.CHILD, Companion.WHEELCHAIR)]),
    subuh=st.booleans(),
    leave=st.sampled_from([None, time(0), time(2), time(23, 5)]),
)


@hypothesis.settings(max_examples=100, deadline=None)
@given(REQUESTS)
def test_a_shared_address_asks_the_same(asked: PlanRequest) -> None:
    assert parse(PlanPageQuery, MultiDict(written(asked))).request(date(2026, 1, 1)) == asked


def test_the_shared_address_is_short_and_fixes_the_date(client: FlaskClient) -> None:
    page = client.get("/plan?party=2&foreign=0&approach=&near=&aim=colours&lang=en").text
    assert 'data-address="/plan?date=2026-11-25"' in page
    full = client.get("/plan?party=5&near=critasena&with=child&stop=subuh").text
    assert 'data-address="/plan?date=2026-11-25&amp;party=5&amp;near=critasena&amp;with=child&amp;stop=subuh"' in full


# Take it along ------------------------------------------------------------------------------------------------------


def calendar(client: FlaskClient, query: str) -> Any:
    answer = client.get(f"/plan.ics?{query}")
    assert answer.mimetype == "text/calendar"
    return Calendar.from_ical(answer.get_data())


def test_the_calendar_has_the_time_to_leave_its_zone_and_two_alarms(client: FlaskClient) -> None:
    found = calendar(client, f"{NIGHT}&near=critasena&lang=en")
    event = found.events[0]
    plan = get(client, f"/api/v1/plan?{NIGHT}&near=critasena")
    assert event.start == datetime.fromisoformat(plan["leave_at"])
    assert event.end == datetime.fromisoformat(plan["sunrise"])
    assert [zone["TZID"] for zone in found.timezones] == ["Asia/Jakarta"]
    walk = next(leg for leg in plan["legs"] if leg["step"] == "walk_to_pickup")
    up = datetime.fromisoformat(walk["start"]) - event.start
    triggers = [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")]
    assert triggers == [up - timedelta(minutes=30), up]
    assert "23:53" in event["DESCRIPTION"]
    assert event["URL"] == "http://localhost/plan?date=2026-12-05&near=critasena"


def test_the_same_question_is_the_same_event_and_new_data_a_later_one(client: FlaskClient) -> None:
    one, other = (calendar(client, f"{NIGHT}&lang={lang}").events[0] for lang in ("id", "en"))
    assert one["UID"] == other["UID"]
    assert one["SUMMARY"] != other["SUMMARY"]
    assert one["SEQUENCE"] == other["SEQUENCE"] > 0
    for query in (f"{NIGHT}&party=4", "date=2026-12-06", f"{NIGHT}&viewpoint=mentigen"):
        assert calendar(client, query).events[0]["UID"] != one["UID"]


def test_the_map_file_has_the_places_in_order(client: FlaskClient) -> None:
    answer = client.get(f"/plan.gpx?{NIGHT}&approach=tumpang&lang=en")
    assert answer.mimetype == "application/gpx+xml"
    assert 'filename="bromo-2026-12-05.gpx"' in answer.headers["Content-Disposition"]
    found = gpxpy.parse(answer.text)
    names = [point.name for point in found.waypoints]
    assert names[0] == "Kayutangan"
    assert names[-1] == "Puncak Penanjakan"
    assert [point.name for point in found.routes[0].points] == names
    assert "± 500 m" in (found.waypoints[-1].description or "")


@pytest.mark.parametrize("path", ["/plan.ics", "/plan.gpx"])
def test_there_is_nothing_to_take_along_from_a_closed_night(client: FlaskClient, path: str) -> None:
    assert client.get(f"{path}?date=2026-12-09").status_code == 404
    assert client.get(f"{path}?party=0").status_code == 422


def test_the_worker_may_fetch_from_here_and_is_asked_for_anew(client: FlaskClient) -> None:
    answer = client.get("/sw.js")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"
    assert client.get("/offline").status_code == 200


def test_links_of_the_page_lead_to_answers(client: FlaskClient) -> None:
    for query in (f"{NIGHT}&lang=en", "date=2026-12-09&lang=en", f"{NIGHT}&lang=en&leave=02:00"):
        page = client.get(f"/plan?{query}").text
        links = {href.replace("&amp;", "&") for href in re.findall(r'href="(/plan[^"]*)"', page)}
        assert len(links) > 3
        for link in links:
            assert client.get(link).status_code == 200, link
            assert dict(parse_qsl(urlsplit(link).query))["lang"]

import json
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import shapely
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from tests.conftest import Clock
from tourism.app import create_app, make_ports
from tourism.config import Settings
from tourism.services.ports import Ports


def get(client: FlaskClient, path: str, status: int = 200) -> dict[str, object]:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    found: dict[str, object] = json.loads(answer.text)
    return found


def test_a_plan_has_the_documented_fields(client: FlaskClient) -> None:
    found = get(client, "/api/v1/plan?date=2026-12-05&viewpoint=penanjakan-1&party=4&near=critasena&lang=en")
    assert found["status"] == "ok"
    assert found["service_date"] == "2026-12-05"
    assert found["sunrise"] == "2026-12-05T05:02:00+07:00"
    assert found["in_place_by"] == "2026-12-05T04:12:00+07:00"
    assert found["leave_at"] == "2026-12-04T23:53:00+07:00"
    legs = found["legs"]
    assert isinstance(legs, list)
    assert {"mode", "from", "to", "start", "end", "distance_m"} <= set(legs[0])
    assert [leg["mode"] for leg in legs[:3]] == ["wait", "walk", "wait"]
    assert (legs[0]["from"], legs[1]["to"]) == ("critasena", "gedung-parkir")
    assert found["tickets"]["total_idr"] == 316_000  # type: ignore[index]


def test_tonight_is_the_default_night(client: FlaskClient, at: Clock) -> None:
    assert get(client, "/api/v1/plan")["service_date"] == "2026-11-25"
    at.instant = at.instant.replace(day=25, hour=6)
    assert get(client, "/api/v1/plan")["service_date"] == "2026-11-26"


def test_closed_and_impossible_are_answers(client: FlaskClient) -> None:
    closed = get(client, "/api/v1/plan?date=2026-12-09")
    assert (closed["status"], closed["reason"], closed["leave_at"]) == ("closed", "SITE_CLOSED", None)
    assert closed["nearest_open"] == "2026-12-10"
    impossible = get(client, "/api/v1/plan?viewpoint=jemplang-view&approach=nongkojajar")
    assert (impossible["status"], impossible["reason"], impossible["legs"]) == ("impossible", "NO_APPROACH", [])


@pytest.mark.parametrize(
    ("query", "status", "field", "code"),
    [
        ("date=tomorrow", 400, "date", "NOT_A_DATE"),
        ("date=2026-02-30", 400, "date", "NOT_A_DATE"),
        ("date=0", 400, "date", "NOT_A_DATE"),
        ("date=", 400, "date", "NOT_A_DATE"),
        ("party=two", 400, "party", "NOT_A_NUMBER"),
        ("party=4.0", 400, "party", "NOT_A_NUMBER"),
        ("party=%D9%A4", 400, "party", "NOT_A_NUMBER"),
        ("party=2&party=3", 400, "party", "GIVEN_TWICE"),
        ("partly=2", 400, "partly", "UNKNOWN_PARAMETER"),
        ("near=a%20b", 400, "near", "NOT_A_PLACE"),
        ("near=" + "x" * 500, 400, "near", "TOO_LONG"),
        ("date=2024-10-29", 422, "date", "DATE_OUT_OF_RANGE"),
        ("date=2027-12-31", 422, "date", "DATE_OUT_OF_RANGE"),
        ("date=9999-12-31", 422, "date", "DATE_OUT_OF_RANGE"),
        ("date=0001-01-01", 422, "date", "DATE_OUT_OF_RANGE"),
        ("viewpoint=everest", 422, "viewpoint", "UNKNOWN_VIEWPOINT"),
        ("approach=sea", 422, "approach", "UNKNOWN_APPROACH"),
        ("aim=noon", 422, "aim", "NOT_A_CHOICE"),
        ("lang=fr", 422, "lang", "NOT_A_CHOICE"),
        ("party=0", 422, "party", "PARTY_OUT_OF_RANGE"),
        ("party=-1", 422, "party", "PARTY_OUT_OF_RANGE"),
        ("party=10000", 422, "party", "PARTY_OUT_OF_RANGE"),
        ("party=2&foreign=3", 422, "foreign", "FOREIGN_OUT_OF_RANGE"),
        ("near=nowhere", 422, "near", "UNKNOWN_PLACE"),
        ("near=48.85,2.35", 422, "near", "OUTSIDE_INDONESIA"),
        ("near=112.63,-7.98", 422, "near", "OUTSIDE_INDONESIA"),
        ("near=-6.2,106.8", 422, "near", "TOO_FAR"),
    ],
)
def test_bad_input_is_a_problem_that_names_the_field(
    client: FlaskClient, query: str, status: int, field: str, code: str
) -> None:
    answer = client.get(f"/api/v1/plan?{query}")
    assert answer.mimetype == "application/problem+json"
    found = get(client, f"/api/v1/plan?{query}", status)
    assert set(found) == {"type", "title", "status", "code", "detail", "errors"}
    assert found["status"] == status
    assert (field, code) in [(e["field"], e["code"]) for e in found["errors"]]  # type: ignore[attr-defined]


def test_every_wrong_field_is_named_at_once(client: FlaskClient) -> None:
    found = get(client, "/api/v1/plan?viewpoint=x&party=0&date=2000-01-01&lang=en", 422)
    assert [e["field"] for e in found["errors"]] == ["date", "viewpoint", "party"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("from=22", 400, "from"),
        ("from=25:00", 400, "from"),
        ("from=23:00&until=22:30", 422, "until"),
        ("from=23:00&until=23:00", 422, "until"),
        ("need=sauna", 422, "need"),
        ("from=03:00", 422, "from"),
        ("start=22:30", 400, "start"),
        ("night=2000-01-01", 422, "night"),
        ("from=22:30Z", 400, "from"),
        ("from=0001-01-01T00:00&until=0001-01-01T02:00", 422, "from"),
        ("until=9999-12-31T23:59", 422, "until"),
        ("from=2026-11-24T22:30%2B99:00", 400, "from"),
        ("party=0", 422, "party"),
        ("party=101", 422, "party"),
        ("party=five", 400, "party"),
        ("max_walk_min=0", 422, "max_walk_min"),
        ("max_walk_min=61", 422, "max_walk_min"),
    ],
)
def test_bad_windows_are_refused(client: FlaskClient, query: str, status: int, field: str) -> None:
    found = get(client, f"/api/v1/spots?{query}", status)
    assert [e["field"] for e in found["errors"]] == [field]  # type: ignore[attr-defined]


def test_spots_default_to_the_window_people_wait_in(client: FlaskClient) -> None:
    found = get(client, "/api/v1/spots")
    assert found["from"] == "2026-11-24T22:00:00+07:00"
    assert found["until"] == found["leave_at"] == "2026-11-25T00:25:00+07:00"
    assert found["count"] == len(found["spots"]) == 8  # type: ignore[arg-type]
    assert len(found["left_out"]) == 33  # type: ignore[arg-type]


def test_every_venue_left_out_has_its_reasons_and_every_spot_its_score(client: FlaskClient) -> None:
    found: Any = get(client, "/api/v1/spots?need=toilet,indoor&party=5&max_walk_min=15&lang=en")
    assert found["spots"] == []
    assert (found["party"], found["need"], found["max_walk_min"]) == (5, ["toilet", "indoor"], 15)
    reasons = {s["id"]: [r["text"] for r in s["reasons"]] for s in found["left_out"]}
    assert reasons["critasena"] == ["no seats for 5 known", "Toilet unknown", "Indoor seats unknown"]
    assert reasons["sarinah"] == ["hours unknown", "no seats for 5 known", "Toilet unknown"]
    assert reasons["titik-koma-kayutangan"][0] == "closes 23:00"
    assert {s["group"] for s in found["left_out"] if s["id"] == "titik-koma-kayutangan"} == {"out"}
    assert all(spot["reasons"] for spot in found["left_out"])
    fit: Any = get(client, "/api/v1/spots")
    for spot in fit["spots"]:
        assert spot["reasons"] == []
        assert spot["score"] == pytest.approx(sum(fit["weights"][t] * v for t, v in spot["terms"].items()), abs=0.2)


def test_a_spot_has_its_walk_to_every_pickup_its_rule_and_its_evidence(client: FlaskClient) -> None:
    found: Any = get(client, "/api/v1/spots")
    spots = {s["id"]: s for s in found["spots"]}
    assert [w["to"] for w in spots["critasena"]["walks"]] == [
        "gedung-parkir", "alun-alun-tugu", "stasiun-malang", "alun-alun-merdeka",
    ]  # fmt: skip
    assert spots["critasena"]["walk_m"] == spots["critasena"]["walks"][0]["metres"]
    assert (spots["critasena"]["rule"], spots["critasena"]["age"]) == ("24/7", "fresh")
    assert spots["critasena"]["facts"] == {}


def test_instants_are_windows_too_and_a_day_is_the_longest(client: FlaskClient) -> None:
    found = get(client, "/api/v1/spots?from=2026-11-24T22:30&until=2026-11-24T18:00:00Z")
    assert (found["from"], found["until"]) == ("2026-11-24T22:30:00+07:00", "2026-11-24T18:00:00+00:00")
    again = get(client, "/api/v1/spots?from=2026-11-24T22:30:00+07:00&until=2026-11-25T01:00")
    assert [s["id"] for s in again["spots"]] == [s["id"] for s in found["spots"]]  # type: ignore[attr-defined]
    long = get(client, "/api/v1/spots?from=2026-11-24T22:30&until=2026-11-25T22:31", 422)
    assert long["code"] == "WINDOW_TOO_LONG"


def test_isochrones_are_areas_and_of_nowhere_they_are_empty(client: FlaskClient) -> None:
    found: Any = get(client, "/api/v1/isochrones.geojson?near=gedung-parkir&minutes=5,10,15")
    areas = [shapely.geometry.shape(f["geometry"]) for f in found["features"]]
    assert [f["properties"]["max_walk_min"] for f in found["features"]] == [15, 10, 5]
    assert areas[0].area > areas[1].area > areas[2].area > 0
    away: Any = get(client, "/api/v1/isochrones.geojson?near=-7.5,112.63")
    assert all(shapely.geometry.shape(f["geometry"]).is_empty for f in away["features"])
    for query, status in (("", 400), ("near=x y", 400), ("near=nowhere", 422), ("near=kayutangan&minutes=0", 422),
                          ("near=kayutangan&minutes=a", 400), ("near=kayutangan&minutes=", 400)):  # fmt: skip
        assert get(client, f"/api/v1/isochrones.geojson?{query}", status)["status"] == status


def test_the_zone_grows_with_the_walk(client: FlaskClient) -> None:
    def area(query: str) -> float:
        found: Any = get(client, f"/api/v1/zone.geojson?{query}")
        return float(shapely.geometry.shape(found["features"][0]["geometry"]).area)

    assert area("max_walk_min=5") < area("") < area("max_walk_min=10")


def test_geojson_has_the_same_spots_and_answers_304(client: FlaskClient) -> None:
    found: Any = get(client, "/api/v1/spots?lang=en")
    answer = client.get("/api/v1/spots.geojson?lang=en")
    features = json.loads(answer.text)["features"]
    assert answer.mimetype == "application/geo+json"
    assert [f["id"] for f in features] == [s["id"] for s in [*found["spots"], *found["left_out"]]]
    assert features[0]["properties"] == found["spots"][0]
    assert found["left_out"][-1].items() <= features[-1]["properties"].items()
    assert features[0]["geometry"]["coordinates"] == [112.6312, -7.9768]
    again = client.get("/api/v1/spots.geojson?lang=en", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_an_answer_depends_on_query_language_and_night_alone(client: FlaskClient, at: Clock) -> None:
    first = client.get("/api/v1/plan").headers["ETag"]
    assert client.get("/api/v1/plan").headers["ETag"] == first
    assert client.get("/api/v1/plan", headers={"Accept-Language": "en"}).headers["ETag"] != first
    at.instant = at.instant.replace(day=25, hour=6)
    assert client.get("/api/v1/plan").headers["ETag"] != first


def test_one_answer_does_not_leak_headers_into_the_next(client: FlaskClient) -> None:
    """A shared headers object once sent Content-Encoding with bodies that were not compressed."""
    client.get("/api/v1/spots.geojson", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in client.get("/api/v1/viewpoints").headers


def test_viewpoints_say_how_well_they_are_known(client: FlaskClient) -> None:
    found = get(client, "/api/v1/viewpoints")["viewpoints"]
    assert isinstance(found, list)
    assert found[0]["id"] == "penanjakan-1"
    assert found[0]["uncertainty_m"] == 500
    assert found[0]["approaches"] == ["tumpang", "nongkojajar", "probolinggo"]


def test_the_language_is_chosen_by_parameter_then_header_then_indonesian(client: FlaskClient) -> None:
    def text(query: str = "", **headers: str) -> str:
        answer = client.get(f"/api/v1/plan?date=2026-12-09{query}", headers=headers)
        return str(json.loads(answer.text)["reason_text"])[:7]

    assert text() == "Ditutup"
    assert text(**{"Accept-Language": "en-US,en"}) == "Closed "
    assert text(**{"Accept-Language": "fr"}) == "Ditutup"
    assert text("&lang=id", **{"Accept-Language": "en"}) == "Ditutup"
    assert text(**{"Accept-Language": "id-ID,en;q=0.5"}) == "Ditutup"
    assert text(**{"Accept-Language": "en-US,id;q=0.1"}) == "Closed "
    assert text(**{"Accept-Language": "id;q=0,in;q=0,en;q=0.1"}) == "Closed "


def test_errors_are_not_kept_and_can_be_read_from_any_site(client: FlaskClient) -> None:
    headers = client.get("/api/v1/plan?date=x").headers
    assert (headers["Cache-Control"], headers["Access-Control-Allow-Origin"]) == ("no-store", "*")
    assert "Accept-Language" in headers["Vary"]


def test_long_queries_are_answered_but_not_kept(client: FlaskClient) -> None:
    assert client.get("/api/v1/viewpoints?" + "&" * 5000).status_code == 200
    found = client.application.extensions["tourism"][1].get().kept
    assert not any(b"&&" in key[1] for key in found._answers)


def test_unknown_addresses_and_methods_are_problems_too(client: FlaskClient) -> None:
    assert get(client, "/api/v1/nothing", 404)["code"] == "NOT_FOUND"
    answer = client.post("/api/v1/plan")
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert "GET" in answer.headers["Allow"]


def test_a_bug_is_a_problem_without_its_traceback(client: FlaskClient) -> None:
    def broken() -> str:
        raise ZeroDivisionError("secret")

    client.application.add_url_rule("/api/v1/broken", view_func=broken)
    answer = client.get("/api/v1/broken")
    assert (answer.status_code, json.loads(answer.text)["code"]) == (500, "INTERNAL")
    assert "secret" not in answer.text


def test_without_a_database_the_answer_says_so_and_asks_to_retry(ports: Ports, tmp_path: object) -> None:
    empty = Settings(f"sqlite:///{tmp_path}/empty.sqlite")
    client = create_app(empty, replace(make_ports(empty), now=ports.now)).test_client()
    for path in ("/api/v1/plan", "/", "/readyz"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert "tourism init" in answer.text
    assert client.get("/healthz").status_code == 200


def test_the_description_needs_no_database_and_takes_no_other_parameters(client: FlaskClient) -> None:
    assert get(client, "/api/v1/openapi.json?foo=1", 400)["code"] == "UNKNOWN_PARAMETER"


def test_the_description_is_valid_openapi_and_complete(client: FlaskClient) -> None:
    found = get(client, "/api/v1/openapi.json")
    validate(found)
    assert found["openapi"] == "3.1.0"
    paths = found["paths"]
    assert isinstance(paths, dict)
    rules = {r.rule for r in client.application.url_map.iter_rules() if r.rule.startswith("/api/v1/")}
    assert set(paths) == {re.sub("<(.*?)>", r"{\1}", rule) for rule in rules} - {"/api/v1/openapi.json", "/api/v1/docs"}
    parameters = {p["name"] for p in paths["/api/v1/plan"]["get"]["parameters"]}
    assert parameters == {"date", "viewpoint", "party", "foreign", "approach", "near", "aim", "with", "stop", "lang"}
    assert "from" in {p["name"] for p in paths["/api/v1/spots"]["get"]["parameters"]}


def test_the_documentation_page_needs_nobody_else(client: FlaskClient) -> None:
    page = client.get("/api/v1/docs").text
    assert "/api/v1/spots.geojson" in page
    assert "<script" not in page


def test_dates_at_the_edge_of_the_range_are_answered(client: FlaskClient) -> None:
    for day in (date(2024, 10, 30), date(2027, 12, 29)):
        assert get(client, f"/api/v1/plan?date={day}")["status"] == "ok"

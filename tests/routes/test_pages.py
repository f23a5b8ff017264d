import gzip
import json
import logging
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import Clock
from tourism.routes.health import JsonLines


def test_the_map_page_says_until_when_and_lists_every_spot(client: FlaskClient) -> None:
    page = client.get("/?lang=en").text
    assert "Wait until 00:25" in page
    assert page.count('<li id="spot-') == 41
    assert "open all through" in page
    assert "closes 23:00" in page
    assert "hours unknown" in page
    assert "(straight line)" in page


def test_filters_work_without_javascript(client: FlaskClient) -> None:
    page = client.get("/?lang=en&need=toilet&need=indoor&from=22:30&until=").text
    assert page.count('" checked>') == 2
    assert "Toilet unknown" in page
    assert "Waiting from 22:30 to 00:25" in page


def test_a_bad_field_is_told_beside_it_and_the_page_still_helps(client: FlaskClient) -> None:
    answer = client.get("/?lang=en&from=25:99")
    assert answer.status_code == 400
    assert 'id="from-error"' in answer.text
    assert 'aria-describedby="from-error"' in answer.text
    assert answer.text.count('<li id="spot-') == 41


@pytest.mark.parametrize(
    ("query", "status", "field", "text"),
    [
        ("party=0", 422, "party", "A party has 1 to 100 people."),
        ("party=x", 400, "party", "Write a whole number."),
        ("date=2030-01-01", 422, "date", "Choose a date from"),
        ("viewpoint=everest", 422, "viewpoint", "There is no viewpoint everest."),
        ("near=48.85,2.35", 422, "near", "outside Indonesia"),
        ("foo=1", 400, "", "There is no such parameter."),
    ],
)
def test_the_plan_page_tells_each_mistake_beside_its_field(
    client: FlaskClient, query: str, status: int, field: str, text: str
) -> None:
    answer = client.get(f"/plan?lang=en&{query}")
    assert answer.status_code == status
    assert text in answer.text
    assert (f'id="{field}-error"' in answer.text) is bool(field)


def test_the_plan_page_has_the_time_to_leave_the_price_and_the_warnings(client: FlaskClient) -> None:
    page = client.get("/plan?date=2026-12-05&party=4&approach=").text
    assert '<span class="big">23.53</span>' in page
    assert "Rp316.000" in page
    assert "Beli tiket sebelum menunggu" in page
    assert "Sabtu, 5 Desember 2026" in page or "Sabtu, 05 Desember 2026" in page


def test_a_closed_night_says_so_first_and_links_to_the_nearest_open_date(client: FlaskClient) -> None:
    page = client.get("/plan?date=2026-12-09&lang=en").text
    assert page.index("Puncak Penanjakan is closed") < page.index("Your trip")
    assert "Seruni Point: leave at 00:07" in page
    assert "Wulan Kapitu (start)" in page
    assert "date=2026-12-10" in page
    home = client.get("/?night=2026-12-09&lang=en").text
    assert "Puncak Penanjakan is closed" in home
    assert "Jemplang: leave at 02:10" in home
    assert "Thursday, 10 December 2026" in home


def test_after_the_time_to_leave_the_page_says_what_is_still_within_reach(client: FlaskClient, at: Clock) -> None:
    at.instant = at.instant.replace(day=25, hour=1, minute=30)
    page = client.get("/?lang=en").text
    assert "Too late for Puncak Penanjakan" in page
    assert "Jemplang: leave at 02:07" in page


def test_late_at_night_the_list_is_of_who_is_open_from_now_on(client: FlaskClient, at: Clock) -> None:
    at.instant = at.instant.replace(day=25, hour=1, minute=30)
    page = client.get("/?lang=en").text
    assert "Waiting from 01:30 to 02:07" in page
    assert 'name="until" value="02:07"' in page
    assert "Waiting from 22:00 to 00:25" in client.get("/?lang=en&from=22:00&until=00:25").text


def test_a_plan_that_can_no_longer_be_followed_says_so(client: FlaskClient, at: Clock) -> None:
    at.instant = at.instant.replace(day=25, hour=1, minute=30)
    late = client.get("/plan?lang=en").text
    assert "Too late for Puncak Penanjakan" in late
    assert "Jemplang: leave at 02:07" in late
    for path in ("/plan?lang=en&date=2025-11-05", "/?lang=en&night=2025-01-10"):
        assert "This night is over" in client.get(path).text


def test_a_position_that_was_asked_for_stays_in_the_form(client: FlaskClient) -> None:
    page = client.get("/plan?near=-7.98,112.63").text
    assert '<option value="-7.98,112.63" selected>' in page


def test_a_filter_does_not_hide_a_venues_own_page(client: FlaskClient) -> None:
    assert client.get("/spots/critasena?need=toilet").status_code == 200


def test_a_venue_page_says_what_is_known_and_how_old_that_is(client: FlaskClient) -> None:
    page = client.get("/spots/critasena?lang=en").text
    assert "24 jam" in page
    assert "public cafe list 2026-05" in page
    assert "checked 6 months ago" in page
    assert "/plan?near=critasena" in page
    unknown = client.get("/spots/toko-oen?lang=en").text
    assert "Not known" in unknown
    assert "Seats · Toilet · " in unknown


def test_a_page_that_is_not_there_says_what_to_do(client: FlaskClient) -> None:
    for path in ("/spots/nowhere", "/nothing"):
        answer = client.get(f"{path}?lang=en")
        assert answer.status_code == 404
        assert "Back to tonight" in answer.text


def test_a_language_chosen_by_hand_stays_in_the_links(client: FlaskClient) -> None:
    assert 'href="/plan?lang=en"' in client.get("/?lang=en").text
    assert 'href="/plan"' in client.get("/", headers={"Accept-Language": "en"}).text


def test_headers_forbid_foreign_and_inline_scripts(client: FlaskClient) -> None:
    answer = client.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert answer.text.count(f'nonce="{nonce}"') == answer.text.count("<script") == 3
    assert nonce not in client.get("/").headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "Set-Cookie" not in answer.headers


def test_the_map_page_is_at_most_120_kb_over_the_wire(client: FlaskClient) -> None:
    page = client.get("/", headers={"Accept-Encoding": "gzip"})
    parts = [
        "/vendor/leaflet/leaflet.css",
        "/vendor/leaflet/leaflet.js",
        "/api/v1/spots.geojson?lang=id",
        "/static/map.js",
    ]
    parts += ["/static/style.css", "/static/icon.svg", "/map.js"]
    answers = [client.get(part, headers={"Accept-Encoding": "gzip"}) for part in parts]
    assert all(a.status_code == 200 for a in answers)
    sizes = [len(a.data) for a in [page, *answers]]
    assert sum(sizes) < 120_000, sizes
    assert "Critasena" in gzip.decompress(page.data).decode()


def test_assets_asked_for_by_version_are_kept_and_the_shell_is_the_same_for_the_same_data(client: FlaskClient) -> None:
    page = client.get("/").text
    version = page.split("/map.js?v=")[1].split('"')[0]
    kept = client.get(f"/map.js?v={version}")
    assert "immutable" in kept.headers["Cache-Control"]
    for unversioned in ("/map.js?v=old", "/static/style.css", "/vendor/leaflet/leaflet.js?v=old"):
        assert "immutable" not in client.get(unversioned).headers["Cache-Control"]
    for address in re.findall(r'(?:href|src)="(/(?:static|vendor)/[^"]+)"', page):
        assert "immutable" in client.get(address).headers["Cache-Control"]
    assert client.get("/map.js", headers={"If-None-Match": kept.headers["ETag"]}).status_code == 304
    assert client.get("/vendor/leaflet/../../secret").status_code == 404


def test_health_readiness_and_metrics(client: FlaskClient) -> None:
    assert client.get("/healthz").text == "ok\n"
    assert json.loads(client.get("/readyz").text)["ready"] is True
    client.get("/api/v1/plan")
    assert 'tourism_request_seconds_count{route="/api/v1/plan",status="200"}' in client.get("/metrics").text


def test_the_request_log_has_no_personal_data(client: FlaskClient, log: list[dict[str, Any]]) -> None:
    who = {"REMOTE_ADDR": "10.1.2.3", "HTTP_USER_AGENT": "secret-agent"}
    answer = client.get("/plan?near=-7.98,112.63", environ_base=who)
    line = log[-1]
    assert set(line) == {"time", "method", "route", "status", "ms", "request_id"}
    assert (line["route"], line["status"], line["method"]) == ("/plan", 200, "GET")
    assert answer.headers["X-Request-Id"] == line["request_id"]
    assert not any(secret in json.dumps(line) for secret in ("10.1.2.3", "secret-agent", "112.63"))


def test_log_lines_are_json(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.Logger("test")
    logger.addHandler(JsonLines())
    try:
        raise ValueError("broken")
    except ValueError:
        logger.exception("it\nbroke")
    line = json.loads(capsys.readouterr().err)
    assert (line["message"], line["level"]) == ("it\nbroke", "ERROR")
    assert "ValueError: broken" in line["error"]

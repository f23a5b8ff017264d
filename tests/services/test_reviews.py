import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from tests.conftest import Clock
from tourism.app import create_app, make_ports
from tourism.config import Settings
from tourism.domain.review import Verdict
from tourism.errors import NotFoundError, OutOfRangeError, TooManyError
from tourism.geo.conflation import Outcome
from tourism.geo.osm import Extract, PlaceElement
from tourism.services.osm_import import import_extract
from tourism.services.ports import Ports
from tourism.services.reviews import (
    REPORTS_A_DAY,
    REPORTS_AN_HOUR,
    decide,
    handle_reports,
    report,
    reporter_of,
    set_occupancy,
    waiting_questions,
)
from tourism.services.town import Town


@pytest.fixture
def ports(fresh: Settings, at: Clock) -> Ports:
    """Return ports on a database that a test may write to."""
    return replace(make_ports(fresh), now=at)


def town_of(ports: Ports) -> Town:
    return Town(ports.reader.read())


def test_a_report_waits_for_review_until_it_is_handled(ports: Ports) -> None:
    town = town_of(ports)
    report(ports, town, "critasena", Verdict.CHANGED, "10.0.0.1")
    report(ports, town, "critasena", Verdict.CORRECT, "10.0.0.2")
    report(ports, town, "critasena", Verdict.CORRECT, "10.0.0.1")  # the same visitor thinks again
    assert [(r.venue, r.verdict) for r in ports.reader.reports()] == [("critasena", "correct")] * 2
    assert not any("10.0" in r.reporter for r in ports.reader.reports())
    assert handle_reports(ports, "critasena") == 2
    assert list(ports.reader.reports()) == []
    with pytest.raises(NotFoundError, match="No report waits"):
        handle_reports(ports, "critasena")
    with pytest.raises(NotFoundError, match="There is no venue"):
        report(ports, town, "nowhere", Verdict.CHANGED, "10.0.0.1")


def test_one_address_is_one_visitor_however_it_is_written(ports: Ports) -> None:
    with ports.unit_of_work() as uow:
        digests = [
            reporter_of(uow, address, ports.now().date(), ports.now())
            for address in (
                "1.2.3.4",
                "::ffff:1.2.3.4",
                "::ffff:9.8.7.6",
                "2001:db8::1",
                "2001:db8::2",
                "2001:db8:1::1",
            )
        ]
    assert digests[0] == digests[1] != digests[2]
    assert digests[3] == digests[4] != digests[5]


def test_a_report_does_not_make_the_pages_new(ports: Ports) -> None:
    version = ports.reader.version()
    report(ports, town_of(ports), "critasena", Verdict.CHANGED, "10.0.0.1")
    assert ports.reader.version() == version


def test_one_visitor_and_one_venue_have_their_limits_and_time_lifts_them(ports: Ports, at: Clock) -> None:
    town = town_of(ports)
    for venue in list(town.venue)[:REPORTS_AN_HOUR]:
        report(ports, town, venue, Verdict.CHANGED, "10.0.0.1")
    with pytest.raises(TooManyError) as refused:
        report(ports, town, "critasena", Verdict.CHANGED, "10.0.0.1")
    assert refused.value.wait == timedelta(hours=1)
    at.instant += timedelta(hours=1, seconds=1)
    report(ports, town, "critasena", Verdict.CHANGED, "10.0.0.1")
    for n in range(REPORTS_A_DAY - 1):
        report(ports, town, "toko-oen", Verdict.CHANGED, f"10.0.1.{n}")
    with pytest.raises(TooManyError):
        report(ports, town, "toko-oen", Verdict.CHANGED, "10.0.2.1")


def test_a_visitor_is_another_one_the_next_day(ports: Ports, at: Clock) -> None:
    town = town_of(ports)
    report(ports, town, "critasena", Verdict.CHANGED, "10.0.0.1")
    at.instant += timedelta(days=1)
    report(ports, town, "critasena", Verdict.CHANGED, "10.0.0.1")
    assert len({r.reporter for r in ports.reader.reports()}) == 2


def near_critasena(osm_id: int, name: str, metres: float = 0) -> Extract:
    tags = {"name": name, "amenity": "cafe"}
    return Extract(SHIPPED.streets, [PlaceElement("node", osm_id, -7.9768 + metres / 110_570, 112.6312, tags)])


SHIPPED = Extract()


@pytest.fixture(autouse=True)
def shipped(ports: Ports) -> None:
    """Read the shipped streets once."""
    if not SHIPPED.streets:
        SHIPPED.streets = ports.osm.file(ports.data_files.osm_extract(), lambda _: None).streets


def test_a_doubt_is_asked_about_and_the_decision_survives_the_next_import(ports: Ports) -> None:
    import_extract(ports, near_critasena(1, "Critasena Kahuripan"), "test")
    (question,) = waiting_questions(town_of(ports))
    assert (question.listing, question.element) == ("critasena", "osm-node-1")
    assert {"critasena", "osm-node-1"} <= set(town_of(ports).venue)
    decide(ports, town_of(ports), ("critasena", "osm-node-1"), Outcome.SAME)
    for extract in (near_critasena(1, "Critasena Kahuripan", 3), near_critasena(1, "Critasena Kahuripan", 6)):
        import_extract(ports, extract, "test")
        town = town_of(ports)
        assert waiting_questions(town) == []
        assert "osm-node-1" not in town.venue
        assert town.get_venue("osm-node-1").id == "critasena"
        assert town.venue["critasena"].source_of("position").name == "OpenStreetMap"


def test_a_decision_that_they_differ_stands_against_the_rules(ports: Ports) -> None:
    import_extract(ports, near_critasena(1, "Critasena Kahuripan"), "test")
    decide(ports, town_of(ports), ("critasena", "osm-node-1"), Outcome.DIFFERENT)
    import_extract(ports, near_critasena(1, "Critasena"), "test")
    town = town_of(ports)
    assert {"critasena", "osm-node-1"} <= set(town.venue)
    assert waiting_questions(town) == []
    with pytest.raises(NotFoundError, match="no question about"):
        decide(ports, town, ("toko-oen", "osm-node-1"), Outcome.SAME)


def test_a_question_goes_with_its_record(ports: Ports) -> None:
    import_extract(ports, near_critasena(1, "Critasena Kahuripan"), "test")
    import_extract(ports, near_critasena(2, "Something Else"), "test")
    assert waiting_questions(town_of(ports)) == []


def test_occupancy_is_shown_and_goes_by_itself(ports: Ports, fresh: Settings, at: Clock) -> None:
    at.instant = at.instant.replace(hour=22, minute=10)
    ticks = [0.0]
    client = create_app(fresh, replace(ports, ticks=lambda: ticks[0]), lambda _: None).test_client()
    before = states(client)
    set_occupancy(ports, town_of(ports), "critasena", 0, "office")
    set_occupancy(ports, town_of(ports), "nayanika", 7, "office")
    ticks[0] += 2
    assert states(client)["critasena"] == ("out", "full", ["full at 22:10"])
    assert states(client)["nayanika"] == ("fits", "7 seats free", [])
    assert "full at 22:10" in client.get("/?lang=en").text
    assert "7 seats free at 22:10" in client.get("/spots/nayanika?lang=en").text
    at.instant += timedelta(minutes=31)
    assert states(client) == before
    set_occupancy(ports, town_of(ports), "critasena", None, "office")
    with pytest.raises(OutOfRangeError):
        set_occupancy(ports, town_of(ports), "critasena", -1, "office")


def states(client: FlaskClient) -> dict[str, tuple[str, str, list[str]]]:
    found = client.get("/api/v1/spots.geojson?lang=en").get_json(force=True)["features"]
    spots = [f["properties"] for f in found if f["id"] in {"critasena", "nayanika"}]
    return {p["id"]: (p["group"], p["short"], [r["text"] for r in p["reasons"]]) for p in spots}


def test_a_tap_on_the_page_is_kept_and_another_sites_form_is_not(
    ports: Ports, fresh: Settings, at: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    client = create_app(fresh, ports, lambda _: None).test_client()
    page = client.get("/spots/critasena?lang=en").text
    assert re.search(r'action="/spots/critasena/reports\?lang=en" method="post"', page)
    answer = client.post("/spots/critasena/reports?lang=en", data={"verdict": "changed"})
    assert (answer.status_code, answer.location) == (303, "/spots/critasena?said=changed&lang=en#reports")
    assert "Thank you" in client.get(answer.location).text
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        refused = client.post("/spots/critasena/reports", data={"verdict": "changed"}, headers=headers)
        assert refused.status_code == 403
    assert client.post("/spots/critasena/reports", data={"verdict": "x"}).status_code == 422
    assert client.post("/spots/critasena/reports", data={}).status_code == 400
    assert client.post("/spots/nowhere/reports", data={"verdict": "changed"}).status_code == 404
    assert len(ports.reader.reports()) == 1
    for venue in list(town_of(ports).venue)[: REPORTS_AN_HOUR + 1]:
        answer = client.post(f"/spots/{venue}/reports", data={"verdict": "changed"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert caplog.records == []

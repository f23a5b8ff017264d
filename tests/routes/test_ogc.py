"""OGC API - Features, asked by real clients: GDAL, OWSLib, and whatever reads its links."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from owslib.ogcapi.features import Features

from tests.office import app, ports
from tests.servers import serving
from tourism.domain.departure import Template, Vehicle
from tourism.domain.listing import LISTING
from tourism.domain.record import Line, Record, Step
from tourism.domain.sharing import Origin
from tourism.geo.crs import to_degrees, to_metres
from tourism.services.changes import KeyWish, add_key
from tourism.services.departures import Action
from tourism.services.ogc import COLLECTIONS, CRS, Asked, Table, select
from tourism.services.ports import Ports
from tourism.services.timetable import publish
from tourism.services.town import Town

__all__ = ["app", "ports"]


NS = "http://www.opengis.net/def/crs/"
UTM = f"{NS}EPSG/0/32749"


@pytest.fixture
def key(ports: Ports) -> dict[str, str]:
    """Return the header of a key that may ask often."""
    secret = add_key(ports, KeyWish("test", "kota-batu", "read", 1000), "test").secret
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def client(app: Flask, key: dict[str, str]) -> Iterator[FlaskClient]:
    """Return a client with that key."""
    with app.test_client() as found:
        found.environ_base["HTTP_AUTHORIZATION"] = key["Authorization"]
        yield found


def fill(ports: Ports, count: int) -> None:
    """Publish made-up listings."""
    changes = []
    for n in range(count):
        before = Record(LISTING, f"venue-{n:05}")
        fields = {
            "name": f"Kafe {n}", "kind": "cafe", "municipality": "kota-batu", "lat": f"{-7.85 - n % 500 / 5000:.4f}",
            "lon": f"{112.5 + n // 500 / 500:.3f}", "source": "made up", "seats": f"{n}; visit; 2026-11-01",
        }  # fmt: skip
        after = before.with_published(fields)
        changes.append((before, after, Line(ports.now(), "x", LISTING, after.key, 1, Step.PUBLISH, None, after.live)))
    with ports.unit_of_work() as uow:
        uow.office.put_records(changes, {})
        uow.commit()


def get(client: FlaskClient, path: str, status: int = 200) -> dict[str, object]:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    found: dict[str, object] = answer.get_json(force=True)
    return found


def test_every_link_leads_somewhere_and_says_what_it_is(client: FlaskClient) -> None:
    seen, todo = set[str](), ["/ogc"]
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code == 200, path
        if not str(answer.mimetype).endswith("json"):
            assert answer.mimetype == "text/html"
            continue
        document = answer.get_json(force=True)
        within = (link for one in document.get("collections", []) for link in one["links"])
        for link in (*document.get("links", []), *within):
            if link["href"].startswith("http://localhost/"):
                target = urlsplit(link["href"])
                todo.append(f"{target.path}?{target.query}" if target.query else target.path)
                kind = client.get(todo[-1]).mimetype
                assert link["type"].startswith(kind), (path, link)
    assert len(seen) > 40


def test_the_links_that_qgis_needs(client: FlaskClient) -> None:
    landing = get(client, "/ogc")
    links: list[dict[str, str]] = landing["links"]  # type: ignore[assignment]
    by_rel = {link["rel"]: link for link in links}
    assert by_rel["service-desc"]["type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert {"data", "conformance", "self", "alternate", "service-doc"} <= by_rel.keys()
    conforms = get(client, "/ogc/conformance")["conformsTo"]
    for part in ("1/1.0/conf/core", "1/1.0/conf/geojson", "1/1.0/conf/oas30", "1/1.0/conf/html", "2/1.0/conf/crs"):
        assert f"http://www.opengis.net/spec/ogcapi-features-{part}" in conforms  # type: ignore[operator]
    assert not any("." in name for name in COLLECTIONS)


def test_the_description_is_openapi_and_has_every_address(client: FlaskClient) -> None:
    document = get(client, "/ogc/api")
    validate(document)
    paths: dict[str, object] = document["paths"]  # type: ignore[assignment]
    assert {f"/collections/{name}/items" for name in COLLECTIONS} <= paths.keys()
    operation = paths["/collections/venues/items"]["get"]  # type: ignore[index]
    for parameter in ("kind", "uuid"):
        assert parameter in {one.get("name") for one in operation["parameters"]}


def test_pages_follow_each_other_and_have_everything_once(client: FlaskClient, ports: Ports) -> None:
    fill(ports, 95)
    seen, path = list[str](), "/ogc/collections/venues/items?limit=20"
    while path:
        page = get(client, path)
        features: list[dict[str, str]] = page["features"]  # type: ignore[assignment]
        assert page["numberReturned"] == len(features) <= 20
        seen += [one["id"] for one in features]
        links: list[dict[str, str]] = page["links"]  # type: ignore[assignment]
        path = next((link["href"].removeprefix("http://localhost") for link in links if link["rel"] == "next"), "")
    assert len(seen) == len(set(seen)) == page["numberMatched"]
    assert sum(one.startswith("venue-") for one in seen) == 95


def test_what_is_added_meanwhile_shifts_no_page(client: FlaskClient, ports: Ports) -> None:
    fill(ports, 30)
    first = get(client, "/ogc/collections/venues/items?limit=25")
    ids = [one["id"] for one in first["features"]]  # type: ignore[attr-defined]
    before = Record(LISTING, "aaa")
    after = before.with_published(
        {"name": "A", "kind": "cafe", "municipality": "kota-batu", "lat": "-7.9", "lon": "112.5", "source": "x"}
    )
    with ports.unit_of_work() as uow:
        uow.office.put_record(before, after, Line(ports.now(), "x", LISTING, "aaa", 1, Step.PUBLISH, None, after.live))
        uow.commit()
    links: list[dict[str, str]] = first["links"]  # type: ignore[assignment]
    following = next(link["href"] for link in links if link["rel"] == "next").removeprefix("http://localhost")
    later = [one["id"] for one in get(client, following)["features"]]  # type: ignore[attr-defined]
    assert not set(ids) & set(later)


def test_features_are_found_by_box_property_and_time(client: FlaskClient, ports: Ports) -> None:
    fill(ports, 50)
    path = "/ogc/collections/venues/items"
    assert get(client, f"{path}?municipality=kota-batu")["numberMatched"] == 50
    assert get(client, f"{path}?name=Kafe%207&kind=cafe")["numberMatched"] == 1
    assert get(client, f"{path}?seats=7")["numberMatched"] == 1
    assert get(client, f"{path}?municipality=kota-batu&kind=hotel")["numberMatched"] == 0
    assert get(client, f"{path}?bbox=112.49,-7.8511,112.51,-7.8499")["numberMatched"] == 6
    assert get(client, f"{path}?bbox=112.49,-7.8511,0,112.51,-7.8499,9")["numberMatched"] == 6
    turned = f"bbox=-7.8511,112.49,-7.8499,112.51&bbox-crs={NS}EPSG/0/4326"
    assert get(client, f"{path}?{turned}")["numberMatched"] == 6
    (west, south), (east, north) = to_metres(lat=[-7.8511, -7.8499], lon=[112.49, 112.51]).tolist()
    assert get(client, f"{path}?bbox={west},{south},{east},{north}&bbox-crs={UTM}")["numberMatched"] == 6
    assert get(client, f"{path}?datetime=2026-01-01/..")["numberMatched"] == 85  # listings have no time


def test_coordinates_come_in_the_crs_that_is_asked_for(client: FlaskClient) -> None:
    answers = {}
    for crs in CRS:
        answer = client.get(f"/ogc/collections/venues/items/critasena?crs={crs}")
        assert answer.headers["Content-Crs"] == f"<{crs}>"
        answers[crs] = answer.get_json()["geometry"]["coordinates"]
    lon, lat = answers[f"{NS}OGC/1.3/CRS84"]
    assert answers[f"{NS}EPSG/0/4326"] == [lat, lon]
    (back,) = to_degrees(to_metres(lat=[lat], lon=[lon]))
    assert answers[UTM] == pytest.approx(to_metres(lat=[lat], lon=[lon])[0].tolist(), abs=0.01)
    assert back == pytest.approx([lon, lat], abs=1e-6)
    zone = client.get(f"/ogc/collections/zones/items/kota-malang?crs={UTM}").get_json()
    assert zone["geometry"]["coordinates"][0][0][0] > 600_000


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "limit=-1", "bbox=1,2,3", "bbox=1,2,3,x", "bbox=nan,1,2,3", "bbox=1,9,2,3", "bbox-crs=x",
     "crs=EPSG:4326", "datetime=yesterday", "datetime=2026-12-01/2026-11-01", "seats=many", "kind=spaceport",
     "nothing=1", "f=xml", "limit=1&limit=2", "name=" + "x" * 300, "passed-on=perhaps", "seats=nan"],
)  # fmt: skip
def test_what_cannot_be_read_is_said(client: FlaskClient, query: str) -> None:
    problem = client.get(f"/ogc/collections/venues/items?{query}&lang=en")
    assert problem.status_code == 400
    assert problem.mimetype == "application/problem+json"
    assert problem.get_json()["errors"]


def test_what_is_not_there_is_404_in_the_form_that_was_asked_for(client: FlaskClient) -> None:
    for path in ("/ogc/collections/nope", "/ogc/collections/venues/items/nope", "/ogc/nope"):
        assert client.get(path).mimetype == "application/problem+json"
        page = client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
        assert (page.status_code, page.mimetype) == (404, "text/html")


def test_a_page_for_people(client: FlaskClient) -> None:
    for path in ("", "/collections", "/collections/venues", "/collections/venues/items?limit=3", "/conformance", "/api",
                 "/collections/venues/queryables", "/collections/venues/items/critasena"):  # fmt: skip
        page = client.get(f"/ogc{path}", headers={"Accept": "text/html,application/xhtml+xml"})
        assert (page.status_code, page.mimetype) == (200, "text/html"), path
    assert 'rel="next"' in client.get("/ogc/collections/venues/items?limit=3&f=html").text
    assert "Critasena" in client.get("/ogc/collections/venues/items?f=html").text


def test_departures_have_times_and_are_found_by_them(client: FlaskClient, ports: Ports) -> None:
    night = ports.now().date().replace(day=28)
    line = Template(
        "Jeeps & Co", "J", Vehicle.JEEP, 6, "alun-alun-merdeka", "penanjakan-1", "tumpang", night, night, number=3
    )
    publish(Action(ports, Town(ports.reader.read()), "x"), [line])
    path = "/ogc/collections/departures/items"
    found: list[dict[str, dict[str, object]]] = get(client, path)["features"]  # type: ignore[assignment]
    assert [one["properties"]["seats_left"] for one in found] == [6, 6, 6]
    assert get(client, f"{path}?datetime=2026-11-27T12:00:00Z/..")["numberMatched"] == 3
    assert get(client, f"{path}?datetime=2026-11-28T12:00:00Z/..")["numberMatched"] == 0
    assert get(client, f"{path}?datetime=2026-11-27")["numberMatched"] == 3
    assert get(client, f"{path}?seats=6&own=false")["numberMatched"] == 3
    assert client.get(path).headers["Cache-Control"] == "no-cache"


def test_what_came_from_elsewhere_is_passed_on_only_when_asked(client: FlaskClient, ports: Ports) -> None:
    before = Record(LISTING, "theirs", uuid="6ba7b810-9dad-11d1-80b4-00c04fd430c8")
    after = before.with_published(
        {"name": "T", "kind": "cafe", "municipality": "kota-batu", "lat": "-7.9", "lon": "112.5", "source": "x"}
    )
    origin = Origin("theirs", "batu", "batu", "7", before.uuid, "batu", "CC-BY-4.0", "d", 1)
    with ports.unit_of_work() as uow:
        uow.sharing.put_origins([origin])
        line = Line(ports.now(), "x", LISTING, "theirs", 1, Step.PUBLISH, None, after.live)
        uow.office.put_records([(before, after, line)], {"theirs": origin})
        provider = uow.sharing.provider
        uow.commit()
    path = "/ogc/collections/venues/items"
    assert get(client, f"{path}?name=T")["numberMatched"] == 0
    (found,) = client.get(f"{path}?name=T&passed-on=yes").get_json()["features"]
    assert {name: found["properties"][name] for name in ("provider", "external_id", "chain", "licence", "uuid")} == {
        "provider": "batu", "external_id": "7", "chain": f"batu {provider}", "licence": "CC-BY-4.0",
        "uuid": before.uuid,
    }  # fmt: skip


@given(st.lists(st.text("abc", min_size=1, max_size=3), unique=True, max_size=30), st.integers(1, 7))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_walk_through_the_pages_has_each_feature_once(ids: list[str], limit: int) -> None:
    point = {"type": "Point", "coordinates": [112.5, -7.9]}
    table = Table([{"type": "Feature", "id": id_, "geometry": point, "properties": {}} for id_ in ids])
    seen, after, more = list[str](), "", True
    while more:
        page, matched, more = select(COLLECTIONS["venues"], table, Asked(after, limit))
        assert matched == len(ids)
        seen += [table.ids[n] for n in page]
        after = seen[-1] if seen else ""
    assert seen == sorted(ids)


def run(*command: str, key: dict[str, str]) -> str:
    """Run a command of GDAL with a key."""
    environ = {"PATH": "/usr/bin:/bin", "GDAL_HTTP_HEADERS": f"Authorization: {key['Authorization']}"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120, env=environ)
    assert "ERROR" not in done.stdout + done.stderr, done.stderr
    return done.stdout


@pytest.mark.gdal
def test_gdal_reads_every_collection_and_all_of_10000_features_once(
    app: Flask, ports: Ports, key: dict[str, str], tmp_path: Path
) -> None:
    fill(ports, 10_000)
    target = tmp_path / "venues.gpkg"
    with serving(app) as address:
        listed = run("ogrinfo", "-so", f"OAPIF:{address}/ogc", key=key)
        assert [line.split(":")[1].split()[0] for line in listed.splitlines() if line[:1].isdigit()] == list(
            COLLECTIONS
        )
        about = run("ogrinfo", "-so", f"OAPIF:{address}/ogc", "venues", key=key)
        assert "Feature Count: 10035" in about
        assert "\nseats: " in about  # also what the first page does not know
        run("ogr2ogr", "-f", "GPKG", str(target), f"OAPIF:{address}/ogc/collections/venues", "-oo", "PAGE_SIZE=1000",
            key=key)  # fmt: skip
        filtered = run("ogrinfo", "-ro", "-so", "-where", "name = 'Kafe 77'", f"OAPIF:{address}/ogc", "venues", key=key)
        assert "Feature Count: 1\n" in filtered
        areas = run("ogrinfo", "-ro", "-al", f"OAPIF:{address}/ogc", "zones", key=key)
        assert "POLYGON" in areas
    counted = run(
        "ogrinfo", "-ro", str(target), "-sql", "SELECT COUNT(DISTINCT uuid) AS n, COUNT(*) AS m FROM venues", key=key
    )
    assert "n (Integer) = 10035" in counted
    assert "m (Integer) = 10035" in counted


def test_owslib_reads_it(app: Flask, ports: Ports, key: dict[str, str]) -> None:
    fill(ports, 30)
    with serving(app) as address:
        features = Features(f"{address}/ogc", headers=key)
        assert features.feature_collections() == list(COLLECTIONS)
        assert "name" in features.collection_queryables("venues")["properties"]
        page = features.collection_items("venues", limit=10, municipality="kota-batu")
        assert (page["numberReturned"], page["numberMatched"]) == (10, 30)
        assert features.collection_item("venues", "critasena")["properties"]["name"] == "Critasena"
        assert features.api()["openapi"].startswith("3.0")

"""Sharing over HTTP: changes, keys and their limits, dumps, the joint map and its widget, the pages about it."""

import csv
import io
import json
import re
import sqlite3
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Clock
from tests.office import Person, person
from tests.partners import Partner, add_feed, desk_of, place, places
from tourism.app import create_app, make_ports
from tourism.config import Settings
from tourism.domain.account import Role, User
from tourism.domain.brand import ink_on
from tourism.errors import ConflictError
from tourism.services.changes import KeyWish, add_key, revoke_key, rotate_key, use_key
from tourism.services.dumps import dump
from tourism.services.feed_desk import clear_feed, get_feed_view
from tourism.services.feed_pull import get_feed, pull
from tourism.services.keeping import RowEdit, new_row_key, save_row
from tourism.services.ports import Ports

HOSTILE = "</script><img src=x onerror=alert(1)>{{7*7}}${alert(1)}'\""


@pytest.fixture
def ports(fresh: Settings, at: Clock, server: Partner) -> Ports:
    """Return ports on a database that a test may write to, which may fetch from that server."""
    ticks = iter(range(0, 10_000_000, 2))
    usual = make_ports(replace(fresh, private_feeds=frozenset({server.place})))
    return replace(usual, now=at, ticks=lambda: float(next(ticks)))


@pytest.fixture
def app(fresh: Settings, ports: Ports) -> Flask:
    """Return the application of one worker."""
    return create_app(replace(fresh, workers=1), ports, lambda _: None)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return somebody without a key."""
    return app.test_client()


@pytest.fixture
def admin(app: Flask, ports: Ports) -> Person:
    """Return the office's admin, signed in."""
    return person(app, ports, "admin")


@pytest.fixture
def batu(app: Flask, ports: Ports) -> Person:
    """Return a partner of Kota Batu, signed in."""
    return person(app, ports, "batu")


def everything(client: FlaskClient, query: str = "") -> list[dict[str, object]]:
    """Follow the cursor to its end."""
    found, cursor = list[dict[str, object]](), ""
    while True:
        page = client.get(f"/api/v1/listings/changes?limit=7&since={cursor}&{query}").get_json()
        found += page["changes"]
        cursor = page["cursor"]
        if not page["more"]:
            return found


def test_what_a_partner_submits_is_in_their_feed_at_once_and_on_the_map_once_cleared(
    client: FlaskClient, admin: Person, batu: Person
) -> None:
    """The first part of giving: by hand."""
    new = {"name": "Kafe Batu", "kind": "cafe", "municipality": "kota-batu", "lat": "-7.8788", "lon": "112.5201",
           "source": "visit", "step": "submit"}  # fmt: skip
    assert batu.post("/office/venues/new", **new).status_code == 303
    (given,) = everything(client, "of=kota-batu")
    assert given["fields"]["name"] == "Kafe Batu"  # type: ignore[index]

    def names() -> set[str]:
        return {one["fields"]["name"] for one in everything(client) if one["fields"]}  # type: ignore[index]

    assert "Kafe Batu" not in names()
    assert "Kafe Batu" not in client.get("/places?municipality=kota-batu").text
    assert admin.post("/office/review/proposal/kafe-batu", version="1").status_code == 303
    assert "Kafe Batu" in names()
    assert "Kafe Batu" in client.get("/places?municipality=kota-batu").text
    (cleared,) = [one for one in everything(client) if one["uuid"] == given["uuid"]]
    assert cleared["external_id"] == "kafe-batu"


def change_cursor(client: FlaskClient) -> str:
    """Return where the changes are now."""
    return str(client.get("/api/v1/listings/changes").get_json()["cursor"])


def test_the_cursor_goes_on_and_an_unknown_one_is_gone(client: FlaskClient, admin: Person) -> None:
    first = client.get("/api/v1/listings/changes").get_json()
    assert first["format"] == "malang-raya-listings/1"
    assert len(first["changes"]) == 35
    assert {one["licence"] for one in first["changes"]} == {"ODbL-1.0"}
    assert client.get(f"/api/v1/listings/changes?since={first['cursor']}").get_json()["changes"] == []
    assert admin.post("/office/venues/critasena", **admin.form("critasena", phone="+62 341 1")).status_code == 303
    (change,) = client.get(f"/api/v1/listings/changes?since={first['cursor']}").get_json()["changes"]
    assert change["fields"]["phone"] == "+62 341 1"
    provider, _, last = change_cursor(client).partition(".")
    for gone in (
        "kk-other.1",
        f"{provider}.{int(last) + 1}",
    ):  # another database; this one, before a backup was put back
        assert client.get(f"/api/v1/listings/changes?since={gone}").status_code == 410
    for query in ("of=surabaya", "limit=x", "passed-on=1", "foo=1"):
        assert client.get(f"/api/v1/listings/changes?{query}").status_code == 400
    assert client.get("/api/v1/listings/changes").headers["Access-Control-Allow-Origin"] == "*"


def test_nobody_without_a_key_asks_more_than_five_times_a_second(client: FlaskClient) -> None:
    answers = [client.get("/ogc/conformance").status_code for _ in range(110)]
    assert answers == [200] * 100 + [429] * 10  # twenty seconds' worth at once
    refused = client.get("/api/v1/listings/changes")
    assert (refused.status_code, refused.mimetype) == (429, "application/problem+json")
    assert 1 <= int(refused.headers["Retry-After"]) <= 20
    elsewhere = client.get("/ogc/conformance", environ_base={"REMOTE_ADDR": "203.0.113.7"})
    assert elsewhere.status_code == 200
    assert client.get("/").status_code == 200  # tourists are not counted


def test_who_guesses_keys_is_counted(client: FlaskClient) -> None:
    guesses = [client.get("/ogc", headers={"Authorization": f"Bearer kk_{n}_x"}).status_code for n in range(102)]
    assert guesses == [401] * 100 + [429] * 2


def test_a_key_has_its_own_rate(client: FlaskClient, ports: Ports) -> None:
    key = add_key(ports, KeyWish("slow", "kota-batu", "read", 2), "x")
    headers = {"Authorization": f"Bearer {key.secret}"}
    answers = [client.get("/ogc/conformance", headers=headers).status_code for _ in range(42)]
    assert answers == [200] * 40 + [429] * 2
    assert client.get("/ogc/conformance").status_code == 200


def test_a_key_is_kept_as_a_digest_is_rotated_without_a_gap_and_ends(
    client: FlaskClient, ports: Ports, at: Clock, fresh: Settings
) -> None:
    old = add_key(ports, KeyWish("Dinas Batu", "kota-batu"), "x")
    kept = Path(fresh.database_url.removeprefix("sqlite:///"))
    stored = b"".join(file.read_bytes() for file in kept.parent.glob(f"{kept.name}*"))
    assert old.secret.split("_", 2)[2].encode() not in stored
    assert old.key.digest.encode() in stored

    def status(secret: str) -> int:
        return client.get("/ogc/conformance", headers={"Authorization": f"Bearer {secret}"}).status_code

    assert status(old.secret) == 200
    new = rotate_key(ports, old.key.id, "x")
    assert (status(old.secret), status(new.secret)) == (200, 200)
    with pytest.raises(ConflictError):  # it has its new one
        rotate_key(ports, old.key.id, "x")
    at.instant += timedelta(days=7)
    assert (status(old.secret), status(new.secret)) == (401, 200)
    revoke_key(ports, new.key.id, "x")
    assert status(new.secret) == 401
    with pytest.raises(ConflictError):  # what was ended is not brought back
        rotate_key(ports, new.key.id, "x")
    for wrong in ("", "kk_", old.secret[:-1], "kk_x_y", new.key.digest, "x" * 5000, "kk_%00_x"):
        assert status(wrong) == 401, wrong


def test_the_last_use_of_a_key_is_known_to_a_minute(ports: Ports, at: Clock) -> None:
    made = add_key(ports, KeyWish("x", "kota-batu"), "x")
    assert use_key(ports, made.secret, at()).used_at is None
    at.instant += timedelta(seconds=50)
    assert use_key(ports, made.secret, at()).used_at == at() - timedelta(seconds=50)
    at.instant += timedelta(seconds=50)
    use_key(ports, made.secret, at())
    assert use_key(ports, made.secret, at()).used_at == at()


def test_a_key_writes_only_what_its_scope_and_municipality_allow(client: FlaskClient, ports: Ports) -> None:
    write = add_key(ports, KeyWish("Batu", "kota-batu", "write"), "x").secret
    read = add_key(ports, KeyWish("Batu", "kota-batu"), "x").secret
    fields = {
        "name": "Kafe API",
        "kind": "cafe",
        "municipality": "kota-batu",
        "lat": "-7.87",
        "lon": "112.52",
        "source": "x",
    }

    def put(secret: str, key: str, **changed: str) -> int:
        headers = {"Authorization": f"Bearer {secret}", "If-None-Match": "*"}
        return client.put(
            f"/api/v1/listings/{key}", json={"fields": {**fields, **changed}}, headers=headers
        ).status_code

    assert put(read, "kafe-api") == 403
    assert put(write, "kafe-api", municipality="kota-malang") == 403
    assert put(write, "kafe-api") == 201
    assert put(write, "changes") == 422  # an address of ours
    found = client.get("/api/v1/listings/kafe-api", headers={"Authorization": f"Bearer {write}"}).get_json()
    assert (found["state"], found["published"]) == ("submitted", None)  # a partner's word waits, by key too
    with ports.office() as office:
        assert office.list_lines("listing", "kafe-api")[0].by == "key:Batu"
    assert client.get("/api/v1/listings/critasena", headers={"Authorization": f"Bearer {write}"}).status_code == 403
    assert client.get("/office/venues", headers={"Authorization": f"Bearer {write}"}).status_code == 303  # no session


def test_keys_are_made_seen_once_and_ended_on_the_page(admin: Person, batu: Person, client: FlaskClient) -> None:
    page = batu.post("/office/keys", name=f"Situs {HOSTILE}", municipality="kota-batu", scope="read", per_s="9")
    found = re.search(r'<code class="secret">(kk_[^<]+)</code>', page.text)
    assert found
    assert HOSTILE not in page.text
    secret = unescape(found[1])
    assert client.get("/ogc", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    shown = batu.get("/office/sharing")
    assert secret not in shown.text
    key = secret.split("_")[1]
    assert key in shown.text
    assert batu.post("/office/keys", name="x", municipality="kota-malang", scope="write", per_s="9").status_code == 403
    for changed in ({"name": ""}, {"per_s": "0"}, {"per_s": "x"}, {"scope": "all"}, {"name": "x" * 100}):
        told = {"name": "x", "municipality": "kota-batu", "scope": "read", "per_s": "9", **changed}
        assert batu.post("/office/keys", **told).status_code in {400, 422}
    elsewhere = admin.post("/office/keys", name="Malang", municipality="kota-malang", scope="write", per_s="9")
    other = re.search(r"kk_([0-9a-f]+)_", elsewhere.text)
    assert other
    for what in ("rotate", "revoke"):
        assert batu.post(f"/office/keys/{other[1]}/{what}").status_code == 403
        assert batu.post(f"/office/keys/nope/{what}").status_code == 404
    assert "kk_" in batu.post(f"/office/keys/{key}/rotate").text
    assert batu.post(f"/office/keys/{key}/revoke").status_code == 303
    assert client.get("/ogc", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_dumps_have_every_record_with_its_licence(
    client: FlaskClient, ports: Ports, server: Partner, tmp_path: Path
) -> None:
    assert client.get("/dumps/newest/venues.csv").status_code == 404
    assert "tourism dump" in client.get("/dumps/?lang=en").text
    add_feed(ports, server.url(), trusted="yes")
    server.gives(places([place(1, "=cmd|calc")]))
    pull(ports, get_feed(ports, "batu"), "x")
    day, files = dump(ports)
    assert set(files) == {
        "venues.gpkg",
        "venues.geojson",
        "venues.csv",
        "venues-passed-on.csv",
        "venues-passed-on.gpkg",
    }
    own = list(csv.DictReader(io.StringIO(client.get("/dumps/newest/venues.csv").text.lstrip("\ufeff"))))
    both = list(csv.DictReader(io.StringIO(client.get(f"/dumps/{day}/venues-passed-on.csv").text.lstrip("\ufeff"))))
    assert (len(own), len(both)) == (35, 36)
    (theirs,) = [row for row in both if " " in row["chain"]]
    assert (theirs["licence"], theirs["provider"], theirs["name"]) == ("CC-BY-4.0", "batu", "'=cmd|calc")
    assert all(row["licence"] == "ODbL-1.0" and row["uuid"] for row in own)
    features = json.loads(client.get("/dumps/newest/venues.geojson").data)["features"]
    assert {one["properties"]["licence"] for one in features} == {"ODbL-1.0"}
    file = tmp_path / "venues.gpkg"
    file.write_bytes(client.get("/dumps/newest/venues.gpkg").data)
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT COUNT(*), COUNT(DISTINCT uuid), MIN(licence) FROM venues").fetchone() == (
            35,
            35,
            "ODbL-1.0",
        )
    connection.close()
    for path in (
        "/dumps/yesterday/venues.csv",
        "/dumps/2026-11-24/nope.csv",
        "/dumps/2026-01-01/venues.csv",
        "/dumps/newest/..%2f",
    ):
        assert client.get(path).status_code in {400, 404}
    assert f"/dumps/{day}/venues.gpkg" in client.get("/dumps/").text


def widget(ports: Ports, **changed: str) -> None:
    told = {"id": "batu", "name": f"Shining Batu {HOSTILE}", "colour": "#0b6e4f", "origins": "https://batu.example http://b.example:81",
            "municipality": "kota-batu", **changed}  # fmt: skip
    save_row(desk_of(ports), RowEdit("widgets", new_row_key(), 0, told, "x"))


def test_the_widget_is_shown_on_the_sites_it_names_alone(client: FlaskClient, ports: Ports) -> None:
    widget(ports)
    page = client.get("/embed/map?widget=batu")
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors https://batu.example http://b.example:81" in policy
    assert "X-Frame-Options" not in page.headers
    assert HOSTILE not in page.text
    assert "municipality=kota-batu" in page.text
    usual = client.get("/places")
    assert "frame-ancestors 'none'" in usual.headers["Content-Security-Policy"]
    assert usual.headers["X-Frame-Options"] == "DENY"
    unknown = client.get("/embed/map?widget=nope")
    assert unknown.status_code == 404
    assert "frame-ancestors 'none'" in unknown.headers["Content-Security-Policy"]
    assert client.get("/embed/map").status_code == 404


def test_ink_is_readable_on_any_colour() -> None:
    assert [ink_on(colour) for colour in ("#ffffff", "#000000", "#ffd23f", "#0b6e4f")] == [
        "#000000", "#ffffff", "#000000", "#ffffff",
    ]  # fmt: skip


def test_the_joint_map_shows_texts_of_partners_as_texts(client: FlaskClient, ports: Ports, server: Partner) -> None:
    feed = add_feed(ports, server.url(), name=f"Dinas {HOSTILE}"[:90])
    server.gives(places([place(1, f"Kafe {HOSTILE}"[:79])]))
    pull(ports, feed, "x")
    assert client.get("/places.geojson?municipality=kota-batu").get_json()["features"][1:] == []  # it waits
    clear_feed(desk_of(ports), feed.id, get_feed_view(desk_of(ports), feed.id).seal)
    page = client.get("/places?q=Kafe&municipality=kota-batu")
    assert page.text.count("data-place=") == 1
    assert "<img" not in page.text
    (found,) = [
        f
        for f in client.get("/places.geojson?municipality=kota-batu").get_json()["features"]
        if "name" in f["properties"]
    ]
    assert found["properties"]["licence"] == "CC-BY-4.0"
    for query in ("municipality=surabaya", "kind=spaceport", "page=0", "page=x", "q=" + "x" * 99):
        assert client.get(f"/places?{query}").status_code in {400, 422}
    assert client.get("/places?page=99").status_code == 200


def test_an_officer_takes_a_feed_from_its_address_to_the_map(
    admin: Person, batu: Person, ports: Ports, server: Partner, client: FlaskClient
) -> None:
    """The whole way on pages: add, pull, name a category and a column, look, clear, say something on top."""
    told = {"id": "batu", "name": "Dinas Batu", "url": server.url(), "format": "geojson", "licence": "CC-BY-4.0",
            "contact": "x@y.example", "every_h": "24", "municipality": "kota-batu", "trusted": "no", "active": "yes",
            "version": "0", "why": "agreed by letter"}  # fmt: skip
    assert admin.get("/office/tables/feeds/new").status_code == 200
    bad = admin.post("/office/tables/feeds/abc1", **told | {"url": "file:///etc/passwd"}, step="save")
    assert bad.status_code == 422
    assert admin.post("/office/tables/feeds/abc1", **told, step="save").status_code == 303
    rows = [place(1, tempat=HOSTILE), place(2, jenis=f"Planetarium {HOSTILE}"[:40]), place(3, at=[-7.87, 112.52])]
    server.gives(places(rows))
    pull(ports, get_feed(ports, "batu"), "x")
    page = admin.get("/office/feeds/batu")
    assert page.status_code == 200
    assert "<img" not in page.text
    assert "-7.87, 112.52" in page.text
    category = unescape(re.search(r'name="category" value="([^"]+)"', page.text)[1])  # type: ignore[index]
    assert admin.post("/office/feeds/batu/category", category=category, kind="nope").status_code == 422
    assert admin.post("/office/feeds/batu/category", category=category, kind="park").status_code == 303
    headings = re.findall(r'name="column_(\d+)"', page.text)
    assert admin.post("/office/feeds/batu/columns", **{f"column_{n}": "name" for n in headings}).status_code == 422
    assert batu.post("/office/feeds/batu/clear", seen="2").status_code == 403
    assert "/office/feeds/batu" in admin.get("/office/review").text
    assert admin.post("/office/feeds/batu/clear", seen="1").status_code == 409
    seen = re.search(r'name="seen" value="([^"]+)"', admin.get("/office/feeds/batu").text)
    assert seen
    assert admin.post("/office/feeds/batu/clear", seen=seen[1]).status_code == 303
    assert admin.post("/office/feeds/batu/agree").status_code == 409
    assert admin.post("/office/feeds/batu/soon").status_code == 303
    assert admin.get("/office/feeds/nope").status_code == 404
    with ports.office() as office:
        key = next(origin.key for origin in office.sharing.list_origins().values() if origin.external_id == "b1")
        version = office.records_of("listing", [key])[key].version
    form = admin.get(f"/office/venues/{key}")
    assert "disabled" in form.text  # it is changed at its source
    assert admin.get(f"/office/venues/{key}/layer").status_code == 200
    layer = f"/office/venues/{key}/layer"
    assert admin.post(layer, version=str(version), note="dingin").status_code == 422  # why?
    assert admin.post(layer, version="0", note="dingin", reason="visit").status_code == 409
    assert admin.post(layer, version=str(version), hours="24 jam", reason="visit").status_code == 422  # who says so?
    assert admin.post(layer, version=str(version), note="dingin", reason="visit").status_code == 303
    assert batu.post(layer, version=str(version + 1), note="x", reason="y").status_code == 403
    assert "dingin" in batu.get(f"/office/venues/{key}").text
    assert "dingin" in client.get("/places.geojson").text
    assert admin.post(f"/office/venues/{key}", version=str(version + 1), name="X", step="publish").status_code == 409


def test_a_reviewer_sees_what_may_be_the_same_and_tourists_who_lists_it(
    admin: Person, ports: Ports, server: Partner, client: FlaskClient
) -> None:
    feed = add_feed(ports, server.url(), municipality="")
    venue = desk_of(ports).town.get_venue("critasena")
    server.gives(places([place("x", "Critasena", at=[venue.lon, venue.lat], kota="Kota Malang")]))
    pull(ports, feed, "x")
    with ports.office() as office:
        (key,) = office.sharing.list_origins()
    page = admin.get(f"/office/review/proposal/{key}").text
    assert "/office/venues/critasena" in page
    assert "Dinas Batu" not in client.get("/spots/critasena").text
    clear_feed(desk_of(ports), feed.id, get_feed_view(desk_of(ports), feed.id).seal)
    assert "Kota Malang (ODbL-1.0); Dinas Batu (CC-BY-4.0)" in client.get("/spots/critasena").text
    assert client.get(f"/spots/{key}").headers["Location"] == "/spots/critasena"


def test_others_see_nothing_of_a_feed(app: Flask, ports: Ports, server: Partner) -> None:
    add_feed(ports, server.url())
    kab = Person(app, ports, User("kab@example.org", Role.PARTNER, "kabupaten-malang"))
    assert kab.get("/office/feeds/batu").status_code == 403
    assert "Dinas Batu" not in kab.get("/office/sharing").text
    for what in ("columns", "category", "agree", "soon", "clear"):
        assert kab.post(f"/office/feeds/batu/{what}", seen="0", kind="cafe", category="x").status_code == 403
    for name in ("jeeps", "owner"):
        assert person(app, ports, name).get("/office/sharing").status_code == 403

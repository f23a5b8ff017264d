"""Brands on every page, pages worth sharing, their pictures and posters, short links and their counts."""

import hashlib
import io
import json
import re
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from time import monotonic
from xml.etree import ElementTree

import pypdfium2
import pytest
import rdflib
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from pyshacl import validate
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.conftest import Clock
from tests.office import Person, admin, app, fields_of, person, ports
from tests.routes.test_turns import FORM
from tourism.config import Settings
from tourism.errors import OutOfRangeError
from tourism.services.campaigns import counts
from tourism.services.keeping import RowEdit, new_row_key, save_row
from tourism.services.linked_data import hours_of
from tourism.services.office import Desk
from tourism.services.ports import Ports
from tourism.services.sights import paths
from tourism.services.town import Town
from tourism.store.branding import SqlBranding
from tourism.store.db import make_engine

__all__ = ["admin", "app", "ports"]


PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/131.0 Mobile Safari/537.36"}
SITE = "http://127.0.0.1:5000"
NIGHT = "2026-12-05"
PAGES = [f"/nights/{NIGHT}", "/viewpoints/penanjakan-1", "/destinations/museum-angkut", "/spots/critasena"]
SHAPES = Path(__file__).parent / "shapes.ttl"
# rdflib uses parts of its own that it calls outdated.
pytestmark = [
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning"),
]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a visitor's phone."""
    return app.test_client()


def meta(page: str) -> dict[str, str]:
    """Return what a page says to those who show a link to it."""
    found = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


def data_of(page: str) -> dict[str, object]:
    """Return the structured data of a page."""
    found = re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert len(found) == 1
    return dict(json.loads(found[0]))


def graph_of(document: dict[str, object]) -> rdflib.Graph:
    """Read structured data as a graph; schema.org's context is its vocabulary, and no network is asked."""
    assert document["@context"] == "https://schema.org"
    local = {**document, "@context": {"@vocab": "https://schema.org/"}}
    return rdflib.Graph().parse(data=json.dumps(local), format="json-ld")


def conforms(document: dict[str, object]) -> bool:
    found, _, report = validate(graph_of(document), shacl_graph=str(SHAPES))
    if not found:
        print(report)
    return bool(found)


# Pages


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_page_says_what_it_is_to_people_crawlers_and_messengers(client: FlaskClient, path: str, lang: str) -> None:
    answer = client.get(f"{path}?lang={lang}")
    assert answer.status_code == 200
    said = meta(answer.text)
    assert f'<link rel="canonical" href="{SITE}{path}?lang={lang}">' in answer.text
    for other in ("id", "en"):
        assert f'<link rel="alternate" hreflang="{other}" href="{SITE}{path}?lang={other}">' in answer.text
    assert f'<link rel="alternate" hreflang="x-default" href="{SITE}{path}">' in answer.text
    assert said["og:url"] == f"{SITE}{path}?lang={lang}"
    assert said["og:locale"] == {"id": "id_ID", "en": "en_GB"}[lang]
    assert len(said["og:description"]) > 20
    picture = client.get(said["og:image"].removeprefix(SITE))
    assert picture.mimetype == "image/png"
    assert conforms(data_of(answer.text))


def test_the_pages_have_the_types_that_the_world_knows(client: FlaskClient) -> None:
    def types(path: str) -> set[str]:
        document = data_of(client.get(path).text)
        graph = document.get("@graph", [document])
        assert isinstance(graph, list)
        return {str(one["@type"]) for one in graph}

    assert [types(path) for path in PAGES] == [
        {"TouristTrip", "Event"}, {"TouristAttraction"}, {"TouristAttraction"}, {"CafeOrCoffeeShop"},
    ]  # fmt: skip


def test_every_page_has_data_that_conforms(client: FlaskClient, ports: Ports) -> None:
    town = Town(ports.reader.read())
    everything = rdflib.Graph()
    shared = [path for path in paths(town, date(2026, 11, 25)) if path.count("/") == 2 and "nights" not in path]
    assert len(shared) > 60
    for path in shared:
        everything += graph_of(data_of(client.get(path).text))
    found, _, report = validate(everything, shacl_graph=str(SHAPES))
    assert found, report
    hours = set(everything.objects(predicate=rdflib.URIRef("https://schema.org/openingHours")))
    assert len(hours) > 5


def test_the_shapes_refuse_data_that_lacks_something(client: FlaskClient) -> None:
    """The negative control: without a place, a time or a name the shapes do not hold."""
    trip = data_of(client.get(PAGES[0]).text)
    graph = trip["@graph"]
    assert isinstance(graph, list)
    for n, name in ((0, "departureTime"), (0, "itinerary"), (1, "location"), (1, "name")):
        broken = [dict(one) for one in graph]
        del broken[n][name]
        assert not conforms({**trip, "@graph": broken}), name
    place = data_of(client.get(PAGES[2]).text)
    assert not conforms({**place, "openingHours": "24/7"})
    assert not conforms({**place, "geo": {"@type": "GeoCoordinates", "latitude": 112.5, "longitude": -7.9}})


def test_a_night_says_its_figures_in_both_languages(client: FlaskClient) -> None:
    english, indonesian = (client.get(f"/nights/{NIGHT}?lang={lang}").text for lang in ("en", "id"))
    said = meta(english)["og:description"]
    assert re.fullmatch(
        r"Saturday, 5 December 2026: sunrise 05:0\d at Puncak Penanjakan, leave Kayutangan Fri 4 Dec 23:\d\d\.", said
    )
    assert "Sabtu, 5 Desember 2026: matahari terbit 05.0" in meta(indonesian)["og:description"]


def test_a_closed_night_says_so_and_its_event_is_off(client: FlaskClient) -> None:
    page = client.get("/nights/2026-12-09?lang=en").text
    assert "closed" in page
    graph = data_of(page)["@graph"]
    assert isinstance(graph, list)
    assert [one["eventStatus"] for one in graph] == ["https://schema.org/EventCancelled"]
    assert client.get("/pictures/night/2026-12-09.en.png").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nights/2026-13-45", "/nights/x", "/nights/2020-01-01", "/nights/9999-12-31", "/nights/%00",
        "/viewpoints/nowhere", "/destinations/nowhere", "/pictures/night/x.en.png", "/pictures/other/x.en.png",
        "/pictures/spot/nowhere.id.png", "/posters/nowhere.pdf", "/logos/nowhere.png", "/k/nowhere",
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_plainly(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (400, 404)
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("query", ["?size=a0", "?night=tomorrow", "?night=1999-01-01", "?k=nowhere"])
def test_a_poster_that_cant_be_made_is_refused_with_its_reason(client: FlaskClient, query: str) -> None:
    assert client.get(f"/posters/critasena.pdf{query}").status_code in (400, 404, 422)


def test_tonight_leads_to_its_night_and_every_listed_page_answers(client: FlaskClient) -> None:
    assert client.get("/nights/tonight").location.startswith("/nights/2026-11-25")
    found = set(re.findall(r'href="(/(?:nights|viewpoints|destinations)/[^"?]+)', client.get("/nights").text))
    assert len(found) == 14 + 6 + 19
    assert {client.get(path).status_code for path in found} == {200}


def test_the_sitemap_lists_every_page_in_both_languages_and_robots_find_it(client: FlaskClient) -> None:
    robots = client.get("/robots.txt").text
    assert "Disallow: /office/" in robots
    assert f"Sitemap: {SITE}/sitemap.xml" in robots
    tree = ElementTree.fromstring(client.get("/sitemap.xml").text)
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    found = [url.findtext("s:loc", "", names) for url in tree.findall("s:url", names)]
    assert len(found) == len(set(found)) > 200
    assert all(len(url.findall("x:link", names)) == 2 for url in tree.findall("s:url", names))
    some = [address.removeprefix(SITE) for address in found if "nights/" not in address]
    assert {client.get(path).status_code for path in some} == {200}
    for address in found[:40]:
        assert f'<link rel="canonical" href="{address}">' in client.get(address.removeprefix(SITE)).text


def test_a_question_put_to_a_page_is_no_page_of_its_own(client: FlaskClient) -> None:
    assert 'rel="canonical"' in client.get("/plan").text
    assert 'rel="canonical"' not in client.get(f"/plan?date={NIGHT}").text
    assert 'rel="canonical"' not in client.get("/nowhere").text


# Brands


def style(client: FlaskClient, page: str) -> str:
    """Return the style of the brand that a page wears."""
    found = re.search(r'href="(/static/brands/[^"]*)"', page)
    assert found
    answer = client.get(found[1])
    assert "immutable" in answer.headers["Cache-Control"]
    return answer.text


def test_a_path_wears_its_brand_and_its_links_stay_in_it(client: FlaskClient) -> None:
    joint, batu = client.get("/?lang=en").text, client.get("/batu/?lang=en").text
    assert "Kongkow" in joint.split("<main", 1)[0]
    assert "<b>Shining Batu</b>" in batu
    assert "--accent: #d3a6ff" in style(client, batu)
    assert "--accent: #f2b134" in style(client, joint)
    links = re.findall(r'href="(/[^"]*)"', batu)
    alone = ("/static", "/vendor", "/photos", "/logos", "/office", "/api", "/dumps", "/ogc")
    own = [link for link in links if not link.startswith(alone)]
    assert len(own) > 15
    assert [link for link in own if not link.startswith("/batu/")] == []
    assert {client.get(link.replace("&amp;", "&")).status_code for link in set(own)} <= {200, 303}
    assert client.get("/batu").status_code == 200
    assert 'action="/batu/"' in batu


def test_the_same_page_in_four_skins_differs_in_the_skin_alone(client: FlaskClient) -> None:
    pages = {path: client.get(f"{path}/how?lang=en").text for path in ("", "/malang", "/batu", "/kabupaten")}
    assert len(set(pages.values())) == 4
    main = {re.sub(r'"/(malang|batu|kabupaten)/', '"/', page.split("<main", 1)[1].split("</main>")[0])
            for page in pages.values()}  # fmt: skip
    assert len(main) == 1


def test_the_canonical_page_is_the_joint_one(client: FlaskClient) -> None:
    page = client.get("/batu/nights?lang=en").text
    assert f'<link rel="canonical" href="{SITE}/nights?lang=en">' in page
    assert meta(page)["og:image"].startswith(f"{SITE}/batu/pictures/night/tonight.en.png?v=")
    assert meta(page)["og:url"] == f"{SITE}/batu/nights?lang=en"
    assert client.get("/batu/pictures/night/tonight.en.png").data != client.get("/pictures/night/tonight.en.png").data


def test_a_widget_wears_the_brand_of_its_municipality(client: FlaskClient, ports: Ports, admin: Person) -> None:
    desk = Desk(ports, Town(ports.reader.read()), admin.user)
    fields = {"id": "batu", "name": "Peta", "colour": "#0b6e4f", "origins": "https://example.org"}
    save_row(desk, RowEdit("widgets", new_row_key(), 0, fields, "a test"))
    assert "<p>Kongkow Kayutangan</p>" in client.get("/embed/map?widget=batu").text
    save_row(desk, RowEdit("widgets", new_row_key(), 0, {**fields, "id": "b2", "municipality": "kota-batu"}, "a test"))
    assert "<p>Shining Batu</p>" in client.get("/embed/map?widget=b2").text


def test_a_host_name_wears_its_brand(client: FlaskClient, admin: Person) -> None:
    assert "Shining Batu</b>" not in client.get("/", headers={"Host": "wisata.batu.example"}).text
    save_brand(admin, "kota-batu", hosts="wisata.batu.example")
    page = client.get("/nights", headers={"Host": "wisata.batu.example:8000"}).text
    assert "Shining Batu</b>" in page
    assert meta(page)["og:image"].startswith("http://wisata.batu.example:8000/pictures/")
    assert f'<link rel="canonical" href="{SITE}/nights' in page
    assert meta(client.get("/nights", headers={"Host": "evil.example"}).text)["og:image"].startswith(SITE)
    assert "Shining Batu</b>" not in client.get("/").text


def save_brand(who: Person, brand: str, step: str = "save", **changed: object) -> str:
    """Change a brand by its form; returns the page that answers."""
    page = who.get(f"/office/tables/brands/{brand}").text
    fields = fields_of(page) | {"why": "a test", "step": step}
    return who.post(f"/office/tables/brands/{brand}", **{**fields, **changed}).text


def test_a_partner_edits_its_own_brand_after_a_look_at_it(app: Flask, ports: Ports, client: FlaskClient) -> None:
    batu = person(app, ports, "batu")
    listed = batu.get("/office/tables/brands").text
    assert "kota-batu" in listed
    assert "kota-malang" not in listed
    look = save_brand(batu, "kota-batu", "look", wordmark="Batu Bersinar", colour="#ffd23f")
    assert "<b>Batu Bersinar</b>" in look
    assert "--accent: #ffd23f" in look
    assert "Batu Bersinar" not in client.get("/batu/").text  # nothing is kept by a look
    save_brand(batu, "kota-batu", wordmark="Batu Bersinar")
    assert "<b>Batu Bersinar</b>" in client.get("/batu/").text
    with ports.office() as office:
        (line,) = office.list_lines("brands", "kota-batu")
    assert (line.by, line.reason) == ("batu@example.org", "a test")


@pytest.mark.parametrize("brand", ["kota-malang", "kabupaten-malang", "malang-raya"])
def test_a_partner_touches_no_other_brand(app: Flask, ports: Ports, brand: str) -> None:
    batu = person(app, ports, "batu")
    assert batu.get(f"/office/tables/brands/{brand}").status_code == 403
    for step in ("save", "look"):
        answer = batu.post(f"/office/tables/brands/{brand}", version="0", step=step, wordmark="Ours", why="x")
        assert answer.status_code == 403
    assert batu.get("/office/tables/closures").status_code == 403


def test_a_partner_sets_no_host_names(app: Flask, ports: Ports, client: FlaskClient) -> None:
    answer = save_brand(person(app, ports, "batu"), "kota-batu", hosts="localhost")
    assert "nama host" in answer
    assert "Shining Batu</b>" not in client.get("/").text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("colour", "#333333", "WCAG AA"),
        ("tagline_en", "x" * 200, "60"),
        ("tagline_id", "شاينينغ باتو", "huruf Latin"),
        ("wordmark", "Batu 🌟", "huruf Latin"),
    ],
)
def test_a_brand_that_cant_be_read_is_refused_and_nothing_is_kept(
    admin: Person, client: FlaskClient, field: str, value: str, said: str
) -> None:
    for step in ("look", "save"):
        page = save_brand(admin, "kota-batu", step, **{field: value})
        assert said in page
        assert "<script>alert(1)" not in page
    page = client.get("/batu/").text
    assert value not in page
    assert "#d3a6ff" in style(client, page)


def test_markup_in_a_brand_is_text(admin: Person, client: FlaskClient) -> None:
    hostile = "</style><script>alert(1)</script>${7*7}{{7*7}}"
    save_brand(admin, "kota-batu", footer_en=hostile, tone_en=hostile, wordmark="<b>Batu</b>")
    page = client.get("/batu/nights?lang=en").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;b&gt;Batu&lt;/b&gt;" in page


def test_a_logo_is_written_anew_and_an_svg_refused(admin: Person, client: FlaskClient) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    assert "SVG" in save_brand(admin, "kota-batu", logo_file=(io.BytesIO(svg), "logo.svg"))
    written = io.BytesIO()
    Image.new("RGB", (500, 500), "green").save(written, "PNG")
    written.seek(0)
    before = client.get("/batu/pictures/night/tonight.en.png").data
    save_brand(admin, "kota-batu", logo_file=(written, "logo.png"))
    found = re.search(r'src="(/logos/[0-9a-f]{64}\.png)"', client.get("/batu/").text)
    assert found
    assert client.get(found[1]).mimetype == "image/png"
    assert client.get("/batu/pictures/night/tonight.en.png").data != before
    save_brand(admin, "kota-batu", remove_logo="1")
    assert "/logos/" not in client.get("/batu/").text


# Posters and short links


def campaign(ports: Ports, admin: Person, **changed: str) -> str:
    """Make a short link; returns its code."""
    fields = {"code": "toko7", "name": "Poster", "kind": "poster", "leads_to": "/spots/critasena", "active": "yes"}
    desk = Desk(ports, Town(ports.reader.read()), admin.user)
    save_row(desk, RowEdit("campaigns", new_row_key(), 0, fields | changed, "a test"))
    return (fields | changed)["code"]


def test_a_poster_leads_by_its_short_link_and_says_tonight_in_both_languages(
    client: FlaskClient, ports: Ports, admin: Person
) -> None:
    code = campaign(ports, admin)
    answer = client.get(f"/batu/posters/critasena.pdf?size=a3&k={code}&night={NIGHT}")
    assert answer.mimetype == "application/pdf"
    page = pypdfium2.PdfDocument(answer.data)[0]
    said = " ".join(page.get_textpage().get_text_bounded().split())
    for wanted in ("Critasena", "Shining Batu", "Sabtu, 5 Desember 2026", "Saturday, 5 December 2026", "sunrise"):
        assert wanted in said
    (scanned,) = zxingcpp.read_barcodes(page.render(scale=1).to_pil())
    assert scanned.text == f"{SITE}/batu/k/{code}"
    again = client.get(f"/batu/posters/critasena.pdf?size=a3&k={code}&night={NIGHT}")
    assert again.data == answer.data
    assert client.get(again.request.full_path, headers={"If-None-Match": again.headers["ETag"]}).status_code == 304


def test_a_scan_a_plan_and_a_turn_are_each_counted_once_a_night(
    client: FlaskClient, ports: Ports, admin: Person, at: Clock
) -> None:
    code = campaign(ports, admin)
    for _ in range(3):
        answer = client.get(f"/k/{code}", headers=PHONE)
        assert (answer.status_code, answer.location) == (302, f"/spots/critasena?k={code}")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
    page = client.get(answer.location, headers=PHONE).text
    plan = re.search(r'href="(/plan\?[^"]*)"', page)
    assert plan
    assert f"k={code}" in plan[1]
    page = client.get(unescape(plan[1]), headers=PHONE).text
    assert f"k={code}" in page
    assert counts(ports, at.instant) == {code: {"scan": 1, "plan": 1}}
    action = re.search(r'action="(/turns\?[^"]*)"', page)
    assert action
    assert client.post(unescape(action[1]), data=FORM, headers=PHONE).status_code == 303
    assert counts(ports, at.instant) == {code: {"scan": 1, "plan": 1, "turn": 1}}
    client.get(f"/k/{code}", headers={"User-Agent": "another phone"})
    third = {"User-Agent": "a third one, who was sent the address of the plan"}
    client.get(f"/plan?k={code}", headers=third)
    client.get(f"/k/{code}", headers={**PHONE, "User-Agent": "x", "Sec-Fetch-Mode": "no-cors"})  # a picture elsewhere
    assert counts(ports, at.instant) == {code: {"scan": 2, "plan": 1, "turn": 1}}
    for path in (f"/k/{code}", f"/plan?k={code}"):  # and who scans later is counted with the plan
        client.get(path, headers=third)
    assert counts(ports, at.instant) == {code: {"scan": 3, "plan": 2, "turn": 1}}
    at.instant += timedelta(hours=3)  # after midnight it is the same night
    client.get(f"/k/{code}", headers=PHONE)
    client.get(f"/plan?k={code}", headers=PHONE)
    assert counts(ports, at.instant) == {code: {"scan": 3, "plan": 2, "turn": 1}}
    listed = admin.get("/office/tables/campaigns").text
    assert "3 → 2 → 1" in listed
    row = re.search(r'href="(/office/tables/campaigns/[^"]*)" aria-label', listed)
    assert row
    shown = admin.get(row[1]).text
    assert re.search(r"25 Nov 2026</th><td>3</td><td>2</td><td>1</td>", shown)
    assert f"{SITE}/k/{code}" in shown
    at.instant += timedelta(days=1)
    client.get(f"/k/{code}", headers=PHONE)
    assert counts(ports, at.instant)[code]["scan"] == 4


def test_robots_previews_and_questions_without_a_link_are_not_counted(
    client: FlaskClient, ports: Ports, admin: Person, at: Clock
) -> None:
    code = campaign(ports, admin)
    client.get(f"/k/{code}", headers={"User-Agent": "WhatsApp/2.23"})
    client.head(f"/k/{code}", headers=PHONE)
    client.get(f"/k/{code}", headers={**PHONE, "Sec-Purpose": "prefetch"})
    client.get("/plan", headers=PHONE)
    client.get("/plan?k=nowhere", headers=PHONE)
    client.get("/plan?k=<script>", headers=PHONE)
    assert counts(ports, at.instant) == {}


def test_nothing_of_who_came_is_kept(client: FlaskClient, fresh: Settings, ports: Ports, admin: Person) -> None:
    code = campaign(ports, admin)
    client.get(f"/k/{code}", headers=PHONE, environ_overrides={"REMOTE_ADDR": "203.0.113.77"})
    with make_engine(fresh.database_url).connect() as connection:
        for table in ("link_count", "link_digest"):
            rows = str(connection.execute(text(f"SELECT * FROM {table}")).all())
            assert rows != "[]"
            assert "203.0.113" not in rows
            assert "Android" not in rows


def test_ten_thousand_guesses_find_nothing_write_nothing_and_are_slowed_down(
    client: FlaskClient, fresh: Settings, ports: Ports, admin: Person
) -> None:
    code = campaign(ports, admin)
    answers = [client.get(f"/k/guess{n % 9999}", headers=PHONE).status_code for n in range(10_000)]
    assert set(answers) == {404, 429}
    assert answers.count(404) < 1_000  # a hundred in twenty seconds, however slow this machine is
    with make_engine(fresh.database_url).connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM link_digest")).scalar() == 0
    assert client.get(f"/k/{code}", headers=PHONE).status_code == 302  # whoever has a poster gets on


def test_a_code_that_is_typed_from_a_poster_leads_on(
    client: FlaskClient, ports: Ports, admin: Person, at: Clock
) -> None:  # fmt: skip
    code = campaign(ports, admin)
    for path in (f"/k/{code.upper()}", f"/k/{code}/"):
        assert client.get(path, headers=PHONE, follow_redirects=False).location == f"/spots/critasena?k={code}"
    assert counts(ports, at.instant) == {code: {"scan": 1}}


def test_a_link_that_is_over_leads_nowhere_and_its_counts_stay(
    client: FlaskClient, ports: Ports, admin: Person, at: Clock
) -> None:
    code = campaign(ports, admin)
    client.get(f"/k/{code}", headers=PHONE)
    with ports.office() as office:
        (record,) = office.list_records("campaigns")
    desk = Desk(ports, Town(ports.reader.read()), admin.user)
    edit = RowEdit("campaigns", record.key, record.version, {**(record.live or {}), "active": "no"}, "over")
    save_row(desk, edit)
    assert client.get(f"/k/{code}", headers=PHONE).status_code == 404
    assert counts(ports, at.instant) == {code: {"scan": 1}}


def test_the_form_of_a_new_link_offers_a_code_that_nobody_guesses(admin: Person) -> None:
    codes = {fields_of(admin.get("/office/tables/campaigns/new").text)["code"] for _ in range(5)}
    assert len(codes) == 5
    assert all(re.fullmatch(r"[2-9a-z]{6}", code) for code in codes)


def test_a_database_that_others_write_to_costs_a_count_and_not_the_page(
    client: FlaskClient, fresh: Settings, ports: Ports, admin: Person, at: Clock
) -> None:
    code = campaign(ports, admin)
    client.get("/")
    with make_engine(fresh.database_url).connect().execution_options(writing=True) as other:
        other.execute(text("SELECT 1"))  # holds the write lock
        began = monotonic()
        assert client.get(f"/k/{code}", headers=PHONE).status_code == 302
        assert client.get(f"/plan?k={code}", headers=PHONE).status_code == 200
        assert monotonic() - began < 3
    assert counts(ports, at.instant) == {}
    client.get(f"/k/{code}", headers=PHONE)
    assert counts(ports, at.instant) == {code: {"scan": 1}}


def test_a_full_disk_and_a_key_that_holds_not_cost_a_count_and_not_the_page(
    client: FlaskClient, ports: Ports, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = campaign(ports, admin)

    def full(*_: object) -> bool:
        raise OperationalError("", {}, Exception("database or disk is full"))

    monkeypatch.setattr(SqlBranding, "count_visit", full)
    assert client.get(f"/k/{code}", headers=PHONE).status_code == 302
    assert client.get(f"/k/{code}", headers={"User-Agent": "another", "Authorization": "Bearer x"}).status_code == 302


@pytest.mark.parametrize(
    "target",
    ["/nights/2026-99-99", "/nowhere", "/spots/nowhere", "/office/", "/k/toko7", "/batu/k/toko7", "/api/v1/plan"],
)
def test_a_short_link_to_no_page_is_refused(ports: Ports, admin: Person, target: str) -> None:
    with pytest.raises(OutOfRangeError) as refused:
        campaign(ports, admin, leads_to=target)
    assert "leads_to" in refused.value.issues


def test_a_short_link_may_lead_into_a_brand(client: FlaskClient, ports: Ports, admin: Person) -> None:
    code = campaign(ports, admin, leads_to="/batu/spots/critasena?party=4")
    for path in ("", "/malang"):
        location = client.get(f"{path}/k/{code}", headers=PHONE).location
        assert location == f"/batu/spots/critasena?party=4&k={code}"
        assert client.get(location).status_code == 200


@pytest.mark.parametrize("path", [*PAGES, "/plan", "/", "/scenario?slots=2028,60", f"/plan?date={NIGHT}"])
def test_what_others_add_to_a_shared_link_changes_nothing(client: FlaskClient, path: str) -> None:
    added = client.get(f"{path}{'&' if '?' in path else '?'}fbclid=x&utm_source=wa&gclid=y&igsh=z&gad_source=1&_gl=2")
    assert added.status_code == 200
    assert ('rel="canonical"' in added.text) == ('rel="canonical"' in client.get(path).text)


@pytest.mark.parametrize("path", PAGES)
def test_the_way_on_from_a_shared_page_keeps_brand_and_short_link(
    client: FlaskClient, ports: Ports, admin: Person, path: str
) -> None:
    code = campaign(ports, admin)
    page = client.get(f"/batu{path}?k={code}&lang=en").text
    (button,) = re.findall(r'class="button" href="([^"]*)"', page)[:1] or [""]
    assert button == "" or (button.startswith("/batu/") and f"k={code}" in button)
    assert (button == "") == ("destinations" in path)
    for poster in re.findall(r'href="([^"]*/posters/[^"]*)"', page):
        assert "k=" not in poster  # who came by one poster does not print its code on another's


def test_a_departure_before_midnight_names_its_evening(client: FlaskClient) -> None:
    page = client.get(f"/nights/{NIGHT}?lang=en").text
    assert "leave Kayutangan the evening before, Fri 4 Dec" in page
    assert "leave Kayutangan Fri 4 Dec 23:" in meta(page)["og:description"]
    assert re.search(r"Sat 28 Nov</a></th><td>05:00</td><td>Fri 27 Nov 23:\d\d", client.get("/nights?lang=en").text)
    assert "evening before" not in client.get("/nights/2026-11-27?lang=en").text


def test_a_night_that_is_over_says_so(client: FlaskClient) -> None:
    page = client.get("/nights/2026-11-01?lang=en").text
    assert "That night is over" in page
    assert 'href="/nights/tonight?lang=en"' in page


def test_the_office_signs_in_at_one_address_whatever_a_page_wears(client: FlaskClient) -> None:
    assert 'href="/office/?lang=en"' in client.get("/batu/?lang=en").text
    for path in ("office/", "metrics", "healthz", "api/v1/docs", "/metrics", "//office/sign-in"):
        assert client.get(f"/batu/{path}").status_code == 404
    assert "Disallow: /batu/k/" in client.get("/robots.txt").text


def test_a_logo_is_no_address_and_a_look_keeps_none(admin: Person, client: FlaskClient, ports: Ports) -> None:
    save_brand(admin, "kota-batu", logo="../k/toko7?")
    assert "/logos/" not in client.get("/batu/").text
    desk = Desk(ports, Town(ports.reader.read()), admin.user)
    with ports.office() as office:
        record = office.find_record("brands", "kota-batu")
    assert record
    made_up = {**(record.live or {}), "logo": "0" * 64}
    with pytest.raises(OutOfRangeError, match="logo"):
        save_row(desk, RowEdit("brands", "kota-batu", record.version, made_up, "x"))
    written = io.BytesIO()
    Image.new("RGB", (50, 50), "green").save(written, "PNG")
    written.seek(0)
    with ports.office() as office:
        before = office.find_photo("x")
    save_brand(admin, "kota-batu", "look", logo_file=(written, "logo.png"))
    digest = hashlib.sha256(ports.to_logo(written.getvalue())).hexdigest() if not written.closed else ""
    with ports.office() as office:
        assert office.find_photo(digest) is before is None


@pytest.mark.parametrize(
    ("hours", "known"),
    [
        ("24/7", ["Mo-Su 00:00-24:00"]), ("Mo-Fr 08:00-17:00; Sa 09:00-24:00", ["Mo-Fr 08:00-17:00", "Sa 09:00-24:00"]),
        ("Mo-Su 08:00-17:00; Fr 13:00-17:00", []), ("Mo-Su 18:00-26:00", []), ("Mo-Su 18:00+", []), ("", []),
        ("Fr-Mo 10:00-12:00; Tu,We 08:00-09:00", ["Fr-Mo 10:00-12:00", "Tu,We 08:00-09:00"]),
    ],
)  # fmt: skip
def test_hours_are_told_to_machines_where_they_mean_the_same(hours: str, known: list[str]) -> None:
    assert hours_of(hours) == known


def test_two_brands_share_no_host_name(admin: Person) -> None:
    save_brand(admin, "kota-batu", hosts="wisata.example.org")
    assert "wisata.example.org" in save_brand(admin, "kota-malang", hosts="wisata.example.org")
    assert "Merek lain" in save_brand(admin, "kota-malang", hosts="wisata.example.org")

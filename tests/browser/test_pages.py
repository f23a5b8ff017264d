"""What a tourist does, at phone and desktop size, in a real browser."""

import re
from dataclasses import replace
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Visit
from tests.conftest import Clock
from tourism.app import create_app, make_ports
from tourism.config import Settings
from tourism.domain.departure import NightBook
from tourism.domain.evidence import Amenity, Detail, Evidence
from tourism.domain.occupancy import Occupancy
from tourism.domain.review import Report
from tourism.domain.venue import Venue
from tourism.domain.world import LoadedFile, World
from tourism.services.ports import Ports
from tourism.services.reviews import set_occupancy
from tourism.services.town import Town

pytestmark = pytest.mark.browser
PATHS = [
    "/?",
    "/plan?date=2026-12-05&party=4",
    "/plan?date=2026-12-09",
    "/plan?date=2026-12-05&leave=02:00",
    "/plan?date=2026-12-05&with=wheelchair",
    "/plan?date=2026-12-27&viewpoint=jemplang-view&stop=subuh",
    "/plan?date=2026-11-28",
    "/board?date=2026-11-28",
    "/wall?date=2026-11-28",
    "/how?",
    "/offline?",
    "/plan?party=0",
    "/plan?date=2025-01-10",
    "/spots/critasena?",
    "/api/v1/docs?",
    "/places?",
    "/places?municipality=kota-batu&kind=hotel",
    "/dumps/?",
    "/ogc?f=html",
    "/ogc/collections/venues/items?f=html&limit=9",
    "/ogc/collections/viewpoints/items/penanjakan-1?f=html",
    "/embed/map?widget=nope",
    "/nights?",
    "/nights/2026-12-05?",
    "/nights/2026-12-09?",
    "/viewpoints/penanjakan-1?",
    "/destinations/museum-angkut?",
    "/measures?",
    "/scenario?slots=2028,60",
    "/scenario?growth=300,300,300",
    "/batu/?",
    "/malang/plan?date=2026-12-05",
    "/kabupaten/measures?",
    "/nothing?",
]
SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])


def accessible(page: Page) -> None:
    """Fail on any violation of WCAG 2.2 AA that axe-core can find."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
    assert found.violations_count == 0, found.generate_report()


def fits(page: Page) -> None:
    """Fail when the page scrolls sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.fixture(autouse=True)
def ready(request: pytest.FixtureRequest, app: Flask) -> None:
    """Let scenarios be answered at once: their nights have been simulated."""
    if "/scenario" in request.node.name:
        app.extensions["tourism"][1]._nights = request.getfixturevalue("simulated")


@pytest.mark.parametrize(
    ("lang", "scheme", "size"),
    [("id", "dark", PHONE), ("en", "light", PHONE), ("en", "dark", DESK), ("id", "light", DESK)],
    ids=["id-dark-phone", "en-light-phone", "en-dark-desk", "id-light-desk"],
)
@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_accessible_and_fits(
    visit: Visit, path: str, lang: str, scheme: str, size: dict[str, int]
) -> None:
    visit.expected = "status of 4"  # the answer of the bad addresses themselves
    page = visit(f"{path}&lang={lang}", size, scheme)
    accessible(page)
    fits(page)
    assert page.locator("html").get_attribute("lang") == lang
    assert page.locator("h1").count() == 1


@SIZES
def test_tonights_map_shows_zone_pickups_and_every_venue_with_its_sign(visit: Visit, size: dict[str, int]) -> None:
    page = visit("/", size)
    expect(page.locator("h1")).to_have_text("Tunggu sampai 00.25")
    expect(page.locator("path.zone")).to_have_count(1)
    expect(page.locator(".pin-pickup")).to_have_count(4)
    expect(page.locator(".pin:not(.pin-pickup)")).to_have_count(41)
    expect(page.locator(".pin.open .sign").first).to_have_text("✓")
    expect(page.locator(".pin.closes .words").first).to_have_text(re.compile(r"s\.d\. \d\d\.\d\d"))
    expect(page.locator(".spots li")).to_have_count(41)
    assert page.locator("path.street").count() >= 2


@SIZES
def test_a_filter_changes_list_and_pins_and_the_address(visit: Visit, size: dict[str, int], ports: Ports) -> None:
    page = visit("/", size)
    page.get_by_text("Toilet", exact=True).click()
    page.wait_for_url("**need=toilet**")
    expect(page.locator(".spots .why").first).to_have_text("Toilet belum diketahui")
    expect(page.locator(".pin:not(.pin-pickup)")).to_have_count(41)
    page.locator("summary").click()
    page.locator("input[name=until]").fill("23:30")
    page.locator("input[name=until]").blur()
    page.wait_for_url("**until=23%3A30**")
    expect(page.locator("summary")).to_contain_text("22.00 sampai 23.30")


def test_a_window_that_cannot_be_is_told_beside_its_field(visit: Visit) -> None:
    visit.expected = "status of 422"
    page = visit("/?from=03:00&until=04:00")
    page.locator("summary").click()
    page.locator("input[name=until]").fill("01:00")
    page.locator("input[name=until]").blur()
    expect(page.locator("#until-error")).to_be_visible()


def test_a_row_lifts_its_pin_and_a_pin_its_row(visit: Visit) -> None:
    page = visit("/", DESK)
    page.locator("#spot-critasena").hover()
    expect(page.locator(".pin.lifted")).to_have_count(1)
    page.locator("h1").hover()
    expect(page.locator(".pin.lifted")).to_have_count(0)
    page.locator(".pin.closes .sign").first.hover()
    expect(page.locator(".spots .lifted")).to_have_count(1)


@SIZES
def test_tapping_a_venue_opens_its_page_from_the_map_and_from_the_list(visit: Visit, size: dict[str, int]) -> None:
    page = visit("/", size)
    page.locator(".pin[title^='Titik Koma'] .sign").click()
    page.wait_for_url("**/spots/titik-koma-kayutangan")
    page.go_back()
    page.locator("#spot-critasena a").click()
    page.wait_for_url("**/spots/critasena")
    page.get_by_role("link", name="Jam berapa berangkat dari sini?").click()
    page.wait_for_url("**/plan?near=critasena")
    expect(page.locator(".legs li").first).to_contain_text("Tunggu di Critasena")


def test_without_javascript_the_list_and_the_filters_work(visit: Visit) -> None:
    page = visit("/", PHONE, script=False)
    page.get_by_text("Musala", exact=True).click()
    page.get_by_role("button", name="Tampilkan").click()
    page.wait_for_url("**need=prayer_room**")
    expect(page.locator(".spots li")).to_have_count(41)
    expect(page.locator("noscript, .map p").first).to_be_attached()


@SIZES
def test_a_plan_is_made_by_filling_the_form(visit: Visit, size: dict[str, int]) -> None:
    page = visit("/plan", size)
    page.locator("#trip input[name=date]").fill("2026-12-05")
    page.locator("#trip select[name=viewpoint]").select_option("jemplang-view")
    page.locator("#trip input[name=party]").fill("4")
    page.locator("#trip input[name=foreign]").fill("1")
    page.locator("#trip select[name=near]").select_option("critasena")
    page.get_by_role("button", name="Jam berapa berangkat?").click()
    expect(page.locator(".big")).to_have_text("01.48")
    expect(page.locator("table:not(.figures)")).to_contain_text("Rp492.000")  # 3 × 79,000 + 255,000
    expect(page.locator(".legs li").last).to_contain_text("matahari terbit")
    page.locator("#trip input[name=date]").fill("2026-12-09")
    page.locator("#trip select[name=viewpoint]").select_option("penanjakan-1")
    page.get_by_role("button", name="Jam berapa berangkat?").click()
    expect(page.locator("h1")).to_have_text("Puncak Penanjakan ditutup")
    page.get_by_role("link", name="Buka lagi").click()
    expect(page.locator("#trip input[name=party]")).to_have_value("4")
    expect(page.locator(".big")).to_be_visible()


def test_the_answer_is_the_largest_text_on_the_screen(visit: Visit) -> None:
    for path, answer in (("/", "h1"), ("/plan", ".big")):
        page = visit(path)
        sizes = "[...document.querySelectorAll('main *')].map((e) => parseFloat(getComputedStyle(e).fontSize))"
        largest = page.evaluate(f"Math.max(...{sizes})")
        assert page.locator(answer).evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)") == largest


def test_targets_are_44_px_on_a_phone(visit: Visit) -> None:
    small = """[...document.querySelectorAll('.bar a, .chip span, summary, button, .button, input, select, .spots a')]
        .map((e) => [e.textContent.trim().slice(0, 30), e.getBoundingClientRect()])
        .filter(([, b]) => b.width > 0 && b.height > 1 && b.height < 43.5).map(([t]) => t)"""
    for path in ("/", "/plan", "/spots/critasena"):
        page = visit(path)
        assert [t for t in page.evaluate(small) if t] == []


HOSTILE = [
    "</script><script>window.hit=1</script>",
    "${window.hit=2}`+(window.hit=3)+`",
    "<img src=x onerror=window.hit=4>",
    "'\"><svg onload=window.hit=5>",
    "{{ 7*7 }}",
]


class HostileReader:
    """The project's own data, with venues that try to run scripts."""

    def __init__(self, world: World) -> None:
        self.world = world

    def version(self) -> int:
        return self.world.version

    def occupancies(self) -> list[Occupancy]:
        return []

    def reports(self) -> list[Report]:
        return []

    def books_version(self) -> int:
        return 1

    def book(self, night: date) -> NightBook:
        return NightBook(night)

    def read(self) -> World:
        extra = [
            Venue(f"bad-{i}", text, "cafe", -7.979, 112.63 + i / 5000, text, address=text, hours_as_recorded=text,
                  opening_hours=text, note=text)
            for i, text in enumerate(HOSTILE)
        ]  # fmt: skip
        pickups = [replace(p, name=HOSTILE[i % len(HOSTILE)]) for i, p in enumerate(self.world.pickups)]
        return replace(self.world, listings=[*self.world.listings, *extra], pickups=pickups)


class TestHostileNames:
    """What venues and pick-ups say is shown as text, wherever it goes."""

    @pytest.fixture
    def app(self, settings: Settings, ports: Ports, at: Clock) -> Flask:
        return create_app(settings, replace(ports, reader=HostileReader(ports.reader.read())))

    def test_no_script_of_a_venue_runs_and_its_name_is_read_as_written(self, visit: Visit) -> None:
        paths = ["/", "/plan?near=bad-0", *(f"/spots/bad-{i}" for i in range(len(HOSTILE)))]
        for path in paths:
            page = visit(path, DESK)
            for pin in page.locator(".pin .sign").all()[:8]:
                pin.dispatch_event("mouseover")
            assert page.evaluate("window.hit") is None
            assert page.locator("img[src=x]").count() == 0
        page = visit("/", DESK)
        names = page.locator(".spots .name").all_inner_texts()
        assert set(HOSTILE) <= set(names)
        assert HOSTILE[2] in " ".join(page.locator(".pin").evaluate_all("(all) => all.map((e) => e.title)"))


class TestAtTheDoor:
    """What changes while people wait: seats, reports, old words."""

    @pytest.fixture
    def ports(self, fresh: Settings, at: Clock) -> Ports:
        at.instant = at.instant.replace(hour=22, minute=15)
        return replace(make_ports(fresh), now=at)

    @pytest.fixture
    def app(self, fresh: Settings, ports: Ports) -> Flask:
        town = Town(ports.reader.read())
        rows = [
            Evidence("critasena", Detail.SEATS, "40", "office visit", date(2026, 11, 3)),
            Evidence("critasena", Amenity.TOILET, "yes", "office visit", date(2026, 11, 3)),
            Evidence("critasena", Amenity.WIFI, "yes", "old list", date(2020, 1, 1)),
        ]
        with ports.unit_of_work() as uow:
            uow.replace([LoadedFile("visit", Evidence, "", rows)], ports.now())
            uow.commit()
        set_occupancy(ports, town, "critasena", 7, "office")
        return create_app(fresh, ports, lambda _: None)

    @SIZES
    def test_free_seats_are_on_the_map_and_the_list_and_a_party_finds_its_table(
        self, visit: Visit, size: dict[str, int]
    ) -> None:
        page = visit("/?party=5&need=toilet", size)
        expect(page.locator(".pin.live .words")).to_have_text("7 kursi kosong")
        expect(page.locator("#list-title")).to_have_text("1 tempat cocok untuk menunggu")
        expect(page.locator("#spot-critasena .live")).to_have_text("7 kursi kosong pukul 22.15")
        page.locator("input[name=party]").fill("9")
        page.locator("input[name=party]").blur()
        expect(page.locator("#list-title")).to_have_text("0 tempat cocok untuk menunggu")
        expect(page.locator("#spot-critasena .live.closes")).to_have_text("7 kursi kosong pukul 22.15")
        accessible(page)

    def test_the_venue_page_tells_how_old_each_word_is_and_takes_a_tap(self, visit: Visit, ports: Ports) -> None:
        page = visit("/spots/critasena?lang=en")
        expect(page.locator("dd", has_text="40")).to_contain_text("office visit · checked 3 weeks ago")
        expect(page.locator("dd .stale")).to_have_text("old list · checked 6 years ago")
        accessible(page)
        page.get_by_role("button", name="Has changed").click()
        expect(page.locator("#reports [role=status]")).to_be_in_viewport()
        assert [(r.venue, r.verdict) for r in ports.reader.reports()] == [("critasena", "changed")]

    def test_the_link_of_a_venue_can_be_copied(self, visit: Visit) -> None:
        page = visit("/spots/critasena?lang=en")
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.evaluate("navigator.share = undefined")
        page.get_by_role("button", name="Share").click()
        expect(page.locator("#shared")).to_have_text("Link copied")
        assert page.evaluate("navigator.clipboard.readText()").endswith("/spots/critasena")


@SIZES
def test_the_zone_is_redrawn_for_the_walk_one_chooses(visit: Visit, size: dict[str, int]) -> None:
    page = visit("/", size)
    usual = page.locator("path.zone").get_attribute("d")
    page.locator("select[name=max_walk_min]").select_option("15")
    page.wait_for_url("**max_walk_min=15**")
    expect(page.locator("path.zone")).to_have_count(1)
    expect(page.locator("path.zone")).not_to_have_attribute("d", usual or "")
    page.locator("select[name=max_walk_min]").select_option("")
    expect(page.locator("path.zone")).to_have_count(1)


def test_old_hours_look_old_on_the_map(visit: Visit, at: Clock) -> None:
    expect(visit("/", DESK).locator(".pin.old")).to_have_count(0)  # the cafés' list is half a year old
    at.instant = at.instant.replace(year=2027, month=6)
    expect(visit("/", DESK).locator(".pin.old")).to_have_count(12)


@SIZES
def test_a_plan_that_was_opened_works_without_a_signal(visit: Visit, size: dict[str, int]) -> None:
    visit.expected = "ERR_INTERNET_DISCONNECTED"
    page = visit("/plan?date=2026-12-05&lang=en", size)
    expect(page.locator("#kept")).to_be_visible()
    expect(page.locator(".saved")).to_be_hidden()
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("h1")).to_contain_text("23:53")
    expect(page.locator(".saved")).to_have_text("No signal: this is the plan as it was at Tue 24 Nov 21:30.")
    assert page.evaluate("getComputedStyle(document.querySelector('.sky')).backgroundImage").startswith(
        "linear-gradient"
    )
    page.goto(page.url.replace("2026-12-05", "2026-12-06"))  # was never opened
    expect(page.locator("h1")).to_have_text("No signal")
    page.locator("#plans a", has_text="23:53").click()
    expect(page.locator(".saved")).to_be_visible()
    page.get_by_role("link", name="Map", exact=True).click()  # never the browser's own error page
    expect(page.locator("h1")).to_have_text("No signal")
    page.go_back()
    page.context.set_offline(False)
    page.reload()
    expect(page.locator(".saved")).to_be_hidden()


def test_a_changed_plan_is_shown_as_soon_as_there_is_a_signal(visit: Visit, at: Clock) -> None:
    page = visit("/plan?date=2026-11-25&lang=en")
    expect(page.locator("#kept")).to_be_visible()
    at.instant = at.instant.replace(day=25, hour=3)
    page.reload()
    expect(page.locator("h1")).to_have_text("Too late for Puncak Penanjakan")
    expect(page.locator(".saved")).to_be_hidden()


def test_the_tabs_are_two_questions_about_one_trip(visit: Visit) -> None:
    page = visit("/plan?date=2026-12-05&party=4&lang=en")
    page.get_by_role("link", name="We leave at 02:00").click()
    expect(page.locator(".later")).to_contain_text("Better: Jemplang")
    page.locator("#trip input[name=leave]").fill("23:30")
    page.get_by_role("button", name="How likely is it?").click()
    page.wait_for_url("**leave=23%3A30**")
    page.locator(".chances a", has_text="Puncak Penanjakan").click()
    expect(page.locator("h1")).to_contain_text("23:53")
    expect(page.locator("#trip input[name=party]")).to_have_value("4")


def test_the_form_sends_who_comes_along(visit: Visit) -> None:
    page = visit("/plan?date=2026-12-05&lang=en", DESK)
    page.get_by_label("child").check()
    page.get_by_label("time for Subuh").check()
    page.get_by_role("button", name="When do we leave?").click()
    page.wait_for_url("**with=child&stop=subuh**")
    expect(page.locator(".legs")).to_contain_text("Pray Subuh at Puncak Penanjakan")
    expect(page.get_by_label("child")).to_be_checked()


def test_the_printed_plan_has_the_night_and_no_controls(visit: Visit) -> None:
    page = visit("/plan?date=2026-12-05&lang=en")
    page.emulate_media(media="print")
    expect(page.locator(".legs")).to_be_visible()
    expect(page.locator(".curve")).to_be_visible()
    for hidden in (".tabs", ".plan-form", ".take", ".saved"):
        expect(page.locator(hidden)).to_be_hidden()


def test_the_plans_address_is_copied_whole(visit: Visit) -> None:
    page = visit("/plan?party=4&lang=en&approach=")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#share").click()
    expect(page.locator("#shared")).to_have_text("Link copied")
    assert page.evaluate("navigator.clipboard.readText()").endswith("/plan?date=2026-11-25&party=4")


def test_what_leads_on_does_so_after_a_plan_was_kept(visit: Visit) -> None:
    """A worker that answers for pages lets the browser follow redirects: short links, tonight's page, the office."""
    page = visit("/plan?date=2026-12-05")
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    page.reload(wait_until="networkidle")
    assert page.evaluate("navigator.serviceWorker.controller !== null")
    for path, ends in (
        ("/nights/tonight", "/nights/2026-"),
        ("/office/", "/office/sign-in"),
        ("/batu/nights/tonight", "/batu/nights/"),
    ):
        page.goto(visit.base + path, wait_until="networkidle")
        assert ends in page.url

"""The five things an officer does daily, in a real browser, and every page of the office on a phone and a desk."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.test_pages import accessible, fits
from tests.conftest import Clock
from tests.office import PASSWORD, PEOPLE, Person
from tests.partners import add_feed, partner, place, places
from tourism.app import create_app, make_ports
from tourism.config import Settings
from tourism.domain.departure import Template, Vehicle
from tourism.domain.review import Verdict
from tourism.services.changes import KeyWish, add_key
from tourism.services.departures import Action
from tourism.services.feed_pull import pull
from tourism.services.ports import Ports
from tourism.services.reviews import report
from tourism.services.timetable import publish
from tourism.services.town import Town

pytestmark = pytest.mark.browser
NIGHT = date(2026, 11, 28)
SMALL = {"width": 360, "height": 740}
LARGEST_PAGE = 150_000


@pytest.fixture
def ports(fresh: Settings, at: Clock) -> Ports:
    """Return ports on a database with departures and a visitor's report; caches always look again."""
    ticks = iter(range(0, 10_000_000, 2))
    found = replace(make_ports(fresh), now=at, ticks=lambda: float(next(ticks)))
    town = Town(found.reader.read())
    line = Template("Jeeps & Co", "Jip", Vehicle.JEEP, 6, "alun-alun-merdeka", "penanjakan-1", "tumpang", NIGHT, NIGHT)
    publish(Action(found, town, "office"), [replace(line, number=5)])
    report(found, town, "titik-koma-kayutangan", Verdict.CHANGED, "203.0.113.9")
    with partner() as server:
        rows = [place(1), place(2, jenis="Planetarium"), place(3, at=[-7.87, 112.52])]
        server.gives(places(rows))
        allowed = make_ports(replace(fresh, private_feeds=frozenset({server.place})))
        pull(replace(allowed, now=at), add_feed(found, server.url()), "x")
    add_key(found, KeyWish("Dinas Batu", "kota-batu"), "x")
    return found


@pytest.fixture
def app(fresh: Settings, ports: Ports) -> Flask:
    """Return the application on that database, with an owner's change that waits."""
    found = create_app(fresh, ports, lambda _: None)
    owner = Person(found, ports, PEOPLE["owner"])
    owner.post(
        "/office/venues/critasena", **owner.form("critasena", hours="18.00-03.00", phone="+62 341 1", step="submit")
    )
    Person(found, ports, PEOPLE["admin"])
    return found


Enter = Callable[..., Page]


@pytest.fixture
def enter(visit: Visit) -> Enter:
    """Return what opens a page of the office, signing in on the way."""

    def open_page(path: str, size: dict[str, int] = DESK, scheme: str = "dark") -> Page:
        page = visit(path, size, scheme)
        page.locator("input[name=email]").first.fill("admin@example.org")
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_role("button", name=re.compile("^(Masuk|Sign in)$")).click()
        page.wait_for_load_state("networkidle")
        return page

    return open_page


def test_hours_are_fixed_with_a_word_about_tonight_while_typing(enter: Enter) -> None:
    page = enter("/office/venues?q=titik")
    page.get_by_role("link", name="Titik Koma Kayutangan").click()
    hours = page.locator("#hours")
    hours.fill("kapan-kapan")
    expect(page.locator("#hours-check .error")).to_be_visible()
    hours.fill("Sen-Jum 18.00-03.00; Sabtu tutup")
    expect(page.locator("#hours-check")).to_contain_text("buka sampai 03.00")
    hours.fill("Mo-Fr 18:00-03:00; Sa-Su 10:00-22:00")
    expect(page.locator("#hours-check .caution").first).to_be_visible()
    page.locator("#hours-check [data-hours]").first.click()
    expect(hours).not_to_have_value("Mo-Fr 18:00-03:00; Sa-Su 10:00-22:00")
    page.locator("#source").fill("telepon ke tempatnya")
    page.get_by_role("button", name="Simpan dan terbitkan").click()
    expect(page.locator(".good")).to_contain_text("Tersimpan")
    page.get_by_role("link", name="Lihat tampilan untuk wisatawan").click()
    expect(page.locator("#known-title + dl")).to_contain_text("telepon ke tempatnya")


def test_the_point_is_moved_on_the_map_and_by_its_fields(enter: Enter) -> None:
    page = enter("/office/venues/critasena")
    page.locator(".picker").scroll_into_view_if_needed()
    pin = page.locator(".picker-pin")
    expect(pin).to_be_visible()
    before = page.locator("#lat").input_value()
    box = page.locator(".picker").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.3)
    expect(page.locator("#lat")).not_to_have_value(before)
    assert re.fullmatch(r"-7\.97\d{4}", page.locator("#lat").input_value())
    page.locator("#lat").fill("-7.9769")
    page.locator("#lat").press("Tab")
    expect(pin).to_be_visible()


def test_a_proposal_and_a_report_are_judged_by_keyboard_alone(enter: Enter) -> None:
    page = enter("/office/review")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/office/review/**")
    if "report" in page.url:
        page.keyboard.press("n")
        page.wait_for_url("**/proposal/**")
    page.keyboard.press("j")
    page.keyboard.press("x")  # the first field, hours, is rejected; the cursor is in its reason
    page.keyboard.type("the sign says otherwise")
    page.get_by_role("button", name="Terbitkan yang diterima").press("Enter")
    page.wait_for_url("**/report/**")
    page.locator("input[name=reason]").fill("ditelepon, masih sama")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)  # a feed's revisions are left, which have a page of their own
    expect(page.locator("tbody")).to_contain_text("revisi dari umpan (1)")
    page.goto(page.url.split("/office")[0] + "/spots/critasena")
    expect(page.locator("#known-title + dl")).to_contain_text("24/7")


def test_a_sheet_is_imported(enter: Enter, tmp_path: Path) -> None:
    file = tmp_path / "daftar.csv"
    file.write_text(
        "nama;jenis;jam buka;lintang;bujur\nKopi Uji;kafe;24 jam;-7,979;112,63\nRusak;kafe;kapan;-7,98;112,63\n"
    )
    page = enter("/office/sheets")
    page.locator("input[type=file]").set_input_files(file)
    page.locator("input[name=source]").fill("daftar Mei 2026")
    page.get_by_role("button", name="Lihat apa yang akan terjadi").click()
    expect(page.locator(".counts .new b")).to_have_text("1")
    expect(page.locator(".counts .rejected b")).to_have_text("1")
    accessible(page)
    fits(page)
    page.get_by_role("button", name="Simpan baris ini (1)").click()
    expect(page.locator(".good")).to_be_visible()
    page.goto(page.url.split("/office")[0] + "/spots/kopi-uji")
    expect(page.locator("h1")).to_have_text("Kopi Uji")


def test_a_gate_is_closed_after_its_effect_was_seen_and_the_mistake_is_undone(enter: Enter) -> None:
    page = enter("/office/tables/closures/new")
    page.locator("input[name=starts_at]").fill("2026-11-27T18:00")
    page.locator("input[name=ends_at]").fill("2026-11-28T12:00")
    page.locator("select[name=scope]").select_option("gate-jemplang")
    page.locator("input[name=reason]").fill("longsor")
    page.locator("select[name=status]").select_option("announced")
    page.locator("input[name=source]").fill("surat TNBTS")
    page.locator("input[name=why]").fill("surat hari ini")
    page.get_by_role("button", name="Lihat pengaruhnya").click()
    expect(page.locator(".effect")).to_contain_text("5 keberangkatan pada satu malam")
    accessible(page)
    page.get_by_role("button", name="Simpan").click()
    expect(page.locator("table")).to_contain_text("longsor")
    home = page.url.split("/office")[0]
    page.goto(home + "/wall?date=2026-11-28")
    expect(page.locator("main")).to_contain_text("longsor")
    page.goto(home + "/office/history?kind=closures")
    page.get_by_text("Batalkan ini").first.click()
    page.locator(".undo input[name=reason]").first.fill("salah tanggal")
    page.get_by_role("button", name="Batalkan perubahan ini").first.click()
    expect(page.locator(".effect")).to_contain_text("5 mendapat giliran lagi")  # what it does is seen first
    accessible(page)
    page.get_by_role("button", name="Batalkan perubahan ini").click()
    expect(page.locator(".good")).to_be_visible()
    page.goto(home + "/wall?date=2026-11-28")
    expect(page.locator("main")).not_to_contain_text("longsor")


def test_two_officers_in_two_browsers_lose_nothing(enter: Enter, visit: Visit) -> None:
    visit.expected = "409"
    one, other = enter("/office/venues/toko-oen"), enter("/office/venues/toko-oen")
    one.locator("input[name=phone]").fill("+62 341 364052")
    one.get_by_role("button", name="Simpan dan terbitkan").click()
    expect(one.locator(".good")).to_be_visible()
    other.locator("input[name=address]").fill("Jl. Basuki Rahmat 5, Klojen")
    other.get_by_role("button", name="Simpan dan terbitkan").click()
    expect(other.locator(".alert")).to_contain_text("+62 341 364052")
    expect(other.locator("input[name=address]")).to_have_value("Jl. Basuki Rahmat 5, Klojen")
    accessible(other)
    other.get_by_role("button", name="Simpan dan terbitkan").click()
    expect(other.locator(".good")).to_be_visible()
    expect(other.locator("input[name=phone]")).to_have_value("+62 341 364052")


PAGES = (
    "/office/venues", "/office/venues/critasena", "/office/venues/new", "/office/review",
    "/office/review/proposal/critasena", "/office/review/report/titik-koma-kayutangan", "/office/history",
    "/office/sheets", "/office/tables", "/office/tables/closures", "/office/tables/gates/gate-jemplang",
    "/office/sharing", "/office/feeds/batu", "/office/tables/feeds", "/office/tables/widgets/new",
    "/office/night?date=2026-11-28", "/office/night/departures/261128-001",
)  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "scheme", "size"),
    [("id", "dark", SMALL), ("en", "light", SMALL), ("id", "light", DESK)],
    ids=["id-dark-phone", "en-light-phone", "id-light-desk"],
)
def test_every_page_is_accessible_fits_and_is_light(enter: Enter, lang: str, scheme: str, size: dict[str, int]) -> None:
    page = enter(f"/office/venues?lang={lang}", size, scheme)
    home = page.url.split("/office")[0]
    heavy, weights = dict[str, int](), list[int]()
    page.on("response", lambda answer: weights.append(int(answer.headers.get("content-length", "0"))))
    for path in PAGES:
        weights.clear()
        page.goto(f"{home}{path}{'&' if '?' in path else '?'}lang={lang}", wait_until="networkidle")
        accessible(page)
        fits(page)
        if sum(weights) > LARGEST_PAGE:
            heavy[path] = sum(weights)
    assert heavy == {}


def test_the_sign_in_pages_are_accessible(visit: Visit) -> None:
    page = visit("/office/sign-in", PHONE)
    accessible(page)
    fits(page)


def test_the_office_works_without_scripts(visit: Visit) -> None:
    page = visit("/office/venues/critasena", DESK, script=False)
    page.locator("input[name=email]").first.fill("admin@example.org")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.locator("input[name=address]").fill("Jl. Kahuripan 1B")
    page.get_by_role("button", name="Simpan dan terbitkan").click()
    expect(page.locator(".good")).to_be_visible()

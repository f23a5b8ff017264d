"""Turns and boards in a real browser."""

import re
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.test_pages import accessible, fits
from tests.conftest import Clock
from tourism.app import create_app, make_ports
from tourism.config import Settings
from tourism.domain.departure import State, Template, Vehicle
from tourism.services.departures import Action, GateWord, say_rate, set_state
from tourism.services.timetable import publish
from tourism.services.town import Town

pytestmark = pytest.mark.browser
NIGHT = date(2026, 11, 28)
SCREEN = {"width": 1920, "height": 1080}


@pytest.fixture
def office(fresh: Settings, at: Clock) -> Action:
    """Return what the office acts with, on a database with thirteen departures."""
    ports = replace(make_ports(fresh), now=at)
    found = Action(ports, Town(ports.reader.read()), "office")
    line = Template("Jip Ngadas", "Jip", Vehicle.JEEP, 6, "alun-alun-merdeka", "penanjakan-1", "tumpang", NIGHT, NIGHT)
    publish(found, [replace(line, number=12), replace(line, label="Bis", pickup="stasiun-malang")])
    return found


@pytest.fixture
def app(fresh: Settings, office: Action) -> Flask:
    """Return the application on that database."""
    return create_app(fresh, office.ports, lambda _: None)


def test_a_tourist_takes_a_turn_and_hears_of_a_move(visit: Visit, office: Action, at: Clock) -> None:
    """From the plan on a phone to the turn; after the gate slows down the page says when and why it moved."""
    page = visit("/plan?date=2026-11-28&party=4", PHONE)
    page.locator("select[name=how]").select_option("261128-012")
    page.get_by_role("button", name="Ambil giliran untuk 4 orang").click()
    page.wait_for_url("**turn=**")
    before = page.locator(".big").inner_text()
    expect(page.locator("#turn-title")).to_contain_text(re.compile("kode [A-Z2-9]{7}"))
    expect(page.locator("#turn dl")).to_contain_text("Jip Ngadas, Jip 12")
    accessible(page)
    fits(page)
    at.instant += timedelta(minutes=5)
    say_rate(office, GateWord(NIGHT, "gate-jemplang", 0.5, time(0, 30)))
    page.reload()
    expect(page.locator("h1 .big")).not_to_have_text(before)
    expect(page.locator("#turn .log li")).to_have_count(1)
    page.get_by_text("Lepaskan giliran ini").click()
    page.get_by_role("button", name="Ya, lepaskan").click()
    page.wait_for_url(lambda url: "turn=" not in url)
    assert office.ports.reader.book(NIGHT).parties == ()


@pytest.mark.parametrize("size", [PHONE, DESK, SCREEN], ids=["phone", "desk", "screen"])
@pytest.mark.parametrize("path", ["/board", "/wall"])
def test_board_and_wall_fit_and_can_be_read(visit: Visit, path: str, size: dict[str, int]) -> None:
    """No sideways scroll, no accessibility violation; on a screen all rows fit, and the time is large."""
    page = visit(f"{path}?date=2026-11-28", size)
    accessible(page)
    fits(page)
    if size is SCREEN:
        end = page.evaluate("document.querySelector('[data-rows]').lastElementChild.getBoundingClientRect().bottom")
        assert end <= SCREEN["height"]
        if path == "/board":
            height = page.locator(".departures .leave").first.evaluate(
                "(e) => parseFloat(getComputedStyle(e).fontSize)"
            )
            assert height >= 64


def test_the_board_follows_the_night_and_says_how_old_it_is(visit: Visit, office: Action) -> None:
    """It asks by ETag and changes by itself; without an answer it keeps what it had and says since when."""
    visit.expected = "ERR_FAILED"
    page = visit("/board?date=2026-11-28", DESK)
    statuses: list[int] = []
    page.on("response", lambda answer: statuses.append(answer.status) if "/board/rows" in answer.url else None)
    expect(page.locator(".departures tbody tr:visible")).to_have_count(7)
    set_state(office, "261128-001", State.BOARDING)
    expect(page.locator("tr.boarding")).to_have_count(1, timeout=15_000)
    page.wait_for_timeout(6_500)
    assert statuses[0] == 200
    assert 304 in statuses
    page.context.set_offline(True)
    page.route("**/board/rows*", lambda route: route.abort())
    expect(page.locator(".lost")).to_be_visible(timeout=15_000)
    expect(page.locator(".lost")).to_have_text(re.compile(r"Tidak ada sambungan sejak \d\d\.\d\d \(\d+ menit\)"))
    expect(page.locator(".departures tbody tr:visible")).to_have_count(7)
    page.context.set_offline(False)
    page.unroute("**/board/rows*")
    expect(page.locator(".lost")).to_be_hidden(timeout=15_000)


def test_what_operators_write_runs_nowhere(visit: Visit, office: Action) -> None:
    """Scripts in names are read as text, also where the board is renewed."""
    hostile = "<img src=x onerror=window.hit=1>"
    line = Template(hostile, hostile, Vehicle.JEEP, 6, "alun-alun-merdeka", "jemplang-view", "tumpang", NIGHT, NIGHT)
    for departure in office.ports.reader.book(NIGHT).departures:
        set_state(office, departure.id, State.CANCELLED)
    page = visit("/board?date=2026-11-28", DESK)
    publish(office, [line])
    expect(page.locator(".departures .vehicle").last).to_contain_text(hostile, timeout=15_000)
    assert page.evaluate("window.hit") is None

"""The joint map in a real browser, and its widget on a partner's site and on one that may not show it."""

from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.test_pages import accessible, fits
from tests.conftest import Clock
from tests.partners import Partner, add_feed, desk_of, place, places
from tourism.app import create_app, make_ports
from tourism.config import Settings
from tourism.services.feed_pull import pull
from tourism.services.keeping import RowEdit, new_row_key, save_row
from tourism.services.ports import Ports

pytestmark = pytest.mark.browser
HOSTILE = "Kafe </script><img src=x onerror=alert(1)>"


@pytest.fixture
def ports(fresh: Settings, at: Clock, server: Partner) -> Ports:
    """Return ports on a database with a partner's listings and a widget for its site; caches always look again."""
    ticks = iter(range(0, 10_000_000, 2))
    usual = make_ports(replace(fresh, private_feeds=frozenset({server.place})))
    found = replace(usual, now=at, ticks=lambda: float(next(ticks)))
    server.gives(places([place(1, HOSTILE), place(2, jam="24 jam")]))
    pull(found, add_feed(found, server.url(), trusted="yes"), "x")
    told = {
        "id": "batu", "name": "Shining Batu", "colour": "#0b6e4f", "origins": f"http://{server.place}",
        "municipality": "kota-batu",
    }  # fmt: skip
    save_row(desk_of(found), RowEdit("widgets", new_row_key(), 0, told, "x"))
    return found


@pytest.fixture
def app(fresh: Settings, ports: Ports) -> Flask:
    """Return the application on that database."""
    return create_app(fresh, ports, lambda _: None)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_a_place_of_the_list_is_on_the_map_with_who_lists_it(visit: Visit, size: dict[str, int], scheme: str) -> None:
    page = visit("/places?municipality=kota-batu", size, scheme)
    expect(page.locator("[data-ready='2']")).to_be_attached()
    expect(page.locator(".outline-name")).to_have_text("Kota Batu")
    page.locator("[data-place]").filter(has_text="</script>").click()
    popup = page.locator(".leaflet-popup-content")
    expect(popup).to_contain_text(HOSTILE)
    expect(popup).to_contain_text("Dinas Batu (CC-BY-4.0)")
    expect(popup).to_contain_text("Jam buka tidak diketahui")
    expect(page.locator(".leaflet-popup")).to_have_css("opacity", "1")
    accessible(page)
    fits(page)


def test_the_widget_is_shown_on_the_partners_site_in_its_colour(visit: Visit, server: Partner) -> None:
    visit.partners = (server.url(""),)
    page = visit("/places")
    home = page.url.split("/places")[0]
    line = f'<iframe src="{home}/embed/map?widget=batu" title="Shining Batu" width="100%" height="480"></iframe>'
    server.gives(f"<!doctype html><title>Batu</title>{line}".encode(), "text/html", "/site")
    page.goto(server.url("/site"), wait_until="networkidle")
    frame = page.frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text("Shining Batu")
    expect(frame.locator("[data-ready='2']")).to_be_attached()
    expect(frame.locator("header")).to_have_css("background-color", "rgb(11, 110, 79)")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{home}/embed/map?widget=batu", wait_until="networkidle")
    box = page.locator("#places-map").bounding_box()
    assert box
    assert box["width"] == 1280
    accessible(page)
    fits(page)


def test_another_site_does_not_get_it(visit: Visit, server: Partner) -> None:
    visit.expected = "frame"  # what the browser says of it
    visit.partners = (server.url("").replace("127.0.0.1", "localhost"),)
    page = visit("/places")
    home = page.url.split("/places")[0]
    line = f'<iframe src="{home}/embed/map?widget=batu"></iframe>'
    server.gives(f"<!doctype html><title>Other</title>{line}".encode(), "text/html", "/site")
    page.goto(server.url("/site").replace("127.0.0.1", "localhost"), wait_until="networkidle")  # another origin
    expect(page.frame_locator("iframe").locator("body")).to_be_attached()  # the browser's own page says so
    expect(page.frame_locator("iframe").locator("#places-map")).to_have_count(0)

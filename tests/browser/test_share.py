"""A short link in a real browser, also once the service worker answers for pages."""

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.browser.conftest import PHONE
from tests.office import Person, admin, app, ports
from tests.routes.test_share import campaign
from tests.servers import serving
from tourism.services.campaigns import counts
from tourism.services.ports import Ports

__all__ = ["admin", "app", "ports"]
pytestmark = pytest.mark.browser
AGENT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36"


@pytest.mark.parametrize("before", [False, True], ids=["first visit", "after a plan was kept"])
def test_a_scan_and_its_plan_are_counted(
    app: Flask, ports: Ports, admin: Person, chromium: Browser, before: bool
) -> None:
    code = campaign(ports, admin)
    with serving(app) as base:
        context = chromium.new_context(viewport=PHONE, user_agent=AGENT, locale="id-ID")  # type: ignore[arg-type]
        page = context.new_page()
        if before:
            page.goto(f"{base}/plan", wait_until="networkidle")
            page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
            page.reload(wait_until="networkidle")
            assert page.evaluate("navigator.serviceWorker.controller !== null")
        page.goto(f"{base}/batu/k/{code}", wait_until="networkidle")
        assert page.url == f"{base}/batu/spots/critasena?k={code}"
        page.locator("main .next a.button").first.click()
        page.wait_for_url(f"{base}/batu/plan?**k={code}**")
        assert counts(ports, ports.now()) == {code: {"scan": 1, "plan": 1}}
        context.close()

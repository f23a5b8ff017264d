"""A server of our own and a Chromium that may talk to nobody else."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from tests.conftest import CHROMIUM
from tests.servers import serving

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    """Serve the application and return its address."""
    with serving(app) as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start Chromium once."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Visit:
    """Opens pages and remembers what went wrong on them."""

    def __init__(self, chromium: Browser, base: str) -> None:
        self.chromium, self.base = chromium, base
        self.contexts: list[BrowserContext] = []
        self.errors: list[str] = []
        self.foreign: list[str] = []
        self.expected = ""  # part of an error that a test provokes
        self.partners: tuple[str, ...] = ()  # addresses of other sites that a test goes to

    def __call__(self, path: str, size: dict[str, int] = PHONE, scheme: str = "dark", script: bool = True) -> Page:
        """Open a page of ours."""
        context = self.chromium.new_context(
            viewport=size,  # type: ignore[arg-type]
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=script,
            locale="id-ID",
        )
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.route(lambda url: not url.startswith((self.base, "data:", *self.partners)), self._refuse)
        page.goto(self.base + path, wait_until="networkidle")
        return page

    def _refuse(self, route: Route) -> None:
        self.foreign.append(route.request.url)
        route.abort()


@pytest.fixture
def visit(chromium: Browser, base: str) -> Iterator[Visit]:
    """Visit pages; a script error or a request to another host fails the test at its end."""
    found = Visit(chromium, base)
    yield found
    for context in found.contexts:
        context.close()
    assert [e for e in found.errors if not found.expected or found.expected not in e] == []
    assert found.foreign == []

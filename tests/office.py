"""People of the office, signed in over HTTP as a browser would be."""

import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, stream_encode_multipart

from tests.conftest import Clock
from tourism.app import create_app, make_ports
from tourism.config import Settings
from tourism.domain.account import Role, User
from tourism.services.accounts import add_user
from tourism.services.ports import Ports

PASSWORD = "hujan deras di kayutangan"
PEOPLE = {
    "admin": User("admin@example.org", Role.ADMIN),
    "editor": User("editor@example.org", Role.EDITOR),
    "batu": User("batu@example.org", Role.PARTNER, "kota-batu"),
    "jeeps": User("jeeps@example.org", Role.OPERATOR, operator="Jeeps & Co"),
    "owner": User("owner@example.org", Role.OWNER, venue="critasena"),
}
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


class Person:
    """A browser that is signed in; its forms carry their token."""

    def __init__(self, app: Flask, ports: Ports, user: User) -> None:
        self.user, self.client = user, app.test_client()
        _, link = add_user(ports, user, "test")
        self.link = "/" + link.split("/", 3)[3]
        self.follow()

    def follow(self, **extra: str) -> TestResponse:
        """Follow the link and choose a password."""
        token = token_of(self.client.get(self.link))
        answer = self.client.post(self.link, data={"csrf": token, "password": PASSWORD, **extra})
        assert answer.status_code == 303, answer.text
        return answer

    @property
    def csrf(self) -> str:
        """The token of this session's forms."""
        found = self.client.get("/api/v1/session").get_json()
        return str(found["csrf"])

    def get(self, path: str, **given: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, **given)

    def post(self, path: str, **data: Any) -> TestResponse:
        """Send a form."""
        # Encoded here, for the test client leaves its own temporary file open.
        files = {name: FileStorage(*given) for name, given in data.items() if isinstance(given, tuple)}
        given = {"csrf": self.csrf, **data, **files}
        stream, length, boundary = stream_encode_multipart(given, threshold=10**9)
        kind = f'multipart/form-data; boundary="{boundary}"'
        return self.client.post(path, input_stream=stream, content_length=length, content_type=kind)

    def form(self, key: str, **changed: Any) -> dict[str, Any]:
        """Return a venue's form as its page has it, with changes."""
        return fields_of(self.get(f"/office/venues/{key}").text) | {"step": "publish", "source": "call"} | changed


def token_of(answer: TestResponse) -> str:
    """Return the token of a page's first form."""
    found = TOKEN.search(answer.text)
    assert found, answer.text
    return found[1]


def fields_of(page: str) -> dict[str, str]:
    """Return what a browser would send of the form that edits a venue."""
    form = page.split('class="edit"', 1)[1].split("</form>", 1)[0]
    found = {}
    for tag in re.findall(r"<input\b[^>]*>", form):
        name, value = re.search(r'\bname="([^"]+)"', tag), re.search(r'\bvalue="([^"]*)"', tag)
        if name and 'type="file"' not in tag and 'type="checkbox"' not in tag:
            found[name[1]] = unescape(value[1]) if value else ""
    for name, inner in re.findall(r'<select\b[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inner)
        found[name] = chosen[1] if chosen else ""
    for name, inner in re.findall(r'<textarea\b[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        found[name] = unescape(inner)
    return found


@pytest.fixture
def ports(fresh: Settings, at: Clock) -> Ports:
    """Return ports on a database that a test may write to; the clock of the second that caches last always ticks."""
    ticks = iter(range(0, 10_000_000, 2))
    return replace(make_ports(fresh), now=at, ticks=lambda: float(next(ticks)))


@pytest.fixture
def app(fresh: Settings, ports: Ports) -> Flask:
    """Return the application on that database, as its one worker."""
    return create_app(replace(fresh, workers=1), ports, lambda _: None)


@pytest.fixture
def admin(app: Flask, ports: Ports) -> "Person":
    """Return the office's admin, signed in."""
    return person(app, ports, "admin")


def person(app: Flask, ports: Ports, name: str, **changed: Any) -> Person:
    """Return somebody by name, signed in."""
    return Person(app, ports, replace(PEOPLE[name], **changed))

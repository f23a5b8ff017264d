"""Short links: who is a robot, where they may lead, and that nobody is known by a count."""

import pytest
from pydantic import TypeAdapter, ValidationError

from tourism.adapters.robots import is_robot
from tourism.domain.campaign import Campaign, Stage, digest_of, is_navigation

PHONE = (
    "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36"
)


ROBOTS = [
    "", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "WhatsApp/2.23.20.0",
    "facebookexternalhit/1.1", "TelegramBot (like TwitterBot)", "python-requests/2.32", "curl/8.5.0",
    "Mozilla/5.0 HeadlessChrome/131.0", "meta-externalagent/1.1 (+x.org/crawler)", "GoogleOther",
    "Mediapartners-Google", "axios/1.6.0",
    "Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)",
]  # fmt: skip
PEOPLE = [
    PHONE, "Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 Chrome/99 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 12) Chrome/99 Mobile Safari/537.36 Telegram-Android/10.1",
]  # fmt: skip


@pytest.mark.parametrize("agent", ROBOTS)
def test_robots_and_previews_are_left_out(agent: str) -> None:
    assert is_robot(agent)


@pytest.mark.parametrize("agent", PEOPLE)
def test_people_are_none_whatever_their_phone_is_called(agent: str) -> None:
    assert not is_robot(agent)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Mode": "cors"},
    ],
)  # fmt: skip
def test_pages_fetched_ahead_and_pictures_on_other_sites_are_no_visits(headers: dict[str, str]) -> None:
    assert not is_navigation(headers)
    assert is_navigation({})
    assert is_navigation({"Sec-Fetch-Mode": "navigate"})
    worker = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin", "X-Navigation": "1"}
    assert is_navigation(worker)
    assert not is_navigation({**worker, "Sec-Fetch-Site": "cross-site"})


def test_a_visitor_is_another_for_each_link_step_network_browser_and_secret() -> None:
    mine = b"tonight", "ab23cd", Stage.SCAN, "203.0.113.9", PHONE
    found = {
        digest_of(*mine),
        digest_of(b"tomorrow", *mine[1:]),
        digest_of(b"tonight", "other1", *mine[2:]),
        digest_of(b"tonight", "ab23cd", Stage.PLAN, *mine[3:]),
        digest_of(*mine[:3], "203.0.113.10", PHONE),
        digest_of(*mine[:4], "another"),
        digest_of(*mine[:4]),
    }
    assert len(found) == 7
    assert digest_of(*mine) in found
    assert "203.0.113.9" not in "".join(found)


READ = TypeAdapter(Campaign)


@pytest.mark.parametrize(
    "target", ["/", "/plan", "/spots/critasena", "/plan?date=2026-12-05&party=4", "/nights/tonight"]
)
def test_a_short_link_leads_to_a_page_of_this_site(target: str) -> None:
    found = READ.validate_python({"code": "toko7", "name": "x", "kind": "poster", "leads_to": target})
    assert found.leads_to == target


@pytest.mark.parametrize(
    "target",
    [
        "",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/a/../b",
        "/plan?k=toko7",
        "/a\nb",
        "/x?y=<script>",
        "plan",
    ],
)
def test_a_short_link_leads_nowhere_else(target: str) -> None:
    with pytest.raises(ValidationError, match="Write a page of this site"):
        READ.validate_python({"code": "toko7", "name": "x", "kind": "poster", "leads_to": target})


@pytest.mark.parametrize("code", ["", "abc", "x" * 13, "AB23CD", "a/b/c", "../..", "ab cd"])
def test_a_code_is_small_letters_and_digits(code: str) -> None:
    with pytest.raises(ValidationError, match="small letters and digits"):
        READ.validate_python({"code": code, "name": "x", "kind": "poster", "leads_to": "/"})

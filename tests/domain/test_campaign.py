"""Short links: who is a robot, where they may lead, and that nobody is known by a count."""

import pytest
from pydantic import TypeAdapter, ValidationError

from tourism.domain.campaign import Campaign, Step, is_bot, visitor_of

PHONE = (
    "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36"
)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"User-Agent": ""},
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        {"User-Agent": "WhatsApp/2.23.20.0"},
        {"User-Agent": "facebookexternalhit/1.1"},
        {"User-Agent": "TelegramBot (like TwitterBot)"},
        {"User-Agent": "python-requests/2.32"},
        {"User-Agent": "curl/8.5.0"},
        {"User-Agent": "Mozilla/5.0 HeadlessChrome/131.0"},
        {"User-Agent": PHONE, "Sec-Purpose": "prefetch;prerender"},
        {"User-Agent": PHONE, "Purpose": "prefetch"},
    ],
)
def test_robots_previews_and_pages_fetched_ahead_are_left_out(headers: dict[str, str]) -> None:
    assert is_bot(headers)
    assert not is_bot({"User-Agent": PHONE})


def test_a_visitor_is_another_for_each_link_step_network_browser_and_secret() -> None:
    mine = b"today", "ab23cd", Step.SCAN, "203.0.113.9", PHONE
    found = {
        visitor_of(*mine),
        visitor_of(b"tomorrow", *mine[1:]),
        visitor_of(b"today", "other1", *mine[2:]),
        visitor_of(b"today", "ab23cd", Step.PLAN, *mine[3:]),
        visitor_of(*mine[:3], "203.0.113.10", PHONE),
        visitor_of(*mine[:4], "another"),
    }
    assert len(found) == 6
    assert visitor_of(*mine) in found
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
        "/k/loop1",
        "/office/",
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

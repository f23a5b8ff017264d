"""Feeds as partners have them, read from a real server: formats, encodings, pages, and what is no feed."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.test_partner_http import Act, serving
from tourism.adapters.feed_files import PartnerFeeds, _Depth
from tourism.adapters.partner_http import Fetcher, Limits
from tourism.domain.sharing import Delivered, Feed, FeedState
from tourism.errors import FeedError

FEED = Feed("batu", "Batu", "http://x/", "geojson", "CC0-1.0", "x", 24, "kota-batu")
PLACE = {
    "type": "Feature", "id": 7, "geometry": {"type": "Point", "coordinates": [112.52, -7.87]},
    "properties": {"nama": "Kafé"},
}  # fmt: skip


def served(content: bytes, kind: str = "application/json", extra: str = "") -> Act:
    """Return what sends one content."""
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n{extra}Connection: close\r\n\r\n"
    )
    return lambda connection: connection.sendall(head.encode() + content)


def rows(content: bytes, kind: str = "application/json", format_: str = "geojson") -> list[Delivered]:
    """Return the rows of a feed that a server sends."""
    with serving(served(content, kind)) as port:
        return list(delivered(port, format_))


def delivered(port: int, format_: str, state: FeedState | None = None) -> Iterator[Delivered]:
    """Yield what a server delivers."""
    feeds = PartnerFeeds(Fetcher(Limits(allowed=frozenset({f"127.0.0.1:{port}"}))))
    feed = replace(FEED, url=f"http://127.0.0.1:{port}/feed", format=format_)  # type: ignore[arg-type]
    with feeds.deliver(feed, state or FeedState("batu")) as found:
        assert list(found.rows()) == list(found.rows())  # it may be read again
        yield from found.rows()


def collection(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_geojson_is_read_feature_by_feature() -> None:
    area = {**PLACE, "geometry": {"type": "Polygon", "coordinates": [[[112, -8], [113, -8], [113, -7], [112, -8]]]}}
    found = rows(collection(PLACE, area, {"type": "Feature", "properties": None, "geometry": None}, 5))
    assert [row.line for row in found] == [1, 2, 3, 4]
    assert found[0].cells == {"id": "7", "nama": "Kafé", "lat": "-7.87", "lon": "112.52"}
    assert -8 < float(found[1].cells["lat"]) < -7
    assert found[2].cells == found[3].cells == {"lat": "?", "lon": "?"}
    assert rows(collection()) == []


TABLE = "nama;jenis;catatan\nKafé;kafe;“enak”\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_csv_is_read_in_the_encodings_that_spreadsheets_write(encoding: str) -> None:
    found = rows(TABLE.encode(encoding), "text/csv", "csv")
    assert found == [Delivered(2, {"nama": "Kafé", "jenis": "kafe", "catatan": "“enak”"})]


def test_csv_with_commas_quotes_and_empty_lines() -> None:
    found = rows(b'id,name\n1,"a\nb"\n\n2,\'=1+1\n', "text/plain", "csv")
    assert [(row.line, row.cells) for row in found] == [
        (3, {"id": "1", "name": "a\nb"}), (5, {"id": "2", "name": "=1+1"}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "kind", "format_", "code"),
    [
        (b"<!doctype html><p>Hi", "text/html", "geojson", "WEB_PAGE"),
        (b"  <html>", "application/json", "geojson", "WEB_PAGE"),
        (b"<html>", "text/csv", "csv", "NO_CSV"),
        (b"a,b\n1,2", "text/csv", "geojson", "OTHER_TYPE"),
        (b"{}", "application/json", "csv", "OTHER_TYPE"),
        (b"\x89PNG", "image/png", "geojson", "OTHER_TYPE"),
        (b"{}", "application/json", "geojson", "NOT_A_COLLECTION"),
        (b"[]", "application/json", "geojson", "NOT_A_COLLECTION"),
        (b'{"type":"FeatureCollection","features":[{"a":1},', "application/json", "geojson", "UNREADABLE_JSON"),
        (b'{"type":"FeatureCollection","features":[NaN]}', "application/json", "geojson", "UNREADABLE_JSON"),
        (b'{"type":"FeatureCollection","features":[' + b"[" * 300_000, "text/plain", "geojson", "TOO_DEEP"),
        (b"\xff\xfe{\x00}\x00", "application/json", "geojson", "UNREADABLE_JSON"),
        (b"{}", "application/json", "changes", "NOT_OUR_FORMAT"),
        (b"", "text/csv", "csv", "NO_CSV"),
        (b"name\n" + b'"' + b"x" * 2_000_000, "text/csv", "csv", "LARGEST_ROW"),
        (b'{"type":"FeatureCollection","features":[{"a":"' + b"x" * 5_000_000 + b'"}]}', "application/json", "geojson",
         "LARGEST_ROW"),
    ],
)  # fmt: skip
def test_what_is_no_feed_is_said(content: bytes, kind: str, format_: str, code: str) -> None:
    with pytest.raises(FeedError) as error:
        rows(content, kind, format_)
    assert error.value.message.code == code


def test_a_feed_that_has_not_changed_is_not_sent_again() -> None:
    unchanged = b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"
    with serving(lambda connection: connection.sendall(unchanged)) as port:
        feeds = PartnerFeeds(Fetcher(Limits(allowed=frozenset({f"127.0.0.1:{port}"}))))
        state = FeedState("batu", etag='"1"', last_modified="Wed, 25 Nov 2026 00:00:00 GMT")
        with feeds.deliver(replace(FEED, url=f"http://127.0.0.1:{port}/"), state) as found:
            assert found.not_modified


JSON = st.recursive(
    st.none() | st.booleans() | st.text('[]{}"\\\\a', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('[]{}"\\\\', max_size=3), inner, max_size=3),
    max_leaves=12,
)


def depth_of(value: object) -> int:
    """Return how deeply a value is nested, by walking it."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth_of, inner), default=0)


@given(JSON, st.integers(1, 9))
def test_depth_is_seen_whatever_strings_hold_and_wherever_blocks_end(value: object, size: int) -> None:
    text, seen = json.dumps(value).encode(), _Depth()
    blocks = [text[n : n + size] for n in range(0, len(text), size)]
    assert max(map(seen.after, blocks)) == depth_of(value)

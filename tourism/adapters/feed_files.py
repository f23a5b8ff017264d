"""Feeds read row by row from disk, so that a million rows need no more memory than one."""

import codecs
import csv
import io
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from http import HTTPStatus
from typing import IO, Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import ijson
import numpy as np

from tourism.adapters.partner_http import BLOCK, Answer, Fetcher
from tourism.adapters.sheets import MOST_COLUMNS, feature_cells
from tourism.domain.sharing import MOST_FEED_ROWS, Delivered, Delivery, Feed, FeedState
from tourism.domain.sheet import plain
from tourism.errors import FeedError, Message

LARGEST_ROW, LARGEST_PAGE = 500_000, 50_000_000  # bytes from one row to the next
MOST_PAGES = 500
MOST_S, LONGEST_PAUSE_S = 1_800, 30  # for all pages of a feed; and for one that asks us to wait
LONGEST_CURSOR = 200
DEEPEST = 100
ACCEPT = {
    "geojson": "application/geo+json, application/json;q=0.9", "ogc": "application/geo+json, application/json;q=0.9",
    "csv": "text/csv", "changes": "application/json",
}  # fmt: skip
_TRAVELS = {"source": "provider", "external_id": "external_id", "uuid": "uuid", "chain": "chain", "licence": "licence"}
_PLAIN = ("", "text/plain", "application/octet-stream", "binary/octet-stream")


class PartnerFeeds:
    """Fetches feeds and reads them; nothing of a feed is handed on before all of it is here."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    @contextmanager
    def deliver(self, feed: Feed, state: FeedState) -> Iterator[Delivery]:
        """Fetch a feed; raises FeedError."""
        with ExitStack() as stack:
            until = time.monotonic() + MOST_S

            def fetch(url: str, **known: str) -> Answer:
                try:
                    found = stack.enter_context(self._fetcher.fetch(url, ACCEPT[feed.format], known))
                except FeedError as error:
                    busy = error.answered == HTTPStatus.TOO_MANY_REQUESTS and 0 < error.later_s <= LONGEST_PAUSE_S
                    if not busy or time.monotonic() + error.later_s > until:
                        raise
                    time.sleep(error.later_s)
                    return fetch(url, **known)
                if time.monotonic() > until:
                    raise _refused("FEED_TOO_SLOW", "{host} takes too long.", found)
                if found.body is None and not known:
                    raise _refused("BAD_STATUS", "{host} answers with status {status}.", found, status=304)
                _check_type(feed, found)
                return found

            if feed.format == "changes":
                pages, cursor, whole = _changes(feed, state, fetch)
                yield Delivery(lambda: _read(pages, _change_rows), cursor=cursor, whole=whole)
            elif feed.format == "ogc":
                pages = list(_pages(feed, fetch))
                yield Delivery(lambda: _read(pages, _feature_rows))
            else:
                known = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
                found = fetch(feed.url, **{name: value for name, value in known.items() if value})
                rows = _csv_rows if feed.format == "csv" else _feature_rows
                yield Delivery(
                    lambda: _read([found], rows), etag=found.etag, last_modified=found.last_modified,
                    not_modified=found.body is None,
                )  # fmt: skip


def _refused(code: str, text: str, answer: Answer, **params: Any) -> FeedError:
    return FeedError(Message(code, text, host=urlsplit(answer.url).hostname or "?", **params))


def _unreadable(page: Answer, problem: str) -> FeedError:
    return _refused("UNREADABLE_JSON", "{host} sends JSON that can't be read: {problem}", page, problem=problem)


def _check_type(feed: Feed, answer: Answer) -> None:
    """Raise FeedError for what is of another kind, by what the server says and by how it begins."""
    if answer.body is None:
        return
    head = answer.body.read(512).lstrip(b"\xef\xbb\xbf \t\r\n")
    answer.body.seek(0)
    kind = answer.mimetype
    if "html" in kind or "xml" in kind or (head.startswith(b"<") and feed.format != "csv"):
        raise _refused("WEB_PAGE", "{host} answers with a web page or XML, not with a list of places.", answer)
    wanted = "csv" if feed.format == "csv" else "json"
    if kind not in _PLAIN and wanted not in kind and not (wanted == "csv" and kind == "application/vnd.ms-excel"):
        text = "{host} answers with {kind}; a feed of this format is {wanted}."
        raise _refused("OTHER_TYPE", text, answer, kind=kind[:60], wanted=wanted.upper())


def _pages(feed: Feed, fetch: Callable[[str], Answer]) -> Iterator[Answer]:
    """Follow the links of OGC API Features from page to page."""
    url, seen, rows = feed.url, set[str](), 0
    while url not in seen and len(seen) < MOST_PAGES and rows <= MOST_FEED_ROWS:
        seen.add(url)
        page = fetch(url)
        yield page
        links = list(_items(page, "links.item", LARGEST_PAGE))
        following = next((one for one in links if isinstance(one, dict) and one.get("rel") == "next"), None)
        if not following or not isinstance(following.get("href"), str):
            return
        rows += sum(1 for _ in _items(page, "features.item"))
        try:
            url = urljoin(page.url, following["href"])
        except ValueError as error:
            raise _unreadable(page, "links") from error


def _changes(feed: Feed, state: FeedState, fetch: Callable[[str], Answer]) -> tuple[list[Answer], str, bool]:
    """Read a copy of this service from where we were; one that does not know our cursor is read from its beginning."""
    pages, cursor, whole = list[Answer](), state.cursor, not state.cursor
    more = True
    while more and len(pages) < MOST_FEED_ROWS // 1000:  # the next pull goes on from there
        try:
            page = fetch(_with(feed.url, since=cursor))
        except FeedError as error:
            if error.answered != HTTPStatus.GONE or not cursor:
                raise
            pages, cursor, whole = [], "", True
            continue
        pages.append(page)
        found = next(_items(page, "cursor", LARGEST_PAGE), None)
        if not (isinstance(found, str) and len(found) <= LONGEST_CURSOR and found.isprintable()):
            raise _refused("NOT_OUR_FORMAT", "{host} does not answer in our own format of changes.", page)
        more, cursor = next(_items(page, "more", LARGEST_PAGE), False) is True and found != cursor, found
    return pages, cursor, whole and not more


def _with(url: str, **query: str) -> str:
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in query]
    return urlunsplit(parts._replace(query=urlencode([*kept, *((n, v) for n, v in query.items() if v)])))


class _Depth:
    """How deeply JSON is nested, seen block by block: a parser that names each level needs its square in memory."""

    _OUTSIDE = bytes(set(range(256)) - set(b"[]{}"))
    _STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")

    def __init__(self) -> None:
        self._depth, self._in_string, self._escape = 0, 0, b""

    def after(self, block: bytes) -> int:
        """Return how deep it has been at most in a block."""
        text = re.sub(rb"\\.", b"", self._escape + block, flags=re.DOTALL)
        self._escape = b"\\" if text.endswith(b"\\") else b""
        parts = text.split(b'"')
        brackets = b"".join(parts[self._in_string :: 2]).translate(self._STEPS, self._OUTSIDE)
        self._in_string ^= (len(parts) - 1) % 2
        levels = self._depth + np.cumsum(np.frombuffer(brackets, np.int8), dtype=np.int64)
        most = max(self._depth, int(levels.max(initial=0)))
        self._depth = int(levels[-1]) if len(levels) else self._depth
        return most


class _Rows(io.RawIOBase):
    """A file that refuses to go on without a row for too long: what has no end is not gathered in memory."""

    def __init__(self, answer: Answer, json: bool = False, largest: int = LARGEST_ROW) -> None:
        assert answer.body  # noqa: S101 - what has not changed is not read
        self._answer, self._file, self._since = answer, answer.body, 0
        self._depth = _Depth() if json else None
        self._largest = largest
        self._file.seek(0)

    def row(self) -> None:
        """Say that a row has come."""
        self._since = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, into: Any) -> int:
        """Read a block; raises FeedError."""
        block = self._file.read(len(into))
        into[: len(block)] = block
        self._since += len(block)
        if self._since > self._largest + len(block):
            raise _refused(
                "LARGEST_ROW", "{host} sends a row of more than {most} kB.", self._answer, most=self._largest // 1000
            )
        if self._depth and self._depth.after(block) > DEEPEST:
            raise _refused(
                "TOO_DEEP", "{host} sends JSON that is nested more than {most} deep.", self._answer, most=DEEPEST
            )
        return len(block)


def _items(page: Answer, path: str, largest: int = LARGEST_ROW) -> Iterator[Any]:
    rows = _Rows(page, json=True, largest=largest)
    try:
        for item in ijson.items(rows, path, use_float=True, buf_size=BLOCK):
            rows.row()
            yield item
    except (ijson.JSONError, UnicodeDecodeError, RecursionError, OverflowError, ValueError) as error:
        raise _unreadable(page, str(error).splitlines()[0][:100]) from error


def _read(pages: list[Answer], rows: Callable[[Answer, int], Iterator[Delivered]]) -> Iterator[Delivered]:
    line = 0
    for page in pages:
        for row in rows(page, line):
            line = row.line
            yield row


def _feature_rows(page: Answer, line: int) -> Iterator[Delivered]:
    n = 0
    for n, feature in enumerate(_items(page, "features.item"), start=1):
        cells = feature_cells(feature)
        # A copy of this service says who produced a feature and which way it took.
        travels = set(_TRAVELS.values()) <= cells.keys()
        said: dict[str, Any] = {name: cells.pop(key) for name, key in _TRAVELS.items()} if travels else {}
        yield replace(Delivered(line + n, cells), **said)
    if not n and next(_items(page, "type"), None) != "FeatureCollection":
        raise _refused(
            "NOT_A_COLLECTION",
            "{host} does not answer with a GeoJSON FeatureCollection. With OGC API, the address ends in /items.",
            page,
        )


def _change_rows(page: Answer, line: int) -> Iterator[Delivered]:
    for n, change in enumerate(_items(page, "changes.item"), start=1):
        if not isinstance(change, dict):
            yield Delivered(line + n, {})
            continue
        said = {name: str(change.get(name) or "") for name in ("uuid", "source", "external_id", "chain", "licence")}
        fields = change.get("fields")
        cells = {str(name): str(value) for name, value in fields.items()} if isinstance(fields, dict) else {}
        yield Delivered(line + n, cells, gone=change.get("fields") is None and bool(said["external_id"]), **said)


def _csv_rows(answer: Answer, line: int) -> Iterator[Delivered]:
    encoding = _encoding(answer)
    rows = _Rows(answer)
    lines = io.TextIOWrapper(io.BufferedReader(rows, BLOCK), encoding=encoding, errors="replace", newline="")
    try:
        head = lines.readline()
        comma = max((",", ";", "\t"), key=head.count)
        names = [plain(" ".join(name.split())) for name in next(csv.reader([head], delimiter=comma), [])]
        if head.startswith("<") or not any(names) or len(names) > MOST_COLUMNS:
            raise _refused("NO_CSV", "{host} does not answer with CSV whose first row names the columns.", answer)
        reader = csv.reader(lines, delimiter=comma)
        for cells in reader:
            rows.row()
            if any(cells):
                found = {n: plain(v) for n, v in zip(names, cells, strict=False) if n and v.strip()}
                yield Delivered(line + reader.line_num + 1, found)
    except csv.Error as error:
        text = "{host} sends CSV that can't be read: {problem}"
        raise _refused("UNREADABLE_FEED", text, answer, problem=str(error)[:100]) from error
    finally:
        lines.detach()


def _encoding(answer: Answer) -> str:
    """Return how a file is written: as its first bytes say, else UTF-8 if all of it is that, else as Windows does."""
    body: IO[bytes] | None = answer.body
    assert body  # noqa: S101 - what has not changed is not read
    body.seek(0)
    head = body.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    body.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        for block in iter(lambda: body.read(BLOCK), b""):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"

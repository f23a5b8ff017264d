"""Fetching from addresses that others have named: only the public web, within limits, and to the address we checked.

A name is resolved once, each of its addresses is checked, and the connection goes to the one that was checked, so a
name server that changes its mind between the two changes nothing. Every redirect is another such fetch.
"""

import ipaddress
import os
import socket
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from tourism.errors import FeedError, Message

BLOCK = 65_536
GLOBAL_V6, PROTOCOLS_V4 = ipaddress.ip_network("2000::/3"), ipaddress.ip_network("192.0.0.0/24")
USER_AGENT = "kongkow-kayutangan (tourism feeds pull)"
Resolve = Callable[[str, int], list[str]]


@dataclass(frozen=True)
class Limits:
    """How much is taken of one answer, and how long; `allowed` hosts may be private (`host:port`)."""

    allowed: frozenset[str] = frozenset()
    bytes_sent: int = 600_000_000
    bytes_unpacked: int = 600_000_000
    ratio: int = 200  # of unpacked to sent, beyond a first megabyte
    connect_s: float = 5.0
    idle_s: float = 15.0
    total_s: float = 300.0
    redirects: int = 5


@dataclass
class Answer:
    """An answer on disk, to be read from its beginning; `body` is None when the source says it has not changed."""

    url: str
    body: IO[bytes] | None
    mimetype: str
    etag: str
    last_modified: str


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


class Fetcher:
    """Fetches one address after the other."""

    def __init__(self, limits: Limits, look_up: Resolve = resolve) -> None:
        self._limits = limits
        self._look_up = look_up

    @contextmanager
    def fetch(self, url: str, accept: str, known: Mapping[str, str]) -> Iterator[Answer]:
        """Fetch an address; `known` are the ETag and date of what we have. Raises FeedError, which names no query."""
        with tempfile.TemporaryFile() as body:
            yield self._follow(url, accept, known, body)

    def _follow(self, url: str, accept: str, known: Mapping[str, str], body: IO[bytes]) -> Answer:
        """Fetch into a file, wherever the address leads; the connection is closed afterwards."""
        seen = url
        for _ in range(self._limits.redirects + 1):
            with self._once(seen, accept, known) as (response, over):
                where = response.headers.get("Location") if response.status in (301, 302, 303, 307, 308) else None
                if not where:
                    return self._answer(seen, response, body, over)
                try:
                    seen = urljoin(seen, where)
                except ValueError as error:
                    raise _not_http(url) from error
        raise _refused("TOO_MANY_REDIRECTS", "{host} sends on and on.", url)

    @contextmanager
    def _once(self, url: str, accept: str, known: Mapping[str, str]) -> Iterator[tuple[HTTPResponse, "_Watch"]]:
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError as error:
            raise _not_http(url) from error
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise _not_http(url)
        address = self._checked(url, parts.hostname, port)
        connection = _connection(parts.scheme, address, port, parts.hostname, self._limits)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {
            "Host": parts.netloc, "User-Agent": USER_AGENT, "Accept": accept, "Accept-Encoding": "gzip", **known,
        }  # fmt: skip
        with _Watch(connection, self._limits.total_s) as over:
            try:
                connection.connect()
                over.sock = connection.sock  # an answer that ends with the connection takes it from there
                if over.sock:
                    over.sock.settimeout(self._limits.idle_s)
                connection.request("GET", path, headers=headers, preload_content=False, decode_content=False)
                response = connection.getresponse()
                over.check()
            except (HTTPError, HTTPException, OSError, ValueError) as error:
                raise self._gone(url, over, error) from error
            try:
                yield response, over
            finally:
                response.close()

    def _checked(self, url: str, host: str, port: int) -> str:
        """Return an address of a host that may be connected to; all of them have to be public."""
        try:
            found = self._look_up(host, port)
        except (OSError, UnicodeError) as error:
            raise _refused(
                "UNKNOWN_HOST", "There is no host {host}, or its name can't be looked up now.", url
            ) from error
        private = [one for one in found if not _is_public(one)]
        if not found or (private and f"{host}:{port}" not in self._limits.allowed):
            text = "{host} is not on the public web. Whoever runs this service may allow it with PRIVATE_FEEDS."
            raise _refused("PRIVATE_ADDRESS", text, url)
        return found[0]

    def _answer(self, url: str, response: HTTPResponse, body: IO[bytes], over: "_Watch") -> Answer:
        head = response.headers
        tags = head.get("ETag", "")[:200], head.get("Last-Modified", "")[:100]
        if response.status == 304:
            return Answer(url, None, "", *tags)
        if response.status != 200:
            wait = head.get("Retry-After", "")
            later = int(wait) if wait.isascii() and wait.isdecimal() and len(wait) < 8 else 0
            refused = _refused("BAD_STATUS", "{host} answers with status {status}.", url, status=response.status)
            raise FeedError(refused.message, later, response.status)
        try:
            self._copy(url, response, body)
            over.check()
        except (HTTPError, HTTPException, OSError, zlib.error, EOFError) as error:
            raise self._gone(url, over, error) from error
        body.seek(0)
        return Answer(url, body, head.get("Content-Type", "").partition(";")[0].strip().lower(), *tags)

    def _copy(self, url: str, response: HTTPResponse, body: IO[bytes]) -> None:
        """Copy an answer to disk, unpacked, block by block; raises FeedError when it is too large."""
        coding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if coding not in ("gzip", "x-gzip", "identity", ""):
            raise _refused("UNKNOWN_CODING", "{host} packs its answer in a way that is not known here.", url)
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in coding else None
        sent = unpacked = 0
        for block in response.stream(BLOCK, decode_content=False):
            sent += len(block)
            rest = block
            while rest:
                part = inflate.decompress(rest, BLOCK * 4) if inflate else rest
                rest = inflate.unconsumed_tail if inflate else b""
                unpacked += len(part)
                too_dense = unpacked > 1_000_000 and unpacked > sent * self._limits.ratio
                if sent > self._limits.bytes_sent or unpacked > self._limits.bytes_unpacked or too_dense:
                    raise _refused("FEED_TOO_LARGE", "{host} sends more than is taken of a feed.", url)
                body.write(part)
        if inflate and not inflate.eof:
            raise EOFError("the packed answer is cut off")

    def _gone(self, url: str, over: "_Watch", error: Exception) -> FeedError:
        if over.fired or isinstance(error, TimeoutError) or "timed out" in str(error).lower():
            return _refused("FEED_TOO_SLOW", "{host} takes too long.", url)
        return _refused(
            "FEED_CUT_OFF", "{host} can't be reached, or breaks off: {problem}.", url, problem=_plain(error)
        )


def _plain(error: Exception) -> str:
    """Return what went wrong without addresses and objects."""
    cause = next((one for one in (error.__cause__, error) if isinstance(one, OSError) and one.strerror), None)
    return str(cause.strerror) if cause else type(error).__name__


def _refused(code: str, text: str, url: str, **params: Any) -> FeedError:
    try:
        host = urlsplit(url).hostname or "?"
    except ValueError:
        host = "?"
    return FeedError(Message(code, text, host=host, **params))


def _not_http(url: str) -> FeedError:
    return _refused("NOT_HTTP", "Only http and https addresses without a password are fetched.", url)


def _is_public(address: str) -> bool:
    """Tell whether an address is on the public web; an IPv4 address in IPv6's clothes is looked at as what it is."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is None:
            return found in GLOBAL_V6 and found.is_global
        found = inner
    return found.is_global and not found.is_multicast and found not in PROTOCOLS_V4


def _connection(scheme: str, address: str, port: int, host: str, limits: Limits) -> HTTPConnection:
    if scheme == "http":
        return HTTPConnection(address, port, timeout=limits.connect_s)
    return HTTPSConnection(
        address, port, timeout=limits.connect_s, cert_reqs="CERT_REQUIRED", ca_certs=certifi.where(),
        server_hostname=host, assert_hostname=host,
    )  # fmt: skip


class _Watch:
    """Cuts a connection when its time is over, however slowly it drips."""

    def __init__(self, connection: HTTPConnection, seconds: float) -> None:
        self.fired = False
        self.sock: socket.socket | None = None
        self._connection = connection
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def _cut(self) -> None:
        self.fired = True
        sock = self.sock or self._connection.sock
        if sock is not None:
            with suppress(OSError):  # it is gone already
                sock.shutdown(socket.SHUT_RDWR)

    def check(self) -> None:
        """Raise TimeoutError when it was cut: what came until then may look whole."""
        if self.fired:
            raise TimeoutError

    def __enter__(self) -> "_Watch":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection, also where an answer that could not be read still holds it."""
        self._timer.cancel()
        self._connection.close()
        if self.sock:
            with suppress(OSError):  # it is closed already
                os.close(self.sock.detach())

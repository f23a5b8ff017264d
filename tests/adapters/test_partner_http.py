"""Fetching from a server that means harm, on loopback, which only these tests allow."""

import gzip
import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourism.adapters.partner_http import Fetcher, Limits, _is_public, resolve
from tourism.errors import FeedError

Act = Callable[[socket.socket], None]


@contextmanager
def serving(act: Act) -> Iterator[int]:
    """Serve each connection by a function that has the bare socket; yields the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def one(connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(65536)
                act(connection)
            except OSError:
                pass  # the other side had enough

    def run() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    listener.settimeout(0.1)
    accepting = threading.Thread(target=run, daemon=True)
    accepting.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        accepting.join()
        listener.close()


def answer(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> Act:
    """Return what sends an answer."""
    size = len(body) if length is None else length
    head = "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {size}", "Connection: close", *headers))
    return lambda connection: connection.sendall(head.encode() + b"\r\n\r\n" + body)


def fetch(port: int, host: str = "127.0.0.1", path: str = "/", **changed: float) -> bytes:
    """Fetch from the server, which is allowed."""
    limits = Limits(allowed=frozenset({f"{host}:{port}"}), connect_s=2, idle_s=1, **changed)  # type: ignore[arg-type]
    with Fetcher(limits).fetch(f"http://{host}:{port}{path}", "*/*", {}) as found:
        return found.body.read() if found.body else b"not modified"


def refused(act: Act, **changed: float) -> str:
    """Return the code by which an answer is refused."""
    with serving(act) as port, pytest.raises(FeedError) as error:
        fetch(port, **changed)  # type: ignore[arg-type]
    return error.value.message.code


def test_a_good_answer_is_taken_packed_or_not() -> None:
    with serving(answer(b"hello")) as port:
        assert fetch(port) == b"hello"
    with serving(answer(gzip.compress(b"hello" * 9), "Content-Encoding: gzip")) as port:
        assert fetch(port) == b"hello" * 9
    with serving(answer(b"", status="304 Not Modified")) as port:
        assert fetch(port) == b"not modified"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "::1", "fe80::1", "fd00::1",
     "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "ff02::1", "100.64.0.1", "198.18.0.1",
     "255.255.255.255", "fe80::1%eth0", "64:ff9b:1::1", "fec0::1", "::127.0.0.1", "::ffff:0:127.0.0.1", "192.0.0.192",
     "not an address"],
)  # fmt: skip
def test_what_is_not_on_the_public_web_is_refused(address: str) -> None:
    assert not _is_public(address)
    with (
        pytest.raises(FeedError) as error,
        Fetcher(Limits(), lambda _host, _port: [address]).fetch("http://feed.example/x?key=secret", "*/*", {}),
    ):
        pass
    assert error.value.message.code == "PRIVATE_ADDRESS"
    assert "secret" not in str(error.value)  # what goes into reports and logs


@given(
    st.ip_addresses(network="10.0.0.0/8") | st.ip_addresses(network="fc00::/7") | st.ip_addresses(network="127.0.0.0/8")
)
def test_no_private_address_is_public(address: object) -> None:
    assert not _is_public(str(address))


def test_public_addresses_are_public() -> None:
    """The negative control."""
    assert all(
        map(_is_public, ("8.8.8.8", "103.10.60.1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"))
    )


def test_one_private_address_among_several_is_enough_to_refuse() -> None:
    with (
        pytest.raises(FeedError),
        Fetcher(Limits(), lambda _h, _p: ["8.8.8.8", "127.0.0.1"]).fetch("http://x/", "", {}),
    ):
        pass


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://x/",
        "http:///x",
        "http://user:pw@example.org/",
        "http://x:99999/",
    ],
)
def test_other_schemes_and_passwords_are_refused(url: str) -> None:
    with pytest.raises(FeedError) as error, Fetcher(Limits()).fetch(url, "", {}):
        pass
    assert error.value.message.code == "NOT_HTTP"
    assert "pw" not in str(error.value)


@pytest.mark.parametrize(
    "where", ["http://127.0.0.1:1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "//127.0.0.1:2/"]
)
def test_a_redirect_to_a_private_address_is_refused(where: str) -> None:
    assert refused(answer(b"", f"Location: {where}", status="302 Found")) == "PRIVATE_ADDRESS"


def test_a_redirect_to_another_scheme_and_one_without_end_are_refused() -> None:
    assert refused(answer(b"", "Location: file:///etc/passwd", status="302 Found")) == "NOT_HTTP"
    assert refused(answer(b"", "Location: /again", status="302 Found")) == "TOO_MANY_REDIRECTS"
    assert refused(answer(b"", "Location: http://[::1", status="302 Found")) == "NOT_HTTP"


def test_a_name_that_changes_its_address_changes_nothing() -> None:
    """The name is looked up once for a fetch: what it says afterwards, to whoever connects, is not asked for."""
    asked: list[str] = []

    def look_up(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["192.168.0.1"]

    with serving(answer(b"good")) as port:
        limits = Limits(allowed=frozenset({f"rebinding.example:{port}"}))
        with Fetcher(limits, look_up).fetch(f"http://rebinding.example:{port}/", "", {}) as found:
            assert found.body
            assert found.body.read() == b"good"
    assert asked == ["rebinding.example"]


def test_a_name_that_turns_private_between_two_hops_is_refused() -> None:
    with serving(answer(b"", "Location: http://turns.example/", status="302 Found")) as port:
        found = iter((["127.0.0.1"], ["10.0.0.1"]))
        limits = Limits(allowed=frozenset({f"turns.example:{port}"}))
        with (
            pytest.raises(FeedError) as error,
            Fetcher(limits, lambda _h, _p: next(found)).fetch(f"http://turns.example:{port}/", "", {}),
        ):
            pass
    assert error.value.message.code == "PRIVATE_ADDRESS"


def drip(part: bytes, every_s: float = 0.1) -> Act:
    """Return what sends a byte now and then, for ever."""

    def act(connection: socket.socket) -> None:
        connection.sendall(part)
        while True:
            time.sleep(every_s)
            connection.sendall(b"x")

    return act


@pytest.mark.parametrize(
    "part", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b""]
)
def test_what_drips_is_cut_off_in_time(part: bytes) -> None:
    began = time.monotonic()
    assert refused(drip(part), total_s=1.5) == "FEED_TOO_SLOW"
    assert time.monotonic() - began < 4


def test_what_says_nothing_is_cut_off() -> None:
    assert refused(lambda _: time.sleep(5)) == "FEED_TOO_SLOW"


def endless(connection: socket.socket) -> None:
    """Send without end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def test_a_stream_without_end_is_cut_off() -> None:
    assert refused(endless, bytes_sent=5_000_000) == "FEED_TOO_LARGE"


def bomb() -> bytes:
    """Return a gigabyte of nothing, packed into a megabyte."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as file:
        for _ in range(1000):
            file.write(b"\0" * 1_000_000)
    return packed.getvalue()


def test_a_gzip_bomb_is_refused_long_before_it_is_unpacked() -> None:
    packed = bomb()
    assert len(packed) < 1_100_000
    began = time.monotonic()
    assert refused(answer(packed, "Content-Encoding: gzip")) == "FEED_TOO_LARGE"
    assert time.monotonic() - began < 2


def test_a_wrong_length_and_what_is_cut_off_are_refused() -> None:
    assert refused(answer(b"short", length=500)) == "FEED_CUT_OFF"
    packed = gzip.compress(b"hello" * 1000)
    assert refused(answer(packed[:-9], "Content-Encoding: gzip")) == "FEED_CUT_OFF"
    assert refused(answer(b"no gzip", "Content-Encoding: gzip")) == "FEED_CUT_OFF"
    assert refused(answer(b"x", "Content-Encoding: br")) == "UNKNOWN_CODING"


def test_nonsense_and_an_early_end_are_refused() -> None:
    assert refused(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH\r\n")) == "FEED_CUT_OFF"
    assert refused(lambda _: None) == "FEED_CUT_OFF"


def test_a_server_that_wants_us_later_is_heard() -> None:
    busy = answer(b"", "Retry-After: 3600", status="429 Too Many Requests")
    with serving(busy) as port, pytest.raises(FeedError) as error:
        fetch(port)
    assert (error.value.later_s, error.value.answered) == (3600, 429)


def test_an_unknown_host_is_said() -> None:
    def nobody(_host: str, _port: int) -> list[str]:
        raise socket.gaierror

    with pytest.raises(FeedError) as error, Fetcher(Limits(), nobody).fetch("http://nowhere.example/", "", {}):
        pass
    assert error.value.message.code == "UNKNOWN_HOST"
    assert "127.0.0.1" in resolve("127.0.0.1", 80)

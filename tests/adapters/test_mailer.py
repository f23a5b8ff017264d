"""Mail to a server that speaks as much SMTP as is needed, and to one that is not there."""

import socket
import threading
from collections.abc import Iterator

import pytest

from tourism.adapters.mailer import SmtpMailer
from tourism.errors import MailError


class Server:
    """Takes one mail."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.heard: list[str] = []
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        """Answer line by line."""
        connection, _ = self.socket.accept()
        with connection, connection.makefile("rw", newline="") as talk:
            reading = False

            def say(line: str) -> None:
                talk.write(f"{line}\r\n")
                talk.flush()

            say("220 here")
            for line in talk:
                self.heard.append(line.strip())
                if reading:
                    if line.strip() == ".":
                        reading = False
                        say("250 taken")
                elif line.upper().startswith("DATA"):
                    reading = True
                    say("354 go on")
                elif line.upper().startswith("QUIT"):
                    say("221 bye")
                    return
                else:
                    say("250 yes")


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server that takes one mail."""
    found = Server()
    yield found
    found.thread.join(5)
    found.socket.close()


def test_a_mail_is_handed_over(server: Server) -> None:
    SmtpMailer(f"smtp://127.0.0.1:{server.port}/dinas@malang.example").send("a@b.id", "Subjek", "Tautan: https://x.id/")
    server.thread.join(5)
    assert "Tautan: https://x.id/" in server.heard
    assert any("FROM:<dinas@malang.example>" in line for line in server.heard)
    assert any("TO:<a@b.id>" in line for line in server.heard)


def test_no_password_goes_over_an_open_line(server: Server) -> None:
    with pytest.raises(MailError):
        SmtpMailer(f"smtp://user:secret@127.0.0.1:{server.port}").send("a@b.id", "S", "T")
    server.thread.join(5)
    assert "secret" not in " ".join(server.heard)
    assert not any(line.upper().startswith("AUTH") for line in server.heard)


def test_a_server_that_is_not_there_is_said_without_its_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(MailError) as refused:
        SmtpMailer(f"smtp://user:secret@127.0.0.1:{port}").send("a@b.id", "S", "T")
    assert "secret" not in str(refused.value)
    assert "a@b.id" not in str(refused.value)

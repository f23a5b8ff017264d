"""Mail: to a folder, to the terminal, or by SMTP."""

import smtplib
import ssl
import sys
from email.message import EmailMessage
from pathlib import Path
from secrets import token_hex
from urllib.parse import unquote, urlsplit

from tourism.errors import DataError, MailError, Message

TIMEOUT_S = 10


class FolderMailer:
    """Each mail is a file that only this user can read: for a first start and for tests."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def send(self, to: str, subject: str, text: str) -> None:
        """Write a mail."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{token_hex(8)}.eml"
        path.touch(mode=0o600)
        path.write_bytes(bytes(_mail("office@localhost", to, subject, text)))


class ConsoleMailer:
    """Mails go to standard output."""

    def send(self, to: str, subject: str, text: str) -> None:
        """Print a mail."""
        sys.stdout.write(f"To: {to}\nSubject: {subject}\n\n{text}\n")
        sys.stdout.flush()


class SmtpMailer:
    """Mails go to a server: smtps:// speaks TLS from the start, smtp:// turns to it where the server offers it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._secure = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._secure else 587)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = parts.path.strip("/") or self._user or "office@localhost"

    def send(self, to: str, subject: str, text: str) -> None:
        """Hand over a mail; raises MailError."""
        try:
            with self._connect() as server:
                if self._user:
                    server.login(self._user, self._password)
                server.send_message(_mail(self._sender, to, subject, text))
        except (OSError, smtplib.SMTPException) as error:
            why = type(error).__name__  # its text may hold addresses
            raise MailError(
                Message("MAIL_FAILED", "The mail could not be sent ({why}). Try again later.", why=why)
            ) from error

    def _connect(self) -> smtplib.SMTP:
        if self._secure:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_S, context=ssl.create_default_context())
        server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        elif self._user:
            server.close()
            raise smtplib.SMTPException("no password goes over an open line")
        return server


def _mail(sender: str, to: str, subject: str, text: str) -> EmailMessage:
    found = EmailMessage()
    found["From"], found["To"], found["Subject"] = sender, to, subject
    found.set_content(text, cte="8bit")  # a link stays in one piece, also where the file is read
    return found


def make_mailer(setting: str) -> FolderMailer | ConsoleMailer | SmtpMailer:
    """Return what a MAIL setting names; raises DataError."""
    scheme, _, rest = setting.partition(":")
    if scheme == "file" and rest:
        return FolderMailer(rest)
    if scheme == "console":
        return ConsoleMailer()
    if scheme in ("smtp", "smtps") and rest.startswith("//"):
        return SmtpMailer(setting)
    text = "MAIL must be file:folder, console: or smtp://user:password@host:port/sender, not {setting}"
    raise DataError(Message("BAD_SETTING", text, setting=scheme))

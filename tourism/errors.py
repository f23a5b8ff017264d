"""The one tree of errors, and messages that are put into words only at the edge."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any


class Message:
    """Carry a code for machines and an English source text for people, with its parameters.

    The text is the key of the translation catalogue. Parameters may be dates, instants, amounts or further
    messages; `services.language.Language.say` formats them in the reader's style.
    """

    __slots__ = ("code", "params", "source", "text")

    def __init__(self, code: str, text: str, source: str = "", /, **params: Any) -> None:
        self.code = code
        self.text = text
        self.source = source
        self.params: Mapping[str, Any] = params

    def __str__(self) -> str:
        return self.text.format(**self.params)

    def __repr__(self) -> str:
        return f"Message({self.code}, {str(self)!r})"


class TourismError(Exception):
    """Base of everything this service raises on purpose."""

    status = 500
    title = "Internal error"

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class InputError(TourismError):
    """Refuse an input; `issues` maps a field to what is wrong with it."""

    title = "Invalid input"

    def __init__(self, issues: Mapping[str, Message]) -> None:
        super().__init__(next(iter(issues.values())))
        self.issues = dict(issues)


class MalformedError(InputError):
    """A value that can't be read at all: not a date, not a number, not a known parameter."""

    status = 400
    title = "Malformed request"


class OutOfRangeError(InputError):
    """A well-formed value that this service can't answer for."""

    status = 422
    title = "Out of range"


class NotFoundError(TourismError):
    """There is no such thing."""

    status = 404
    title = "Not found"


class TooManyError(TourismError):
    """The same visitor, or all together, ask for this too often; `wait` says for how long."""

    status = 429
    title = "Too many requests"

    def __init__(self, message: Message, wait: timedelta) -> None:
        super().__init__(message)
        self.wait = wait


class NotReadyError(TourismError):
    """The database is missing, old or empty."""

    status = 503
    title = "Not ready"


class DataError(TourismError):
    """A row of a data file can't be used; the message names file, line and field."""


class OsmImportError(TourismError):
    """An OSM extract can't be used; the last good snapshot keeps serving."""


class HoursError(TourismError):
    """Opening hours that can't be read."""


class NotSignedInError(TourismError):
    """Nobody is signed in, or the session is over."""

    status = 401
    title = "Not signed in"


class ForbiddenError(TourismError):
    """Who is signed in may not do this."""

    status = 403
    title = "Forbidden"


class ConflictError(TourismError):
    """What was to be changed is not as it was any more."""

    status = 409
    title = "Conflict"


class PreconditionError(TourismError):
    """An If-Match header that is missing (428) or no longer matches (412)."""

    status = 412
    title = "Precondition failed"

    def __init__(self, message: Message, status: int = 412) -> None:
        super().__init__(message)
        self.status = status
        self.title = "Precondition required" if status == 428 else type(self).title


class UnreadableError(TourismError):
    """A body of a kind that this address does not read."""

    status = 415
    title = "Unsupported media type"


class MailError(TourismError):
    """A mail could not be handed over."""

    status = 503
    title = "Mail failed"


class FeedError(TourismError):
    """A feed can't be fetched or read; what came from it before stays.

    `later_s` is when its server wants us again, `answered` the status it answered with.
    """

    status = 502
    title = "Feed failed"

    def __init__(self, message: Message, later_s: int = 0, answered: int = 0) -> None:
        super().__init__(message)
        self.later_s = later_s
        self.answered = answered


class CursorError(TourismError):
    """A cursor of another database, or of this one before a backup was put back."""

    status = 410
    title = "Cursor gone"

"""What is shared between municipalities and copies of this service: feeds, where a record came from, keys, widgets.

A record's identity is (source, external id) and a UUID that travels. What came from elsewhere carries its chain: the
providers that have passed it on, the producer first.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import AfterValidator

from tourism.domain.listing import stem_of
from tourism.domain.record import Fields, Record, State
from tourism.domain.sheet import Issue
from tourism.errors import CursorError, Message

OWN_LICENCE = "ODbL-1.0"  # data/SOURCES.md
FORMAT = "malang-raya-listings/1"
# The records that ship with this project have the same UUID in each of its copies.
SHIPPED = UUID("2d1f3c52-5c0e-4f6b-9a3e-70c1b5d0a6e4")
Municipality = Literal["kota-malang", "kota-batu", "kabupaten-malang"]
YesOrNo = Literal["yes", "no"]
FIRST_RETRY, LAST_RETRY = timedelta(minutes=15), timedelta(days=1)
LEASE = timedelta(minutes=5)  # a pull says again and again that it goes on
SHRINKS_FROM = 10  # a feed of fewer rows may halve without a question
MOST_FEED_ROWS = 200_000
UNKNOWN_CURSOR = Message("UNKNOWN_CURSOR", "This cursor is not from here. Begin anew, without since.")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:.]{2,45}\]", re.ASCII)


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError("Write small letters, digits and hyphens, as in dinas-batu.")
    return value


def _http(value: str) -> str:
    """Refuse what is no web address, and one with a password: addresses are shown."""
    try:
        parts = urlsplit(value)
        fits = parts.scheme in ("http", "https") and parts.port != 0 and bool(_HOST.fullmatch(_bare(parts.netloc)))
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("Write a web address as https://example.org/venues.geojson, without a password.")
    return value


def _bare(netloc: str) -> str:
    return re.sub(r":\d{1,5}$", "", netloc)


def _origins(value: str) -> str:
    for one in value.split():
        try:
            parts = urlsplit(_http(one))
        except ValueError:
            parts = None
        if parts is None or parts.path or parts.query or parts.fragment:
            raise ValueError("Write sites as https://example.org, without a path, with spaces between.")
    return " ".join(value.split())


def _hours(value: int) -> int:
    if not 1 <= value <= 24 * 31:
        raise ValueError("Write hours from 1 to 744.")
    return value


def _colour(value: str) -> str:
    if not _COLOUR.fullmatch(value):
        raise ValueError("Write a colour as #0b6e4f.")
    return value.lower()


@dataclass(frozen=True)
class Feed:
    """A partner's list behind a web address: how it is read, how often, under which licence, and whom to ask.

    Without a municipality its rows say whose they are. What a trusted feed says is shown without waiting.
    """

    id: Annotated[str, AfterValidator(_slug)]
    name: str
    url: Annotated[str, AfterValidator(_http)]
    format: Literal["geojson", "csv", "ogc", "changes"]
    licence: str
    contact: str
    every_h: Annotated[int, AfterValidator(_hours)]
    municipality: Municipality | None = None
    trusted: YesOrNo = "no"
    active: YesOrNo = "yes"


@dataclass(frozen=True)
class Widget:
    """A map for a partner's site: its name and colour, whose venues it shows, and the sites that may show it."""

    id: Annotated[str, AfterValidator(_slug)]
    name: str
    colour: Annotated[str, AfterValidator(_colour)]
    origins: Annotated[str, AfterValidator(_origins)]
    municipality: Municipality | None = None


@dataclass(frozen=True)
class FeedState:
    """What is remembered of a feed between two pulls.

    `columns` say which field each heading stands for, `categories` which kind each of its categories is. `rows` is how
    many rows the last complete pull had; `held` how many were left when too many were gone, `accepted` how few a person
    agreed to.
    """

    feed: str
    etag: str = ""
    last_modified: str = ""
    cursor: str = ""
    next_at: datetime | None = None
    failures: int = 0
    locked_by: str = ""
    locked_until: datetime | None = None
    rows: int = 0
    held: int | None = None
    accepted: int | None = None
    headings: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)

    def is_due(self, now: datetime) -> bool:
        """Tell whether it is time to pull again."""
        return self.next_at is None or now >= self.next_at


@dataclass(frozen=True)
class Delivered:
    """One row as a feed delivered it, with its line; our own format also says who produced it and which way it took.

    `uuid`, `source` and `external_id` are empty where the feed does not say; `gone` is a tombstone.
    """

    line: int
    cells: Mapping[str, str]
    external_id: str = ""
    source: str = ""
    uuid: str = ""
    chain: str = ""
    licence: str = ""
    gone: bool = False


@dataclass(frozen=True)
class Delivery:
    """A feed as it was fetched; `rows` may be read again. `whole` says that what is not among them is gone."""

    rows: Callable[[], Iterator[Delivered]]
    etag: str = ""
    last_modified: str = ""
    cursor: str = ""
    not_modified: bool = False
    whole: bool = True


@dataclass(frozen=True)
class Origin:
    """Where a listing came from: the feed that passed it on, who produced it under which id, and under which licence.

    `digest` tells what was delivered last, `seen` in which pull; `gone_at` is a tombstone of this provider.
    """

    key: str
    feed: str
    source: str
    external_id: str
    uuid: str
    chain: str
    licence: str
    digest: str
    seen: int
    gone_at: datetime | None = None


@dataclass(frozen=True)
class Provider:
    """Who passed a listing on, for those who read it."""

    id: str
    name: str
    licence: str


class Fate(StrEnum):
    """What became of a delivered row; `queued` waits until somebody says what its category is."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    GONE = "gone"
    REJECTED = "rejected"
    QUEUED = "queued"
    OURS = "ours"


class Ending(StrEnum):
    """How a pull ended; `held` waits for a person because the feed shrank."""

    DONE = "done"
    NOT_MODIFIED = "not_modified"
    HELD = "held"
    FAILED = "failed"


@dataclass(frozen=True)
class Run:
    """The report of one pull: how it ended, how many rows had each fate, and the first issues by line and field."""

    feed: str
    began_at: datetime
    by: str
    ended_at: datetime | None = None
    ending: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()
    problem: Message | None = None
    id: int = 0


@dataclass(frozen=True)
class QueuedRow:
    """A row whose category nobody has named yet; nothing of it is lost meanwhile."""

    feed: str
    external_id: str
    category: str
    row: Delivered


@dataclass(frozen=True)
class ListingChange:
    """One change that others may take: a listing as it became, or its tombstone where `fields` is None.

    `scope` is "joint" for what was cleared, "own" for what its owner gives out.
    """

    seq: int
    scope: str
    key: str
    uuid: str
    at: datetime
    municipality: str
    source: str
    external_id: str
    chain: str
    licence: str
    fields: Fields | None


@dataclass(frozen=True)
class ApiKey:
    """A partner's key; only a digest of its secret is kept. Several may have one name while they are rotated."""

    id: str
    name: str
    municipality: str
    scope: Literal["read", "write"]
    digest: str
    per_s: int
    created_at: datetime
    created_by: str
    ends_at: datetime | None = None
    used_at: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """Tell whether it holds no more."""
        return self.ends_at is not None and now >= self.ends_at


def shipped_uuid(key: str) -> str:
    """Return the UUID of a record that ships with this project."""
    return str(uuid5(SHIPPED, key))


def key_of(feed: str, source: str, external_id: str, name: str) -> str:
    """Return the key of a new listing from a feed: its name, and a digest that is another for each row."""
    return f"{stem_of(name)}-{hashlib.sha256(repr((feed, source, external_id)).encode()).hexdigest()[:12]}"


def travelled_uuid(row: Delivered) -> str:
    """Return the UUID that a row travels with, empty without one."""
    try:
        return str(UUID(row.uuid))
    except ValueError:
        return ""


def uuid_of(feed: Feed, row: Delivered, external_id: str) -> str:
    """Return the UUID that a row travels with, or the one that the row of this id at this address always gets."""
    return travelled_uuid(row) or str(uuid5(NAMESPACE_URL, f"{feed.url} {row.source} {external_id}"))


def digest_of(given: Fields) -> str:
    """Return a digest of what was delivered, by which a change is seen."""
    return hashlib.sha256("\n".join(f"{k}={v}" for k, v in sorted(given.items())).encode()).hexdigest()[:24]


def returns_to_us(chain: str, provider: str) -> bool:
    """Tell whether a record has been here before."""
    return provider in chain.split()


def shrank(had: int, found: int) -> bool:
    """Tell whether a feed has suddenly lost half of its rows or more."""
    return had >= SHRINKS_FROM and found * 2 <= had


def retry_after(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row: a quarter of an hour, doubled each time, to a day."""
    return min(FIRST_RETRY * float(2 ** min(failures - 1, 10)), LAST_RETRY)


def fate_of(origin: Origin | None, digest: str, run: int) -> Fate | None:
    """Return what becomes of a good row; None for one whose id this pull has seen before."""
    if origin is None:
        return Fate.NEW
    if origin.seen == run:
        return None
    return Fate.UNCHANGED if origin.digest == digest and origin.gone_at is None else Fate.CHANGED


def is_clear(record: Record, trusted: bool) -> bool:
    """Tell whether a revision needs no clearance: a trusted feed's, unless a person had taken the record away.

    What its provider dropped gives nothing out any more; what a person took away still knows what was given.
    """
    return trusted and not (record.state is State.ARCHIVED and record.given is not None)


def taken(record: Record, fields: Fields, by: str, at: datetime, clear: bool) -> Record:
    """Return a record after its feed gave it anew; it waits for clearance, unless it is clear.

    A change that is taken back by its source leaves nothing to wait for.
    """
    record = record.anew() if record.state is State.ARCHIVED else record
    if clear or fields == record.cleared:
        return record.with_published(fields)
    return record.submitted(fields, by, at)


def tombstone(record: Record) -> Record:
    """Return a record after its provider has dropped it: what waited is withdrawn, and nobody sees it any more."""
    return replace((record.rejected({}) if record.waits else record).archived(), given=None)


def cursor_of(provider: str, seq: int) -> str:
    """Return where somebody has read to."""
    return f"{provider}.{seq}"


def read_cursor(written: str, provider: str) -> int:
    """Return after which change to go on, 0 at first.

    Raises CursorError for a cursor of another database: a copy, or one before a backup was put back.
    """
    if not written:
        return 0
    whose, _, number = written.rpartition(".")
    if whose != provider or not (number.isascii() and number.isdecimal() and len(number) < 16):
        raise CursorError(UNKNOWN_CURSOR)
    return int(number)

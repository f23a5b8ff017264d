"""What the services need from the database and the outside; `store` and `adapters` satisfy these."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from types import TracebackType
from typing import Protocol, Self

from tourism.domain.account import Attempts, Session, User
from tourism.domain.campaign import Visits
from tourism.domain.card import Card, Poster
from tourism.domain.departure import NightBook, Template
from tourism.domain.measures import Measurement, Stay
from tourism.domain.occupancy import Occupancy
from tourism.domain.record import Line, Record
from tourism.domain.review import Question, Report
from tourism.domain.sharing import (
    ApiKey,
    Delivery,
    Feed,
    FeedState,
    ListingChange,
    Origin,
    QueuedRow,
    Run,
    Widget,
)
from tourism.domain.sheet import Sheet
from tourism.domain.waiting import Outline
from tourism.domain.world import LoadedFile, Snapshot, World
from tourism.geo.osm import Extract, Progress


class Reader(Protocol):
    """Reads for the pages."""

    def version(self) -> int:
        """Return a number that grows with every change; raises NotReadyError without a database."""

    def read(self) -> World:
        """Read everything at once; raises NotReadyError when nothing has been loaded."""

    def occupancies(self) -> Sequence[Occupancy]:
        """Read what was last said about how full each venue is."""

    def books_version(self) -> int:
        """Return a number that grows with every change in a night's book."""

    def book(self, night: date) -> NightBook:
        """Read what is registered for a night."""

    def reports(self) -> Sequence[Report]:
        """Read what visitors said and nobody has handled, oldest first."""


class UnitOfWork(Protocol):
    """A transaction that writes; it is rolled back unless committed."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def commit(self) -> None:
        """Make the writes visible and raise the version."""

    def file_digests(self) -> dict[str, str]:
        """Return the digest of each data file as it was loaded."""

    def replace(self, files: Sequence[LoadedFile], at: datetime) -> None:
        """Replace the rows that came from data files; raises DataError for a shared id."""

    def snapshot_digest(self) -> str | None:
        """Return the digest of the newest snapshot."""

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Store a snapshot, switch to it, and drop those before the last."""

    def ask(self, questions: Sequence[Question]) -> None:
        """Replace the questions that nobody has decided."""

    def decide(self, question: Question) -> None:
        """Keep a person's decision on a question."""

    def open_book(self, night: date) -> NightBook:
        """Read a night's book; nobody else writes in it until this transaction ends."""

    def write_book(self, before: NightBook, after: NightBook) -> None:
        """Write what differs between two states of a book."""

    def secret_of(self, day: date, today: date) -> bytes:
        """Return the secret of a day; those of days before today are forgotten."""

    def count_reports(self, since: datetime, *, venue: str | None = None, reporter: str | None = None) -> int:
        """Count what was said since an instant, about one venue or by one reporter."""

    def say(self, report: Report) -> None:
        """Keep a report in place of the reporter's last about the venue."""

    def handle_reports(self, venue: str, at: datetime) -> int:
        """Mark the reports about a venue as handled; returns how many waited."""

    def set_occupancy(self, said: Occupancy) -> None:
        """Keep the last word about how full a venue is."""

    def clear_occupancy(self, venue: str) -> None:
        """Forget how full a venue is."""

    def version(self) -> int:
        """Return the number of what pages are computed from, as it is now."""

    @property
    def office(self) -> "Office":
        """What the office keeps."""

    @property
    def sharing(self) -> "Sharing":
        """What is shared."""

    def read(self, snapshot: Snapshot | None) -> World:
        """Read everything as it is within this transaction, with a snapshot that is at hand."""


class Office(Protocol):
    """Accounts, records with their audit, photos and sheets; writes only within a unit of work."""

    @property
    def sharing(self) -> "Sharing":
        """What is shared."""

    @property
    def branding(self) -> "Branding":
        """Visits by short links, and what is measured."""

    def nights(self, since: date) -> Sequence[date]:
        """Return the nights from a date on that have departures, in order."""

    def lock(self, name: str) -> None:
        """Let nobody else go on under a name until this transaction ends."""

    def find_record(self, kind: str, key: str) -> Record | None: ...
    def list_records(self, kind: str) -> list[Record]: ...
    def list_waiting(self, feed: str | None = None, limit: int | None = None) -> list[Record]: ...
    def count_waiting(self, feed: str) -> int: ...
    def waiting_seal(self, feed: str) -> str: ...
    def records_of(self, kind: str, keys: Iterable[str]) -> dict[str, Record]: ...
    def put_record(self, before: Record, after: Record, line: Line) -> None:
        """Write a record with its line of the audit; raises ConflictError when somebody else was faster."""

    def put_records(self, changes: Sequence[tuple[Record, Record, Line]], origins: Mapping[str, Origin]) -> None:
        """Write listings, each as `put_record` does."""

    def add_line(self, line: Line) -> None: ...
    def list_lines(
        self, kind: str | None = None, key: str | None = None, by: str | None = None, before: int | None = None,
        limit: int = 50,
    ) -> list[Line]: ...  # fmt: skip
    def find_line(self, id_: int) -> Line | None: ...
    def find_version(self, kind: str, key: str, version: int) -> Line | None: ...
    def find_user(self, email: str = "", id_: int = 0) -> User | None: ...
    def list_users(self) -> list[User]: ...
    def put_user(self, user: User) -> User: ...
    def find_session(self, digest: str) -> Session | None: ...
    def add_session(self, session: Session) -> None: ...
    def see_session(self, digest: str, at: datetime) -> None: ...
    def end_session(self, digest: str) -> None: ...
    def end_sessions(self, user: int) -> None: ...
    def sweep(self, sessions_before: datetime, attempts_before: datetime) -> None: ...
    def find_attempts(self, key: str) -> Attempts | None: ...
    def put_attempts(self, attempts: Attempts) -> None: ...
    def setting(self, name: str) -> str: ...
    def set_setting(self, name: str, value: str) -> None: ...
    def add_photo(self, digest: str, jpeg: bytes) -> None: ...
    def find_photo(self, digest: str) -> bytes | None: ...
    def put_sheet(self, id_: str, user: int, at: datetime, content: bytes) -> None: ...
    def find_sheet(self, id_: str, user: int) -> bytes | None: ...
    def drop_sheet(self, id_: str) -> None: ...


class Sharing(Protocol):
    """Feeds with their pulls, where records came from, changes to take, keys, widgets and dumps."""

    @property
    def provider(self) -> str:
        """The id of this database among those that share."""

    def list_outlines(self) -> Sequence[Outline]: ...
    def list_feeds(self) -> list[Feed]: ...
    def list_widgets(self) -> list[Widget]: ...
    def state_of(self, feed: str) -> FeedState: ...
    def put_state(self, state: FeedState) -> None: ...
    def lease(self, feed: str, by: str, now: datetime, until: datetime) -> bool:
        """Take the right to pull a feed, or keep it; False when somebody else has it."""

    def add_run(self, run: Run) -> int: ...
    def end_run(self, run: Run) -> None: ...
    def list_runs(self, feed: str | None = None, limit: int = 20) -> list[Run]: ...
    def put_queued(self, rows: Sequence[QueuedRow]) -> None: ...
    def drop_queued(self, feed: str, external_ids: Iterable[str]) -> None: ...
    def list_queued(self, feed: str, category: str) -> list[QueuedRow]: ...
    def queued_categories(self, feed: str) -> dict[str, int]: ...
    def find_origin(self, key: str) -> Origin | None: ...
    def list_origins(self) -> dict[str, Origin]: ...
    def origin_keys(self) -> frozenset[str]: ...
    def origins_by_key(self, keys: Iterable[str]) -> dict[str, Origin]: ...
    def origins_of(self, feed: str, external_ids: Iterable[str]) -> dict[tuple[str, str], Origin]: ...
    def count_origins(self, feed: str) -> int: ...
    def count_unseen(self, feed: str, run: int) -> int: ...
    def clear_queued(self, feed: str) -> None: ...
    def unseen(self, feed: str, run: int) -> list[Origin]: ...
    def put_origins(self, origins: Sequence[Origin]) -> None: ...
    def see(self, keys: Sequence[str], run: int) -> None: ...
    def own_uuids(self, uuids: Iterable[str]) -> set[str]: ...
    def elsewhere(self, external_ids: Iterable[str], uuids: Iterable[str], feed: str) -> dict[str, tuple[str, str]]: ...
    def list_changes(
        self, after: int, scope: str, municipality: str, passed_on: bool, limit: int
    ) -> tuple[list[ListingChange], int]: ...
    def list_shared(self) -> list[ListingChange]: ...
    def find_key(self, id_: str) -> ApiKey | None: ...
    def list_keys(self) -> list[ApiKey]: ...
    def put_key(self, key: ApiKey) -> None: ...
    def use_key(self, id_: str, at: datetime) -> None: ...
    def put_dump(self, day: date, files: Mapping[str, bytes]) -> None: ...
    def list_dumps(self) -> list[tuple[date, str, int]]: ...
    def find_dump(self, day: date, name: str) -> bytes | None: ...


class Branding(Protocol):
    """Visits by short links, and what measures are computed from."""

    def count_visit(self, visits: Visits, visitor: str, network: str, most: int) -> bool:
        """Count a visitor; False for one who was counted, and for one more than `most` of a network."""

    def was_counted(self, day: date, visitor: str) -> bool: ...
    def forget(self, today: date) -> None: ...
    def visits(self, first: date, last: date) -> dict[str, int]: ...
    def visits_by_code(self, first: date) -> dict[str, dict[str, int]]: ...
    def list_visits(self, code: str) -> list[Visits]: ...
    def reviews(self, since: datetime) -> list[tuple[datetime, datetime]]: ...
    def reports(self, since: datetime) -> list[tuple[datetime, datetime | None]]: ...
    def stays(self, first: date, last: date) -> list[Stay]: ...
    def nights(self, first: date, last: date) -> list[date]: ...
    def history(self) -> list[Measurement]: ...
    def record(self, measured: Sequence[Measurement]) -> None: ...


class Feeds(Protocol):
    """Partners' feeds; raises FeedError."""

    def deliver(self, feed: Feed, state: FeedState) -> AbstractContextManager[Delivery]: ...


class Mailer(Protocol):
    """Sends mail; raises MailError."""

    def send(self, to: str, subject: str, text: str) -> None: ...


class Passwords(Protocol):
    """Digests of passwords, and how soon one would be guessed."""

    def digest(self, password: str) -> str: ...
    def matches(self, digest: str, password: str) -> bool: ...
    def is_common(self, password: str, words: list[str]) -> bool: ...


class OsmSource(Protocol):
    """Streets and named places from a file or from Overpass; raises OsmImportError."""

    def file(self, path: str, progress: Progress) -> Extract: ...
    def bbox(self, west: float, south: float, east: float, north: float) -> Extract: ...
    def place(self, name: str) -> Extract: ...


class DataFiles(Protocol):
    """The data files that ship with the project; raises DataError naming file, line and field."""

    def names(self) -> Iterable[str]: ...
    def digest(self, name: str) -> str: ...
    def load(self, name: str) -> LoadedFile: ...
    def timetable(self, path: str) -> Sequence[Template]: ...
    def timetable_of(self, name: str, content: bytes) -> Sequence[Template]: ...
    def osm_extract(self) -> str: ...


@dataclass(frozen=True)
class Ports:
    """What `app` hands to every edge."""

    reader: Reader
    office: Callable[[], AbstractContextManager[Office]]
    unit_of_work: Callable[[], UnitOfWork]
    brief_unit_of_work: Callable[[], UnitOfWork]  # for what is not worth waiting for others who write
    migrate: Callable[[], None]
    osm: OsmSource
    data_files: DataFiles
    now: Callable[[], datetime]
    ticks: Callable[[], float] = field(repr=False)
    mailer: Mailer
    passwords: Passwords
    to_jpeg: Callable[[bytes], bytes]  # raises OutOfRangeError for what is no picture
    to_logo: Callable[[bytes], bytes]  # the same, as a PNG
    draw_card: Callable[[Card], bytes]  # a PNG
    draw_poster: Callable[[Poster], bytes]  # a PDF
    read_sheet: Callable[[str, bytes], Sheet]  # by its name and content; raises OutOfRangeError
    write_sheet: Callable[[str, Sequence[str], Sequence[Mapping[str, str]]], bytes]
    public_url: str
    feeds: Feeds
    is_robot: Callable[[str], bool]  # by what a client calls itself
    write_gpkg: Callable[[Sequence[Mapping[str, str]]], bytes]  # rows with lat and lon

"""What the services need from the database and the outside; `store` and `adapters` satisfy these."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import TracebackType
from typing import Protocol, Self

from tourism.domain.departure import NightBook, Template
from tourism.domain.occupancy import Occupancy
from tourism.domain.review import Question, Report
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

    def replace(self, files: Sequence[LoadedFile]) -> None:
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
    def osm_extract(self) -> str: ...


@dataclass(frozen=True)
class Ports:
    """What `app` hands to every edge."""

    reader: Reader
    unit_of_work: Callable[[], UnitOfWork]
    migrate: Callable[[], None]
    osm: OsmSource
    data_files: DataFiles
    now: Callable[[], datetime]
    ticks: Callable[[], float] = field(repr=False)

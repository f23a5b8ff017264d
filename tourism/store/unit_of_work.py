"""The one way to write: a transaction that is rolled back unless committed."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import cached_property
from secrets import token_bytes
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Date, Engine, bindparam, delete, func, insert, select, update
from sqlalchemy import text as sql
from sqlalchemy.exc import IntegrityError, OperationalError

from tourism.domain.departure import NightBook
from tourism.domain.evidence import Evidence
from tourism.domain.listing import LISTING
from tourism.domain.occupancy import Occupancy
from tourism.domain.review import Question, Report
from tourism.domain.tables import claim
from tourism.domain.venue import Venue
from tourism.domain.world import LoadedFile, Snapshot, World
from tourism.errors import DataError, Message
from tourism.geo.osm import chunks
from tourism.store.books import read_book, write_book
from tourism.store.db import answering, patience, transaction
from tourism.store.office import SqlOffice
from tourism.store.queries import read_world
from tourism.store.sharing import SqlSharing
from tourism.store.tables import (
    ANSWERS,
    BOOKS,
    ROW_OF,
    DataFile,
    OccupancyRow,
    OsmPlaceRow,
    QuestionRow,
    ReportRow,
    Revision,
    SecretRow,
    SnapshotRow,
    fields_of,
)

KEPT_SNAPSHOTS = 2
BATCH = 1000


class SqlUnitOfWork:
    """Writes on one connection; the transaction begins with the block and takes the write lock at once."""

    connection: Connection

    def __init__(self, engine: Engine, patience_ms: int | None = None) -> None:
        self._engine, self._patience_ms = engine, patience_ms  # how long to wait for others, if not as long as usual
        self._changed = set[int]()  # numbers to raise; at the end, so that nobody waits for them for long

    def __enter__(self) -> Self:
        self._context = transaction(self._engine, writing=True)
        with answering():
            self.connection = self._context.__enter__()
            try:
                with patience(self.connection, self._patience_ms):
                    self.connection.begin()  # the write lock is taken, or refused, here
            except BaseException:
                self.connection.close()  # nobody leaves a block that was not entered
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._context.__exit__(kind, error, trace)
        if isinstance(error, OperationalError):
            with answering():  # a full disk, a lock that was not given
                raise error

    def commit(self) -> None:
        """Make the writes visible, and raise the version if the pages are computed from what changed."""
        for which in sorted(self._changed):
            self._raise_version(which)
        self._changed.clear()
        self.connection.commit()

    def _raise_version(self, which: int) -> None:
        one = Revision.id == which
        raised = self.connection.execute(update(Revision).where(one).values(number=Revision.number + 1))
        if not raised.rowcount:
            self.connection.execute(insert(Revision).values(id=which, number=1))

    def version(self) -> int:
        """Return the number of what pages are computed from, as it is now."""
        return self.connection.scalar(select(Revision.number).where(Revision.id == ANSWERS)) or 0

    def open_book(self, night: date) -> NightBook:
        """Read a night's book; nobody else writes in it until this transaction ends."""
        if self.connection.dialect.name == "postgresql":
            self.connection.execute(select(func.pg_advisory_xact_lock(night.toordinal())))
        return read_book(self.connection, night)

    def write_book(self, before: NightBook, after: NightBook) -> None:
        """Write what differs; the pages of nights see it at once."""
        write_book(self.connection, before, after)
        self._changed |= {BOOKS} if after.reports == before.reports else {ANSWERS, BOOKS}

    @cached_property
    def office(self) -> SqlOffice:
        """What the office keeps; the pages are computed anew from what changes in it."""
        return SqlOffice(self.connection, lambda: self._changed.add(ANSWERS))

    @property
    def sharing(self) -> SqlSharing:
        """What is shared."""
        return self.office.sharing

    def read(self, snapshot: Snapshot | None) -> World:
        """Read everything as it is within this transaction, with a snapshot that is at hand."""
        return read_world(self.connection, snapshot)

    def file_digests(self) -> dict[str, str]:
        """Return the digest of each data file as it was loaded."""
        rows = self.connection.execute(select(DataFile.name, DataFile.digest))
        return {row.name: row.digest for row in rows}

    def replace(self, files: Sequence[LoadedFile], at: datetime) -> None:
        """Replace the rows that came from data files; raises DataError for an id that two rows share.

        All old rows go before any new one comes, so a row may move from one file to another.
        """
        self._changed.add(ANSWERS)
        kept = self.office.claims()
        for file in files:
            table = ROW_OF[file.kind]
            self.connection.execute(delete(DataFile).where(DataFile.name == file.name))
            self.connection.execute(delete(table).where(table.file == file.name))
        for file in files:
            self.connection.execute(insert(DataFile).values(name=file.name, digest=file.digest))
            free = [row for row in file.rows if claim(row) not in kept]  # the office's word stands above a file's
            values = [{"file": file.name, "row": n, **fields_of(row)} for n, row in enumerate(free)]
            try:
                if values:
                    self.connection.execute(insert(ROW_OF[file.kind]), values)
            except IntegrityError as error:
                text = "{file}: two rows share an id, here or with another file"
                raise DataError(Message("DUPLICATE_ID", text, file=file.name)) from error
        if any(file.kind in (Venue, Evidence) for file in files):
            self.office.lock("listing-changes")
            self.sharing.log_all(self.office.list_records(LISTING), at)

    def snapshot_digest(self) -> str | None:
        """Return the digest of the newest snapshot."""
        return self.connection.scalar(select(SnapshotRow.digest).order_by(SnapshotRow.id.desc()).limit(1))

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Store a snapshot, switch to it, and drop those before the last."""
        self._changed.add(ANSWERS)
        ids = list(self.connection.scalars(select(SnapshotRow.id).order_by(SnapshotRow.id)))
        new = ids[-1] + 1 if ids else 1
        self.connection.execute(
            insert(SnapshotRow).values(
                id=new,
                imported_at=snapshot.imported_at,
                source=snapshot.source,
                digest=snapshot.digest,
                network=snapshot.network.to_bytes(),
            )
        )
        for batch in chunks(list(snapshot.places), BATCH):
            self.connection.execute(insert(OsmPlaceRow), [{"snapshot_id": new, **asdict(place)} for place in batch])
        old = ids[: 1 - KEPT_SNAPSHOTS]
        self.connection.execute(delete(OsmPlaceRow).where(OsmPlaceRow.snapshot_id.in_(old)))
        self.connection.execute(delete(SnapshotRow).where(SnapshotRow.id.in_(old)))

    def ask(self, questions: Sequence[Question]) -> None:
        """Replace the questions that nobody has decided; decisions stay, also those of records that are gone."""
        self.office.lock("questions")
        rows = list(self.connection.execute(select(QuestionRow)))
        decided = {(row.listing, row.element) for row in rows if row.decision}
        new = [asdict(q) for q in questions if (q.listing, q.element) not in decided]
        asked = {(row.listing, row.element, row.similarity, row.distance_m) for row in rows if not row.decision}
        if asked == {(q["listing"], q["element"], q["similarity"], q["distance_m"]) for q in new}:
            return  # the pages stay as they are
        self._changed.add(ANSWERS)
        self.connection.execute(delete(QuestionRow).where(QuestionRow.decision.is_(None)))
        if new:
            self.connection.execute(insert(QuestionRow), new)

    def decide(self, question: Question) -> None:
        """Keep a person's decision."""
        self._changed.add(ANSWERS)
        one = (QuestionRow.listing == question.listing) & (QuestionRow.element == question.element)
        self.connection.execute(
            update(QuestionRow).where(one).values(decision=question.decision, decided_at=question.decided_at)
        )

    def secret_of(self, day: date, today: date) -> bytes:
        """Return the secret of a day, made at its first use; those of days before today are forgotten."""
        self.connection.execute(delete(SecretRow).where(SecretRow.day < today))
        found = self.connection.scalar(select(SecretRow.secret).where(SecretRow.day == day))
        if found is None:
            new = sql("INSERT INTO day_secret (day, secret) VALUES (:day, :secret) ON CONFLICT DO NOTHING")
            self.connection.execute(
                new.bindparams(bindparam("day", type_=Date)), {"day": day, "secret": token_bytes(32)}
            )
            found = self.connection.scalar(select(SecretRow.secret).where(SecretRow.day == day))
            assert found is not None  # noqa: S101 - it is ours, or that of who came first
        return found

    def count_reports(self, since: datetime, *, venue: str | None = None, reporter: str | None = None) -> int:
        """Count what was said since an instant, about one venue or by one reporter."""
        query = select(func.count()).select_from(ReportRow).where(ReportRow.said_at >= since)
        if venue:
            query = query.where(ReportRow.venue == venue)
        if reporter:
            query = query.where(ReportRow.reporter == reporter)
        return self.connection.scalar(query) or 0

    def say(self, report: Report) -> None:
        """Keep a report; what the same reporter said about the venue before is replaced."""
        same = (ReportRow.venue == report.venue) & (ReportRow.reporter == report.reporter)
        self.connection.execute(delete(ReportRow).where(same))
        self.connection.execute(insert(ReportRow).values(**asdict(report)))

    def handle_reports(self, venue: str, at: datetime) -> int:
        """Mark the reports about a venue as handled; returns how many waited."""
        waiting = (ReportRow.venue == venue) & ReportRow.handled_at.is_(None)
        return self.connection.execute(update(ReportRow).where(waiting).values(handled_at=at)).rowcount

    def set_occupancy(self, said: Occupancy) -> None:
        """Keep the last word about how full a venue is."""
        self.connection.execute(delete(OccupancyRow).where(OccupancyRow.venue == said.venue))
        self.connection.execute(insert(OccupancyRow).values(**asdict(said)))

    def clear_occupancy(self, venue: str) -> None:
        """Forget how full a venue is."""
        self.connection.execute(delete(OccupancyRow).where(OccupancyRow.venue == venue))

"""What the office keeps, on one connection: accounts, records and their audit, photos, sheets."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from tourism.domain.account import Attempts, Role, Session, User
from tourism.domain.evidence import Evidence
from tourism.domain.listing import LISTING
from tourism.domain.record import Line, Record, State
from tourism.domain.sharing import Origin
from tourism.domain.tables import TABLES, claim, record_of, values_of
from tourism.domain.venue import Venue
from tourism.errors import ConflictError, Message
from tourism.geo.osm import chunks
from tourism.store.branding import SqlBranding
from tourism.store.db import lock
from tourism.store.office_tables import (
    AccountRow,
    AttemptsRow,
    AuditRow,
    PhotoRow,
    RecordRow,
    SessionRow,
    SettingRow,
    SheetRow,
)
from tourism.store.sharing import SqlSharing
from tourism.store.tables import ROW_OF, DepartureRow, fields_of

CHANGED_MEANWHILE = Message("STALE", "Somebody else has changed this meanwhile.")
SHEETS_KEPT, BATCH = 5, 1000
_KINDS: dict[str, tuple[type[Any], ...]] = {LISTING: (Venue, Evidence), **{k: (t.kind,) for k, t in TABLES.items()}}


class SqlOffice:
    """Reads and, within a unit of work, writes; `changed` says that the pages are to be computed anew."""

    def __init__(self, connection: Connection, changed: Callable[[], object] = lambda: None) -> None:
        self._connection = connection
        self._changed = changed

    @cached_property
    def sharing(self) -> SqlSharing:
        """What is shared."""
        return SqlSharing(self._connection)

    @cached_property
    def branding(self) -> SqlBranding:
        """Visits by short links, and what is measured."""
        return SqlBranding(self._connection)

    def nights(self, since: date) -> list[date]:
        """Return the nights from a date on that have departures, in order."""
        asked = select(DepartureRow.night).where(DepartureRow.night >= since).distinct().order_by(DepartureRow.night)
        return list(self._connection.scalars(asked))

    def lock(self, name: str) -> None:
        """Let nobody else go on under a name until this transaction ends."""
        lock(self._connection, name)

    # Records

    def claims(self) -> set[tuple[str, str]]:
        """Return the kinds and keys of the records that stand above the data files: what was ever published here.

        A row that was given another name here is known by both.
        """
        published = select(RecordRow).where(RecordRow.published.is_not(None))
        records = [_record(row) for row in self._connection.execute(published)]
        renamed = {
            (record.kind, TABLES[record.kind].key_of(record.published or {}))
            for record in records
            if record.kind in TABLES
        }
        return {(record.kind, record.key) for record in records} | renamed

    def find_record(self, kind: str, key: str) -> Record | None:
        """Return a record, also one that is only in the data files so far; None without one."""
        one = (RecordRow.kind == kind) & (RecordRow.key == key)
        row = self._connection.execute(select(RecordRow).where(one)).first()
        return _record(row) if row else self._seeds(kind, key).get(key)

    def list_records(self, kind: str) -> list[Record]:
        """Return every record of a kind, those of the data files first."""
        rows = self._connection.execute(select(RecordRow).where(RecordRow.kind == kind).order_by(RecordRow.id))
        return [*self._seeds(kind).values(), *map(_record, rows)]

    def list_waiting(self, feed: str | None = None, limit: int | None = None) -> list[Record]:
        """Return what waits for review, the oldest proposal first: of a feed, or all that people proposed."""
        asked = select(RecordRow).where(_waits(feed)).order_by(RecordRow.proposed_at, RecordRow.id).limit(limit)
        return [_record(row) for row in self._connection.execute(asked)]

    def waiting_seal(self, feed: str) -> str:
        """Return what is another as soon as anything else of a feed waits."""
        asked = select(func.count(), func.max(RecordRow.proposed_at), func.sum(RecordRow.version)).where(_waits(feed))
        return ".".join(map(str, self._connection.execute(asked).one()))

    def count_waiting(self, feed: str) -> int:
        """Return how many revisions of a feed wait for clearance."""
        return self._connection.scalar(select(func.count()).select_from(RecordRow).where(_waits(feed))) or 0

    def _loaded(self, kind: str, key: str | None = None) -> dict[str, list[tuple[Any, Any]]]:
        """Return the rows that came from data files, each with where it is stored, by key."""
        found: dict[str, list[tuple[Any, Any]]] = {}
        for value in _KINDS[kind]:
            table: Any = ROW_OF[value]
            asked = select(table).where(table.file.not_like("office:%")).order_by(table.file, table.row)
            if key is not None and kind == LISTING:
                asked = asked.where((table.id if value is Venue else table.venue) == key)
            for row in self._connection.execute(asked):
                read = value(**fields_of(row, value))
                claimed = claim(read)
                if claimed:
                    found.setdefault(claimed[1], []).append((read, (table, row.file, row.row)))
        return found

    def _seeds(self, kind: str, key: str | None = None) -> dict[str, Record]:
        loaded = {k: [value for value, _ in rows] for k, rows in self._loaded(kind, key).items()}
        # Evidence alone, about an OSM venue, is no listing.
        return {k: record_of(rows) for k, rows in loaded.items() if not isinstance(rows[0], Evidence)}

    def records_of(self, kind: str, keys: Iterable[str]) -> dict[str, Record]:
        """Return records that are kept here, by their keys."""
        found: dict[str, Record] = {}
        for batch in chunks(list(keys), BATCH):
            asked = select(RecordRow).where((RecordRow.kind == kind) & RecordRow.key.in_(batch))
            found |= {row.key: _record(row) for row in self._connection.execute(asked)}
        return found

    def put_records(self, changes: Sequence[tuple[Record, Record, Line]], origins: Mapping[str, Origin]) -> None:
        """Write listings with their lines and where they came from, as `put_record` does, the new ones all at once.

        New ones have keys that no data file has. Raises ConflictError when somebody else was faster.
        """
        new = [(before, _named(before, after), line) for before, after, line in changes if not before.version]
        for before, after, line in changes:
            if before.version:
                self.put_record(before, after, line, origins)
        if not new:
            return
        self.lock("listing-changes")
        try:
            self._connection.execute(insert(RecordRow), [fields_of(after) for _, after, _ in new])
        except IntegrityError as error:
            raise ConflictError(CHANGED_MEANWHILE) from error
        for kind in _KINDS[LISTING]:
            rows = [
                {"file": _file(after), "row": n, **fields_of(value)}
                for _, after, _ in new for n, value in enumerate(values_of(after)) if isinstance(value, kind)
            ]  # fmt: skip
            if rows:
                self._connection.execute(insert(ROW_OF[kind]), rows)
                self._changed()
        self._connection.execute(insert(AuditRow), [_line_values(line) for _, _, line in new])
        self.sharing.log([(before, after) for before, after, _ in new], [line for _, _, line in new], origins)

    def put_record(
        self, before: Record, after: Record, line: Line, origins: Mapping[str, Origin] | None = None
    ) -> None:
        """Write a record in place of the one it was made from, the rows it stands for, and its line of the audit.

        Raises ConflictError when somebody else was faster.
        """
        if after.kind == LISTING:
            after = _named(before, after)
            self.lock("listing-changes")  # so that the numbers of changes are in the order of their commits
        values = fields_of(after)
        one = (RecordRow.kind == after.kind) & (RecordRow.key == after.key)
        if before.version:
            asked = update(RecordRow).where(one & (RecordRow.version == before.version)).values(**values)
            if not self._connection.execute(asked).rowcount:
                raise ConflictError(CHANGED_MEANWHILE)
        else:
            self._take_over(before, values)
        if before.live != after.live:
            if before.live is None and before.version:
                self._drop_loaded(after)  # a data file may have brought it meanwhile
            self._drop_rows(before)
            self._write_rows(after)
            self._changed()
        self.add_line(line)
        if after.kind == LISTING:
            origin = self.sharing.find_origin(after.key) if origins is None else origins.get(after.key)
            self.sharing.log([(before, after)], [line], {after.key: origin} if origin else {})

    def _take_over(self, before: Record, values: dict[str, Any]) -> None:
        """Write a record for the first time; what a data file said of it is the record's from now on."""
        try:
            self._connection.execute(insert(RecordRow), values)
        except IntegrityError as error:
            raise ConflictError(CHANGED_MEANWHILE) from error
        if before.live is not None:
            self._drop_loaded(before)
            self._write_rows(before)

    def _drop_loaded(self, record: Record) -> None:
        for _, (table, file, row) in self._loaded(record.kind, record.key).get(record.key, []):
            self._connection.execute(delete(table).where((table.file == file) & (table.row == row)))

    def _drop_rows(self, record: Record) -> None:
        for kind in _KINDS[record.kind] if record.live is not None else ():
            table: Any = ROW_OF[kind]
            self._connection.execute(delete(table).where(table.file == _file(record)))

    def _write_rows(self, record: Record) -> None:
        for n, value in enumerate(values_of(record)):
            self._connection.execute(insert(ROW_OF[type(value)]), {"file": _file(record), "row": n, **fields_of(value)})

    # Audit

    def add_line(self, line: Line) -> None:
        """Write a line of the audit."""
        self._connection.execute(insert(AuditRow), _line_values(line))

    def list_lines(
        self, kind: str | None = None, key: str | None = None, by: str | None = None, before: int | None = None,
        limit: int = 50,
    ) -> list[Line]:  # fmt: skip
        """Return lines of the audit, the newest first, before the one with an id."""
        asked: Select[Any] = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
        for column, wanted in ((AuditRow.kind, kind), (AuditRow.key, key), (AuditRow.by, by)):
            if wanted:
                asked = asked.where(column == wanted)
        if before:
            asked = asked.where(AuditRow.id < before)
        return [Line(**fields_of(row, Line)) for row in self._connection.execute(asked)]

    def find_line(self, id_: int) -> Line | None:
        """Return one line of the audit."""
        row = self._connection.execute(select(AuditRow).where(AuditRow.id == id_)).first()
        return Line(**fields_of(row, Line)) if row else None

    def find_version(self, kind: str, key: str, version: int) -> Line | None:
        """Return the line that brought a record to a version, or for version 0 the first one."""
        one = (AuditRow.kind == kind) & (AuditRow.key == key) & (AuditRow.version == max(version, 1))
        row = self._connection.execute(select(AuditRow).where(one).order_by(AuditRow.id.desc())).first()
        return Line(**fields_of(row, Line)) if row else None

    # Accounts

    def find_user(self, email: str = "", id_: int = 0) -> User | None:
        """Return an account by its address or its id."""
        one = AccountRow.id == id_ if id_ else AccountRow.email == email
        row = self._connection.execute(select(AccountRow).where(one)).first()
        return _user(row) if row else None

    def list_users(self) -> list[User]:
        """Return every account."""
        return [_user(row) for row in self._connection.execute(select(AccountRow).order_by(AccountRow.email))]

    def put_user(self, user: User) -> User:
        """Write an account, a new one with a new id; returns it. Raises ConflictError for an address twice."""
        values = fields_of(user)
        if user.id:
            self._connection.execute(update(AccountRow).where(AccountRow.id == user.id).values(**values))
            return user
        del values["id"]
        try:
            self._connection.execute(insert(AccountRow), values)
        except IntegrityError as error:
            text = "There is an account {email} already. See: tourism user list"
            raise ConflictError(Message("ACCOUNT_EXISTS", text, email=user.email)) from error
        found = self.find_user(user.email)
        assert found  # noqa: S101 - it was written above
        return found

    def find_session(self, digest: str) -> Session | None:
        """Return a session by the digest of its token."""
        row = self._connection.execute(select(SessionRow).where(SessionRow.digest == digest)).first()
        return Session(**fields_of(row, Session)) if row else None

    def add_session(self, session: Session) -> None:
        """Write a new session."""
        self._connection.execute(insert(SessionRow), fields_of(session))

    def see_session(self, digest: str, at: datetime) -> None:
        """Keep that a session was used, unless it has ended meanwhile."""
        self._connection.execute(update(SessionRow).where(SessionRow.digest == digest).values(seen_at=at))

    def end_session(self, digest: str) -> None:
        """Forget a session."""
        self._connection.execute(delete(SessionRow).where(SessionRow.digest == digest))

    def end_sessions(self, user: int) -> None:
        """Forget every session of an account."""
        self._connection.execute(delete(SessionRow).where(SessionRow.user == user))

    def sweep(self, sessions_before: datetime, attempts_before: datetime) -> None:
        """Forget sessions that nobody has used and failures that nobody counts since."""
        self._connection.execute(delete(SessionRow).where(SessionRow.seen_at < sessions_before))
        self._connection.execute(delete(AttemptsRow).where(AttemptsRow.last_at < attempts_before))

    def find_attempts(self, key: str) -> Attempts | None:
        """Return the failed attempts under a key."""
        row = self._connection.execute(select(AttemptsRow).where(AttemptsRow.key == key)).first()
        return Attempts(**fields_of(row, Attempts)) if row else None

    def put_attempts(self, attempts: Attempts) -> None:
        """Write the failed attempts under a key, or forget them when there are none."""
        self._connection.execute(delete(AttemptsRow).where(AttemptsRow.key == attempts.key))
        if attempts.failures:
            self._connection.execute(insert(AttemptsRow), fields_of(attempts))

    # What else is remembered

    def setting(self, name: str) -> str:
        """Return what is remembered under a name, empty without it."""
        return self._connection.scalar(select(SettingRow.value).where(SettingRow.name == name)) or ""

    def set_setting(self, name: str, value: str) -> None:
        """Remember something under a name."""
        self._connection.execute(delete(SettingRow).where(SettingRow.name == name))
        self._connection.execute(insert(SettingRow).values(name=name, value=value))

    def add_photo(self, digest: str, jpeg: bytes) -> None:
        """Keep a picture; the same one twice is kept once."""
        self.lock(digest)
        if not self._connection.scalar(select(func.count()).select_from(PhotoRow).where(PhotoRow.digest == digest)):
            self._connection.execute(insert(PhotoRow).values(digest=digest, jpeg=jpeg))

    def find_photo(self, digest: str) -> bytes | None:
        """Return a picture."""
        return self._connection.scalar(select(PhotoRow.jpeg).where(PhotoRow.digest == digest))

    def put_sheet(self, id_: str, user: int, at: datetime, content: bytes) -> None:
        """Keep a sheet that waits for a yes, and forget all but the newest of the user's."""
        self._connection.execute(insert(SheetRow).values(id=id_, user=user, at=at, content=content))
        own = select(SheetRow.id).where(SheetRow.user == user).order_by(SheetRow.at.desc()).limit(SHEETS_KEPT)
        newest = list(self._connection.scalars(own))
        self._connection.execute(delete(SheetRow).where((SheetRow.user == user) & SheetRow.id.not_in(newest)))

    def find_sheet(self, id_: str, user: int) -> bytes | None:
        """Return a sheet of a user's."""
        one = (SheetRow.id == id_) & (SheetRow.user == user)
        return self._connection.scalar(select(SheetRow.content).where(one))

    def drop_sheet(self, id_: str) -> None:
        """Forget a sheet."""
        self._connection.execute(delete(SheetRow).where(SheetRow.id == id_))


def _waits(feed: str | None) -> ColumnElement[bool]:
    """Return the condition for records that wait: of a feed, or of people."""
    by = RecordRow.proposed_by.not_like("feed:%") if feed is None else RecordRow.proposed_by == f"feed:{feed}"
    return RecordRow.state.in_((State.SUBMITTED, State.CHANGED)) & by


def _file(record: Record) -> str:
    """Return what stands in place of a data file's name in the rows of a record."""
    return f"office:{record.kind}:{record.key}"


def _record(row: Any) -> Record:
    return Record(**fields_of(row, Record) | {"state": State(row.state)})


def _named(before: Record, after: Record) -> Record:
    """Return a listing with the UUID that it has from now on."""
    return replace(after, uuid=after.uuid or before.uuid or str(uuid4()))


def _line_values(line: Line) -> dict[str, Any]:
    values = fields_of(line)
    del values["id"]
    return values


def _user(row: Any) -> User:
    return User(**fields_of(row, User) | {"role": Role(row.role)})

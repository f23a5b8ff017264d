"""What is shared, on one connection: feeds and their pulls, origins, changes, keys, dumps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from tourism.domain.record import Line, Record
from tourism.domain.sharing import (
    OWN_LICENCE,
    ApiKey,
    Delivered,
    Feed,
    FeedState,
    ListingChange,
    Origin,
    Provider,
    QueuedRow,
    Run,
    Widget,
    shipped_uuid,
)
from tourism.domain.sheet import Issue
from tourism.domain.waiting import Outline
from tourism.errors import Message
from tourism.geo.osm import chunks
from tourism.store import sharing_tables as tables
from tourism.store.db import lock
from tourism.store.office_tables import RecordRow, SettingRow
from tourism.store.sharing_tables import (
    ApiKeyRow,
    DumpRow,
    FeedRow,
    FeedStateRow,
    ListingChangeRow,
    OriginRow,
    RunRow,
    WidgetRow,
)
from tourism.store.tables import OutlineRow, VenueRow, fields_of

BATCH = 1000
DUMPS_KEPT = timedelta(days=7)
RUNS_KEPT = 100


class SqlSharing:
    """Reads and, within a unit of work, writes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def provider(self) -> str:
        """Return the id that this database has among those that share."""
        return self._connection.scalar(select(SettingRow.value).where(SettingRow.name == "provider")) or ""

    # Feeds

    def list_outlines(self) -> list[Outline]:
        """Return the corners of the rough outlines of the municipalities, in order."""
        rows = self._connection.execute(select(OutlineRow).order_by(OutlineRow.file, OutlineRow.row))
        return [Outline(**fields_of(row, Outline)) for row in rows]

    def list_feeds(self) -> list[Feed]:
        """Return every feed, by id."""
        rows = self._connection.execute(select(FeedRow).order_by(FeedRow.id))
        return [Feed(**fields_of(row, Feed)) for row in rows]

    def list_widgets(self) -> list[Widget]:
        """Return every widget, by id."""
        rows = self._connection.execute(select(WidgetRow).order_by(WidgetRow.id))
        return [Widget(**fields_of(row, Widget)) for row in rows]

    def state_of(self, feed: str) -> FeedState:
        """Return what is remembered of a feed."""
        row = self._connection.execute(select(FeedStateRow).where(FeedStateRow.feed == feed)).first()
        return FeedState(**fields_of(row, FeedState)) if row else FeedState(feed)

    def put_state(self, state: FeedState) -> None:
        """Write what is remembered of a feed."""
        lock(self._connection, f"feed {state.feed}")
        self._connection.execute(delete(FeedStateRow).where(FeedStateRow.feed == state.feed))
        self._connection.execute(insert(FeedStateRow), fields_of(state))

    def lease(self, feed: str, by: str, now: datetime, until: datetime) -> bool:
        """Take the right to pull a feed, or keep it; False when somebody else has it."""
        lock(self._connection, f"feed {feed}")
        state = self.state_of(feed)
        if state.locked_by not in ("", by) and state.locked_until and now < state.locked_until:
            return False
        self.put_state(replace(state, locked_by=by, locked_until=until))
        return True

    def add_run(self, run: Run) -> int:
        """Write the report of a pull that begins; returns its id."""
        self._connection.execute(insert(RunRow), _run_values(run))
        return self._connection.scalar(select(func.max(RunRow.id)).where(RunRow.feed == run.feed)) or 0

    def end_run(self, run: Run) -> None:
        """Write how a pull ended, and forget the oldest ones."""
        self._connection.execute(update(RunRow).where(RunRow.id == run.id).values(**_run_values(run)))
        one = select(RunRow.id).where(RunRow.feed == run.feed).order_by(RunRow.id.desc()).offset(RUNS_KEPT).limit(1)
        last = self._connection.scalar(one)
        if last:
            self._connection.execute(delete(RunRow).where((RunRow.feed == run.feed) & (RunRow.id <= last)))

    def list_runs(self, feed: str | None = None, limit: int = 20) -> list[Run]:
        """Return the reports of pulls, the newest first."""
        asked = select(RunRow).order_by(RunRow.id.desc()).limit(limit)
        return [_run(row) for row in self._connection.execute(asked.where(RunRow.feed == feed) if feed else asked)]

    def put_queued(self, rows: Sequence[QueuedRow]) -> None:
        """Keep rows whose category nobody knows yet, in place of those of the same ids."""
        for feed in {row.feed for row in rows}:
            self.drop_queued(feed, [row.external_id for row in rows if row.feed == feed])
        if rows:
            values = [
                {**asdict(row), "row": asdict(row.row)} for row in {(r.feed, r.external_id): r for r in rows}.values()
            ]
            self._connection.execute(insert(tables.QueuedRow), values)

    def drop_queued(self, feed: str, external_ids: Iterable[str]) -> None:
        """Forget rows that wait for their category."""
        for batch in chunks(list(external_ids), BATCH):
            one = (tables.QueuedRow.feed == feed) & tables.QueuedRow.external_id.in_(batch)
            self._connection.execute(delete(tables.QueuedRow).where(one))

    def clear_queued(self, feed: str) -> None:
        """Forget every row of a feed that waits for its category: all of them are about to be read anew."""
        self._connection.execute(delete(tables.QueuedRow).where(tables.QueuedRow.feed == feed))

    def list_queued(self, feed: str, category: str, limit: int = BATCH) -> list[QueuedRow]:
        """Return rows that wait for their category, by id."""
        kept = tables.QueuedRow
        # SQLite's lower() knows ASCII alone.
        same = [name for name in self.queued_categories(feed) if name.casefold() == category.casefold()]
        asked = select(kept).where((kept.feed == feed) & kept.category.in_(same))
        rows = self._connection.execute(asked.order_by(kept.external_id).limit(limit))
        return [QueuedRow(row.feed, row.external_id, row.category, Delivered(**row.row)) for row in rows]

    def queued_categories(self, feed: str) -> dict[str, int]:
        """Return the categories that nobody knows yet, and how many rows wait for each."""
        kept = tables.QueuedRow
        asked = select(kept.category, func.count()).where(kept.feed == feed).group_by(kept.category)
        rows = self._connection.execute(asked.order_by(func.count().desc()))
        return {row[0]: row[1] for row in rows}

    # Where records came from

    def find_origin(self, key: str) -> Origin | None:
        """Return where a listing came from, None for one that is kept here."""
        row = self._connection.execute(select(OriginRow).where(OriginRow.key == key)).first()
        return Origin(**fields_of(row, Origin)) if row else None

    def origins_of(self, feed: str, external_ids: Iterable[str]) -> dict[tuple[str, str], Origin]:
        """Return the origins of a feed's rows by (source, external id)."""
        found = {}
        for batch in chunks(list(external_ids), BATCH):
            one = (OriginRow.feed == feed) & OriginRow.external_id.in_(batch)
            for row in self._connection.execute(select(OriginRow).where(one)):
                found[row.source, row.external_id] = Origin(**fields_of(row, Origin))
        return found

    def origins_by_key(self, keys: Iterable[str]) -> dict[str, Origin]:
        """Return where listings came from, by their keys; those that are kept here have none."""
        found = {}
        for batch in chunks(list(keys), BATCH):
            for row in self._connection.execute(select(OriginRow).where(OriginRow.key.in_(batch))):
                found[row.key] = Origin(**fields_of(row, Origin))
        return found

    def origin_keys(self) -> frozenset[str]:
        """Return the keys of every listing that came from a feed."""
        return frozenset(self._connection.scalars(select(OriginRow.key)))

    def list_origins(self) -> dict[str, Origin]:
        """Return every origin by its listing's key."""
        rows = self._connection.execute(select(OriginRow))
        return {row.key: Origin(**fields_of(row, Origin)) for row in rows}

    def count_origins(self, feed: str) -> int:
        """Return how many listings of a feed are not gone."""
        one = (OriginRow.feed == feed) & OriginRow.gone_at.is_(None)
        return self._connection.scalar(select(func.count()).select_from(OriginRow).where(one)) or 0

    def count_unseen(self, feed: str, run: int) -> int:
        """Return how many listings of a feed are not gone yet and were not seen by a pull."""
        one = (OriginRow.feed == feed) & (OriginRow.seen != run) & OriginRow.gone_at.is_(None)
        return self._connection.scalar(select(func.count()).select_from(OriginRow).where(one)) or 0

    def unseen(self, feed: str, run: int, limit: int = BATCH) -> list[Origin]:
        """Return origins that a pull has not seen and that are not gone yet."""
        one = (OriginRow.feed == feed) & (OriginRow.seen != run) & OriginRow.gone_at.is_(None)
        rows = self._connection.execute(select(OriginRow).where(one).order_by(OriginRow.key).limit(limit))
        return [Origin(**fields_of(row, Origin)) for row in rows]

    def put_origins(self, origins: Sequence[Origin]) -> None:
        """Write origins in place of those of the same keys."""
        for batch in chunks(list(origins), BATCH):
            self._connection.execute(delete(OriginRow).where(OriginRow.key.in_([one.key for one in batch])))
            self._connection.execute(insert(OriginRow), [fields_of(one) for one in batch])

    def see(self, keys: Sequence[str], run: int) -> None:
        """Keep that a pull has seen listings."""
        for batch in chunks(list(keys), BATCH):
            self._connection.execute(update(OriginRow).where(OriginRow.key.in_(batch)).values(seen=run))

    def own_uuids(self, uuids: Iterable[str]) -> set[str]:
        """Return which UUIDs are of records that are kept here."""
        found = set[str]()
        for batch in chunks(list(uuids), BATCH):
            from_feeds = select(OriginRow.uuid).where(OriginRow.uuid.in_(batch))
            kept = select(RecordRow.uuid).where(RecordRow.uuid.in_(batch) & RecordRow.uuid.not_in(from_feeds))
            found |= set(self._connection.scalars(kept)) | self._shipped.intersection(batch)
        return found

    def elsewhere(self, external_ids: Iterable[str], uuids: Iterable[str], feed: str) -> dict[str, tuple[str, str]]:
        """Return what other feeds have given of some ids or UUIDs and is not gone: (source, external id) by UUID."""
        found: dict[str, tuple[str, str]] = {}
        others = (OriginRow.feed != feed) & OriginRow.gone_at.is_(None)
        for column, wanted in ((OriginRow.external_id, external_ids), (OriginRow.uuid, uuids)):
            for batch in chunks(list(wanted), BATCH):
                asked = select(OriginRow.uuid, OriginRow.source, OriginRow.external_id).where(
                    others & column.in_(batch)
                )
                found |= {row.uuid: (row.source, row.external_id) for row in self._connection.execute(asked)}
        return found

    @cached_property
    def _shipped(self) -> set[str]:
        """The UUIDs of listings that data files brought."""
        ids = self._connection.scalars(select(VenueRow.id).where(VenueRow.file.not_like("office:%")))
        return {shipped_uuid(id_) for id_ in ids}

    # Changes that others take

    def log(self, pairs: Sequence[tuple[Record, Record]], lines: Sequence[Line], origins: Mapping[str, Origin]) -> None:
        """Write what listings became, each with its line of the audit and where it came from."""
        values = []
        for (before, after), line in zip(pairs, lines, strict=True):
            for scope, was, is_now in (("joint", before.live, after.live), ("own", before.outgoing, after.outgoing)):
                if was == is_now:
                    continue
                if scope == "own" and was and is_now and was.get("municipality") != is_now.get("municipality"):
                    # Who follows the old municipality sees it go.
                    values.append(self._change(scope, after, (was, None), line.at, origins.get(after.key)))
                values.append(self._change(scope, after, (was, is_now), line.at, origins.get(after.key)))
        if values:
            self._connection.execute(insert(ListingChangeRow), values)

    def log_all(self, records: Sequence[Record], at: datetime) -> None:
        """Write every listing that is another than when it was written last: those that data files brought."""
        newest = select(func.max(ListingChangeRow.seq)).group_by(ListingChangeRow.scope, ListingChangeRow.key)
        rows = self._connection.execute(select(ListingChangeRow).where(ListingChangeRow.seq.in_(newest)))
        last = {(row.scope, row.key): row for row in rows}
        origins, values = self.list_origins(), []
        for record in records:
            for scope, fields in (("joint", record.live), ("own", record.outgoing)):
                row = last.pop((scope, record.key), None)
                if (row.fields if row else None) != fields:
                    was = row.fields if row else None
                    values.append(self._change(scope, record, (was, fields), at, origins.get(record.key)))
        for row in last.values():
            if row.fields is not None:
                gone = {**fields_of(row, ListingChange), "at": at, "fields": None}
                values.append({name: value for name, value in gone.items() if name != "seq"})
        for batch in chunks(values, BATCH):
            self._connection.execute(insert(ListingChangeRow), batch)

    def _change(
        self, scope: str, record: Record, change: tuple[Any, Any], at: datetime, origin: Origin | None
    ) -> dict[str, Any]:
        was, fields = change
        return {
            "scope": scope, "key": record.key, "uuid": record.uuid, "at": at, "fields": fields,
            "municipality": (fields or was or {}).get("municipality", ""),
            "source": origin.source if origin else self.provider,
            "external_id": origin.external_id if origin else record.key,
            "chain": origin.chain if origin else "", "licence": origin.licence if origin else OWN_LICENCE,
        }  # fmt: skip

    def list_changes(
        self, after: int, scope: str, municipality: str, passed_on: bool, limit: int
    ) -> tuple[list[ListingChange], int]:
        """Return changes after a number, in order, and the number to go on from."""
        last = self._connection.scalar(select(func.max(ListingChangeRow.seq))) or 0
        one = (ListingChangeRow.seq > after) & (ListingChangeRow.seq <= last) & (ListingChangeRow.scope == scope)
        asked = select(ListingChangeRow).where(one).order_by(ListingChangeRow.seq).limit(limit)
        if municipality:
            asked = asked.where(ListingChangeRow.municipality == municipality)
        if not passed_on:
            asked = asked.where(ListingChangeRow.chain == "")
        found = [ListingChange(**fields_of(row, ListingChange)) for row in self._connection.execute(asked)]
        return found, found[-1].seq if len(found) == limit else last

    def list_shared(self) -> list[ListingChange]:
        """Return what everybody sees of every listing, by key."""
        last = select(func.max(ListingChangeRow.seq)).where(ListingChangeRow.scope == "joint")
        asked = select(ListingChangeRow).where(ListingChangeRow.seq.in_(last.group_by(ListingChangeRow.key)))
        found = [ListingChange(**fields_of(row, ListingChange)) for row in self._connection.execute(asked)]
        return sorted((one for one in found if one.fields is not None), key=lambda one: one.key)

    # Keys

    def find_key(self, id_: str) -> ApiKey | None:
        """Return a key."""
        row = self._connection.execute(select(ApiKeyRow).where(ApiKeyRow.id == id_)).first()
        return ApiKey(**fields_of(row, ApiKey)) if row else None

    def list_keys(self) -> list[ApiKey]:
        """Return every key, by name and age."""
        rows = self._connection.execute(select(ApiKeyRow).order_by(ApiKeyRow.name, ApiKeyRow.created_at))
        return [ApiKey(**fields_of(row, ApiKey)) for row in rows]

    def put_key(self, key: ApiKey) -> None:
        """Write a key."""
        self._connection.execute(delete(ApiKeyRow).where(ApiKeyRow.id == key.id))
        self._connection.execute(insert(ApiKeyRow), fields_of(key))

    def use_key(self, id_: str, at: datetime) -> None:
        """Keep that a key was used."""
        self._connection.execute(update(ApiKeyRow).where(ApiKeyRow.id == id_).values(used_at=at))

    # Dumps

    def put_dump(self, day: date, files: Mapping[str, bytes]) -> None:
        """Keep a day's dump in place of an earlier one of that day, and forget those of a week ago."""
        self._connection.execute(delete(DumpRow).where((DumpRow.day == day) | (DumpRow.day <= day - DUMPS_KEPT)))
        self._connection.execute(insert(DumpRow), [{"day": day, "name": n, "content": c} for n, c in files.items()])

    def list_dumps(self) -> list[tuple[date, str, int]]:
        """Return the files that are kept: day, name, bytes; the newest first."""
        asked = select(DumpRow.day, DumpRow.name, func.length(DumpRow.content))
        rows = self._connection.execute(asked.order_by(DumpRow.day.desc(), DumpRow.name))
        return [(day, name, size) for day, name, size in rows]

    def find_dump(self, day: date, name: str) -> bytes | None:
        """Return a file of a dump."""
        return self._connection.scalar(select(DumpRow.content).where((DumpRow.day == day) & (DumpRow.name == name)))


def read_providers(connection: Connection) -> dict[str, Provider]:
    """Return who passed each listing on, by key."""
    feeds = {row.id: row.name for row in connection.execute(select(FeedRow.id, FeedRow.name))}
    rows = connection.execute(select(OriginRow.key, OriginRow.feed, OriginRow.licence))
    return {row.key: Provider(row.feed, feeds.get(row.feed, row.feed), row.licence) for row in rows}


def _run_values(run: Run) -> dict[str, Any]:
    values = fields_of(run)
    del values["id"]
    return values | {
        "counts": dict(run.counts), "problem": _said(run.problem) if run.problem else None,
        "issues": [[i.line, i.field, *_said(i.message), i.suggestion, i.rejects] for i in run.issues],
    }  # fmt: skip


def _said(message: Message) -> list[Any]:
    return [message.code, message.text, {name: _plain(value) for name, value in message.params.items()}]


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else str(value)


def _run(row: Any) -> Run:
    issues = [Issue(line, field, Message(code, text, **params), hint, rejects)
              for line, field, code, text, params, hint, rejects in row.issues]  # fmt: skip
    problem = Message(row.problem[0], row.problem[1], **row.problem[2]) if row.problem else None
    return Run(**fields_of(row, Run) | {"issues": tuple(issues), "problem": problem})

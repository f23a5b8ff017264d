"""Some rows of a feed within one transaction: looked up together, judged one by one, written together."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from secrets import token_hex
from typing import TYPE_CHECKING

from tourism.domain.calendar import WIB
from tourism.domain.feed_rows import DOUBLED_ID, Read, RowError, fields_of_row
from tourism.domain.listing import LISTING
from tourism.domain.record import Line, Record, State, Step, before_and_after
from tourism.domain.sharing import (
    Delivered,
    Fate,
    Origin,
    QueuedRow,
    digest_of,
    fate_of,
    is_clear,
    key_of,
    returns_to_us,
    taken,
    tombstone,
    travelled_uuid,
    uuid_of,
)
from tourism.domain.sheet import Issue
from tourism.services.ports import UnitOfWork

if TYPE_CHECKING:
    from tourism.services.feed_pull import Taking

NO_RUN = -1  # one that has seen nothing
ISSUES_KEPT = 200
MOST_HEADINGS, LONGEST_HEADING, LONGEST_CELL = 200, 100, 1000


class Batch:
    """Some rows of a feed within one transaction: looked up together, judged one by one, written together."""

    def __init__(self, taking: "Taking", uow: UnitOfWork, reads: Sequence[Read]) -> None:
        self._taking, self._uow, self._feed = taking, uow, taking.feed
        self._now: datetime = taking.ports.now().astimezone(WIB)
        ids = {read.external_id for read in reads}
        self._origins = uow.sharing.origins_of(self._feed.id, ids)
        uuids = set(filter(None, (travelled_uuid(read.row) for read in reads)))
        self._own = uow.sharing.own_uuids(uuids)
        self._elsewhere = uow.sharing.elsewhere({r.external_id for r in reads if r.row.source}, uuids, self._feed.id)
        new = [self._key(r) for r in reads if (r.row.source or self._feed.id, r.external_id) not in self._origins]
        self._taken = set(uow.office.records_of(LISTING, new))
        self.records = uow.office.records_of(LISTING, [origin.key for origin in self._origins.values()])
        self._changes: list[tuple[Record, Record, Line]] = []
        self._put: dict[str, Origin] = {}
        self._seen: list[str] = []
        self._queued: list[QueuedRow] = []
        self._named: list[str] = []
        self.shown = False

    def take(self, read: Read) -> Fate:
        """Judge a row; what was given before stays where the new row is not good."""
        origin = self._origins.get((read.row.source or self._feed.id, read.external_id))
        if origin and origin.seen != self._taking.run:
            self._seen.append(origin.key)
        if read.issues:
            return self._rejected(read.issues)
        if self._is_ours(read.row, read.external_id):
            return Fate.OURS
        if read.row.gone:
            self._named.append(read.external_id)  # nor does it wait for its category any more
            return self._drop(origin)
        if read.unknown_category:
            kept = {name[:LONGEST_HEADING]: value[:LONGEST_CELL] for name, value in read.row.cells.items()}
            row = replace(read.row, cells=dict(list(kept.items())[:MOST_HEADINGS]))
            self._queued.append(QueuedRow(self._feed.id, read.external_id, read.unknown_category, row))
            return Fate.QUEUED
        return self._keep(read, origin)

    def _key(self, read: Read) -> str:
        return key_of(self._feed.id, read.row.source or self._feed.id, read.external_id, read.given.get("name", ""))

    def _is_ours(self, row: Delivered, external_id: str) -> bool:
        """Tell whether a row is of a record that is kept here, or that another feed has given already."""
        us = self._uow.sharing.provider
        if row.source == us or returns_to_us(row.chain, us) or travelled_uuid(row) in self._own:
            return True
        return bool(row.source) and (row.source, external_id) in self._elsewhere.values()

    def _new(self, read: Read) -> Record:
        """Return the record of a row that comes for the first time; a key or a UUID that is another's is not taken."""
        key, row = self._key(read), read.row
        if key in self._taken:
            key = f"{key[:60]}-{token_hex(6)}"
        spoken = replace(row, uuid="") if travelled_uuid(row) in self._elsewhere else row
        return Record(LISTING, key, uuid=uuid_of(self._feed, spoken, read.external_id))

    def _drop(self, origin: Origin | None) -> Fate:
        if origin is None or origin.gone_at is not None:
            return Fate.UNCHANGED
        self.bury(origin)
        return Fate.GONE

    def _keep(self, read: Read, origin: Origin | None) -> Fate:
        row, feed, source, digest = read.row, self._feed, read.row.source or self._feed.id, digest_of(read.given)
        fate = fate_of(origin, digest, NO_RUN if self._taking.incremental else self._taking.run)
        if fate is None:
            return self._rejected([Issue(row.line, "id", DOUBLED_ID)])
        if fate is Fate.UNCHANGED:
            return fate
        before = self.records[origin.key] if origin and origin.key in self.records else self._new(read)
        key = origin.key if origin else before.key
        try:
            fields, questions = fields_of_row(key, before.given or {}, read, self._taking.how)
        except RowError as error:
            return self._rejected(error.issues)
        self._taking.issues += questions if len(self._taking.issues) < ISSUES_KEPT else []
        clear = is_clear(before, feed.trusted == "yes")
        after = taken(before, fields, f"feed:{feed.id}", self._now, clear)
        self._change(before, after, f"{feed.name}, {row.line}")
        new = Origin(
            key, feed.id, source, read.external_id, before.uuid, row.chain or feed.id, row.licence or feed.licence,
            digest, self._taking.run,
        )  # fmt: skip
        self._origins[source, read.external_id] = self._put[key] = new
        self._named.append(read.external_id)
        return fate

    def bury(self, origin: Origin) -> None:
        """Make a tombstone of this provider's; a record that a person has taken away stays as it is."""
        before = self.records.get(origin.key)
        if before and before.state is not State.ARCHIVED:
            self._change(before, tombstone(before), self._feed.name)
        self._put[origin.key] = replace(origin, gone_at=self._now)

    def _change(self, before: Record, after: Record, reason: str) -> None:
        step = (
            Step.ARCHIVE if after.state is State.ARCHIVED
            else Step.PUBLISH if after.state is State.PUBLISHED else Step.SUBMIT
        )  # fmt: skip
        was, is_now = before_and_after(before, after, step)
        line = Line(
            self._now, f"feed:{self._feed.id}", LISTING, after.key, after.version, step, was, is_now, reason[:300]
        )
        self._changes.append((before, after, line))
        self.records[after.key] = after
        self.shown |= before.live != after.live

    def _rejected(self, issues: Sequence[Issue]) -> Fate:
        self._taking.issues += issues if len(self._taking.issues) < ISSUES_KEPT else []
        return Fate.REJECTED

    def write(self) -> None:
        """Write what was judged."""
        origins = {**{o.key: o for o in self._origins.values()}, **self._put}
        self._uow.office.put_records(self._changes, origins)
        self._uow.sharing.see([key for key in self._seen if key not in self._put], self._taking.run)
        self._uow.sharing.put_origins(list(self._put.values()))
        self._uow.sharing.drop_queued(self._feed.id, self._named)
        self._uow.sharing.put_queued(self._queued)

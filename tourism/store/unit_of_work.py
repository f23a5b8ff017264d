"""The one way to write: a transaction that is rolled back unless committed."""

from collections.abc import Sequence
from dataclasses import asdict
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from tourism.domain.world import LoadedFile, Snapshot
from tourism.errors import DataError, Message
from tourism.geo.osm import chunks
from tourism.store.db import answering, transaction
from tourism.store.tables import ROW_OF, DataFile, OsmPlaceRow, Revision, SnapshotRow, fields_of

KEPT_SNAPSHOTS = 2
BATCH = 1000


class SqlUnitOfWork:
    """Writes on one connection; the transaction begins with the block and takes the write lock at once."""

    connection: Connection

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Self:
        self._context = transaction(self._engine, writing=True)
        with answering():
            self.connection = self._context.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._context.__exit__(kind, error, trace)

    def commit(self) -> None:
        """Raise the version and make the writes visible."""
        raised = self.connection.execute(update(Revision).values(number=Revision.number + 1))
        if not raised.rowcount:
            self.connection.execute(insert(Revision).values(id=1, number=1))
        self.connection.commit()

    def file_digests(self) -> dict[str, str]:
        """Return the digest of each data file as it was loaded."""
        rows = self.connection.execute(select(DataFile.name, DataFile.digest))
        return {row.name: row.digest for row in rows}

    def replace(self, files: Sequence[LoadedFile]) -> None:
        """Replace the rows that came from data files; raises DataError for an id that two rows share.

        All old rows go before any new one comes, so a row may move from one file to another.
        """
        for file in files:
            table = ROW_OF[file.kind]
            self.connection.execute(delete(DataFile).where(DataFile.name == file.name))
            self.connection.execute(delete(table).where(table.file == file.name))
        for file in files:
            self.connection.execute(insert(DataFile).values(name=file.name, digest=file.digest))
            values = [{"file": file.name, "row": n, **fields_of(row)} for n, row in enumerate(file.rows)]
            try:
                if values:
                    self.connection.execute(insert(ROW_OF[file.kind]), values)
            except IntegrityError as error:
                text = "{file}: two rows share an id, here or with another file"
                raise DataError(Message("DUPLICATE_ID", text, file=file.name)) from error

    def snapshot_digest(self) -> str | None:
        """Return the digest of the newest snapshot."""
        return self.connection.scalar(select(SnapshotRow.digest).order_by(SnapshotRow.id.desc()).limit(1))

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Store a snapshot, switch to it, and drop those before the last."""
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

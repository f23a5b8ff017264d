"""Plain reads for the pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, select

from tourism.domain.corridor import (
    Advice,
    Almanac,
    Closure,
    GateOperation,
    Leg,
    Operation,
    Place,
    Quota,
    Tariff,
)
from tourism.domain.venue import Known, Venue
from tourism.domain.waiting import Pickup
from tourism.domain.world import Snapshot, World
from tourism.errors import Message, NotReadyError
from tourism.geo.network import StreetNetwork
from tourism.geo.osm import PlaceElement
from tourism.store.db import answering, transaction
from tourism.store.tables import ROW_OF, OsmPlaceRow, Revision, SnapshotRow, fields_of

T = TypeVar("T")


class SqlReader:
    """Reads everything the pages are computed from."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def version(self) -> int:
        """Return the number of the last commit; raises NotReadyError without one."""
        with self._reading() as connection:
            return _version(connection)

    def read(self) -> World:
        """Read everything in one transaction; raises NotReadyError when nothing has been loaded."""
        with self._reading() as connection:
            almanac = Almanac(
                places=_all(connection, Place),
                legs=_all(connection, Leg),
                gates=_all(connection, GateOperation),
                operations=_all(connection, Operation),
                closures=_all(connection, Closure),
                tariffs=_all(connection, Tariff),
                quotas=_all(connection, Quota),
                advice=_all(connection, Advice),
            )
            return World(
                _version(connection),
                almanac,
                pickups=_all(connection, Pickup),
                listings=_all(connection, Venue),
                snapshot=_snapshot(connection),
            )

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with answering(), transaction(self._engine, writing=False) as connection:
            yield connection


def _version(connection: Connection) -> int:
    number: int | None = connection.scalar(select(Revision.number))
    if number is None:
        raise NotReadyError(Message("DATABASE_EMPTY", "The database is empty. Run: tourism init"))
    return number


def _known(values: dict[str, Any]) -> dict[str, Any]:
    """Turn the words of three-valued columns back into `Known`."""
    for name in ("step_free", "park_ticket"):
        if name in values:
            values[name] = Known(values[name])
    if "amenities" in values:
        values["amenities"] = {key: Known(value) for key, value in values["amenities"].items()}
    return values


def _all(connection: Connection, kind: type[T]) -> list[T]:
    table = ROW_OF[kind]
    rows = connection.execute(select(table).order_by(table.file, table.row))
    return [kind(**_known(fields_of(row, kind))) for row in rows]


def _snapshot(connection: Connection) -> Snapshot | None:
    row = connection.execute(select(SnapshotRow).order_by(SnapshotRow.id.desc()).limit(1)).first()
    if row is None:
        return None
    rows = connection.execute(select(OsmPlaceRow).where(OsmPlaceRow.snapshot_id == row.id))
    places = [PlaceElement(**fields_of(place, PlaceElement)) for place in rows]
    network = StreetNetwork.from_bytes(row.network)
    return Snapshot(row.imported_at, row.source, row.digest, network, places)

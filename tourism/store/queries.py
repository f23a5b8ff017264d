"""Plain reads for the pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, select

from tourism.domain.brand import Brand
from tourism.domain.calendar import SpecialDates
from tourism.domain.campaign import Campaign
from tourism.domain.closures import Alert, AlertLevel, Closure
from tourism.domain.corridor import (
    Advice,
    Almanac,
    Destination,
    GateOperation,
    Leg,
    Operation,
    Place,
    Quota,
    Scenario,
    Tariff,
)
from tourism.domain.departure import NightBook
from tourism.domain.evidence import Evidence, Freshness, HalfLife, Known
from tourism.domain.hours import TemporaryHours
from tourism.domain.measures import Indicator, QuickWin
from tourism.domain.occupancy import Occupancy
from tourism.domain.review import Question, Report, Verdict
from tourism.domain.scenario import Assumption, Visitors
from tourism.domain.venue import Venue
from tourism.domain.waiting import Outline, Pickup
from tourism.domain.world import Snapshot, World
from tourism.errors import Message, NotReadyError
from tourism.geo.conflation import Outcome
from tourism.geo.network import StreetNetwork
from tourism.geo.osm import PlaceElement
from tourism.store.books import read_book, read_reports
from tourism.store.db import answering, transaction
from tourism.store.office import SqlOffice
from tourism.store.sharing import read_providers
from tourism.store.tables import (
    ANSWERS,
    BOOKS,
    ROW_OF,
    OccupancyRow,
    OsmPlaceRow,
    QuestionRow,
    ReportRow,
    Revision,
    SnapshotRow,
    fields_of,
)

T = TypeVar("T")


class SqlReader:
    """Reads everything the pages are computed from."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: Snapshot | None = None

    def version(self) -> int:
        """Return the number of the last commit; raises NotReadyError without one."""
        with self._reading() as connection:
            return _version(connection)

    def read(self) -> World:
        """Read everything in one transaction; raises NotReadyError when nothing has been loaded."""
        with self._reading() as connection:
            return read_world(connection, self._snapshot(connection))

    @contextmanager
    def office(self) -> Iterator[SqlOffice]:
        """Read what the office keeps, as one state."""
        with self._reading() as connection:
            yield SqlOffice(connection)

    def occupancies(self) -> list[Occupancy]:
        """Read what was last said about each venue, also what holds no more."""
        with self._reading() as connection:
            return [Occupancy(**fields_of(row, Occupancy)) for row in connection.execute(select(OccupancyRow))]

    def reports(self) -> list[Report]:
        """Read what visitors said and nobody has handled, oldest first."""
        waiting = select(ReportRow).where(ReportRow.handled_at.is_(None)).order_by(ReportRow.said_at, ReportRow.venue)
        with self._reading() as connection:
            rows = [fields_of(row, Report) for row in connection.execute(waiting)]
            return [Report(**row | {"verdict": Verdict(row["verdict"])}) for row in rows]

    def books_version(self) -> int:
        """Return a number that grows with every change in a night's book."""
        with self._reading() as connection:
            return connection.scalar(select(Revision.number).where(Revision.id == BOOKS)) or 0

    def book(self, night: date) -> NightBook:
        """Read what is registered for a night."""
        with self._reading() as connection:
            return read_book(connection, night)

    def _snapshot(self, connection: Connection) -> Snapshot | None:
        """Return the newest snapshot; one that was read before is not read again, for a city is large."""
        newest = connection.execute(select(SnapshotRow.id, SnapshotRow.digest).order_by(SnapshotRow.id.desc())).first()
        if newest is None:
            return None
        if self._kept is None or self._kept.digest != newest.digest:
            row = connection.execute(select(SnapshotRow).where(SnapshotRow.id == newest.id)).one()
            rows = connection.execute(select(OsmPlaceRow).where(OsmPlaceRow.snapshot_id == row.id))
            places = [PlaceElement(**fields_of(place, PlaceElement)) for place in rows]
            network = StreetNetwork.from_bytes(row.network)
            self._kept = Snapshot(row.imported_at, row.source, row.digest, network, places)
        return self._kept

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with answering(), transaction(self._engine, writing=False) as connection:
            yield connection


def read_world(connection: Connection, snapshot: Snapshot | None) -> World:
    """Read everything the pages are computed from, besides the snapshot; raises NotReadyError when there is nothing."""
    almanac = Almanac(
        places=_all(connection, Place),
        legs=_all(connection, Leg),
        gates=_all(connection, GateOperation),
        operations=_all(connection, Operation),
        closures=_all(connection, Closure),
        tariffs=_all(connection, Tariff),
        quotas=_all(connection, Quota),
        advice=_all(connection, Advice),
        special_dates=_all(connection, SpecialDates),
        scenarios=_all(connection, Scenario),
        destinations=_all(connection, Destination),
        alert_levels=_all(connection, AlertLevel),
        alerts=_all(connection, Alert),
        gate_reports=read_reports(connection),
    )
    return World(
        _version(connection),
        almanac,
        pickups=_all(connection, Pickup),
        listings=_all(connection, Venue),
        snapshot=snapshot,
        evidence=_all(connection, Evidence),
        temporary_hours=_all(connection, TemporaryHours),
        freshness=Freshness(_all(connection, HalfLife)),
        questions=[_question(row) for row in connection.execute(select(QuestionRow))],
        outlines=_all(connection, Outline),
        providers=read_providers(connection),
        brands=_all(connection, Brand),
        campaigns=_all(connection, Campaign),
        indicators=_all(connection, Indicator),
        quick_wins=_all(connection, QuickWin),
        assumptions=_all(connection, Assumption),
        visitors=_all(connection, Visitors),
    )


def _version(connection: Connection) -> int:
    number: int | None = connection.scalar(select(Revision.number).where(Revision.id == ANSWERS))
    if number is None:
        raise NotReadyError(Message("DATABASE_EMPTY", "The database is empty. Run: tourism init"))
    return number


def _question(row: Any) -> Question:
    decision = Outcome(row.decision) if row.decision else None
    return Question(**fields_of(row, Question) | {"decision": decision})


def _known(values: dict[str, Any]) -> dict[str, Any]:
    """Turn the words of three-valued columns back into `Known`."""
    for name in ("step_free", "park_ticket"):
        if name in values:
            values[name] = Known(values[name])
    return values


def _all(connection: Connection, kind: type[T]) -> list[T]:
    table = ROW_OF[kind]
    rows = connection.execute(select(table).order_by(table.file, table.row))
    return [kind(**_known(fields_of(row, kind))) for row in rows]

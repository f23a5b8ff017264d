"""Typed tables. Field names are those of the values they hold, so `fields_of` can move one into the other."""

from dataclasses import fields
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tourism.domain import calendar, closures, corridor, departure, evidence, gate_report, hours, venue, waiting
from tourism.domain.calendar import WIB


class Instant(TypeDecorator[datetime]):
    """An aware instant: stored in UTC, read in WIB; SQLite has no time zones of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a naive datetime; write UTC."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive datetime is not an instant")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read UTC; give WIB."""
        if value is None:
            return None
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(WIB)


class Base(DeclarativeBase):
    """All tables; constraint names are fixed, so migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
        }
    )
    type_annotation_map = {datetime: Instant, dict[str, str]: JSON}  # noqa: RUF012 - SQLAlchemy's own shape


class Revision(Base):
    """Numbers that grow: with every commit that changes what pages are computed from, and with every night's book."""

    __tablename__ = "revision"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]


class DataFile(Base):
    """Which content of a data file has been loaded."""

    __tablename__ = "data_file"
    name: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]


class Loaded(Base):
    """A row that came from a data file, in the file's order."""

    __abstract__ = True
    row: Mapped[int] = mapped_column(Integer, primary_key=True)
    file: Mapped[str] = mapped_column(primary_key=True)


class PlaceRow(Loaded):
    """corridor.Place"""

    __tablename__ = "place"
    id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    name: Mapped[str]
    aliases: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]
    uncertainty_m: Mapped[int]
    elevation_m: Mapped[int | None]
    reached_from: Mapped[str]
    walk_min_p50: Mapped[float]
    walk_min_p90: Mapped[float]
    step_free: Mapped[str]
    park_ticket: Mapped[str]
    quota_site: Mapped[str]
    area: Mapped[str]
    note: Mapped[str]
    confidence: Mapped[str]


class LegRow(Loaded):
    """corridor.Leg"""

    __tablename__ = "leg"
    approach: Mapped[str]
    start: Mapped[str]
    end: Mapped[str]
    mode: Mapped[str]
    distance_km: Mapped[float]
    p50_min: Mapped[float]
    p90_min: Mapped[float]
    busy_p50_min: Mapped[float]
    busy_p90_min: Mapped[float]
    basis: Mapped[str]
    confidence: Mapped[str]


class GateOperationRow(Loaded):
    """corridor.GateOperation"""

    __tablename__ = "gate_operation"
    id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    opens: Mapped[time]
    closes_quiet: Mapped[time]
    closes_busy: Mapped[time]
    vehicles_per_min: Mapped[float]
    vehicles_per_min_slow: Mapped[float]
    note: Mapped[str]
    confidence: Mapped[str]


class OperationRow(Loaded):
    """corridor.Operation"""

    __tablename__ = "operation"
    what: Mapped[str] = mapped_column(unique=True)
    p50_min: Mapped[float | None]
    p90_min: Mapped[float | None]
    basis: Mapped[str]
    confidence: Mapped[str]


class ClosureRow(Loaded):
    """closures.Closure"""

    __tablename__ = "closure"
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime | None]
    scope: Mapped[str]
    excepted: Mapped[str]
    reason: Mapped[str]
    status: Mapped[str]
    note: Mapped[str]
    source: Mapped[str]


class TariffRow(Loaded):
    """corridor.Tariff"""

    __tablename__ = "tariff"
    item: Mapped[str]
    audience: Mapped[str]
    day_type: Mapped[str]
    amount_idr: Mapped[int]
    valid_from: Mapped[date]
    source: Mapped[str]


class QuotaRow(Loaded):
    """corridor.Quota"""

    __tablename__ = "quota"
    site: Mapped[str] = mapped_column(unique=True)
    people_per_day_75pct_2023: Mapped[int]
    people_per_day_peak_2023_24: Mapped[int]
    note: Mapped[str]


class AdviceRow(Loaded):
    """corridor.Advice"""

    __tablename__ = "advice"
    topic: Mapped[str]
    key: Mapped[str]
    value: Mapped[str]
    basis: Mapped[str]
    confidence: Mapped[str]


class ScenarioRow(Loaded):
    """corridor.Scenario"""

    __tablename__ = "scenario"
    id: Mapped[str] = mapped_column(unique=True)
    crowd: Mapped[str]
    night: Mapped[date]
    sunrise_visitors: Mapped[int]
    share_jemplang: Mapped[float]
    share_wonokitri: Mapped[float]
    share_cemoro_lawang: Mapped[float]
    ridge_share: Mapped[float]
    people_per_jeep: Mapped[float]
    people_per_motorcycle: Mapped[float]
    motorcycle_share_of_vehicles: Mapped[float]
    habit_arrival_jemplang: Mapped[time]
    habit_arrival_wonokitri: Mapped[time]
    habit_arrival_cemoro_lawang: Mapped[time]
    habit_sd_min: Mapped[float]
    scan_rate: Mapped[str]
    busy: Mapped[bool]
    basis: Mapped[str]


class DestinationRow(Loaded):
    """corridor.Destination"""

    __tablename__ = "destination"
    name: Mapped[str] = mapped_column(unique=True)
    municipality: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]
    uncertainty_m: Mapped[int]
    when: Mapped[str]
    opening_hours: Mapped[str]
    hours_basis: Mapped[str]
    way_back: Mapped[str]
    basis: Mapped[str]


class AlertLevelRow(Loaded):
    """closures.AlertLevel"""

    __tablename__ = "alert_level"
    level: Mapped[str] = mapped_column(unique=True)
    radius_m: Mapped[int | None]
    shuts: Mapped[str]
    may_shut: Mapped[str]
    text: Mapped[str]
    basis: Mapped[str]
    confidence: Mapped[str]


class AlertRow(Loaded):
    """closures.Alert"""

    __tablename__ = "alert"
    level: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    source: Mapped[str]


class PickupRow(Loaded):
    """waiting.Pickup"""

    __tablename__ = "pickup"
    id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]
    uncertainty_m: Mapped[int]
    note: Mapped[str]
    basis: Mapped[str]


class VenueRow(Loaded):
    """venue.Venue"""

    __tablename__ = "venue"
    id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]
    source: Mapped[str]
    uncertainty_m: Mapped[int]
    address: Mapped[str]
    phone: Mapped[str]
    opening_hours: Mapped[str]
    hours_as_recorded: Mapped[str]
    as_of: Mapped[date | None]
    note: Mapped[str]
    municipality: Mapped[str]
    about_id: Mapped[str]
    about_en: Mapped[str]
    photo: Mapped[str]


class OutlineRow(Loaded):
    """waiting.Outline"""

    __tablename__ = "outline"
    municipality: Mapped[str]
    point: Mapped[int]
    lat: Mapped[float]
    lon: Mapped[float]


class EvidenceRow(Loaded):
    """evidence.Evidence"""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("venue", "field", "source", name="uq_evidence_venue"),)
    venue: Mapped[str]
    field: Mapped[str]
    value: Mapped[str]
    source: Mapped[str]
    as_of: Mapped[date]


class HalfLifeRow(Loaded):
    """evidence.HalfLife"""

    __tablename__ = "half_life"
    field: Mapped[str] = mapped_column(unique=True)
    half_life_days: Mapped[int]
    basis: Mapped[str]
    confidence: Mapped[str]


class SpecialDatesRow(Loaded):
    """calendar.SpecialDates"""

    __tablename__ = "special_dates"
    first: Mapped[date]
    last: Mapped[date]
    kind: Mapped[str]
    name: Mapped[str]
    confidence: Mapped[str]
    source: Mapped[str]


class TemporaryHoursRow(Loaded):
    """hours.TemporaryHours"""

    __tablename__ = "temporary_hours"
    venue: Mapped[str]
    first: Mapped[date]
    last: Mapped[date]
    opening_hours: Mapped[str]
    hours_as_recorded: Mapped[str]
    reason: Mapped[str]
    source: Mapped[str]


class QuestionRow(Base):
    """review.Question"""

    __tablename__ = "question"
    listing: Mapped[str] = mapped_column(primary_key=True)
    element: Mapped[str] = mapped_column(primary_key=True)
    similarity: Mapped[float]
    distance_m: Mapped[float]
    asked_at: Mapped[datetime]
    decision: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class ReportRow(Base):
    """review.Report; one visitor has one word a day about a venue."""

    __tablename__ = "report"
    venue: Mapped[str] = mapped_column(primary_key=True)
    reporter: Mapped[str] = mapped_column(primary_key=True)
    verdict: Mapped[str]
    said_at: Mapped[datetime] = mapped_column(index=True)
    handled_at: Mapped[datetime | None]


class SecretRow(Base):
    """The secret of one day, by which visitors' addresses are digested; without it nobody can be found again."""

    __tablename__ = "day_secret"
    day: Mapped[date] = mapped_column(primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary)


class OccupancyRow(Base):
    """occupancy.Occupancy"""

    __tablename__ = "occupancy"
    venue: Mapped[str] = mapped_column(primary_key=True)
    free_seats: Mapped[int]
    set_at: Mapped[datetime]
    set_by: Mapped[str]


class DepartureRow(Base):
    """departure.Departure"""

    __tablename__ = "departure"
    id: Mapped[str] = mapped_column(primary_key=True)
    night: Mapped[date] = mapped_column(index=True)
    operator: Mapped[str]
    label: Mapped[str]
    vehicle: Mapped[str]
    seats: Mapped[int]
    pickup: Mapped[str]
    viewpoint: Mapped[str]
    approach: Mapped[str]
    published_at: Mapped[datetime]
    own: Mapped[bool]
    state: Mapped[str]
    ready_at: Mapped[datetime | None]
    leave_at: Mapped[datetime | None]
    gate_at: Mapped[datetime | None]
    climb_at: Mapped[datetime | None]


class PartyRow(Base):
    """departure.Party"""

    __tablename__ = "party"
    night: Mapped[date] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    departure: Mapped[str] = mapped_column(ForeignKey("departure.id", name="fk_party_departure"))
    size: Mapped[int]
    joined_at: Mapped[datetime]
    spot: Mapped[str | None]


class GateReportRow(Base):
    """gate_report.GateReport"""

    __tablename__ = "gate_report"
    id: Mapped[int] = mapped_column(primary_key=True)
    night: Mapped[date] = mapped_column(index=True)
    server: Mapped[str]
    start: Mapped[int]
    end: Mapped[int]
    vehicles_per_min: Mapped[float]
    said_at: Mapped[datetime]
    said_by: Mapped[str]


class ChangeRow(Base):
    """departure.Change; lines are only ever added."""

    __tablename__ = "change"
    id: Mapped[int] = mapped_column(primary_key=True)
    night: Mapped[date] = mapped_column(index=True)
    departure: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    what: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    reason: Mapped[str]


class SnapshotRow(Base):
    """One complete import of OSM with its street network; the newest serves."""

    __tablename__ = "osm_snapshot"
    id: Mapped[int] = mapped_column(primary_key=True)
    imported_at: Mapped[datetime]
    source: Mapped[str]
    digest: Mapped[str]
    network: Mapped[bytes] = mapped_column(LargeBinary)


class OsmPlaceRow(Base):
    """A named OSM element of one snapshot, with all its tags."""

    __tablename__ = "osm_place"
    snapshot_id: Mapped[int] = mapped_column(primary_key=True)
    osm_type: Mapped[str] = mapped_column(primary_key=True)
    osm_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lat: Mapped[float]
    lon: Mapped[float]
    tags: Mapped[dict[str, str]]


ROW_OF: dict[type[Any], type[Loaded]] = {
    corridor.Place: PlaceRow,
    corridor.Leg: LegRow,
    corridor.GateOperation: GateOperationRow,
    corridor.Operation: OperationRow,
    closures.Closure: ClosureRow,
    closures.AlertLevel: AlertLevelRow,
    closures.Alert: AlertRow,
    corridor.Scenario: ScenarioRow,
    corridor.Destination: DestinationRow,
    corridor.Tariff: TariffRow,
    corridor.Quota: QuotaRow,
    corridor.Advice: AdviceRow,
    waiting.Pickup: PickupRow,
    venue.Venue: VenueRow,
    evidence.Evidence: EvidenceRow,
    evidence.HalfLife: HalfLifeRow,
    calendar.SpecialDates: SpecialDatesRow,
    hours.TemporaryHours: TemporaryHoursRow,
    waiting.Outline: OutlineRow,
}


BOOK_ROWS: dict[type[Any], type[Base]] = {
    departure.Departure: DepartureRow,
    departure.Party: PartyRow,
    gate_report.GateReport: GateReportRow,
    departure.Change: ChangeRow,
}
ANSWERS, BOOKS = 1, 2  # ids of Revision


NOT_STORED = {"facts", "others", "same_as", "providers", "rank"}  # of a venue: they come from elsewhere


def fields_of(value: Any, kind: type[Any] | None = None) -> dict[str, Any]:
    """Return the stored fields of a value, or those of `kind` read off a row."""
    which: Any = kind or type(value)
    return {name: getattr(value, name) for name in _stored(which)}


@cache
def _stored(kind: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if f.init and f.name not in NOT_STORED)

"""Visits by short links, and what measures are computed from, on one connection."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from tourism.domain.campaign import Step, Visits
from tourism.domain.departure import State
from tourism.domain.listing import LISTING
from tourism.domain.measures import Measurement, Stay
from tourism.domain.record import Step as RecordStep
from tourism.store.branding_tables import MeasurementRow, VisitorRow, VisitsRow
from tourism.store.office_tables import AuditRow
from tourism.store.tables import DepartureRow, PartyRow, ReportRow, fields_of

DECIDED = (RecordStep.PUBLISH, RecordStep.REJECT)


class SqlBranding:
    """Reads and, within a unit of work, writes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count_visit(self, day: date, code: str, step: Step, visitor: str) -> bool:
        """Count a visitor once a day and step; False for one who was counted. Visitors of days before are forgotten."""
        self._connection.execute(delete(VisitorRow).where(VisitorRow.day < day))
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        new = dialect.insert(VisitorRow).values(day=day, digest=visitor).on_conflict_do_nothing()
        if self._connection.execute(new.returning(VisitorRow.digest)).first() is None:
            return False
        one = dialect.insert(VisitsRow).values(day=day, code=code, step=step, number=1)
        keys = [VisitsRow.day, VisitsRow.code, VisitsRow.step]
        more = one.on_conflict_do_update(index_elements=keys, set_={"number": VisitsRow.number + 1})
        self._connection.execute(more)
        return True

    def visits(self, first: date, last: date) -> dict[str, int]:
        """Return visitors by step from one day to another."""
        days = VisitsRow.day.between(first, last)
        asked = select(VisitsRow.step, func.sum(VisitsRow.number)).where(days).group_by(VisitsRow.step)
        return {step: int(number) for step, number in self._connection.execute(asked)}

    def visits_by_code(self, first: date) -> dict[str, dict[str, int]]:
        """Return visitors by short link and step since a day."""
        code, step = VisitsRow.code, VisitsRow.step
        asked = select(code, step, func.sum(VisitsRow.number)).where(VisitsRow.day >= first).group_by(code, step)
        found: dict[str, dict[str, int]] = {}
        for one, reached, number in self._connection.execute(asked):
            found.setdefault(one, {})[reached] = int(number)
        return found

    def list_visits(self, code: str) -> list[Visits]:
        """Return the visits by one short link, by day."""
        asked = select(VisitsRow).where(VisitsRow.code == code).order_by(VisitsRow.day, VisitsRow.step)
        return [Visits(**fields_of(row, Visits) | {"step": Step(row.step)}) for row in self._connection.execute(asked)]

    def reviews(self, since: datetime) -> list[tuple[datetime, datetime]]:
        """Return when listings were submitted and decided, of submissions since an instant that were decided."""
        submitted = (AuditRow.kind == LISTING) & (AuditRow.step == RecordStep.SUBMIT) & (AuditRow.at >= since)
        keys = select(AuditRow.key).where(submitted)
        steps = AuditRow.step.in_([RecordStep.SUBMIT, *DECIDED])
        lines = select(AuditRow.key, AuditRow.step, AuditRow.at).where(
            (AuditRow.kind == LISTING) & steps & (AuditRow.at >= since) & AuditRow.key.in_(keys)
        )
        waiting: dict[str, datetime] = {}
        found = []
        for key, step, at in self._connection.execute(lines.order_by(AuditRow.id)):
            if step == RecordStep.SUBMIT:
                waiting.setdefault(key, at)
            elif key in waiting:
                found.append((waiting.pop(key), at))
        return found

    def reports(self, since: datetime) -> list[tuple[datetime, datetime | None]]:
        """Return when visitors said something since an instant, and when the office looked."""
        asked = select(ReportRow.said_at, ReportRow.handled_at).where(ReportRow.said_at >= since)
        return [(said, handled) for said, handled in self._connection.execute(asked)]

    def stays(self, first: date, last: date) -> list[Stay]:
        """Return the parties of nights whose departure had a time to leave and was not cancelled."""
        asked = (
            select(
                PartyRow.night, PartyRow.departure, PartyRow.size, PartyRow.joined_at, DepartureRow.leave_at,
                PartyRow.spot,
            )
            .join(DepartureRow, DepartureRow.id == PartyRow.departure)
            .where(PartyRow.night.between(first, last) & DepartureRow.leave_at.is_not(None))
            .where(DepartureRow.state != State.CANCELLED)
        )  # fmt: skip
        return [Stay(*row) for row in self._connection.execute(asked)]  # type: ignore[arg-type]  # not None

    def nights(self, first: date, last: date) -> list[date]:
        """Return the nights with departures from one to another."""
        night = DepartureRow.night
        return list(
            self._connection.scalars(select(night).where(night.between(first, last)).distinct().order_by(night))
        )

    def history(self) -> list[Measurement]:
        """Return everything that was recorded, by indicator and day."""
        asked = select(MeasurementRow).order_by(MeasurementRow.indicator, MeasurementRow.day)
        return [Measurement(**fields_of(row, Measurement)) for row in self._connection.execute(asked)]

    def record(self, measured: Sequence[Measurement]) -> None:
        """Keep values, in place of those of the same day."""
        for one in measured:
            same = (MeasurementRow.indicator == one.indicator) & (MeasurementRow.day == one.day)
            self._connection.execute(delete(MeasurementRow).where(same))
        if measured:
            self._connection.execute(insert(MeasurementRow), [asdict(one) for one in measured])

"""Visits by short links, and what measures are computed from, on one connection."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from tourism.domain.campaign import Stage, Visits
from tourism.domain.departure import State
from tourism.domain.listing import LISTING
from tourism.domain.measures import Measurement, Stay
from tourism.domain.record import Step
from tourism.store.branding_tables import LinkCountRow, LinkDigestRow, MeasurementRow
from tourism.store.office_tables import AuditRow
from tourism.store.tables import DepartureRow, PartyRow, ReportRow, SecretRow, fields_of

DECIDED = (Step.PUBLISH, Step.REJECT)


class SqlBranding:
    """Reads and, within a unit of work, writes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count_visit(self, visits: Visits, visitor: str, network: str, most: int) -> bool:
        """Count a visitor; False for one who was counted, and for one more than `most` of a network."""
        if self._counted(visits.day, visitor) or self._counted(visits.day, network) >= most:
            return False
        for digest in (visitor, network):
            self._add(LinkDigestRow, {"day": visits.day, "digest": digest}, visits.number)
        self._add(LinkCountRow, {"day": visits.day, "code": visits.code, "step": visits.step}, visits.number)
        return True

    def was_counted(self, day: date, visitor: str) -> bool:
        """Tell whether a visitor was counted."""
        return self._counted(day, visitor) > 0

    def _counted(self, day: date, digest: str) -> int:
        one = (LinkDigestRow.day == day) & (LinkDigestRow.digest == digest)
        return self._connection.scalar(select(LinkDigestRow.number).where(one)) or 0

    def _add(self, table: type[LinkDigestRow] | type[LinkCountRow], keys: Mapping[str, Any], number: int) -> None:
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        new = dialect.insert(table).values(**keys, number=number)
        more = {"number": table.number + number}
        self._connection.execute(new.on_conflict_do_update(index_elements=list(keys), set_=more))

    def forget(self, today: date) -> None:
        """Forget who was counted on days before, and the secrets of those days."""
        for table in (LinkDigestRow, SecretRow):
            self._connection.execute(delete(table).where(table.day < today))

    def visits(self, first: date, last: date) -> dict[str, int]:
        """Return visitors by step from one day to another."""
        days = LinkCountRow.day.between(first, last)
        asked = select(LinkCountRow.step, func.sum(LinkCountRow.number)).where(days).group_by(LinkCountRow.step)
        return {step: int(number) for step, number in self._connection.execute(asked)}

    def visits_by_code(self, first: date) -> dict[str, dict[str, int]]:
        """Return visitors by short link and step since a day."""
        code, step = LinkCountRow.code, LinkCountRow.step
        asked = select(code, step, func.sum(LinkCountRow.number)).where(LinkCountRow.day >= first).group_by(code, step)
        found: dict[str, dict[str, int]] = {}
        for one, reached, number in self._connection.execute(asked):
            found.setdefault(one, {})[reached] = int(number)
        return found

    def list_visits(self, code: str) -> list[Visits]:
        """Return the visits by one short link, by day."""
        asked = select(LinkCountRow).where(LinkCountRow.code == code).order_by(LinkCountRow.day, LinkCountRow.step)
        return [Visits(**fields_of(row, Visits) | {"step": Stage(row.step)}) for row in self._connection.execute(asked)]

    def reviews(self, since: datetime) -> list[tuple[datetime, datetime]]:
        """Return when listings were submitted and decided, of submissions since an instant that were decided."""
        steps = AuditRow.step.in_([Step.SUBMIT, *DECIDED])
        lines = select(AuditRow.key, AuditRow.step, AuditRow.at).where(
            (AuditRow.kind == LISTING) & steps & (AuditRow.at >= since)
        )
        waiting: dict[str, datetime] = {}
        found = []
        for key, step, at in self._connection.execute(lines.order_by(AuditRow.id)):
            if step == Step.SUBMIT:
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
                PartyRow.spot, DepartureRow.vehicle,
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

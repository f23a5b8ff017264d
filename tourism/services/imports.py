"""A sheet of listings: first what would become of it, row by row, then all of it in one transaction."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from secrets import token_urlsafe

import orjson

from tourism.domain.account import MUNICIPALITIES, Verb, Whose
from tourism.domain.listing import LISTING
from tourism.domain.record import Record
from tourism.domain.sheet import COLUMNS, Outcome, Reading, Row, Sheet, mapping_of, read_rows
from tourism.errors import ConflictError, Message, NotFoundError, OutOfRangeError
from tourism.services.office import Desk, checked_reason, lies_in, match_again, step_of, usual_step, whose
from tourism.services.ports import Office


@dataclass(frozen=True)
class Brought:
    """A sheet as it was brought: who says so, where its venues lie unless they say, and how its columns are read."""

    name: str
    source: str
    municipality: str
    sheet: Sheet
    mapping: Mapping[str, str]


@dataclass(frozen=True)
class Checked:
    """What would become of a sheet; `seal` tells this outcome from one that looks different by now."""

    id: str
    brought: Brought
    records: Mapping[str, Record]
    rows: Sequence[Row]

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many rows have each outcome; they add up to the rows of the sheet."""
        found = Counter(row.outcome for row in self.rows)
        return {outcome: found[outcome] for outcome in Outcome}

    @property
    def seal(self) -> str:
        """Return a digest of every outcome."""
        versions = {row.key: self.records[row.key].version if row.key in self.records else -1 for row in self.rows}
        said = "\n".join(
            f"{r.line} {r.key} {versions[r.key]} {r.outcome} {sorted(r.fields.items())}" for r in self.rows
        )
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    @property
    def kept(self) -> list[Row]:
        """The rows that would change something."""
        return [row for row in self.rows if row.outcome in (Outcome.NEW, Outcome.CHANGED)]


def check_sheet(desk: Desk, name: str, content: bytes, source: str, municipality: str) -> Checked:
    """Read a file and keep it for a yes; nothing of it is published. Raises OutOfRangeError, ForbiddenError."""
    desk.require(Verb.IMPORT, Whose(municipality))
    if municipality not in MUNICIPALITIES:
        choices = ", ".join(MUNICIPALITIES)
        raise OutOfRangeError({"municipality": Message("NOT_A_CHOICE", "Choose from: {choices}.", choices=choices)})
    sheet = desk.ports.read_sheet(name, content)
    if not sheet.rows:
        raise OutOfRangeError({"file": Message("EMPTY_SHEET", "There is no row in this file.")})
    source = checked_reason(source or name)
    with desk.ports.office() as office:
        remembered = _remembered(desk, office)
    return _keep(desk, Brought(name[:100], source, municipality, sheet, mapping_of(sheet.headings, remembered)))


def map_columns(desk: Desk, id_: str, mapping: Mapping[str, str]) -> Checked:
    """Read a kept sheet with other columns, which are remembered for the next one; raises NotFoundError."""
    with desk.ports.office() as office:
        old = _brought(desk, office, id_)
    chosen = {heading: field for heading, field in mapping.items() if heading in old.sheet.headings}
    taken = [field for field in chosen.values() if field]
    twice = sorted({field for field in taken if taken.count(field) > 1})
    if twice or not set(taken) <= set(COLUMNS):
        raise OutOfRangeError({"mapping": Message("FIELD_TWICE", "Each field is taken from one column.")})
    with desk.ports.unit_of_work() as uow:
        known = {**_remembered(desk, uow.office), **chosen}
        uow.office.set_setting(_name(desk), orjson.dumps(dict(list(known.items())[-200:])).decode())
        uow.office.drop_sheet(id_)
        uow.commit()
    return _keep(desk, replace(old, mapping=chosen))


def _name(desk: Desk) -> str:
    return f"columns:{desk.user.id}"


def _remembered(desk: Desk, office: Office) -> dict[str, str]:
    return dict(orjson.loads(office.setting(_name(desk)) or "{}"))


def _keep(desk: Desk, brought: Brought) -> Checked:
    id_ = token_urlsafe(12)
    with desk.ports.unit_of_work() as uow:
        uow.office.put_sheet(id_, desk.user.id, desk.now, orjson.dumps(brought))
        records = {record.key: record for record in uow.office.list_records(LISTING)}
        rows = _rows(desk, uow.office, brought, records)
        uow.commit()
    return Checked(id_, brought, records, rows)


def _rows(desk: Desk, office: Office, brought: Brought, records: Mapping[str, Record]) -> list[Row]:
    how = Reading(
        brought.municipality, brought.source, desk.now.date(), records,
        may=lambda one: desk.user.may(Verb.IMPORT, Whose(one)),
        lies_in=lambda fields: lies_in(desk.town.outlines, fields),
        from_feeds=office.sharing.origin_keys(),
    )  # fmt: skip
    return read_rows(brought.sheet, brought.mapping, how)


def get_checked(desk: Desk, id_: str) -> Checked:
    """Return a kept sheet as it would come out now; raises NotFoundError."""
    with desk.ports.office() as office:
        return _checked(desk, office, id_)


def get_headings(desk: Desk, id_: str) -> Sequence[str]:
    """Return the headings of a kept sheet; raises NotFoundError."""
    with desk.ports.office() as office:
        return _brought(desk, office, id_).sheet.headings


def _checked(desk: Desk, office: Office, id_: str) -> Checked:
    brought = _brought(desk, office, id_)
    records = {record.key: record for record in office.list_records(LISTING)}
    return Checked(id_, brought, records, _rows(desk, office, brought, records))


def _brought(desk: Desk, office: Office, id_: str) -> Brought:
    kept = office.find_sheet(id_, desk.user.id)
    if kept is None:
        raise NotFoundError(Message("UNKNOWN_SHEET", "This sheet is not here any more. Send the file again."))
    said = orjson.loads(kept)
    rows = tuple((line, cells) for line, cells in said["sheet"]["rows"])
    desk.require(Verb.IMPORT, Whose(said["municipality"]))
    return Brought(**said | {"sheet": Sheet(tuple(said["sheet"]["headings"]), rows)})


def import_sheet(desk: Desk, id_: str, seal: str) -> Mapping[Outcome, int]:
    """Keep the rows of a sheet that are new or changed, all of them or none; returns the counts.

    Those who may publish do; what others send waits for review. Raises NotFoundError, and ConflictError when the
    listings have changed so that it would not come out as it was shown.
    """
    with desk.ports.unit_of_work() as uow:
        uow.office.lock("listings")
        checked = _checked(desk, uow.office, id_)
        if checked.seal != seal:
            text = "Listings have changed since this was shown. Look at it again."
            raise ConflictError(Message("SHEET_STALE", text))
        pairs = []
        for row in checked.kept:
            before = checked.records.get(row.key) or Record(LISTING, row.key)
            step = usual_step(desk, before)
            after = step_of(desk, before, row.fields, step)
            pairs.append((before, after))
            uow.office.put_record(
                before, after, desk.line(before, after, step, f"{checked.brought.source}, {row.line}")
            )
        uow.office.drop_sheet(id_)
        uow.commit()
    match_again(desk, pairs)
    return checked.counts


def export_listings(desk: Desk, format_: str) -> bytes:
    """Return what is published as a sheet that can be imported again; partners get their own municipality's."""
    desk.require(Verb.EXPORT)
    with desk.ports.office() as office:
        records = [
            r for r in office.list_records(LISTING) if r.cleared is not None and desk.user.may(Verb.EXPORT, whose(r))
        ]
    rows = [{"id": record.key, **(record.cleared or {})} for record in records]
    return desk.ports.write_sheet(format_, COLUMNS, rows)

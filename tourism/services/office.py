"""What people at the office do with records: edit, review, archive, undo; nothing is lost, everything is traced."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from shapely.geometry.base import BaseGeometry

from tourism.domain.account import OFFICE, User, Verb, Whose
from tourism.domain.calendar import WIB
from tourism.domain.listing import (
    LISTING,
    canonical,
    check_shapes,
    cleaned,
    fields_of_venue,
    key_for,
    lies_elsewhere,
    point_of,
    reworded,
    same_listing,
    without_old_word,
)
from tourism.domain.record import (
    Difference,
    Fields,
    Line,
    Record,
    State,
    Step,
    before_and_after,
    changes,
    decided,
    differences,
    merged,
    undone,
)
from tourism.domain.sheet import FROM_A_FEED
from tourism.domain.tables import values_of
from tourism.errors import ConflictError, ForbiddenError, Message, NotFoundError, OutOfRangeError
from tourism.geo.boundary import outlines_at
from tourism.services.accounts import invite_owner
from tourism.services.ports import Office, Ports
from tourism.services.reviews import ask_questions
from tourism.services.town import Town

OUTLINE_SLACK_M = 1_000  # the outlines are rough by about as much
LONGEST_REASON = 300
MATTERS_TO_MATCHES = ("name", "kind", "lat", "lon", "uncertainty_m", "phone")
MAY_NOT = Message("MAY_NOT", "Your account may not do this.")


@dataclass(frozen=True)
class Desk:
    """What every action at the office needs: the outside, the town as it is, who acts, and in which request."""

    ports: Ports
    town: Town
    user: User
    request_id: str = ""

    @property
    def by(self) -> str:
        """Return who acts, as the audit names it."""
        return self.user.email

    @cached_property
    def now(self) -> datetime:
        """Return the instant of the action."""
        return self.ports.now().astimezone(WIB)

    def require(self, verb: Verb, whose: Whose | None = None) -> None:
        """Raise ForbiddenError unless the user may do this."""
        if not self.user.may(verb, whose):
            raise ForbiddenError(MAY_NOT)

    def line(self, before: Record, after: Record, step: str, reason: str) -> Line:
        """Return the line of the audit for a step."""
        was, is_now = before_and_after(before, after, step)
        return Line(
            self.now, self.by, after.kind, after.key, after.version, step, was, is_now, reason, self.request_id
        )  # fmt: skip


class StaleError(ConflictError):
    """Somebody else has changed the record since the editor opened it; nothing that was typed is lost."""

    def __init__(self, record: Record, base: Fields, mine: Fields) -> None:
        super().__init__(Message("STALE", "Somebody else has changed this meanwhile."))
        self.record = record
        self.differences: list[Difference] = list(differences(base, record.newest, mine))
        self.merged = merged(base, record.newest, mine)


def whose(record: Record) -> Whose:
    """Return whose a record is; the tables are the office's."""
    return Whose(record.municipality or OFFICE, record.key if record.kind == LISTING else "")


def checked_reason(reason: str, needed: bool = True, field: str = "reason") -> str:
    """Return a reason on one line; raises OutOfRangeError for none where one is needed, and for one too long."""
    found = " ".join(reason.split())
    if not found and needed:
        raise OutOfRangeError({field: Message("NO_REASON", "Say why, and who says so: others will read it.")})
    if len(found) > LONGEST_REASON or not found.isprintable():
        raise OutOfRangeError({field: Message("TOO_LONG_FOR", "This has at most {most} signs.", most=LONGEST_REASON)})
    return found


def get_record(desk: Desk, kind: str, key: str) -> Record:
    """Return a record; raises NotFoundError, ForbiddenError."""
    with desk.ports.office() as office:
        found = _get(office, kind, key)
    desk.require(Verb.READ if kind == LISTING else Verb.TABLES, whose(found))
    return found


def _get(office: Office, kind: str, key: str) -> Record:
    found = office.find_record(kind, key)
    if found is None:
        raise unknown_record(key)
    return found


def unknown_record(key: str) -> NotFoundError:
    """Say that there is no such record."""
    return NotFoundError(Message("UNKNOWN_RECORD", "There is no record {id}; it may have been removed.", id=key))


def base_of(office: Office, record: Record, version: int) -> Fields:
    """Return the fields that an edit of a version went on from."""
    if record.version == version:
        return record.newest
    line = office.find_version(record.kind, record.key, version)
    return (line.after if version else line.before) or {} if line else {}


def check_version(office: Office, record: Record, version: int, mine: Fields) -> None:
    """Raise StaleError when a record is not at the version that an edit was based on."""
    if record.version != version:
        raise StaleError(record, base_of(office, record, version), mine)


@dataclass(frozen=True)
class Edit:
    """A listing as somebody typed it, on the version it was based on; None for one that is not there yet.

    Without a step it is published by those who may, and waits for review by the others. `whole` fields were read and
    sent back, so that a source among them is not said anew.
    """

    key: str
    version: int | None
    fields: Mapping[str, str]
    step: Step | None = None
    reason: str = ""
    whole: bool = False


def save_listing(desk: Desk, edit: Edit) -> Record:
    """Keep a listing as a draft, for review, or for everybody; returns it as it is then.

    Raises OutOfRangeError for fields that can't be, ForbiddenError, StaleError, ConflictError for a step that can't be.
    """
    reason = checked_reason(edit.reason, needed=False)
    with desk.ports.unit_of_work() as uow:
        before, fields = _typed(desk, uow.office, edit)
        step = edit.step or usual_step(desk, before)
        check_shapes(edit.key, fields)
        kept = fields if step is Step.DRAFT else canonical(edit.key, fields)  # a draft may be half done
        after = step_of(desk, before, kept, step)
        if before.state is State.NEW:
            uow.office.lock("listings")
            _check_new(uow.office, edit.key, fields)
        uow.office.put_record(before, after, desk.line(before, after, step, reason))
        uow.commit()
    match_again(desk, [(before, after)])
    return after


def preview_listing(desk: Desk, edit: Edit) -> Town:
    """Return the town as it would be with a listing, of which nothing is kept; raises as `save_listing`."""
    with desk.ports.unit_of_work() as uow:
        before, fields = _typed(desk, uow.office, edit)
        fields = canonical(edit.key, fields)
        shown = replace(before, state=State.PUBLISHED, version=before.version + 1, published=fields)
        uow.office.put_record(before, shown, desk.line(before, shown, Step.PUBLISH, ""))
        return Town(uow.read(desk.town.world.snapshot))


def _typed(desk: Desk, office: Office, edit: Edit) -> tuple[Record, dict[str, str]]:
    """Return the record that an edit is about, and what it would make of its fields."""
    record = office.find_record(LISTING, edit.key)
    before = record or Record(LISTING, edit.key)
    area = before.municipality or edit.fields.get("municipality") or desk.user.municipality
    desk.require(Verb.PUBLISH if edit.step is Step.PUBLISH else Verb.PROPOSE, Whose(area, edit.key))
    if record is None and edit.version is not None:
        raise unknown_record(edit.key)
    if record and office.sharing.find_origin(edit.key):
        raise ConflictError(FROM_A_FEED)
    base = base_of(office, before, edit.version or 0)
    typed = {"municipality": area, **edit.fields}
    typed = without_old_word(base, typed) if edit.whole else typed
    if typed.get("source", "").strip() and not typed.get("as_of"):
        typed["as_of"] = desk.now.date().isoformat()  # who says something anew has checked it today
    if before.version != (edit.version or 0) or (record and edit.version is None):
        raise StaleError(before, base, _mine(base, typed, desk.now.date()))
    return before, reworded(base, typed, desk.now.date())


def _mine(base: Fields, typed: Fields, today: date) -> Fields:
    """Return typed fields with their words, as far as that is possible, for nothing typed may be lost."""
    try:
        return reworded(base, typed, today)
    except OutOfRangeError:
        return cleaned({"source": base.get("source", ""), "as_of": base.get("as_of", ""), **typed})


def _check_new(office: Office, key: str, fields: Fields) -> None:
    """Raise OutOfRangeError for a new listing that is there already, as when a form is sent twice."""
    others = (other for other in office.list_records(LISTING) if other.key != key)
    there = next((other for other in others if same_listing(other, fields)), None)
    if there:
        text = "There is a listing of this name at this place already: {id}."
        raise OutOfRangeError({"name": Message("LISTED_ALREADY", text, id=there.key)})


def step_of(desk: Desk, before: Record, fields: Fields, step: Step) -> Record:
    """Return a listing after somebody's edit; raises ForbiddenError for one that is others' or becomes so."""
    verb = Verb.PUBLISH if step is Step.PUBLISH else Verb.PROPOSE
    after = Whose(fields.get("municipality") or OFFICE, before.key)
    for one in (after,) if before.state is State.NEW else (whose(before), after):
        desk.require(verb, one)
    if step is Step.PUBLISH:
        proposed = changes(before.proposed or {}, fields) if before.waits else []
        return before.with_published(fields, {name: f"diubah oleh / edited by {desk.by}" for name, _, _ in proposed})
    if step is Step.DRAFT:
        return before.drafted(fields, desk.by, desk.now)
    return before.submitted(fields, desk.by, desk.now)


def usual_step(desk: Desk, record: Record) -> Step:
    """Return what saving means: those who may publish do, the others ask for it."""
    owner = whose(record) if record.municipality else Whose(desk.user.municipality)
    return Step.PUBLISH if desk.user.may(Verb.PUBLISH, owner) else Step.SUBMIT


def questions_about(town: Town, fields: Fields) -> Iterator[Message]:
    """Say what to look at again before a listing is saved: a point that seems to lie elsewhere."""
    near = lies_in(town.outlines, fields)
    if near and fields.get("municipality") not in near:
        yield lies_elsewhere(near[0])


def lies_in(outlines: Mapping[str, BaseGeometry], fields: Fields) -> Sequence[str]:
    """Return the municipalities that a listing's point may lie in, by their rough outlines."""
    point = point_of(fields)
    return outlines_at(outlines, point, OUTLINE_SLACK_M) if point else ()


def match_again(desk: Desk, pairs: Sequence[tuple[Record, Record]]) -> None:
    """Ask again which listings and OSM venues may be the same, when something that tells has changed."""
    if any((a.live or {}).get(n) != (b.live or {}).get(n) for a, b in pairs for n in MATTERS_TO_MATCHES):
        ask_questions(desk.ports)


Change = Callable[[Office, Record], tuple[Record, Step]]


def _change(desk: Desk, key: str, verb: Verb, reason: str, change: Change) -> Record:
    """Change a listing by a rule, in one transaction with its line; raises NotFoundError, ForbiddenError."""
    with desk.ports.unit_of_work() as uow:
        before = _get(uow.office, LISTING, key)
        desk.require(verb, whose(before))
        after, step = change(uow.office, before)
        desk.require(verb, whose(after))
        values_of(after)  # what is shown has to be a listing
        if before.live is None and after.live is not None and before.state is State.ARCHIVED:
            _check_new(uow.office, key, after.live)
        uow.office.put_record(before, after, desk.line(before, after, step, reason))
        uow.commit()
    match_again(desk, [(before, after)])
    return after


def review(desk: Desk, key: str, version: int, rejected: Fields) -> Record:
    """Publish a proposal but for the rejected fields, each with its reason; raises StaleError, OutOfRangeError."""
    remarks = {name: checked_reason(reason) for name, reason in rejected.items()}

    def rule(office: Office, before: Record) -> tuple[Record, Step]:
        check_version(office, before, version, before.newest)
        return decided(before, remarks)

    return _change(desk, key, Verb.REVIEW, "; ".join(f"{name}: {why}" for name, why in remarks.items()), rule)


def archive(desk: Desk, key: str, version: int, reason: str) -> Record:
    """Take a listing out of everybody's sight; raises StaleError, OutOfRangeError without a reason."""

    def rule(office: Office, before: Record) -> tuple[Record, Step]:
        check_version(office, before, version, before.newest)
        return before.archived(), Step.ARCHIVE

    return _change(desk, key, Verb.ARCHIVE, checked_reason(reason), rule)


def restore(desk: Desk, key: str, version: int, reason: str) -> Record:
    """Bring an archived listing back as it was; raises StaleError, ConflictError, OutOfRangeError without a reason."""

    def rule(office: Office, before: Record) -> tuple[Record, Step]:
        check_version(office, before, version, before.newest)
        return before.restored(), Step.REVERT

    return _change(desk, key, Verb.REVERT, checked_reason(reason), rule)


def revert(desk: Desk, line_id: int, reason: str) -> Record:
    """Undo one change of a listing as a new change; raises NotFoundError, ForbiddenError, ConflictError."""
    with desk.ports.office() as office:
        line = get_line(office, line_id, LISTING)
    return _change(desk, line.key, Verb.REVERT, checked_reason(reason), lambda _, before: undone(before, line))


def get_line(office: Office, line_id: int, *kinds: str) -> Line:
    """Return a line of the audit about one of some kinds; raises NotFoundError."""
    found = office.find_line(line_id)
    if found is None or found.kind not in kinds:
        raise NotFoundError(Message("UNKNOWN_LINE", "There is no such change."))
    return found


def invite(desk: Desk, key: str, email: str) -> None:
    """Mail a venue's owner a link to its page; raises ForbiddenError, OutOfRangeError, ConflictError, MailError."""
    record = get_record(desk, LISTING, key)
    desk.require(Verb.INVITE, whose(record))
    invite_owner(desk.ports, email, key, record.municipality or OFFICE, desk.by)


def osm_fields(desk: Desk, venue_id: str) -> dict[str, str]:
    """Return what OSM says of a venue as the fields of a new listing; raises NotFoundError."""
    venue = desk.town.get_venue(venue_id)
    # Amenities stay OSM's word: they are joined to the listing as long as both are the same place.
    fields = fields_of_venue(replace(venue, source="OpenStreetMap"), ())
    near = lies_in(desk.town.outlines, fields)
    return {**fields, "municipality": near[0] if near else OFFICE}


def new_key(desk: Desk, name: str) -> str:
    """Return a key for a new listing."""
    with desk.ports.office() as office:
        return key_for(name, {record.key for record in office.list_records(LISTING)})


def keep_photo(desk: Desk, key: str, content: bytes) -> str:
    """Keep a picture of a listing as we re-encode it; returns its digest.

    Raises ForbiddenError, OutOfRangeError for what is no picture.
    """
    with desk.ports.office() as office:
        record = office.find_record(LISTING, key)
    desk.require(Verb.PROPOSE, whose(record) if record else None)
    return keep_picture(desk.ports, desk.ports.to_jpeg(content))


def keep_picture(ports: Ports, encoded: bytes) -> str:
    """Keep a picture that we re-encoded; returns its digest."""
    digest = hashlib.sha256(encoded).hexdigest()
    with ports.unit_of_work() as uow:
        uow.office.add_photo(digest, encoded)
        uow.commit()
    return digest


def get_photo(ports: Ports, digest: str) -> bytes:
    """Return a picture; raises NotFoundError."""
    with ports.office() as office:
        found = office.find_photo(digest)
    if found is None:
        raise NotFoundError(Message("UNKNOWN_PHOTO", "There is no such photo."))
    return found

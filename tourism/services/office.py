"""What people at the office do with records: edit, review, archive, undo; nothing is lost, everything is traced."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from tourism.domain.account import OFFICE, User, Verb, Whose
from tourism.domain.calendar import WIB
from tourism.domain.evidence import Age
from tourism.domain.listing import LISTING, canonical, cleaned, fields_of_venue, key_for, point_of
from tourism.domain.record import Difference, Fields, Line, Record, State, Step, decided, differences, merged
from tourism.domain.review import Question, Report, Verdict
from tourism.domain.tables import values_of
from tourism.errors import ConflictError, ForbiddenError, Message, NotFoundError, OutOfRangeError
from tourism.geo.boundary import outlines_at
from tourism.geo.conflation import Outcome
from tourism.geo.crs import distance_m
from tourism.services.ports import Office, Ports
from tourism.services.reviews import ask_questions, decide, handle_reports, waiting_questions
from tourism.services.town import Town

OUTLINE_SLACK_M = 1_000  # the outlines are rough by about as much
LONGEST_REASON = 300
SAME_PLACE_M = 50
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
        shown = step in (Step.PUBLISH, Step.ARCHIVE, Step.REVERT)
        was = before.live if shown else before.newest or None
        # A rejected proposal leaves its words in the line, though not in the record.
        is_now = after.live if shown else before.newest if step == Step.REJECT else after.newest
        return Line(
            self.now, self.by, after.kind, after.key, after.version, step, was, is_now or None, reason, self.request_id
        )  # fmt: skip


class StaleError(ConflictError):
    """Somebody else has changed the record since the editor opened it; nothing that was typed is lost."""

    def __init__(self, record: Record, base: Fields, mine: Fields) -> None:
        super().__init__(Message("STALE", "Somebody else has changed this meanwhile."))
        self.record = record
        self.mine = mine
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
        raise OutOfRangeError(
            {"reason": Message("TOO_LONG_FOR", "This has at most {most} signs.", most=LONGEST_REASON)}
        )
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
        raise NotFoundError(Message("UNKNOWN_RECORD", "There is no record {id}; it may have been removed.", id=key))
    return found


def check_version(office: Office, record: Record, version: int, mine: Fields) -> None:
    """Raise StaleError when a record is not at the version that an edit was based on."""
    if record.version == version:
        return
    line = office.find_version(record.kind, record.key, version)
    base = (line.after if version else line.before) if line else None
    raise StaleError(record, base or {}, mine)


@dataclass(frozen=True)
class Edit:
    """A listing as somebody typed it, on the version it was based on; a new one is based on 0."""

    key: str
    version: int
    fields: Mapping[str, str]
    step: Step = Step.SUBMIT
    reason: str = ""


def save_listing(desk: Desk, edit: Edit, look: Callable[[Town], object] | None = None) -> Record:
    """Keep a listing as a draft, for review, or for everybody; returns it as it is then.

    With `look` nothing is kept: it is shown the town as it would be. Raises OutOfRangeError for fields that can't be,
    ForbiddenError, StaleError, ConflictError for a step that can't be.
    """
    draft = edit.step is Step.DRAFT and not look  # may be half done
    fields = cleaned(edit.fields) if draft else canonical(edit.key, edit.fields)
    reason = checked_reason(edit.reason, needed=False)
    with desk.ports.unit_of_work() as uow:
        office = uow.office
        record = office.find_record(LISTING, edit.key)
        before = record or Record(LISTING, edit.key, municipality=fields.get("municipality", desk.user.municipality))
        after = step_of(desk, before, fields, edit.step)
        check_version(office, before, edit.version, fields)
        if look:  # as if it were published, whoever looks
            after = replace(after, state=State.PUBLISHED, published=fields)
        elif record is None:
            _check_new(office, fields)
        office.put_record(before, after, desk.line(before, after, edit.step, reason))
        if look:
            look(Town(uow.read(desk.town.world.snapshot)))
            return after
        uow.commit()
    if any((before.live or {}).get(n) != (after.live or {}).get(n) for n in MATTERS_TO_MATCHES):
        ask_questions(desk.ports)
    return after


def _check_new(office: Office, fields: Fields) -> None:
    """Raise OutOfRangeError for a new listing that is there already, as when a form is sent twice."""
    here, name = point_of(fields), fields.get("name", "").casefold()
    for other in office.list_records(LISTING):
        there = point_of(other.newest)
        same = other.newest.get("name", "").casefold() == name and other.state is not State.ARCHIVED
        if same and here and there and distance_m(here, there) < SAME_PLACE_M:
            text = "There is a listing of this name at this place already: {id}."
            raise OutOfRangeError({"name": Message("LISTED_ALREADY", text, id=other.key)})


def step_of(desk: Desk, before: Record, fields: Fields, step: Step) -> Record:
    """Return a listing after somebody's edit; raises ForbiddenError for one that is others' or becomes so."""
    after = replace(before, municipality=fields.get("municipality") or before.municipality)
    for one in (before, after):
        desk.require(Verb.PROPOSE, whose(one))
        if step is Step.PUBLISH:
            desk.require(Verb.PUBLISH, whose(one))
    if step is Step.PUBLISH:
        return after.with_published(fields)
    if step is Step.DRAFT:
        return after.drafted(fields, desk.by, desk.now)
    return after.submitted(fields, desk.by, desk.now)


def usual_step(desk: Desk, record: Record) -> Step:
    """Return what saving means: those who may publish do, the others ask for it."""
    return Step.PUBLISH if desk.user.may(Verb.PUBLISH, whose(record)) else Step.SUBMIT


def questions_about(town: Town, fields: Fields) -> Iterator[Message]:
    """Say what to look at again before a listing is saved: a point that seems to lie elsewhere."""
    near = lies_in(town, fields)
    if near and fields.get("municipality") not in near:
        yield Message("LIES_ELSEWHERE", "By its rough outline this point lies in {place}.", place=near[0])


def lies_in(town: Town, fields: Fields) -> Sequence[str]:
    """Return the municipalities that a listing's point may lie in, by their rough outlines."""
    point = point_of(fields)
    return outlines_at(town.outlines, point, OUTLINE_SLACK_M) if point else ()


def review(desk: Desk, key: str, version: int, rejected: Fields) -> Record:
    """Publish a proposal but for the rejected fields, each with its reason; raises StaleError, OutOfRangeError."""
    remarks = {name: checked_reason(reason) for name, reason in rejected.items()}
    with desk.ports.unit_of_work() as uow:
        before = _get(uow.office, LISTING, key)
        desk.require(Verb.REVIEW, whose(before))
        check_version(uow.office, before, version, before.newest)
        after = decided(before, remarks)
        values_of(after)  # what is left has to be a listing
        step = Step.REJECT if after.proposed is not None or after.live == before.live else Step.PUBLISH
        reason = "; ".join(f"{name}: {why}" for name, why in remarks.items())
        uow.office.put_record(before, after, desk.line(before, after, step, reason))
        uow.commit()
    ask_questions(desk.ports)
    return after


def archive(desk: Desk, key: str, version: int, reason: str) -> Record:
    """Take a listing out of everybody's sight; raises StaleError, OutOfRangeError without a reason."""
    why = checked_reason(reason)
    with desk.ports.unit_of_work() as uow:
        before = _get(uow.office, LISTING, key)
        desk.require(Verb.ARCHIVE, whose(before))
        check_version(uow.office, before, version, before.newest)
        after = before.archived()
        uow.office.put_record(before, after, desk.line(before, after, Step.ARCHIVE, why))
        uow.commit()
    ask_questions(desk.ports)
    return after


def undone(office: Office, line: Line) -> tuple[Record, Record]:
    """Return a record before and after one change of it is undone; what others changed since stays.

    Raises ConflictError for a line that changed nothing that is shown.
    """
    before = _get(office, line.kind, line.key)
    if line.step not in (Step.PUBLISH, Step.ARCHIVE, Step.REVERT):
        raise ConflictError(Message("NOTHING_TO_UNDO", "This changed nothing that is shown."))
    if line.before is None:
        return before, before.archived()
    fields = dict(before.published or {})
    for name in line.names:
        fields[name] = line.before.get(name, "")
    return before, before.reverted({name: value for name, value in fields.items() if value})


def revert(desk: Desk, line_id: int, reason: str) -> Record:
    """Undo one change of a listing as a new change; raises NotFoundError, ForbiddenError, ConflictError."""
    why = checked_reason(reason)
    with desk.ports.unit_of_work() as uow:
        line = get_line(uow.office, line_id, LISTING)
        desk.require(Verb.REVERT, whose(_get(uow.office, line.kind, line.key)))
        before, after = undone(uow.office, line)
        values_of(after)
        uow.office.put_record(before, after, desk.line(before, after, Step.REVERT, why))
        uow.commit()
    ask_questions(desk.ports)
    return after


def get_line(office: Office, line_id: int, *kinds: str) -> Line:
    """Return a line of the audit about one of some kinds; raises NotFoundError."""
    found = office.find_line(line_id)
    if found is None or found.kind not in kinds:
        raise NotFoundError(Message("UNKNOWN_LINE", "There is no such change."))
    return found


def history(desk: Desk, kind: str | None, key: str | None, by: str | None, before: int | None) -> list[Line]:
    """Return what was changed, the newest first: of a record, by a person, or all; raises ForbiddenError.

    Partners see the history of their own listings.
    """
    with desk.ports.office() as office:
        record = office.find_record(kind, key) if kind and key else None
        desk.require(Verb.HISTORY, whose(record) if record else Whose(municipality=""))
        return office.lines(kind, key, by, before)


# The list


@dataclass(frozen=True)
class Entry:
    """A listing in the list, with what it needs; one that is only in OSM has no record yet."""

    key: str
    fields: Fields
    state: str
    municipality: str
    flags: tuple[str, ...]
    from_osm: bool = False


FLAGS = ("waiting", "reported", "unknown_hours", "stale")


def list_records(desk: Desk) -> list[Record]:
    """Return the listings that the user may read; raises ForbiddenError where that is none."""
    desk.require(Verb.READ)
    with desk.ports.office() as office:
        return [record for record in office.list_records(LISTING) if desk.user.may(Verb.READ, whose(record))]


def list_entries(desk: Desk, search: str = "", flag: str = "", state: str = "") -> list[Entry]:
    """Return the listings that the user may read and venues that only OSM has, by name, as they are filtered."""
    records = list_records(desk)
    reported = {r.venue for r in desk.ports.reader.reports() if r.verdict is Verdict.CHANGED}
    entries = [_entry(desk, record, reported) for record in records]
    if desk.user.may(Verb.PUBLISH):
        entries += [e for e in _osm_entries(desk, reported) if desk.user.may(Verb.READ, Whose(e.municipality))]
    wanted = search.casefold().strip()
    found = [
        entry
        for entry in entries
        if (not flag or flag in entry.flags)
        and (entry.state == state if state else entry.state != State.ARCHIVED)
        and wanted in " ".join((entry.fields.get("name", ""), entry.fields.get("address", ""), entry.key)).casefold()
    ]
    return sorted(found, key=lambda entry: (entry.fields.get("name", "").casefold(), entry.key))


def _entry(desk: Desk, record: Record, reported: set[str]) -> Entry:
    fields = record.newest
    flags = _flags(desk, record.key, fields, reported)
    return Entry(record.key, fields, record.state, record.municipality, (*["waiting"] * record.waits, *flags))


def _flags(desk: Desk, key: str, fields: Fields, reported: set[str]) -> Iterator[str]:
    if key in reported:
        yield "reported"
    if "hours" not in fields:
        yield "unknown_hours"
    elif desk.town.world.freshness.age("opening_hours", _as_of(fields), desk.now.date()) is not Age.FRESH:
        yield "stale"


def _as_of(fields: Fields) -> date | None:
    try:
        return date.fromisoformat(fields.get("as_of", ""))
    except ValueError:
        return None


def _osm_entries(desk: Desk, reported: set[str]) -> Iterator[Entry]:
    for venue in desk.town.venues:
        if venue.id.startswith("osm-"):
            fields = osm_fields(desk, venue.id)
            flags = tuple(_flags(desk, venue.id, fields, reported))
            yield Entry(venue.id, fields, State.NEW, fields["municipality"], flags, from_osm=True)


def osm_fields(desk: Desk, venue_id: str) -> dict[str, str]:
    """Return what OSM says of a venue as the fields of a new listing; raises NotFoundError."""
    venue = desk.town.get_venue(venue_id)
    # Amenities stay OSM's word: they are joined to the listing as long as both are the same place.
    fields = fields_of_venue(replace(venue, source="OpenStreetMap"), ())
    near = lies_in(desk.town, fields)
    return {**fields, "municipality": near[0] if near else OFFICE}


def new_key(desk: Desk, name: str) -> str:
    """Return a key for a new listing."""
    with desk.ports.office() as office:
        return key_for(name, {record.key for record in office.list_records(LISTING)})


# The queue


@dataclass(frozen=True)
class Item:
    """Something that waits for a person's judgement; `kind` is proposal, report or question."""

    kind: str
    key: str
    name: str
    at: datetime
    count: int = 1


def queue(desk: Desk) -> list[Item]:
    """Return what waits, the oldest first: proposals, visitors' reports by venue, and records that may be the same."""
    desk.require(Verb.REVIEW)
    with desk.ports.office() as office:
        items = [
            Item("proposal", r.key, r.newest.get("name", r.key), r.proposed_at or desk.now) for r in office.waiting()
        ]
    by_venue: dict[str, list[Report]] = {}
    for report in desk.ports.reader.reports():
        by_venue.setdefault(report.venue, []).append(report)
    names = desk.town.named
    for venue, said in by_venue.items():
        if any(report.verdict is Verdict.CHANGED for report in said):
            name = names[venue].name if venue in names else venue
            items.append(Item("report", venue, name, said[0].said_at, len(said)))
    for question in waiting_questions(desk.town):
        name = names[question.listing].name if question.listing in names else question.listing
        items.append(Item("question", f"{question.listing}~{question.element}", name, question.asked_at))
    return sorted(items, key=lambda item: (item.at, item.kind, item.key))


def settle_report(desk: Desk, venue: str, reason: str) -> None:
    """Mark what visitors said about a venue as looked at, with what was found; raises NotFoundError."""
    desk.require(Verb.REVIEW)
    why = checked_reason(reason)
    handled = handle_reports(desk.ports, venue)
    found = {"reports": str(handled)}
    _note(desk, Line(desk.now, desk.by, "report", venue, 0, "handled", None, found, why, desk.request_id))


def get_question(desk: Desk, key: str) -> Question:
    """Return a question by its key in the queue; raises NotFoundError."""
    desk.require(Verb.REVIEW)
    listing, _, element = key.partition("~")
    for question in desk.town.world.questions:
        if (question.listing, question.element) == (listing, element):
            return question
    raise NotFoundError(Message("UNKNOWN_RECORD", "There is no record {id}; it may have been removed.", id=key))


def settle_question(desk: Desk, key: str, outcome: Outcome) -> None:
    """Say whether two records are the same place; raises NotFoundError."""
    question = get_question(desk, key)
    decide(desk.ports, desk.town, question.listing, question.element, outcome)
    found = {"same": outcome.value}
    _note(desk, Line(desk.now, desk.by, "question", key, 0, "decided", None, found, "", desk.request_id))


def _note(desk: Desk, line: Line) -> None:
    """Write a line of the audit about something that is no record."""
    with desk.ports.unit_of_work() as uow:
        uow.office.add_line(line)
        uow.commit()


def keep_photo(desk: Desk, content: bytes) -> str:
    """Keep a picture as we re-encode it; returns its digest. Raises OutOfRangeError for what is no picture."""
    jpeg = desk.ports.files.to_jpeg(content)
    digest = hashlib.sha256(jpeg).hexdigest()
    with desk.ports.unit_of_work() as uow:
        uow.office.add_photo(digest, jpeg)
        uow.commit()
    return digest


def get_photo(ports: Ports, digest: str) -> bytes:
    """Return a picture; raises NotFoundError."""
    with ports.office() as office:
        found = office.find_photo(digest)
    if found is None:
        raise NotFoundError(Message("UNKNOWN_PHOTO", "There is no such photo."))
    return found

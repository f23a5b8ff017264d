"""What the office looks through: the list of venues, what waits for a person, and who changed what."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from tourism.domain.account import Verb, Whose
from tourism.domain.evidence import Age
from tourism.domain.listing import LISTING
from tourism.domain.record import Fields, Line, Record, State
from tourism.domain.review import Question, Report, Verdict
from tourism.domain.tables import TABLES
from tourism.geo.conflation import Outcome
from tourism.services.feed_desk import list_feeds
from tourism.services.office import Desk, checked_reason, osm_fields, unknown_record, whose
from tourism.services.reviews import decide, handle_reports, waiting_questions


@dataclass(frozen=True)
class Entry:
    """A listing in the list, with what it needs; one that is only in OSM has no record yet."""

    key: str
    fields: Fields
    state: str
    municipality: str
    flags: tuple[str, ...]
    from_osm: bool = False


LINES = 50  # of the history on a page
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


@dataclass(frozen=True)
class Item:
    """Something that waits for a person's judgement; `kind` is proposal, feed, report or question."""

    kind: str
    key: str
    name: str
    at: datetime
    count: int = 1

    @property
    def path(self) -> str:
        """Where it is judged."""
        return f"/office/feeds/{self.key}" if self.kind == "feed" else f"/office/review/{self.kind}/{self.key}"


def list_queue(desk: Desk) -> list[Item]:
    """Return what waits, the oldest first: proposals, visitors' reports by venue, and records that may be the same."""
    desk.require(Verb.REVIEW)
    with desk.ports.office() as office:
        items = [
            Item("proposal", r.key, r.newest.get("name", r.key), r.proposed_at or desk.now)
            for r in office.list_waiting()
        ]
    items += [
        Item("feed", view.feed.id, view.feed.name, view.runs[0].began_at if view.runs else desk.now, view.waiting)
        for view in list_feeds(desk)
        if view.waiting
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
    return sorted(items, key=lambda item: (item.kind == "feed", item.at, item.kind, item.key))


def settle_report(desk: Desk, venue: str, reason: str) -> None:
    """Mark what visitors said about a venue as looked at, with what was found; raises NotFoundError."""
    desk.require(Verb.REVIEW)
    why = checked_reason(reason)
    handle_reports(
        desk.ports, venue, Line(desk.now, desk.by, "report", venue, 0, "handled", None, None, why, desk.request_id)
    )


def get_question(desk: Desk, key: str) -> Question:
    """Return a question by its key in the queue; raises NotFoundError."""
    desk.require(Verb.REVIEW)
    listing, _, element = key.partition("~")
    for question in desk.town.world.questions:
        if (question.listing, question.element) == (listing, element):
            return question
    raise unknown_record(key)


def settle_question(desk: Desk, key: str, outcome: Outcome) -> None:
    """Say whether two records are the same place; raises NotFoundError."""
    question = get_question(desk, key)
    found = {"same": outcome.value}
    line = Line(desk.now, desk.by, "question", key, 0, "decided", None, found, "", desk.request_id)
    decide(desk.ports, desk.town, (question.listing, question.element), outcome, line)


def list_history(desk: Desk, kind: str | None, key: str | None, by: str | None, before: int | None) -> list[Line]:
    """Return what was changed, the newest first: of a record, by a person, or all; raises ForbiddenError.

    Partners see the history of their own listings.
    """
    with desk.ports.office() as office:
        record = office.find_record(kind, key) if key and kind in (LISTING, *TABLES) else None
        desk.require(Verb.HISTORY, whose(record) if record else Whose(municipality=""))
        return office.list_lines(kind, key, by, before, LINES)

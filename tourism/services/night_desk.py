"""What the night desk does besides saying states: edit a departure, and write to the boards."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime

from tourism.domain.departure import LONGEST_NAME, MOST_SEATS, Change, Departure, NightBook, What
from tourism.errors import ConflictError, Message, OutOfRangeError
from tourism.services.departures import (
    NOT_THERE,
    Action,
    check_night,
    check_open,
    get_departure,
    night_of,
    there_already,
)
from tourism.services.timetable import way_issues

LONGEST_MESSAGE = 200
EDITABLE = ("label", "seats", "pickup", "viewpoint", "approach")


def fingerprint(departure: Departure) -> str:
    """Return what tells a departure as it is from one that was changed since."""
    said = [str(getattr(departure, name)) for name in (*EDITABLE, "state", "ready_at")]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class DepartureEdit:
    """A departure as somebody typed it, and the fingerprint of what it was based on."""

    label: str
    seats: int
    pickup: str
    viewpoint: str
    approach: str
    based_on: str


def edit_departure(action: Action, id_: str, edit: DepartureEdit) -> NightBook:
    """Change what a departure is; on another way it asks for a slot anew. Returns the night as it is then.

    Raises NotFoundError, ConflictError when it was changed meanwhile, OutOfRangeError for what can't be.
    """

    def rule(book: NightBook, now: datetime) -> NightBook:
        before = get_departure(action, book, id_)
        check_open(book.night, now)
        if fingerprint(before) != edit.based_on:
            raise ConflictError(Message("STALE", "Somebody else has changed this meanwhile."))
        if not before.is_ahead(now):
            raise OutOfRangeError({"departure": NOT_THERE})
        issues = dict(way_issues(action.town, edit)) | _issues(book, before, edit)
        if issues:
            raise OutOfRangeError(issues)
        after = replace(before, **{name: getattr(edit, name) for name in EDITABLE})
        if _way(before) != _way(after):
            after = replace(after, leave_at=None, gate_at=None, climb_at=None)
        lines = [
            Change(
                book.night,
                id_,
                now,
                action.by,
                What.EDITED,
                f"{name}: {getattr(before, name)}",
                str(getattr(after, name)),
            )
            for name in EDITABLE
            if getattr(before, name) != getattr(after, name)
        ]
        return book.with_departure(after).with_change(*lines)

    return action.change(night_of(id_), rule)


def _way(departure: Departure) -> tuple[str, str, str]:
    return departure.pickup, departure.viewpoint, departure.approach


def _issues(book: NightBook, before: Departure, edit: DepartureEdit) -> dict[str, Message]:
    issues: dict[str, Message] = {}
    least = book.taken[before.id]
    if not max(least, 1) <= edit.seats <= MOST_SEATS:
        text = "Seats are {least} to {most}: {taken} are taken."
        issues["seats"] = Message("SEATS_OF_DEPARTURE", text, least=max(least, 1), most=MOST_SEATS, taken=least)
    readable = edit.label.strip() == edit.label and edit.label.isprintable() and 0 < len(edit.label) <= LONGEST_NAME
    if not readable and not before.own:
        issues["label"] = Message("NO_LABEL", "A label has 1 to {most} signs.", most=LONGEST_NAME)
    same = (before.operator, edit.label)
    if not before.own and any((d.operator, d.label) == same and d.id != before.id for d in book.here):
        issues["label"] = there_already(book.night, *same)
    return issues


def write_to_board(action: Action, night: date, text_id: str, text_en: str) -> NightBook:
    """Show a message on the boards of a night, or take it down with two empty texts; raises OutOfRangeError."""
    texts = {"text_id": " ".join(text_id.split()), "text_en": " ".join(text_en.split())}
    issues = {
        name: Message("TOO_LONG_FOR", "This has at most {most} signs.", most=LONGEST_MESSAGE)
        for name, text in texts.items()
        if len(text) > LONGEST_MESSAGE or not text.isprintable()
    }
    if bool(texts["text_id"]) != bool(texts["text_en"]):
        missing = "text_en" if texts["text_id"] else "text_id"
        issues[missing] = Message("BOTH_LANGUAGES", "Write it in both languages, or leave both empty.")
    if issues:
        raise OutOfRangeError(issues)
    check_night(action.town, night, action.ports.now())

    def rule(book: NightBook, now: datetime) -> NightBook:
        return book.with_change(_message(night, now, action.by, texts))

    return action.change(night, rule)


def _message(night: date, now: datetime, by: str, texts: dict[str, str]) -> Change:
    return Change(night, "", now, by, What.MESSAGE, texts["text_en"], texts["text_id"])

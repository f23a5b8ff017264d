"""Publish the departures of a weekly timetable, all of them or none."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Protocol

from tourism.domain.departure import MOST_OF_A_NIGHT, Change, Departure, NightBook, Template, What
from tourism.domain.slotting import CLOSED
from tourism.errors import Message, OutOfRangeError
from tourism.services.departures import Action, check_night, there_already
from tourism.services.town import Town

FIRST_LINE = 2  # after the column names


class Way(Protocol):
    """What names a way: a line of a timetable, or a party's wish."""

    @property
    def pickup(self) -> str: ...
    @property
    def viewpoint(self) -> str: ...
    @property
    def approach(self) -> str: ...


Line = tuple[int, Template]


def publish(action: Action, templates: Sequence[Template]) -> tuple[int, int]:
    """Publish a timetable; returns how many departures, and how many of them got no slot.

    Raises OutOfRangeError naming each line that names something unknown, an impossible date, a vehicle twice, a night
    on which its way is closed, no night at all, or more departures than a night can have.
    """
    now, lines = action.ports.now(), list(enumerate(templates, start=FIRST_LINE))
    for template in templates:
        action.check_own(template.operator)
    issues = dict(_issues(action, lines, now))
    if issues:
        raise OutOfRangeError(issues)
    published, without, closed = 0, 0, []
    of_night = _by_night(lines)
    with action.ports.unit_of_work() as uow:
        books = {night: uow.open_book(night) for night in sorted(of_night)}
        fresh = action.fresh(uow)
        for night, book in books.items():
            new = _departures(book, of_night[night], now)
            log = [Change(night, d.id, now, action.by, What.PUBLISHED, after=f"{d.operator} {d.label}") for d in new]
            _, why = fresh.write(uow, book, book.with_departure(*new).with_change(*log), now)
            closed += [night] * any(why.get(d.id) == CLOSED for d in new)
            published += len(new)
            without += sum(d.id in why for d in new)
        if closed:
            text = "The way of a departure is closed on {nights}. Except these dates, or take another way."
            message = Message("SPANS_CLOSURE", text, nights=", ".join(map(str, closed)))
            raise OutOfRangeError({"first to last": message})
        uow.commit()
    return published, without


def _by_night(lines: Sequence[Line]) -> dict[date, list[Line]]:
    found: dict[date, list[Line]] = {}
    for line in lines:
        for night in line[1].nights():
            found.setdefault(night, []).append(line)
    return found


def _departures(book: NightBook, lines: Sequence[Line], now: datetime) -> list[Departure]:
    """Return a night's new departures; raises OutOfRangeError for a vehicle twice, and for too many."""
    number = sum(t.number for _, t in lines) + book.number
    if number > MOST_OF_A_NIGHT:
        text = "{night}: a night has at most {most} departures, this would make {number}."
        message = Message("TOO_MANY_DEPARTURES", text, night=str(book.night), most=MOST_OF_A_NIGHT, number=number)
        raise OutOfRangeError({"number": message})
    asked = [(n, t, label) for n, t in lines for label in t.labels]
    seen = {(d.operator, d.label) for d in book.here}
    for n, t, label in asked:
        if (t.operator, label) in seen:
            raise OutOfRangeError({f"line {n}, label": there_already(book.night, t.operator, label)})
        seen.add((t.operator, label))
    return [
        Departure(id_, book.night, t.operator, label, t.vehicle, t.seats, t.pickup, t.viewpoint, t.approach, now)
        for id_, (_, t, label) in zip(book.next_ids(len(asked)), asked, strict=True)
    ]


def _issues(action: Action, lines: Sequence[Line], now: datetime) -> Iterator[tuple[str, Message]]:
    if not lines:
        text = "There is no departure in this timetable; are the columns named and separated by commas?"
        yield "file", Message("EMPTY_TIMETABLE", text)
    for n, t in lines:
        yield from ((f"line {n}, {field}", message) for field, message in way_issues(action.town, t))
        for field, day in (("first", t.first), ("last", t.last)):
            yield from ((f"line {n}, {field}", message) for message in _night_issues(action, day, now))
        if next(t.nights(), None) is None:
            text = "None of these days lies between the first and the last date."
            yield f"line {n}, days", Message("NO_NIGHT", text)


def _night_issues(action: Action, day: date, now: datetime) -> Iterator[Message]:
    try:
        check_night(action.town, day, now)
    except OutOfRangeError as error:
        yield from error.issues.values()


def unknown_pickup(pickup: str | None, known: Sequence[str]) -> Message:
    """Say that there is no such pick-up."""
    text = "There is no pick-up {id}. Choose one of: {known}."
    return Message("UNKNOWN_PICKUP", text, id=pickup, known=", ".join(known))


def way_issues(town: Town, asked: Way) -> Iterator[tuple[str, Message]]:
    """Say what is wrong with a pick-up, a viewpoint, and an approach to it."""
    almanac, pickups = town.world.almanac, [pickup.id for pickup in town.pickups]
    if asked.pickup not in pickups:
        yield "pickup", unknown_pickup(asked.pickup, pickups)
    if asked.viewpoint not in almanac.viewpoints:
        text = "There is no viewpoint {id}. Choose one of: {known}."
        known = ", ".join(almanac.viewpoints)
        yield "viewpoint", Message("UNKNOWN_VIEWPOINT", text, id=asked.viewpoint, known=known)
    else:
        approaches = [way.approach for way in almanac.ways(asked.viewpoint)]
        if asked.approach not in approaches:
            text = "No road of {id} leads to this viewpoint. Choose one of: {known}."
            yield "approach", Message("NO_APPROACH", text, id=asked.approach, known=", ".join(approaches))

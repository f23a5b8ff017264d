"""What the command centre watches: gates, seats, holds, closures and what changed last."""

from dataclasses import dataclass
from datetime import datetime, time

from tourism.domain.calendar import at
from tourism.domain.closures import Closure
from tourism.domain.departure import Change, Departure, NightBook, State, What
from tourism.domain.gate_report import GateReport
from tourism.domain.night_grid import MINUTES, hours_of, instant_of
from tourism.domain.slotting import Load, Stranded, loads, stranded
from tourism.errors import Message
from tourism.services.board_documents import REASON_TEXTS, STATE_TEXTS, in_order
from tourism.services.documents import name_of
from tourism.services.language import Language
from tourism.services.seats import seats_taken
from tourism.services.town import Town

LATEST = 8  # lines of the log
SUN_IS_UP = time(5, 45)  # the sun over Bromo rises before all year


@dataclass(frozen=True)
class SeatsTaken:
    """How many people were sent to a venue, of how many seats; None where nobody has counted them."""

    venue: str
    people: int
    seats: int | None


@dataclass(frozen=True)
class Wall:
    """The state of a night at an instant; `held` leave later, in that order, and `waiting` counts their people."""

    loads: dict[str, list[Load]]
    seats: list[SeatsTaken]
    held: list[Departure]
    on_the_road: int
    waiting: int
    changes: list[Change]
    closures: list[Closure]
    stranded: list[Stranded]


def wall_of(town: Town, book: NightBook, now: datetime) -> Wall:
    """Look at a night."""
    almanac = town.world.almanac
    here = in_order(book.here)
    held = [d for d in here if d.leave_at and d.is_ahead(now)]
    return Wall(
        loads=_together(loads(almanac, book), at(book.night, SUN_IS_UP)),
        seats=[SeatsTaken(v, people, town.venue[v].seats) for v, people in seats_taken(book, now).items()],
        held=held,
        on_the_road=sum(d.has_left(now) and d.state is not State.ARRIVED for d in here),
        waiting=sum(book.taken[d.id] for d in held),
        changes=list(reversed(book.changes[-LATEST:])),
        closures=almanac.closures_in(hours_of(book.night)),
        stranded=stranded(almanac, book, now),
    )


def _together(found: dict[str, list[Load]], until: datetime) -> dict[str, list[Load]]:
    """Return the same quarters of each server: from the first to the last, before an instant, that anybody comes in."""
    some = [load.start for quarters in found.values() for load in quarters if load.slotted or load.by_habit >= 1]
    first, last = min(some, default=until), min(max(some, default=until), until)
    return {server: [load for load in quarters if first <= load.start <= last] for server, quarters in found.items()}


def _clock(written: str, words: Language) -> str:
    return words.clock(datetime.fromisoformat(written)) if written else "–"


def move_text(change: Change, words: Language) -> str:
    """Say how a time to leave changed, and why."""
    before, after = _clock(change.before, words), _clock(change.after, words)
    if not change.before:
        return words.text("leaves at {after}", after=after)
    reason = words.say(REASON_TEXTS[change.reason])
    if not change.after:
        return words.text("{before} is taken back; {reason}", before=before, reason=reason)
    return words.text("{before} becomes {after}; {reason}", before=before, after=after, reason=reason)


def change_text(town: Town, change: Change, words: Language) -> str:
    """Put a line of the log into words."""
    number = int(change.departure.rpartition("-")[2] or 0)
    if change.what is What.LEAVE:
        return words.text("No. {number}: {moved}", number=number, moved=move_text(change, words))
    if change.what is What.STATE:
        state = words.say(STATE_TEXTS[State(change.after)])
        why = f" ({change.reason})" if change.reason else ""
        return words.text("No. {number}: {state}", number=number, state=state) + why
    if change.what is What.GATE:
        gate, hours = name_of(town, change.before, words), change.reason.replace(":", words.clock_sign)
        rate = words.decimal(float(change.after)) if float(change.after) else words.text("shut")
        return words.text("{gate}, vehicles a minute, {hours}: {rate}", gate=gate, rate=rate, hours=hours)
    if change.what is What.LATE:
        return words.text("No. {number} is late: not before {time}", number=number, time=_clock(change.after, words))
    if change.what is What.MESSAGE:
        shown = change.after if words.code == "id" else change.before
        return words.text("On the boards: {text}", text=shown or "–")
    said = {"number": number, "count": change.after or change.before, "before": change.before, "after": change.after}
    return words.text(_LOG_TEXTS[change.what].text, **said)


_LOG_TEXTS = {
    What.EDITED: Message("EDITED", "No. {number} was edited: {before} becomes {after}"),
    What.PUBLISHED: Message("PUBLISHED", "No. {number} was published: {count}"),
    What.JOINED: Message("JOINED", "A party of {count} joined no. {number}"),
    What.WITHDREW: Message("WITHDREW", "A party of {count} left no. {number}"),
}


def stranded_text(town: Town, found: Stranded, words: Language) -> str:
    """Say who has no slot, why, and what else there is."""
    number, reason = found.departure.number, words.say(REASON_TEXTS[found.reason])
    if found.offer is None:
        return words.text("No. {number}: {reason}; nothing to offer", number=number, reason=reason)
    text = "No. {number}: {reason}; there is {viewpoint} by {approach}, leaving at {time}"
    viewpoint, leave = name_of(town, found.offer.viewpoint, words), found.offer.times.leave_at
    approach = found.offer.approach.title()
    time = words.clock(leave) if leave else "–"
    return words.text(text, number=number, reason=reason, viewpoint=viewpoint, approach=approach, time=time)


def report_text(town: Town, report: GateReport, words: Language) -> str:
    """Say what was said about a gate."""
    start, end = words.clock(instant_of(report.night, report.start)), words.text("the end of the night")
    if report.end < MINUTES:
        end = words.clock(instant_of(report.night, report.end))
    gate = name_of(town, report.server, words)
    if not report.vehicles_per_min:
        return words.text("{gate} is shut from {start} to {end}", gate=gate, start=start, end=end)
    rate = words.decimal(report.vehicles_per_min)
    text = "{gate}, vehicles a minute from {start} to {end}: {rate}"
    return words.text(text, gate=gate, rate=rate, start=start, end=end)

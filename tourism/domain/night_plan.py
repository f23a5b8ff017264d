"""A night's plan as a value: what was asked, what is answered, and what is open when the answer is no."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import numpy as np

from tourism.domain.calendar import DayProfile
from tourism.domain.closures import Closure
from tourism.domain.corridor import Place
from tourism.domain.itinerary import ItineraryLeg, Party, Start
from tourism.domain.night_grid import MINUTES, instant_of, minute_of, value_at
from tourism.domain.sun import SunTimes
from tourism.domain.tickets import NOT_KNOWN, Tickets
from tourism.domain.travel_time import Floats
from tourism.domain.way_back import Visit
from tourism.errors import Message

ALMOST = 0.999  # where a curve of chances begins and ends


class Aim(StrEnum):
    """The moment to be in place for: nautical dawn, civil dawn, or the sunrise itself."""

    COLOURS = "colours"
    BRIGHT = "bright"
    SUNRISE = "sunrise"


def moments(sun: SunTimes, sunrise: datetime) -> dict[Aim, datetime]:
    """Return the minute of each moment of a morning, dawns rounded down; `sunrise` is to the minute already."""
    found = {Aim.COLOURS: sun.nautical_dawn, Aim.BRIGHT: sun.civil_dawn, Aim.SUNRISE: sunrise}
    return {aim: moment.replace(second=0) for aim, moment in found.items()}


class Status(StrEnum):
    """The kind of answer."""

    OK = "ok"
    CLOSED = "closed"
    IMPOSSIBLE = "impossible"


class Reason(StrEnum):
    """Why there is no plan.

    SITE_CLOSED: the viewpoint itself may not be used. NO_APPROACH_OPEN: the viewpoint may, but every way to it (or the
    one asked for) leads through something closed. NO_APPROACH: no road of that approach leads there.
    CANNOT_ARRIVE_IN_TIME: no minute to leave has the wanted chance. NOT_STEP_FREE: there are steps, and the party has
    a wheelchair.
    """

    SITE_CLOSED = "SITE_CLOSED"
    NO_APPROACH_OPEN = "NO_APPROACH_OPEN"
    NO_APPROACH = "NO_APPROACH"
    CANNOT_ARRIVE_IN_TIME = "CANNOT_ARRIVE_IN_TIME"
    NOT_STEP_FREE = "NOT_STEP_FREE"


@dataclass(frozen=True)
class Question:
    """What a traveller asks."""

    night: date
    viewpoint: str
    party: Party = Party()  # noqa: RUF009 - frozen
    approach: str | None = None
    aim: Aim = Aim.COLOURS


@dataclass(frozen=True)
class Option:
    """A way that is open: to which viewpoint, by which approach, and the latest minute to leave."""

    viewpoint: Place
    approach: str
    leave_at: datetime
    cautions: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Alternatives:
    """What is really open besides: other approaches always, the rest when the answer is no."""

    approaches: tuple[Option, ...] = ()
    viewpoints: tuple[Option, ...] = ()
    open_before: date | None = None
    open_after: date | None = None
    destinations: tuple[Visit, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The answer to a question; `leave_at` and `legs` are only there when the status is ok.

    `curve` is the chance of being in place in time by minute to leave, shape (MINUTES,), of the way that was chosen,
    or of the best one when no minute is good enough; None where every way is closed or the party can't go there.
    `cautions` are reasons why it may be a no after all.
    """

    question: Question
    status: Status
    viewpoint: Place
    sun: SunTimes
    sunrise: datetime
    in_place_by: datetime
    profile: DayProfile
    start: Start
    approach: str | None = None
    leave_at: datetime | None = None
    curve: Floats | None = None
    legs: tuple[ItineraryLeg, ...] = ()
    tickets: Tickets = NOT_KNOWN
    reason: Message | None = None
    closures: tuple[Closure, ...] = ()
    cautions: tuple[Message, ...] = ()
    warnings: tuple[Message, ...] = ()
    advice: tuple[Message, ...] = ()
    way_back: tuple[Visit, ...] = ()
    alternatives: Alternatives = Alternatives()

    def chance_at(self, leave: datetime) -> float:
        """Return the chance of being in place in time when leaving at an instant; 0 outside the night."""
        return 0.0 if self.curve is None else value_at(self.curve, minute_of(self.question.night, leave))

    def points(self) -> list[tuple[datetime, float]]:
        """Return every fifth minute of the curve, from where it leaves 100% to where it reaches 0%."""
        if self.curve is None:
            return []
        between = np.flatnonzero((self.curve < ALMOST) & (self.curve > 1 - ALMOST))
        minutes = range(between[0] // 5 * 5, min(between[-1] + 5, MINUTES), 5) if len(between) else ()
        return [(instant_of(self.question.night, minute), float(self.curve[minute])) for minute in minutes]

    @property
    def nearest_open(self) -> date | None:
        """Return the nearer of the open dates before and after."""
        before, after = self.alternatives.open_before, self.alternatives.open_after
        near = [day for day in (after, before) if day]
        return min(near, key=lambda day: abs(day - self.question.night), default=None)


@dataclass(frozen=True)
class Chance:
    """What leaving at an instant is worth for one viewpoint; without a way, why."""

    viewpoint: Place
    in_place_by: datetime
    chance: float = 0.0
    approach: str | None = None
    usually_there: datetime | None = None
    cautions: tuple[Message, ...] = ()
    reason: Message | None = None


class Outlook(StrEnum):
    """What a plan is worth at a moment."""

    AHEAD = "ahead"
    LATE = "late"
    PAST = "past"
    CLOSED = "closed"
    IMPOSSIBLE = "impossible"


def outlook(plan: Plan, now: datetime) -> Outlook:
    """Tell whether a plan can still be followed."""
    if plan.sunrise <= now:
        return Outlook.PAST
    if plan.leave_at is None:
        return Outlook(plan.status.value)
    return Outlook.AHEAD if now < plan.leave_at else Outlook.LATE

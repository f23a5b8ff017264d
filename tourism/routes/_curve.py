"""The chance of being in place in time, against the minute to leave, as coordinates of a drawing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tourism.domain.calendar import WIB
from tourism.domain.night_plan import Plan

WIDTH, HEIGHT = 400, 170
HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True)
class Mark:
    """A moment on the curve."""

    x: float
    y: float
    at: datetime
    chance: float


@dataclass(frozen=True)
class Curve:
    """A path in a box of WIDTH x HEIGHT, moments on it, and where the hours stand on the axis."""

    path: str
    leave: Mark | None
    habit: Mark
    hours: tuple[tuple[float, datetime], ...]
    rows: tuple[tuple[datetime, float], ...]


def curve_of(plan: Plan, habit: datetime) -> Curve | None:
    """Draw the curve of a plan from half an hour before it falls to half an hour after; the habit is always on it."""
    points = plan.points()
    if not points:
        return None
    first = min(points[0][0], habit) - HALF_HOUR
    last = max(points[-1][0], habit) + HALF_HOUR
    span = last - first

    def mark(instant: datetime) -> Mark:
        chance = plan.chance_at(instant)
        return Mark(round((instant - first) / span * WIDTH, 1), round((1 - chance) * HEIGHT, 1), instant, chance)

    corners = [mark(instant) for instant in (first, *(leave for leave, _ in points), last)]
    path = "M" + " L".join(f"{corner.x} {corner.y}" for corner in corners)
    rows = tuple((leave, chance) for leave, chance in points if leave.minute % 15 == 0)
    hours = tuple((mark(hour).x, hour) for hour in _hours(first, last))
    return Curve(path, mark(plan.leave_at) if plan.leave_at else None, mark(habit), hours, rows)


def _hours(first: datetime, last: datetime) -> Iterator[datetime]:
    hour = first.astimezone(WIB).replace(minute=0) + timedelta(hours=1)
    while hour < last:
        yield hour
        hour += timedelta(hours=1)

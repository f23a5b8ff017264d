"""The minutes of a night as indices of arrays: minute 0 is 18:00 in WIB on the evening before the sunrise."""

from datetime import date, datetime, time, timedelta

import numpy as np

from tourism.domain.calendar import EVENING, Window, at
from tourism.domain.travel_time import Floats

GRID_START = time(18)
MINUTES = 13 * 60 + 1  # to 07:00; the sun over Bromo rises before 05:50 all year


def minute_of(night: date, instant: datetime) -> float:
    """Return where an instant stands in a night, in minutes."""
    return (instant - at(night, GRID_START)) / timedelta(minutes=1)


def instant_of(night: date, minute: float) -> datetime:
    """Undo `minute_of`, to the minute."""
    return at(night, GRID_START) + timedelta(minutes=round(minute))


def clock_minute(clock: time) -> int:
    """Return where a clock time in WIB stands in any night."""
    minutes = clock.hour * 60 + clock.minute - GRID_START.hour * 60
    return minutes if clock.hour >= 12 else minutes + 24 * 60


def in_place_by(minute: float) -> Floats:
    """Return the chance of being in place in time by minute of arrival, shape (MINUTES,): 1 before, 0 after.

    The step stands between grid points, so at its own minute half of it is taken (see `travel_time`).
    """
    return np.clip(minute + 0.5 - np.arange(MINUTES), 0.0, 1.0)


QUARTER_MIN = 15
EVENING_MIN = clock_minute(EVENING)  # from when on loads and seats are told


def value_at(curve: Floats, minute: float) -> float:
    """Return a curve's value between two minutes; 0 outside the night."""
    return float(np.interp(minute, np.arange(MINUTES), curve, left=0.0, right=0.0))


def hours_of(night: date) -> Window:
    """Return the whole grid of a night as a window."""
    return Window(instant_of(night, 0), instant_of(night, MINUTES))

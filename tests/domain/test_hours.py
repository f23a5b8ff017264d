from datetime import date, time

import pytest

from tourism.domain.calendar import Window, at
from tourism.domain.hours import Opening, over, parse
from tourism.errors import HoursError

NIGHT = date(2026, 11, 25)  # the night that begins on Tuesday the 24th


def window(start: str, end: str) -> Window:
    return Window(at(NIGHT, time.fromisoformat(start)), at(NIGHT, time.fromisoformat(end)))


@pytest.mark.parametrize(
    ("text", "opening", "until", "opens"),
    [
        ("24/7", Opening.OPEN, None, None),
        ("Mo-Su 16:00-08:00", Opening.OPEN, None, None),
        ("Mo-Su 07:00-23:00", Opening.CLOSES, "23:00", None),
        ("Mo-Su 09:00-24:00", Opening.CLOSES, "00:00", None),
        ("Mo-Su 08:00-22:00", Opening.CLOSED, None, None),
        ("Mo-Su 23:00-04:00", Opening.CLOSED, None, "23:00"),
        ("Mo-Su 00:00-06:00", Opening.CLOSED, None, "00:00"),
        ("We 00:00-24:00", Opening.CLOSED, None, "00:00"),
        ("24/7 unknown", Opening.UNKNOWN, None, None),
        ("", Opening.UNKNOWN, None, None),
        ("24 jam", Opening.UNKNOWN, None, None),
    ],
)
def test_hours_answer_for_the_whole_window(text: str, opening: Opening, until: str | None, opens: str | None) -> None:
    answer = over(text, window("22:00", "00:34"))
    assert answer.opening is opening
    assert answer.until == (at(NIGHT, time.fromisoformat(until)) if until else None)
    assert answer.opens == (at(NIGHT, time.fromisoformat(opens)) if opens else None)


def test_a_venue_that_opens_the_minute_the_window_ends_is_closed() -> None:
    assert over("Mo-Su 23:00-04:00", window("22:00", "23:00")).opening is Opening.CLOSED
    assert over("Mo-Su 07:00-23:00", window("22:00", "23:00")).opening is Opening.OPEN


@pytest.mark.parametrize("text", ["24 jam", "🕛🕛", "Mo-Su 25:99-", "x" * 10_000, "(" * 200])
def test_unreadable_hours_are_refused_with_what_was_written(text: str) -> None:
    with pytest.raises(HoursError, match="not understood"):
        parse(text)

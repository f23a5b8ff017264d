import random
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import pytest

from tourism.domain.calendar import Calendar, DayType, SpecialDates, SpecialKind, Window, at
from tourism.domain.hours import UNKNOWN, Opening, TemporaryHours, deciding_rule, over, parse
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
        parse(text, 2026)


def answer(text: str, start: str, end: str) -> str:
    """Return the answer between two instants of December 2026, such as "25T22:00"."""
    found = over(text, Window(*(datetime.fromisoformat(f"2026-12-{t}+07:00") for t in (start, end))))
    return f"{found.opening} {found.until:%d %H:%M}" if found.until else found.opening.value


@pytest.mark.parametrize(
    ("text", "start", "end", "expected"),
    [
        # Friday 25 December is a holiday: the evening never begins, so Saturday has no small hours of it.
        ("Fr-Sa 18:00-03:00; PH off", "26T01:00", "26T02:00", "closed"),
        ("Fr-Sa 18:00-03:00; PH off", "27T01:00", "27T02:00", "open"),
        ("Fr-Sa 18:00-03:00", "26T01:00", "26T02:00", "open"),
        ("Mo-Su,PH 18:00-03:00; PH off", "26T01:00", "26T02:00", "closed"),
        # The rule for the weekend does not shut Friday night at midnight.
        ("Mo-Fr 18:00-03:00; Sa-Su 10:00-22:00", "18T22:00", "19T02:00", "open"),
        ("Mo-Fr 18:00-03:00; Sa-Su 10:00-22:00", "18T22:00", "19T04:00", "closes 19 03:00"),
        ("Mo-Fr 18:00-03:00; Sa-Su 10:00-22:00", "19T22:00", "20T02:00", "closed"),
        ("Mo-Fr 18:00-03:00; Sa off", "18T22:00", "19T02:00", "open"),
        ("Mo-Fr 18:00-27:00", "18T22:00", "19T02:30", "open"),
        # An open end is certain until its minute and unknown after it.
        ("Mo-Su 16:00-22:00+", "18T20:00", "18T22:00", "open"),
        ("Mo-Su 16:00-22:00+", "18T20:00", "18T22:01", "unknown"),
        ("22:00+", "18T21:00", "18T22:00", "closed"),
        ("22:00+", "19T01:00", "19T02:00", "unknown"),
        ("22:00+", "19T07:00", "19T08:00", "closed"),
        # The government's own holidays count, not only those the library knows: 24 December is a leave day.
        ("Mo-Su 10:00-22:00; PH off", "24T11:00", "24T12:00", "closed"),
        ("Mo-Fr 10:00-22:00; PH 12:00-20:00", "25T11:00", "25T13:00", "closed"),
        ("Mo-Fr 10:00-22:00; Sa,PH 12:00-20:00", "25T13:00", "25T19:00", "open"),
        ("Mo-Su sunset-(dawn-01:05)", "18T19:00", "19T02:00", "open"),
        ("Mo-Su sunset-(dawn-01:05)", "19T03:00", "19T04:30", "closes 19 03:40"),
        ("24/7; PH off", "25T10:00", "25T11:00", "closed"),
        ('Mo-Su 18:00-03:00 "with reservation"', "18T22:00", "19T02:00", "open"),
    ],
)
def test_the_small_hours_belong_to_the_evening_that_began_them(text: str, start: str, end: str, expected: str) -> None:
    assert answer(text, start, end) == expected


# A slow model: rules decide day by day, minutes are looked up one by one. ------------------------------------------

DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]


@dataclass(frozen=True)
class Rule:
    days: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]  # minutes; an end below its start is on the next day; none means off
    adds: bool

    def __str__(self) -> str:
        spans = ",".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in self.spans)
        return f"{','.join(DAYS[d] for d in self.days)} {spans or 'off'}"


def minutes_of(rules: list[Rule], day: date) -> set[int]:
    """Return the minutes that a day's own rules open, counted from its midnight and running past the next."""
    found: set[int] = set()
    for rule in rules:
        if day.weekday() in rule.days:
            own = {m for a, b in rule.spans for m in range(a, b if b > a else b + 1440)}
            found = found | own if rule.adds and rule.spans else own
    return found


def model(rules: list[Rule], window: Window) -> list[bool]:
    """Tell for every minute of a window whether it is open."""
    by_day: dict[date, set[int]] = {}

    def opened(day: date, minute: int) -> bool:
        if day not in by_day:
            by_day[day] = minutes_of(rules, day)
        return minute in by_day[day]

    length = int((window.end - window.start).total_seconds() / 60)
    instants = [window.start + timedelta(minutes=n) for n in range(length)]
    return [
        opened(t.date(), t.hour * 60 + t.minute) or opened(t.date() - timedelta(days=1), t.hour * 60 + t.minute + 1440)
        for t in instants
    ]


def random_rules(chance: random.Random) -> list[Rule]:
    rules = []
    for n in range(chance.randint(1, 4)):
        days = tuple(sorted(chance.sample(range(7), chance.randint(1, 7))))
        times = [chance.randrange(0, 1440, 15) for _ in range(4)]
        spans = tuple((a, b) for a, b in [times[:2], times[2:]][: chance.randint(0, 2)] if a != b)
        rules.append(Rule(days, spans, adds=n > 0 and bool(spans) and chance.random() < 0.3))
    return rules


def test_ten_thousand_random_expressions_agree_with_the_slow_model() -> None:
    chance = random.Random(2026)
    kinds = set()
    for _ in range(10_000):
        rules = random_rules(chance)
        text = str(rules[0]) + "".join(f"{', ' if r.adds else '; '}{r}" for r in rules[1:])
        start = at(NIGHT, time(12)) + timedelta(minutes=chance.randrange(0, 10_080))
        window = Window(start, start + timedelta(minutes=chance.randint(1, 300)))
        minutes = model(rules, window)
        found = over(text, window)
        if all(minutes):
            expected = Opening.OPEN
        elif minutes[0]:
            expected = Opening.CLOSES
            assert found.until == start + timedelta(minutes=minutes.index(False)), text
        else:
            expected = Opening.CLOSED
            opens = start + timedelta(minutes=minutes.index(True)) if any(minutes) else None
            assert found.opens == opens, text
        assert found.opening is expected, (text, window)
        kinds.add(expected)
    assert len(kinds) == 3


# What decides, what ends by itself, and what a decree changes. -----------------------------------------------------


@pytest.mark.parametrize(
    ("text", "start", "end", "rule"),
    [
        ("Mo-Fr 18:00-03:00; Sa-Su 10:00-22:00", "18T22:00", "19T02:00", "Mo-Fr 18:00-03:00"),
        ("Mo-Fr 18:00-03:00; Sa-Su 10:00-22:00", "19T22:00", "20T02:00", "Sa-Su 10:00-22:00"),
        ("Mo-Su 18:00-03:00; PH off", "25T20:00", "26T02:00", "PH off"),
        ("Mo-Su 18:00-03:00; PH off", "26T01:00", "26T02:00", "PH off"),
        ("Mo-Su 18:00-03:00; Fr 20:00-23:00", "18T20:00", "19T01:00", "Fr 20:00-23:00"),
        ("Mo-Fr 10:00-22:00", "19T20:00", "19T22:00", ""),
        ("Mo-Su 16:00-22:00+", "18T20:00", "18T23:00", "Mo-Su 16:00-22:00+"),
        ("24/7", "18T20:00", "18T23:00", "24/7"),
        ('Mo-Su 18:00-03:00 "by phone"', "18T20:00", "18T23:00", 'Mo-Su 18:00-03:00 "by phone"'),
        ("", "18T20:00", "18T23:00", ""),
    ],
)
def test_an_answer_names_the_rule_that_decided(text: str, start: str, end: str, rule: str) -> None:
    window = Window(*(datetime.fromisoformat(f"2026-12-{t}+07:00") for t in (start, end)))
    assert deciding_rule(text, window) == rule


def test_the_share_is_the_part_of_the_window_before_it_closes() -> None:
    assert over("Mo-Su 10:00-23:00", window("22:00", "02:00")).share == 0.25
    assert over("24/7", window("22:00", "02:00")).share == 1.0
    assert over("Mo-Su 23:00-04:00", window("22:00", "02:00")).share == 0.0


def test_a_decree_adds_a_holiday_and_takes_one_away() -> None:
    day = date(2026, 12, 18)  # a Friday
    evening = Window(*(datetime.fromisoformat(f"2026-12-18T{t}:00+07:00") for t in ("19:00", "21:00")))
    added = Calendar((SpecialDates(day, day, SpecialKind.PUBLIC, "election", "H", "decree"),))
    assert over("Mo-Su 10:00-22:00; PH off", evening).opening is Opening.OPEN
    assert over("Mo-Su 10:00-22:00; PH off", evening, added).opening is Opening.CLOSED
    christmas = date(2026, 12, 25)
    moved = Calendar((SpecialDates(christmas, christmas, SpecialKind.WORKING, "made up", "L", "made up"),))
    noon = Window(*(datetime.fromisoformat(f"2026-12-25T{t}:00+07:00") for t in ("12:00", "13:00")))
    assert over("Mo-Su 10:00-22:00; PH off", noon).opening is Opening.CLOSED
    assert over("Mo-Su 10:00-22:00; PH off", noon, moved).opening is Opening.OPEN
    assert added.day_type(day) is DayType.HOLIDAY
    assert moved.day_type(christmas) is DayType.WEEKDAY


def test_school_holidays_are_known_from_the_table_alone() -> None:
    text = "Mo-Su 16:00-22:00; SH 10:00-02:00"
    late = Window(*(datetime.fromisoformat(f"2026-12-{t}:00+07:00") for t in ("22T23:00", "23T01:00")))
    table = Calendar((SpecialDates(date(2026, 12, 21), date(2026, 12, 22), SpecialKind.SCHOOL, "x", "L", "x"),))
    assert over(text, late).opening is Opening.CLOSED
    assert over(text, late, table).opening is Opening.OPEN
    assert deciding_rule(text, late, table) == "SH 10:00-02:00"
    next_night = Window(late.start + timedelta(days=1), late.end + timedelta(days=1))
    assert over(text, next_night, table).opening is Opening.CLOSED
    assert over("PH,SH off; Mo-Fr 10:00-12:00", late, table).opening is Opening.CLOSED


RAMADAN = TemporaryHours("v", date(2026, 12, 10), date(2026, 12, 12), "Mo-Su 17:00-03:00", "Ramadan", "office")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("09T22:00", "10T02:00", "closed"),  # the evening before it begins
        ("10T22:00", "11T02:00", "open"),
        ("12T22:00", "13T02:00", "open"),  # its last evening has its small hours
        ("13T01:00", "13T04:00", "closes 13 03:00"),
        ("13T22:00", "14T02:00", "closed"),  # ended by itself
        ("12T10:00", "12T12:00", "closed"),  # the usual rule does not shine through
    ],
)
def test_temporary_hours_begin_and_end_by_themselves(start: str, end: str, expected: str) -> None:
    window = Window(*(datetime.fromisoformat(f"2026-12-{t}+07:00") for t in (start, end)))
    found = over("Mo-Su 09:00-21:00", window, temporary=[RAMADAN])
    said = f"{found.opening} {found.until:%d %H:%M}" if found.until else found.opening.value
    assert said == expected


def test_outside_temporary_hours_a_venue_without_hours_stays_unknown() -> None:
    inside = Window(*(datetime.fromisoformat(f"2026-12-{t}+07:00") for t in ("10T22:00", "11T02:00")))
    after = Window(*(datetime.fromisoformat(f"2026-12-{t}+07:00") for t in ("20T22:00", "21T02:00")))
    assert over("", inside, temporary=[RAMADAN]).opening is Opening.OPEN
    assert over("", after, temporary=[RAMADAN]) == UNKNOWN
    assert deciding_rule("", after, temporary=[RAMADAN]) == ""
    assert deciding_rule("", inside, temporary=[RAMADAN]) == "Mo-Su 17:00-03:00"


@pytest.mark.parametrize("text", ["((((((((((", "Mo-Su " + "10:00-11:00," * 19, "🕛", "; ; ;", '"' * 99, "off " * 60])
def test_absurd_hours_are_unknown_or_refused_and_never_an_error(text: str) -> None:
    assert over(text, window("22:00", "23:00")).opening in set(Opening)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("09T23:00", "10T01:30", "open"),  # the evening before has its small hours, also round the clock
        ("10T00:30", "10T01:30", "open"),
        ("10T22:00", "10T23:00", "closed"),
        ("13T00:30", "13T01:30", "closed"),  # the last evening too
        ("13T08:00", "13T09:00", "open"),
    ],
)
def test_a_venue_open_round_the_clock_closes_by_evenings_too(start: str, end: str, expected: str) -> None:
    window = Window(*(datetime.fromisoformat(f"2026-12-{t}+07:00") for t in (start, end)))
    off = replace(RAMADAN, opening_hours="off")
    assert over("24/7", window, temporary=[off]).opening == expected
    assert deciding_rule("24/7", window, temporary=[off]) == ("24/7" if expected == "open" else "off")


@pytest.mark.parametrize(
    ("text", "start", "end", "expected"),
    [
        # A comment changes nothing about the nights before holidays.
        ('Mo-Su 18:00-02:00; PH off "libur"', "25T20:00", "25T21:00", "closed"),
        ('Mo-Su 18:00-02:00; PH off "libur"', "26T00:30", "26T01:00", "closed"),
        # Weekdays among holidays are unknown, not guessed.
        ("Mo-Su 18:00-02:00; PH Mo-Fr off", "22T20:00", "22T21:00", "unknown"),
        # A comma among dates does not cut the rule.
        ("Mo-Su 10:00-23:00; Dec 23, Dec 24 off", "23T12:00", "23T13:00", "closed"),
        ("Mo-Su 10:00-23:00; Dec 23, Dec 24 off", "22T12:00", "22T13:00", "open"),
        # Closed at first is closed, whatever is unknown later.
        ("Mo-Su 10:00-20:00, Mo-Su 04:00-06:00 unknown", "22T22:00", "23T05:00", "closed"),
        ("Mo-Su 10:00-20:00, Mo-Su 22:00-23:00 unknown", "22T19:00", "22T23:00", "closes 22 20:00"),
    ],
)
def test_odd_expressions_are_answered_rightly_or_unknown(text: str, start: str, end: str, expected: str) -> None:
    assert answer(text, start, end) == expected

"""Departures, timetables and the book, by hand."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.worlds import clock
from tourism.domain.departure import Change, Departure, NightBook, Party, State, Template, Vehicle, What
from tourism.domain.gate_report import GateReport

NIGHT = date(2026, 6, 10)
NOW = clock("21:30", date(2026, 6, 9))
JEEP = Departure("260610-001", NIGHT, "Jeeps", "J1", Vehicle.JEEP, 6, "tugu", "ridge", "north", NOW)


def template(**changed: object) -> Template:
    """Return a line of a timetable for June 2026, with some of it changed."""
    usual: dict[str, object] = {
        "operator": "Jeeps", "label": "J", "vehicle": Vehicle.JEEP, "seats": 6, "pickup": "tugu",
        "viewpoint": "ridge", "approach": "north", "first": date(2026, 6, 1), "last": date(2026, 6, 14),
    }  # fmt: skip
    return Template(**usual | changed)  # type: ignore[arg-type]


def test_states_go_forwards_or_back_to_the_plan() -> None:
    """People say what happens in order, may skip steps, and take back a mistake; slots alone make it slotted."""
    assert State.SLOTTED.may_become(State.BOARDING)
    assert State.PLANNED.may_become(State.LEFT)
    assert State.LEFT.may_become(State.ARRIVED)
    assert State.CANCELLED.may_become(State.PLANNED)
    assert State.LEFT.may_become(State.PLANNED)
    assert not State.BOARDING.may_become(State.BOARDING)
    assert not State.LEFT.may_become(State.BOARDING)
    assert not State.LEFT.may_become(State.CANCELLED)
    assert not State.ARRIVED.may_become(State.CANCELLED)
    assert not State.CANCELLED.may_become(State.LEFT)
    assert not State.SLOTTED.may_become(State.PLANNED)
    assert not any(state.may_become(State.SLOTTED) for state in State)


def test_the_last_word_about_a_gate_counts() -> None:
    """What was said again for all of its minutes is not told any more."""
    first = GateReport(NIGHT, "gate", 400, 500, 1.0, NOW, "x")
    part, whole = replace(first, start=450), replace(first, start=300, end=600)
    assert NightBook(NIGHT, reports=(first, part)).reports_in_force == (first, part)
    assert NightBook(NIGHT, reports=(first, part, whole)).reports_in_force == (whole,)
    assert NightBook(NIGHT, reports=(first, replace(whole, server="other"))).reports_in_force[0] == first


def test_who_is_on_the_road() -> None:
    """A departure whose time has come is taken for gone, unless it is said to be late."""
    leaves = replace(JEEP, state=State.SLOTTED, leave_at=NOW)
    assert leaves.has_left(NOW)
    assert not leaves.has_left(NOW - timedelta(minutes=1))
    late = replace(leaves, ready_at=NOW + timedelta(minutes=20))
    assert not late.has_left(NOW)
    assert not late.has_left(NOW + timedelta(minutes=30)), "it has no time yet at which it can leave"
    assert replace(late, leave_at=late.ready_at).has_left(NOW + timedelta(minutes=20))
    assert not replace(leaves, state=State.CANCELLED).has_left(NOW)
    assert replace(JEEP, state=State.LEFT).has_left(NOW)
    assert not JEEP.has_left(NOW)


def test_a_timetable_names_its_nights() -> None:
    """Saturdays and Sundays of the sunrise, without an excepted date; no days are all days."""
    found = template(days="Sa;Su", excepted="2026-06-07", number=2)
    assert list(found.nights()) == [date(2026, 6, 6), date(2026, 6, 13), date(2026, 6, 14)]
    assert found.labels == ["J 1", "J 2"]
    assert len(list(template().nights())) == 14
    assert template().labels == ["J"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"seats": 0}, "1 to 60 seats"),
        ({"seats": 61}, "1 to 60 seats"),
        ({"number": 20_000}, "1 to 2500 vehicles"),
        ({"number": 0}, "1 to 2500 vehicles"),
        ({"last": date(2026, 5, 1)}, "before the first"),
        ({"days": "Sat"}, "Mo;Tu;We"),
        ({"excepted": "9 December"}, "2026-12-05"),
        ({"operator": ""}, "names its operator"),
        ({"operator": " "}, "names its operator"),
        ({"label": ""}, "label"),
        ({"label": "J\x00"}, "label"),
        ({"label": "\u202eJ"}, "label"),
        ({"label": "J" * 81}, "80 signs"),
    ],
)
def test_lines_that_no_timetable_has(changed: dict[str, object], said: str) -> None:
    """Each is refused with what to write."""
    with pytest.raises(ValueError, match=said):
        template(**changed)


def test_the_book_counts_seats_and_numbers() -> None:
    """Seats taken are those of the parties; ids go on from the last one, also after a cancellation."""
    parties = tuple(Party(NIGHT, code, JEEP.id, size, NOW) for code, size in (("AAAAAAA", 4), ("BBBBBBB", 1)))
    book = NightBook(NIGHT, (JEEP, replace(JEEP, id="260610-007", state=State.CANCELLED)), parties)
    assert book.seats_left(JEEP) == 1
    assert book.next_ids(2) == ["260610-008", "260610-009"]
    assert book.find_party("bbbbbbb") == parties[1]
    assert book.find_party("CCCCCCC") is None
    assert NightBook(NIGHT).next_ids(1) == ["260610-001"]
    gone = book.with_change(Change(NIGHT, "260610-011", NOW, "x", What.JOINED)).without(JEEP)
    assert gone.next_ids(1) == ["260610-012"], "a number is never given twice"
    assert book.number == 1

"""What the office, operators and parties do, on a database of their own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from tests.conftest import EVENING, Clock
from tourism.app import make_ports
from tourism.config import Settings
from tourism.domain.calendar import WIB
from tourism.domain.departure import Departure, State, Template, Vehicle, What
from tourism.errors import NotFoundError, OutOfRangeError, TooManyError
from tourism.services.departures import Action, GateWord, say_rate, set_late, set_state, slot_again
from tourism.services.plans import PlanRequest, make_plan
from tourism.services.ports import Ports
from tourism.services.reviews import set_occupancy
from tourism.services.seats import SENT_AT_MOST, seats_taken
from tourism.services.timetable import publish
from tourism.services.town import Town
from tourism.services.turns import PARTIES_A_NIGHT, JoinRequest, get_turn, join, withdraw

NIGHT = date(2026, 11, 28)
LINE = Template(
    "Jeeps", "J", Vehicle.JEEP, 6, "alun-alun-merdeka", "penanjakan-1", "tumpang", NIGHT, NIGHT
)  # fmt: skip
OWN = JoinRequest(NIGHT, 4, None, Vehicle.CAR, "penanjakan-1", "tumpang", "alun-alun-merdeka")


@pytest.fixture
def ports(fresh: Settings, at: Clock) -> Ports:
    """Return ports on a database that a test may write to."""
    return replace(make_ports(fresh), now=at)


@pytest.fixture
def office(ports: Ports) -> Action:
    """Return what the office acts with."""
    return Action(ports, Town(ports.reader.read()), "office")


def published(office: Action, *lines: Template) -> tuple[Departure, ...]:
    """Publish and return the night's departures."""
    publish(office, lines or (LINE,))
    return office.ports.reader.book(NIGHT).departures


def test_a_timetable_is_published_with_slots_and_logged(office: Action) -> None:
    """Every vehicle of every night gets its slot at once; the log names who published it."""
    weekly = replace(LINE, first=NIGHT, last=NIGHT + timedelta(days=14), days="Sa;Su", number=3)
    assert publish(office, [weekly]) == (3 * 5, 0)
    book = office.ports.reader.book(NIGHT)
    assert [d.label for d in book.departures] == ["J 1", "J 2", "J 3"]
    assert {d.state for d in book.departures} == {State.SLOTTED}
    log = [(c.what, c.by) for c in book.changes if c.departure == "261128-001"]
    assert log == [(What.PUBLISHED, "office"), (What.LEAVE, "office")]
    assert len(office.ports.reader.book(NIGHT + timedelta(days=1)).departures) == 3


@pytest.mark.parametrize(
    ("lines", "field", "code"),
    [
        ([replace(LINE, pickup="nowhere")], "line 2, pickup", "UNKNOWN_PICKUP"),
        ([LINE, replace(LINE, viewpoint="everest")], "line 3, viewpoint", "UNKNOWN_VIEWPOINT"),
        ([replace(LINE, approach="sea")], "line 2, approach", "NO_APPROACH"),
        ([replace(LINE, first=date(2026, 11, 20))], "line 2, first", "NIGHT_OVER"),
        ([replace(LINE, last=date(2040, 1, 1))], "line 2, last", "DATE_OUT_OF_RANGE"),
        ([LINE, LINE], "line 3, label", "DUPLICATE_VEHICLE"),
        ([], "file", "EMPTY_TIMETABLE"),
        ([replace(LINE, days="Mo")], "line 2, days", "NO_NIGHT"),
        ([replace(LINE, number=2000), replace(LINE, label="K", number=501)], "number", "TOO_MANY_DEPARTURES"),
        ([replace(LINE, last=date(2026, 12, 20))], "first to last", "SPANS_CLOSURE"),
    ],
)
def test_a_timetable_that_cannot_be_is_refused_whole(
    office: Action, lines: list[Template], field: str, code: str
) -> None:
    """A typed answer for the line, and nothing of it is written."""
    with pytest.raises(OutOfRangeError) as refused:
        publish(office, lines)
    assert refused.value.issues[field].code == code
    assert office.ports.reader.book(NIGHT).departures == ()
    assert office.ports.reader.books_version() == 0


def test_a_closure_names_its_nights_and_excepting_them_helps(office: Action) -> None:
    """Wulan Kapitu closes 9 December 2026."""
    spanning = replace(LINE, first=date(2026, 12, 8), last=date(2026, 12, 10))
    with pytest.raises(OutOfRangeError, match="closed on 2026-12-09"):
        publish(office, [spanning])
    assert publish(office, [replace(spanning, excepted="2026-12-09")]) == (2, 0)


def test_publishing_the_same_vehicle_again_is_refused(office: Action) -> None:
    """A vehicle is once in a night, unless it was cancelled."""
    first = published(office)[0]
    with pytest.raises(OutOfRangeError, match="there already"):
        publish(office, [LINE])
    set_state(office, first.id, State.CANCELLED)
    assert publish(office, [LINE]) == (1, 0)


def test_a_party_joins_and_waits_where_there_is_room(office: Action) -> None:
    """It is known by size and code alone; it has a waiting spot that is open until it boards."""
    departure = published(office)[0]
    code = join(office, JoinRequest(NIGHT, 4, departure=departure.id), "10.0.0.1")
    turn = get_turn(office.ports, office.town, NIGHT, code.lower())
    assert (turn.departure.id, turn.party.size, turn.why) == (departure.id, 4, None)
    assert turn.book.seats_left(turn.departure) == 2
    assert turn.party.spot in office.town.venue
    assert not any("10.0" in line.by for line in turn.book.changes)
    with pytest.raises(OutOfRangeError, match="2 seats left"):
        join(office, JoinRequest(NIGHT, 3, departure=departure.id), "10.0.0.2")
    assert join(office, JoinRequest(NIGHT, 2, departure=departure.id), "10.0.0.2")


@pytest.mark.parametrize(
    ("asked", "field", "code"),
    [
        (replace(OWN, size=0), "party", "PARTY_OUT_OF_RANGE"),
        (replace(OWN, size=9), "party", "VEHICLE_TOO_SMALL"),
        (replace(OWN, size=3, vehicle=Vehicle.MOTORCYCLES), "party", "VEHICLE_TOO_SMALL"),
        (replace(OWN, vehicle=Vehicle.MINIBUS), "vehicle", "NOT_OWN_VEHICLE"),
        (replace(OWN, viewpoint="everest"), "viewpoint", "UNKNOWN_VIEWPOINT"),
        (replace(OWN, approach="sea"), "approach", "NO_APPROACH"),
        (replace(OWN, pickup="nowhere"), "pickup", "UNKNOWN_PICKUP"),
        (replace(OWN, night=date(2026, 12, 9)), "approach", "WAY_CLOSED"),
        (replace(OWN, night=date(2026, 11, 24)), "date", "NIGHT_OVER"),
        (replace(OWN, night=date(2040, 1, 1)), "date", "DATE_OUT_OF_RANGE"),
        (JoinRequest(NIGHT, 2, departure="261128-999"), "departure", "UNKNOWN_DEPARTURE"),
    ],
)
def test_a_party_that_cannot_join(office: Action, asked: JoinRequest, field: str, code: str) -> None:
    """A typed answer, and nothing is written."""
    with pytest.raises(OutOfRangeError) as refused:
        join(office, asked, "10.0.0.1")
    assert refused.value.issues[field].code == code
    assert office.ports.reader.book(asked.night).departures == ()


def test_an_own_vehicle_takes_a_slot_and_withdrawing_gives_it_back(office: Action) -> None:
    """Its seats are its party's; withdrawn, it is gone, the code is no more, and its number is not given again."""
    code = join(office, OWN, "10.0.0.1")
    turn = get_turn(office.ports, office.town, NIGHT, code)
    assert turn.departure.own
    assert turn.departure.state is State.SLOTTED
    assert turn.book.seats_left(turn.departure) == 0
    with pytest.raises(OutOfRangeError, match="no departure"):
        join(office, JoinRequest(NIGHT, 1, departure=turn.departure.id), "10.0.0.2")
    withdraw(office, NIGHT, code)
    with pytest.raises(NotFoundError, match="no party with this code"):
        get_turn(office.ports, office.town, NIGHT, code)
    assert office.ports.reader.book(NIGHT).departures == ()
    again = get_turn(office.ports, office.town, NIGHT, join(office, OWN, "10.0.0.1"))
    assert again.departure.number == turn.departure.number + 1


def test_too_late_for_an_own_vehicle(office: Action, at: Clock) -> None:
    """At four in the morning nobody gets a slot for that sunrise, and nothing is registered."""
    at.instant = datetime(2026, 11, 28, 4, 0, tzinfo=WIB)
    with pytest.raises(OutOfRangeError, match="too late"):
        join(office, OWN, "10.0.0.1")
    assert office.ports.reader.book(NIGHT).departures == ()


def test_one_visitor_brings_few_parties(office: Action) -> None:
    """Nobody fills the gates alone, not even who gives up each turn at once."""
    for _ in range(PARTIES_A_NIGHT):
        withdraw(office, NIGHT, join(office, OWN, "10.0.0.1"))
    with pytest.raises(TooManyError):
        join(office, OWN, "10.0.0.1")
    join(office, OWN, "10.0.0.2")


def test_who_has_left_neither_takes_nor_loses_anybody(office: Action, at: Clock) -> None:
    """A departure on the road can't be joined, left, or said to be late."""
    at.instant = datetime(2026, 11, 27, 21, 30, tzinfo=WIB)
    departure = published(office)[0]
    code = join(office, JoinRequest(NIGHT, 2, departure=departure.id), "10.0.0.1")
    set_state(office, departure.id, State.BOARDING)
    set_state(office, departure.id, State.LEFT)
    refusals: list[Callable[[], object]] = [
        lambda: join(office, JoinRequest(NIGHT, 1, departure=departure.id), "10.0.0.2"),
        lambda: withdraw(office, NIGHT, code),
        lambda: set_late(office, departure.id, at.instant + timedelta(hours=3)),
        lambda: set_state(office, departure.id, State.CANCELLED),
    ]
    for refused in refusals:
        with pytest.raises(OutOfRangeError):
            refused()
    states = [(c.before, c.after) for c in office.ports.reader.book(NIGHT).changes if c.what is What.STATE]
    assert states == [("slotted", "boarding"), ("boarding", "left")]


def test_a_slow_gate_moves_turns_and_says_why(office: Action) -> None:
    """The party's turn shows the move; a word about a gate makes the plans new, for it counts for them, too."""
    published(office, replace(LINE, number=30))
    departure = office.ports.reader.book(NIGHT).departures[-1]
    code = join(office, JoinRequest(NIGHT, 2, departure=departure.id), "10.0.0.1")
    before, version = office.ports.reader.books_version(), office.ports.reader.version()
    say_rate(office, GateWord(NIGHT, "gate-jemplang", 0.5, time(0, 30)))
    turn = get_turn(office.ports, office.town, NIGHT, code)
    moves = [c for c in turn.book.changes if c.departure == departure.id and c.what is What.LEAVE and c.before]
    assert moves
    assert moves[-1].reason
    assert office.ports.reader.books_version() == before + 1
    assert office.ports.reader.version() == version + 1
    assert slot_again(office, NIGHT).departures == turn.book.departures


@pytest.mark.parametrize(
    ("word", "field"),
    [
        (GateWord(NIGHT, "gate-jemplang", 0.0, time(1)), "rate"),
        (GateWord(NIGHT, "gate-jemplang", 61.0, time(1)), "rate"),
        (GateWord(NIGHT, "gate-jemplang", float("nan"), time(1)), "rate"),
        (GateWord(NIGHT, "nowhere", None, time(1)), "gate"),
        (GateWord(NIGHT, "nowhere", 1.0, time(1)), "gate"),
        (GateWord(NIGHT, "gate-jemplang", 1.0, time(3), time(1)), "from"),
        (GateWord(NIGHT, "gate-jemplang", 1.0, time(12), time(1)), "from"),
    ],
)
def test_a_word_about_a_gate_that_cannot_be(office: Action, word: GateWord, field: str) -> None:
    """A rate of zero is told how to say that a gate is shut; nothing is written."""
    with pytest.raises(OutOfRangeError) as refused:
        say_rate(office, word)
    assert field in refused.value.issues
    assert office.ports.reader.book(NIGHT).reports == ()


def test_a_shut_gate_leaves_turns_with_a_reason_and_an_offer(office: Action) -> None:
    """Who has no slot any more is told why, and what else there is."""
    departure = published(office)[0]
    code = join(office, JoinRequest(NIGHT, 2, departure=departure.id), "10.0.0.1")
    say_rate(office, GateWord(NIGHT, "gate-jemplang", 0.0, time(18), shut=True))
    turn = get_turn(office.ports, office.town, NIGHT, code)
    assert (turn.departure.state, turn.departure.leave_at) == (State.PLANNED, None)
    assert turn.why
    assert turn.offer
    assert (turn.offer.viewpoint, turn.offer.approach) == ("penanjakan-1", "nongkojajar")


def test_unknown_departures(office: Action) -> None:
    """An id that is none is told where to look."""
    for id_ in ("261128-001", "x", "999999-001", ""):
        with pytest.raises(NotFoundError, match="tourism departures list"):
            set_state(office, id_, State.LEFT)


def test_waiting_spots_never_overflow_and_hear_who_is_full(office: Action, at: Clock) -> None:
    """Forty people are spread; a venue that is said to be full gets nobody new, and nobody is sent away."""
    at.instant = datetime(2026, 11, 27, 22, 10, tzinfo=WIB)
    published(office, replace(LINE, number=20))
    departures = office.ports.reader.book(NIGHT).departures
    for n, departure in enumerate(departures[:10]):
        join(office, JoinRequest(NIGHT, 4, departure=departure.id), f"10.0.1.{n}")
    book = office.ports.reader.book(NIGHT)
    taken = seats_taken(book, EVENING)
    assert sum(taken.values()) == 40
    assert all(people <= SENT_AT_MOST for people in taken.values())
    favourite = max(taken, key=lambda venue: taken[venue])
    set_occupancy(office.ports, office.town, favourite, 0, "test")
    for n, departure in enumerate(departures[10:14]):
        join(office, JoinRequest(NIGHT, 4, departure=departure.id), f"10.0.2.{n}")
    spots = {p.code: p.spot for p in office.ports.reader.book(NIGHT).parties}
    had = {p.code: p.spot for p in book.parties}
    assert had.items() <= spots.items()
    assert favourite not in {spots[code] for code in spots.keys() - had.keys()}


def test_late_is_later_than_ready(office: Action) -> None:
    """A late departure leaves when it can; one that can't be in time at all has no slot."""
    departure = published(office)[0]
    assert departure.leave_at
    ready = departure.leave_at + timedelta(minutes=7)
    assert set_late(office, departure.id, ready).departures[0].leave_at == ready
    never = set_late(office, departure.id, datetime(2026, 11, 28, 5, 30, tzinfo=WIB)).departures[0]
    assert never.state is State.PLANNED
    with pytest.raises(OutOfRangeError, match="between 18:00 and 07:00"):
        set_late(office, departure.id, datetime(2026, 11, 28, 12, 0, tzinfo=WIB))


def test_a_gate_as_usual_again_brings_the_turns_back(office: Action) -> None:
    """Shut, everybody loses the slot; as usual again, everybody has one, and only the last word is told."""
    published(office, replace(LINE, number=5))
    shut = say_rate(office, GateWord(NIGHT, "gate-jemplang", None, time(18), shut=True))
    assert {d.state for d in shut.departures} == {State.PLANNED}
    usual = say_rate(office, GateWord(NIGHT, "gate-jemplang", None, time(18)))
    assert {d.state for d in usual.departures} == {State.SLOTTED}
    assert len(usual.reports_in_force) == 1


def test_a_mistaken_word_is_taken_back(office: Action, at: Clock) -> None:
    """Cancelled and left by mistake: planned again, with the slot it had; nothing leaves days ahead."""
    departure = published(office)[0]
    set_state(office, departure.id, State.CANCELLED)
    assert set_state(office, departure.id, State.PLANNED).departures[0] == departure
    with pytest.raises(OutOfRangeError, match="has not begun"):
        set_state(office, departure.id, State.LEFT)
    at.instant = datetime(2026, 11, 27, 20, 0, tzinfo=WIB)
    set_state(office, departure.id, State.LEFT)
    assert set_state(office, departure.id, State.PLANNED).departures[0] == departure


def test_shortly_before_leaving_nothing_moves(office: Action, at: Clock) -> None:
    """Boarding, joins and withdrawals in the last minutes leave every time to leave as it is."""
    published(office, replace(LINE, number=6))
    before = office.ports.reader.book(NIGHT).departures
    assert before[0].leave_at
    for minutes in (4, 3, 2, 1):
        at.instant = before[0].leave_at - timedelta(minutes=minutes)
        set_state(office, before[minutes].id, State.BOARDING)
        withdraw(office, NIGHT, join(office, JoinRequest(NIGHT, 1, departure=before[0].id), f"10.0.0.{minutes}"))
    after = office.ports.reader.book(NIGHT).departures
    assert [d.leave_at for d in after] == [d.leave_at for d in before]


def test_a_cancelled_departure_tells_its_party_which_takes_another_turn(office: Action) -> None:
    """No time to leave, no waiting spot taken; the other turn takes the old one's place in one step."""
    first, second = published(office, LINE, replace(LINE, label="K"))
    code = join(office, JoinRequest(NIGHT, 4, departure=first.id), "10.0.0.1")
    set_state(office, first.id, State.CANCELLED)
    turn = get_turn(office.ports, office.town, NIGHT, code)
    assert turn.why
    assert turn.why.code == "CANCELLED"
    assert seats_taken(turn.book, EVENING) == {}
    new = join(office, JoinRequest(NIGHT, 4, departure=second.id, instead=code), "10.0.0.1")
    book = office.ports.reader.book(NIGHT)
    assert [(p.code, p.departure) for p in book.parties] == [(new, second.id)]


def test_an_own_vehicle_is_taken_back_beside_others(office: Action) -> None:
    """Own vehicles have no names: none is another's twin, though a published one is refused beside its twin."""
    first, _ = (join(office, OWN, address) for address in ("10.0.0.1", "10.0.0.2"))
    own = get_turn(office.ports, office.town, NIGHT, first).departure
    set_state(office, own.id, State.CANCELLED)
    set_state(office, own.id, State.PLANNED)
    assert get_turn(office.ports, office.town, NIGHT, first).departure.leave_at
    gone = next(d for d in published(office) if not d.own)
    set_state(office, gone.id, State.CANCELLED)
    publish(office, [LINE])
    with pytest.raises(OutOfRangeError, match="there already"):
        set_state(office, gone.id, State.PLANNED)


def test_another_turn_that_cannot_be_leaves_the_old_one(office: Action) -> None:
    """Refused, nothing is given up."""
    code = join(office, OWN, "10.0.0.1")
    with pytest.raises(OutOfRangeError):
        join(office, JoinRequest(NIGHT, 4, departure="261128-777", instead=code), "10.0.0.1")
    assert get_turn(office.ports, office.town, NIGHT, code).departure.own


def test_a_plan_knows_what_was_said_about_a_gate(office: Action) -> None:
    """Jemplang shut: the plan goes round it, or says that it can't; as usual again, it is as before."""
    asked = PlanRequest(NIGHT, approach="tumpang")
    before = make_plan(office.town, asked, NIGHT)
    say_rate(office, GateWord(NIGHT, "gate-jemplang", None, time(18), shut=True))
    shut = Town(office.ports.reader.read())
    assert make_plan(shut, asked, NIGHT).reason
    assert make_plan(shut, replace(asked, approach=None), NIGHT).approach == "nongkojajar"
    say_rate(office, GateWord(NIGHT, "gate-jemplang", None, time(18)))
    assert make_plan(Town(office.ports.reader.read()), asked, NIGHT).leave_at == before.leave_at


def test_taking_back_a_cancellation_takes_nobodys_slot(office: Action) -> None:
    """Its minute went to another one, which keeps it; a vehicle published anew is not there twice."""
    published(office, replace(LINE, number=400))
    book = office.ports.reader.book(NIGHT)
    first = book.departures[0]
    waiting = next(d for d in book.departures if d.leave_at is None)
    after = set_state(office, first.id, State.CANCELLED).departures
    served = next(d for d in after if d.leave_at and not book.departure[d.id].leave_at)
    assert served.id == waiting.id
    again = set_state(office, first.id, State.PLANNED)
    assert again.departure[served.id].leave_at == served.leave_at
    set_state(office, first.id, State.CANCELLED)
    publish(office, [replace(LINE, label=first.label)])
    with pytest.raises(OutOfRangeError, match="there already"):
        set_state(office, first.id, State.PLANNED)


def test_taken_back_after_its_time_it_asks_again(office: Action, at: Clock) -> None:
    """Cancelled by mistake at its time: planned again it gets a later slot, or is told that it is too late."""
    departure = published(office)[0]
    assert departure.leave_at
    at.instant = departure.leave_at - timedelta(minutes=5)
    set_state(office, departure.id, State.CANCELLED)
    at.instant = departure.leave_at + timedelta(minutes=2)
    again = set_state(office, departure.id, State.PLANNED).departures[0]
    assert again.leave_at is None or again.leave_at > at.instant
    assert not again.has_left(at.instant)
    at.instant = datetime(2026, 11, 29, 1, 0, tzinfo=WIB)
    with pytest.raises(OutOfRangeError, match="is over"):
        set_state(office, departure.id, State.ARRIVED)


def test_who_lost_a_turn_takes_another_one_however_many_came_before(office: Action) -> None:
    """The limit of an address is for new parties, not for those that the office left without a turn."""
    first = published(office)[0]
    codes = [join(office, OWN, "10.0.0.1") for _ in range(PARTIES_A_NIGHT - 1)]
    lost = join(office, JoinRequest(NIGHT, 2, departure=first.id), "10.0.0.1")
    set_state(office, first.id, State.CANCELLED)
    with pytest.raises(TooManyError):
        join(office, replace(OWN, instead=codes[0]), "10.0.0.1")
    assert join(office, replace(OWN, size=2, instead=lost), "10.0.0.1")

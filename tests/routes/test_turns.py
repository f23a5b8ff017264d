"""Turns, board and wall over HTTP, without a browser."""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar as Ical

from tests.conftest import Clock
from tests.office import ports
from tourism.app import create_app
from tourism.config import Settings
from tourism.domain.calendar import WIB
from tourism.domain.departure import State, Template, Vehicle
from tourism.services.departures import Action, GateWord, say_rate, set_state
from tourism.services.ports import Ports
from tourism.services.timetable import publish
from tourism.services.town import Town

__all__ = ["ports"]
NIGHT = date(2026, 11, 28)
HOSTILE = '"><script>alert(1)</script>{{1234*5}}'
LINE = Template("Jeeps & Co", "J", Vehicle.JEEP, 6, "alun-alun-merdeka", "penanjakan-1", "tumpang", NIGHT, NIGHT)
FORM = {"date": "2026-11-28", "viewpoint": "penanjakan-1", "approach": "tumpang", "party": "4", "how": "car"}


@pytest.fixture
def client(fresh: Settings, ports: Ports) -> FlaskClient:
    """Return a client of that database."""
    return create_app(fresh, ports, lambda _: None).test_client()


@pytest.fixture
def office(ports: Ports) -> Action:
    """Return what the office acts with."""
    return Action(ports, Town(ports.reader.read()), "office")


def take(client: FlaskClient, **changed: str) -> str:
    """Take a turn and return the address of the page that shows it."""
    answer = client.post("/turns", data=FORM | changed)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_a_party_takes_a_turn_sees_it_and_withdraws(client: FlaskClient) -> None:
    """From the plan's form to the page with the turn, and back."""
    assert "Ambil giliran untuk 2 orang" in client.get("/plan?date=2026-11-28").text
    address = take(client)
    page = client.get(address).text
    code = re.search(r"turn=([A-Z2-9]{7})", address)
    assert code
    assert f"kode {code[1]}" in page
    assert "Giliran Anda: berangkat dari Gedung Parkir Kayutangan pukul" in page
    assert "4 orang" in page
    assert client.post("/turns/withdraw", data={"date": "2026-11-28", "turn": code[1]}).status_code == 303
    gone = client.get(address)
    assert gone.status_code == 404
    assert "Mungkin gilirannya sudah dilepas" in gone.text


def test_the_page_begins_when_the_turn_does(client: FlaskClient, office: Action) -> None:
    """The largest time, the itinerary and the calendar are those of the slot, not of the plan."""
    address = take(client)
    departure = office.ports.reader.book(NIGHT).departures[0]
    assert departure.leave_at
    page = client.get(f"{address}&lang=en").text
    assert f'class="big">{departure.leave_at:%H:%M}<' in page
    assert f'<time datetime="{departure.leave_at.isoformat()}">' in page
    events = Ical.from_ical(client.get(address.replace("/plan", "/plan.ics")).data).walk("VEVENT")
    assert [event.decoded("dtstart") for event in events] == [departure.leave_at]


def test_a_published_departure_is_offered_joined_and_fills(client: FlaskClient, office: Action) -> None:
    """Its row is in the plan's list while the party fits in."""
    publish(office, [LINE])
    plan = client.get("/plan?date=2026-11-28&party=4&lang=en").text
    assert '<option value="261128-001">' in plan
    assert "Jeeps &amp; Co, J · 6 seats left" in plan
    take(client, how="261128-001")
    assert '<option value="261128-001">' not in client.get("/plan?date=2026-11-28&party=4").text
    full = client.post("/turns", data=FORM | {"how": "261128-001"})
    assert full.status_code == 422
    assert "2 kursi" in full.text


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"date": "yesterday"}, 400),
        ({"party": "many"}, 400),
        ({"party": "0"}, 422),
        ({"how": "bus"}, 422),
        ({"viewpoint": "everest"}, 422),
        ({"date": "2026-12-09"}, 422),
        ({"near": "nowhere-at-all"}, 422),
        ({"extra": "1"}, 400),
    ],
)
def test_forms_that_cannot_be(client: FlaskClient, office: Action, changed: dict[str, str], status: int) -> None:
    """Each is refused, and nothing is registered."""
    assert client.post("/turns", data=FORM | changed).status_code == status
    assert office.ports.reader.books_version() == 0


@pytest.mark.parametrize("path", ["/turns", "/turns/withdraw"])
def test_another_sites_form_is_refused(client: FlaskClient, path: str) -> None:
    """A page elsewhere can't take or give back a turn."""
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert client.post(path, data=FORM, headers=elsewhere).status_code == 403
    assert client.post(path, data=FORM, headers={"Origin": "https://example.org"}).status_code == 403


@pytest.mark.parametrize("code", ["AAAAAAA", "aaaaaaa"])
def test_a_code_of_nobody(client: FlaskClient, code: str) -> None:
    """Says so, and gives nothing away."""
    assert client.get(f"/plan?date=2026-11-28&turn={code}").status_code == 404
    assert client.get(f"/plan.ics?date=2026-11-28&turn={code}").status_code == 404


def test_a_code_that_is_none_is_told_on_the_page(client: FlaskClient) -> None:
    """Not seven signs of the alphabet: malformed."""
    answer = client.get("/plan?date=2026-11-28&turn=x")
    assert answer.status_code == 400


def test_board_and_wall_answer_304_until_something_changes(client: FlaskClient, office: Action) -> None:
    """The same book: nothing to send; once something changes that is shown: all of it."""
    publish(office, [LINE])
    for path in ("/board/rows?date=2026-11-28", "/wall/panels?date=2026-11-28", "/api/v1/departures?date=2026-11-28"):
        first = client.get(path)
        seen = {"If-None-Match": first.headers["ETag"]}
        assert client.get(path, headers=seen).status_code == 304
        assert client.get(path, headers=seen).data == b""
        publish(office, [replace(LINE, label=path)])
        assert client.get(path, headers=seen).status_code == 200
        assert client.get(f"{path}&lang=en", headers=seen).status_code == 200


def test_the_board_shows_who_leaves_and_forgets_who_left(client: FlaskClient, office: Action, at: Clock) -> None:
    """In the order of leaving; who has left stays for minutes, what was cancelled until its time."""
    publish(office, [replace(LINE, number=12)])
    departures = office.ports.reader.book(NIGHT).departures
    assert departures[1].leave_at
    at.instant = departures[0].leave_at or at.instant
    set_state(office, departures[8].id, State.BOARDING)
    set_state(office, departures[9].id, State.CANCELLED)
    board = client.get("/board?date=2026-11-28&lang=en").text
    assert board.count("<tr class=") == 12
    assert '<tr class="left">' in board
    assert '<tr class="boarding more-rows">' in board
    assert '<tr class="cancelled more-rows">' in board
    assert "5 more leave later" in board
    assert client.get("/board/rows?date=2026-11-28&pickup=stasiun-malang&lang=en").text.count("<tr class=") == 0
    assert client.get("/board/rows?date=2026-11-28&pickup=nowhere&lang=en").status_code == 422
    assert client.get("/board?date=2026-11-28&pickup=nowhere&lang=en").status_code == 422
    assert client.get("/board/rows?date=2026-11-28&lang=en").text.count("<tr class=") == 12
    at.instant = datetime(2026, 11, 28, 5, 30, tzinfo=WIB)
    assert "Everybody has left" in client.get("/board?date=2026-11-28&lang=en").text
    assert "No departure is published" in client.get("/board?date=2026-11-29&lang=en").text


def test_the_wall_shows_loads_seats_and_what_changed(client: FlaskClient, office: Action) -> None:
    """One screen: gates, people, the log in words, what was said about gates."""
    publish(office, [replace(LINE, number=12)])
    take(client, how="261128-001")
    say_rate(office, GateWord(NIGHT, "gate-jemplang", 0.5, time(0, 5)))
    wall = client.get("/wall?date=2026-11-28&lang=en").text
    assert "vehicles a minute from 00:05 to the end of the night: 0.5" in wall
    assert re.search(r"No\. \d+: \d\d:\d\d becomes", wall)
    assert "12 <small>vehicles" in wall
    assert "4 <small>people" in wall
    assert wall.count('<figure class="load">') == 4
    closed = client.get("/wall?date=2026-12-09&lang=en").text
    assert "Wulan Kapitu" in closed


def test_what_operators_write_is_text(client: FlaskClient, office: Action) -> None:
    """An operator's name and label run nowhere."""
    publish(office, [replace(LINE, operator=HOSTILE, label=HOSTILE)])
    for path in ("/board", "/board/rows", "/wall", "/plan"):
        text = client.get(f"{path}?date=2026-11-28").text
        assert "<script>alert" not in text
        assert "6170" not in text
    take(client, how="261128-001", party="1")
    assert "<script>alert" not in client.get("/wall?date=2026-11-28").text


def test_the_departures_of_the_api(client: FlaskClient, office: Action) -> None:
    """Every departure with its slot; own vehicles without a name; never a party's code."""
    publish(office, [LINE])
    code = take(client).rpartition("turn=")[2]
    answer = client.get("/api/v1/departures?date=2026-11-28&lang=en")
    rows = answer.get_json()["departures"]
    assert {(row["operator"], row["own"], row["state_text"]) for row in rows} == {
        ("Jeeps & Co", False, "on time"), ("", True, "on time"),
    }  # fmt: skip
    assert all(row["gate"] == "gate-jemplang" and row["gate_at"] for row in rows)
    assert code not in answer.text
    assert client.get("/api/v1/departures?date=2040-01-01").status_code == 422
    assert client.get("/api/v1/departures?date=x").status_code == 400


def test_a_moved_turn_says_when_and_why(client: FlaskClient, office: Action, at: Clock) -> None:
    """The page of the party shows the change."""
    publish(office, [replace(LINE, number=30)])
    address = take(client, how="261128-030")
    at.instant += timedelta(minutes=7)
    say_rate(office, GateWord(NIGHT, "gate-jemplang", 0.5, time(0, 30)))
    page = client.get(f"{address}&lang=en").text
    assert "What changed" in page
    assert re.search(r"21:37</time> \d\d:\d\d becomes \d\d:\d\d; from the old time", page)


def test_why_in_turn(client: FlaskClient) -> None:
    """The picture says what is simulated and assumed, in both languages."""
    english, own = client.get("/how?lang=en").text, client.get("/how").text
    shares = [int(share) for share in re.findall(r"verdict \w+\">(?:&gt; )?(\d+)%", english)]
    assert len(shares) == 2
    assert shares[0] < 80
    assert shares[1] >= 97
    assert english.count('class="how"') == own.count('class="how"') == 2
    assert "no measurement" in english
    assert "bukan pengukuran" in own

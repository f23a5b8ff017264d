"""Every cell of verb x role x own or others', over HTTP: allowed where the table says so, and refused elsewhere."""

import io
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import EVENING
from tests.office import PEOPLE, Person, fields_of
from tourism.app import create_app, make_ports
from tourism.config import Settings
from tourism.domain.account import GRANTS, Reach, Role, User, Verb
from tourism.domain.departure import Template, Vehicle
from tourism.services.departures import Action
from tourism.services.ports import Ports
from tourism.services.timetable import publish
from tourism.services.town import Town

ROOT = Path(__file__).parent.parent.parent
NAMES = {Role.ADMIN: "admin", Role.EDITOR: "editor", Role.PARTNER: "batu", Role.OPERATOR: "jeeps", Role.OWNER: "owner"}


class Scene:
    """Two listings of two municipalities, both with a change that waits, and two operators' departures."""

    def __init__(self, settings: Settings) -> None:
        ticks = iter(range(0, 10_000_000, 2))
        self.ports: Ports = replace(make_ports(settings), now=lambda: EVENING, ticks=lambda: float(next(ticks)))
        self.app: Flask = create_app(settings, self.ports, lambda _: None)
        self.people = {role: Person(self.app, self.ports, PEOPLE[name]) for role, name in NAMES.items()}
        self.elsewhere = Person(self.app, self.ports, User("editor@batu.example", Role.EDITOR, "kota-batu"))
        self._listings()
        night = (EVENING).date().replace(day=28)
        line = Template(
            "Jeeps & Co", "J", Vehicle.JEEP, 6, "alun-alun-merdeka", "penanjakan-1", "tumpang", night, night
        )
        publish(Action(self.ports, Town(self.ports.reader.read()), "x"), [line, replace(line, operator="Other")])

    def _listings(self) -> None:
        partner, owner = self.people[Role.PARTNER], self.people[Role.OWNER]
        new = fields_of(partner.get("/office/venues/new").text) | {
            "name": "Kafe Batu", "kind": "cafe", "municipality": "kota-batu", "lat": "-7.8788", "lon": "112.5201",
            "source": "visit", "step": "submit",
        }  # fmt: skip
        assert partner.post("/office/venues/new", **new).status_code == 303
        assert (
            owner.post("/office/venues/critasena", **owner.form("critasena", phone="+62 1", step="submit")).status_code
            == 303
        )
        with self.ports.office() as office:
            self.lines = {key: office.list_lines("listing", key)[0].id for key in ("kafe-batu", "critasena")}


@pytest.fixture(scope="module")
def scene(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Return the scene, once: no request of this module changes it."""
    source, folder = Path(settings.database_url.removeprefix("sqlite:///")), tmp_path_factory.mktemp("roles")
    for file in source.parent.iterdir():
        shutil.copy(file, folder / file.name)
    return Scene(replace(settings, database_url=f"sqlite:///{folder}/{source.name}"))


def subject(role: Role, own: bool) -> str:
    """Return a listing that is somebody's own, or is not."""
    mine, others = ("kafe-batu", "critasena") if role is Role.PARTNER else ("critasena", "kafe-batu")
    return mine if own else others


STALE = "99"  # a version that is nobody's: what may be done is refused as stale, and nothing changes


def save(step: str) -> Callable[[Person, str, Scene], int]:
    def ask(person: Person, key: str, _: Scene) -> int:
        area = "kota-batu" if key == "kafe-batu" else "kota-malang"
        fields = {"name": "X", "kind": "cafe", "municipality": area, "lat": "-7.979", "lon": "112.63", "source": "x"}
        return person.post(f"/office/venues/{key}", **fields, version=STALE, step=step).status_code

    return ask


def bring(person: Person, key: str, _: Scene) -> int:
    area = "kota-batu" if key == "kafe-batu" else "kota-malang"
    return person.post("/office/sheets", file=(io.BytesIO(b""), "a.csv"), source="x", municipality=area).status_code


def take(person: Person, key: str, _: Scene) -> int:
    """Taking a sheet is refused, or leaves out what is others'; what is not published is in nobody's."""
    answer = person.get("/office/venues.csv")
    municipality = "kota-batu" if key == "kafe-batu" else "kota-malang"
    alone = person.user.role is Role.PARTNER and municipality != person.user.municipality
    return 403 if alone and b"critasena" not in answer.data else answer.status_code


def night(person: Person, key: str, _: Scene) -> int:
    number = "001" if key == "critasena" else "002"
    return person.post(f"/office/night/departures/261128-{number}", state="boarding", step="preview").status_code


ASK: dict[Verb, Callable[[Person, str, Scene], int]] = {
    Verb.READ: lambda p, key, _: p.get(f"/office/venues/{key}").status_code,
    Verb.PROPOSE: save("submit"),
    Verb.PUBLISH: save("publish"),
    Verb.REVIEW: lambda p, key, _: p.post(f"/office/review/proposal/{key}", version=STALE).status_code,
    Verb.ARCHIVE: lambda p, key, _: p.post(f"/office/venues/{key}/archive", version=STALE, reason="x").status_code,
    Verb.REVERT: lambda p, key, scene: (
        p.post(f"/office/history/{scene.lines[key]}/revert", kind="listing", key=key, reason="x").status_code
    ),
    Verb.IMPORT: bring,
    Verb.EXPORT: take,
    Verb.TABLES: lambda p, _, __: p.post("/office/tables/closures/x", version="0", step="preview").status_code,
    Verb.NIGHT: night,
    Verb.GATE: lambda p, _, __: (
        p.post(
            "/office/night/gate", date="2026-11-28", gate="gate-jemplang", how="shut", **{"from": "01:00"}
        ).status_code
    ),
    Verb.HISTORY: lambda p, key, _: p.get(f"/office/history?kind=listing&key={key}").status_code,
    Verb.SHARE: lambda p, key, _: (
        p.post(
            "/office/keys",
            name="",
            scope="read",
            per_s="5",
            municipality="kota-batu" if key == "kafe-batu" else "kota-malang",
        ).status_code
    ),
    Verb.BRAND: lambda p, key, _: (
        p.post(
            f"/office/tables/brands/{'kota-batu' if key == 'kafe-batu' else 'kota-malang'}", version="0", step="save"
        ).status_code
    ),
    Verb.INVITE: lambda p, key, _: p.post(f"/office/venues/{key}/owner", email="nobody").status_code,
}
OFFICES_OWN = {Verb.TABLES}  # of the office alone: others' is what somebody of another municipality asks


@pytest.mark.parametrize("own", [True, False], ids=["own", "others"])
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("verb", Verb)
def test_each_cell(scene: Scene, verb: Verb, role: Role, own: bool) -> None:
    reach = GRANTS[verb].get(role)
    person = scene.people[role]
    if verb in OFFICES_OWN and role is Role.EDITOR and not own:
        person = scene.elsewhere
    status = ASK[verb](person, subject(role, own), scene)
    if reach is Reach.ALL or (reach is Reach.OWN and own):
        assert status in {200, 303, 409, 422}
    else:
        assert status == 403


def test_no_request_above_changed_anything(scene: Scene) -> None:
    """The negative control: had a stale version been kept, the cells would have met another scene."""
    with scene.ports.office() as office:
        assert {key: office.list_lines("listing", key)[0].id for key in scene.lines} == scene.lines


def test_every_verb_is_asked_and_the_documentation_shows_the_table() -> None:
    assert set(ASK) == set(Verb)
    shown = (ROOT / "docs/OFFICE.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", shown, re.MULTILINE)
    found = {verb: [cell.strip() for cell in cells.split("|")][1:] for verb, cells in rows if verb in list(Verb)}
    words = {Reach.ALL: "all", Reach.OWN: "own", None: "–"}
    assert found == {verb.value: [words[GRANTS[verb].get(role)] for role in Role] for verb in Verb}


def test_an_id_of_another_municipality_is_refused_by_the_api(scene: Scene) -> None:
    partner = scene.people[Role.PARTNER]
    assert partner.get("/api/v1/listings/critasena").status_code == 403
    assert [one["id"] for one in partner.get("/api/v1/listings").get_json()["listings"]] == ["kafe-batu"]
    body = {"fields": {"name": "X", "municipality": "kota-batu"}}
    headers = {"X-CSRF-Token": partner.csrf, "If-Match": '"0"'}
    taken = partner.client.put("/api/v1/listings/critasena", json=body, headers=headers)
    assert taken.status_code in {403, 422}
    good = {"kind": "cafe", "lat": "-7.979", "lon": "112.63", "source": "x"}
    moved = {"fields": {**body["fields"], **good}}
    assert partner.client.put("/api/v1/listings/critasena", json=moved, headers=headers).status_code == 403

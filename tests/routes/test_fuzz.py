"""Whatever the description allows, and much that it does not, gets a documented answer and never a 500."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import hypothesis
import pytest
import schemathesis
from flask import Flask
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from tests.office import PEOPLE, Person
from tourism.app import create_app, make_ports
from tourism.config import Settings
from tourism.domain.listing import FIELDS
from tourism.domain.tables import TABLES
from tourism.services.changes import KeyWish, add_key
from tourism.services.ogc import COLLECTIONS

CHECKS = [schemathesis.checks.not_a_server_error, status_code_conformance, response_schema_conformance]
HEALTH = {"deadline": None, "suppress_health_check": list(hypothesis.HealthCheck)}


def fuzz(app: Flask, examples: int, of: str = "", at: str = "/api/v1/openapi.json", **headers: str) -> int:
    """Ask every operation whose path holds a text; returns how many there were."""
    schema = schemathesis.openapi.from_wsgi(at, app)
    operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    chosen = [operation for operation in operations if of in operation.path]
    for operation in chosen:

        @hypothesis.settings(max_examples=examples, **HEALTH)  # type: ignore[arg-type]
        @hypothesis.given(case=operation.as_strategy())
        def answers(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(checks=CHECKS, headers={"Accept-Encoding": "identity", **headers})

        answers()
    return len(chosen)


def test_the_api_answers_as_described(settings: Settings) -> None:
    assert fuzz(create_app(settings, make_ports(settings)), 60) == 13


def test_ogc_api_features_answer_as_described(fresh: Settings) -> None:
    ports = make_ports(fresh)
    made = add_key(ports, KeyWish("fuzz", "kota-batu"), "test")
    with ports.unit_of_work() as uow:
        uow.sharing.put_key(replace(made.key, per_s=1_000_000))
        uow.commit()
    key = {"Authorization": f"Bearer {made.secret}"}
    app = create_app(replace(fresh, workers=1), ports, lambda _: None)
    assert fuzz(app, 20, "", "/ogc/api", **key) == 3 + 4 * len(COLLECTIONS)


@pytest.fixture(scope="module")
def app(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Return the application on a database that may be written to."""
    source, folder = Path(settings.database_url.removeprefix("sqlite:///")), tmp_path_factory.mktemp("fuzz")
    for file in source.parent.iterdir():
        shutil.copy(file, folder / file.name)
    changed = replace(settings, database_url=f"sqlite:///{folder}/{source.name}")
    return create_app(changed, make_ports(changed), lambda _: None)


@pytest.fixture(scope="module")
def people(app: Flask) -> dict[str, Person]:
    """Return somebody of each role."""
    wired = app.extensions["tourism"][0]
    return {name: Person(app, wired, user) for name, user in PEOPLE.items()}


@pytest.mark.parametrize("name", PEOPLE)
def test_the_api_answers_each_role_as_described(app: Flask, people: dict[str, Person], name: str) -> None:
    cookie = people[name].client.get_cookie("office")
    assert cookie
    signed_in = {"Cookie": f"office={cookie.value}", "X-CSRF-Token": people[name].csrf}
    assert fuzz(app, 25, "listings", **signed_in) == 4
    assert people[name].get("/api/v1/session").status_code == 200


TEXT = st.text(max_size=30) | st.sampled_from(
    [
        "nan",
        "inf",
        "-1",
        "1e308",
        "9999-12-31T23:59",
        "0001-01-01",
        "'; DROP TABLE audit;--",
        "<script>",
        "\0",
        "=1+1",
        "9" * 20,
        "1",
        "2026-11-28",
    ]
)
FORMS = {
    "/office/venues/new": [*FIELDS, "step", "version", "reason", "hours_had"],
    "/office/venues/critasena": [*FIELDS, "step", "version", "reason", "source_had"],
    "/office/venues/critasena/archive": ["version", "reason"],
    "/office/venues/critasena/owner": ["email"],
    "/office/review/proposal/critasena": ["version", "verdict_hours", "why_hours", "why"],
    "/office/review/question/a~b": ["same"],
    "/office/history/1/revert": ["kind", "key", "reason"],
    "/office/sheets": ["source", "municipality"],
    "/office/night/gate": ["date", "gate", "how", "rate", "from", "until", "step"],
    "/office/night/message": ["date", "text_id", "text_en", "step"],
    "/office/night/departures/261128-001": ["state", "ready", "reason", "step"],
    **{f"/office/tables/{name}/abc": [*table.names, "step", "version", "why"] for name, table in TABLES.items()},
}


def _usual(app: Flask, path: str) -> tuple[str, Mapping[str, str]]:
    """Return the path of a row that is there where none can be added, and fields that can be kept."""
    kind = "listing" if "venues" in path else path.removeprefix("/office/tables/").partition("/")[0]
    if kind not in {"listing", *TABLES}:
        return path, {}
    with app.extensions["tourism"][0].office() as office:
        found = next(iter(office.list_records(kind)), None)
    if found is None:
        return path, {}
    grows = kind == "listing" or TABLES[kind].grows
    return path if grows else path.replace("abc", quote(found.key)), found.newest


@pytest.mark.parametrize("path", FORMS)
def test_no_form_of_the_office_breaks_it(app: Flask, people: dict[str, Person], path: str) -> None:
    """Hostile text in every field; afterwards the public pages still answer."""
    admin, client = people["admin"], app.test_client()
    names = FORMS[path]
    path, usual = _usual(app, path)
    fields = st.fixed_dictionaries({}, optional=dict.fromkeys(names, TEXT))
    good = st.sampled_from(["publish", "submit", "draft", "save", "preview", "remove"])

    @hypothesis.settings(max_examples=20, **HEALTH)  # type: ignore[arg-type]
    @hypothesis.given(fields, good, st.sampled_from(["0", "1", "2"]))
    def answers(typed: dict[str, str], step: str, version: str) -> None:
        form = {"version": version, **usual, "why": "x", "step": step, **typed}
        assert admin.post(path, **form).status_code < 500

    answers()
    for page in (
        "/",
        "/plan",
        "/wall",
        "/board",
        "/api/v1/spots",
        "/office/venues",
        "/office/history",
        "/office/night",
    ):
        assert admin.get(page).status_code == 200, page
    assert client.get("/readyz").status_code == 200

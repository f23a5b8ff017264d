"""Every text a person reads is in the catalogue: from the code, the pages and the data."""

import ast
import re
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tests.worlds import clock
from tourism.adapters.data_files import PackagedData
from tourism.domain.calendar import SpecialDates, SpecialKind
from tourism.domain.closures import AlertLevel, Closure
from tourism.domain.corridor import Advice, Destination, Place, Scenario
from tourism.domain.evidence import Known
from tourism.domain.finding import AMENITY_TEXTS
from tourism.domain.hours_lint import _TEXTS
from tourism.domain.itinerary import Companion
from tourism.domain.waiting import Pickup
from tourism.domain.way_back import FAR, ON_THE_WAY
from tourism.routes._office_words import CODE_TEXTS, FIELD_TEXTS, KIND_NAMES, TABLE_TITLES
from tourism.routes._words import DETAIL_TEXTS, KIND_TEXTS
from tourism.routes.results import COMPONENT_TEXTS, LEVER_TEXTS, WIN_TEXTS
from tourism.services.language import Language
from tourism.services.plan_documents import STEP_TEXTS
from tourism.services.scenario import METRIC_TEXTS
from tourism.services.spot_documents import GROUP_TEXTS

RESULT_TEXTS = COMPONENT_TEXTS, LEVER_TEXTS, METRIC_TEXTS, WIN_TEXTS
VALUE_ERRORS = {"closures.py", "calendar.py", "sharing.py", "campaign.py", "measures.py", "scenario.py"}
OFFICE_TEXTS = CODE_TEXTS, FIELD_TEXTS, KIND_NAMES, TABLE_TITLES
ROOT = Path(__file__).parent.parent
CATALOGUE = {
    str(message.id): str(message.string)
    for message in read_po(BytesIO(files("tourism").joinpath("locale/id.po").read_bytes()), locale="id")
    if message.id
}


ON_A_WAY = {leg.end for leg in PackagedData().rows("corridor_legs.csv")}


def in_code() -> set[str]:
    """Return the texts of messages: the second argument, or what a variable `text` in the same module holds."""
    found: set[str] = set()
    for path in (ROOT / "tourism").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            values: list[ast.expr] = []
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in {"Message", "PydanticCustomError", "closure_message"} or name == "_refused":
                    values = node.args[1:2]
                elif name == "_matching":
                    values = node.args[2:3]
                elif name == "require" and path.name == "corridor.py":
                    values = node.args[1:2]
                elif name == "text" or (name == "ValueError" and path.name in VALUE_ERRORS):
                    values = node.args[:1]
            elif isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "text" for t in node.targets):
                values = [node.value]
            found |= {v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)}
    return found


def in_pages() -> set[str]:
    found = extract_from_dir(ROOT / "templates", method_map=[("**.html", "jinja2")], keywords={"_": None})
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


def in_data() -> set[str]:
    closures: list[Closure] = list(PackagedData().rows("closures.csv"))
    places: list[Place] = list(PackagedData().rows("bromo_places.csv"))
    advice: list[Advice] = list(PackagedData().rows("advice.csv"))
    levels: list[AlertLevel] = list(PackagedData().rows("alert_levels.csv"))
    destinations: list[Destination] = list(PackagedData().rows("destinations.csv"))
    pickups: list[Pickup] = list(PackagedData().rows("pickups.csv"))
    special: list[SpecialDates] = list(PackagedData().rows("special_dates.csv"))
    scenarios: list[Scenario] = list(PackagedData().rows("scenarios.csv"))
    words = {c.reason for c in closures} | {c.note for c in closures if c.note}
    words |= {p.name for p in places if re.search(r"\b(gate|park|village|area)\b", p.name)}
    words |= {p.note for p in places if p.note and p.id in ON_A_WAY} | {p.note for p in pickups if p.note}
    words |= {a.value for a in advice if a.topic in {"booking", "toilet", "altitude", "emergency"}}
    words |= {level.text for level in levels} | {f"volcano alert level {level.level}" for level in levels}
    words |= {d.way_back for d in destinations if d.way_back not in {ON_THE_WAY, FAR}}
    words |= {s.basis for s in scenarios}
    words |= {s.name for s in special if s.kind in {SpecialKind.QUIET, SpecialKind.PEAK, SpecialKind.BUSY}}
    tables = (AMENITY_TEXTS, DETAIL_TEXTS, KIND_TEXTS, STEP_TEXTS, GROUP_TEXTS, *OFFICE_TEXTS)
    words |= {message.text for table in tables for message in table.values()} | set(_TEXTS.values())
    for one in PackagedData().rows("indicators.csv"):
        words |= {one.name, one.definition, one.formula, one.basis} | ({one.unit} - {"%"})
    words |= {text for win in PackagedData().rows("quick_wins.csv") for text in (win.name, win.basis)}
    words |= {text for a in PackagedData().rows("assumptions.csv") for text in (a.variable, a.unit, a.basis)}
    words |= {message.text for table in RESULT_TEXTS for message in table.values()}
    words |= {"domestic", "foreign", "weekday", "holiday", "open", "open all through", "hours unknown", "closed"}
    return words | {known.value for known in Known} | {c.value for c in Companion}


USED = in_code() | in_pages() | in_data()


def test_every_text_is_translated() -> None:
    assert len(USED) > 150
    assert sorted(USED - CATALOGUE.keys()) == []
    assert [text for text, translation in CATALOGUE.items() if not translation] == []


def test_no_translation_is_left_of_a_text_that_is_gone() -> None:
    assert sorted(CATALOGUE.keys() - USED) == []


@pytest.mark.parametrize("text", sorted(CATALOGUE))
def test_a_translation_has_the_same_parameters(text: str) -> None:
    assert set(re.findall(r"{\w+}", CATALOGUE[text])) == set(re.findall(r"{\w+}", text))


def test_the_extraction_finds_a_text_that_is_not_translated() -> None:
    """The negative control: a text that the catalogue lacks would be seen."""
    assert "Walk at most" in in_pages()
    assert {
        "A party has 1 to {largest} people.",
        "Write a time as 22:30, or an instant as 2026-12-04T22:30.",
    } <= in_code()


def test_times_dates_and_amounts_follow_the_language() -> None:

    assert Language("id").clock(clock("00:50")) == "00.50"
    assert Language("en").clock(clock("00:50")) == "00:50"
    assert Language("id").rupiah(316000) == "Rp316.000"
    assert Language("en").rupiah(316000) == "Rp316,000"
    assert Language("id").long_date(clock("00:50").date()) == "Rabu, 10 Juni 2026"
    assert Language("en").long_date(clock("00:50").date()) == "Wednesday, 10 June 2026"

"""Simulated nights as documents and drawings."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from tourism.domain.nightsim import Disturbances
from tourism.errors import OutOfRangeError
from tourism.services.language import Language
from tourism.services.simulation import STEPS, Simulated, SimulationRequest, simulate_nights, simulation_document
from tourism.services.simulation_chart import chart
from tourism.services.town import Town

PEAK = SimulationRequest("peak-2025-12-27", runs=2)


def simulated(town: Town, request: SimulationRequest) -> Simulated:
    return simulate_nights(town, request, lambda: None)


def test_everybody_following_on_the_peak_night(town: Town) -> None:
    """At least 97 % see the sunrise after 5 minutes at the gate or less, beside habit and bound of the same nights."""
    ticks: list[None] = []
    document = simulation_document(simulate_nights(town, PEAK, lambda: ticks.append(None)), Language("en"))
    assert len(ticks) == 2
    assert document["slots"]["sunrise_share"] >= 0.97
    assert document["slots"]["gate_wait_mean_min"] <= 5
    assert document["habit"]["sunrise_share"] < 0.8
    assert document["slots"]["sunrise_share"] <= document["bound_share"]
    assert document["service_date"] == "2025-12-27"
    assert document["assumptions"][0] == town.world.almanac.scenarios[2].basis
    assert document["slots"]["seats"][0]["time"] == "22:00"
    assert document["curve"] == []


def test_the_same_seed_is_the_same_night_and_another_is_another(town: Town) -> None:
    one = simulated(town, PEAK)
    assert simulated(town, PEAK) == one
    assert simulated(town, replace(PEAK, seed=2)).habit != one.habit


def test_nobody_following_is_habit(town: Town) -> None:
    found = simulated(town, replace(PEAK, compliance=0.0))
    assert found.slots == found.habit


def test_what_goes_wrong_is_said_and_felt_by_habit_too(town: Town) -> None:
    """An outage of two hours costs both nights; the words name everything that was asked for."""
    wrong = Disturbances(0.1, 0.2, outage=(420, 540), breakdown=(500, 520))
    found, usual = simulated(town, replace(PEAK, disturbances=wrong)), simulated(town, PEAK)
    assert found.habit.sunrise_share < usual.habit.sunrise_share
    assert found.slots.sunrise_share < usual.slots.sunrise_share
    assert simulation_document(found, Language("en"))["assumptions"][2:] == [
        "10% of the vehicles stay at home.",
        "20% of the vehicles leave 20 minutes late.",
        "No gate lets anybody through from 01:00 to 03:00.",
        "Nobody gets up the ridge from 02:20 to 02:40.",
        "Means of 2 nights drawn with seed 1.",
    ]


def test_every_wrong_field_is_named(town: Town) -> None:
    wrong = Disturbances(-0.1, float("nan"), (540, 540), (700, 782))
    with pytest.raises(OutOfRangeError) as found:
        simulated(town, SimulationRequest("none", -1, 1001, 2.0, wrong))
    assert list(found.value.issues) == [
        "scenario", "runs", "seed", "compliance", "no-show", "late", "outage", "breakdown",
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["en", "id"])
def test_the_chart_holds_the_figures_and_what_is_assumed(town: Town, code: str) -> None:
    """It is XML; every point of both curves, the bound and every word of the assumptions are in it."""
    language = Language(code)
    found = simulated(town, SimulationRequest("jam-2025-01-26", runs=1, curve=True))
    assert tuple(found.curve) == STEPS
    root = ET.fromstring(chart(found, language))
    texts = [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")]
    for night in found.curve.values():
        assert f"{language.decimal(100 * night.sunrise_share)}%" in texts
        assert language.decimal(night.gate_wait_mean_min) in texts
    assert any(text.endswith(f"{language.decimal(100 * found.bound_share)}%") for text in texts)
    assert language.text(found.scenario.basis).split()[-1] in " ".join(texts)
    assert any("jam-2025-01-26" in text for text in texts)
    document = simulation_document(found, language)
    assert [point["compliance"] for point in document["curve"]] == list(STEPS)

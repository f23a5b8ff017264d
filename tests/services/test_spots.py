"""What find_spots says of a world of three venues, and the notes about all of them."""

from dataclasses import replace
from datetime import date

import pytest

from tests.conftest import Clock
from tests.services.test_walking import WORLD
from tests.worlds import LAT, LON
from tourism.domain.evidence import Amenity, Detail, Evidence
from tourism.domain.hours import TemporaryHours
from tourism.domain.venue import Venue
from tourism.services.language import Language
from tourism.services.spot_documents import spot_document, spots_document
from tourism.services.spots import SpotsRequest, find_spots, get_spot
from tourism.services.town import Town

CHECKED = date(2026, 11, 1)
NIGHT = date(2026, 6, 11)


def venue(name: str, hours: str) -> Venue:
    return Venue(name, name, "cafe", LAT, LON, "office", opening_hours=hours, as_of=CHECKED)


THREE = replace(
    WORLD,
    listings=[venue("big", "24/7"), venue("small", "24/7"), venue("ramadan", "Mo-Su 08:00-20:00")],
    evidence=[
        Evidence("big", Detail.SEATS, "40", "visit", CHECKED),
        Evidence("small", Detail.SEATS, "6", "visit", CHECKED),
        Evidence("small", Amenity.TOILET, "yes", "visit", CHECKED),
    ],
    temporary_hours=[TemporaryHours("ramadan", NIGHT, date(2026, 6, 20), "Mo-Su 17:00-04:00", "Ramadan", "office")],
)


@pytest.fixture
def town(town: Town, at: Clock) -> Town:
    """Return three venues on the real corridor, in June."""
    at.instant = at.instant.replace(month=6, day=10)
    return Town(replace(THREE, almanac=town.world.almanac))


def test_a_party_above_every_capacity_is_told_so(town: Town, at: Clock) -> None:
    found = find_spots(town, SpotsRequest(NIGHT, party=60), at.instant)
    assert [(n.code, n.params) for n in found.notes] == [("PARTY_ABOVE_EVERY_CAPACITY", {"party": 60, "largest": 40})]
    assert list(find_spots(town, SpotsRequest(NIGHT, party=40), at.instant).notes) == []


def test_temporary_hours_reach_the_answer_and_end(town: Town, at: Clock) -> None:
    rules = {}
    for day in (11, 12, 21, 22):
        request = SpotsRequest(date(2026, 6, day))
        found, spot = get_spot(town, "ramadan", request, at.instant)
        rules[day] = spot_document(town, found, spot, Language("en"), CHECKED)["rule"], spot.answer.opening
    assert rules == {
        11: ("Mo-Su 08:00-20:00", "closed"),
        12: ("Mo-Su 17:00-04:00", "open"),
        21: ("Mo-Su 17:00-04:00", "open"),
        22: ("Mo-Su 08:00-20:00", "closed"),
    }


def test_temporary_hours_of_an_osm_venue_go_with_it_to_its_listing(town: Town) -> None:
    joined = replace(town.venue["ramadan"], same_as="osm-node-1")
    hours = replace(THREE.temporary_hours[0], venue="osm-node-1")
    moved = Town(replace(town.world, temporary_hours=[hours]))
    moved.__dict__["venues"] = [joined]
    assert list(moved.temporary) == ["ramadan"]


def test_a_document_has_the_evidence_with_source_date_and_confidence(town: Town, at: Clock) -> None:
    found = find_spots(town, SpotsRequest(NIGHT, need=(Amenity.TOILET,), party=5), at.instant)
    document = spots_document(town, found, Language("en"), CHECKED)
    assert [spot["id"] for spot in document["spots"]] == ["small"]
    assert document["spots"][0]["facts"]["toilet"] == {
        "value": "yes", "source": "visit", "as_of": "2026-11-01", "confidence": 1.0,
        "nearby_m": None, "nearby_name": None,
    }  # fmt: skip
    assert {s["id"]: [r["text"] for r in s["reasons"]] for s in document["left_out"]} == {
        "big": ["Toilet unknown"],
        "ramadan": ["closed", "no seats for 5 known", "Toilet unknown"],
    }

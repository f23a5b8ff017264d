from datetime import date

import pytest

from tourism.domain.evidence import Amenity, Detail, Evidence, Fact, Known, Rank, Source
from tourism.domain.venue import Venue, combine, from_osm, join, match, with_evidence
from tourism.geo.osm import PlaceElement


def osm(name: str, lat: float = -7.98, /, **tags: str) -> PlaceElement:
    return PlaceElement("node", 7, lat, 112.63, {"name": name, **tags})


def test_tags_become_known_or_stay_unknown() -> None:
    venue = from_osm(osm("Kopi", amenity="cafe", toilets="no", internet_access="wlan", indoor_seating="maybe"))
    assert venue
    assert venue.id == "osm-node-7"
    assert venue.has(Amenity.TOILET) is Known.NO
    assert venue.has(Amenity.WIFI) is Known.YES
    assert venue.has(Amenity.INDOOR) is Known.UNKNOWN
    assert venue.has(Amenity.POWER) is Known.UNKNOWN


def test_the_date_of_a_tag_is_the_one_a_mapper_checked_it() -> None:
    tags = {"amenity": "cafe", "opening_hours": "24/7", "toilets": "yes", "check_date": "2026-01-02",
            "opening_hours:check_date": "2026-03-04", "seats": "40"}  # fmt: skip
    venue = from_osm(osm("Kopi", -7.98, **tags))
    assert venue
    assert venue.source_of("opening_hours").as_of == date(2026, 3, 4)
    assert venue.source_of("toilet").as_of == date(2026, 1, 2)
    assert venue.seats == 40
    undated = from_osm(osm("Kopi", amenity="cafe", opening_hours="24/7", check_date="last week"))
    assert undated
    assert undated.source_of("opening_hours").as_of is None


def test_hours_that_a_mapper_wrote_in_indonesian_are_read_and_unreadable_ones_kept() -> None:
    def hours(text: str) -> str:
        return (from_osm(osm("Kopi", amenity="cafe", opening_hours=text)) or venue_missing()).opening_hours

    assert hours("Senin-Jumat 10.00-22.00") == "Mo-Fr 10:00-22:00"
    assert hours("Mo-Fr 10:00-22:00; PH off") == "Mo-Fr 10:00-22:00; PH off"
    assert hours("kadang-kadang") == "kadang-kadang"


def venue_missing() -> Venue:
    raise AssertionError("no venue")


def test_a_place_where_one_cannot_wait_is_no_venue() -> None:
    assert from_osm(osm("BRI", amenity="bank")) is None
    assert from_osm(osm("  ", amenity="cafe")) is None


def test_a_listing_stands_for_the_osm_venue_of_the_same_name_nearby() -> None:
    listing = Venue("so", "SO! Boutique Hostel", "hostel", -7.98, 112.63, "office")
    near = from_osm(osm("So Boutique Hostel", -7.9803, tourism="hostel"))
    far = from_osm(osm("SO! Boutique Hostel", -7.99, tourism="hostel"))
    assert near
    assert far
    (joined,) = join([listing], [near], match([listing], [near], {}))
    assert (joined.id, joined.same_as) == ("so", "osm-node-7")
    assert join([listing], [far], match([listing], [far], {})) == [listing, far]


def test_of_two_sources_the_better_one_counts_field_by_field() -> None:
    listing = Venue("k", "Kopi", "cafe", -7.98, 112.63, "cafe list", uncertainty_m=150, as_of=date(2026, 5, 1),
                    opening_hours="24/7", hours_as_recorded="24 jam")  # fmt: skip
    mapped = from_osm(osm("Kopi", -7.9801, amenity="cafe", opening_hours="Mo-Su 08:00-20:00", toilets="no",
                          phone="0341 1", check_date="2026-06-01", **{"addr:street": "Jl. Kawi"}))  # fmt: skip
    assert mapped
    found = combine(listing, mapped)
    assert (found.opening_hours, found.source_of("opening_hours").name) == ("24/7", "cafe list")
    assert (found.lat, found.uncertainty_m, found.source_of("position").rank) == (-7.9801, 0, Rank.OSM)
    assert (found.address, found.source_of("address").name) == ("Jl. Kawi", "OpenStreetMap")
    assert found.has(Amenity.TOILET) is Known.NO
    assert found.source_of("toilet") == Source("OpenStreetMap", Rank.OSM, date(2026, 6, 1))
    assert found.source_of("name") == Source("cafe list", Rank.LISTING, date(2026, 5, 1))


def evidence(value: str, source: str, day: date, field: Amenity | Detail = Amenity.TOILET) -> Evidence:
    return Evidence("k", field, value, source, day)


def test_newer_evidence_counts_over_older_and_over_osm() -> None:
    venue = Venue("k", "Kopi", "cafe", -7.98, 112.63, "x", facts={"toilet": Fact("no", Source("OSM", Rank.OSM))})
    rows = [evidence("no", "old visit", date(2025, 1, 1)), evidence("yes", "new visit", date(2026, 1, 1))]
    for said in (rows, rows[::-1]):
        (found,) = with_evidence([venue], said)
        assert found.facts["toilet"] == Fact("yes", Source("new visit", Rank.LISTING, date(2026, 1, 1)))


def test_evidence_that_its_field_cannot_have_is_refused() -> None:
    day = date(2026, 1, 1)
    for value, field in (("maybe", Amenity.WIFI), ("many", Detail.SEATS), ("25:00", Detail.PARKING_LAST_EXIT),
                         ("Rp 10rb", Detail.PRICE_RANGE), ("-4", Detail.SEATS)):  # fmt: skip
        with pytest.raises(ValueError, match=str(field)):
            evidence(value, "x", day, field)
    assert Venue("k", "K", "cafe", 0, 0, "x", facts={"seats": evidence("12", "x", day, Detail.SEATS).fact}).seats == 12

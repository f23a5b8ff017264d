from tourism.domain.venue import Amenity, Known, Venue, from_osm, merge
from tourism.geo.osm import PlaceElement


def osm(name: str, lat: float = -7.98, **tags: str) -> PlaceElement:
    return PlaceElement("node", 7, lat, 112.63, {"name": name, **tags})


def test_tags_become_known_or_stay_unknown() -> None:
    venue = from_osm(osm("Kopi", amenity="cafe", toilets="no", internet_access="wlan", indoor_seating="maybe"))
    assert venue
    assert venue.id == "osm-node-7"
    assert venue.has(Amenity.TOILET) is Known.NO
    assert venue.has(Amenity.WIFI) is Known.YES
    assert venue.has(Amenity.INDOOR) is Known.UNKNOWN
    assert venue.has(Amenity.POWER) is Known.UNKNOWN


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
    near = from_osm(osm("so! boutique hostel", -7.981, tourism="hostel"))
    far = from_osm(osm("SO! Boutique Hostel", -7.99, tourism="hostel"))
    assert near
    assert far
    assert merge([listing], [near]) == [listing]
    assert merge([listing], [far]) == [listing, far]

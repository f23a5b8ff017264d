"""What to see in Malang Raya on the morning after the sunrise, or instead of it, so that people stay in the region."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, time

from shapely.geometry import LineString
from shapely.geometry import Point as Shape

from tourism.domain.calendar import Window, at
from tourism.domain.corridor import PARK, Almanac, Destination, Way
from tourism.domain.hours import Answer, Opening, over
from tourism.geo.crs import Point, to_metres

MORNING = time(8), time(11, 59)  # a night ends at noon
ON_THE_WAY = "yes"
FAR = "no"
EVENING = "evening"
PARTNERS = ("kabupaten-malang", "kota-batu")
NEAR_THE_ROAD_M = 5000.0  # the road is drawn straight between its places, so it may be this far off


@dataclass(frozen=True)
class Visit:
    """A destination and how its hours cover the morning; `detour` is "" on the way."""

    destination: Destination
    answer: Answer
    detour: str = ""


def visits(almanac: Almanac, night: date) -> list[Visit]:
    """Return the destinations open at some time of the morning, then those not known to be closed."""
    morning = Window(at(night, MORNING[0]), at(night, MORNING[1]))
    order = (Opening.OPEN, Opening.CLOSES, Opening.CLOSED, Opening.UNKNOWN)
    answers = [(d, over(d.opening_hours or None, morning, almanac.calendar)) for d in almanac.destinations]
    found = [Visit(d, answer) for d, answer in answers if _may_be_open(d, answer)]
    return sorted(found, key=lambda visit: order.index(visit.answer.opening))


def _may_be_open(destination: Destination, answer: Answer) -> bool:
    if answer.opening is Opening.UNKNOWN:
        return not destination.when.startswith(EVENING)
    return answer.opening is not Opening.CLOSED or answer.opens is not None


def on_the_way_back(almanac: Almanac, way: Way, night: date, home: Point) -> Iterator[Visit]:
    """Yield what lies by the road of a way's approach in the partners' municipalities, then what takes a detour."""
    found = [v for v in visits(almanac, night) if v.destination.municipality in PARTNERS]
    for visit in found:
        if visit.destination.way_back == ON_THE_WAY and _by_the_road(almanac, way, home, visit.destination.point):
            yield visit
    for visit in found:
        if visit.destination.way_back not in (ON_THE_WAY, FAR):
            yield replace(visit, detour=visit.destination.way_back)


def _by_the_road(almanac: Almanac, way: Way, home: Point, place: Point) -> bool:
    outside = [leg.end for leg in way.legs if leg.approach != PARK]
    points = [home, *(almanac.place[node].point for node in outside), place]
    metres = to_metres(lat=[p.lat for p in points], lon=[p.lon for p in points])
    return bool(LineString(metres[:-1]).distance(Shape(metres[-1])) <= NEAR_THE_ROAD_M)

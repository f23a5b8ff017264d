"""What to see in Malang Raya on the morning after the sunrise, or instead of it, so that people stay in the region."""

from collections.abc import Iterator
from dataclasses import dataclass
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
PARTNERS = ("kabupaten-malang", "kota-batu")
NEAR_THE_ROAD_M = 5000.0  # the road is drawn straight between its places, so it may be this far off


@dataclass(frozen=True)
class Stop:
    """A destination and how its hours cover the morning; `detour` is "" on the way."""

    destination: Destination
    answer: Answer
    detour: str = ""


def _stops(almanac: Almanac, night: date) -> Iterator[tuple[Destination, Answer]]:
    """Yield what is open, or not known to be closed, at some time of the morning."""
    morning = Window(at(night, MORNING[0]), at(night, MORNING[1]))
    for destination in almanac.destinations:
        answer = over(destination.opening_hours or None, morning, almanac.calendar)
        if answer.opening is not Opening.CLOSED or answer.opens:
            yield destination, answer


def on_the_way_back(almanac: Almanac, way: Way, night: date, home: Point) -> Iterator[Stop]:
    """Yield what lies by the road of a way's approach in the partners' municipalities, then what takes a detour."""
    found = [s for s in _stops(almanac, night) if s[0].municipality in PARTNERS and s[0].way_back != FAR]
    near = [s for s in found if s[0].way_back == ON_THE_WAY and _by_the_road(almanac, way, home, s[0].point)]
    yield from (Stop(*stop) for stop in near)
    yield from (Stop(*stop, detour=stop[0].way_back) for stop in found if stop[0].way_back != ON_THE_WAY)


def instead(almanac: Almanac, night: date) -> Iterator[Stop]:
    """Yield everything in Malang Raya that may be open that morning: open, then opening, then not known."""
    order = (Opening.OPEN, Opening.CLOSES, Opening.CLOSED, Opening.UNKNOWN)
    found = [Stop(*stop) for stop in _stops(almanac, night)]
    yield from sorted(found, key=lambda stop: order.index(stop.answer.opening))


def _by_the_road(almanac: Almanac, way: Way, home: Point, place: Point) -> bool:
    outside = [leg.end for leg in way.legs if leg.approach != PARK]
    points = [home, *(almanac.place[node].point for node in outside), place]
    metres = to_metres(lat=[p.lat for p in points], lon=[p.lon for p in points])
    return bool(LineString(metres[:-1]).distance(Shape(metres[-1])) <= NEAR_THE_ROAD_M)

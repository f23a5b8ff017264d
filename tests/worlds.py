"""Worlds small enough to solve by hand, written as text where that helps."""

from datetime import date, datetime, time

from tourism.domain.calendar import WIB
from tourism.domain.closures import Closure
from tourism.domain.corridor import Almanac, GateOperation, Leg, Operation, Place, Tariff
from tourism.domain.evidence import Known
from tourism.domain.itinerary import Start
from tourism.domain.waiting import Pickup, Walk
from tourism.geo.osm import StreetElement

# At this latitude and longitude 0.001 degrees are 110.6 m north and 110.1 m east (EPSG:32749, to 0.1 %).
LAT, LON, STEP = -7.98, 112.63, 0.001
NORTH_M, EAST_M = 110.57, 110.24


def grid(text: str) -> list[StreetElement]:
    """Read streets from lines such as "A(0,0) B(1,0) C(1,2) residential oneway=yes"; a step is 0.001 degrees."""
    nodes: dict[str, int] = {}
    where: dict[str, tuple[float, float]] = {}
    streets = []
    for number, line in enumerate(filter(None, (line.strip() for line in text.splitlines()))):
        names, tags = [], {}
        for word in line.split():
            if word[0].isupper():
                name, _, position = word.partition("(")
                if position:
                    x, y = (float(part) for part in position.rstrip(")").split(","))
                    where[name] = LAT + y * STEP, LON + x * STEP
                names.append(name)
                nodes.setdefault(name, len(nodes) + 1)
            else:
                key, _, value = word.partition("=")
                tags[key if value else "highway"] = value or key
        lats, lons = zip(*(where[name] for name in names), strict=True)
        streets.append(StreetElement(number + 1, tuple(nodes[name] for name in names), lats, lons, tags))
    return streets


def clock(text: str, day: date = date(2026, 6, 10)) -> datetime:
    """Return an instant of a day in WIB."""
    return datetime.combine(day, time.fromisoformat(text), WIB)


PICKUP = Pickup("tugu", "Tugu", LAT, LON, 10, "", "OSM")
START = Start("tugu", Walk("tugu", 0, 0, False), PICKUP)
QUIET = date(2026, 6, 10)  # a Wednesday
BUSY = date(2026, 6, 13)  # a Saturday


def leg(text: str, approach: str = "north") -> Leg:
    """Read a leg such as "kayutangan car gate 60/75 busy 70/90"; a missing busy pair repeats the quiet one."""
    words = text.split()
    start, mode, end, quiet = words[:4]
    busy = words[5] if len(words) > 5 else quiet
    p50, p90 = (float(part) for part in quiet.split("/"))
    busy_p50, busy_p90 = (float(part) for part in busy.split("/"))
    assert mode in ("car", "jeep", "walk")
    return Leg(approach, start, end, mode, 10, p50, p90, busy_p50, busy_p90, "made up", "H")  # type: ignore[arg-type]


def place(place_id: str, kind: str, ticket: Known = Known.UNKNOWN) -> Place:
    """Return a place on the equator of nowhere in particular, an hour's drive from Kayutangan."""
    return Place(place_id, kind, place_id.title(), -7.95, 112.95, 100, "H", park_ticket=ticket)  # type: ignore[arg-type]


def almanac(*legs: Leg, closures: tuple[Closure, ...] = ()) -> Almanac:
    """Return a corridor with one gate, one climb at its foot, a ridge beyond it and a hill outside the park."""
    return Almanac(
        places=[
            place("gate", "gate"),
            place("foot", "junction"),
            place("ridge", "viewpoint", Known.YES),
            place("hill", "viewpoint", Known.NO),
            place("island", "viewpoint", Known.YES),
        ],
        legs=legs
        or [
            leg("kayutangan car gate 60/90 busy 80/120"),
            leg("gate jeep foot 30/70", "park"),
            leg("foot jeep ridge 10/10", "park"),
            leg("kayutangan car hill 100/100", "south"),
        ],
        gates=[
            GateOperation("gate", "gate", time(0, 1), time(17), time(17), 3, 1, "", "H"),
            GateOperation("foot", "climb", time(2), time(5), time(3), 6, 3, "", "H"),
        ],
        operations=[
            Operation("change from car to jeep at a hub", "made up", "H", 15, 15),
            Operation("toilet and jacket stop", "made up", "H", 10, 10),
            Operation("ticket scan at a gate without a queue", "made up", "H", 1, 1),
        ],
        closures=closures,
        tariffs=[
            Tariff("entry", "domestic", "weekday", 54_000, date(2024, 10, 30), "made up"),
            Tariff("entry", "domestic", "holiday", 79_000, date(2024, 10, 30), "made up"),
            Tariff("entry", "foreign", "weekday", 255_000, date(2024, 10, 30), "made up"),
            Tariff("entry", "foreign", "holiday", 255_000, date(2024, 10, 30), "made up"),
            Tariff("entry", "domestic", "weekday", 60_000, date(2027, 1, 1), "made up"),
        ],
        quotas=[],
        advice=[],
    )

"""What the park charges, and what to know about its tickets."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import ceil

from tourism.domain.calendar import DayType
from tourism.domain.corridor import Almanac, Place, Way
from tourism.domain.evidence import Known
from tourism.domain.itinerary import Step
from tourism.errors import Message

JEEP_SEATS = 6  # data/bromo_places.csv, tumpang


@dataclass(frozen=True)
class TicketLine:
    """Park tickets of one audience."""

    audience: str
    day_type: DayType
    people: int
    each_idr: int
    valid_from: date
    source: str


@dataclass(frozen=True)
class Tickets:
    """What the park charges: a line for each audience, and the fee of a vehicle; `vehicles` are the jeeps it takes."""

    needed: Known
    people: int = 0
    lines: tuple[TicketLine, ...] = ()
    vehicle_each_idr: int | None = None
    vehicles: int = 0

    @property
    def total_idr(self) -> int | None:
        """Entry tickets of the whole party; None where a price is not known."""
        if self.needed is Known.NO:
            return 0
        known = self.lines and sum(line.people for line in self.lines) == self.people
        return sum(line.people * line.each_idr for line in self.lines) if known else None


@dataclass(frozen=True)
class Price:
    """What a leg costs, from low to high; `per` says for whom."""

    low_idr: int
    high_idr: int
    per: Message
    source: str


NOT_KNOWN = Tickets(Known.UNKNOWN)


def tickets_for(almanac: Almanac, way: Way, night: date, party: int, foreign: int) -> Tickets:
    """Return the tickets of a party, by the day type and the tariffs of the service date."""
    needed = almanac.needs_ticket(way)
    vehicles = ceil(party / JEEP_SEATS) if any(leg.mode == "jeep" for leg in way.legs) else 0
    if needed is Known.NO:
        return Tickets(needed, party, vehicles=vehicles)
    kind = almanac.calendar.day_type(night)
    lines = []
    for audience, people in (("domestic", party - foreign), ("foreign", foreign)):
        tariff = almanac.tariff("entry", audience, kind, night)
        if people and tariff:
            lines.append(TicketLine(audience, kind, people, tariff.amount_idr, tariff.valid_from, tariff.source))
    vehicle = almanac.tariff("car_or_jeep", "any", kind, night)
    return Tickets(needed, party, tuple(lines), vehicle.amount_idr if vehicle else None, vehicles)


def ticket_warnings(almanac: Almanac, place: Place, tickets: Tickets) -> Iterator[Message]:
    """Yield what a traveller should know about vehicles and tickets before waiting."""
    if tickets.vehicles > 1:
        text = "A jeep takes {seats} people: your party needs {vehicles}; the chance is that of one of them."
        yield Message("PARTY_NEEDS_VEHICLES", text, seats=JEEP_SEATS, vehicles=tickets.vehicles)
    if tickets.needed is Known.NO:
        return
    if tickets.total_idr is None:
        text = "The price of the tickets on this date is not known for everyone in your party."
        yield Message("TARIFF_UNKNOWN", text)
    if tickets.needed is Known.UNKNOWN:
        text = "It is not known whether this viewpoint needs a park ticket; the price shown is if it does."
        yield Message("TICKET_UNKNOWN", text)
    elif place.park_ticket is Known.NO:
        text = "The viewpoint needs no park ticket, but this way to it crosses the park."
        yield Message("TICKET_FOR_THE_WAY", text)
    quota = next((q for q in almanac.quotas if q.site == place.quota_site), None)
    if quota:
        text = "Places are limited: {normal} people a day in 2023, up to {peak} on peak days. Book first."
        normal, peak = quota.people_per_day_75pct_2023, quota.people_per_day_peak_2023_24
        yield Message("QUOTA", text, normal=normal, peak=peak)
    booking = almanac.find_advice("booking")
    if booking:
        text = "Buy tickets before you wait: {advice}."
        yield Message("BOOKING", text, booking.basis, advice=Message("BOOKING", booking.value))


def leg_price(almanac: Almanac, approach: str | None, tickets: Tickets, step: Step) -> Price | None:
    """Return what a leg costs where that is known: the tickets at the scan, the jeep where one changes to it."""
    total = tickets.total_idr
    if step is Step.SCAN and total:
        return Price(total, total, Message("PARTY", "for the party"), tickets.lines[0].source)
    jeep = almanac.find_advice("jeep_price_idr", approach) if approach else None
    if step is Step.CHANGE and jeep:
        low, high = map(int, jeep.value.split(" to "))
        return Price(low, high, Message("JEEP", "per jeep, there and back"), jeep.basis)
    return None

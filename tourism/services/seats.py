"""Where the parties of a night wait until their departure boards."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from tourism.domain.calendar import EVENING, Window, at
from tourism.domain.departure import NightBook
from tourism.domain.finding import Group, Spot
from tourism.domain.occupancy import Occupancy
from tourism.domain.seating import Guest, seat
from tourism.domain.waiting import BOARD_MIN
from tourism.services.spots import NOTHING, SpotsRequest, find_spots
from tourism.services.town import Town

SENT_AT_MOST = 20  # people to a venue whose seats nobody has counted
DOUBT_MIN = 15  # of walk that it is worth to have a spot of which all is known
OUTDOORS, OUTDOORS_MIN = ("park", "square"), 10  # of walk that a roof is worth


def seat_parties(town: Town, book: NightBook, now: datetime, live: Mapping[str, Occupancy] = NOTHING) -> NightBook:
    """Return the book with a waiting spot for each party that still waits.

    One that still suits is kept, also when it is said to be full: the party may be among those who fill it.
    """

    @cache
    def spots(leave: datetime, size: int, newcomer: bool) -> dict[str, Spot]:
        window = Window(max(now, at(book.night, EVENING)), leave - timedelta(minutes=BOARD_MIN))
        if window.start >= window.end:
            return {}
        asked = SpotsRequest(book.night, window.start, window.end, party=size)
        found = find_spots(town, asked, now, live if newcomer else NOTHING)
        return {spot.venue.id: spot for spot in found.of(Group.FITS, Group.ASK)}

    seats = {venue.id: SENT_AT_MOST if venue.seats is None else venue.seats for venue in town.venues}
    free, moving = dict[str, int](), []  # seats that are said to be free while they wait
    for party in book.parties:
        departure = book.departure[party.departure]
        if departure.leave_at is None or not departure.is_ahead(now):
            continue
        if party.spot and party.spot in spots(departure.leave_at, party.size, False):
            seats[party.spot] -= party.size
        else:
            usable = spots(departure.leave_at, party.size, True)
            free |= {id_: spot.occupancy.free_seats for id_, spot in usable.items() if spot.occupancy}
            costs = {id_: _cost_min(town, spot, departure.pickup) for id_, spot in usable.items()}
            moving.append((party, Guest(party.code, party.size, costs)))
    left = {venue: max(min(number, free.get(venue, number)), 0) for venue, number in seats.items()}
    found = seat([guest for _, guest in moving], left)
    moved = {party.code: replace(party, spot=found.get(party.code)) for party, _ in moving}
    return replace(book, parties=tuple(moved.get(party.code, party) for party in book.parties))


def _cost_min(town: Town, spot: Spot, pickup: str) -> float:
    walk = next(walk for walk in town.walks_of[spot.venue.id] if walk.to == pickup)
    return walk.minutes + DOUBT_MIN * (spot.group is Group.ASK) + OUTDOORS_MIN * (spot.venue.kind in OUTDOORS)


def seats_taken(book: NightBook, now: datetime) -> dict[str, int]:
    """Return how many people wait at each venue by what was assigned, the most first."""
    found: dict[str, int] = {}
    for party in book.parties:
        departure = book.departure[party.departure]
        if party.spot and departure.is_ahead(now):
            found[party.spot] = found.get(party.spot, 0) + party.size
    return dict(sorted(found.items(), key=lambda item: -item[1]))

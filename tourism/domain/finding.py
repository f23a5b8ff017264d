"""Which spots suit a wait, in what order, and why the others don't.

A spot *fits* when everything asked for is known to be so. Where something is merely not known, people can *ask*
there; where something is known to be against it, it is *out*. Reasons are told for both. The order is the sum of
five terms, each from 0 to 1, with fixed weights; nothing else moves a venue up, and equals take turns by night.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache
from operator import mul
from types import MappingProxyType
from typing import NamedTuple

from tourism.domain.calendar import Window, clock_time
from tourism.domain.evidence import Age, Amenity, Known
from tourism.domain.hours import Answer, Opening
from tourism.domain.occupancy import Occupancy
from tourism.domain.venue import Venue
from tourism.domain.waiting import DETOUR, Nearby, Walk
from tourism.errors import Message
from tourism.geo.network import WALK_M_S


class Group(StrEnum):
    """How well a spot suits, best first."""

    FITS = "fits"
    ASK = "ask"
    OUT = "out"


class Terms(NamedTuple):
    """What the order is made of, each from 0 to 1."""

    open: float = 0.0
    walk: float = 0.0
    needs: float = 0.0
    seats: float = 0.0
    trust: float = 0.0


# Percent. To be open is what strands people or not; the walk is cold; the rest is comfort and doubt.
WEIGHTS = Terms(open=40, walk=25, needs=15, seats=10, trust=10)
FAR_MIN = 30  # minutes of walk that are worth nothing
NEXT_DOOR_WORTH = 0.6  # of an amenity of one's own
UNDATED_TRUST = 0.25

AMENITY_TEXTS = {
    Amenity.TOILET: Message("TOILET", "Toilet"),
    Amenity.PRAYER_ROOM: Message("PRAYER_ROOM", "Prayer room"),
    Amenity.INDOOR: Message("INDOOR", "Indoor seats"),
    Amenity.POWER: Message("POWER", "Power sockets"),
    Amenity.WIFI: Message("WIFI", "Wi-Fi"),
    Amenity.PARKING_CAR: Message("PARKING_CAR", "Car parking"),
    Amenity.PARKING_MOTORCYCLE: Message("PARKING_MOTORCYCLE", "Motorcycle parking"),
    Amenity.PARKING_OVERNIGHT: Message("PARKING_OVERNIGHT", "Overnight parking"),
    Amenity.SMOKING: Message("SMOKING", "Smoking allowed"),
    Amenity.CHILD_FRIENDLY: Message("CHILD_FRIENDLY", "Child-friendly"),
    Amenity.STEP_FREE: Message("STEP_FREE", "Step-free"),
}


@dataclass(frozen=True)
class Wish:
    """What a party looks for; None and empty ask for nothing."""

    night: date
    window: Window
    party: int | None = None
    needs: tuple[Amenity, ...] = ()
    max_walk_min: int | None = None


@dataclass(frozen=True)
class Reason:
    """Why a venue is left out; not `certain` where something is only not known."""

    message: Message
    certain: bool


class Trust(NamedTuple):
    """How old the word about the hours is, and the chance that it still holds; None if undated or unknown."""

    age: Age = Age.UNDATED
    confidence: float | None = None


class Spot(NamedTuple):
    """A venue in one window: whether it stays open, the walk, what is next door, and, once judged, how it suits.

    A named tuple, for a thousand are made to answer one question. `score` is the weighted sum of the terms, 0 to 100.
    """

    venue: Venue
    answer: Answer
    walk: Walk
    nearby: Mapping[Amenity, Nearby] = MappingProxyType({})
    trust: Trust = Trust()
    occupancy: Occupancy | None = None
    reasons: tuple[Reason, ...] = ()
    terms: Terms = Terms()
    group: Group = Group.FITS
    score: float = 0.0


def judge(spot: Spot, wish: Wish) -> Spot:
    """Return the spot with its reasons, its terms, and what follows from them."""
    reasons = (
        *hours_reasons(spot.answer),
        *_room(spot, wish),
        *_needs(spot, wish.needs),
        *_walk(spot, wish),
    )
    certain = [reason.certain for reason in reasons]
    group = Group.OUT if True in certain else Group.ASK if certain else Group.FITS
    terms = _terms(spot, wish)
    score = round(sum(map(mul, WEIGHTS, terms)), 1)
    return Spot(*spot[:6], reasons, terms, group, score)


@lru_cache(maxsize=16_384)
def hours_reasons(answer: Answer) -> tuple[Reason, ...]:
    """Return why the hours leave a venue out; none when it is open all through."""
    if answer.opening is Opening.UNKNOWN:
        return (Reason(Message("HOURS_UNKNOWN", "hours unknown"), certain=False),)
    if answer.opening is Opening.CLOSES and answer.until:
        return (Reason(Message("CLOSES", "closes {time}", time=clock_time(answer.until)), certain=True),)
    if answer.opening is Opening.CLOSED and answer.opens:
        text = "closed, opens {time}"
        return (Reason(Message("OPENS", text, time=clock_time(answer.opens)), certain=True),)
    return (Reason(Message("CLOSED", "closed"), certain=True),) if answer.opening is Opening.CLOSED else ()


def _room(spot: Spot, wish: Wish) -> Iterable[Reason]:
    party, seats, said = wish.party or 1, spot.venue.seats, spot.occupancy
    if said and said.free_seats < party:
        at = clock_time(said.set_at)
        few = Message("TOO_FEW_FREE", "{free} seats free at {time}", free=said.free_seats, time=at)
        return (Reason(few if said.free_seats else Message("FULL", "full at {time}", time=at), certain=True),)
    if wish.party and seats is None and not said:
        return (_seats_unknown(party),)
    return (_too_few(seats, party),) if seats is not None and seats < party else ()


@cache
def _too_few(seats: int, party: int) -> Reason:
    text = "{seats} seats, too few for {party}"
    return Reason(Message("TOO_FEW_SEATS", text, seats=seats, party=party), certain=True)


@cache
def _seats_unknown(party: int) -> Reason:
    return Reason(Message("SEATS_UNKNOWN", "no seats for {party} known", party=party), certain=False)


@cache
def _need(need: Amenity, known: Known) -> Reason:
    amenity = AMENITY_TEXTS[need]
    if known is Known.NO:
        return Reason(Message("NEED_MISSING", "{amenity}: no", amenity=amenity), certain=True)
    return Reason(Message("NEED_UNKNOWN", "{amenity} unknown", amenity=amenity), certain=False)


def _needs(spot: Spot, needs: Iterable[Amenity]) -> Iterable[Reason]:
    offers, nearby = spot.venue.offers, spot.nearby
    missing = [need for need in needs if need not in offers and need not in nearby]
    return [_need(need, spot.venue.has(need)) for need in missing]


def _walk(spot: Spot, wish: Wish) -> Iterable[Reason]:
    walk = spot.walk
    if wish.max_walk_min is None or walk.minutes <= wish.max_walk_min:
        return ()
    at_best_m = walk.metres / DETOUR - spot.venue.uncertainty_m if walk.estimated else walk.metres
    certain = at_best_m > wish.max_walk_min * 60 * WALK_M_S
    return (_too_long(walk.minutes, wish.max_walk_min, certain),)


@cache
def _too_long(minutes: int, limit: int, certain: bool) -> Reason:
    text = "{minutes} min walk, more than {limit}"
    return Reason(Message("WALK_TOO_LONG", text, minutes=minutes, limit=limit), certain)


def _terms(spot: Spot, wish: Wish) -> Terms:
    seats = spot.occupancy.free_seats if spot.occupancy else spot.venue.seats
    needs = wish.needs or tuple(Amenity)
    known = spot.answer.opening is not Opening.UNKNOWN
    confidence = UNDATED_TRUST if spot.trust.confidence is None else spot.trust.confidence
    return Terms(
        open=spot.answer.share,
        walk=max(0.0, 1 - spot.walk.minutes / FAR_MIN),
        needs=_met(spot, needs) / len(needs),
        seats=float(seats is not None and seats >= (wish.party or 1)),
        trust=confidence if known else 0.0,
    )


def _met(spot: Spot, needs: tuple[Amenity, ...]) -> float:
    own = spot.venue.offers.intersection(needs)
    return len(own) + NEXT_DOOR_WORTH * len((spot.nearby.keys() & needs) - own)


_BEST_FIRST = {group: rank for rank, group in enumerate(Group)}


def find(spots: Iterable[Spot], wish: Wish) -> list[Spot]:
    """Return every spot judged, those that fit first, each group by score; equals take turns by night."""
    found = [judge(spot, wish) for spot in spots]
    return sorted(_in_turn(found, wish.night), key=lambda spot: (_BEST_FIRST[spot.group], -spot.score))


def _in_turn(spots: Sequence[Spot], night: date) -> list[Spot]:
    """Order by id, begun one further among equals each night, so that each of n equals is first every n nights."""
    equals: dict[tuple[Group, float], list[Spot]] = {}
    for spot in sorted(spots, key=lambda spot: spot.venue.id):
        equals.setdefault((spot.group, spot.score), []).append(spot)
    turned = []
    for alike in equals.values():
        first = night.toordinal() % len(alike)
        turned += alike[first:] + alike[:first]
    return turned

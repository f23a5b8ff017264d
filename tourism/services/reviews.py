"""What people say about venues and what a person decides: reports, occupancy, and records that may be the same."""

import hmac
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from tourism.domain.calendar import WIB
from tourism.domain.occupancy import Occupancy
from tourism.domain.record import Line
from tourism.domain.review import Question, Report, Verdict
from tourism.errors import Message, NotFoundError, OutOfRangeError, TooManyError
from tourism.geo.conflation import Outcome
from tourism.services.ports import Ports, UnitOfWork
from tourism.services.town import Town

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REPORTS_AN_HOUR = 10  # by one visitor
REPORTS_A_DAY = 30  # about one venue, by anybody
MOST_SEATS = 9999


def report(ports: Ports, town: Town, venue_id: str, verdict: Verdict, address: str) -> None:
    """Keep a visitor's word for review; raises NotFoundError, TooManyError.

    Of the address only a digest is kept, by a secret that is forgotten after the day.
    """
    venue, now = town.get_venue(venue_id).id, ports.now()
    with ports.unit_of_work() as uow:
        reporter = reporter_of(uow, address, now.astimezone(WIB).date(), now)
        by_visitor = uow.count_reports(now - HOUR, reporter=reporter)
        about_venue = uow.count_reports(now - DAY, venue=venue)
        if by_visitor >= REPORTS_AN_HOUR or about_venue >= REPORTS_A_DAY:
            wait = HOUR if by_visitor >= REPORTS_AN_HOUR else DAY
            text = "That is more than the office can read. Come back later, please."
            raise TooManyError(Message("TOO_MANY_REPORTS", text), wait)
        uow.say(Report(venue, verdict, now, reporter))
        uow.commit()


def reporter_of(uow: UnitOfWork, address: str, day: date, now: datetime) -> str:
    """Return a digest of a visitor's address that nobody can undo after a day."""
    secret = uow.secret_of(day, now.astimezone(WIB).date())
    return hmac.digest(secret, network_of(address).encode(), "sha256").hex()[:32]


def network_of(address: str) -> str:
    """Return an address, or the network of 64 bits that one household has in IPv6."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(ip_network(f"{address}/64", strict=False))
    return str(found.ipv4_mapped if isinstance(found, IPv6Address) else found)


def waiting_questions(town: Town) -> Sequence[Question]:
    """Return what nobody has decided yet, most alike first."""
    waiting = [question for question in town.world.questions if question.decision is None]
    return sorted(waiting, key=lambda q: (-q.similarity, q.distance_m, q.listing, q.element))


def ask_questions(ports: Ports) -> int:
    """Put the matches a person should judge into the review table; returns how many wait."""
    town = Town(ports.reader.read())
    if not town.world.pickups:
        return 0
    now = ports.now()
    asked = [
        Question(m.left, m.right, m.similarity, m.distance_m, now)
        for m in (*town.twins, *town.matches)
        if m.outcome is Outcome.ASK
    ]
    with ports.unit_of_work() as uow:
        uow.ask(asked)
        uow.commit()
    return len(asked)


def decide(ports: Ports, town: Town, pair: tuple[str, str], decision: Outcome, line: Line | None = None) -> None:
    """Keep a person's decision that a listing and an OSM venue are the same or different, with its line.

    Raises NotFoundError.
    """
    listing, element = pair
    found = next((q for q in town.world.questions if (q.listing, q.element) == pair), None)
    if found is None:
        text = "There is no question about {listing} and {element}. See: tourism review list"
        raise NotFoundError(Message("UNKNOWN_QUESTION", text, listing=listing, element=element))
    with ports.unit_of_work() as uow:
        uow.decide(
            Question(listing, element, found.similarity, found.distance_m, found.asked_at, decision, ports.now())
        )
        if line:
            uow.office.add_line(line)
        uow.commit()
    ask_questions(ports)


def handle_reports(ports: Ports, venue_id: str, line: Line | None = None) -> int:
    """Mark the reports about a venue as handled, with their line; returns how many waited.

    Raises NotFoundError for none.
    """
    with ports.unit_of_work() as uow:
        found = uow.handle_reports(venue_id, ports.now())
        if not found:
            text = "No report waits about {venue}. See: tourism review list"
            raise NotFoundError(Message("NO_REPORT", text, venue=venue_id))
        if line:
            uow.office.add_line(line)
        uow.commit()
    return found


def set_occupancy(ports: Ports, town: Town, venue_id: str, free_seats: int | None, by: str) -> None:
    """Keep how many seats are free, 0 when full, or forget it with None; raises NotFoundError, OutOfRangeError."""
    venue = town.get_venue(venue_id).id
    if free_seats is not None and not 0 <= free_seats <= MOST_SEATS:
        text = "Free seats are 0 to {most}."
        raise OutOfRangeError({"free_seats": Message("SEATS_OUT_OF_RANGE", text, most=MOST_SEATS)})
    with ports.unit_of_work() as uow:
        if free_seats is None:
            uow.clear_occupancy(venue)
        else:
            uow.set_occupancy(Occupancy(venue, free_seats, ports.now(), by))
        uow.commit()

"""Short links: where they lead, and counting who comes by them without knowing anybody."""

from dataclasses import dataclass
from datetime import date, datetime
from secrets import choice

from tourism.domain.calendar import ONE_DAY, WIB
from tourism.domain.campaign import (
    CODE_LENGTH,
    CODE_SIGNS,
    MOST_OF_A_NETWORK,
    Campaign,
    Stage,
    Visits,
    digest_of,
)
from tourism.domain.measures import WEEKS
from tourism.errors import Message, NotFoundError
from tourism.services.plans import tonight
from tourism.services.ports import Ports
from tourism.services.reviews import network_of
from tourism.services.town import Town


@dataclass(frozen=True)
class Came:
    """A visit by a short link as far as a step, from an address, with what the client calls itself."""

    code: str
    step: Stage
    address: str
    agent: str


def find_campaign(town: Town, code: str) -> Campaign | None:
    """Return a short link that is in use, None without one."""
    return next((one for one in town.world.campaigns if one.code == code and one.active == "yes"), None)


def get_campaign(town: Town, code: str) -> Campaign:
    """Return a short link that is in use; raises NotFoundError."""
    found = find_campaign(town, code)
    if found is None:
        text = "There is no such short link. It may be over; the map shows where to wait tonight."
        raise NotFoundError(Message("UNKNOWN_CAMPAIGN", text))
    return found


def new_code() -> str:
    """Return a code that nobody guesses at once."""
    return "".join(choice(CODE_SIGNS) for _ in range(CODE_LENGTH))


def count(ports: Ports, town: Town, came: Came) -> bool:
    """Count a visit as far as a step: a person once a night, a robot never; False where nothing is counted.

    A plan or a turn counts only for who came by the link on the same night. Neither the address nor a cookie is kept:
    only digests with the night's secret, until that day is over. Raises NotReadyError where the database is busy.
    """
    if ports.is_robot(came.agent):
        return False
    now = ports.now()
    night, today = tonight(town, now), now.astimezone(WIB).date()
    with ports.brief_unit_of_work() as uow:
        uow.office.lock("visits")
        secret, branding, network = uow.secret_of(night, today), uow.office.branding, network_of(came.address)
        branding.forget(today)

        def visitor(step: Stage) -> str:
            return digest_of(secret, came.code, step, network, came.agent)

        if came.step is not Stage.SCAN and not branding.was_counted(night, visitor(Stage.SCAN)):
            return False
        one, all_of_them = Visits(night, came.code, came.step, 1), digest_of(secret, came.code, came.step, network)
        counted = branding.count_visit(one, visitor(came.step), all_of_them, MOST_OF_A_NETWORK)
        uow.commit()
    return counted


def days_of(ports: Ports, code: str) -> dict[date, dict[str, int]]:
    """Return visitors by a short link, by day and step, the newest day first."""
    found: dict[date, dict[str, int]] = {}
    with ports.office() as office:
        for one in reversed(office.branding.list_visits(code)):
            found.setdefault(one.day, {})[one.step] = one.number
    return found


def counts(ports: Ports, now: datetime) -> dict[str, dict[str, int]]:
    """Return visitors of the last weeks by short link and step."""
    first = now.astimezone(WIB).date() - WEEKS + ONE_DAY
    with ports.office() as office:
        return office.branding.visits_by_code(first)

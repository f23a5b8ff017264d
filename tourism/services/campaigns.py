"""Short links: where they lead, and counting who comes by them without knowing anybody."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from secrets import choice

from tourism.domain.calendar import WIB
from tourism.domain.campaign import CODE_LENGTH, CODE_SIGNS, Campaign, Step, is_bot, visitor_of
from tourism.errors import Message, NotFoundError
from tourism.services.ports import Ports
from tourism.services.reviews import network_of
from tourism.services.town import Town

COUNTED_DAYS = 28


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


def count(ports: Ports, code: str, step: Step, address: str, headers: Mapping[str, str]) -> bool:
    """Count a visit as far as a step: a person once a day, a robot never; False where nothing is counted.

    Neither the address nor a cookie is kept: only a digest with the day's secret, until the day is over.
    """
    if is_bot(headers):
        return False
    today = ports.now().astimezone(WIB).date()
    agent = headers.get("User-Agent", "")[:300]
    with ports.unit_of_work() as uow:
        uow.office.lock("visits")
        visitor = visitor_of(uow.secret_of(today, today), code, step, network_of(address), agent)
        counted = uow.office.branding.count_visit(today, code, step, visitor)
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
    first = now.astimezone(WIB).date() - timedelta(days=COUNTED_DAYS - 1)
    with ports.office() as office:
        return office.branding.visits_by_code(first)

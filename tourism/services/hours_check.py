"""What typed hours mean tonight, and what to know before they are saved."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tourism.domain.calendar import WIB, Window
from tourism.domain.hours import Answer, Opening, deciding_rule, normalise, over
from tourism.domain.hours_lint import Finding, lint
from tourism.services.plans import tonight
from tourism.services.spots import SpotsRequest, window_of
from tourism.services.town import Town


@dataclass(frozen=True)
class HoursCheck:
    """Hours as they are stored, how they answer for a night's wait, until when, by which rule, and the findings."""

    written: str
    night: date
    window: Window
    answer: Answer
    until: datetime | None
    rule: str
    findings: tuple[Finding, ...]


def check_hours(town: Town, text: str, now: datetime, night: date | None = None) -> HoursCheck:
    """Read hours as a venue writes them, and answer for a night, by default tonight's; raises HoursError."""
    written = normalise(text)
    asked = SpotsRequest(night or tonight(town, now))
    calendar, window = town.world.almanac.calendar, window_of(town, asked, now)
    answer = over(written, window, calendar)
    until = answer.until
    if answer.opening is Opening.OPEN:
        until = over(written, Window(window.start, window.start + timedelta(days=1)), calendar).until
    findings = tuple(lint(written, now.astimezone(WIB).year, calendar))
    rule = deciding_rule(written, window, calendar)
    return HoursCheck(written, asked.night, window, answer, until, rule, findings)

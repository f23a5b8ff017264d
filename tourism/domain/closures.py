"""What may not be used, from when to when, who says so, and what the volcano's alert level shuts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from tourism.domain.calendar import WIB, Window

FURTHER_NOTICE = datetime(9999, 1, 1, tzinfo=WIB)


@dataclass(frozen=True)
class Closure:
    """An interval during which a scope may not be used; without an end it holds until further notice.

    A scope is "park" (all that lies beyond the gates), an area of the places (caldera), an approach, or the id of a
    gate or another place. `excepted` holds place ids that stay open. Closures stack: what any of them forbids is
    forbidden. An expected closure warns; an announced one forbids.
    """

    starts_at: datetime
    scope: str
    reason: str
    status: Literal["announced", "expected"]
    source: str
    ends_at: datetime | None = None
    excepted: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a closure that ends before it begins, or whose instants have no offset."""
        if any(instant and instant.tzinfo is None for instant in (self.starts_at, self.ends_at)):
            raise ValueError("an instant needs its offset, as in 2026-12-08T15:00+07:00")
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise ValueError("a closure ends after it begins")

    @property
    def window(self) -> Window:
        """When it holds."""
        return Window(self.starts_at, self.ends_at or FURTHER_NOTICE)

    @property
    def forbids(self) -> bool:
        """Tell whether it forbids, not only warns."""
        return self.status == "announced"

    def spares(self, place: str) -> bool:
        """Tell whether a place stays open though it lies within the scope."""
        return place in self.excepted.split(";")


@dataclass(frozen=True)
class AlertLevel:
    """What a level of the volcano's alert shuts, and what it may shut: scopes of closures, separated by ";"."""

    level: Literal["I", "II", "III", "IV"]
    text: str
    basis: str
    confidence: Literal["L", "M", "H"]
    radius_m: int | None = None
    shuts: str = ""
    may_shut: str = ""


@dataclass(frozen=True)
class Alert:
    """The volcano's alert level from an instant on, until another one or its end."""

    level: Literal["I", "II", "III", "IV"]
    starts_at: datetime
    source: str
    ends_at: datetime | None = None

    @property
    def window(self) -> Window:
        """When it holds."""
        return Window(self.starts_at, self.ends_at or FURTHER_NOTICE)


def closures_by(alerts: Sequence[Alert], levels: Sequence[AlertLevel]) -> Iterator[Closure]:
    """Yield the closures that alerts bring: announced for what a level shuts, expected for what it may shut."""
    meaning = {level.level: level for level in levels}
    for alert in in_turn(alerts):
        level = meaning.get(alert.level)
        if level is None:
            continue
        status: Literal["announced", "expected"]
        for scopes, status in ((level.shuts, "announced"), (level.may_shut, "expected")):
            for scope in filter(None, scopes.split(";")):
                reason = f"volcano alert level {alert.level}"
                yield Closure(
                    alert.starts_at, scope, reason, status, alert.source, alert.ends_at, note=level.text
                )  # fmt: skip


def in_turn(alerts: Sequence[Alert]) -> list[Alert]:
    """Return alerts that follow each other: each ends when the next one begins, if it has not ended before."""
    ordered = sorted(alerts, key=lambda alert: alert.starts_at)
    ends = [*(after.starts_at for after in ordered[1:]), FURTHER_NOTICE]
    cut = [replace(a, ends_at=end) if end < a.window.end else a for a, end in zip(ordered, ends, strict=False)]
    return [alert for alert in cut if alert.starts_at < alert.window.end]


def alert_at(alerts: Sequence[Alert], instant: datetime) -> Alert | None:
    """Return the alert in force at an instant; None when nothing is known."""
    return next((a for a in in_turn(alerts) if a.window.start <= instant < a.window.end), None)


def scopes_of(closures: Sequence[Closure], levels: Sequence[AlertLevel]) -> set[str]:
    """Return every scope and place that closures and alert levels name; one that nothing is called shuts nothing."""
    named = [f"{c.scope};{c.excepted}" for c in closures] + [f"{level.shuts};{level.may_shut}" for level in levels]
    return {name for names in named for name in names.split(";") if name}

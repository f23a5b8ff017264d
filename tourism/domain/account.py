"""Who may do what in the office, for whose records, and how long a session and a lock-out last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

OFFICE = "kota-malang"  # the municipality whose tourism office runs this service
MUNICIPALITIES = ("kota-malang", "kota-batu", "kabupaten-malang")
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256
IDLE, LONGEST_SESSION = timedelta(hours=4), timedelta(hours=16)  # a night desk works from dusk to dawn
LINK_LASTS = timedelta(hours=24)
FREE_ATTEMPTS = {"account": 3, "address": 10}  # an office shares one address
LONGEST_DELAY = timedelta(minutes=15)
FORGET_ATTEMPTS = timedelta(hours=24)


def area_name(municipality: str) -> str:
    """Return a municipality's name: "Kota Batu"; the office's for none."""
    return (municipality or OFFICE).replace("-", " ").title()


class Role(StrEnum):
    """What somebody is to the office."""

    ADMIN = "admin"
    EDITOR = "editor"
    PARTNER = "partner"
    OPERATOR = "operator"
    OWNER = "owner"


class Verb(StrEnum):
    """What can be done; each is allowed for one's own municipality, operator or venue, and for others'."""

    READ = "read"
    PROPOSE = "propose"
    PUBLISH = "publish"
    REVIEW = "review"
    ARCHIVE = "archive"
    REVERT = "revert"
    IMPORT = "import"
    EXPORT = "export"
    TABLES = "tables"
    NIGHT = "night"
    GATE = "gate"
    HISTORY = "history"
    INVITE = "invite"
    SHARE = "share"
    BRAND = "brand"


class Reach(StrEnum):
    """Whose records a verb reaches."""

    ALL = "all"
    OWN = "own"


_A, _O = Reach.ALL, Reach.OWN
GRANTS: Mapping[Verb, Mapping[Role, Reach]] = {
    Verb.READ: {Role.ADMIN: _A, Role.EDITOR: _A, Role.PARTNER: _O, Role.OWNER: _O},
    Verb.PROPOSE: {Role.ADMIN: _A, Role.EDITOR: _O, Role.PARTNER: _O, Role.OWNER: _O},
    Verb.PUBLISH: {Role.ADMIN: _A, Role.EDITOR: _O},
    Verb.REVIEW: {Role.ADMIN: _A, Role.EDITOR: _A},
    Verb.ARCHIVE: {Role.ADMIN: _A, Role.EDITOR: _O},
    Verb.REVERT: {Role.ADMIN: _A, Role.EDITOR: _O},
    Verb.IMPORT: {Role.ADMIN: _A, Role.EDITOR: _O, Role.PARTNER: _O},
    Verb.EXPORT: {Role.ADMIN: _A, Role.EDITOR: _A, Role.PARTNER: _O},
    Verb.TABLES: {Role.ADMIN: _A, Role.EDITOR: _O},
    Verb.NIGHT: {Role.ADMIN: _A, Role.EDITOR: _A, Role.OPERATOR: _O},
    Verb.GATE: {Role.ADMIN: _A, Role.EDITOR: _A},
    Verb.HISTORY: {Role.ADMIN: _A, Role.EDITOR: _A, Role.PARTNER: _O},
    Verb.INVITE: {Role.ADMIN: _A, Role.EDITOR: _O},
    Verb.SHARE: {Role.ADMIN: _A, Role.EDITOR: _A, Role.PARTNER: _O},
    Verb.BRAND: {Role.ADMIN: _A, Role.EDITOR: _O, Role.PARTNER: _O},
}


@dataclass(frozen=True)
class Whose:
    """Whose something is: a municipality's, and more narrowly a venue's owner's or an operator's."""

    municipality: str = OFFICE
    venue: str = ""
    operator: str = ""


@dataclass(frozen=True)
class User:
    """Somebody with an account; `stamp` grows with every new password, so that links and sessions of before end.

    `password` is a digest, empty until one is chosen; who owns a venue signs in by links alone.
    """

    email: str
    role: Role
    municipality: str = OFFICE
    operator: str = ""
    venue: str = ""
    password: str = ""
    stamp: int = 1
    disabled_at: datetime | None = None
    id: int = 0

    def owns(self, subject: Whose) -> bool:
        """Tell whether something is the user's own."""
        if self.role is Role.OWNER:
            return bool(self.venue) and self.venue == subject.venue
        if self.role is Role.OPERATOR:
            return bool(self.operator) and self.operator == subject.operator
        return self.municipality == subject.municipality

    def may(self, verb: Verb, subject: Whose | None = None) -> bool:
        """Tell whether the user may do something with a subject; without one, with any at all."""
        reach = GRANTS[verb].get(self.role)
        return reach is Reach.ALL or (reach is Reach.OWN and (subject is None or self.owns(subject)))


@dataclass(frozen=True)
class Session:
    """One signed-in browser; `csrf` is the token that its forms carry."""

    digest: str
    user: int
    csrf: str
    began_at: datetime
    seen_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Tell whether it has been idle too long, or has lasted too long."""
        return now - self.seen_at >= IDLE or now - self.began_at >= LONGEST_SESSION


@dataclass(frozen=True)
class Attempts:
    """Failed sign-ins of one account or from one address."""

    key: str
    failures: int
    last_at: datetime

    def wait(self, now: datetime) -> timedelta:
        """Return how long the next attempt has to wait: doubled from a second with each failure beyond the free ones.

        Zero when it may be made.
        """
        beyond = self.failures - FREE_ATTEMPTS[self.key.partition(":")[0]]
        if beyond < 0 or now - self.last_at >= FORGET_ATTEMPTS:
            return timedelta()
        delay = min(timedelta(seconds=2 ** min(beyond, 20)), LONGEST_DELAY)
        return max(self.last_at + delay - now, timedelta())

    def failed(self, now: datetime) -> "Attempts":
        """Return them with one more."""
        before = 0 if now - self.last_at >= FORGET_ATTEMPTS else self.failures
        return Attempts(self.key, before + 1, now)

"""What others take: listings as they change, in order, each once; and the keys that they take them with."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_hex, token_urlsafe
from typing import Literal

from typing_extensions import TypedDict

from tourism.domain.account import MUNICIPALITIES, Role, User
from tourism.domain.record import Line
from tourism.domain.sharing import FORMAT, UNKNOWN_CURSOR, ApiKey, ListingChange, cursor_of, read_cursor
from tourism.errors import ConflictError, CursorError, Message, NotFoundError, NotSignedInError, OutOfRangeError
from tourism.services.ports import Ports

MOST_CHANGES = 1000
SHOWN_EVERY = timedelta(minutes=1)  # how exactly the last use of a key is known
GRACE = timedelta(days=7)
ANONYMOUS_PER_S, USUAL_PER_S, MOST_PER_S = 5, 50, 1000
PREFIX = "kk_"
BAD_KEY = Message("BAD_KEY", "This key is not known here, or holds no more.")


class ChangeDocument(TypedDict):
    """One change: a listing as it became; `fields` is null for a tombstone. `chain` has the providers it came by."""

    type: Literal["change", "tombstone"]
    uuid: str
    source: str
    external_id: str
    chain: str
    at: str
    licence: str
    fields: dict[str, str] | None


class ChangesDocument(TypedDict):
    """Changes after a cursor, in order; `cursor` is where to go on, at once when `more`."""

    format: str
    provider: str
    cursor: str
    more: bool
    changes: list[ChangeDocument]


def list_changes(ports: Ports, since: str, of: str, passed_on: bool, limit: int) -> ChangesDocument:
    """Return what has changed after a cursor: what was cleared, or what one municipality gives out.

    Records that came from elsewhere are among them only when that is asked for. Raises CursorError.
    """
    with ports.office() as office:
        provider = office.sharing.provider
        after = read_cursor(since, provider)
        scope = "own" if of else "joint"
        found, last = office.sharing.list_changes(after, scope, of, passed_on, min(limit, MOST_CHANGES))
    if after > last:
        raise CursorError(UNKNOWN_CURSOR)  # of before a backup was put back
    changes = [_document(change, provider) for change in found]
    return {
        "format": FORMAT, "provider": provider, "cursor": cursor_of(provider, last),
        "more": len(found) == min(limit, MOST_CHANGES), "changes": changes,
    }  # fmt: skip


def _document(change: ListingChange, provider: str) -> ChangeDocument:
    return {
        "type": "change" if change.fields is not None else "tombstone", "uuid": change.uuid, "source": change.source,
        "external_id": change.external_id, "chain": f"{change.chain} {provider}".strip(),
        "at": change.at.isoformat(timespec="seconds"), "licence": change.licence,
        "fields": dict(change.fields) if change.fields is not None else None,
    }  # fmt: skip


@dataclass(frozen=True)
class NewKey:
    """A key with its secret, which is shown this once."""

    key: ApiKey
    secret: str


@dataclass(frozen=True)
class KeyWish:
    """A key as somebody wants it: who uses it, whose it is, what it may, and how many requests a second."""

    name: str
    municipality: str
    scope: str = "read"
    per_s: int = USUAL_PER_S


def add_key(ports: Ports, wish: KeyWish, by: str) -> NewKey:
    """Make a key for a partner; raises OutOfRangeError."""
    issues = {}
    if not wish.name.strip() or len(wish.name) > 80 or not wish.name.isprintable():
        issues["name"] = Message("NO_KEY_NAME", "Write who uses it, in at most 80 signs.")
    if wish.municipality not in MUNICIPALITIES:
        choices = ", ".join(MUNICIPALITIES)
        issues["municipality"] = Message("NOT_A_CHOICE", "Choose from: {choices}.", choices=choices)
    if wish.scope not in ("read", "write"):
        issues["scope"] = Message("NOT_A_CHOICE", "Choose from: {choices}.", choices="read, write")
    if not 1 <= wish.per_s <= MOST_PER_S:
        issues["per_s"] = Message("NUMBER_OUT_OF_RANGE", "Write {low} to {high}.", low=1, high=MOST_PER_S)
    if issues:
        raise OutOfRangeError(issues)
    secret, now = token_urlsafe(32), ports.now()
    scope: Literal["read", "write"] = "write" if wish.scope == "write" else "read"
    key = ApiKey(token_hex(4), wish.name.strip(), wish.municipality, scope, _digest(secret), wish.per_s, now, by)
    _put(ports, [key], "key added", by)
    return NewKey(key, f"{PREFIX}{key.id}_{secret}")


def rotate_key(ports: Ports, id_: str, by: str, grace: timedelta = GRACE) -> NewKey:
    """Make a new key of the same name and scope; the old one goes on for a while, so that nothing stands still.

    Raises NotFoundError, ConflictError for one that ends already.
    """
    old = get_key(ports, id_)
    secret, now = token_urlsafe(32), ports.now()
    if old.ends_at is not None:
        raise ConflictError(Message("KEY_ENDED", "This key has ended, or has a new one beside it. Make another."))
    new = replace(
        old, id=token_hex(4), digest=_digest(secret), created_at=now, created_by=by, ends_at=None, used_at=None
    )
    _put(ports, [replace(old, ends_at=now + grace), new], "key rotated", by)
    return NewKey(new, f"{PREFIX}{new.id}_{secret}")


def revoke_key(ports: Ports, id_: str, by: str) -> None:
    """End a key at once; raises NotFoundError."""
    _put(ports, [replace(get_key(ports, id_), ends_at=ports.now())], "key revoked", by)


def get_key(ports: Ports, id_: str) -> ApiKey:
    """Return a key by its id; raises NotFoundError."""
    with ports.office() as office:
        found = office.sharing.find_key(id_)
    if found is None:
        raise NotFoundError(Message("UNKNOWN_KEY", "There is no key {id}. See: tourism key list", id=id_))
    return found


def list_keys(ports: Ports) -> Sequence[ApiKey]:
    """Return every key, without secrets, which nobody knows."""
    with ports.office() as office:
        return office.sharing.list_keys()


def _put(ports: Ports, keys: Sequence[ApiKey], step: str, by: str) -> None:
    with ports.unit_of_work() as uow:
        for key in keys:
            uow.sharing.put_key(key)
        named = {"name": keys[-1].name, "municipality": keys[-1].municipality}
        uow.office.add_line(Line(ports.now(), by, "key", keys[0].id, 0, step, None, named))
        uow.commit()


def use_key(ports: Ports, written: str, now: datetime) -> ApiKey:
    """Return the key that a request carries and keep that it was used; raises NotSignedInError."""
    id_, _, secret = written.removeprefix(PREFIX).partition("_")
    with ports.office() as office:
        key = office.sharing.find_key(id_) if written.startswith(PREFIX) else None
    if key is None or key.is_over(now) or not hmac.compare_digest(key.digest, _digest(secret)):
        raise NotSignedInError(BAD_KEY)
    if key.used_at is None or now - key.used_at >= SHOWN_EVERY:
        with ports.unit_of_work() as uow:
            uow.sharing.use_key(key.id, now)
            uow.commit()
    return key


def user_of(key: ApiKey) -> User:
    """Return whom a key that may write acts for: a partner of its municipality."""
    return User(f"key:{key.name}", Role.PARTNER, key.municipality)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()  # it is random and long: nothing slower is needed

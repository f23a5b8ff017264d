"""Accounts of the office: signing in and out, links by mail, and who may do what.

A session's token is kept as a digest, and so are addresses that failed. A link is signed, lasts a day, and works once:
using it raises the stamp that it carries.
"""

import hashlib
import hmac
import logging
import re
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_urlsafe

from itsdangerous import BadSignature, URLSafeSerializer

from tourism.domain.account import (
    FORGET_ATTEMPTS,
    IDLE,
    LINK_LASTS,
    LONGEST_PASSWORD,
    MUNICIPALITIES,
    OFFICE,
    SHORTEST_PASSWORD,
    Attempts,
    Role,
    Session,
    User,
)
from tourism.domain.calendar import WIB
from tourism.domain.record import Line
from tourism.errors import (
    ConflictError,
    MailError,
    Message,
    NotFoundError,
    NotSignedInError,
    OutOfRangeError,
    TooManyError,
)
from tourism.services.language import Language
from tourism.services.ports import Office, Ports, UnitOfWork

EMAIL = re.compile(
    r"[a-z0-9!#$%&*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&*+/=?^_`{|}~-]+)*@([a-z0-9][a-z0-9-]{0,61}\.)+[a-z]{2,20}", re.ASCII
)
SEEN_EVERY_S, LONGEST_EMAIL = 60, 120
WRONG = Message("WRONG_PASSWORD", "This address and this password don't belong together.")
OVER = Message("SESSION_OVER", "Your session is over. Sign in again in another tab, go back here and send it again.")
BAD_LINK = Message("BAD_LINK", "This link has been used, or is older than a day. Ask for a new one.")


@dataclass(frozen=True)
class SignedIn:
    """Who acts, in which session."""

    user: User
    session: Session


def _signing_key(office: Office) -> str:
    return office.setting("signing_key")


def _make_signing_key(ports: Ports) -> str:
    """Return the key that signs links and hides addresses, made at its first use: there is no default one."""
    with ports.office() as office:
        found = _signing_key(office)
    if not found:
        with ports.unit_of_work() as uow:
            uow.office.lock("signing_key")
            found = _signing_key(uow.office) or token_urlsafe(32)
            uow.office.set_setting("signing_key", found)
            uow.commit()
    return found


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _hidden(key: str, kind: str, text: str) -> str:
    return f"{kind}:{hmac.digest(key.encode(), text.encode(), 'sha256').hex()[:32]}"


def _attempt(ports: Ports, email: str, address: str) -> tuple[str, str]:
    """Count an attempt as failed before it is made, so that many at once are counted; raises TooManyError.

    Returns under which keys it was counted: the account's and the address's.
    """
    now, key = ports.now(), _make_signing_key(ports)
    keys = _hidden(key, "account", email), _hidden(key, "address", address)
    with ports.unit_of_work() as uow:
        for name in sorted(keys):
            uow.office.lock(name)
        uow.office.sweep(now - IDLE, now - FORGET_ATTEMPTS)
        before = [uow.office.find_attempts(name) or Attempts(name, 0, now) for name in keys]
        wait = max(attempts.wait(now) for attempts in before)
        if wait:
            text = "Too many attempts. Wait {seconds} s, or ask for a link by mail."
            seconds = max(round(wait.total_seconds()), 1)
            raise TooManyError(Message("LOCKED_OUT", text, seconds=seconds), wait)
        for attempts in before:
            uow.office.put_attempts(attempts.failed(now))
        uow.commit()
    return keys


def sign_in(ports: Ports, email: str, password: str, address: str) -> str:
    """Begin a session; returns its token. Raises NotSignedInError, TooManyError."""
    email = email.strip().lower()[:200]
    account, place = _attempt(ports, email, address)
    with ports.office() as office:
        user = office.find_user(email)
    usable = user is not None and user.disabled_at is None and user.role is not Role.OWNER
    right = ports.passwords.matches(user.password if user and usable else "", password[:LONGEST_PASSWORD])
    if user is None or not right:
        raise NotSignedInError(WRONG)
    with ports.unit_of_work() as uow:
        if uow.office.find_user(email) != user:  # it was reset or shut while the password was looked at
            raise NotSignedInError(WRONG)
        for name in sorted((account, place)):
            uow.office.lock(name)
        uow.office.put_attempts(Attempts(account, 0, ports.now()))
        failed = uow.office.find_attempts(place)
        if failed:  # this one was none after all; those of others meanwhile stay
            uow.office.put_attempts(replace(failed, failures=failed.failures - 1))
        token = _begin(uow, user, ports.now())
        uow.commit()
    return token


def _begin(uow: UnitOfWork, user: User, now: datetime) -> str:
    token = token_urlsafe(32)
    # The same for every session of the account, so that a form outlives the session in which it was opened.
    csrf = _hidden(_signing_key(uow.office), "csrf", f"{user.id}:{user.stamp}").partition(":")[2]
    uow.office.add_session(Session(_digest(token), user.id, csrf, now, now))
    return token


def get_signed_in(ports: Ports, token: str) -> SignedIn:
    """Return who a session's token belongs to; raises NotSignedInError."""
    if not token:
        raise NotSignedInError(Message("NOBODY", "Sign in first."))
    now = ports.now()
    with ports.office() as office:
        session = office.find_session(_digest(token))
        user = office.find_user(id_=session.user) if session else None
    if session is None or user is None or user.disabled_at is not None or session.is_over(now):
        raise NotSignedInError(OVER)
    if (now - session.seen_at).total_seconds() >= SEEN_EVERY_S:
        with ports.unit_of_work() as uow:
            uow.office.see_session(session.digest, now)
            uow.commit()
    return SignedIn(user, session)


def sign_out(ports: Ports, signed_in: SignedIn, everywhere: bool = False) -> None:
    """End a session, or every session of its account."""
    with ports.unit_of_work() as uow:
        if everywhere:
            uow.office.end_sessions(signed_in.user.id)
        else:
            uow.office.end_session(signed_in.session.digest)
        uow.commit()


def _link(ports: Ports, user: User) -> str:
    expires = round((ports.now() + LINK_LASTS).timestamp())
    token = URLSafeSerializer(_make_signing_key(ports), salt="link").dumps([user.id, user.stamp, expires])
    return f"{ports.public_url}/office/link/{token}"


def ask_for_link(ports: Ports, email: str, address: str) -> None:
    """Mail a link to an account, if there is one; the answer tells nobody whether. Raises TooManyError."""
    email = email.strip().lower()[:200]
    _attempt(ports, f"link to {email}", f"link from {address}")
    with ports.office() as office:
        user = office.find_user(email)
    if user and user.disabled_at is None:
        try:
            mail_link(ports, user)
        except MailError as error:  # an answer that says so would tell that there is an account
            logging.getLogger("tourism").error("a link could not be mailed: %s", error)


def mail_link(ports: Ports, user: User) -> None:
    """Mail a link to sign in or to choose a password, in both languages; raises MailError."""
    link, texts = _link(ports, user), []
    with ports.office() as office:
        record = office.find_record("listing", user.venue) if user.venue else None
    name = record.newest.get("name", user.venue) if record else user.venue
    for code in ("id", "en"):
        words = Language(code)
        if user.venue:
            text = "You may keep the page of {venue}: its hours, what is there, and its photo."
            texts.append(words.text(text, venue=name))
        texts.append(
            words.text("Open this link to sign in at the office of Kongkow Kayutangan. It works once, for a day:")
        )
        texts.append(link)
        texts.append(words.text("If you did not ask for it, do nothing.") + "\n")
    ports.mailer.send(user.email, "Kongkow Kayutangan: masuk / sign in", "\n".join(texts))


def open_link(ports: Ports, token: str) -> User:
    """Return whose link this is, without using it up; raises NotFoundError."""
    with ports.office() as office:
        return _user_of_link(office, token, ports.now())


def _user_of_link(office: Office, token: str, now: datetime) -> User:
    key = _signing_key(office)
    if not key:
        raise NotFoundError(BAD_LINK)
    try:
        id_, stamp, expires = URLSafeSerializer(key, salt="link").loads(token)
    except (BadSignature, ValueError, TypeError) as error:
        raise NotFoundError(BAD_LINK) from error
    user = office.find_user(id_=id_)
    if user is None or user.disabled_at is not None or user.stamp != stamp or now.timestamp() >= expires:
        raise NotFoundError(BAD_LINK)
    return user


def use_link(ports: Ports, token: str, password: str = "") -> str:
    """Use a link up: an owner is signed in, others choose a password first; returns a session's token.

    All other sessions of the account end. Raises NotFoundError, OutOfRangeError for a password that is too weak.
    """
    user = open_link(ports, token)
    kept = user.password
    if user.role is not Role.OWNER:
        check_password(ports, user, password)
        kept = ports.passwords.digest(password)
    with ports.unit_of_work() as uow:
        uow.office.lock(f"link:{user.id}")
        user = _user_of_link(uow.office, token, ports.now())  # nobody else has used it meanwhile
        fresh = uow.office.put_user(replace(user, password=kept, stamp=user.stamp + 1))
        uow.office.end_sessions(user.id)
        attempts = _hidden(_signing_key(uow.office), "account", user.email)
        uow.office.lock(attempts)
        uow.office.put_attempts(Attempts(attempts, 0, ports.now()))
        uow.office.add_line(
            _line(ports, user.email, fresh, "signed in by link" if user.role is Role.OWNER else "password", user)
        )
        session = _begin(uow, fresh, ports.now())
        uow.commit()
    return session


def check_password(ports: Ports, user: User, password: str) -> None:
    """Raise OutOfRangeError for a password that is too short, too long or common; nothing else is asked of it."""
    if len(password) < SHORTEST_PASSWORD:
        text = "A password has at least {least} signs; a sentence is easy to remember."
        raise OutOfRangeError({"password": Message("SHORT_PASSWORD", text, least=SHORTEST_PASSWORD)})
    if len(password) > LONGEST_PASSWORD:
        text = "A password has at most {most} signs."
        raise OutOfRangeError({"password": Message("LONG_PASSWORD", text, most=LONGEST_PASSWORD)})
    if ports.passwords.is_common(password, re.split(r"[@.\-_+]", user.email)):
        text = "This password would be guessed soon. Take a few words that don't belong together."
        raise OutOfRangeError({"password": Message("COMMON_PASSWORD", text)})


def add_user(ports: Ports, user: User, by: str) -> tuple[User, str]:
    """Create an account; returns it with its first link. Raises OutOfRangeError, ConflictError."""
    issues = {}
    if len(user.email) > LONGEST_EMAIL or not EMAIL.fullmatch(user.email):
        issues["email"] = Message("NOT_AN_EMAIL", "Write an e-mail address.")
    if user.municipality not in MUNICIPALITIES:
        choices = ", ".join(MUNICIPALITIES)
        issues["municipality"] = Message("NOT_A_CHOICE", "Choose from: {choices}.", choices=choices)
    elif user.role is Role.ADMIN and user.municipality != OFFICE:
        issues["municipality"] = Message("ADMIN_ELSEWHERE", "The office's admin belongs to {office}.", office=OFFICE)
    if user.role is Role.OPERATOR and not user.operator:
        issues["operator"] = Message("NO_OPERATOR", "Say which operator, as its timetable names it.")
    if user.role is Role.OWNER and not user.venue:
        issues["venue"] = Message("NO_VENUE", "Say which venue, by its id.")
    if issues:
        raise OutOfRangeError(issues)
    with ports.unit_of_work() as uow:
        if user.venue and uow.office.find_record("listing", user.venue) is None:
            text = "There is no listing {id}."
            raise OutOfRangeError({"venue": Message("UNKNOWN_LISTING", text, id=user.venue)})
        found = uow.office.put_user(user)
        uow.office.add_line(_line(ports, by, found, "added"))
        uow.commit()
    return found, _link(ports, found)


def disable_user(ports: Ports, email: str, by: str) -> None:
    """Shut an account and end its sessions; raises NotFoundError."""
    _change(ports, email, by, "disabled", disabled_at=ports.now())


def reset_user(ports: Ports, email: str, by: str) -> str:
    """End an account's sessions and its password, open it again if it was shut; returns a new link."""
    return _link(ports, _change(ports, email, by, "reset", disabled_at=None, password=""))


def _change(ports: Ports, email: str, by: str, step: str, **changed: object) -> User:
    with ports.unit_of_work() as uow:
        user = uow.office.find_user(email.strip().lower())
        if user is None:
            text = "There is no account {email}. See: tourism user list"
            raise NotFoundError(Message("UNKNOWN_ACCOUNT", text, email=email))
        after = uow.office.put_user(replace(user, stamp=user.stamp + 1, **changed))  # type: ignore[arg-type]
        uow.office.end_sessions(user.id)
        uow.office.add_line(_line(ports, by, after, step, user))
        uow.commit()
    return after


def list_users(ports: Ports) -> list[User]:
    """Return every account."""
    with ports.office() as office:
        return office.list_users()


def invite_owner(ports: Ports, email: str, venue: str, municipality: str, by: str) -> None:
    """Mail a venue's owner a link to its own page, with an account made at the first time.

    Raises ConflictError when the address belongs to another account, OutOfRangeError, MailError.
    """
    email = email.strip().lower()
    with ports.office() as office:
        user = office.find_user(email)
    if user is None:
        user, _ = add_user(ports, User(email, Role.OWNER, municipality, venue=venue), by)
    elif user.role is not Role.OWNER or user.venue != venue or user.disabled_at is not None:
        raise ConflictError(Message("OTHER_ACCOUNT", "This address has another account. Take another one."))
    mail_link(ports, user)


def _line(ports: Ports, by: str, user: User, step: str, before: User | None = None) -> Line:
    was = _said(before) if before else None
    return Line(ports.now().astimezone(WIB), by, "account", user.email, user.stamp, step, was, _said(user))


def _said(user: User) -> dict[str, str]:
    """Return what the audit says of an account: nothing of its password but whether there is one."""
    said = {
        "role": user.role.value, "municipality": user.municipality, "operator": user.operator, "venue": user.venue,
        "password": "yes" if user.password else "", "disabled": "yes" if user.disabled_at else "",
    }  # fmt: skip
    return {name: value for name, value in said.items() if value}

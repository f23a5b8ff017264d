"""What every page of the office shares: who is let in, what its frame shows, and how its forms are read."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue

from tourism.domain.account import OFFICE, Verb, Whose
from tourism.domain.evidence import Known
from tourism.domain.listing import FACTS
from tourism.errors import InputError, MalformedError, Message, NotSignedInError, TourismError
from tourism.routes._office_words import CODE_TEXTS, CODED, FIELD_TEXTS, KIND_NAMES, STATE_NAMES, STEP_TEXTS
from tourism.routes._render import language, link, private
from tourism.routes._session import check_csrf, csrf, signed_in, user

LONGEST_FIELD = 2_000
SAFE = ("GET", "HEAD", "OPTIONS")
DATES = ("as_of", "first", "last", "valid_from")
LARGEST_UPLOAD = 12_000_000


def guard() -> ResponseReturnValue | None:
    """Let in who is signed in; every form carries the session's token."""
    try:
        signed_in()
        if request.method not in SAFE:
            request.max_content_length = LARGEST_UPLOAD  # who is signed in may send more than visitors
            check_csrf()
    except NotSignedInError:
        if request.method not in SAFE:
            raise
        return redirect(link("/office/sign-in", next=request.full_path.rstrip("?")), 303)
    return None


def office_page(template: str, status: int = 200, **values: Any) -> Response:
    """Return a page of the office with what all of them show."""
    words = language()
    return private(
        f"office/{template}", status, user=user(), csrf=csrf(), Verb=Verb, Whose=Whose, OFFICE=OFFICE,
        field_name=lambda name: words.say(FIELD_TEXTS[name]) if name in FIELD_TEXTS else name,
        kind_name=lambda kind: words.say(KIND_NAMES[kind]) if kind in KIND_NAMES else kind,
        shown=_shown, word=_word,
        state_name=lambda state: words.say(STATE_NAMES[state]), step_name=_step_name, **values,
    )  # fmt: skip


def _shown(name: str, value: str) -> str:
    """Return a field's value as people read it."""
    words = language()
    if name in FACTS and value.count(";") == 2:
        said, source, as_of = (part.strip() for part in value.split(";"))
        return f"{words.text(said) if said in list(Known) else said} · {source} · {as_of}"
    if name in DATES:
        try:
            return words.day(date.fromisoformat(value))
        except ValueError:
            return value or "–"  # a draft may say anything, and its line stays
    if name == "kind" and value in KIND_NAMES:
        return words.say(KIND_NAMES[value])
    return (_word(value) if name in CODED else value) or "–"


def _word(code: str) -> str:
    """Return a code of ours as people say it; whatever else it is stays as it is."""
    return language().say(CODE_TEXTS[code]) if code in CODE_TEXTS else code


def _step_name(step: str) -> str:
    return language().say(STEP_TEXTS[step]) if step in STEP_TEXTS else step


def issues_of(error: TourismError, field: str) -> Mapping[str, Message]:
    """Return what is wrong with each field; an error about the whole stands beside the one that is named."""
    return error.issues if isinstance(error, InputError) else {field: error.message}


def form_text(name: str, longest: int = LONGEST_FIELD) -> str:
    """Return a field of the form, empty without it; raises MalformedError for one that is too long."""
    found = request.form.get(name, "")
    if len(found) > longest:
        raise MalformedError({name: Message("TOO_LONG", "This is too long.")})
    return found


def form_version() -> int:
    """Return the version that a form was based on; raises MalformedError."""
    written = request.form.get("version", "")
    if not (written.isascii() and written.isdecimal() and len(written) < 9):
        raise MalformedError({"version": Message("NOT_A_NUMBER", "Write a whole number.")})
    return int(written)

"""The office's door: signing in and out, and links by mail."""

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from tourism.domain.account import SHORTEST_PASSWORD, Role
from tourism.errors import InputError, NotSignedInError, TooManyError
from tourism.routes._render import language, link, ports, private
from tourism.routes._session import (
    check_before,
    check_csrf,
    drop_session,
    form_before,
    keep_before,
    keep_session,
    signed_in,
)
from tourism.services.accounts import ask_for_link, open_link, sign_in, sign_out, use_link

door = Blueprint("office_door", __name__, url_prefix="/office")
LONGEST_PASTE = 1_000


def _next() -> str:
    """Return where to go on after signing in: a page of the office, and nothing else."""
    wanted = request.values.get("next", "")
    inside = wanted.startswith("/office/") and not wanted.startswith("/office/link") and "\\" not in wanted
    return wanted if inside and wanted.isprintable() else link("/office/")


@door.get("/sign-in")
def ask_sign_in() -> ResponseReturnValue:
    """The form to sign in."""
    return keep_before(
        private("office/sign_in.html", before=form_before(), next=_next(), asked=request.args.get("asked"))
    )


@door.post("/sign-in")
def do_sign_in() -> ResponseReturnValue:
    """Begin a session."""
    check_before()
    email, password = request.form.get("email", "")[:LONGEST_PASTE], request.form.get("password", "")[:LONGEST_PASTE]
    try:
        token = sign_in(ports(), email, password, request.remote_addr or "")
    except (NotSignedInError, TooManyError) as error:
        said = language().say(error.message)
        answer = private(
            "office/sign_in.html", error.status, before=form_before(), next=_next(), email=email, error=said
        )  # fmt: skip
        if isinstance(error, TooManyError):
            answer.headers["Retry-After"] = str(round(error.wait.total_seconds()))
        return keep_before(answer)
    return keep_session(redirect(_next(), 303), token)  # type: ignore[arg-type]


@door.post("/sign-out")
def do_sign_out() -> ResponseReturnValue:
    """End the session, or all of the account's."""
    check_csrf()
    sign_out(ports(), signed_in(), everywhere="everywhere" in request.form)
    return drop_session(redirect(link("/office/sign-in"), 303))  # type: ignore[arg-type]


@door.post("/link")
def do_ask_for_link() -> ResponseReturnValue:
    """Mail a link; the answer is the same whether there is an account or not."""
    check_before()
    ask_for_link(ports(), request.form.get("email", "")[:LONGEST_PASTE], request.remote_addr or "")
    return redirect(link("/office/sign-in", asked="1"), 303)


@door.get("/link/<token>")
def show_link(token: str) -> ResponseReturnValue:
    """What a link is for; opening it uses nothing up, for mail programs look ahead."""
    whose = open_link(ports(), token)
    return keep_before(
        private("office/link.html", before=form_before(), whose=whose, Role=Role, least=SHORTEST_PASSWORD)
    )


@door.post("/link/<token>")
def follow_link(token: str) -> ResponseReturnValue:
    """Use a link up."""
    check_before()
    try:
        session = use_link(ports(), token, request.form.get("password", "")[:LONGEST_PASTE])
    except InputError as error:
        whose = open_link(ports(), token)
        return keep_before(private(
            "office/link.html", 422, before=form_before(), whose=whose, Role=Role, least=SHORTEST_PASSWORD,
            error=language().say(error.message),
        ))  # fmt: skip
    return keep_session(redirect(link("/office/"), 303), session)  # type: ignore[arg-type]

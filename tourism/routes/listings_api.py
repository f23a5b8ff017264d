"""The API of listings, for who is signed in: read, and write on the version that was read."""

from typing import Literal

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import TypedDict

from tourism.domain.account import Verb
from tourism.domain.listing import FIELDS, LISTING, NEEDED
from tourism.domain.record import Record, Step
from tourism.errors import MalformedError, Message, PreconditionError, UnreadableError
from tourism.routes._parse import NoQuery, parse
from tourism.routes._session import check_csrf, csrf, desk, user
from tourism.services.current import to_json
from tourism.services.office import Edit, StaleError, get_record, save_listing
from tourism.services.office_lists import list_records

listings_api = Blueprint("listings_api", __name__, url_prefix="/api/v1")


class ListingDocument(TypedDict):
    """A listing: what everybody sees, what waits for review, and why fields were not taken over."""

    id: str
    version: int
    state: str
    municipality: str
    published: dict[str, str] | None
    proposed: dict[str, str] | None
    remarks: dict[str, str]


class ListingsDocument(TypedDict):
    """The listings that one may read."""

    listings: list[ListingDocument]


class SessionDocument(TypedDict):
    """Who is signed in, and the token that every write carries as X-CSRF-Token."""

    email: str
    role: str
    municipality: str
    csrf: str


class ListingBody(BaseModel):
    """A listing as it should be: all of its fields; without a step it is published, or asked for review."""

    model_config = ConfigDict(extra="forbid", strict=True)
    fields: dict[str, str] = Field(
        json_schema_extra={"propertyNames": {"enum": list(FIELDS)}, "required": list(NEEDED)},
        description="By name, each as text: " + ", ".join(FIELDS) + ". Needed: " + ", ".join(NEEDED) + ".",
    )
    reason: str = ""
    step: Literal["draft", "submit", "publish"] | None = None


def _document(record: Record) -> ListingDocument:
    return {
        "id": record.key, "version": record.version, "state": record.state.value, "municipality": record.municipality,
        "published": None if record.cleared is None else dict(record.cleared),
        "proposed": None if record.proposed is None else dict(record.proposed), "remarks": dict(record.remarks),
    }  # fmt: skip


def _answer(document: object, version: int | None = None, status: int = 200) -> Response:
    answer = Response(to_json(document), status, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    if version is not None:
        answer.headers["ETag"] = f'"{version}"'
    return answer


@listings_api.get("/session")
def session() -> Response:
    """Who is signed in."""
    parse(NoQuery, request.args)
    one = user()
    return _answer({"email": one.email, "role": one.role.value, "municipality": one.municipality, "csrf": csrf()})


@listings_api.get("/listings")
def all_listings() -> Response:
    """Every listing that one may read."""
    parse(NoQuery, request.args)
    return _answer({"listings": [_document(record) for record in list_records(desk())]})


@listings_api.get("/listings/<key>")
def one_listing(key: str) -> Response:
    """A listing with its version as ETag."""
    parse(NoQuery, request.args)
    found = get_record(desk(), LISTING, key)
    return _answer(_document(found), found.version)


@listings_api.put("/listings/<key>")
def put_listing(key: str) -> Response:
    """Keep a listing on the version that was read: If-Match carries it; a new one says If-None-Match: *."""
    check_csrf()
    parse(NoQuery, request.args)
    here, version = desk(), _version()
    here.require(Verb.PROPOSE)
    body = _body()
    step = Step(body.step) if body.step else None
    try:
        after = save_listing(here, Edit(key, version, body.fields, step, body.reason, whole=True))
    except StaleError as error:
        raise PreconditionError(error.message) from error
    return _answer(_document(after), after.version, 201 if version is None else 200)


def _body() -> ListingBody:
    if request.mimetype != "application/json":
        raise UnreadableError(Message("NOT_JSON", "Send JSON, with the content type application/json."))
    try:
        return ListingBody.model_validate_json(request.get_data())
    except ValidationError as error:
        text = "This can't be read: {problem}."
        problems = {".".join(map(str, e["loc"])) or "body": e for e in error.errors(include_url=False)}
        issues = {name[:80]: Message(e["type"], text, problem=e["msg"]) for name, e in problems.items()}
        raise MalformedError(issues) from error


def _version() -> int | None:
    if request.headers.get("If-None-Match") == "*":
        return None
    written = request.headers.get("If-Match", "").removeprefix("W/").strip('"')
    if not written:
        text = "Say on which version this is based: If-Match with the ETag, or If-None-Match: * for a new listing."
        raise PreconditionError(Message("NO_VERSION", text), 428)
    if not (written.isascii() and written.isdecimal() and len(written) < 9):
        raise PreconditionError(Message("STALE", "Somebody else has changed this meanwhile."))
    return int(written)

"""Queries, parsed strictly: every 400 comes from here.

What can't be read is malformed (400); what reads well but isn't among the choices is out of range (422).
"""

import datetime as dt
import re
from dataclasses import fields
from datetime import time
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError
from werkzeug.datastructures import MultiDict

from tourism.domain.calendar import WIB, check_date
from tourism.domain.departure import State, Vehicle
from tourism.domain.evidence import Amenity
from tourism.domain.itinerary import Companion
from tourism.domain.night_plan import Aim
from tourism.domain.review import Verdict
from tourism.domain.waiting import ZONE_M
from tourism.errors import InputError, MalformedError, Message, OutOfRangeError
from tourism.geo.crs import Point
from tourism.routes._render import is_added
from tourism.services.plans import DEFAULT_VIEWPOINT, HABIT, LARGEST_PARTY, PlanRequest
from tourism.services.spots import LONGEST_WALK_MIN, SpotsRequest
from tourism.services.town import read_place
from tourism.services.turns import CODE_LENGTH, CODE_SIGNS, JoinRequest
from tourism.services.walking import MINUTES

LISTS = {"need", "with", "stop"}  # a form gives each value in turn, a link all of them with commas
LONGEST = 200  # characters of one value
_RANGE_ERRORS = {"enum", "literal_error", "OUTSIDE_INDONESIA"}


def _matching(pattern: str, code: str, text: str, read: Any) -> BeforeValidator:
    expression = re.compile(pattern, re.ASCII)

    def convert(value: Any) -> Any:
        if not isinstance(value, str):
            return value  # a default, already typed
        try:
            if expression.fullmatch(value):
                return read(value)
        except ValueError:
            pass
        raise PydanticCustomError(code, text)

    return BeforeValidator(convert)


def _moment(value: str) -> time | dt.datetime:
    if "T" not in value:
        return time.fromisoformat(value)
    # A query string turns the + of an offset into a space.
    written = dt.datetime.fromisoformat(value.replace(" ", "+"))
    return written if written.tzinfo else written.replace(tzinfo=WIB)


DATE = _matching(r"\d{4}-\d\d-\d\d", "NOT_A_DATE", "Write a date as 2026-12-05.", dt.date.fromisoformat)
MOMENT = _matching(
    r"\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?([ +-]\d\d:\d\d|Z)?",
    "NOT_A_TIME", "Write a time as 22:30, or an instant as 2026-12-04T22:30.", _moment,
)  # fmt: skip
CLOCK = _matching(r"\d\d:\d\d", "NOT_A_CLOCK_TIME", "Write a time as 02:00.", time.fromisoformat)
RATE = _matching(
    r"\d{1,3}([.,]\d{1,2})?", "NOT_A_RATE", "Write a number, as in 2.5.", lambda v: float(v.replace(",", "."))
)
INTEGER = _matching(r"-?\d{1,9}", "NOT_A_NUMBER", "Write a whole number.", int)


def _near(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return read_place(value)
    except InputError as error:
        raise PydanticCustomError(error.message.code, error.message.text) from error


def _commas(value: Any) -> Any:
    return tuple(value.split(",")) if isinstance(value, str) else value


CODE = _matching(rf"(?i:[{CODE_SIGNS}]{{{CODE_LENGTH}}})", "NOT_A_CODE", "This is not the code of a party.", str.upper)
Code = Annotated[str, CODE]
Date = Annotated[dt.date, DATE, WithJsonSchema({"type": "string", "format": "date"})]
Moment = Annotated[time | dt.datetime, MOMENT, WithJsonSchema({"type": "string", "example": "22:30"})]
Clock = Annotated[time, CLOCK, WithJsonSchema({"type": "string", "example": "02:00"})]
Integer = Annotated[int, INTEGER]
Rate = Annotated[float, RATE]
Near = Annotated[str | Point, BeforeValidator(_near), WithJsonSchema({"type": "string", "example": "critasena"})]


class Query(BaseModel):
    """A query string; unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
    lang: Literal["id", "en"] | None = Field(None, description="Language of texts; else Accept-Language, else id.")


PLANNED = {field.name for field in fields(PlanRequest)}


class TripQuery(Query):
    """A trip to see the sunrise."""

    date: Date | None = Field(None, description="Service date: the date of the sunrise. Default: tonight's.")
    approach: str | None = Field(None, description="tumpang, nongkojajar or probolinggo. Default: the latest leave.")
    aim: Aim = Field(
        Aim.COLOURS, description="In place by nautical dawn (colours), civil dawn (bright) or the sunrise itself."
    )
    companions: Annotated[tuple[Companion, ...], BeforeValidator(_commas)] = Field(
        (), alias="with", description="Comma-separated: who travels along and changes the plan."
    )
    stop: Annotated[tuple[Literal["subuh"], ...], BeforeValidator(_commas)] = Field(
        (), description="Time to pray Subuh at the viewpoint."
    )

    def request(self, tonight: dt.date) -> PlanRequest:
        """Return what the service is asked."""
        asked = {name: value for name, value in self if name in PLANNED}
        return PlanRequest(**asked | {"date": self.date or tonight, "subuh": bool(self.stop)})


class PlanQuery(TripQuery):
    """When to leave for the sunrise."""

    viewpoint: str = Field(DEFAULT_VIEWPOINT, description="Id of a viewpoint, from /api/v1/viewpoints.")
    party: Integer = Field(2, description=f"People travelling together, 1 to {LARGEST_PARTY}.")
    foreign: Integer = Field(0, description="How many of the party pay the foreign tariff.")
    near: Near | None = Field(None, description="Where the party waits: id of a place, or latitude,longitude.")


class TurnQuery(PlanQuery):
    """A plan of a party that takes part: its code brings the time to leave."""

    turn: Code | None = None


class PlanPageQuery(TurnQuery):
    """The plan's page; with a time to leave it answers the other question."""

    leave: Clock | None = None


class NightQuery(Query):
    """A night."""

    date: Date | None = Field(None, description="Service date: the date of the sunrise. Default: tonight's.")

    def night_of(self, tonight: dt.date) -> dt.date:
        """Return the service date; raises OutOfRangeError outside the calendar."""
        check_date(self.date or tonight, tonight)
        return self.date or tonight


class DeskQuery(NightQuery):
    """A night at the night desk, after something was kept."""

    done: str | None = None
    published: Integer | None = None
    without: Integer | None = None


class BoardQuery(NightQuery):
    """A night's board, of all pick-ups or of one."""

    pickup: str | None = None


class JoinForm(PlanQuery):
    """How a party takes part in what it plans: `how` is the id of a departure, or the kind of its own vehicle."""

    how: str
    instead: Code | None = None

    def joining(self, asked: PlanRequest, pickup: str) -> JoinRequest:
        """Return what the service is asked."""
        if self.how not in list(Vehicle):
            return JoinRequest(asked.date, asked.party, departure=self.how, instead=self.instead)
        own, approach = Vehicle(self.how), asked.approach or ""
        return JoinRequest(asked.date, asked.party, None, own, asked.viewpoint, approach, pickup, self.instead)


class TurnForm(Query):
    """A party by its code."""

    date: Date
    turn: Code


def written(asked: PlanRequest) -> dict[str, str]:
    """Return the shortest query of the plan's page that asks the same; undoes `PlanPageQuery.request`."""
    usual, found = PlanRequest(asked.date), {"date": asked.date.isoformat()}
    for name in ("viewpoint", "party", "foreign", "approach", "aim"):
        if getattr(asked, name) != getattr(usual, name):
            found[name] = str(getattr(asked, name))
    if asked.near:
        found["near"] = f"{asked.near.lat},{asked.near.lon}" if isinstance(asked.near, Point) else asked.near
    if asked.companions:
        found["with"] = ",".join(asked.companions)
    if asked.subuh:
        found["stop"] = "subuh"
    if asked.leave is not None:
        found["leave"] = f"{asked.leave:%H:%M}"
    return found


class ChanceQuery(TripQuery):
    """What a time to leave is worth for every viewpoint."""

    leave: Clock = Field(HABIT, description="WIB; from 12:00 on, the evening before.")


class SpotsQuery(Query):
    """Where to wait."""

    night: Date | None = Field(None, description="Service date: the date of the sunrise. Default: tonight's.")
    start: Moment | None = Field(
        None, alias="from", description="WIB; from 12:00 on, the evening before. Or an instant."
    )
    until: Moment | None = Field(None, description="As from. Default: the time to leave for the default viewpoint.")
    party: Integer | None = Field(None, description=f"How many want to sit together, 1 to {LARGEST_PARTY}.")
    need: Annotated[tuple[Amenity, ...], BeforeValidator(_commas)] = Field((), description="Comma-separated.")
    near: Near | None = Field(None, description="Measure the walk to this place, not to the nearest pick-up.")
    max_walk_min: Integer | None = Field(None, description=f"Minutes on foot, 1 to {LONGEST_WALK_MIN}.")

    def request(self, tonight: dt.date) -> SpotsRequest:
        """Return what the service is asked."""
        need = tuple(amenity for amenity in Amenity if amenity in self.need)
        night = self.night or tonight
        return SpotsRequest(night, self.start, self.until, need, self.near, self.party, self.max_walk_min)


class IsochronesQuery(Query):
    """How far one gets on foot."""

    near: Near = Field(description="From where: id of a pick-up or venue, or latitude,longitude.")
    minutes: Annotated[tuple[Integer, ...], BeforeValidator(_commas)] = Field(
        MINUTES, description=f"Comma-separated, each 1 to {LONGEST_WALK_MIN}.", max_length=LONGEST_WALK_MIN
    )


class ZoneQuery(Query):
    """The buffer zone."""

    max_walk_min: Integer | None = Field(
        None, description=f"Minutes on foot to a pick-up, 1 to {LONGEST_WALK_MIN}. Default: {ZONE_M:.0f} m."
    )


class ReportForm(Query):
    """What a visitor says about a venue's page."""

    verdict: Verdict


class OfficeForm(Query):
    """A form of the night desk: what it would do is shown first."""

    csrf: str | None = None
    step: Literal["preview", "save"] = "preview"


class DeskForm(OfficeForm):
    """What is said of a departure."""

    state: State | None = None
    ready: Clock | None = None
    reason: str | None = None


class EditForm(OfficeForm):
    """What a departure is."""

    label: str | None = None
    seats: Integer
    pickup: str
    viewpoint: str
    approach: str
    based_on: str


class GateForm(OfficeForm):
    """What is said of a gate."""

    date: Date
    gate: str
    how: Literal["rate", "usual", "shut"]
    rate: Rate | None = None
    start: Clock = Field(alias="from")
    end: Clock | None = Field(None, alias="until")


class MessageForm(OfficeForm):
    """A message to the boards, in both languages."""

    date: Date
    text_id: str | None = None
    text_en: str | None = None


class NoQuery(Query):
    """Nothing but a language."""


Q = TypeVar("Q", bound=Query)


def parse(model: type[Q], args: MultiDict[str, str], *, forgive_empty: bool = False) -> Q:
    """Read a query; raises MalformedError or OutOfRangeError naming every field that is wrong.

    A form sends the fields that were left empty, so pages forgive those.
    """
    values, issues = _flatten(args, forgive_empty)
    try:
        found = model.model_validate(values)
    except ValidationError as error:
        problems = {".".join(str(part) for part in e["loc"][:1]): e for e in error.errors(include_url=False)}
        issues |= {field: _message(problem, model) for field, problem in problems.items()}
        if all(problem["type"] in _RANGE_ERRORS for problem in problems.values()) and len(issues) == len(problems):
            raise OutOfRangeError(issues) from error
        raise MalformedError(issues) from error
    if issues:
        raise MalformedError(issues)
    return found


def _flatten(args: MultiDict[str, str], forgive_empty: bool) -> tuple[dict[str, str], dict[str, Message]]:
    values: dict[str, str] = {}
    issues: dict[str, Message] = {}
    for key, given in args.lists():
        if forgive_empty and is_added(key):
            continue
        filled = [value for value in given if value or not forgive_empty]
        if any(len(value) > LONGEST for value in filled):
            issues[key] = Message("TOO_LONG", "This is too long.")
        elif key in LISTS:
            values |= {key: ",".join(filled)} if filled else {}
        elif len(filled) > 1:
            issues[key] = Message("GIVEN_TWICE", "This parameter is given more than once.")
        elif filled:
            values[key] = filled[0]
    return values, issues


def _message(problem: Any, model: type[Query]) -> Message:
    if problem["type"] == "extra_forbidden":
        known = ", ".join(field.alias or name for name, field in model.model_fields.items())
        return Message("UNKNOWN_PARAMETER", "There is no such parameter. Known are: {known}.", known=known)
    if problem["type"] == "missing":
        return Message("MISSING", "This parameter is needed.")
    if problem["type"] in {"enum", "literal_error"}:
        choices = problem["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
        return Message("NOT_A_CHOICE", "Choose from: {choices}.", choices=choices)
    return Message(problem["type"], problem["msg"])

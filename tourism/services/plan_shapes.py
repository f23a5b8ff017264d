"""The shapes of the documents of a night's plan; OpenAPI describes them, with their first lines."""

from typing import Any

from typing_extensions import TypedDict

from tourism.domain.night_plan import Reason


class NoteDocument(TypedDict):
    """Something to know, with its source."""

    code: str
    text: str
    source: str


class PriceDocument(TypedDict):
    """What something costs, from low to high, for the party or per jeep."""

    low_idr: int
    high_idr: int
    per: str
    source: str


LegDocument = TypedDict(
    "LegDocument",
    {
        "mode": str,
        "step": str,
        "from": str,
        "from_name": str,
        "to": str,
        "to_name": str,
        "start": str,
        "end": str,
        "distance_m": int,
        "p50_min": float | None,
        "p90_min": float | None,
        "confidence": str,
        "estimated": bool,
        "geometry": dict[str, Any],
        "schematic": bool,
        "price": PriceDocument | None,
        "note": str,
    },
)


class TicketLineDocument(TypedDict):
    """Entry tickets of one audience."""

    audience: str
    day_type: str
    people: int
    each_idr: int
    amount_idr: int
    valid_from: str
    source: str


class TicketsDocument(TypedDict):
    """Park tickets; the total is null where a price is not known. A vehicle's fee is often part of a jeep's price."""

    needed: str
    lines: list[TicketLineDocument]
    total_idr: int | None
    vehicle_each_idr: int | None
    vehicles: int


class ProfileDocument(TypedDict):
    """What the date makes of its night."""

    crowd: str
    day_type: str
    reasons: list[str]


class CurvePoint(TypedDict):
    """The chance of being in place in time when leaving at an instant."""

    leave: str
    chance: float


class ClosureDocument(TypedDict):
    """A closure that touches the way; without an end it holds until further notice."""

    scope: str
    starts_at: str
    ends_at: str | None
    status: str
    reason: str
    note: str
    source: str


class OptionDocument(TypedDict):
    """A way that is open, and the latest minute to leave for it."""

    viewpoint: str
    viewpoint_name: str
    approach: str
    leave_at: str
    cautions: list[NoteDocument]


class VisitDocument(TypedDict):
    """A destination of Malang Raya in the morning; `detour` is empty on the way."""

    name: str
    municipality: str
    lat: float
    lon: float
    uncertainty_m: int
    opening: str
    label: str
    opening_hours: str
    hours_basis: str
    detour: str
    source: str


class AlternativesDocument(TypedDict):
    """What is open besides: other approaches always, the rest when the answer is no."""

    approaches: list[OptionDocument]
    viewpoints: list[OptionDocument]
    open_before: str | None
    open_after: str | None
    destinations: list[VisitDocument]


class PlanDocument(TypedDict):
    """One night's plan. `leave_at` is null and `reason` set unless `status` is ok.

    `curve` has the chance of every fifth minute to leave, and `habit` that of 02:00; both are of the way that was
    chosen, or of the best one when no minute is good enough.
    """

    status: str
    reason: Reason | None
    reason_text: str | None
    service_date: str
    viewpoint: str
    viewpoint_name: str
    aim: str
    party: int
    foreign: int
    companions: list[str]
    subuh_stop: bool
    profile: ProfileDocument
    approach: str | None
    subuh: str
    nautical_dawn: str
    civil_dawn: str
    sunrise: str
    in_place_by: str
    leave_at: str | None
    chance: float | None
    chance_wanted: float
    curve: list[CurvePoint]
    habit: CurvePoint | None
    legs: list[LegDocument]
    tickets: TicketsDocument
    closures: list[ClosureDocument]
    warnings: list[NoteDocument]
    advice: list[NoteDocument]
    way_back: list[VisitDocument]
    alternatives: AlternativesDocument
    nearest_open: str | None


class ChanceDocument(TypedDict):
    """What leaving at the asked time is worth for one viewpoint; without a way, `reason` says why."""

    viewpoint: str
    viewpoint_name: str
    chance: float
    approach: str | None
    in_place_by: str
    usually_there: str | None
    cautions: list[NoteDocument]
    reason: Reason | None
    reason_text: str | None


class ChancesDocument(TypedDict):
    """What leaving at one time is worth for every viewpoint, the best first."""

    service_date: str
    leave: str
    aim: str
    viewpoints: list[ChanceDocument]

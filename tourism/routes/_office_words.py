"""The office's words: names of fields, states, steps and outcomes."""

from collections.abc import Mapping

from tourism.domain.evidence import Amenity, Detail
from tourism.domain.finding import AMENITY_TEXTS
from tourism.domain.record import State, Step
from tourism.domain.sharing import Ending, Fate
from tourism.domain.sheet import Outcome
from tourism.errors import Message
from tourism.routes._words import DETAIL_TEXTS, KIND_TEXTS


def _texts(**texts: str) -> dict[str, Message]:
    return {name: Message(name, text) for name, text in texts.items()}


FIELD_TEXTS: Mapping[str, Message] = {
    **_texts(
        id="Id", name="Name", kind="Kind", municipality="Municipality", lat="Latitude", lon="Longitude",
        uncertainty_m="Point known to within (m)", address="Address", phone="Phone", hours="Opening hours",
        about_id="About it, in Indonesian", about_en="About it, in English", photo="Photo", note="Note",
        source="Who says so", as_of="Checked on", starts_at="From", ends_at="Until", scope="What it closes",
        excepted="What stays open", reason="Reason", status="Status", level="Level", opens="Opens",
        closes_quiet="Closes on quiet nights", closes_busy="Closes on busy nights",
        vehicles_per_min="Vehicles a minute", vehicles_per_min_slow="Vehicles a minute when slow",
        confidence="Confidence", approach="Approach", start="From where", end="To where", mode="Mode",
        distance_km="Distance (km)", p50_min="Usual minutes", p90_min="Minutes in nine of ten cases",
        busy_p50_min="Usual minutes, busy", busy_p90_min="Minutes in nine of ten cases, busy", basis="Based on",
        item="Item", audience="For whom", day_type="Kind of day", amount_idr="Rupiah", valid_from="Valid from",
        site="Site", people_per_day_75pct_2023="People a day (75 %, 2023)",
        people_per_day_peak_2023_24="People a day (peak, 2023/24)", first="First date", last="Last date",
        venue="Venue", hours_as_recorded="Opening hours then", label="Label", seats="Seats", pickup="Gather at",
        viewpoint="Viewpoint", email="E-mail", file="File", why="Why, and who says so",
        row="This row",
        role="Role", operator="Operator", disabled="Shut", same="The same place?",
        url="Address of the list", format="Format", licence="Licence", contact="Contact",
        every_h="Pull every so many hours", trusted="Clears itself", active="In use", colour="Colour",
        origins="Sites that may show it, with spaces between",
        wordmark="Wordmark", tagline_id="Tagline in Indonesian", tagline_en="Tagline in English",
        colour_day="Colour of text by day and on paper", tone_id="What it says, in Indonesian",
        tone_en="What it says, in English", footer_id="Legal line in Indonesian", footer_en="Legal line in English",
        hosts="Host names that wear it, with spaces between", logo="Logo (PNG, JPEG or WebP)", code="Code",
        leads_to="Where it leads", targets="Targets by year", place="Where it hangs", component="Component",
        definition="Definition", unit="Unit", formula="Formula", owner="Answers for it", better="Better is",
        indicator="Indicator", planned_on="Planned", started_on="Started",
        measured_on="Measured", variable="Variable", low="Low", central="Central", high="High",
        seen="Seen", per_s="Requests a second", external_id="Id at the source",
        state="State", mapping="Columns", text_id="Message in Indonesian", text_en="Message in English",
    ),
    "password": Message("password", "Password"),
    **{amenity.value: AMENITY_TEXTS[amenity] for amenity in Amenity},
    **{detail.value: DETAIL_TEXTS[detail] for detail in Detail},
}  # fmt: skip
KIND_NAMES: Mapping[str, Message] = {
    **KIND_TEXTS,
    **_texts(
        mosque="Mosque", church="Church", monument="Monument", shops="Shops", parking="Parking", entrance="Entrance",
        junction="Junction", bank="Bank", townhall="Town hall", police="Police", fuel="Petrol station",
        hospital="Hospital", street="Street", attraction="Attraction", museum="Museum", market="Market",
        temple="Temple", nature="Nature",
    ),
}  # fmt: skip
STATE_NAMES: Mapping[str, Message] = {
    State.NEW: Message("new", "only in OpenStreetMap"),
    State.DRAFT: Message("draft", "draft"),
    State.SUBMITTED: Message("submitted", "waits for review"),
    State.PUBLISHED: Message("published", "published"),
    State.CHANGED: Message("changed", "published, a change waits"),
    State.REJECTED: Message("rejected", "rejected"),
    State.ARCHIVED: Message("archived", "archived"),
}
STEP_TEXTS: Mapping[str, Message] = {
    Step.DRAFT: Message("draft", "kept as a draft"),
    Step.SUBMIT: Message("submit", "asked for review"),
    Step.PUBLISH: Message("publish", "published"),
    Step.REJECT: Message("reject", "rejected"),
    Step.ARCHIVE: Message("archive", "taken away"),
    Step.REVERT: Message("revert", "undone"),
    Step.LAYER: Message("layer", "said on top by the office"),
    "columns named": Message("columns_named", "columns named"),
    "category named": Message("category_named", "category named"),
    "agreed to shrink": Message("agreed_to_shrink", "agreed that it shrank"),
    "key added": Message("key_added", "key made"),
    "key rotated": Message("key_rotated", "new key beside the old one"),
    "key revoked": Message("key_revoked", "key ended"),
    "handled": Message("handled", "looked at"),
    "decided": Message("decided", "decided"),
    "added": Message("added", "account made"),
    "disabled": Message("disabled", "account shut"),
    "reset": Message("reset", "account reset"),
    "signed in by link": Message("linked", "signed in by link"),
    "password": Message("password", "chose a password"),
}
FLAG_TEXTS: Mapping[str, Message] = {
    "waiting": Message("waiting", "waits for review"),
    "reported": Message("reported", "said to have changed"),
    "unknown_hours": Message("unknown_hours", "hours unknown"),
    "stale": Message("stale", "not checked for long"),
}
OUTCOME_TEXTS: Mapping[str, Message] = {
    Outcome.NEW: Message("new", "new"),
    Outcome.CHANGED: Message("changed", "changed"),
    Outcome.UNCHANGED: Message("unchanged", "as it is"),
    Outcome.REJECTED: Message("rejected", "rejected"),
}
FATE_TEXTS: Mapping[Fate, Message] = {
    Fate.NEW: Message("new", "new"),
    Fate.CHANGED: Message("changed", "changed"),
    Fate.UNCHANGED: Message("unchanged", "as it is"),
    Fate.GONE: Message("gone", "gone"),
    Fate.REJECTED: Message("rejected", "rejected"),
    Fate.QUEUED: Message("queued", "waiting for their category"),
    Fate.OURS: Message("ours", "known from here already"),
}
ENDING_TEXTS: Mapping[Ending, Message] = {
    Ending.DONE: Message("done", "taken"),
    Ending.NOT_MODIFIED: Message("not_modified", "nothing new"),
    Ending.HELD: Message("held", "waits for a person"),
    Ending.FAILED: Message("failed", "failed"),
}
CODED = {
    "role",
    "same",
    "password",
    "disabled",
    "municipality",
    "status",
    "audience",
    "day_type",
    "kind",
    "confidence",
    "mode",
    "scope",
    "format",
    "trusted",
    "active",
    "component",
    "better",
}  # fields that hold codes
CODE_TEXTS: Mapping[str, Message] = {
    code: Message(code, text)
    for code, text in {
        "kota-malang": "Kota Malang", "kota-batu": "Kota Batu", "kabupaten-malang": "Kabupaten Malang",
        "admin": "admin of the office", "editor": "editor of the office", "partner": "partner", "operator": "operator",
        "owner": "owner of a venue", "announced": "announced: it forbids", "expected": "expected: it warns",
        "weekday": "weekday", "holiday": "holiday", "any": "all", "domestic": "domestic", "foreign": "foreign",
        "gate": "gate", "climb": "climb", "L": "L, a guess", "M": "M, plausible", "H": "H, well known", "car": "car",
        "jeep": "jeep", "walk": "on foot", "minibus": "minibus", "motorcycles": "motorcycles", "park": "the whole park",
        "school_holiday": "school holiday", "public_holiday": "public holiday", "quiet": "quiet", "busy": "busy",
        "peak": "peak", "working_day": "working day", "same": "the same", "different": "two places", "yes": "yes",
        "no": "no", "geojson": "GeoJSON", "csv": "CSV", "ogc": "OGC API Features",
        "changes": "changes of a copy of this service", "poster": "poster", "venue": "venue", "event": "event",
        "malang-raya": "Malang Raya", "governance": "governance", "branding": "branding", "economy": "economy",
        "living": "living", "society": "society", "environment": "environment", "up": "more", "down": "less",
    }.items()
}  # fmt: skip
TABLE_TITLES: Mapping[str, Message] = _texts(
    closures="Closures", alerts="Volcano alerts", gates="Gates and their rates", legs="Legs of the way",
    tariffs="Tariffs", quotas="Quotas", holidays="Holidays and busy dates", hours="Temporary hours of venues",
    feeds="Feeds of partners", widgets="Widgets: maps for partners' sites", brands="Brands",
    campaigns="Short links and their counts", indicators="Indicators and their targets", wins="Quick wins",
    assumptions="Assumptions of the scenario",
)  # fmt: skip

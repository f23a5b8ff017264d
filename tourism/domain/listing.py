"""A listing as people edit it: fields of text, read into a venue and the evidence about it, and written back."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, count
from typing import Any

from tourism.domain.account import MUNICIPALITIES, OFFICE
from tourism.domain.evidence import Amenity, Detail, Evidence, Fact
from tourism.domain.hours_words import normalise
from tourism.domain.record import Fields
from tourism.domain.venue import WAITING_KINDS, Venue
from tourism.errors import HoursError, Message, OutOfRangeError
from tourism.geo.crs import Point

LISTING = "listing"
OTHER_KINDS = (
    "mosque", "church", "monument", "shops", "parking", "entrance", "junction", "bank", "townhall", "police", "fuel",
    "hospital", "street",
)  # fmt: skip
KINDS = (*dict.fromkeys(WAITING_KINDS.values()), *OTHER_KINDS)
FACTS: Mapping[str, Amenity | Detail] = {field.value: field for field in (*Amenity, *Detail)}
LONGEST = {
    "name": 80, "kind": 20, "municipality": 20, "lat": 20, "lon": 20, "uncertainty_m": 6, "address": 200, "phone": 40,
    "hours": 255, "about_id": 600, "about_en": 600, "photo": 64, "note": 300, "source": 200, "as_of": 10,
    **dict.fromkeys(FACTS, 250),
}  # fmt: skip
FIELDS = tuple(LONGEST)
KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,79}", re.ASCII)
_PHOTO = re.compile(r"[0-9a-f]{64}", re.ASCII)
MOST_UNCERTAIN_M = 5_000
# A listing lies in Malang Raya or where its trips go: Batu and the Kabupaten to the west, the park to the east.
AROUND = {"lat": (-8.6, -7.5), "lon": (112.2, 113.2)}
NEEDED = ("name", "kind", "municipality", "lat", "lon", "source")

NEEDED_TEXT = Message("NEEDED", "This is needed.")
NOT_A_NUMBER = Message("NOT_A_DECIMAL", "Write a number, as in -7.9786.")
NOT_A_DATE = Message("NOT_A_DATE", "Write a date as 2026-12-05.")
NOT_A_CHOICE = "Choose from: {choices}."


def cleaned(fields: Mapping[str, str]) -> dict[str, str]:
    """Return fields without empty ones, each on one line in one form of Unicode, in their usual order."""
    found = {name: " ".join(unicodedata.normalize("NFC", value).split()) for name, value in fields.items()}
    known = [name for name in FIELDS if found.get(name)]
    return {name: found[name] for name in (*known, *(n for n in found if n not in LONGEST and found[n]))}


def key_for(name: str, taken: set[str]) -> str:
    """Return a new key made of a name: "Kopi Lonceng" is "kopi-lonceng", the next one "kopi-lonceng-2"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "venue"
    numbered = (f"{stem}-{n}" for n in count(2))
    return next(key for key in chain([stem], numbered) if key not in taken)


def fields_of_venue(venue: Venue, evidence: Sequence[Evidence], municipality: str = OFFICE) -> dict[str, str]:
    """Write a venue and what its evidence says as fields; of several words about one thing the better counts."""
    facts: dict[str, Fact] = {}
    for row in evidence:
        facts[row.field] = min(facts.get(row.field, row.fact), row.fact, key=lambda fact: fact.source.order)
    said = {name: word(f.value, f.source.name, f.source.as_of) for name, f in facts.items() if f.source.as_of}
    return cleaned({
        "name": venue.name, "kind": venue.kind, "municipality": venue.municipality or municipality,
        "lat": _degrees(venue.lat), "lon": _degrees(venue.lon), "uncertainty_m": str(venue.uncertainty_m or ""),
        "address": venue.address, "phone": venue.phone, "hours": venue.hours_as_recorded or venue.opening_hours,
        "about_id": venue.about_id, "about_en": venue.about_en, "photo": venue.photo, "note": venue.note,
        "source": venue.source, "as_of": venue.as_of.isoformat() if venue.as_of else "", **said,
    })  # fmt: skip


def _degrees(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def word(value: str, source: str, as_of: date) -> str:
    """Write a fact with who said it and when: "yes; visit; 2026-11-20"."""
    return f"{value}; {source.replace(';', ',')}; {as_of.isoformat()}"


def read_word(venue: str, name: str, written: str) -> Evidence:
    """Undo `word`; raises ValueError."""
    parts = [part.strip() for part in written.split(";")]
    if len(parts) != 3 or not parts[1]:
        raise ValueError("value; source; date")
    return Evidence(venue, FACTS[name], parts[0], parts[1], date.fromisoformat(parts[2]))


def read_listing(key: str, fields: Fields) -> tuple[Venue, list[Evidence]]:
    """Read fields as a venue and its evidence; raises OutOfRangeError naming every field that can't be."""
    reading = _Reading(key, fields)
    found = reading.venue()
    if reading.issues or found is None:
        raise OutOfRangeError(reading.issues)
    return found, reading.evidence


def canonical(key: str, fields: Fields) -> dict[str, str]:
    """Return fields as they are kept, numbers in their shortest form; raises OutOfRangeError as `read_listing`."""
    return fields_of_venue(*read_listing(key, cleaned(fields)))


class _Reading:
    """One reading of fields, which gathers what is wrong with them."""

    def __init__(self, key: str, fields: Fields) -> None:
        self.key, self.fields = key, fields
        self.issues: dict[str, Message] = dict(self._shapes())
        self.evidence: list[Evidence] = []

    def _shapes(self) -> Iterator[tuple[str, Message]]:
        if not KEY.fullmatch(self.key):
            yield "id", Message("NOT_AN_ID", "An id has small letters, digits and hyphens.")
        for name in NEEDED:
            if not self.fields.get(name):
                yield name, NEEDED_TEXT
        for name, value in self.fields.items():
            if name not in LONGEST:
                yield (
                    name,
                    Message("UNKNOWN_FIELD", "There is no such field. Known are: {known}.", known=", ".join(FIELDS)),
                )
            elif len(value) > LONGEST[name]:
                yield name, Message("TOO_LONG_FOR", "This has at most {most} signs.", most=LONGEST[name])
            elif not value.isprintable():
                yield name, Message("NOT_PRINTABLE", "This holds signs that can't be shown.")

    def _number(self, name: str, low: float, high: float, text: str) -> float:
        try:
            found = float(self.fields.get(name) or 0)
        except ValueError:
            self.issues.setdefault(name, NOT_A_NUMBER)
            return 0.0
        if name in self.fields and not low <= found <= high:
            self.issues.setdefault(name, Message("NUMBER_OUT_OF_RANGE", text, low=low, high=high))
        return found

    def _choice(self, name: str, choices: Sequence[str]) -> None:
        if self.fields.get(name) and self.fields[name] not in choices:
            self.issues.setdefault(name, Message("NOT_A_CHOICE", NOT_A_CHOICE, choices=", ".join(choices)))

    def _date(self, name: str) -> date | None:
        try:
            return date.fromisoformat(self.fields[name]) if name in self.fields else None
        except ValueError:
            self.issues.setdefault(name, NOT_A_DATE)
            return None

    def _hours(self) -> str:
        try:
            return normalise(self.fields["hours"]) if "hours" in self.fields else ""
        except HoursError as error:
            self.issues.setdefault("hours", error.message)
            return ""

    def _facts(self) -> Iterator[Evidence]:
        for name in FACTS:
            if name in self.fields:
                try:
                    yield read_word(self.key, name, self.fields[name])
                except ValueError:
                    text = "Write the value, who says so, and the date: {example}."
                    self.issues.setdefault(name, Message("NOT_A_WORD", text, example=_EXAMPLES.get(name, _YES)))

    def venue(self) -> Venue | None:
        """Return the venue; what is wrong is in `issues` afterwards."""
        around = "This lies outside Malang Raya: write {low} to {high}."
        lat = self._number("lat", *AROUND["lat"], around)
        lon = self._number("lon", *AROUND["lon"], around)
        rough = self._number("uncertainty_m", 0, MOST_UNCERTAIN_M, "Write {low} to {high}.")
        self._choice("kind", KINDS)
        self._choice("municipality", MUNICIPALITIES)
        if "photo" in self.fields and not _PHOTO.fullmatch(self.fields["photo"]):
            self.issues.setdefault("photo", Message("NOT_A_PHOTO", "Send the photo on the page of the venue."))
        hours, as_of = self._hours(), self._date("as_of")
        self.evidence = list(self._facts())
        if self.issues:
            return None
        text: dict[str, Any] = {
            name: self.fields.get(name, "")
            for name in (
                "name",
                "kind",
                "municipality",
                "address",
                "phone",
                "about_id",
                "about_en",
                "photo",
                "note",
                "source",
            )
        }
        recorded = self.fields.get("hours", "")
        return Venue(
            id=self.key, lat=round(lat, 6), lon=round(lon, 6), uncertainty_m=round(rough), opening_hours=hours,
            hours_as_recorded=recorded if recorded != hours else "", as_of=as_of, **text,
        )  # fmt: skip


_YES = "yes; visit; 2026-11-20"
_EXAMPLES = {
    Detail.SEATS.value: "40; visit; 2026-11-20",
    Detail.PARKING_LAST_EXIT.value: "23:30; visit; 2026-11-20",
    Detail.PRICE_RANGE.value: "15000-40000; visit; 2026-11-20",
}


def point_of(fields: Fields) -> Point | None:
    """Return where fields say it is, None when they can't be read."""
    try:
        return Point(float(fields["lat"]), float(fields["lon"]))
    except (KeyError, ValueError):
        return None

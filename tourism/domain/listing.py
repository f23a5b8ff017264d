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
from tourism.domain.record import Fields, Record, State
from tourism.domain.venue import WAITING_KINDS, Venue
from tourism.errors import HoursError, Message, OutOfRangeError
from tourism.geo.crs import Point, distance_m

LISTING = "listing"
OTHER_KINDS = (
    "mosque", "church", "monument", "shops", "parking", "entrance", "junction", "bank", "townhall", "police", "fuel",
    "hospital", "street", "attraction", "museum", "market", "temple", "nature",
)  # fmt: skip
WITH_PAGE = tuple(dict.fromkeys(WAITING_KINDS.values()))  # people wait there, so it is shown with a page of its own
KINDS = (*WITH_PAGE, *OTHER_KINDS)
FACTS: Mapping[str, Amenity | Detail] = {field.value: field for field in (*Amenity, *Detail)}
LONGEST = {
    "name": 80, "kind": 20, "municipality": 20, "lat": 20, "lon": 20, "uncertainty_m": 6, "address": 200, "phone": 40,
    "hours": 255, "about_id": 600, "about_en": 600, "photo": 64, "note": 300, "source": 200, "as_of": 10,
    **dict.fromkeys(FACTS, 250),
}  # fmt: skip
FIELDS = tuple(LONGEST)
KEY = re.compile(r"(?!osm-|(?:new|changes)$)[a-z0-9][a-z0-9-]{0,79}", re.ASCII)  # osm-… are OSM's
_PHOTO = re.compile(r"[0-9a-f]{64}", re.ASCII)
MOST_UNCERTAIN_M = 5_000
SAME_PLACE_M = 100
NUMBERS = ("lat", "lon", "uncertainty_m")
_PHONE = re.compile(r"[+\d][\d\s()./;,+-]{4,39}", re.ASCII)
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


def stem_of(name: str) -> str:
    """Return the beginning of a key, made of a name: "Kafé Ñandú!" is "kafe-nandu"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "venue"
    return stem if KEY.fullmatch(stem) else f"venue-{stem}"


def key_for(name: str, taken: set[str]) -> str:
    """Return a new key made of a name: "Kopi Lonceng" is "kopi-lonceng", the next one "kopi-lonceng-2"."""
    stem = stem_of(name)
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


def plain_number(written: str) -> str:
    """Return a number with a decimal point, in its shortest form; what is none stays as it is."""
    try:
        return f"{float(written.replace(',', '.') if '.' not in written else written):.6f}".rstrip("0").rstrip(".")
    except ValueError:
        return written


def plain_fact(name: str, value: str) -> str:
    """Return a fact's value as it is kept: 23.30 is 23:30, and Rp15rb - 40.000 is 15000-40000."""
    written = value.strip().lower()
    if name == Detail.PARKING_LAST_EXIT:
        return written.replace(".", ":")
    if name == Detail.PRICE_RANGE:
        return re.sub(r"(?<=\d)\s*(rb|ribu|k)\b", "000", re.sub(r"rp\.?|[.\s](?=\d{3}\b)", "", written)).replace(
            " ", ""
        )
    return written


def without_old_word(base: Fields, typed: Fields) -> dict[str, str]:
    """Return typed fields without a source that is the old one with its old date: nobody has said it anew."""
    old = all(typed.get(name, "") == base.get(name, "") for name in ("source", "as_of"))
    return {name: value for name, value in typed.items() if not (old and name in ("source", "as_of"))}


def reworded(base: Fields, typed: Fields, today: date) -> dict[str, str]:
    """Return typed fields in which every fact has its word: a value that is as it was keeps the old one.

    A fact is typed as a value alone or as a whole word. Who says nothing of a source or a date leaves what was said
    before; raises OutOfRangeError when hours or a fact have changed and nobody says so anew.
    """
    fields = {n: plain_number(v) if n in NUMBERS else v for n, v in cleaned(typed).items()}
    anew = bool(fields.get("source") or fields.get("as_of"))
    source, as_of = fields.get("source") or base.get("source", ""), fields.get("as_of", "")
    changed = fields.get("hours", "") != base.get("hours", "")
    for name in FACTS:
        value, had = fields.get(name, ""), base.get(name, "")
        value = value if ";" in value else plain_fact(name, value)
        if value == had.partition(";")[0]:
            fields[name] = had
        elif ";" not in value:
            changed = True
            fields[name] = f"{value}; {source.replace(';', ',')}; {as_of or today.isoformat()}" if value else ""
    dates = [as_of, *(fields.get(name, "").rpartition(";")[2].strip() for name in FACTS)]
    if any(written > today.isoformat() for written in dates):
        raise OutOfRangeError({"as_of": Message("STILL_TO_COME", "This date is still to come.")})
    if changed and not anew:
        text = "Say who says so: the hours or what is there have changed."
        raise OutOfRangeError({"source": Message("NO_SOURCE", text)})
    return cleaned({**fields, "source": source, "as_of": as_of if anew else base.get("as_of", "")})


def check_shapes(key: str, fields: Fields) -> None:
    """Raise OutOfRangeError for fields that can't even be kept as a draft: unknown, too long, not text."""
    issues = dict(_shapes(key, fields))
    if issues:
        raise OutOfRangeError(issues)


def _shapes(key: str, fields: Fields) -> Iterator[tuple[str, Message]]:
    if not KEY.fullmatch(key):
        yield "id", Message("NOT_AN_ID", "An id has small letters, digits and hyphens.")
    for name, value in fields.items():
        if name not in LONGEST:
            known = ", ".join(FIELDS)
            yield name[:80], Message("UNKNOWN_FIELD", "There is no such field. Known are: {known}.", known=known)
        elif len(value) > LONGEST[name]:
            yield name, Message("TOO_LONG_FOR", "This has at most {most} signs.", most=LONGEST[name])
        elif not value.isprintable():
            yield name, Message("NOT_PRINTABLE", "This holds signs that can't be shown.")


def same_listing(record: Record, fields: Fields) -> bool:
    """Tell whether fields are about a listing that is there: its name, at its place or without saying where."""
    if record.state is State.ARCHIVED or record.newest.get("name", "").casefold() != fields.get("name", "").casefold():
        return False
    here, there = point_of(fields), point_of(record.newest)
    written = record.newest.get("uncertainty_m", "")
    rough = int(written) if written.isdecimal() else 0  # of a draft it may be anything
    return here is None or there is None or distance_m(here, there) < SAME_PLACE_M + rough


class _Reading:
    """One reading of fields, which gathers what is wrong with them."""

    def __init__(self, key: str, fields: Fields) -> None:
        self.key, self.fields = key, fields
        self.issues: dict[str, Message] = {name: NEEDED_TEXT for name in NEEDED if not fields.get(name)}
        self.issues |= dict(_shapes(key, fields))
        self.evidence: list[Evidence] = []

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
                    self.issues.setdefault(name, _FACT_TEXTS.get(name, _YES_OR_NO))

    def venue(self) -> Venue | None:
        """Return the venue; what is wrong is in `issues` afterwards."""
        text = "This lies outside Malang Raya: write {low} to {high}."
        lat, lon = self._number("lat", *AROUND["lat"], text), self._number("lon", *AROUND["lon"], text)
        text = "Write {low} to {high}."
        rough = self._number("uncertainty_m", 0, MOST_UNCERTAIN_M, text)
        if not _PHONE.fullmatch(self.fields.get("phone") or "00000"):
            self.issues.setdefault("phone", Message("NOT_A_PHONE", "Write a phone number, as in +62 341 123456."))
        if self.fields.get("kind") and self.fields["kind"] not in KINDS:
            text = "There is no such kind. Write one such as café, restaurant or hotel."
            self.issues.setdefault("kind", Message("NOT_A_KIND", text))
        self._choice("municipality", MUNICIPALITIES)
        if "photo" in self.fields and not _PHOTO.fullmatch(self.fields["photo"]):
            self.issues.setdefault("photo", Message("NOT_A_PHOTO", "Send the photo on the page of the venue."))
        hours, as_of = self._hours(), self._date("as_of")
        self.evidence = list(self._facts())
        if self.issues:
            return None
        texts: dict[str, Any] = {
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
            hours_as_recorded=recorded if recorded != hours else "", as_of=as_of, **texts,
        )  # fmt: skip


_YES_OR_NO = Message("NOT_YES_OR_NO", "Write yes or no.")
_FACT_TEXTS = {
    Detail.SEATS.value: Message("NOT_SEATS", "Write how many, as in 40."),
    Detail.PARKING_LAST_EXIT.value: Message("NOT_A_CLOCK_TIME", "Write a time as 02:00."),
    Detail.PRICE_RANGE.value: Message("NOT_A_RANGE", "Write Rupiah from-to, as in 15000-40000."),
}


def lies_elsewhere(place: str) -> Message:
    """Question a municipality: a point seems to lie in another one."""
    return Message("LIES_ELSEWHERE", "By its rough outline this point lies in {place}.", place=place)


def point_of(fields: Fields) -> Point | None:
    """Return where fields say it is, None when they can't be read or say a place that is none."""
    try:
        found = Point(float(fields["lat"]), float(fields["lon"]))
    except (KeyError, ValueError):
        return None
    return found if abs(found.lat) <= 90 and abs(found.lon) <= 180 else None

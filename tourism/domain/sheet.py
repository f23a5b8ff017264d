"""A partner's sheet read as listings: whose column is which field, and what would become of each row."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from enum import StrEnum

from tourism.domain.account import MUNICIPALITIES
from tourism.domain.listing import (
    AROUND,
    FACTS,
    FIELDS,
    KINDS,
    LISTING,
    NUMBERS,
    canonical,
    cleaned,
    key_for,
    lies_elsewhere,
    plain_fact,
    plain_number,
    reworded,
    same_listing,
    without_old_word,
)
from tourism.domain.record import Fields, Record, State
from tourism.errors import Message, OutOfRangeError

MOST_ROWS = 10_000
FROM_A_FEED = Message(
    "FROM_A_FEED", "This comes from a partner's feed and is changed there. Say something on top of it."
)
Cells = tuple[int, Mapping[str, str]]  # the line, and its cells by heading
FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = ("id", *FIELDS)

_HEADINGS = {
    "id": "id kode no_id", "name": "name nama nama_tempat nama_usaha tempat",
    "kind": "kind jenis kategori tipe category amenity",
    "municipality": "municipality kota kabupaten kota_kabupaten wilayah daerah",
    "lat": "lat latitude lintang garis_lintang y",
    "lon": "lon lng long longitude bujur garis_bujur x", "uncertainty_m": "uncertainty_m ketelitian ketidakpastian",
    "address": "address alamat jalan lokasi", "phone": "phone telepon telp no_telp no_hp hp whatsapp wa",
    "hours": "hours opening_hours jam jam_buka jam_operasional buka",
    "about_id": "about_id deskripsi keterangan tentang",
    "about_en": "about_en description about", "note": "note catatan", "source": "source sumber",
    "as_of": "as_of tanggal diperiksa tanggal_data", "photo": "photo foto", "toilet": "toilet wc kamar_mandi",
    "prayer_room": "prayer_room musala mushola musholla",
    "indoor": "indoor dalam_ruangan",
    "power": "power stopkontak colokan listrik", "wifi": "wifi", "parking_car": "parking_car parkir_mobil",
    "parking_motorcycle": "parking_motorcycle parkir_motor", "parking_overnight": "parking_overnight parkir_menginap",
    "smoking": "smoking merokok area_merokok", "child_friendly": "child_friendly ramah_anak",
    "step_free": "step_free tanpa_tangga kursi_roda", "seats": "seats kursi jumlah_kursi kapasitas",
    "parking_last_exit": "parking_last_exit parkir_tutup", "price_range": "price_range harga kisaran_harga",
}  # fmt: skip
_FIELD_OF = {heading: name for name, headings in _HEADINGS.items() for heading in headings.split()}
_VALUES = {
    **dict.fromkeys(("ya", "ada", "y", "yes", "true", "v", "✓", "1"), "yes"),
    **dict.fromkeys(("tidak", "tidak_ada", "t", "no", "n", "false", "x", "0"), "no"),
}
_KINDS = {
    "kafe": "cafe", "kedai_kopi": "cafe", "warung_kopi": "cafe", "warkop": "cafe", "coffee_shop": "cafe",
    "restoran": "restaurant", "rumah_makan": "restaurant", "warung": "restaurant", "pujasera": "food_court",
    "masjid": "mosque", "gereja": "church", "taman": "park", "alun_alun": "square", "stasiun": "station",
    **dict.fromkeys(("objek_wisata", "wisata", "tempat_wisata", "daya_tarik_wisata"), "attraction"),
    **dict.fromkeys(("wihara", "vihara", "pura", "kelenteng", "candi"), "temple"),
    **dict.fromkeys(("wisata_alam", "air_terjun", "pantai"), "nature"), "pasar": "market",
    "penginapan": "hotel", "losmen": "hostel", "mal": "mall", "parkir": "parking", "rumah_sakit": "hospital",
}  # fmt: skip
_AREAS = {
    "malang": "kota-malang",
    "batu": "kota-batu",
    "kab_malang": "kabupaten-malang",
    "kab._malang": "kabupaten-malang",
}


@dataclass(frozen=True)
class Sheet:
    """A sheet as it was read: its headings, and each row with its line."""

    headings: tuple[str, ...]
    rows: tuple[Cells, ...]


def defused(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; `plain` undoes it."""
    if _is_number(cell):
        return cell  # no spreadsheet runs -7.98
    return (
        f"'{cell}"
        if cell.startswith(FORMULA) or (cell.startswith("'") and cell[1:].startswith((*FORMULA, "'")))
        else cell
    )


def plain(cell: str) -> str:
    """Undo `defused`."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*FORMULA, "'")) else cell


def _slug(text: str) -> str:
    return re.sub(r"[\s/\-]+", "_", text.strip().casefold())


def mapping_of(headings: Sequence[str], remembered: Mapping[str, str]) -> dict[str, str]:
    """Return which field each heading stands for, "" for none: as remembered, else by the words people use.

    A field is taken once, by the first heading that means it.
    """
    found: dict[str, str] = {}
    for heading in headings:
        meant = remembered.get(heading, _FIELD_OF.get(_slug(heading), ""))
        found[heading] = meant if meant in COLUMNS and meant not in found.values() else ""
    return found


class Outcome(StrEnum):
    """What would become of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Issue:
    """What is wrong with a cell, or only to be questioned, and what to write instead where that is known."""

    line: int
    field: str
    message: Message
    suggestion: str = ""
    rejects: bool = True


@dataclass(frozen=True)
class Row:
    """One row as it would be kept."""

    line: int
    key: str
    outcome: Outcome
    fields: Fields = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class Reading:
    """How a sheet is to be read: where it lies by default, who says so and as of when, and who may change what."""

    municipality: str
    source: str
    today: date
    records: Mapping[str, Record]
    may: Callable[[str], bool]  # whether listings of a municipality may be changed
    lies_in: Callable[[Fields], Sequence[str]]  # the municipalities a point may lie in by their rough outlines
    from_feeds: frozenset[str] = frozenset()  # the ids of listings that are changed elsewhere


def read_rows(sheet: Sheet, mapping: Mapping[str, str], how: Reading) -> list[Row]:
    """Return what would become of each row; the outcomes add up to the rows of the sheet."""
    taken: dict[str, int] = {}
    used = set(how.records)
    named: dict[str, list[Record]] = {}
    for record in how.records.values():
        named.setdefault(record.newest.get("name", "").casefold(), []).append(record)
    found = []
    for line, cells in sheet.rows:
        given = {mapping[heading]: value.strip() for heading, value in cells.items() if mapping.get(heading)}
        given = {name: plain_cell(name, value) for name, value in given.items()}
        key, name = _slug(given.pop("id", "")).replace("_", "-"), given.get("name", "")
        same = [] if key else [one.key for one in named.get(name.casefold(), ()) if same_listing(one, given)]
        key = key or (same[0] if same else key_for(name, used))
        used.add(key)
        row = _row(line, key, given, how)
        if len(same) > 1:
            text = "Several listings are called so: give the id, one of {known}."
            several = Issue(line, "id", Message("NOT_ONE", text, known=", ".join(same)))
            row = Row(line, key, Outcome.REJECTED, row.fields, (several,))
        elif key in taken:
            text = "Line {line} is about the same venue."
            twice = Issue(line, "id", Message("LISTED_TWICE", text, line=taken[key]))
            row = Row(line, key, Outcome.REJECTED, row.fields, (twice, *row.issues))
        taken.setdefault(key, line)
        if row.outcome is Outcome.NEW:  # a later row of this name at this place is about it
            named.setdefault(name.casefold(), []).append(Record(LISTING, key, proposed=row.fields))
        found.append(row)
    return found


def _row(line: int, key: str, given: Mapping[str, str], how: Reading) -> Row:
    record = how.records.get(key)
    if record and not how.may(record.municipality):  # nothing of it is shown
        return Row(line, key, Outcome.REJECTED, cleaned(given), (not_yours(line, record.municipality),))
    had = (record.cleared or record.newest) if record else {}
    usual = {} if had else {"municipality": how.municipality, "source": how.source}
    old = {name: value for name, value in had.items() if name not in ("source", "as_of")}
    typed, wrong = {**usual, **old, **without_old_word(had, given)}, dict[str, Message]()
    try:
        fields = said(had, typed, how.source, how.today)
        fields = canonical(key, fields)
    except OutOfRangeError as error:
        fields, wrong = cleaned(typed), error.issues
    if had and cleaned(had) == fields:
        return Row(line, key, Outcome.UNCHANGED, fields)
    found = [Issue(line, name, message, suggestion(name, given)) for name, message in wrong.items()]
    found += _of_record(line, record, fields, how)
    if any(issue.rejects for issue in found):
        return Row(line, key, Outcome.REJECTED, fields, tuple(found))
    return Row(line, key, Outcome.CHANGED if had else Outcome.NEW, fields, tuple(found))


def said(had: Fields, typed: Mapping[str, str], source: str, today: date) -> dict[str, str]:
    """Return fields with their words; hours and facts that a sheet changes are its word.

    Raises OutOfRangeError for what can't be said.
    """
    try:
        return reworded(had, typed, today)
    except OutOfRangeError:
        return reworded(had, {**typed, "source": source, "as_of": today.isoformat()}, today)


def _of_record(line: int, record: Record | None, fields: Fields, how: Reading) -> Iterator[Issue]:
    """Yield why a listing can't be changed by a sheet, and question a point that seems to lie elsewhere."""
    area = fields.get("municipality", "")
    if area in MUNICIPALITIES and not how.may(area):
        yield not_yours(line, area)
    if record and record.state is State.ARCHIVED:
        yield Issue(line, "id", Message("IS_ARCHIVED", "This listing is archived. Bring it back first."))
    if record and record.waits:
        yield Issue(line, "id", Message("CHANGE_WAITS", "A change of it waits for review. Look at that first."))
    if record and record.key in how.from_feeds:
        yield Issue(line, "id", FROM_A_FEED)
    near = how.lies_in(fields)
    if near and fields.get("municipality") not in near:
        yield Issue(line, "municipality", lies_elsewhere(near[0]), near[0], rejects=False)


def not_yours(line: int, municipality: str) -> Issue:
    """Say that a listing is kept by another municipality."""
    text = "Listings of {municipality} are kept by others."
    return Issue(line, "municipality", Message("NOT_YOURS", text, municipality=municipality))


def plain_cell(name: str, value: str) -> str:
    """Return a cell as the field is written: decimal commas, yes and no in Indonesian, words of kinds."""
    if name in NUMBERS:
        return plain_number(value)
    if name == "kind":
        return _KINDS.get(_slug(value), _slug(value))
    if name == "municipality":
        slug = _slug(value)
        return _AREAS.get(slug, slug.replace("_", "-"))
    if name in FACTS and ";" not in value:
        return _VALUES.get(_slug(value), plain_fact(name, value))
    return value


def suggestion(name: str, given: Fields) -> str:
    """Return what to write instead: the nearest choice, or the other coordinate where both are swapped."""
    value = given.get(name, "")
    if name in AROUND:
        other = given.get("lon" if name == "lat" else "lat", "")
        low, high = AROUND[name]
        return other if _is_number(other) and low <= float(other) <= high else ""
    choices = {"kind": [*KINDS, *_KINDS], "municipality": MUNICIPALITIES}.get(name, ())
    near = next(iter(get_close_matches(_slug(value), choices, 1)), "")
    return near.replace("_", " ") if name == "kind" else near


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?", text, re.ASCII))

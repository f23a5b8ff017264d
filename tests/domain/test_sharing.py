"""The rules of sharing: what waits for clearance, what comes back, which cursor goes on, and what a row says."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tourism.domain.calendar import WIB
from tourism.domain.feed_rows import DOUBLED_ID, NO_ID, FeedReading, RowError, fields_of_row, read_delivered
from tourism.domain.record import Record, State, Step, decided
from tourism.domain.sharing import (
    Delivered,
    Fate,
    Feed,
    FeedState,
    Origin,
    Widget,
    cursor_of,
    digest_of,
    fate_of,
    is_clear,
    key_of,
    read_cursor,
    retry_after,
    returns_to_us,
    shipped_uuid,
    shrank,
    taken,
    tombstone,
    uuid_of,
)
from tourism.errors import CursorError

NOW = datetime(2026, 11, 24, 21, 30, tzinfo=WIB)
FEED = Feed("batu", "Dinas Batu", "https://batu.example/list", "geojson", "CC-BY-4.0", "x@y", 24, "kota-batu")
ORIGIN = Origin("k", "batu", "batu", "7", "u", "batu", "CC-BY-4.0", "d", 3)
HOW = FeedReading(
    FEED, {"id": "id", "nama": "name", "jenis": "kind", "lat": "lat", "lon": "lon", "kota": "municipality",
           "jam": "hours", "wc": "toilet"},
    {"kedai unik": "cafe"}, date(2026, 11, 24), lambda _: (),
)  # fmt: skip
GOOD = {"id": "7", "nama": "Kafe", "jenis": "kafe", "lat": "-7.87", "lon": "112.52"}


def given_by(record: Record, name: str, clear: bool = False) -> Record:
    return taken(record, {"name": name}, "feed:batu", NOW, clear)


def test_a_revision_waits_and_what_was_cleared_is_shown_until_then() -> None:
    first = given_by(Record("listing", "k"), "A")
    assert (first.state, first.live, first.outgoing) == (State.SUBMITTED, None, {"name": "A"})
    cleared, _ = decided(first, {})
    second = given_by(cleared, "B")
    assert (second.state, second.live, second.outgoing) == (State.CHANGED, {"name": "A"}, {"name": "B"})
    assert given_by(second, "C").proposed == {"name": "C"}
    back = given_by(second, "A")  # the source has taken its change back
    assert (back.state, back.live, back.proposed) == (State.PUBLISHED, {"name": "A"}, None)


def test_a_trusted_feed_clears_itself_but_not_what_a_person_took_away() -> None:
    assert given_by(Record("listing", "k"), "A", clear=True).live == {"name": "A"}
    archived = given_by(Record("listing", "k"), "A", clear=True).archived()
    assert is_clear(Record("listing", "k"), trusted=True)
    assert not is_clear(Record("listing", "k"), trusted=False)
    assert not is_clear(archived, trusted=True)
    assert is_clear(
        tombstone(given_by(Record("listing", "k"), "A", clear=True)), trusted=True
    )  # dropped by its provider
    again = given_by(archived, "B")
    assert (again.state, again.live, again.published) == (State.SUBMITTED, None, None)


@given(st.sampled_from(State))
def test_a_tombstone_leaves_nothing_to_see_and_nothing_that_waits(state: State) -> None:
    shown = {"a": "1"} if state in (State.PUBLISHED, State.CHANGED) else None
    proposed = {"a": "2"} if state in (State.CHANGED, State.SUBMITTED) else None
    if shown is None and proposed is None:
        return
    gone = tombstone(Record("listing", "k", 2, state, shown, proposed))
    assert (gone.live, gone.outgoing, gone.waits, gone.state) == (None, None, False, State.ARCHIVED)


def test_the_offices_layer_stands_on_top_and_outlives_the_next_revision() -> None:
    record = Record(
        "listing", "k", 1, State.PUBLISHED, {"name": "A", "kind": "bar"}, given={"name": "A", "kind": "bar"}
    )
    layered = record.layered({"kind": "cafe", "note": "sepi"})
    assert layered.live == {"name": "A", "kind": "cafe", "note": "sepi"}
    assert (layered.cleared, layered.outgoing) == (record.published, record.given)  # the partner's words stay
    after = taken(layered, {"name": "B", "kind": "bar"}, "feed:batu", NOW, clear=True)
    assert after.live == {"name": "B", "kind": "cafe", "note": "sepi"}


def test_what_the_office_refuses_the_owner_still_gives_out() -> None:
    """Clearance is for the joint map alone: partners stay masters of what they give."""
    record = Record("listing", "k", 1, State.PUBLISHED, {"name": "A"}).submitted({"name": "B"}, "x", NOW)
    refused, step = decided(record, {"name": "no"})
    assert (step, refused.live, refused.outgoing) == (Step.REJECT, {"name": "A"}, {"name": "B"})


def test_the_fate_of_a_row() -> None:
    assert fate_of(None, "d", 4) is Fate.NEW
    assert fate_of(ORIGIN, "d", 4) is Fate.UNCHANGED
    assert fate_of(ORIGIN, "e", 4) is Fate.CHANGED
    assert fate_of(replace(ORIGIN, gone_at=NOW), "d", 4) is Fate.CHANGED
    assert fate_of(ORIGIN, "d", 3) is None  # this pull has seen it


@pytest.mark.parametrize(
    ("had", "found", "held"), [(9, 0, False), (10, 5, True), (10, 6, False), (100, 0, True), (0, 0, False)]
)
def test_a_feed_that_loses_half_waits(had: int, found: int, held: bool) -> None:
    assert shrank(had, found) is held


def test_failures_wait_longer_and_longer_up_to_a_day() -> None:
    waits = [retry_after(n) for n in range(1, 60)]
    assert waits[:3] == [timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1)]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(days=1)


def test_who_has_been_here_is_known_by_the_chain() -> None:
    assert returns_to_us("kk-a kk-b", "kk-b")
    assert not returns_to_us("kk-ab kk-bc", "kk-b")
    assert not returns_to_us("", "kk-b")


@given(st.integers(0, 10**12))
def test_a_cursor_goes_on_where_it_was_and_others_are_refused(seq: int) -> None:
    assert read_cursor(cursor_of("kk-a", seq), "kk-a") == seq
    for other in (cursor_of("kk-b", seq), str(seq), f"kk-a.{seq}x", "kk-a.", "kk-a.-1", "kk-a.²", "kk-a." + "9" * 20):
        with pytest.raises(CursorError):
            read_cursor(other, "kk-a")
    assert read_cursor("", "kk-a") == 0


def test_identities_are_stable() -> None:
    assert shipped_uuid("critasena") == shipped_uuid("critasena") != shipped_uuid("akartana")
    row = Delivered(1, {}, uuid="6BA7B810-9DAD-11D1-80B4-00C04FD430C8")
    assert uuid_of(FEED, row, "7") == row.uuid.lower()  # it travels
    assert uuid_of(FEED, Delivered(1, {}), "7") == uuid_of(FEED, Delivered(9, {}, uuid="nonsense"), "7")
    other = replace(FEED, url="https://kab.example/list")  # another list, whatever somebody calls the feed
    assert uuid_of(FEED, Delivered(1, {}), "7") != uuid_of(other, Delivered(1, {}), "7")
    assert key_of("batu", "batu", "7", "Kafé Ñandú!").startswith("kafe-nandu-")
    assert key_of("a", "b", "7", "日本").startswith("venue-")
    assert key_of("a", "b", "7", "OSM Café").startswith("venue-osm-cafe-")  # osm-… are OSM's
    assert digest_of({"a": "1", "b": "2"}) == digest_of({"b": "2", "a": "1"}) != digest_of({"a": "1"})


def test_a_feed_is_due_by_its_clock() -> None:
    assert FeedState("x").is_due(NOW)
    assert not FeedState("x", next_at=NOW + timedelta(seconds=1)).is_due(NOW)
    assert FeedState("x", next_at=NOW).is_due(NOW)


@pytest.mark.parametrize(
    "changed",
    [{"id": "A b"}, {"url": "file:///etc/passwd"}, {"url": "https://u:p@x.example/"}, {"url": "javascript:alert(1)"},
     {"url": "http:///x"}, {"every_h": 0}, {"format": "xml"}, {"municipality": "surabaya"}],
)  # fmt: skip
def test_a_feed_that_cannot_be_is_refused(changed: dict[str, object]) -> None:
    told = {
        "id": "a",
        "name": "n",
        "url": "https://x.example/",
        "format": "csv",
        "licence": "l",
        "contact": "c",
        "every_h": 1,
    }
    assert TypeAdapter(Feed).validate_python(told).id == "a"
    with pytest.raises(ValidationError):
        TypeAdapter(Feed).validate_python(told | changed)


@pytest.mark.parametrize(
    "changed",
    [{"colour": "red"}, {"colour": "#12345"}, {"colour": "#0b6e4f;}*{display:none"}, {"origins": "https://x.example/path"},
     {"origins": "*"}, {"origins": "https://x.example; script-src *"}, {"origins": "https://x example,y"}],
)  # fmt: skip
def test_a_widget_that_could_break_out_is_refused(changed: dict[str, str]) -> None:
    told = {"id": "a", "name": "n", "colour": "#0B6E4F", "origins": "https://x.example  http://y.example:81"}
    good = TypeAdapter(Widget).validate_python(told)
    assert (good.colour, good.origins) == ("#0b6e4f", "https://x.example http://y.example:81")
    with pytest.raises(ValidationError):
        TypeAdapter(Widget).validate_python(told | changed)


def read(**cells: str) -> tuple[dict[str, str], list[str]]:
    """Return the fields of a row and the codes of what is to be questioned or wrong."""
    row = read_delivered(Delivered(5, {**GOOD, **cells}), HOW)
    if row.issues:
        return {}, [issue.message.code for issue in row.issues]
    try:
        fields, questions = fields_of_row("k", {}, row, HOW)
    except RowError as error:
        return {}, [f"{issue.field} {issue.message.code} {issue.suggestion}".strip() for issue in error.issues]
    return fields, [issue.message.code for issue in questions]


def test_a_row_is_read_by_columns_and_categories() -> None:
    fields, issues = read(wc="ada", jam="24 jam")
    assert issues == []
    assert fields == {
        "name": "Kafe", "kind": "cafe", "municipality": "kota-batu", "lat": "-7.87", "lon": "112.52", "hours": "24 jam",
        "source": "Dinas Batu", "toilet": "yes; Dinas Batu; 2026-11-24",
    }  # fmt: skip
    assert read(jenis="Kedai UNIK")[0]["kind"] == "cafe"
    assert read_delivered(Delivered(1, {**GOOD, "jenis": "Planetarium"}), HOW).unknown_category == "Planetarium"


def test_positions_written_in_another_way_are_one_issue_with_the_right_one() -> None:
    assert read(lat="112.52", lon="-7.87")[1] == ["lat SWAPPED -7.87, 112.52"]
    (said,) = read(lat="9129000", lon="667000")[1]
    assert said.startswith("lat METRES -7.87")
    assert read(lat="667000", lon="9129000")[1] == [said]  # northing and easting, whichever comes first
    assert len(read(lat="51.5", lon="0.1")[1]) == 2
    assert len(read(lat="?", lon="?")[1]) == 2


def test_rows_without_an_id_or_of_elsewhere_are_refused() -> None:
    assert read(id="")[1] == [NO_ID.code]
    assert read(id="x" * 201)[1] == [NO_ID.code]
    assert read(kota="Kota Malang")[1] == ["NOT_YOURS"]
    assert read(kota="Kota Batu")[1] == []
    assert DOUBLED_ID.code == "DOUBLED_ID"


def test_a_word_that_is_as_it_was_keeps_its_date() -> None:
    row = read_delivered(Delivered(5, {**GOOD, "wc": "ada", "jam": "24 jam"}), HOW)
    first, _ = fields_of_row("k", {}, row, HOW)
    later = replace(HOW, today=date(2027, 3, 1))
    assert fields_of_row("k", first, row, later)[0]["toilet"] == "yes; Dinas Batu; 2026-11-24"

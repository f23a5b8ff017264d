"""Partners' feeds pulled from a real server: what becomes of each row, what waits, and what is never lost."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.conftest import Clock
from tests.partners import ADMIN, Partner, add_feed, change_feed, desk_of, place, places
from tourism.app import make_ports
from tourism.config import Settings
from tourism.domain.account import Role, User
from tourism.domain.listing import LISTING
from tourism.domain.record import Record, State
from tourism.domain.sharing import LEASE, Ending, Feed, Run, key_of, shipped_uuid
from tourism.errors import ConflictError, ForbiddenError, NotFoundError, OutOfRangeError
from tourism.services.feed_desk import (
    agree_to_shrink,
    alike,
    clear_feed,
    get_feed_view,
    list_feeds,
    name_category,
    name_columns,
    pull_soon,
    save_layer,
)
from tourism.services.feed_pull import due_feeds, get_feed, pull
from tourism.services.imports import check_sheet
from tourism.services.keeping import RowEdit, save_row
from tourism.services.office import Edit, archive, get_record, review, save_listing
from tourism.services.ports import Ports
from tourism.services.town import Town

BATU = User("dinas@batu.example", Role.PARTNER, "kota-batu")
KAB = User("dinas@kab.example", Role.PARTNER, "kabupaten-malang")


@pytest.fixture
def ports(fresh: Settings, at: Clock, server: Partner) -> Ports:
    """Return ports that may fetch from that server."""
    return replace(make_ports(replace(fresh, private_feeds=frozenset({server.place}))), now=at)


@pytest.fixture
def feed(ports: Ports, server: Partner) -> Feed:
    """Return a feed of that server."""
    found: Feed = add_feed(ports, server.url())
    return found


def records(ports: Ports) -> dict[str, Record]:
    """Return the listings that came from feeds, by their id there."""
    with ports.office() as office:
        origins = office.sharing.list_origins()
        found = office.records_of(LISTING, origins)
    return {origin.external_id: found[key] for key, origin in origins.items()}


def seal(ports: Ports) -> str:
    """Return what an officer who looks at the feed's page now has seen."""
    return get_feed_view(desk_of(ports), "batu").seal


def take(ports: Ports, server: Partner, *features: object, feed: str = "batu") -> Run:
    """Let the partner give something and pull it."""
    server.gives(places(features))
    return pull(ports, get_feed(ports, feed), "host:1")


def test_a_feed_is_taken_and_waits_for_clearance(ports: Ports, server: Partner, feed: Feed) -> None:
    run = take(ports, server, place(1), place(2, jam="24 jam", wc="ada"))
    assert (run.ending, dict(run.counts), run.problem, run.issues) == (Ending.DONE, {"new": 2}, None, ())
    found = records(ports)["b2"]
    assert (found.state, found.live, found.proposed_by) == (State.SUBMITTED, None, "feed:batu")
    assert found.proposed is not None
    assert found.proposed["toilet"] == "yes; Dinas Batu; 2026-11-24"
    assert found.proposed["municipality"] == "kota-batu"
    with ports.office() as office:
        assert office.list_lines(LISTING, found.key)[0].by == "feed:batu"
    assert get_feed_view(desk_of(ports), feed.id).waiting == 2


def test_the_same_again_changes_nothing(ports: Ports, server: Partner, feed: Feed) -> None:
    take(ports, server, place(1), place(2))
    before = records(ports)
    assert dict(take(ports, server, place(2), place(1)).counts) == {"unchanged": 2}
    assert records(ports) == before


def test_clearance_shows_a_revision_and_a_newer_one_waits_beside_it(ports: Ports, server: Partner, feed: Feed) -> None:
    take(ports, server, place(1, "Lama"), place(2))
    assert clear_feed(desk_of(ports), feed.id, seal(ports)) == 2
    assert {venue.name for venue in Town(ports.reader.read()).listed} >= {"Lama", "Kafe 2"}
    assert dict(take(ports, server, place(1, "Baru"), place(2)).counts) == {"changed": 1, "unchanged": 1}
    record = records(ports)["b1"]
    assert ((record.live or {})["name"], (record.proposed or {})["name"]) == ("Lama", "Baru")
    review(desk_of(ports), record.key, record.version, {})
    assert "Baru" in {venue.name for venue in Town(ports.reader.read()).listed}


def test_clearing_takes_no_more_than_was_seen(ports: Ports, server: Partner, feed: Feed) -> None:
    take(ports, server, place(1), place(2))
    with pytest.raises(ConflictError):
        clear_feed(desk_of(ports), feed.id, "1.x")
    with pytest.raises(ForbiddenError):
        clear_feed(desk_of(ports, BATU), feed.id, seal(ports))  # partners do not clear their own
    assert all(record.live is None for record in records(ports).values())


def test_clearing_takes_nothing_that_came_since_the_officer_looked(
    ports: Ports, server: Partner, feed: Feed, at: Clock
) -> None:
    take(ports, server, place(1), place(2))
    seen = seal(ports)
    at.instant += timedelta(minutes=1)
    take(ports, server, place(1, "Judi Online"), place(2))
    with pytest.raises(ConflictError):
        clear_feed(desk_of(ports), feed.id, seen)
    assert all(record.live is None for record in records(ports).values())


def test_a_trusted_feed_is_shown_at_once(ports: Ports, server: Partner, feed: Feed) -> None:
    change_feed(ports, feed.id, trusted="yes")
    take(ports, server, place(1))
    record = records(ports)["b1"]
    assert record.live is not None
    archive(desk_of(ports), record.key, record.version, "closed for good")
    take(ports, server, place(1))
    assert records(ports)["b1"].state is State.ARCHIVED  # a deleted record doesn't come back
    take(ports, server, place(1, "Dibuka lagi"))
    assert records(ports)["b1"].state is State.SUBMITTED  # unless its source changes it: then a person looks at it


def test_what_is_gone_from_a_feed_is_a_tombstone_of_that_provider_only(
    ports: Ports, server: Partner, feed: Feed
) -> None:
    add_feed(ports, server.url("/other"), id="other", municipality="kota-batu", trusted="yes")
    server.gives(places([place(1)]), path="/other")
    pull(ports, get_feed(ports, "other"), "host:1")
    change_feed(ports, feed.id, trusted="yes")
    take(ports, server, place(1), place(2))
    assert dict(take(ports, server, place(2)).counts) == {"unchanged": 1, "gone": 1}
    with ports.office() as office:
        origins = office.sharing.list_origins().values()
        states = {(o.feed, o.external_id): (o.gone_at is None, office.records_of(LISTING, [o.key])[o.key].live is None)
                  for o in origins}  # fmt: skip
    assert states == {("other", "b1"): (True, False), ("batu", "b1"): (False, True), ("batu", "b2"): (True, False)}
    assert dict(take(ports, server, place(2)).counts) == {"unchanged": 1}  # it is gone once
    assert dict(take(ports, server, place(1), place(2)).counts) == {"changed": 1, "unchanged": 1}
    assert records(ports)["b1"].live is not None  # given again


def test_a_proposal_that_is_gone_is_withdrawn(ports: Ports, server: Partner, feed: Feed) -> None:
    take(ports, server, place(1), place(2))
    take(ports, server, place(2))
    assert records(ports)["b1"].state is State.ARCHIVED
    assert get_feed_view(desk_of(ports), feed.id).waiting == 1


def test_bad_rows_are_named_and_good_ones_go_in(ports: Ports, server: Partner, feed: Feed) -> None:
    no_id = place(9)
    del no_id["id"]
    rows = [place(1), place(2, at=[-7.87, 112.52]), place(3, at=[667000, 9129000]), place(1, "Lagi"), no_id,
            place(4, kota="Kota Malang"), place(5, jam="kapan-kapan"), place(6)]  # fmt: skip
    run = take(ports, server, *rows)
    assert dict(run.counts) == {"new": 3, "rejected": 5}
    assert [(issue.line, issue.field, issue.message.code) for issue in run.issues] == [
        (2, "lat", "SWAPPED"), (3, "lat", "METRES"), (4, "id", "DOUBLED_ID"), (5, "id", "NO_EXTERNAL_ID"),
        (6, "municipality", "NOT_YOURS"), (7, "hours", "HOURS_UNREADABLE"),
    ]  # fmt: skip
    assert set(records(ports)) == {"b1", "b5", "b6"}
    assert "hours" not in (records(ports)["b5"].proposed or {})  # unknown hours are better than no venue
    with ports.office() as office:
        assert office.sharing.list_runs(feed.id)[0].issues[0].suggestion == "-7.87, 112.52"


def test_a_row_that_turns_bad_leaves_the_last_good_one(ports: Ports, server: Partner, feed: Feed) -> None:
    change_feed(ports, feed.id, trusted="yes")
    take(ports, server, place(1), place(2))
    assert dict(take(ports, server, place(1, at=[0, 0]), place(2)).counts) == {"rejected": 1, "unchanged": 1}
    assert records(ports)["b1"].live is not None


def test_unknown_categories_wait_and_nothing_is_dropped(ports: Ports, server: Partner, feed: Feed) -> None:
    rows = place(1), place(2, jenis="Gedung Ñandú"), place(3, jenis="gedung ñandÚ")
    assert dict(take(ports, server, *rows).counts) == {
        "new": 1, "queued": 2,
    }  # fmt: skip
    view = get_feed_view(desk_of(ports), feed.id)
    assert sum(view.categories.values()) == 2
    with pytest.raises(OutOfRangeError):
        name_category(desk_of(ports), feed.id, "Gedung Ñandú", "spaceport")
    assert name_category(desk_of(ports, BATU), feed.id, "Gedung Ñandú", "park") == 2
    assert {id_: (r.proposed or {})["kind"] for id_, r in records(ports).items()} == {
        "b1": "cafe", "b2": "park", "b3": "park",
    }  # fmt: skip
    assert get_feed_view(desk_of(ports), feed.id).categories == {}
    assert dict(take(ports, server, *rows).counts) == {"unchanged": 3}


def test_columns_are_named_in_the_browser_and_read_anew(ports: Ports, server: Partner, feed: Feed) -> None:
    server.headers["ETag"] = '"1"'
    take(ports, server, place(1, tempat_buka="24 jam"))
    assert get_feed_view(desk_of(ports), feed.id).state.headings["tempat_buka"] == "24 jam"
    assert pull(ports, feed, "host:1").ending == Ending.NOT_MODIFIED
    columns = dict(get_feed_view(desk_of(ports), feed.id).columns) | {"tempat_buka": "hours"}
    with pytest.raises(OutOfRangeError):
        name_columns(desk_of(ports), feed.id, columns | {"alamat": "hours"})
    with pytest.raises(ForbiddenError):
        name_columns(desk_of(ports, KAB), feed.id, columns)
    name_columns(desk_of(ports), feed.id, columns)
    assert dict(pull(ports, feed, "host:1").counts) == {"changed": 1}
    assert (records(ports)["b1"].proposed or {})["hours"] == "24 jam"
    with ports.office() as office:
        assert office.list_lines("feed", feed.id)[0].step == "columns named"


def test_a_feed_that_loses_half_waits_for_a_person(ports: Ports, server: Partner, feed: Feed) -> None:
    many = [place(n) for n in range(12)]
    take(ports, server, *many)
    run = take(ports, server, *many[:6])
    assert (run.ending, dict(run.counts)) == (Ending.HELD, {})
    assert all(record.state is State.SUBMITTED for record in records(ports).values())
    with pytest.raises(ForbiddenError):
        agree_to_shrink(desk_of(ports, BATU), feed.id)
    agree_to_shrink(desk_of(ports), feed.id)
    assert take(ports, server, *many[:5]).ending == Ending.HELD  # fewer than what was agreed to
    assert dict(take(ports, server, *many[:6]).counts) == {"unchanged": 6, "gone": 6}
    with pytest.raises(ConflictError):
        agree_to_shrink(desk_of(ports), feed.id)


def test_a_feed_whose_ids_all_changed_loses_nothing_before_a_person_agrees(
    ports: Ports, server: Partner, feed: Feed
) -> None:
    change_feed(ports, feed.id, trusted="yes")
    take(ports, server, *(place(n) for n in range(12)))
    others = [place(n) | {"id": f"c{n}"} for n in range(12)]
    run = take(ports, server, *others)
    assert (run.ending, dict(run.counts)) == (Ending.HELD, {"new": 12})
    assert all(record.live is not None for record in records(ports).values())
    agree_to_shrink(desk_of(ports), feed.id)
    assert dict(take(ports, server, *others).counts) == {"unchanged": 12, "gone": 12}


def test_what_a_person_took_away_waits_even_when_the_feed_drops_it_and_gives_it_again(
    ports: Ports, server: Partner, feed: Feed
) -> None:
    change_feed(ports, feed.id, trusted="yes")
    take(ports, server, place(1), place(2))
    record = records(ports)["b1"]
    archive(desk_of(ports), record.key, record.version, "closed for good")
    take(ports, server, place(2))
    take(ports, server, place(1), place(2))
    assert records(ports)["b1"].state is State.SUBMITTED


def test_a_word_about_columns_during_a_pull_is_not_lost(ports: Ports, server: Partner, feed: Feed) -> None:
    server.headers["ETag"] = '"1"'
    take(ports, server, place(1, tempat="24 jam"))
    columns = get_feed_view(desk_of(ports), feed.id).columns
    server.headers["ETag"] = '"2"'
    pull(ports, feed, "host:1", lambda *_: name_columns(desk_of(ports), feed.id, {**columns, "tempat": "hours"}))
    assert dict(pull(ports, feed, "host:1").counts) == {"changed": 1}  # read anew, though the list is the same


def change(source: str, external_id: str, **said: object) -> dict[str, object]:
    """Return a line of a copy's changes."""
    fields = {"name": f"Kafe {external_id}", "kind": "cafe", "municipality": "kota-batu", "lat": "-7.87",
              "lon": "112.52", "source": "visit"}  # fmt: skip
    return {"uuid": "", "source": source, "external_id": external_id, "chain": source, "licence": "CC0-1.0",
            "fields": fields, **said}  # fmt: skip


def take_changes(ports: Ports, server: Partner, feed: str, *lines: object) -> Run:
    """Let a copy of this service give changes and pull them."""
    document = {"provider": "kk-x", "cursor": f"kk-x.{len(lines)}", "more": False, "changes": lines}
    server.gives(document, "application/json", f"/{feed}")
    return pull(ports, get_feed(ports, feed), "host:1")


@pytest.fixture
def copies(ports: Ports, server: Partner) -> None:
    """Follow two copies of this service."""
    for name in ("one", "two"):
        add_feed(ports, server.url(f"/{name}"), id=name, name=name, format="changes", municipality="", trusted="yes")


@pytest.mark.usefixtures("copies")
def test_nobody_speaks_in_our_name(ports: Ports, server: Partner) -> None:
    with ports.office() as office:
        us = office.sharing.provider
    ours = shipped_uuid("critasena")
    run = take_changes(
        ports, server, "one", change(us, "critasena"), change("kk-x", "a", uuid=ours),
        change("kk-x", "b", uuid=ours.upper()), change("kk-x", "c", chain=f"{us} kk-x"),
    )  # fmt: skip
    assert dict(run.counts) == {"ours": 4}
    assert records(ports) == {}


@pytest.mark.usefixtures("copies")
def test_who_takes_anothers_uuid_hides_nothing(ports: Ports, server: Partner) -> None:
    uuid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
    take_changes(ports, server, "one", change("kk-evil", "squat", uuid=uuid))
    run = take_changes(ports, server, "two", change("kk-good", "genuine", uuid=uuid))
    assert dict(run.counts) == {"new": 1}
    found = records(ports)
    assert found["genuine"].live is not None
    assert found["genuine"].uuid != found["squat"].uuid
    again = take_changes(ports, server, "one", change("kk-good", "genuine", uuid=uuid))  # the same by another way
    assert dict(again.counts) == {"ours": 1}


@pytest.mark.usefixtures("copies")
def test_texts_about_the_source_are_bounded_and_the_last_change_counts(ports: Ports, server: Partner) -> None:
    lines = [
        change("kk-x" * 99, "a"), change("kk-x", "b", licence="x" * 999), change("kk-x", "c", chain="kk-x\0"),
        change("kk-x", "d"), change("kk-x", "d", fields=None), change("kk-x", "e"),
        change("kk-x", "e", licence="CC-BY-4.0"), change("kk-x", ""),
    ]  # fmt: skip
    run = take_changes(ports, server, "one", *lines)
    assert (run.counts["new"], run.counts["rejected"]) == (1, 4)
    with ports.office() as office:
        (origin,) = office.sharing.list_origins().values()
    assert (origin.external_id, origin.licence) == ("e", "CC-BY-4.0")


def test_a_key_that_is_taken_already_blocks_nobody(ports: Ports, server: Partner, feed: Feed) -> None:
    key = key_of("batu", "batu", "b1", "Kafe 1")
    fields = {"name": "Duluan", "kind": "cafe", "municipality": "kabupaten-malang", "lat": "-8.1", "lon": "112.57",
              "source": "visit"}  # fmt: skip
    save_listing(desk_of(ports, KAB), Edit(key, None, fields))
    assert dict(take(ports, server, place(1)).counts) == {"new": 1}
    assert records(ports)["b1"].key != key
    assert dict(take(ports, server, place(1)).counts) == {"unchanged": 1}


@pytest.mark.parametrize("format_", ["ogc", "changes"])
def test_an_answer_that_makes_no_sense_waits_like_any_failure(ports: Ports, server: Partner, format_: str) -> None:
    feed = add_feed(ports, server.url(), id="odd", format=format_, municipality="")
    server.gives(places([]) | {"links": [{"rel": "next", "href": "http://[::1"}], "cursor": 5})
    assert pull(ports, feed, "host:1").ending == Ending.FAILED
    assert get_feed_view(desk_of(ports), "odd").state.failures == 1
    assert due_feeds(ports) == []


def test_whatever_breaks_in_a_pull_leaves_the_others_their_turn(ports: Ports, server: Partner, feed: Feed) -> None:
    server.gives(places([place(1)]))

    def broken(_done: int, _total: int) -> None:
        raise RuntimeError("whatever")

    run = pull(ports, feed, "host:1", broken)
    assert (run.ending, run.problem and run.problem.code) == (Ending.FAILED, "BROKEN_OFF")
    assert get_feed_view(desk_of(ports), feed.id).state.locked_by == ""


def test_failures_back_off_and_lose_nothing(ports: Ports, server: Partner, feed: Feed, at: Clock) -> None:
    take(ports, server, place(1))
    server.gives(b"<html>busy</html>", "text/html")
    run = pull(ports, feed, "host:1")
    assert (run.ending, run.problem and run.problem.code) == (Ending.FAILED, "WEB_PAGE")
    assert due_feeds(ports) == []
    at.instant += timedelta(minutes=15)
    assert [one.id for one in due_feeds(ports)] == ["batu"]
    pull(ports, feed, "host:1")
    at.instant += timedelta(minutes=29)
    assert due_feeds(ports) == []
    assert get_feed_view(desk_of(ports), feed.id).state.failures == 2
    pull_soon(desk_of(ports), feed.id)
    assert [one.id for one in due_feeds(ports)] == ["batu"]
    assert dict(take(ports, server, place(1)).counts) == {"unchanged": 1}
    assert get_feed_view(desk_of(ports), feed.id).state.failures == 0
    change_feed(ports, feed.id, active="no")
    at.instant += timedelta(days=9)
    assert due_feeds(ports) == []


def test_a_feed_cut_off_in_the_middle_changes_nothing(ports: Ports, server: Partner, feed: Feed) -> None:
    take(ports, server, place(1), place(2))
    before = records(ports)
    server.gives(json.dumps(places([place(n, "Lain") for n in range(3000)])).encode()[:-50])
    run = pull(ports, feed, "host:1")
    assert (run.ending, run.problem and run.problem.code) == (Ending.FAILED, "UNREADABLE_JSON")
    assert records(ports) == before


def test_two_hosts_never_pull_one_feed_at_once(ports: Ports, server: Partner, feed: Feed, at: Clock) -> None:
    with ports.unit_of_work() as uow:
        assert uow.sharing.lease(feed.id, "other:9", at(), at() + LEASE)
        uow.commit()
    with pytest.raises(ConflictError) as error:
        take(ports, server, place(1))
    assert "other:9" in str(error.value)
    at.instant += LEASE  # the other host has died
    assert take(ports, server, place(1)).ending == Ending.DONE


def test_a_host_that_lost_its_lease_stops(ports: Ports, server: Partner, feed: Feed, at: Clock) -> None:
    server.gives(places([place(n) for n in range(2500)]))

    def stolen(done: int, _total: int) -> None:
        if done == 1000:
            at.instant += LEASE * 2
            with ports.unit_of_work() as uow:
                assert uow.sharing.lease(feed.id, "other:9", at(), at() + LEASE)
                uow.commit()

    run = pull(ports, feed, "host:1", stolen)
    assert (run.ending, run.problem and run.problem.code) == (Ending.FAILED, "LEASE_LOST")
    assert len(records(ports)) == 1000  # what was taken stays
    with ports.office() as office:
        assert office.sharing.state_of(feed.id).locked_by == "other:9"  # and the other's lease too


def test_a_pull_that_breaks_lets_others_pull(ports: Ports, server: Partner, feed: Feed) -> None:
    server.gives(places([place(1)]))

    def interrupted(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(ports, feed, "host:1", interrupted)
    with ports.office() as office:
        run = office.sharing.list_runs(feed.id)[0]
    assert (run.ending, run.problem and run.problem.code) == (Ending.FAILED, "BROKEN_OFF")
    assert take(ports, server, place(1)).ending == Ending.DONE


def test_ogc_api_features_are_followed_page_by_page(ports: Ports, server: Partner) -> None:
    feed = add_feed(ports, server.url("/items"), id="ogc", format="ogc")
    for n in range(3):
        following = [{"rel": "next", "href": f"items?page={n + 1}"}] if n < 2 else []
        page = places([place(n * 2), place(n * 2 + 1)]) | {"links": [{"rel": "self", "href": "x"}, *following]}
        server.gives(page, path="/items" if n == 0 else f"/items?page={n}")
    run = pull(ports, feed, "host:1")
    assert dict(run.counts) == {"new": 6}
    assert [path for path, _ in server.asked] == ["/items", "/items?page=1", "/items?page=2"]


def test_csv_as_a_spreadsheet_in_indonesia_writes_it(ports: Ports, server: Partner) -> None:
    add_feed(ports, server.url(), id="csv", format="csv")
    table = "Kode;Nama Tempat;Jenis;Lintang;Bujur;Musala\n1;Kafé Batu;kedai kopi;-7,87;112,52;ada\n"
    server.gives(table.encode("cp1252"), "text/csv")
    assert dict(pull(ports, get_feed(ports, "csv"), "host:1").counts) == {"new": 1}
    fields = records(ports)["1"].proposed or {}
    assert (fields["name"], fields["lat"], fields["prayer_room"][:4]) == ("Kafé Batu", "-7.87", "yes;")


def test_the_offices_layer_survives_the_next_pull_and_the_partner_sees_it(
    ports: Ports, server: Partner, feed: Feed
) -> None:
    change_feed(ports, feed.id, trusted="yes")
    take(ports, server, place(1, jam="08.00-17.00"))
    record = records(ports)["b1"]
    with pytest.raises(OutOfRangeError):  # hours are somebody's word
        save_layer(desk_of(ports), record.key, record.version, {"hours": "24 jam"}, "visit")
    with pytest.raises(ForbiddenError):
        save_layer(desk_of(ports, BATU), record.key, record.version, {"note": "x"}, "y")
    said = {"hours": "24 jam", "note": "dingin", "kind": "restaurant", "toilet": "no", "source": "visit"}
    after = save_layer(desk_of(ports), record.key, record.version, said, "we were there")
    assert after.live is not None
    assert after.live["hours"] == "24 jam"
    assert after.live["toilet"] == "no; visit; 2026-11-24"
    take(ports, server, place(1, "Nama Baru", jam="08.00-20.00"))
    record = get_record(desk_of(ports, BATU), LISTING, record.key)  # the partner reads it with its layer
    assert record.live is not None
    assert (record.live["name"], record.live["hours"], record.live["note"]) == ("Nama Baru", "24 jam", "dingin")
    assert (record.cleared or {})["hours"] == "08.00-20.00"
    assert record.layer["kind"] == "restaurant"
    cleared = save_layer(desk_of(ports), record.key, record.version, {}, "no more")
    assert cleared.layer == {}


def test_a_feeds_listing_is_changed_at_its_source(ports: Ports, server: Partner, feed: Feed) -> None:
    change_feed(ports, feed.id, trusted="yes")
    take(ports, server, place(1))
    record = records(ports)["b1"]
    with pytest.raises(ConflictError):
        save_listing(desk_of(ports), Edit(record.key, record.version, {**record.newest, "name": "X"}))
    table = f"id,name,source\n{record.key},X,call\n".encode()
    checked = check_sheet(desk_of(ports), "a.csv", table, "call", "kota-batu")
    assert [issue.message.code for row in checked.rows for issue in row.issues] == ["FROM_A_FEED"]


def test_the_same_place_from_two_providers_is_shown_once_with_both_named(
    ports: Ports, server: Partner, feed: Feed
) -> None:
    change_feed(ports, feed.id, municipality="", trusted="yes")
    critasena = Town(ports.reader.read()).get_venue("critasena")
    twin = place("x", "Critasena", at=[critasena.lon, critasena.lat], kota="Kota Malang")
    take(ports, server, twin)
    town = Town(ports.reader.read())
    assert [venue.providers for venue in town.venues if venue.name == "Critasena"] == [
        ("Kota Malang (ODbL-1.0)", "Dinas Batu (CC-BY-4.0)")
    ]
    key = records(ports)["bx"].key
    assert town.get_venue(key).id == "critasena"  # the partner's address leads there
    branch = place("y", "Critasena Rooftop", at=[critasena.lon, critasena.lat + 0.0003], kota="Kota Malang")
    take(ports, server, branch)
    asked = {(q.listing, q.element) for q in ports.reader.read().questions}
    assert ("critasena", records(ports)["by"].key) in asked  # a branch next door is a person's question


def test_a_reviewer_sees_what_may_be_the_same(ports: Ports, server: Partner, feed: Feed) -> None:
    venue = Town(ports.reader.read()).get_venue("critasena")
    take(ports, server, place("x", "Critasena", at=[venue.lon, venue.lat]))
    record = records(ports)["bx"]
    assert alike(desk_of(ports), record.key, record.newest) == ["critasena"]
    assert alike(desk_of(ports), record.key, {"name": "Lain", "lat": "-7.9", "lon": "112.6"}) == []
    assert alike(desk_of(ports), record.key, {"name": "Lain"}) == []


def test_a_feed_that_is_removed_takes_its_listings_along_and_brings_them_back(
    ports: Ports, server: Partner, feed: Feed
) -> None:
    server.headers["ETag"] = '"1"'
    change_feed(ports, feed.id, trusted="yes")
    take(ports, server, place(1), place(2))
    with ports.office() as office:
        row = next(one for one in office.list_records("feeds") if one.live)
    save_row(desk_of(ports), RowEdit("feeds", row.key, row.version, row.live or {}, "no more", removing=True))
    assert all(record.live is None for record in records(ports).values())
    add_feed(ports, server.url(), trusted="yes")
    assert dict(take(ports, server, place(1), place(2)).counts) == {"changed": 2}
    assert all(record.live is not None for record in records(ports).values())


def test_rows_without_any_id_column_are_said_once_and_the_columns_can_be_named(ports: Ports, server: Partner) -> None:
    feed = add_feed(ports, server.url(), id="csv", format="csv")
    server.gives(b"nomor,nama,jenis,lat,lon\n1,A,kafe,-7.87,112.52\n2,B,kafe,-7.88,112.52\n", "text/csv")
    run = pull(ports, feed, "host:1")
    assert (run.ending, run.problem and run.problem.code, run.issues) == (Ending.FAILED, "NO_ID_COLUMN", ())
    columns = get_feed_view(desk_of(ports), "csv").columns
    name_columns(desk_of(ports), "csv", {**columns, "nomor": "id"})
    assert dict(pull(ports, feed, "host:1").counts) == {"new": 2}


def test_rows_that_waited_for_their_category_have_a_report_of_their_own(
    ports: Ports, server: Partner, feed: Feed
) -> None:
    take(ports, server, place(1), place(2, jenis="X", at=[-7.87, 112.52]), place(3, jenis="X", jam="-"))
    name_category(desk_of(ports), feed.id, "X", "nature")
    run = get_feed_view(desk_of(ports), feed.id).runs[0]
    assert (run.by, run.counts, [issue.message.code for issue in run.issues]) == (
        ADMIN.email, {"new": 1, "rejected": 1}, ["SWAPPED"],
    )  # fmt: skip


def test_who_sees_which_feeds(ports: Ports, server: Partner, feed: Feed) -> None:
    assert [view.feed.id for view in list_feeds(desk_of(ports, ADMIN))] == ["batu"]
    assert [view.feed.id for view in list_feeds(desk_of(ports, BATU))] == ["batu"]
    assert list_feeds(desk_of(ports, KAB)) == []
    with pytest.raises(ForbiddenError):
        get_feed_view(desk_of(ports, KAB), "batu")
    with pytest.raises(NotFoundError):
        get_feed(ports, "nope")
    with pytest.raises(OutOfRangeError):  # two feeds of one id
        add_feed(ports, server.url())
    with pytest.raises(OutOfRangeError):  # its listings are known by it
        change_feed(ports, "batu", id="other")

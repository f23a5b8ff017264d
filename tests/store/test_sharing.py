"""The log of changes while writers write, leases, and what is kept of feeds; on SQLite and on PostgreSQL."""

import threading
from dataclasses import replace
from datetime import date, timedelta
from time import sleep
from unittest.mock import patch

import pytest
from sqlalchemy import Engine, text

from tests.store.test_office import together
from tests.store.test_store import NOW, engine, load
from tourism.adapters.data_files import PackagedData
from tourism.domain.listing import LISTING
from tourism.domain.record import Line, Record, Step
from tourism.domain.sharing import LEASE, Delivered, Origin, QueuedRow, Run, shipped_uuid
from tourism.domain.sheet import Issue
from tourism.errors import Message
from tourism.store.office import SqlOffice
from tourism.store.queries import SqlReader
from tourism.store.sharing import DUMPS_KEPT
from tourism.store.unit_of_work import SqlUnitOfWork

__all__ = ["engine"]
FIELDS = {
    "name": "Kafe", "kind": "cafe", "municipality": "kota-batu", "lat": "-7.87", "lon": "112.52", "source": "visit",
}  # fmt: skip


def write(engine: Engine, key: str, name: str, wait_s: float = 0) -> None:
    """Publish a listing; the transaction stays open for a while before it commits."""
    with SqlUnitOfWork(engine) as uow:
        before = uow.office.find_record(LISTING, key) or Record(LISTING, key)
        after = before.with_published({**FIELDS, "name": name})
        uow.office.put_record(
            before, after, Line(NOW, "x", LISTING, key, after.version, Step.PUBLISH, before.live, after.live)
        )
        sleep(wait_s)
        uow.commit()


def read_on(engine: Engine, cursor: int) -> tuple[list[tuple[int, str, str]], int]:
    """Read the changes after a cursor, as somebody who pulls."""
    with SqlReader(engine).office() as office:
        found, last = office.sharing.list_changes(cursor, "joint", "", False, 7)
    return [(one.seq, one.key, (one.fields or {}).get("name", "gone")) for one in found], last


def test_no_change_is_lost_between_two_pulls_while_writers_write(engine: Engine) -> None:
    writers, each = 6, 8
    done, seen, cursor = threading.Event(), list[tuple[int, str, str]](), 0

    def pull() -> None:
        nonlocal cursor
        while True:
            last_time = done.is_set()
            found, cursor = read_on(engine, cursor)
            seen.extend(found)
            if last_time and not found:
                return

    def act() -> None:
        me = threading.get_ident()
        for n in range(each):
            write(engine, f"venue-{me}", f"{me} {n}", wait_s=0.002 * (n % 3))

    reader = threading.Thread(target=pull)
    reader.start()
    assert together(writers, act) == ["done"] * writers
    done.set()
    reader.join()
    numbers = [seq for seq, _, _ in seen]
    assert numbers == sorted(set(numbers))  # in order, each once
    assert len(seen) == writers * each
    last = {key: name for _, key, name in seen}
    assert all(name.endswith(f" {each - 1}") for name in last.values())


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_without_the_lock_a_change_would_be_lost(engine: Engine) -> None:
    """The negative control: numbers are given before commits, and the first to begin is the last to end."""
    with patch.object(SqlOffice, "lock", lambda *_: None):
        slow = threading.Thread(target=write, args=(engine, "slow", "slow", 0.6))
        slow.start()
        sleep(0.2)
        write(engine, "fast", "fast")
        seen, cursor = read_on(engine, 0)
        slow.join()
    later, _ = read_on(engine, cursor)
    assert [name for _, _, name in (*seen, *later)] == ["fast"]


def test_every_change_and_tombstone_is_there_once(engine: Engine) -> None:
    write(engine, "a", "one")
    write(engine, "a", "two")
    with SqlUnitOfWork(engine) as uow:
        before = uow.office.find_record(LISTING, "a")
        assert before is not None
        after = before.archived()
        uow.office.put_record(before, after, Line(NOW, "x", LISTING, "a", 3, Step.ARCHIVE, before.live, None))
        uow.commit()
    first, cursor = read_on(engine, 0)
    assert [name for _, _, name in first] == ["one", "two", "gone"]
    assert read_on(engine, cursor) == ([], cursor)
    with SqlReader(engine).office() as office:
        found, _ = office.sharing.list_changes(0, "joint", "", False, 10)
        own, _ = office.sharing.list_changes(0, "own", "kota-batu", False, 10)
        assert office.sharing.list_changes(0, "own", "kota-malang", False, 10)[0] == []
        provider = office.sharing.provider
    assert len({one.uuid for one in (*found, *own)}) == 1
    assert {(one.source, one.external_id) for one in found} == {(provider, "a")}
    assert [one.fields is None for one in own] == [False, False, True]
    assert found[2].municipality == "kota-batu"  # a tombstone still says whose it was


def test_a_listing_that_moves_leaves_a_tombstone_where_it_was(engine: Engine) -> None:
    write(engine, "a", "one")
    with SqlUnitOfWork(engine) as uow:
        before = uow.office.find_record(LISTING, "a")
        assert before is not None
        after = before.with_published({**FIELDS, "municipality": "kota-malang"})
        uow.office.put_record(before, after, Line(NOW, "x", LISTING, "a", 2, Step.PUBLISH, before.live, after.live))
        uow.commit()
    with SqlReader(engine).office() as office:
        there = {
            area: office.sharing.list_changes(0, "own", area, False, 9)[0] for area in ("kota-batu", "kota-malang")
        }
    assert [one.fields is None for one in there["kota-batu"]] == [False, True]
    assert [one.fields is None for one in there["kota-malang"]] == [False]


def test_listings_of_data_files_are_in_the_log_and_what_leaves_them_is_a_tombstone(engine: Engine) -> None:
    load(engine)
    with SqlReader(engine).office() as office:
        listed = {record.key: record.uuid for record in office.list_records(LISTING)}
        found, last = office.sharing.list_changes(0, "joint", "", False, 1000)
    assert {one.key: one.uuid for one in found} == listed == {key: shipped_uuid(key) for key in listed}
    load(engine)  # again: nothing has changed
    assert read_on(engine, last) == ([], last)
    late = PackagedData().load("late_venues.csv")
    renamed = [replace(late.rows[0], name="Lain"), *late.rows[2:]]
    with SqlUnitOfWork(engine) as uow:
        uow.replace([replace(late, digest="new", rows=renamed)], NOW)
        uow.commit()
    assert sorted((key, name) for _, key, name in read_on(engine, last)[0]) == sorted(
        [(late.rows[0].id, "Lain"), (late.rows[1].id, "gone")]
    )


def test_a_record_that_is_edited_keeps_its_uuid(engine: Engine) -> None:
    load(engine)
    write(engine, "critasena", "Critasena Baru")
    with SqlReader(engine).office() as office:
        record = office.find_record(LISTING, "critasena")
        assert record is not None
        assert record.uuid == shipped_uuid("critasena")
        assert office.sharing.own_uuids([record.uuid, "x", shipped_uuid("akartana")]) == {
            record.uuid, shipped_uuid("akartana"),
        }  # fmt: skip


def test_one_host_has_a_lease_at_a_time(engine: Engine) -> None:
    taken: list[str] = []
    names = iter(f"host:{n}" for n in range(6))

    def lease() -> None:
        name = next(names)
        with SqlUnitOfWork(engine) as uow:
            if uow.sharing.lease("batu", name, NOW, NOW + LEASE):
                taken.append(name)
            uow.commit()

    assert set(together(6, lease)) == {"done"}
    assert len(taken) == 1
    with SqlUnitOfWork(engine) as uow:
        assert uow.sharing.lease("batu", taken[0], NOW, NOW + 2 * LEASE)  # it goes on
        assert not uow.sharing.lease("batu", "other", NOW + LEASE, NOW + 3 * LEASE)
        assert uow.sharing.lease("batu", "other", NOW + 2 * LEASE, NOW + 3 * LEASE)


def test_new_records_at_once_are_as_those_one_by_one(engine: Engine) -> None:
    def changes(prefix: str) -> list[tuple[Record, Record, Line]]:
        found = []
        for n in range(3):
            before = Record(LISTING, f"{prefix}{n}")
            fields = {**FIELDS, "name": f"Kafe {n}", "toilet": "yes; visit; 2026-11-01"}
            after = before.with_published(fields)
            found.append((before, after, Line(NOW, "x", LISTING, after.key, 1, Step.PUBLISH, None, after.live)))
        return found

    with SqlUnitOfWork(engine) as uow:
        uow.office.put_records(changes("a"), {})
        for before, after, line in changes("b"):
            uow.office.put_record(before, after, line)
        uow.commit()

    def like(prefix: str) -> list[object]:
        with SqlReader(engine).office() as office:
            records = office.records_of(LISTING, [f"{prefix}{n}" for n in range(3)])
            seen = office.sharing.list_changes(0, "joint", "", False, 100)[0]
            lines = [office.list_lines(LISTING, key)[0] for key in records]
        with engine.connect() as connection:
            venues = connection.execute(
                text("SELECT name, kind FROM venue WHERE id LIKE :id ORDER BY id"), {"id": f"{prefix}%"}
            )
            facts = connection.execute(
                text("SELECT field, value FROM evidence WHERE venue LIKE :id"), {"id": f"{prefix}%"}
            )
            rows = [*map(tuple, venues), *map(tuple, facts)]
        return [
            [(r.state, r.version, r.published, r.given, len(r.uuid)) for r in records.values()],
            [one.fields for one in seen if one.key.startswith(prefix)], [(one.by, one.after) for one in lines], rows,
        ]  # fmt: skip

    assert like("a") == like("b")
    assert len(like("a")[3]) == 6  # type: ignore[arg-type]


def test_what_is_kept_of_feeds_comes_back_as_it_was(engine: Engine) -> None:
    row = Delivered(3, {"nama": "Kafé", "jenis": "X"}, "7")
    origin = Origin("k", "batu", "batu", "7", "u", "batu", "CC0", "d", 1)
    issue = Issue(3, "lat", Message("X", "Write {low}.", low=1.5), "2", rejects=False)
    with SqlUnitOfWork(engine) as uow:
        kept = uow.sharing
        run = Run("batu", NOW, "host:1")
        run = replace(run, id=kept.add_run(run), ended_at=NOW, ending="done", counts={"new": 2}, issues=(issue,))
        kept.end_run(replace(run, problem=Message("Y", "{host} is away.", host="x")))
        kept.put_queued(
            [QueuedRow("batu", "7", "X", row), QueuedRow("batu", "7", "X", row), QueuedRow("kab", "7", "x", row)]
        )
        kept.put_origins([origin])
        uow.commit()
    with SqlReader(engine).office() as office:
        kept = office.sharing
        (found,) = kept.list_runs("batu")
        assert (found.counts, str(found.problem), found.issues[0].line) == ({"new": 2}, "x is away.", 3)
        assert (str(found.issues[0].message), found.issues[0].rejects) == ("Write 1.5.", False)
        assert kept.list_queued("batu", "x") == [QueuedRow("batu", "7", "X", row)]
        assert kept.origins_of("batu", ["7", "8"]) == {("batu", "7"): origin}
        assert [one.key for one in kept.unseen("batu", 2)] == ["k"]
        assert kept.unseen("batu", 1) == []
        assert kept.count_origins("batu") == 1


def test_dumps_are_kept_for_a_week(engine: Engine) -> None:
    day = date(2026, 11, 24)
    for n in range(9):
        with SqlUnitOfWork(engine) as uow:
            uow.sharing.put_dump(day + timedelta(days=n), {"a.csv": b"x" * n, "b.csv": b""})
            uow.commit()
    with SqlReader(engine).office() as office:
        days = {one for one, _, _ in office.sharing.list_dumps()}
        assert (min(days), max(days)) == (day + timedelta(days=9) - DUMPS_KEPT, day + timedelta(days=8))
        assert office.sharing.find_dump(day + timedelta(days=8), "a.csv") == b"x" * 8
        assert office.sharing.find_dump(day, "a.csv") is None

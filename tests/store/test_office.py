"""What the office keeps, on SQLite and on PostgreSQL."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from tests.store.test_store import NOW, engine, load
from tourism.adapters.data_files import PackagedData
from tourism.domain.account import Role, User
from tourism.domain.record import Line, Record, State, Step
from tourism.errors import ConflictError
from tourism.store.queries import SqlReader
from tourism.store.unit_of_work import SqlUnitOfWork

__all__ = ["engine"]


def line(before: Record, after: Record) -> Line:
    return Line(NOW, "x", after.kind, after.key, after.version, Step.PUBLISH, before.live, after.live)


def change(engine: Engine, key: str, **fields: str) -> tuple[Record, Record]:
    """Publish a listing with other fields."""
    with SqlUnitOfWork(engine) as uow:
        before = uow.office.find_record("listing", key)
        assert before
        after = before.with_published({**before.newest, **fields})
        uow.office.put_record(before, after, line(before, after))
        uow.commit()
    return before, after


def test_a_listing_of_the_data_is_taken_over_and_comes_back_as_it_was_written(engine: Engine) -> None:
    load(engine)
    before, after = change(engine, "critasena", address="Jl. Baru 9", toilet="yes; visit; 2026-11-20")
    assert (before.version, after.version) == (0, 1)
    with SqlReader(engine).office() as office:
        assert office.find_record("listing", "critasena") == after
        assert len(office.list_records("listing")) == 35
    world = SqlReader(engine).read()
    assert [v.address for v in world.listings if v.id == "critasena"] == ["Jl. Baru 9"]
    assert [e.value for e in world.evidence if e.venue == "critasena"] == ["yes"]


def test_a_data_file_that_is_loaded_again_leaves_what_the_office_took_over(engine: Engine) -> None:
    load(engine)
    change(engine, "critasena", address="Jl. Baru 9")
    load(engine)
    found = SqlReader(engine).read().listings
    assert [v.address for v in found if v.id == "critasena"] == ["Jl. Baru 9"]
    assert len(found) == 35  # the negative control: all others came again


def test_an_archived_row_stays_away(engine: Engine) -> None:
    load(engine)
    with SqlUnitOfWork(engine) as uow:
        before = uow.office.list_records("closures")[0]
        uow.office.put_record(before, before.archived(), line(before, before.archived()))
        uow.commit()
    load(engine)
    assert len(SqlReader(engine).read().almanac.closures) == len(PackagedData().rows("closures.csv")) - 1


def test_of_two_who_write_at_once_one_is_refused(engine: Engine) -> None:
    """Both read version 1 before either writes; on SQLite the write lock already keeps the second out."""
    load(engine)
    _, record = change(engine, "critasena", address="first")
    results: list[str] = []

    def write(name: str) -> None:
        after = record.with_published({**record.newest, "address": name})
        try:
            with SqlUnitOfWork(engine) as uow:
                uow.office.put_record(record, after, line(record, after))
                uow.commit()
            results.append("kept")
        except ConflictError:
            results.append("refused")

    threads = [threading.Thread(target=write, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["kept", "refused", "refused"]
    with SqlReader(engine).office() as office:
        found = office.find_record("listing", "critasena")
        assert found
        assert found.version == 2
        assert len(office.lines("listing", "critasena")) == 2  # who was refused left no line


@pytest.mark.parametrize("statement", ["UPDATE audit SET reason = 'x'", "DELETE FROM audit"])
def test_the_database_refuses_to_rewrite_the_audit(engine: Engine, statement: str) -> None:
    load(engine)
    change(engine, "critasena", address="x")
    with engine.connect() as connection, pytest.raises(DatabaseError, match="only added"):
        connection.execute(text(statement))
    with engine.connect() as connection:  # the negative control: another table lets itself be written
        connection.execute(text("UPDATE setting SET value = 'x'"))


def test_an_account_keeps_its_address_for_itself(engine: Engine) -> None:
    with SqlUnitOfWork(engine) as uow:
        found = uow.office.put_user(User("a@b.id", Role.ADMIN))
        assert uow.office.put_user(replace(found, stamp=2)).stamp == 2
        uow.commit()
    with SqlUnitOfWork(engine) as uow, pytest.raises(ConflictError):
        uow.office.put_user(User("a@b.id", Role.EDITOR))
    with SqlReader(engine).office() as office:
        assert [u.stamp for u in office.list_users()] == [2]


def test_what_waits_is_in_the_order_it_came(engine: Engine) -> None:
    load(engine)
    with SqlUnitOfWork(engine) as uow:
        for key in ("toko-oen", "critasena"):
            before = uow.office.find_record("listing", key)
            assert before
            after = before.submitted({**before.newest, "phone": "+62 1"}, "x", NOW)
            uow.office.put_record(before, after, line(before, after))
        uow.commit()
    with SqlReader(engine).office() as office:
        assert [(r.key, r.state) for r in office.waiting()] == [
            ("toko-oen", State.CHANGED),
            ("critasena", State.CHANGED),
        ]


def test_only_the_newest_sheets_are_kept(engine: Engine) -> None:
    with SqlUnitOfWork(engine) as uow:
        for n in range(25):
            uow.office.put_sheet(str(n), 1, NOW.replace(minute=n), b"x")
        assert uow.office.find_sheet("0", 1) is None
        assert uow.office.find_sheet("24", 1) == b"x"
        assert uow.office.find_sheet("24", 2) is None  # another's

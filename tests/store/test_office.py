"""What the office keeps, on SQLite and on PostgreSQL."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from tests.store.test_store import NOW, engine, load
from tourism.adapters.data_files import PackagedData
from tourism.app import make_ports
from tourism.config import Settings
from tourism.domain.account import Role, User
from tourism.domain.listing import fields_of_venue
from tourism.domain.record import Line, Record, State, Step
from tourism.errors import ConflictError
from tourism.services.accounts import add_user, sign_in, use_link
from tourism.services.ports import Ports
from tourism.store.queries import SqlReader
from tourism.store.unit_of_work import SqlUnitOfWork

__all__ = ["engine"]
PASSWORD = "hujan deras di kayutangan"


def together(number: int, act: Callable[[], object]) -> list[str]:
    """Do something in many threads at once; returns how each ended."""
    ends: list[str] = []

    def run() -> None:
        try:
            act()
            ends.append("done")
        except Exception as error:
            ends.append(type(error).__name__)

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


@pytest.fixture
def ports(engine: Engine) -> Ports:
    """Return ports on that database."""
    reader = SqlReader(engine)
    usual = make_ports(Settings("sqlite://"))
    return replace(
        usual, reader=reader, office=reader.office, unit_of_work=lambda: SqlUnitOfWork(engine), now=lambda: NOW
    )


def test_a_link_works_once_however_many_follow_it_at_once(ports: Ports) -> None:
    _, link = add_user(ports, User("a@b.id", Role.ADMIN), "x")
    ends = together(6, lambda: use_link(ports, link.rsplit("/", 1)[1], PASSWORD))
    assert sorted(ends) == ["NotFoundError"] * 5 + ["done"]


def test_guesses_at_once_are_all_counted(ports: Ports) -> None:
    ends = together(12, lambda: sign_in(ports, "a@b.id", "wrong", "203.0.113.7"))
    assert sorted(ends) == ["NotSignedInError"] * 3 + ["TooManyError"] * 9


def test_a_photo_at_once_is_kept_once(engine: Engine) -> None:
    def add() -> None:
        with SqlUnitOfWork(engine) as uow:
            uow.office.add_photo("digest", b"jpeg")
            uow.commit()

    assert together(5, add) == ["done"] * 5


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
        assert len(office.list_lines("listing", "critasena")) == 2  # who was refused left no line


COPY = "SELECT id, at, 'y', kind, key, version, step, before, after, reason, request_id FROM audit"


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET reason = 'x'", "DELETE FROM audit", "REPLACE", "TRUNCATE audit"]
)
def test_the_database_refuses_to_rewrite_the_audit(engine: Engine, statement: str) -> None:
    load(engine)
    change(engine, "critasena", address="x")
    sqlite = engine.dialect.name == "sqlite"
    if statement in {"REPLACE", "TRUNCATE audit"}:  # each has one of its own
        if sqlite is (statement != "REPLACE"):
            return
        statement = f"INSERT OR REPLACE INTO audit {COPY}" if sqlite else statement
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
        assert [(r.key, r.state) for r in office.list_waiting()] == [
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


def test_a_draft_does_not_keep_a_row_of_the_data_away(engine: Engine) -> None:
    load(engine)
    files = PackagedData()
    late = files.load("late_venues.csv")
    new = replace(late.rows[0], id="warung-baru", name="Warung Baru")
    with SqlUnitOfWork(engine) as uow:
        draft = Record("listing", "warung-baru").drafted({"name": "Other"}, "x", NOW)
        uow.office.put_record(Record("listing", "warung-baru"), draft, line(Record("listing", "warung-baru"), draft))
        uow.replace([replace(late, rows=[*late.rows, new])], NOW)
        uow.commit()
    assert [v.name for v in SqlReader(engine).read().listings if v.id == "warung-baru"] == ["Warung Baru"]
    with SqlUnitOfWork(engine) as uow:  # published later, it stands above the data
        before = uow.office.find_record("listing", "warung-baru")
        assert before
        after = before.with_published({**fields_of_venue(new, ()), "name": "Mine"})
        uow.office.put_record(before, after, line(before, after))
        uow.commit()
    assert [v.name for v in SqlReader(engine).read().listings if v.id == "warung-baru"] == ["Mine"]


def test_a_tariff_that_was_given_another_date_is_not_brought_again_by_a_file(engine: Engine) -> None:
    load(engine)
    tariffs = PackagedData().load("tariffs.csv")
    with SqlUnitOfWork(engine) as uow:
        before = uow.office.list_records("tariffs")[0]
        after = before.with_published({**before.newest, "valid_from": "2027-03-01", "amount_idr": "70000"})
        uow.office.put_record(before, after, line(before, after))
        uow.commit()
    same = replace(tariffs.rows[0], valid_from=date(2027, 3, 1), amount_idr=99000)
    with SqlUnitOfWork(engine) as uow:
        uow.replace([replace(tariffs, rows=[*tariffs.rows, same])], NOW)
        uow.commit()
    found = SqlReader(engine).read().almanac.tariffs
    assert [t.amount_idr for t in found if t.valid_from == date(2027, 3, 1)] == [70000]
    assert len(found) == len(tariffs.rows)

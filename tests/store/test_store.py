"""The same suite on SQLite and on PostgreSQL with PostGIS."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from time import sleep
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from tests.conftest import POSTGRES
from tests.worlds import grid
from tourism.adapters.data_files import PackagedData
from tourism.domain.departure import Change, Departure, NightBook, Party, State, Vehicle, What
from tourism.domain.gate_report import GateReport
from tourism.domain.occupancy import Occupancy
from tourism.domain.review import Question, Report, Verdict
from tourism.domain.world import Snapshot
from tourism.errors import DataError, NotReadyError
from tourism.geo.conflation import Outcome
from tourism.geo.network import build_network
from tourism.geo.osm import PlaceElement
from tourism.store.books import read_book
from tourism.store.db import alembic_config, make_engine, migrate, transaction
from tourism.store.queries import SqlReader
from tourism.store.tables import Base
from tourism.store.unit_of_work import SqlUnitOfWork

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
NIGHT = date(2026, 11, 28)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Return an empty database with tables."""
    if request.param == "sqlite":
        found = make_engine(f"sqlite:///{tmp_path}/new/folder/test.sqlite")
        migrate(found)
        yield found
        found.dispose()
        return
    assert POSTGRES
    name = f"test_{uuid4().hex[:12]}"
    admin = make_engine(POSTGRES).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    found = make_engine(f"{POSTGRES.rsplit('/', 1)[0]}/{name}")
    migrate(found)
    yield found
    found.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name}"))
    admin.dispose()


def snapshot(digest: str, *names: str) -> Snapshot:
    places = [
        PlaceElement("node", 9_000_000_000_001 + i, -7.98, 112.63, {"name": name, "amenity": "cafe", "été": "☕"})
        for i, name in enumerate(names)
    ]
    return Snapshot(NOW, "made up", digest, build_network(grid("A(0,0) B(1,0) residential")), places)


def load(engine: Engine) -> None:
    files = PackagedData()
    with SqlUnitOfWork(engine) as uow:
        uow.replace([files.load(name) for name in files.names()], NOW)
        uow.commit()


@pytest.mark.filterwarnings("ignore:Did not recognize type .geometry.")
def test_migrations_make_exactly_the_tables_of_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _not_postgis})
        assert compare_metadata(context, Base.metadata) == []


def _not_postgis(_item: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    return not (name == "spatial_ref_sys" or (kind == "column" and name == "geom") or (name or "").endswith("_geom"))


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    load(engine)
    migrate(engine)
    assert SqlReader(engine).version() == 1


def test_data_files_come_back_as_they_went_in(engine: Engine) -> None:
    load(engine)
    world, files = SqlReader(engine).read(), PackagedData()
    assert world.almanac.closures == files.rows("closures.csv")
    assert world.almanac.places == files.rows("bromo_places.csv")
    assert world.almanac.tariffs == files.rows("tariffs.csv")
    assert world.almanac.gates == files.rows("gate_operations.csv")
    assert world.listings == [*files.rows("kayutangan_places.csv"), *files.rows("late_venues.csv")]
    assert world.snapshot is None


def test_replacing_a_file_leaves_the_rows_of_others(engine: Engine) -> None:
    load(engine)
    with SqlUnitOfWork(engine) as uow:
        late = PackagedData().load("late_venues.csv")
        uow.replace([replace(late, digest="new", rows=late.rows[:1])], NOW)
        assert uow.file_digests()["late_venues.csv"] == "new"
        uow.commit()
    assert len(SqlReader(engine).read().listings) == 23 + 1


def test_an_emptied_file_takes_its_rows_with_it(engine: Engine) -> None:
    load(engine)
    with SqlUnitOfWork(engine) as uow:
        uow.replace([replace(PackagedData().load("closures.csv"), rows=[])], NOW)
        uow.commit()
    assert SqlReader(engine).read().almanac.closures == []


def test_a_row_may_move_to_another_file_and_an_id_may_not_stand_twice(engine: Engine) -> None:
    load(engine)
    late, places = (PackagedData().load(f"{name}.csv") for name in ("late_venues", "kayutangan_places"))
    with SqlUnitOfWork(engine) as uow:
        uow.replace([replace(places, rows=[*places.rows, late.rows[0]]), replace(late, rows=late.rows[1:])], NOW)
        uow.commit()
    assert len(SqlReader(engine).read().listings) == 23 + 12
    with SqlUnitOfWork(engine) as uow, pytest.raises(DataError, match="share an id"):
        uow.replace([replace(late, rows=[*late.rows, late.rows[0]])], NOW)


def test_a_reading_sees_one_state_though_a_writer_commits_in_between(engine: Engine) -> None:
    load(engine)
    with transaction(engine, writing=False) as reading:
        assert reading.scalar(text("SELECT number FROM revision")) == 1
        with SqlUnitOfWork(engine) as uow:
            uow.replace([], NOW)
            uow.commit()
        assert reading.scalar(text("SELECT number FROM revision")) == 1
    assert SqlReader(engine).version() == 2


def test_what_is_not_committed_is_not_there(engine: Engine) -> None:
    load(engine)
    with SqlUnitOfWork(engine) as uow:
        uow.add_snapshot(snapshot("a", "Kopi"))
    reader = SqlReader(engine)
    assert reader.read().snapshot is None
    assert reader.version() == 1


def test_the_newest_snapshot_serves_and_only_one_before_it_is_kept(engine: Engine) -> None:
    load(engine)
    for digest in "abc":
        with SqlUnitOfWork(engine) as uow:
            uow.add_snapshot(snapshot(digest, "Kopi", digest))
            uow.commit()
    found = SqlReader(engine).read().snapshot
    assert found
    assert found.digest == "c"
    assert sorted(p.tags["name"] for p in found.places) == ["Kopi", "c"]
    assert found.places[0].tags["été"] == "☕"
    assert found.imported_at == NOW
    assert found.network.length_m == pytest.approx([110.2], abs=0.2)
    with engine.connect() as connection:
        assert list(connection.execute(text("SELECT digest FROM osm_snapshot ORDER BY id"))) == [("b",), ("c",)]
        assert connection.scalar(text("SELECT count(*) FROM osm_place")) == 4


def test_an_empty_database_says_what_to_do(engine: Engine) -> None:
    with pytest.raises(NotReadyError, match="tourism init"):
        SqlReader(engine).version()


def question(element: str, **fields: Any) -> Question:
    return Question("critasena", element, 80.0, 12.5, NOW, **fields)


def test_decisions_stay_and_open_questions_are_replaced(engine: Engine) -> None:
    load(engine)
    with SqlUnitOfWork(engine) as uow:
        uow.ask([question("osm-node-1"), question("osm-node-2")])
        uow.decide(question("osm-node-1", decision=Outcome.DIFFERENT, decided_at=NOW))
        uow.commit()
    with SqlUnitOfWork(engine) as uow:
        uow.ask([question("osm-node-1"), question("osm-node-3")])
        uow.commit()
    found = sorted(SqlReader(engine).read().questions, key=lambda q: q.element)
    assert [(q.element, q.decision) for q in found] == [("osm-node-1", "different"), ("osm-node-3", None)]
    assert found[0].decided_at == NOW


def test_reports_are_counted_and_one_visitor_has_one_word_about_a_venue(engine: Engine) -> None:
    load(engine)
    with SqlUnitOfWork(engine) as uow:
        for venue, reporter, minute in (("a", "x", 0), ("a", "x", 1), ("a", "y", 2), ("b", "x", 3)):
            uow.say(Report(venue, Verdict.CHANGED, NOW.replace(minute=minute), reporter))
        uow.commit()
        assert uow.count_reports(NOW, reporter="x") == 2
        assert uow.count_reports(NOW, venue="a") == 2
        assert uow.count_reports(NOW.replace(minute=3)) == 1
        assert uow.handle_reports("a", NOW) == 2
        uow.commit()
    assert [r.venue for r in SqlReader(engine).reports()] == ["b"]
    assert SqlReader(engine).version() == 1


def test_the_secret_of_a_day_is_one_and_is_forgotten_after_the_day(engine: Engine) -> None:
    today, tomorrow = NOW.date(), NOW.date().replace(day=25)
    with SqlUnitOfWork(engine) as uow:
        first, second = uow.secret_of(today, today), uow.secret_of(tomorrow, today)
        assert uow.secret_of(today, today) == first != second
        assert uow.secret_of(tomorrow, tomorrow) == second
        assert uow.secret_of(today, today) not in (first, second)


def test_the_last_word_about_a_venues_seats_is_kept(engine: Engine) -> None:
    load(engine)
    with SqlUnitOfWork(engine) as uow:
        for free in (12, 3):
            uow.set_occupancy(Occupancy("critasena", free, NOW, "office"))
        uow.set_occupancy(Occupancy("jokopi", 1, NOW, "office"))
        uow.clear_occupancy("jokopi")
        uow.commit()
    assert SqlReader(engine).occupancies() == [Occupancy("critasena", 3, NOW, "office")]


def test_a_database_of_the_first_version_is_brought_up_to_date_with_its_rows(engine: Engine) -> None:
    command.downgrade(alembic_config(engine), "0001")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO venue (row, file, id, name, kind, lat, lon, source, uncertainty_m, address,"
                " opening_hours, hours_as_recorded, note, amenities) VALUES"
                " (0, 'old.csv', 'old', 'Old', 'cafe', -7.98, 112.63, 'x', 0, '', '24/7', '', '', '{}')"
            )
        )
        connection.execute(text("INSERT INTO revision (id, number) VALUES (1, 1)"))
    migrate(engine)
    (old,) = SqlReader(engine).read().listings
    assert (old.id, old.phone, old.opening_hours) == ("old", "", "24/7")


def test_two_writers_take_turns(engine: Engine) -> None:
    """Each raises the version by one; none is lost, because a writing transaction takes the lock at once."""
    load(engine)

    def write() -> None:
        for _ in range(10):
            with SqlUnitOfWork(engine) as uow:
                uow.replace([], NOW)
                uow.commit()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert SqlReader(engine).version() == 1 + 40


def test_without_the_lock_sqlite_would_refuse_the_second_writer(tmp_path: Path) -> None:
    """The negative control of the test above: two deferred transactions that read, then write, collide."""
    engine = make_engine(f"sqlite:///{tmp_path}/test.sqlite")
    migrate(engine)
    load(engine)
    with transaction(engine, writing=False) as first, transaction(engine, writing=False) as second:
        for connection in (first, second):
            connection.execute(text("SELECT number FROM revision"))
        first.execute(text("UPDATE revision SET number = number + 1"))
        first.commit()
        with pytest.raises(OperationalError, match="locked"):
            second.execute(text("UPDATE revision SET number = number + 1"))


def departure(number: int, seats: int = 6) -> Departure:
    id_ = f"261128-{number:03}"
    times = {"leave_at": NOW, "gate_at": NOW, "climb_at": None, "ready_at": None}
    return Departure(
        id_,
        NIGHT,
        "J",
        f"J{number}",
        Vehicle.JEEP,
        seats,
        "tugu",
        "ridge",
        "north",
        NOW,
        **times,  # type: ignore[arg-type]
    )


def test_a_book_comes_back_as_it_went_in_and_only_what_differs_is_written(engine: Engine) -> None:
    load(engine)
    reader = SqlReader(engine)
    party = Party(NIGHT, "ABCDEFG", "261128-001", 2, NOW, "critasena")
    report = GateReport(NIGHT, "gate-jemplang", 400, 500, 0.5, NOW, "office")
    change = Change(NIGHT, "261128-001", NOW, "office", What.STATE, "slotted", "left")
    full = NightBook(NIGHT, (departure(1), departure(2)), (party,), (report,), (change,))
    with SqlUnitOfWork(engine) as uow:
        uow.write_book(uow.open_book(NIGHT), full)
        uow.commit()
    assert reader.book(NIGHT) == full
    assert reader.book(NIGHT.replace(day=29)) == NightBook(NIGHT.replace(day=29))
    assert (reader.books_version(), reader.version()) == (1, 2), "what is said about gates makes the pages new, too"
    later = replace(full.departures[0], state=State.LEFT, gate_at=None)
    after = replace(full.with_departure(later).with_change(change), parties=(replace(party, spot=None),))
    with SqlUnitOfWork(engine) as uow:
        uow.write_book(uow.open_book(NIGHT), after)
        uow.commit()
    assert reader.book(NIGHT) == after
    gone = replace(after.without(after.departures[1]), parties=())
    with SqlUnitOfWork(engine) as uow:
        uow.write_book(uow.open_book(NIGHT), gone)
    assert reader.book(NIGHT) == after, "without a commit nothing is written"
    with SqlUnitOfWork(engine) as uow:
        uow.write_book(uow.open_book(NIGHT), gone)
        uow.commit()
    assert reader.book(NIGHT) == gone
    assert (reader.books_version(), reader.version()) == (3, 2)
    assert reader.read().almanac.changes_on(NIGHT) == (report.change,)


def test_a_writer_that_waits_too_long_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a crash: the service answers that it is not ready."""
    monkeypatch.setattr("tourism.store.db.BUSY_S", 0)
    engine = make_engine(f"sqlite:///{tmp_path}/test.sqlite")
    migrate(engine)
    with SqlUnitOfWork(engine), pytest.raises(NotReadyError, match="locked"):
        SqlUnitOfWork(engine).__enter__()


def test_a_timetable_and_parties_do_not_wait_for_each_other_for_ever(engine: Engine) -> None:
    """One writer takes two nights, others each one of them and the same counter: nobody dies of a deadlock."""
    nights = [NIGHT, NIGHT.replace(day=29)]
    failed: list[BaseException] = []

    def write(which: list[date]) -> None:
        try:
            for _ in range(8):
                with SqlUnitOfWork(engine) as uow:
                    books = [uow.open_book(night) for night in which]
                    for book in books:
                        change = Change(book.night, "", NOW, "x", What.JOINED)
                        uow.write_book(book, book.with_change(change))
                        uow.secret_of(book.night, NOW.date())
                    uow.commit()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(which,)) for which in (nights, nights[1:], nights[:1], nights)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sum(len(SqlReader(engine).book(night).changes) for night in nights) == 8 * 6


def ask_for_six_seats(engine: Engine, night: date, locked: bool) -> int:
    """Let twelve ask at once for the six seats of a departure; returns how many get in."""
    alone = replace(departure(1), id=f"{night:%y%m%d}-001", night=night)
    with SqlUnitOfWork(engine) as uow:
        uow.write_book(NightBook(night), NightBook(night, (alone,)))
        uow.commit()
    gate = threading.Barrier(12)

    def ask(number: int) -> None:
        gate.wait()
        with SqlUnitOfWork(engine) as uow:
            book = uow.open_book(night) if locked else read_book(uow.connection, night)
            sleep(0.02)
            if book.seats_left(book.departures[0]) >= 1:
                party = Party(night, f"CODE{number:03}", alone.id, 1, NOW)
                uow.write_book(book, replace(book, parties=(*book.parties, party)))
                uow.commit()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(SqlReader(engine).book(night).parties)


def test_the_last_seats_are_taken_once(engine: Engine) -> None:
    """Without the book's lock more get in on PostgreSQL (the negative control); SQLite has one writer anyway."""
    assert ask_for_six_seats(engine, NIGHT, locked=True) == 6
    if engine.dialect.name == "postgresql":
        assert ask_for_six_seats(engine, NIGHT.replace(day=29), locked=False) > 6


@pytest.mark.postgres
def test_postgis_has_a_geometry_that_qgis_can_open(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        with engine.connect() as connection:
            assert "geom" not in str(list(connection.execute(text("PRAGMA table_info(venue)"))))
        return
    load(engine)
    with engine.connect() as connection:
        lon_lat = "SELECT ST_X(geom), ST_Y(geom), ST_SRID(geom) FROM venue WHERE id = 'critasena'"
        assert connection.execute(text(lon_lat)).one() == (112.6312, -7.9768, 4326)
        views = "SELECT f_table_name, type FROM geometry_columns ORDER BY 1"
        tables = ["destination", "osm_place", "pickup", "place", "venue"]
        assert [row[0] for row in connection.execute(text(views))] == tables
        indexes = "SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%USING gist%'"
        assert connection.scalar(text(indexes)) == 5


@pytest.mark.parametrize("url", ["mysql://localhost/x", "not a url", "postgresql://h:x/y"])
def test_an_unusable_database_address_is_one_sentence(url: str) -> None:
    with pytest.raises(DataError, match="DATABASE_URL is not usable"):
        make_engine(url)

"""Visits, history and what measures read; on SQLite and on PostgreSQL."""

from datetime import timedelta
from time import monotonic

import pytest
from sqlalchemy import Engine, QueuePool, text

from tests.store.test_office import together
from tests.store.test_store import NIGHT, NOW, engine, load
from tourism.domain.campaign import Stage, Visits
from tourism.domain.departure import Departure, NightBook, Party, State, Vehicle
from tourism.domain.listing import LISTING
from tourism.domain.measures import Measurement, Stay
from tourism.domain.record import Line, Step
from tourism.domain.review import Report, Verdict
from tourism.errors import NotReadyError
from tourism.store.db import BUSY_S
from tourism.store.queries import SqlReader
from tourism.store.unit_of_work import SqlUnitOfWork

__all__ = ["engine"]
DAY = NOW.date()
MOST = 8


def count(engine: Engine, visitor: str, code: str = "ab23cd", step: Stage = Stage.SCAN, day: int = 0) -> bool:
    with SqlUnitOfWork(engine) as uow:
        uow.office.lock("visits")
        uow.office.branding.forget(DAY + timedelta(days=day))
        visits = Visits(DAY + timedelta(days=day), code, step, 1)
        found = uow.office.branding.count_visit(visits, visitor, f"{code} {step} network", MOST)
        uow.commit()
    return found


def test_a_visitor_is_counted_once_a_day_and_forgotten_after_it(engine: Engine) -> None:
    load(engine)
    version = SqlReader(engine).version()
    assert [count(engine, "a"), count(engine, "a"), count(engine, "b"), count(engine, "c", step=Stage.PLAN)] == [
        True, False, True, True,
    ]  # fmt: skip
    assert count(engine, "d", "other1", day=1)
    with SqlReader(engine).office() as office:
        assert office.branding.visits(DAY, DAY) == {Stage.SCAN: 2, Stage.PLAN: 1}
        assert office.branding.visits_by_code(DAY) == {"ab23cd": {"scan": 2, "plan": 1}, "other1": {"scan": 1}}
        assert office.branding.visits(DAY + timedelta(days=1), DAY + timedelta(days=9)) == {Stage.SCAN: 1}
        assert [(v.day, v.step, v.number) for v in office.branding.list_visits("ab23cd")] == [
            (DAY, Stage.PLAN, 1), (DAY, Stage.SCAN, 2),
        ]  # fmt: skip
    with engine.connect() as connection:
        assert set(connection.scalars(text("SELECT digest FROM link_digest"))) == {"d", "other1 scan network"}
    assert SqlReader(engine).version() == version  # no page is computed anew for a count


def test_visitors_who_come_together_are_all_counted(engine: Engine) -> None:
    load(engine)
    names = iter(range(8))
    together(8, lambda: count(engine, f"v{next(names)}"))
    with SqlReader(engine).office() as office:
        assert office.branding.visits(DAY, DAY) == {Stage.SCAN: 8}
    assert not count(engine, "one more than a network has")
    assert count(engine, "by another link", "other1")


def test_history_keeps_one_value_a_day(engine: Engine) -> None:
    load(engine)
    first, second = Measurement("scans", DAY, None, 0), Measurement("scans", DAY, 3.5, 7)
    for one in (first, second):
        with SqlUnitOfWork(engine) as uow:
            uow.office.branding.record([one, Measurement("fresh", DAY, 1.0, 2)])
            uow.commit()
    with SqlReader(engine).office() as office:
        assert office.branding.history() == [Measurement("fresh", DAY, 1.0, 2), second]


def test_reviews_are_pairs_of_submission_and_decision(engine: Engine) -> None:
    load(engine)

    def say(key: str, step: Step, hours: int) -> None:
        with SqlUnitOfWork(engine) as uow:
            uow.office.add_line(Line(NOW + timedelta(hours=hours), "x", LISTING, key, 1, step, None, None))
            uow.commit()

    steps = [
        ("a", Step.SUBMIT, 0), ("b", Step.PUBLISH, 1), ("a", Step.SUBMIT, 2),
        ("a", Step.PUBLISH, 5), ("c", Step.SUBMIT, 6), ("a", Step.SUBMIT, 7),
        ("a", Step.REJECT, 9),
    ]  # fmt: skip
    for step in steps:
        say(*step)
    with SqlReader(engine).office() as office:
        found = office.branding.reviews(NOW)
        assert [(a - NOW, b - NOW) for a, b in found] == [
            (timedelta(), timedelta(hours=5)), (timedelta(hours=7), timedelta(hours=9)),
        ]  # fmt: skip
        assert office.branding.reviews(NOW + timedelta(hours=8)) == []


def test_stays_are_parties_of_departures_that_leave(engine: Engine) -> None:
    load(engine)

    def departure(number: int, state: State = State.SLOTTED, leaves: bool = True) -> Departure:
        return Departure(
            f"{NIGHT}-{number}", NIGHT, "x", "y", Vehicle.JEEP, 6, "alun-alun-merdeka", "penanjakan-1", "tumpang", NOW,
            state=state, leave_at=NOW + timedelta(hours=4) if leaves else None,
        )  # fmt: skip

    departures = departure(1), departure(2, State.CANCELLED), departure(3, leaves=False)
    parties = tuple(Party(NIGHT, f"CODE{n}", d.id, n, NOW, "critasena") for n, d in enumerate(departures, start=1))
    with SqlUnitOfWork(engine) as uow:
        uow.write_book(uow.open_book(NIGHT), NightBook(NIGHT, departures, parties))
        uow.say(Report("critasena", Verdict.CHANGED, NOW, "r"))
        uow.handle_reports("critasena", NOW + timedelta(days=1))
        uow.commit()
    with SqlReader(engine).office() as office:
        stay = Stay(NIGHT, f"{NIGHT}-1", 1, NOW, NOW + timedelta(hours=4), "critasena", "jeep")
        assert office.branding.stays(NIGHT, NIGHT) == [stay]
        assert office.branding.stays(NIGHT + timedelta(days=1), NIGHT + timedelta(days=2)) == []
        assert office.branding.nights(NIGHT, NIGHT) == [NIGHT]
        assert office.branding.reports(NOW) == [(NOW, NOW + timedelta(days=1))]
        assert office.branding.reports(NOW + timedelta(seconds=1)) == []


def wait(engine: Engine) -> None:
    """Write as a count does: not for long."""
    with SqlUnitOfWork(engine, 100) as brief:
        brief.office.lock("visits")


def test_a_brief_writer_does_not_wait_for_others_and_leaves_the_connection_patient(engine: Engine) -> None:
    load(engine)
    with SqlUnitOfWork(engine) as slow:
        slow.office.lock("visits")
        began = monotonic()
        for _ in range(20):  # more than the pool has connections
            with pytest.raises(NotReadyError):
                wait(engine)
        assert monotonic() - began < 10
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    assert pool.checkedout() == 0
    with engine.connect() as connection:
        asked = "PRAGMA busy_timeout" if engine.dialect.name == "sqlite" else "SHOW lock_timeout"
        assert connection.exec_driver_sql(asked).scalar() in (1000 * BUSY_S, "0")

"""Sessions and lock-outs by the clock, and what each role may do."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.worlds import clock
from tourism.domain.account import (
    FORGET_ATTEMPTS,
    GRANTS,
    IDLE,
    LONGEST_DELAY,
    LONGEST_SESSION,
    Attempts,
    Reach,
    Role,
    Session,
    User,
    Verb,
    Whose,
)

NOW = clock("21:00")
SECOND = timedelta(seconds=1)


def test_a_session_ends_when_idle_and_at_the_latest_after_a_night() -> None:
    session = Session("d", 1, "c", NOW, NOW)
    assert not session.is_over(NOW + IDLE - SECOND)
    assert session.is_over(NOW + IDLE)
    busy = Session("d", 1, "c", NOW, NOW + LONGEST_SESSION - SECOND)
    assert not busy.is_over(NOW + LONGEST_SESSION - SECOND)
    assert busy.is_over(NOW + LONGEST_SESSION)


def test_the_wait_doubles_with_each_failure_beyond_the_free_ones() -> None:
    waits = [Attempts("account:x", n, NOW).wait(NOW).total_seconds() for n in range(16)]
    assert waits[:8] == [0, 0, 0, 1, 2, 4, 8, 16]
    assert waits[-1] == LONGEST_DELAY.total_seconds()
    assert Attempts("address:x", 9, NOW).wait(NOW) == timedelta()  # an office shares one address
    assert Attempts("address:x", 10, NOW).wait(NOW) == SECOND


@given(st.integers(0, 200), st.integers(0, 90_000))
def test_a_wait_only_gets_shorter_and_is_over_after_a_day(failures: int, seconds: int) -> None:
    attempts = Attempts("account:x", failures, NOW)
    later = NOW + timedelta(seconds=seconds)
    assert timedelta() <= attempts.wait(later) <= attempts.wait(NOW) <= LONGEST_DELAY
    assert attempts.wait(NOW + FORGET_ATTEMPTS) == timedelta()
    assert attempts.failed(later).failures == (1 if seconds >= FORGET_ATTEMPTS.total_seconds() else failures + 1)


def test_own_means_the_municipality_the_operator_or_the_venue() -> None:
    partner = User("p@x.id", Role.PARTNER, "kota-batu")
    assert partner.may(Verb.PROPOSE, Whose("kota-batu"))
    assert not partner.may(Verb.PROPOSE, Whose("kota-malang"))
    owner = User("o@x.id", Role.OWNER, "kota-malang", venue="critasena")
    assert owner.may(Verb.PROPOSE, Whose("kota-malang", "critasena"))
    assert not owner.may(Verb.PROPOSE, Whose("kota-malang", "toko-oen"))
    assert not User("o@x.id", Role.OWNER).may(Verb.PROPOSE, Whose("kota-malang", ""))
    operator = User("j@x.id", Role.OPERATOR, operator="Jeeps")
    assert operator.may(Verb.NIGHT, Whose(operator="Jeeps"))
    assert not operator.may(Verb.NIGHT, Whose(operator="Bus"))


def test_nobody_but_the_office_publishes_or_reviews() -> None:
    for verb in (Verb.PUBLISH, Verb.REVIEW, Verb.TABLES, Verb.GATE, Verb.REVERT, Verb.ARCHIVE, Verb.INVITE):
        assert set(GRANTS[verb]) <= {Role.ADMIN, Role.EDITOR}
    assert all(reach is Reach.ALL for verb in Verb for role, reach in GRANTS[verb].items() if role is Role.ADMIN)

from datetime import date

import pytest

from tourism.domain.departure import NightBook
from tourism.domain.occupancy import Occupancy
from tourism.domain.review import Report
from tourism.domain.world import World
from tourism.errors import Message, NotReadyError
from tourism.services.current import Current, Kept
from tourism.services.ports import Ports


class FlakyReader:
    """A reader that a test can break and count."""

    def __init__(self, world: World) -> None:
        self.world, self.broken, self.number, self.reads = world, False, world.version, 0
        self.said: list[Occupancy] = []
        self.books = 1

    def version(self) -> int:
        if self.broken:
            raise NotReadyError(Message("GONE", "gone"))
        return self.number

    def read(self) -> World:
        if self.broken:
            raise NotReadyError(Message("GONE", "gone"))
        self.reads += 1
        return self.world

    def occupancies(self) -> list[Occupancy]:
        if self.broken:
            raise NotReadyError(Message("GONE", "gone"))
        return self.said

    def reports(self) -> list[Report]:
        return []

    def books_version(self) -> int:
        if self.broken:
            raise NotReadyError(Message("GONE", "gone"))
        return self.books

    def book(self, night: date) -> NightBook:
        if self.broken:
            raise NotReadyError(Message("GONE", "gone"))
        self.reads += 1
        return NightBook(night)


class Ticks:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_newer_version_is_seen_within_a_second_and_the_same_one_is_not_read_again(ports: Ports) -> None:
    reader, ticks = FlakyReader(ports.reader.read()), Ticks()
    current = Current(reader, ticks)
    first = current.get()
    ticks.now = 5.0
    assert current.get() is first
    assert reader.reads == 1
    reader.number += 1
    assert current.get() is first
    ticks.now = 6.0
    assert current.get() is not first


def test_a_database_that_goes_away_does_not_take_the_answers_with_it(ports: Ports) -> None:
    reader, ticks = FlakyReader(ports.reader.read()), Ticks()
    current = Current(reader, ticks)
    first = current.get()
    reader.broken, ticks.now = True, 10.0
    assert current.get() is first


def test_before_the_first_reading_there_is_no_answer(ports: Ports) -> None:
    reader = FlakyReader(ports.reader.read())
    reader.broken = True
    with pytest.raises(NotReadyError):
        Current(reader, Ticks()).get()


def test_an_answer_is_made_once_and_an_error_is_not_kept() -> None:
    kept, made = Kept(), list[int]()

    def make() -> bytes:
        made.append(1)
        if len(made) == 1:
            raise ZeroDivisionError
        return b"answer"

    with pytest.raises(ZeroDivisionError):
        kept.get("a", make)
    assert kept.get("a", make) == kept.get("a", make)
    assert len(made) == 2


def test_kept_answers_stay_within_their_budget() -> None:
    kept = Kept(budget=100)
    for n in range(50):
        assert kept.get(n, lambda n=n: b"%10d" % n)[0] == b"%10d" % n  # type: ignore[misc]
        assert sum(len(body) for body, _ in kept._answers.values()) <= 100

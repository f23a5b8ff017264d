"""The reading of the database that answers requests now, with answers it has already given."""

import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date, datetime
from threading import Lock
from typing import Any

import orjson

from tourism.domain.departure import NightBook
from tourism.domain.occupancy import Occupancy, in_force
from tourism.errors import NotReadyError
from tourism.services.measures import Gauge
from tourism.services.ports import Reader
from tourism.services.scenario import Nights, Prospect
from tourism.services.town import Town

CHECK_EVERY_S = 1.0
KEPT_BYTES = 64_000_000
KEPT_BOOKS = 4


class Kept:
    """Answers that have been given, by what was asked, within a budget of bytes; when it is full, begin again."""

    def __init__(self, budget: int = KEPT_BYTES) -> None:
        self._budget = budget
        self._used = 0
        self._answers: dict[Hashable, tuple[bytes, str]] = {}

    def get(self, asked: Hashable, make: Callable[[], bytes]) -> tuple[bytes, str]:
        """Return the answer with its ETag, made at the first asking; an error that `make` raises is not kept."""
        found = self._answers.get(asked)
        if found is None:
            body = make()
            found = body, hashlib.sha256(body).hexdigest()[:20]
            if self._used + len(body) > self._budget:
                self._answers, self._used = {}, 0
            self._answers[asked] = found
            self._used += len(body)
        return found


class Answers:
    """One reading of the database and the answers already given from it."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.kept = Kept()
        self.gauges: tuple[datetime, list[Gauge]] | None = None  # with the instant they were computed at
        self.prospects: dict[tuple[tuple[str, str], ...], Prospect] = {}  # by the scenario's link
        self.shared = Kept()  # pages for other programs, so that they crowd out nothing of the map's


def to_json(document: Any) -> bytes:
    """Return compact UTF-8 JSON."""
    return orjson.dumps(document)


class Current:
    """Hands out the answers of the newest version of the database; looks for a newer one once a second."""

    def __init__(self, reader: Reader, ticks: Callable[[], float]) -> None:
        self._reader = reader
        self._ticks = ticks
        self._checked = float("-inf")
        self._answers: Answers | None = None
        self._said: Sequence[Occupancy] = ()
        self._books: dict[date, tuple[int, NightBook, Kept]] = {}
        self._nights: Nights | None = None
        self._making = Lock()
        self.books_version = -1

    def get(self) -> Answers:
        """Return the current answers; raises NotReadyError before the first good reading.

        Once there is one, a database that can't be reached does not take it away.
        """
        if self._answers is None or self._ticks() - self._checked >= CHECK_EVERY_S:
            self._checked = self._ticks()
            self._refresh()
        assert self._answers is not None  # noqa: S101 - _refresh sets it or raises
        return self._answers

    def live(self, now: datetime) -> Mapping[str, Occupancy]:
        """Return how full venues are by what was said in the last half hour; read with the version."""
        self.get()
        return in_force(self._said, now)

    def book(self, night: date) -> tuple[NightBook, Kept]:
        """Return what is registered for a night, and the answers already given from it; looked at once a second.

        A database that can't be reached does not take it away.
        """
        self.get()
        found = self._books.get(night)
        if found is None or found[0] != self.books_version:
            try:
                found = self.books_version, self._reader.book(night), Kept(KEPT_BYTES // KEPT_BOOKS)
            except NotReadyError:
                if found is None:
                    raise
                return found[1:]
            self._books = {**dict(list(self._books.items())[1 - KEPT_BOOKS :]), night: found}
        return found[1:]

    def nights(self) -> Nights:
        """Return the simulated nights of the present data; what has been simulated stays while that is the same."""
        almanac = self.get().town.world.almanac
        with self._making:
            if self._nights is None or not self._nights.serves(almanac):
                self._nights = Nights(almanac, self._ticks)
            return self._nights

    def _refresh(self) -> None:
        try:
            self.books_version = self._reader.books_version()
            self._said = self._reader.occupancies()
            if self._answers is None or self._answers.town.world.version != self._reader.version():
                self._answers = Answers(Town(self._reader.read()))
        except NotReadyError:
            if self._answers is None:
                raise

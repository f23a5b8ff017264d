"""The reading of the database that answers requests now, with answers it has already given."""

import hashlib
import json
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from tourism.errors import NotReadyError
from tourism.services import documents
from tourism.services.language import Language
from tourism.services.plans import PlanRequest, make_plan
from tourism.services.ports import Reader
from tourism.services.spots import SpotsRequest, find_spots
from tourism.services.town import Town

CHECK_EVERY_S = 1.0
PLANS_KEPT = 8192
SPOTS_KEPT = 256


class Answers:
    """Answers from one reading; each is computed once a request, language and day, and kept as bytes."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.plan = lru_cache(PLANS_KEPT)(self._plan)
        self.spots = lru_cache(SPOTS_KEPT)(self._spots)
        self.geojson = lru_cache(SPOTS_KEPT)(self._geojson)

    def _plan(self, request: PlanRequest, language: Language, today: date) -> bytes:
        return to_json(documents.plan_document(self.town, make_plan(self.town, request, today), language))

    def _spots(self, request: SpotsRequest, language: Language, today: date) -> bytes:
        return to_json(documents.spots_document(find_spots(self.town, request, today), language))

    def _geojson(self, request: SpotsRequest, language: Language, today: date) -> tuple[bytes, str]:
        """Return GeoJSON and its ETag."""
        body = to_json(documents.spots_geojson(find_spots(self.town, request, today), language))
        return body, hashlib.sha256(body).hexdigest()[:20]


def to_json(document: Any) -> bytes:
    """Return compact UTF-8 JSON."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


class Current:
    """Hands out the answers of the newest version of the database; looks for a newer one once a second."""

    def __init__(self, reader: Reader, ticks: Callable[[], float]) -> None:
        self._reader = reader
        self._ticks = ticks
        self._checked = float("-inf")
        self._answers: Answers | None = None

    def get(self) -> Answers:
        """Return the current answers; raises NotReadyError before the first good reading.

        Once there is one, a database that can't be reached does not take it away.
        """
        if self._answers is None or self._ticks() - self._checked >= CHECK_EVERY_S:
            self._checked = self._ticks()
            self._refresh()
        assert self._answers is not None  # noqa: S101 - _refresh sets it or raises
        return self._answers

    def _refresh(self) -> None:
        try:
            if self._answers is None or self._answers.town.world.version != self._reader.version():
                self._answers = Answers(Town(self._reader.read()))
        except NotReadyError:
            if self._answers is None:
                raise

"""How often one may read what is shared: by key, or by address without one.

Each worker counts for itself, so each gives its part of the rate; a window of twenty seconds lets a client that opens a
map ask for several things at once.
"""

import math
import time
from datetime import timedelta
from typing import Any, cast

from flask import Flask, current_app, g, request
from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from tourism.domain.sharing import ApiKey
from tourism.errors import Message, NotSignedInError, TooManyError
from tourism.routes._render import now, ports
from tourism.services.changes import ANONYMOUS_PER_S, use_key
from tourism.services.reviews import network_of

EXTENSION = "tourism-limits"
WINDOW_S = 20
TOO_OFTEN = Message("TOO_OFTEN", "This is asked for too often. Wait a moment, or ask the office for a key.")


def register(app: Flask, workers: int) -> None:
    """Make the counters of a worker."""
    app.extensions[EXTENSION] = MovingWindowRateLimiter(MemoryStorage()), workers


def api_key() -> ApiKey | None:
    """Return the key that this request carries, None without one; raises NotSignedInError for one that holds not."""
    kind, _, written = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        return None
    if "api_key" not in g:
        g.api_key = use_key(ports(), written.strip()[:200], now())
    return cast(ApiKey, g.api_key)


def limit(cost: int = 1) -> None:
    """Count this request, for several if it is worth so much work; raises TooManyError saying when to come again."""
    anybody = network_of(request.remote_addr or ""), ANONYMOUS_PER_S
    try:
        key = api_key()
    except NotSignedInError:
        _count(*anybody, cost)  # who guesses is counted too
        raise
    _count(*((f"key {key.id}", key.per_s) if key else anybody), cost)


def _count(who: str, per_s: int, cost: int) -> None:
    limiter, workers = cast(tuple[Any, int], current_app.extensions[EXTENSION])
    item = RateLimitItemPerSecond(max(per_s * WINDOW_S // workers, 1), WINDOW_S)
    if not limiter.hit(item, "shared", who, cost=cost):
        again = limiter.get_window_stats(item, "shared", who).reset_time - time.time()
        raise TooManyError(TOO_OFTEN, timedelta(seconds=max(math.ceil(again), 1)))

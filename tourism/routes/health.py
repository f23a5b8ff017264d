"""Is it alive, is it ready, what is it doing: health, readiness, metrics and the request log.

The log has no address, no query and no cookie: only which route was asked for, how it went and how long it took.
"""

import json
import logging
import os
import sys
import time
from collections.abc import Callable
from functools import cache
from secrets import token_hex
from typing import Any

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from tourism.routes._render import answers
from tourism.services.current import to_json

Log = Callable[[dict[str, Any]], None]
health = Blueprint("health", __name__)
SECONDS = Histogram("tourism_request_seconds", "Requests answered, by time", ["route", "status"])


def write_line(line: dict[str, Any]) -> None:
    """Write one JSON object as a line to standard error."""
    sys.stderr.write(json.dumps(line, ensure_ascii=False) + "\n")


class JsonLines(logging.Handler):
    """Log records as the same kind of line."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record with its traceback."""
        line = {"time": record.created, "level": record.levelname, "message": record.getMessage()}
        if record.exc_info:
            line["error"] = logging.Formatter().formatException(record.exc_info)
        write_line(line)


def log_to_stderr() -> None:
    """Send the service's log to standard error, as JSON lines."""
    logger = logging.getLogger("tourism")
    logger.handlers = [JsonLines()]
    logger.propagate = False


@health.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@health.get("/readyz")
def readyz() -> Response:
    """The database has been read; 503 otherwise."""
    world = answers().town.world
    snapshot = world.snapshot.imported_at.isoformat() if world.snapshot else None
    return Response(
        to_json({"ready": True, "version": world.version, "osm_imported_at": snapshot}), mimetype="application/json"
    )


@health.get("/metrics")
def metrics() -> Response:
    """Prometheus metrics of all workers."""
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def observe(app: Flask, write: Log) -> None:
    """Time, count and log every request."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        g.request_id = token_hex(8)

    @app.after_request
    def end(answer: Response) -> Response:
        seconds = time.perf_counter() - g.began
        route = request.url_rule.rule if request.url_rule else "none"
        _measure(route, answer.status_code).observe(seconds)
        answer.headers["X-Request-Id"] = g.request_id
        write({
            "time": time.time(), "method": request.method, "route": route, "status": answer.status_code,
            "ms": round(seconds * 1000, 2), "request_id": g.request_id,
        })  # fmt: skip
        return answer


@cache
def _measure(route: str, status: int) -> Histogram:
    return SECONDS.labels(route, status)

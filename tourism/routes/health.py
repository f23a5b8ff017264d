"""Is it alive, is it ready, what is it doing: health, readiness, metrics and the request log.

The log has no address, no query and no cookie: only which route was asked for, how it went and how long it took.
"""

import json
import logging
import os
import sys
import time
from uuid import uuid4

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from tourism.routes._render import answers
from tourism.services.current import to_json

health = Blueprint("health", __name__)
LOG = logging.getLogger("tourism.requests")
REQUESTS = Counter("tourism_requests", "Requests answered", ["route", "status"])
SECONDS = Histogram("tourism_request_seconds", "Time to answer", ["route"])


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write what the record carries in `extra={"fields": …}` beside time, level and message."""
        line = {"time": self.formatTime(record), "level": record.levelname, "message": record.getMessage()}
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def log_to_stderr() -> None:
    """Send the service's log to standard error, as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("tourism")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
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


def observe(app: Flask) -> None:
    """Count, time and log every request."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        g.request_id = uuid4().hex[:16]

    @app.after_request
    def end(answer: Response) -> Response:
        seconds = time.perf_counter() - g.began
        route = request.url_rule.rule if request.url_rule else "none"
        REQUESTS.labels(route, answer.status_code).inc()
        SECONDS.labels(route).observe(seconds)
        fields = {
            "method": request.method,
            "route": route,
            "status": answer.status_code,
            "ms": round(seconds * 1000, 2),
            "request_id": g.request_id,
        }
        LOG.info("request", extra={"fields": fields})
        answer.headers["X-Request-Id"] = g.request_id
        return answer

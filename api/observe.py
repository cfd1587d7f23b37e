"""What an operator sees: one log line a request, metrics, and whether the server is well."""

from __future__ import annotations

import logging
import sys
import time
from typing import Final

import flask
import prometheus_client
import structlog
from sqlalchemy import text

from api import http, ids

REGISTRY: Final = prometheus_client.CollectorRegistry()
REQUESTS: Final = prometheus_client.Histogram(
    "lamplighter_request_seconds",
    "Time to answer, by route, method and status.",
    ["route", "method", "status"],
    registry=REGISTRY,
)
OPERATIONS: Final = prometheus_client.Counter(
    "lamplighter_operations_total",
    "Operations settled, by type and outcome.",
    ["type", "status"],
    registry=REGISTRY,
)
_REQUEST_ID_CHARS_MAX: Final = 64
_log = structlog.get_logger()

blueprint = flask.Blueprint("observe", __name__)


def configure_logs(level: str) -> None:
    """Write logs as JSON lines to standard error, with the instant, the level, the request's id."""
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        cache_logger_on_first_use=False,
    )


def install(app: flask.Flask) -> None:
    """Log, time and name every request."""
    app.register_blueprint(blueprint)
    app.before_request(_start)
    app.after_request(_finish)


@blueprint.get("/health")
def health() -> flask.Response:
    """Say that the process answers."""
    return flask.jsonify(status="ok")


@blueprint.get("/ready")
def ready() -> flask.Response:
    """Say that the database answers too, so that work may be sent here."""
    with http.server().database.reading() as session:
        session.execute(text("SELECT 1"))
    return flask.jsonify(status="ready")


@blueprint.get("/metrics")
def metrics() -> flask.Response:
    """Give the figures in Prometheus' own text form."""
    body = prometheus_client.generate_latest(REGISTRY)
    return flask.Response(body, content_type=prometheus_client.CONTENT_TYPE_LATEST)


def _start() -> None:
    given = flask.request.headers.get("X-Request-Id", "")
    usable = given.isascii() and given.replace("-", "").isalnum()
    flask.g.request_id = given[:_REQUEST_ID_CHARS_MAX] if usable else ids.new_id()
    flask.g.started_s = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=flask.g.request_id)


def _finish(response: flask.Response) -> flask.Response:
    took_s = time.perf_counter() - flask.g.get("started_s", time.perf_counter())
    rule = flask.request.url_rule
    route = rule.rule if rule else "(none)"
    REQUESTS.labels(route, flask.request.method, response.status_code).observe(took_s)
    response.headers["X-Request-Id"] = flask.g.get("request_id", "")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    _log.info(
        "request.answered",
        route=route,
        method=flask.request.method,
        status=response.status_code,
        took_ms=round(took_s * 1_000, 1),
    )
    return response

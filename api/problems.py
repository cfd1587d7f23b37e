"""Every refusal leaves as one body: RFC 9457 with a stable code and both languages."""

from __future__ import annotations

from typing import Final

import flask
import sqlalchemy.exc
import structlog
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, UnprocessableEntity

from api import errors
from schemas.base import encode
from schemas.errors import Refused

MEDIA_TYPE: Final = "application/problem+json"
_CHALLENGE: Final = 'Bearer, DPoP algs="ES256"'
_RETRY_AFTER_S: Final = 2
_REASON_CHARS_MAX: Final = 500
_log = structlog.get_logger()


def install(app: flask.Flask) -> None:
    """Answer every refusal, HTTP error and lost database with a problem body."""
    app.before_request(_refuse_nul)
    app.register_error_handler(Refused, answer)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(sqlalchemy.exc.OperationalError, _answer_database_away)
    app.register_error_handler(sqlalchemy.exc.TimeoutError, _answer_database_away)


def answer(refused: Refused) -> flask.Response:
    """Shape a refusal as an HTTP answer."""
    problem = refused.problem(request_id=flask.g.get("request_id", ""))
    response = flask.Response(encode(problem), status=problem.status, mimetype=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    retry_after_s = refused.fields.get("retry_after_s")
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    if problem.status == errors.NotSignedIn.status:
        response.headers["WWW-Authenticate"] = _CHALLENGE
    nonce = refused.fields.get("nonce")
    if nonce is not None:
        response.headers["WWW-Authenticate"] = 'DPoP algs="ES256", error="use_dpop_nonce"'
        response.headers["DPoP-Nonce"] = str(nonce)
    return response


def _refuse_nul() -> None:
    """Refuse addresses with a NUL: no database can hold one, so nothing has such an id."""
    if "\x00" in flask.request.path:
        raise errors.Invalid(reason="the address contains a NUL")


def _answer_http(error: HTTPException) -> flask.Response:
    """Shape the web framework's own refusals, and its validation errors."""
    if isinstance(error, RequestEntityTooLarge):
        limit = flask.request.max_content_length
        return answer(errors.TooLarge(bytes_max=limit or 0))
    if isinstance(error, UnprocessableEntity):
        return answer(_invalid(error))
    refused = errors.HttpRefused(reason=str(error.description or error.name))
    response = answer(refused)
    response.status_code = error.code or refused.status
    body = refused.problem(request_id=flask.g.get("request_id", ""))
    fields = {name: getattr(body, name) for name in body.__struct_fields__}
    response.data = encode(type(body)(**{**fields, "status": response.status_code}))
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    return response


def _invalid(error: UnprocessableEntity) -> errors.Invalid:
    """Name each field that is wrong, and why."""
    messages = getattr(error, "data", {}).get("messages", {})
    lines = sorted(_flat(messages)) or [str(error.description)]
    return errors.Invalid(reason="; ".join(lines)[:_REASON_CHARS_MAX], errors=lines[:50])


def _flat(messages: object, path: str = "") -> list[str]:
    """Write nested messages as `place: sentence` lines."""
    if isinstance(messages, dict):
        return [
            line
            for key, inner in messages.items()
            for line in _flat(inner, f"{path}.{key}" if path else str(key))
        ]
    if isinstance(messages, list):
        return [line for inner in messages for line in _flat(inner, path)]
    return [f"{path}: {messages}"]


def _answer_database_away(error: Exception) -> flask.Response:
    """Say that the database is away; nothing was done."""
    _log.error("database.away", error=type(error).__name__)
    return answer(errors.Busy(retry_after_s=_RETRY_AFTER_S))

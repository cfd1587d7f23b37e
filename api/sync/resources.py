"""Doors of sync: the whole conversation, how far it got, its limits, and what the office sees.

A device's exchanges are counted, and syncs find a place at once or are told when to come again.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from typing import Annotated, Any, Final, ParamSpec, cast

import flask
import msgspec
from flask.views import MethodView
from flask_smorest import Blueprint
from msgspec import Meta

from api import http
from api.errors import Invalid
from api.sync import bodies, last_words, lobby, push, service, traffic
from api.sync.witnessing import Custodian
from schemas import base, sync
from schemas.base import Shape, ShapeT
from schemas.crews import Role
from schemas.errors import Refused
from schemas.form import form_of, page_form_of, query_form_of
from schemas.rules import pacing

P = ParamSpec("P")
_REQUESTS: Final = msgspec.json.Decoder(sync.SyncRequest)
_LAST_WORDS: Final = msgspec.json.Decoder(sync.LastWords)
_REASON_CHARS_MAX: Final = 300
_REFUSED: Final = [sync.Status.REJECTED, sync.Status.CONFLICT, sync.Status.HELD]

blueprint = Blueprint(
    "sync", __name__, url_prefix="/v1/sync", description="One round trip: work up, changes down."
)


def _traffic() -> traffic.Traffic:
    """Give the traffic of this worker."""
    return cast("traffic.Traffic", flask.current_app.extensions["lamplighter.traffic"])


def _custodian() -> Custodian:
    """Give whoever keeps the checkpoints."""
    return cast("Custodian", flask.current_app.extensions["lamplighter.custodian"])


def _admitted(view: Callable[P, flask.Response]) -> Callable[P, flask.Response]:
    """Let a sync in while there is a place, before anything is asked of the database."""

    @functools.wraps(view)
    def opened(*args: P.args, **kwargs: P.kwargs) -> flask.Response:
        with _traffic().admitted():
            return view(*args, **kwargs)

    return opened


def _count() -> None:
    """Count an exchange of the caller's device; who has none is refused by the service."""
    device_id = http.principal().device_id
    if device_id is not None:
        _traffic().count(device_id=device_id, now=http.server().clock.now())


class AckQuery(Shape):
    """The number through which the phone knows what became of its operations."""

    after: Annotated[int, Meta(ge=0, le=2**53)] = 0


class ReceiptQuery(http.PageQuery):
    """Which receipts to list; by default what was not applied."""

    status: Annotated[list[sync.Status], Meta(max_length=6)] = []


class HeldQuery(http.PageQuery):
    """Whether to list what waits (the default) or what waited."""

    settled: bool = False


@blueprint.route("")
class Sync(MethodView):
    """The conversation."""

    @_admitted
    @http.gate(Role.LINEMAN, Role.READER)
    @blueprint.doc(
        requestBody={
            "required": True,
            "content": {"application/json": {"schema": form_of(sync.SyncRequest)}},
        },
        responses={
            "200": {
                "description": "Outcomes, changes and a new cursor.",
                "content": {"application/json": {"schema": form_of(sync.SyncAnswer)}},
            }
        },
    )
    def post(self) -> flask.Response:
        """Settle operations, then tell what changed.

        Refusals: device-needed, protocol-unknown, cursor-unknown, invalid, too-large, unreadable,
        too-many, busy, signature-missing, signature-wrong.
        """
        _count()
        server = http.server()
        request = _read(_REQUESTS)
        pushed = _heard(request)
        with server.database.reading() as session:
            told = service.tell(
                session,
                principal=http.principal(),
                request=request,
                pushed=pushed,
                now=server.clock.now(),
                load=_traffic().load,
                custodian=_custodian(),
            )
        return bodies.answer(told.body, accepts=flask.request.headers.get("Accept-Encoding", ""))


def _read(decoder: msgspec.json.Decoder[ShapeT]) -> ShapeT:
    """Read what a phone says, inflated and strictly.

    Raises:
        TooLarge: it is larger than the protocol allows.
        Unreadable: it is not what its encoding says.
        Invalid: it does not have its shape.
    """
    body = bodies.inflated(flask.request, bytes_max=sync.BODY_BYTES_MAX)
    try:
        return decoder.decode(body)
    except base.UNREADABLE as error:
        raise Invalid(reason=str(error)[:_REASON_CHARS_MAX]) from error


def _heard(request: sync.SyncRequest) -> push.Pushed:
    """Hear a phone; one that only pulls waits for no commit."""
    database, act = http.server().database, http.act()
    waiting = cast("lobby.Lobby", flask.current_app.extensions["lamplighter.lobby"])
    if not request.operations:
        with database.reading() as session:
            visit, pushed = service.greet(session, act=act, request=request)
        waiting.wait(visit)
        return pushed
    with database.unit_of_work() as session:
        if act.principal.device_id is not None:
            waiting.write_of(session, device_id=act.principal.device_id)
        heard = service.hear(session, act=act, request=request, custodian=_custodian())
    if isinstance(heard, Refused):
        raise heard  # after the commit: what it pushed is kept for the office
    return heard


@blueprint.route("/last-words")
class LastWords(MethodView):
    """The last words of a revoked device."""

    @blueprint.doc(
        security=[],
        requestBody={
            "required": True,
            "content": {"application/json": {"schema": form_of(sync.LastWords)}},
        },
    )
    @blueprint.response(200, form_of(sync.LastWordsHeard))
    def post(self) -> sync.LastWordsHeard:
        """Keep what a revoked device had not sent for the office; its key speaks for it.

        Refusals: last-words-refused, device-stands, protocol-unknown, too-many.
        """
        server = http.server()
        asked = _read(_LAST_WORDS)
        with server.database.unit_of_work() as session:
            return last_words.hear(
                session, asked=asked, grant_uploads=server.grant_uploads, now=server.clock.now()
            )


@blueprint.route("/ack")
class Ack(MethodView):
    """How far the caller's device is settled."""

    @http.door(Role.LINEMAN, Role.READER)
    @blueprint.arguments(query_form_of(AckQuery), location="query")
    @blueprint.response(200, form_of(sync.Acknowledged))
    def get(self, query: AckQuery) -> sync.Acknowledged:
        """Ask after a lost answer, before anything is sent again.

        Refusals: device-needed, too-many.
        """
        _count()
        return service.acknowledged(
            http.session(),
            principal=http.principal(),
            now=http.server().clock.now(),
            after=query.after,
        )


@blueprint.route("/limits")
class Limits(MethodView):
    """What this server takes."""

    @http.door()
    @blueprint.response(200, form_of(sync.Limits))
    def get(self) -> sync.Limits:
        """Tell the limits of sync; a client that keeps them is never refused for its size."""
        settings = http.server().settings
        return sync.Limits(
            protocol=sync.PROTOCOL,
            operations_max=sync.OPERATIONS_MAX,
            changes_max=sync.CHANGES_MAX,
            body_bytes_max=min(sync.BODY_BYTES_MAX, settings.body_bytes_max),
            exchanges_per_minute=settings.syncs_per_minute,
            retry_after_s=traffic.BUSY_RETRY_S,
            wake_window_s=pacing.WAKE_WINDOW_S,
        )


@blueprint.route("/receipts")
class Receipts(MethodView):
    """What became of operations."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.arguments(query_form_of(ReceiptQuery), location="query")
    @blueprint.response(200, page_form_of(sync.KeptReceipt))
    def get(self, query: ReceiptQuery) -> http.Page:
        """List receipts, newest first: rejected, in conflict and held unless asked otherwise."""
        items = service.list_receipts(
            http.session(),
            act=http.act(),
            statuses=query.status or _REFUSED,
            after=_key(query.after),
            limit=query.limit,
        )
        last = items[-1] if len(items) == query.limit else None
        following = http.page_key(last.received_at, last.device_id, last.n) if last else None
        return http.Page(items, following)


@blueprint.route("/held")
class HeldOnes(MethodView):
    """Operations that wait."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.arguments(query_form_of(HeldQuery), location="query")
    @blueprint.response(200, page_form_of(sync.HeldOperation))
    def get(self, query: HeldQuery) -> http.Page:
        """List operations that are held, newest first; on request those that were."""
        items = service.list_held(
            http.session(),
            act=http.act(),
            settled=query.settled,
            after=http.read_moment_key(query.after),
            limit=query.limit,
        )
        last = items[-1] if len(items) == query.limit else None
        following = http.page_key(last.held_at, last.operation_id) if last else None
        return http.Page(items, following)


@blueprint.route("/held/<string(maxlength=64):operation_id>/retry")
class Retrying(MethodView):
    """A held operation is tried now."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.response(200, form_of(sync.HeldOperation))
    def post(self, operation_id: str) -> sync.HeldOperation:
        """Try a held operation now; one that has its final outcome keeps it.

        Refusals: not-found.
        """
        return service.retry_held(http.session(), act=http.act(), operation_id=operation_id)


def _key(text: str | None) -> tuple[dt.datetime, str, int] | None:
    """Read the key of a page of receipts."""
    if text is None:
        return None
    parts: list[Any] = http.read_page_key(text, parts=3)
    received_at = http.read_page_instant(parts[0])
    try:
        device_id, n = msgspec.convert(parts[1:], tuple[str, int])
    except msgspec.ValidationError as error:
        raise Invalid(reason="the page key is not one of ours") from error
    return received_at, device_id, n

"""Doors of sync: one for the whole conversation, one to ask how far it got, one for the office."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final

import flask
import msgspec
from flask.views import MethodView
from flask_smorest import Blueprint
from msgspec import Meta

from api import http
from api.errors import Invalid
from api.sync import bodies, service
from schemas import sync
from schemas.base import Shape
from schemas.crews import Role
from schemas.form import form_of, page_form_of, query_form_of

_REQUESTS: Final = msgspec.json.Decoder(sync.SyncRequest)
_REASON_CHARS_MAX: Final = 300
_REFUSED: Final = [sync.Status.REJECTED, sync.Status.CONFLICT, sync.Status.HELD]

blueprint = Blueprint(
    "sync", __name__, url_prefix="/v1/sync", description="One round trip: work up, changes down."
)


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
        """Settle operations, then tell what changed."""
        server = http.server()
        body = bodies.inflated(flask.request, bytes_max=sync.BODY_BYTES_MAX)
        try:
            request = _REQUESTS.decode(body)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise Invalid(reason=str(error)[:_REASON_CHARS_MAX]) from error
        with server.database.unit_of_work() as session:
            pushed = service.hear(session, act=http.act(), request=request)
        with server.database.reading() as session:
            told = service.tell(
                session,
                principal=http.principal(),
                request=request,
                pushed=pushed,
                now=server.clock.now(),
            )
        return bodies.answer(told.body, accepts=flask.request.headers.get("Accept-Encoding", ""))


@blueprint.route("/ack")
class Ack(MethodView):
    """How far the caller's device is settled."""

    @http.door(Role.LINEMAN, Role.READER)
    @blueprint.arguments(query_form_of(AckQuery), location="query")
    @blueprint.response(200, form_of(sync.Acknowledged))
    def get(self, query: AckQuery) -> sync.Acknowledged:
        """Ask after a lost answer, before anything is sent again."""
        return service.acknowledged(
            http.session(),
            principal=http.principal(),
            now=http.server().clock.now(),
            after=query.after,
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
        after = None
        if query.after is not None:
            held_at, operation_id = http.read_page_key(query.after, parts=2)
            after = (http.read_page_instant(held_at), str(operation_id))
        items = service.list_held(
            http.session(), act=http.act(), settled=query.settled, after=after, limit=query.limit
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

"""Doors of notices: where a phone says that it wants them, and what became of them."""

from __future__ import annotations

from typing import Final

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.notices import service
from schemas import notices as shapes
from schemas.base import Id, rfc3339
from schemas.crews import FIELD, OFFICE, Role
from schemas.form import form_of, page_form_of, query_form_of

_LEADS: Final = (Role.SUPERVISOR, Role.ADMINISTRATOR)

blueprint = Blueprint("notices", __name__, url_prefix="/v1", description="What people are told")


class NoticesQuery(http.PageQuery):
    """Which notices to list."""

    state: shapes.NoticeState | None = None
    receiver: Id | None = None


@blueprint.route("/push/key")
class PushKey(MethodView):
    """The house's key for push services."""

    @http.door(*FIELD, writes=True)
    @blueprint.response(200, form_of(shapes.PushKey))
    def get(self) -> shapes.PushKey:
        """Give the key that a phone's browser ties its subscription to.

        Refusals: push-off.
        """
        settings = http.server().settings
        return service.public_key(http.session(), act=http.act(), settings=settings)


@blueprint.route("/push/subscription")
class Subscription(MethodView):
    """Where the device that speaks hears notices."""

    @http.door(*FIELD)
    @blueprint.arguments(form_of(shapes.PushSubscription))
    @blueprint.response(200, form_of(shapes.PushSubscribed))
    def put(self, asked: shapes.PushSubscription) -> shapes.PushSubscribed:
        """Have notices sent to this device by its browser's push service; the last one counts.

        Refusals: push-off, push-needs-device, push-address-refused, push-key-wrong.
        """
        settings = http.server().settings
        return service.subscribe(http.session(), act=http.act(), settings=settings, asked=asked)

    @http.door(*FIELD)
    @blueprint.response(204)
    def delete(self) -> None:
        """Have no more notices sent to this device.

        Refusals: push-needs-device.
        """
        service.unsubscribe(http.session(), act=http.act())


@blueprint.route("/notices")
class Notices(MethodView):
    """The notices of a district."""

    @http.door(*OFFICE)
    @blueprint.arguments(query_form_of(NoticesQuery), location="query")
    @blueprint.response(200, page_form_of(shapes.NoticeView))
    def get(self, query: NoticesQuery) -> http.Page:
        """List what was told to phones, the newest first; dead ones wait for the office."""
        found = service.list_notices(
            http.session(),
            act=http.act(),
            state=query.state,
            receiver=query.receiver,
            before=http.read_moment_key(query.after),
            limit=query.limit,
        )
        last = found[-1] if len(found) == query.limit else None
        return http.Page(found, http.page_key(rfc3339(last.made_at), last.id) if last else None)


@blueprint.route("/notices/<string(maxlength=64):notice_id>/retry")
class Retry(MethodView):
    """A dead notice."""

    @http.door(*_LEADS)
    @blueprint.response(200, form_of(shapes.NoticeView))
    def post(self, notice_id: str) -> shapes.NoticeView:
        """Have it tried again, as if it were new.

        Refusals: not-found, notice-not-dead.
        """
        return service.retry(http.session(), act=http.act(), notice_id=notice_id)

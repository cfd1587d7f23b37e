"""Doors of receivers: who is told, how it is signed, and whether it hears."""

from __future__ import annotations

from typing import Final

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.notices import service
from schemas import events
from schemas import notices as shapes
from schemas.crews import Role
from schemas.form import form_of, page_form_of

_RECEIVER: Final = "/receivers/<string(maxlength=64):receiver_id>"

blueprint = Blueprint(
    "receivers", __name__, url_prefix="/v1", description="Who is told what happens"
)


@blueprint.route("/receivers")
class Receivers(MethodView):
    """Other systems, and mailboxes of the office, that are told what happens."""

    @http.door(Role.ADMINISTRATOR)
    @blueprint.response(200, page_form_of(events.ReceiverView))
    def get(self) -> http.Page:
        """List the district's receivers, the oldest first; there are few."""
        return http.Page(service.list_receivers(http.session(), act=http.act()), None)

    @http.door(Role.ADMINISTRATOR)
    @blueprint.arguments(form_of(events.ReceiverDraft))
    @blueprint.response(201, form_of(events.ReceiverSecret))
    def post(self, draft: events.ReceiverDraft) -> events.ReceiverSecret:
        """Let a receiver be told from now on; a webhook's secret is shown this once.

        Refusals: not-found (the unit), mail-off, receiver-address-refused, receiver-event-unfit,
        receivers-full.
        """
        settings = http.server().settings
        return service.add_receiver(http.session(), act=http.act(), settings=settings, draft=draft)


@blueprint.route(_RECEIVER)
class OneReceiver(MethodView):
    """One receiver."""

    @http.door(Role.ADMINISTRATOR)
    @blueprint.response(200, form_of(events.ReceiverView))
    def get(self, receiver_id: str) -> events.ReceiverView:
        """Get a receiver, without its secret.

        Refusals: not-found.
        """
        return service.get_receiver(http.session(), act=http.act(), receiver_id=receiver_id)

    @http.door(Role.ADMINISTRATOR)
    @blueprint.arguments(form_of(events.ReceiverChange))
    @blueprint.response(200, form_of(events.ReceiverView))
    def patch(self, change: events.ReceiverChange, receiver_id: str) -> events.ReceiverView:
        """Change a receiver; `paused` holds back what happens for a week, `active` lets it go.

        Refusals: not-found, mail-off, receiver-address-refused, receiver-event-unfit.
        """
        return service.change_receiver(
            http.session(),
            act=http.act(),
            settings=http.server().settings,
            receiver_id=receiver_id,
            change=change,
        )

    @http.door(Role.ADMINISTRATOR)
    @blueprint.response(204)
    def delete(self, receiver_id: str) -> None:
        """Tell it nothing more; what waits for it is dropped.

        Refusals: not-found.
        """
        service.remove_receiver(http.session(), act=http.act(), receiver_id=receiver_id)


@blueprint.route(f"{_RECEIVER}/rotate")
class Rotation(MethodView):
    """The secret of a webhook."""

    @http.door(Role.ADMINISTRATOR)
    @blueprint.arguments(form_of(events.ReceiverRotation))
    @blueprint.response(200, form_of(events.ReceiverSecret))
    def post(self, rotation: events.ReceiverRotation, receiver_id: str) -> events.ReceiverSecret:
        """Make a new secret, shown this once; the one before signs besides for a while.

        Refusals: not-found, receiver-unsigned.
        """
        return service.rotate_secret(
            http.session(), act=http.act(), receiver_id=receiver_id, rotation=rotation
        )


@blueprint.route(f"{_RECEIVER}/test")
class Test(MethodView):
    """Whether a receiver hears."""

    @http.door(Role.ADMINISTRATOR)
    @blueprint.response(202, form_of(shapes.NoticeView))
    def post(self, receiver_id: str) -> shapes.NoticeView:
        """Send it an event that means nothing; the notice tells what becomes of it.

        Refusals: not-found.
        """
        return service.send_test(http.session(), act=http.act(), receiver_id=receiver_id)


@blueprint.route(f"{_RECEIVER}/retry")
class RetryAll(MethodView):
    """The dead notices of a receiver."""

    @http.door(Role.ADMINISTRATOR)
    @blueprint.response(200, form_of(events.ReceiverRetried))
    def post(self, receiver_id: str) -> events.ReceiverRetried:
        """Have them tried again, the oldest first, as if they were new.

        Refusals: not-found.
        """
        return service.retry_receiver(http.session(), act=http.act(), receiver_id=receiver_id)

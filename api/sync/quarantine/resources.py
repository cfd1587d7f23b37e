"""Doors of the quarantine, for the office."""

from __future__ import annotations

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.sync.quarantine import service, store
from schemas import quarantine as shapes
from schemas.base import Id
from schemas.crews import Role
from schemas.form import form_of, page_form_of, query_form_of

blueprint = Blueprint(
    "quarantine",
    __name__,
    url_prefix="/v1/quarantine",
    description="Operations that were not let in: forks, revoked phones, unsigned pushes.",
)


class QuarantineQuery(http.PageQuery):
    """Which operations to list; by default all of them."""

    state: shapes.State | None = None
    reason: shapes.Reason | None = None
    device_id: Id | None = None


@blueprint.route("")
class Quarantine(MethodView):
    """The operations in quarantine."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.arguments(query_form_of(QuarantineQuery), location="query")
    @blueprint.response(200, page_form_of(shapes.QuarantineView))
    def get(self, query: QuarantineQuery) -> http.Page:
        """List operations that were not let in, oldest first, each whole."""
        items = service.list_quarantined(
            http.session(),
            act=http.act(),
            chosen=store.Chosen(query.state, query.reason, query.device_id),
            after=http.read_moment_key(query.after),
            limit=query.limit,
        )
        last = items[-1] if len(items) == query.limit else None
        following = http.page_key(last.received_at, last.id) if last else None
        return http.Page(items, following)


@blueprint.route("/devices")
class QuarantinedDevices(MethodView):
    """The devices whose operations wait."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.arguments(query_form_of(http.PageQuery), location="query")
    @blueprint.response(200, page_form_of(shapes.QuarantinedDevice))
    def get(self, query: http.PageQuery) -> http.Page:
        """List devices with how many of their operations wait, and since when."""
        after_id = str(http.read_page_key(query.after, parts=1)[0]) if query.after else ""
        items = service.list_devices(
            http.session(), act=http.act(), after_id=after_id, limit=query.limit
        )
        following = http.page_key(items[-1].device_id) if len(items) == query.limit else None
        return http.Page(items, following)


@blueprint.route("/<string(maxlength=64):quarantine_id>")
class OneQuarantined(MethodView):
    """An operation in quarantine."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.response(200, form_of(shapes.QuarantineView))
    def get(self, quarantine_id: str) -> shapes.QuarantineView:
        """Show an operation, why it waits and what was decided.

        Refusals: not-found.
        """
        return service.get_quarantined(http.session(), act=http.act(), quarantine_id=quarantine_id)


@blueprint.route("/<string(maxlength=64):quarantine_id>/accept")
class Acceptance(MethodView):
    """Let an operation in."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.response(200, form_of(shapes.QuarantineView))
    def post(self, quarantine_id: str) -> shapes.QuarantineView:
        """Apply an operation as its person's act when it happened; repeat it if need be.

        What the operation meets is answered as any door answers it, and then it waits on.

        Refusals: not-found, quarantine-decided, operation-unreadable, operation-unknown,
        operation-failed.
        """
        return service.accept(http.session(), act=http.act(), quarantine_id=quarantine_id)


@blueprint.route("/<string(maxlength=64):quarantine_id>/dismiss")
class Dismissing(MethodView):
    """Leave an operation out."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.arguments(form_of(shapes.Dismissal))
    @blueprint.response(200, form_of(shapes.QuarantineView))
    def post(self, asked: shapes.Dismissal, quarantine_id: str) -> shapes.QuarantineView:
        """Leave an operation out for good; the concrete reason stays on record.

        Refusals: not-found, quarantine-decided, reason-not-concrete.
        """
        return service.dismiss(
            http.session(), act=http.act(), quarantine_id=quarantine_id, why=asked.reason
        )

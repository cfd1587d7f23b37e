"""Doors of abnormal use: the list, who looks into what, and what was found."""

from __future__ import annotations

from typing import Final

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.readings import service, store
from api.readings.resources import pages
from schemas import crews, form, readings
from schemas.base import Id

OFFICE: Final = tuple(sorted(crews.OFFICE))

blueprint = Blueprint(
    "abnormal-use",
    __name__,
    url_prefix="/v1/abnormal-use",
    description="Use that is out of the usual; it accuses nobody",
)


class AbnormalQuery(http.PageQuery):
    """Which abnormal use to list."""

    closed: bool | None = None
    kind: readings.AbnormalKind | None = None
    meter_id: Id | None = None
    owner_id: Id | None = None


@blueprint.route("")
class AbnormalUses(MethodView):
    """Abnormal use."""

    @http.door(*OFFICE)
    @blueprint.arguments(form.query_form_of(AbnormalQuery), location="query")
    @blueprint.response(200, form.page_form_of(readings.AbnormalUse))
    def get(self, query: AbnormalQuery) -> http.Page:
        """List abnormal use with its numbers, its owner and its deadline, due last first."""
        rows = service.list_abnormal(
            http.session(),
            act=http.act(),
            chosen=store.AbnormalFilter(
                closed=query.closed,
                kind=query.kind,
                meter_id=query.meter_id,
                owner_id=query.owner_id,
            ),
            after=pages.after(query),
            limit=query.limit + 1,
        )
        return pages.page(rows, limit=query.limit, key=lambda row: (row.due_at, row.id))


@blueprint.route("/<string(maxlength=64):abnormal_id>/take")
class Taken(MethodView):
    """Who looks into it."""

    @http.door(*OFFICE)
    @blueprint.response(200, form.form_of(readings.AbnormalUse))
    def post(self, abnormal_id: str) -> readings.AbnormalUse:
        """Make it one's own to look into, also a colleague's.

        Refusals: not-found, abnormal-closed.
        """
        return service.take_abnormal(http.session(), act=http.act(), abnormal_id=abnormal_id)


@blueprint.route("/<string(maxlength=64):abnormal_id>/close")
class Closed(MethodView):
    """What it turned out to be."""

    @http.door(*OFFICE)
    @blueprint.arguments(form.form_of(readings.AbnormalFound))
    @blueprint.response(200, form.form_of(readings.AbnormalUse))
    def post(self, body: readings.AbnormalFound, abnormal_id: str) -> readings.AbnormalUse:
        """Say what was found, and close it.

        Refusals: not-found, abnormal-closed.
        """
        return service.close_abnormal(
            http.session(), act=http.act(), abnormal_id=abnormal_id, body=body
        )

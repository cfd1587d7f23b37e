"""Doors of notices to customers: what they are told, and whom the office should call."""

from __future__ import annotations

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.customer_notices import service
from schemas import customer_notices as shapes
from schemas.base import Id, rfc3339
from schemas.crews import OFFICE
from schemas.form import form_of, page_form_of, query_form_of

blueprint = Blueprint(
    "customer-notices",
    __name__,
    url_prefix="/v1",
    description="What customers are told by text message",
)


class CustomerNoticesQuery(http.PageQuery):
    """Which notices to customers to list."""

    state: shapes.CustomerNoticeState | None = None
    task_id: Id | None = None


@blueprint.route("/customer-notices")
class CustomerNotices(MethodView):
    """The notices to customers of a district."""

    @http.door(*OFFICE)
    @blueprint.arguments(query_form_of(CustomerNoticesQuery), location="query")
    @blueprint.response(200, page_form_of(shapes.CustomerNotice))
    def get(self, query: CustomerNoticesQuery) -> http.Page:
        """List what customers are told, the newest first; `by_telephone` waits for the office."""
        found = service.list_notices(
            http.session(),
            act=http.act(),
            state=query.state,
            task_id=query.task_id,
            before=http.read_moment_key(query.after),
            limit=query.limit,
        )
        last = found[-1] if len(found) == query.limit else None
        return http.Page(found, http.page_key(rfc3339(last.made_at), last.id) if last else None)


@blueprint.route("/customer-notices/<string(maxlength=64):notice_id>/told")
class Told(MethodView):
    """A customer whom somebody of the office has told."""

    @http.door(*OFFICE)
    @blueprint.arguments(
        form_of(shapes.ToldCustomer),
        example={"channel": "phone", "words": "The crew is late: the river road is flooded."},
    )
    @blueprint.response(200, form_of(shapes.CustomerNotice))
    def post(self, body: shapes.ToldCustomer, notice_id: str) -> shapes.CustomerNotice:
        """Write down that the customer was told; no message goes out any more.

        Refusals: not-found, customer-notice-ended.
        """
        return service.record_told(http.session(), act=http.act(), notice_id=notice_id, body=body)

"""Doors of corrective actions (整改措施): set with an owner and a day, done with what shows it."""

from __future__ import annotations

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.supervision import service, store
from api.supervision.resources import pages
from schemas import supervision
from schemas.base import Id
from schemas.crews import OFFICE
from schemas.form import form_of, page_form_of, query_form_of

blueprint = Blueprint(
    "actions", __name__, url_prefix="/v1", description="Corrective actions and their owners"
)


class ActionQuery(http.PageQuery):
    """Which corrective actions to list; `standing=overdue` those whose day is over."""

    standing: supervision.ActionStanding | None = None
    owner_id: Id | None = None
    subject_id: Id | None = None


@blueprint.route("/supervision/<string(maxlength=64):case_id>/actions")
class OfCase(MethodView):
    """Corrective actions that follow from a case."""

    @http.door(*pages.LEADS)
    @blueprint.arguments(
        form_of(supervision.ActionDraft),
        example={
            "what": "spare fuses into every van",
            "owner_id": "019ab2c4-7d10-7e21-9d3c-5a0c86f1b0aa",
            "due_on": "2026-12-15",
        },
    )
    @blueprint.response(201, form_of(supervision.Action))
    def post(self, body: supervision.ActionDraft, case_id: str) -> supervision.Action:
        """Set a corrective action with its owner and the day until whose end it is done.

        Refusals: not-found, reason-not-concrete, owner-gone, due-in-past.
        """
        return service.set_action(http.session(), act=http.act(), case_id=case_id, body=body)


@blueprint.route("/actions")
class Actions(MethodView):
    """Corrective actions of the district."""

    @http.door(*OFFICE)
    @blueprint.arguments(query_form_of(ActionQuery), location="query")
    @blueprint.response(200, page_form_of(supervision.Action))
    def get(self, query: ActionQuery) -> http.Page:
        """List corrective actions by when they are due."""
        rows = service.list_actions(
            http.session(),
            act=http.act(),
            wanted=store.ActionFilter(query.standing, query.owner_id, query.subject_id),
            after=pages.after(query),
            limit=query.limit + 1,
        )
        return pages.page(rows, query.limit, [(row.due_at, row.id) for row in rows])


@blueprint.route("/actions/<string(maxlength=64):action_id>/done")
class Done(MethodView):
    """A corrective action is done."""

    @http.door(*OFFICE)
    @blueprint.arguments(
        form_of(supervision.ActionDone), example={"words": "fuses handed out to all seven vans"}
    )
    @blueprint.response(200, form_of(supervision.Action))
    def post(self, body: supervision.ActionDone, action_id: str) -> supervision.Action:
        """Say that it is done, with what shows it.

        Refusals: not-found, action-done, reason-not-concrete.
        """
        return service.act_done(http.session(), act=http.act(), action_id=action_id, body=body)

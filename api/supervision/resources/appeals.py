"""Doors of appeals (申诉): made with evidence, decided by somebody who is not responsible."""

from __future__ import annotations

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.supervision import service
from api.supervision.resources import pages
from schemas import supervision
from schemas.crews import OFFICE
from schemas.form import form_of

blueprint = Blueprint(
    "appeals",
    __name__,
    url_prefix="/v1/supervision",
    description="Appeals against supervision cases",
)


@blueprint.route("/<string(maxlength=64):case_id>/appeals")
class Appeals(MethodView):
    """Appeals against a case."""

    @http.door(*OFFICE)
    @blueprint.arguments(
        form_of(supervision.AppealDraft),
        example={
            "ground": "not_our_liability",
            "words": "the road was closed by the police after an accident",
        },
    )
    @blueprint.response(201, form_of(supervision.Appeal))
    def post(self, body: supervision.AppealDraft, case_id: str) -> supervision.Appeal:
        """Appeal against a case: it was not so, or others answer for it.

        Refusals: not-found, case-settled, reason-not-concrete, appeal-pending.
        """
        return service.appeal(http.session(), act=http.act(), case_id=case_id, body=body)


@blueprint.route(
    "/<string(maxlength=64):case_id>/appeals/<string(maxlength=64):appeal_id>/decision"
)
class Deciding(MethodView):
    """An appeal is decided."""

    @http.door(*pages.LEADS)
    @blueprint.arguments(
        form_of(supervision.AppealDecision),
        example={"upheld": True, "words": "the police report names the hour"},
    )
    @blueprint.response(200, form_of(supervision.Appeal))
    def post(
        self, body: supervision.AppealDecision, case_id: str, appeal_id: str
    ) -> supervision.Appeal:
        """Uphold or reject an appeal; who is responsible, or appealed, does not.

        Refusals: not-found, appeal-decided, own-appeal, reason-not-concrete.
        """
        return service.decide(
            http.session(), act=http.act(), case_id=case_id, appeal_id=appeal_id, body=body
        )

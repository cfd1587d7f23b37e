"""Doors of meters that nobody of ours read: a customer's own value, estimates, visits proposed."""

from __future__ import annotations

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.readings import service, store
from api.readings.resources import pages
from schemas import form, reading_values, visits
from schemas.base import Id

blueprint = Blueprint(
    "unread", __name__, url_prefix="/v1", description="Meters that nobody of the utility read"
)


class ProposalQuery(http.PageQuery):
    """Which proposals to list."""

    decided: bool | None = None
    reason: visits.VisitReason | None = None
    meter_id: Id | None = None


@blueprint.route("/customer-readings")
class CustomerReadings(MethodView):
    """Customers' own readings."""

    @http.door(*pages.READERS)
    @blueprint.arguments(form.form_of(reading_values.CustomerValue))
    @blueprint.response(201, form.form_of(reading_values.CustomerTaken))
    @blueprint.alt_response(200, schema=form.form_of(reading_values.CustomerTaken))
    def post(self, body: reading_values.CustomerValue) -> tuple[reading_values.CustomerTaken, int]:
        """Keep a customer's own reading; it says whether it counts, and what to look at again.

        What the checks ask, or what a reader contradicts, is kept and does not count.
        The same key again answers what was kept, with 200 instead of 201.
        Refusals: not-found, key-used, reading-too-many-digits, reading-too-many-decimals,
        reading-not-a-value, reading-unknown-register.
        """
        session, act = http.session(), http.act()
        taken = service.take_customers(session, act=act, body=body)
        shown = service.get_reading(session, act=act, reading_id=taken.reading.id)
        aside = shown.set_aside
        outcome = aside.why if aside else reading_values.CustomerOutcome.TAKEN
        told = reading_values.CustomerTaken(
            outcome=reading_values.CustomerOutcome(outcome),
            reading=shown,
            questions=[
                reading_values.Question(code=prompt.code, en=prompt.en, zh=prompt.zh)
                for prompt in taken.prompts
                if prompt.code not in body.confirmed
            ],
            again=taken.again,
        )
        return told, 200 if taken.again else 201


@blueprint.route("/estimates")
class Estimates(MethodView):
    """Declared estimates."""

    @http.door(*pages.READERS)
    @blueprint.arguments(form.form_of(reading_values.EstimateDraft))
    @blueprint.response(201, form.form_of(reading_values.Estimate))
    def post(self, draft: reading_values.EstimateDraft) -> reading_values.Estimate:
        """Declare an estimate by a named method; the server works it out and keeps its inputs.

        Refusals: not-found, estimates-used-up, estimate-without-ground, estimate-not-possible.
        """
        session, act = http.session(), http.act()
        reading = service.estimate(session, act=act, draft=draft)
        return service.show_estimate(session, act=act, reading_id=reading.id)


@blueprint.route("/readings/<string(maxlength=64):reading_id>/estimate")
class OneEstimate(MethodView):
    """What an estimate rests on."""

    @http.door(*pages.READERS)
    @blueprint.response(200, form.form_of(reading_values.Estimate))
    def get(self, reading_id: str) -> reading_values.Estimate:
        """Show what an estimate was worked out from, and work it out again from that.

        Refusals: not-found.
        """
        return service.show_estimate(http.session(), act=http.act(), reading_id=reading_id)


@blueprint.route("/visit-proposals")
class VisitProposals(MethodView):
    """Visits that are proposed to the office."""

    @http.door(*pages.OFFICE)
    @blueprint.arguments(form.query_form_of(ProposalQuery), location="query")
    @blueprint.response(200, form.page_form_of(visits.VisitProposal))
    def get(self, query: ProposalQuery) -> http.Page:
        """List meters whose customer should get a letter or an appointment, the latest first."""
        rows = service.list_visit_proposals(
            http.session(),
            act=http.act(),
            chosen=store.ProposalFilter(
                decided=query.decided, reason=query.reason, meter_id=query.meter_id
            ),
            after=pages.after(query),
            limit=query.limit + 1,
        )
        return pages.page(rows, limit=query.limit, key=lambda row: (row.opened_at, row.id))


@blueprint.route("/visit-proposals/<string(maxlength=64):proposal_id>/decision")
class VisitDecision(MethodView):
    """What the office does about one."""

    @http.door(*pages.OFFICE)
    @blueprint.arguments(form.form_of(visits.VisitDecided))
    @blueprint.response(200, form.form_of(visits.VisitProposal))
    def post(self, body: visits.VisitDecided, proposal_id: str) -> visits.VisitProposal:
        """Say what is done about a proposal; nothing is sent by that.

        Refusals: not-found, visit-decided.
        """
        return service.decide_visit(
            http.session(), act=http.act(), proposal_id=proposal_id, body=body
        )

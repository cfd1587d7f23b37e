"""Doors of findings at meters: what readers saw that is not as recorded, and what was made of it.

Crews report by pushing: `meter.found`, `meter.changed`, `meter.mismatch`.
"""

from __future__ import annotations

from typing import Final

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.meter_findings import service, store
from schemas import crews, form, meter_findings
from schemas.base import Id, rfc3339
from schemas.rules.meter_findings import Kind

OFFICE: Final = tuple(sorted(crews.OFFICE))

blueprint = Blueprint(
    "meter-findings",
    __name__,
    url_prefix="/v1/meter-findings",
    description="Meters found otherwise than on record",
)


class FindingQuery(http.PageQuery):
    """Which findings to list."""

    settled: bool | None = None
    kind: Kind | None = None
    route_id: Id | None = None
    meter_id: Id | None = None


@blueprint.route("")
class Findings(MethodView):
    """Findings at meters."""

    @http.door(*OFFICE)
    @blueprint.arguments(form.query_form_of(FindingQuery), location="query")
    @blueprint.response(200, form.page_form_of(meter_findings.MeterFinding))
    def get(self, query: FindingQuery) -> http.Page:
        """List findings with what is to be done about each, the latest first."""
        rows = service.list_findings(
            http.session(),
            act=http.act(),
            chosen=store.Filter(
                settled=query.settled,
                kind=query.kind,
                route_id=query.route_id,
                meter_id=query.meter_id,
            ),
            after=http.read_moment_key(query.after),
            limit=query.limit + 1,
        )
        shown = rows[: query.limit]
        if len(rows) <= query.limit:
            return http.Page(shown, None)
        return http.Page(shown, http.page_key(rfc3339(shown[-1].happened_at), shown[-1].id))


@blueprint.route("/<string(maxlength=64):finding_id>")
class One(MethodView):
    """One finding."""

    @http.door(*OFFICE)
    @blueprint.response(200, form.form_of(meter_findings.MeterFinding))
    def get(self, finding_id: str) -> meter_findings.MeterFinding:
        """Show a finding with what is to be done about it.

        Refusals: not-found.
        """
        return service.get_finding(http.session(), act=http.act(), finding_id=finding_id)


@blueprint.route("/<string(maxlength=64):finding_id>/settle")
class Settled(MethodView):
    """What it turned out to be."""

    @http.door(*OFFICE)
    @blueprint.arguments(form.form_of(meter_findings.MeterFindingSettled))
    @blueprint.response(200, form.form_of(meter_findings.MeterFinding))
    def post(
        self, body: meter_findings.MeterFindingSettled, finding_id: str
    ) -> meter_findings.MeterFinding:
        """Settle a finding: a change of meter is put on record, and what waited is let go.

        Refusals: not-found, finding-settled, resolution-unfit, impossible-meter, serial-taken.
        """
        return service.settle(http.session(), act=http.act(), finding_id=finding_id, body=body)

"""Doors of repairs: reporting trouble, asking what became of it, saying that the lights are on."""

from __future__ import annotations

from typing import Annotated, Final

from flask.views import MethodView
from flask_smorest import Blueprint
from msgspec import Meta

from api import http
from api.repairs import service
from api.tasks import service as tasks
from schemas import repairs
from schemas import tasks as shapes
from schemas.crews import FIELD, OFFICE, Role
from schemas.form import form_of, page_form_of, query_form_of

_REPORTERS: Final = (*OFFICE, Role.INTEGRATION)
_PAGE_ROWS: Final = 100
_REPORT: Final = {
    "key": "95598-20261122-0417",
    "channel": "hotline",
    "description": "整栋楼没电",
    "position": {"lat_deg": 20.0421, "lon_deg": 110.3317, "datum": "wgs84"},
    "address": "灵山镇新市街 12 号",
    "contact": "+86 898 5555 0101",
    "skill": "low_voltage",
    "urgency": 2,
    "reported_at": "2026-11-22T08:29:30Z",
}

blueprint = Blueprint("repairs", __name__, url_prefix="/v1", description="Reports of trouble")


class ReportQuery(repairs.ReportFilter):
    """Which reports to list, where the page starts and how long it is."""

    after: Annotated[str, Meta(max_length=1_000)] | None = None
    limit: Annotated[int, Meta(ge=1, le=http.PAGE_ROWS_MAX)] = _PAGE_ROWS


@blueprint.route("/repairs")
class Reports(MethodView):
    """Reports of trouble."""

    @http.door(*_REPORTERS)
    @blueprint.arguments(form_of(repairs.Report), example=_REPORT)
    @blueprint.response(201, form_of(repairs.Placed))
    @blueprint.alt_response(200, schema=form_of(repairs.Placed))
    def post(self, report: repairs.Report) -> tuple[repairs.Placed, int, dict[str, str]]:
        """Report trouble: an order opens, goes to a crew at once, and the answer says why.

        The same key again answers the same order, with 200 instead of 201.
        Refusals: reported-at-odd, odd-position, wrong-datum, not-found.
        """
        placed = service.report(http.session(), act=http.act(), report=report)
        where = {"Location": f"/v1/tasks/{placed.task.id}"}
        return placed, 200 if placed.again else 201, where

    @http.door(*OFFICE)
    @blueprint.arguments(query_form_of(ReportQuery), location="query")
    @blueprint.response(200, page_form_of(repairs.KnownReport))
    def get(self, query: ReportQuery) -> http.Page:
        """List reports in the order in which they were taken."""
        after = http.read_page_key(query.after, parts=1)[0] if query.after else None
        rows = service.list_reports(
            http.session(),
            act=http.act(),
            wanted=query,
            after_id=None if after is None else str(after),
            limit=query.limit + 1,
        )
        shown = rows[: query.limit]
        more = len(rows) > query.limit
        return http.Page(shown, http.page_key(shown[-1].id) if more else None)


@blueprint.route("/repairs/<string(maxlength=64):key>")
class OneReport(MethodView):
    """One of the caller's own reports."""

    @http.door(*_REPORTERS)
    @blueprint.response(200, form_of(repairs.Placed))
    def get(self, key: str) -> repairs.Placed:
        """Tell what became of the report that the caller sent under a key.

        Refusals: not-found.
        """
        return service.get_report(http.session(), act=http.act(), key=key)


@blueprint.route("/tasks/<string(maxlength=64):task_id>/restore")
class Restoring(MethodView):
    """The lights are on again."""

    @http.door(*FIELD, *OFFICE)
    @blueprint.arguments(form_of(repairs.Restored), example={"note": "fuse replaced"})
    @blueprint.response(200, form_of(shapes.Done))
    def post(self, body: repairs.Restored, task_id: str) -> shapes.Done:
        """Say that supply is on; it stops the clock of the restoration.

        Refusals: not-found, stale, illegal-move.
        """
        session, act = http.session(), http.act()
        remark = service.restored(session, act=act, subject_id=task_id, body=body)
        return tasks.done(session, act=act, task_id=task_id, remark=remark)

"""Doors of findings: flags with their numbers and sentences, and events that explain readings."""

from __future__ import annotations

from typing import Annotated, Final

from flask.views import MethodView
from flask_smorest import Blueprint
from msgspec import Meta

from api import http
from api.readings import service, store
from api.readings.resources import pages
from schemas import crews, form, readings
from schemas.base import Id
from schemas.rules.flags import Severity

OFFICE: Final = tuple(sorted(crews.OFFICE))

blueprint = Blueprint(
    "findings", __name__, url_prefix="/v1", description="What the rules found in readings"
)


class FlagQuery(http.PageQuery):
    """Which findings to list."""

    code: Annotated[str, Meta(pattern=r"^ER[0-9]{2}$", examples=["ER14"])] | None = None
    severity: Severity | None = None
    meter_id: Id | None = None
    reader_id: Id | None = None


class RereadQuery(http.PageQuery):
    """Which re-reads to list."""

    settled: bool | None = None
    meter_id: Id | None = None
    route_id: Id | None = None


class EventQuery(http.PageQuery):
    """Which events to list."""

    meter_id: Id | None = None


@blueprint.route("/flags")
class Flags(MethodView):
    """Findings."""

    @http.door(*pages.READERS)
    @blueprint.arguments(form.query_form_of(FlagQuery), location="query")
    @blueprint.response(200, form.page_form_of(readings.Flag))
    def get(self, query: FlagQuery) -> http.Page:
        """List findings with the numbers they rest on and a sentence in both languages."""
        rows = service.list_flags(
            http.session(),
            act=http.act(),
            chosen=store.FlagFilter(
                code=query.code,
                severity=query.severity,
                meter_id=query.meter_id,
                reader_id=query.reader_id,
            ),
            after=pages.after(query),
            limit=query.limit + 1,
        )
        return pages.page(rows, limit=query.limit, key=lambda row: (row.found_at, row.id))


@blueprint.route("/rereads")
class Rereads(MethodView):
    """Readings that somebody else reads again."""

    @http.door(*OFFICE)
    @blueprint.arguments(form.query_form_of(RereadQuery), location="query")
    @blueprint.response(200, form.page_form_of(readings.Reread))
    def get(self, query: RereadQuery) -> http.Page:
        """List re-reads with what asked for them and what the second reading said."""
        rows = service.list_rereads(
            http.session(),
            act=http.act(),
            chosen=store.RereadFilter(
                settled=query.settled, meter_id=query.meter_id, route_id=query.route_id
            ),
            after=pages.after(query),
            limit=query.limit + 1,
        )
        return pages.page(rows, limit=query.limit, key=lambda row: (row.due_at, row.reading_id))


@blueprint.route("/flags/precision")
class Precision(MethodView):
    """How often each rule was right."""

    @http.door(*OFFICE)
    @blueprint.response(200, form.form_of(readings.RulePrecisionList))
    def get(self) -> readings.RulePrecisionList:
        """Tell of each rule how many of its findings were upheld and cleared by a re-read."""
        items = service.precision(http.session(), act=http.act())
        return readings.RulePrecisionList(items=items)


@blueprint.route("/meter-events")
class MeterEvents(MethodView):
    """Outages, vacancies and changes that explain odd readings."""

    @http.door(*pages.READERS)
    @blueprint.arguments(form.query_form_of(EventQuery), location="query")
    @blueprint.response(200, form.page_form_of(readings.MeterEvent))
    def get(self, query: EventQuery) -> http.Page:
        """List events, the latest first."""
        rows = service.list_events(
            http.session(),
            act=http.act(),
            meter_id=query.meter_id,
            after=pages.after(query),
            limit=query.limit + 1,
        )
        return pages.page(rows, limit=query.limit, key=lambda row: (row.from_at, row.id))

    @http.door(*pages.READERS)
    @blueprint.arguments(form.form_of(readings.MeterEventDraft))
    @blueprint.response(201, form.form_of(readings.MeterEvent))
    def post(self, draft: readings.MeterEventDraft) -> readings.MeterEvent:
        """Record an event at a meter, or behind a transformer.

        Refusals: event-about-nothing, not-found.
        """
        row = service.record_event(http.session(), act=http.act(), draft=draft)
        return service.event_view(row)

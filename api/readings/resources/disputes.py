"""Doors of readings in doubt: one reading, its dispute, its correction; the list of disputes."""

from __future__ import annotations

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.readings import service, store
from api.readings.resources import pages
from schemas import form, reading_standing, reading_values, readings
from schemas.base import Id

blueprint = Blueprint(
    "disputes", __name__, url_prefix="/v1", description="Readings that somebody says are wrong"
)


class DisputeQuery(http.PageQuery):
    """Which disputes to list."""

    settled: bool | None = None
    meter_id: Id | None = None
    reading_id: Id | None = None


@blueprint.route("/readings/<string(maxlength=64):reading_id>")
class OneReading(MethodView):
    """One reading."""

    @http.door(*pages.READERS)
    @blueprint.response(200, form.form_of(readings.Reading))
    def get(self, reading_id: str) -> readings.Reading:
        """Show a reading, whether it counts, and what stands in its place.

        Refusals: not-found.
        """
        return service.get_reading(http.session(), act=http.act(), reading_id=reading_id)


@blueprint.route("/readings/<string(maxlength=64):reading_id>/dispute")
class Disputed(MethodView):
    """A customer says that it is wrong."""

    @http.door(*pages.READERS)
    @blueprint.arguments(form.form_of(reading_standing.DisputeDraft))
    @blueprint.response(201, form.form_of(reading_standing.Dispute))
    @blueprint.alt_response(200, schema=form.form_of(reading_standing.Dispute))
    def post(
        self, draft: reading_standing.DisputeDraft, reading_id: str
    ) -> tuple[reading_standing.Dispute, int]:
        """Dispute a reading: its clock starts, and somebody else reads the meter again.

        The same key again answers the same dispute, with 200 instead of 201.
        Refusals: not-found, reading-counts-no-more, reading-disputed-before, key-used,
        asked-at-odd, reading-too-many-digits, reading-too-many-decimals, reading-not-a-value.
        """
        made = service.dispute(http.session(), act=http.act(), reading_id=reading_id, draft=draft)
        return made, 200 if made.again else 201


@blueprint.route("/readings/<string(maxlength=64):reading_id>/correction")
class Corrected(MethodView):
    """Another reading takes its place."""

    @http.door(*pages.OFFICE)
    @blueprint.arguments(form.form_of(reading_values.ReadingCorrected))
    @blueprint.response(201, form.form_of(readings.Reading))
    def post(self, body: reading_values.ReadingCorrected, reading_id: str) -> readings.Reading:
        """Put another reading in the place of a wrong one; what follows is judged anew.

        Refusals: not-found, reading-counts-no-more, reason-not-concrete, not-corrected-so,
        estimator-unnamed, estimates-used-up, reading-too-many-digits, reading-too-many-decimals,
        reading-not-a-value, reading-unknown-register.
        """
        session, act = http.session(), http.act()
        made = service.correct(session, act=act, reading_id=reading_id, body=body)
        return service.get_reading(session, act=act, reading_id=made.id)


@blueprint.route("/disputes")
class Disputes(MethodView):
    """Disputed readings."""

    @http.door(*pages.READERS)
    @blueprint.arguments(form.query_form_of(DisputeQuery), location="query")
    @blueprint.response(200, form.page_form_of(reading_standing.Dispute))
    def get(self, query: DisputeQuery) -> http.Page:
        """List disputes with what the customer says and what was answered, the latest first."""
        rows = service.list_disputes(
            http.session(),
            act=http.act(),
            chosen=store.DisputeFilter(
                settled=query.settled, meter_id=query.meter_id, reading_id=query.reading_id
            ),
            after=pages.after(query),
            limit=query.limit + 1,
        )
        return pages.page(rows, limit=query.limit, key=lambda row: (row.opened_at, row.id))

"""Doors of readings: every value with its flags, one meter's history, values from the office."""

from __future__ import annotations

import datetime as dt

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.readings import service, store
from api.readings.resources import pages
from schemas import form, readings
from schemas.base import Id

blueprint = Blueprint(
    "readings", __name__, url_prefix="/v1", description="Register values and how they were got"
)


class ReadingQuery(http.PageQuery):
    """Which readings to list; `day` is a day of the district."""

    meter_id: Id | None = None
    reader_id: Id | None = None
    route_id: Id | None = None
    day: dt.date | None = None
    quality: readings.Quality | None = None
    flagged: bool | None = None


@blueprint.route("/readings")
class Readings(MethodView):
    """Readings."""

    @http.door(*pages.READERS)
    @blueprint.arguments(form.query_form_of(ReadingQuery), location="query")
    @blueprint.response(200, form.page_form_of(readings.Reading))
    def get(self, query: ReadingQuery) -> http.Page:
        """List readings with the codes of what was found in them, the latest first."""
        rows = service.list_readings(
            http.session(),
            act=http.act(),
            chosen=_chosen(query),
            after=pages.after(query),
            limit=query.limit + 1,
        )
        return pages.page(rows, limit=query.limit, key=lambda row: (row.read_at, row.id))

    @http.door(*pages.READERS)
    @blueprint.arguments(form.form_of(readings.ReadingEntered))
    @blueprint.response(201, form.form_of(readings.Reading))
    def post(self, body: readings.ReadingEntered) -> readings.Reading:
        """Enter a customer's own reading, a remote one, or a declared estimate.

        Refusals: not-found, not-read-at-desk, estimator-unnamed, reading-too-many-digits,
        reading-too-many-decimals, reading-not-a-value, reading-unknown-register.
        """
        row = service.enter(http.session(), act=http.act(), body=body)
        return service.view(row, counts=True, flags=[])


@blueprint.route("/meters/<string(maxlength=64):meter_id>/readings")
class History(MethodView):
    """One meter's readings."""

    @http.door(*pages.READERS)
    @blueprint.arguments(form.query_form_of(http.PageQuery), location="query")
    @blueprint.response(200, form.page_form_of(readings.Reading))
    def get(self, query: http.PageQuery, meter_id: str) -> http.Page:
        """List a meter's readings, the latest first."""
        rows = service.list_readings_of_meter(
            http.session(),
            act=http.act(),
            meter_id=meter_id,
            after=pages.after(query),
            limit=query.limit + 1,
        )
        return pages.page(rows, limit=query.limit, key=lambda row: (row.read_at, row.id))


def _chosen(query: ReadingQuery) -> store.ReadingFilter:
    from_at, before_at = pages.bounds_of(query.day)
    return store.ReadingFilter(
        meter_id=query.meter_id,
        reader_id=query.reader_id,
        route_id=query.route_id,
        quality=query.quality,
        flagged=query.flagged,
        from_at=from_at,
        before_at=before_at,
    )

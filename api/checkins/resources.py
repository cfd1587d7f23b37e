"""Doors of check-ins: a crew that is online arrives; the office sees who arrived and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

import flask
import msgspec
from flask.views import MethodView
from flask_smorest import Blueprint
from msgspec import Meta

from api import http
from api.checkins import service
from api.checkins.models import CheckIn
from api.errors import Invalid
from api.tasks import service as tasks
from schemas import checkins, sites
from schemas import tasks as shapes
from schemas.base import Id, Instant, encode, rfc3339
from schemas.crews import FIELD, OFFICE
from schemas.form import form_of, page_form_of, query_form_of

GEOJSON: Final = "application/geo+json"
_PAGE_ROWS: Final = 100
_CHECK_IN: Final = {
    "fix": {"lat_deg": 20.0421, "lon_deg": 110.3317, "accuracy_m": 8.0, "age_s": 3.0},
    "verdict": "inside",
}

blueprint = Blueprint("check-ins", __name__, url_prefix="/v1", description="Arrivals")


class CheckInQuery(checkins.CheckInFilter):
    """Which check-ins to list, where the page starts and how long it is."""

    after: Annotated[str, Meta(max_length=1_000)] | None = None
    limit: Annotated[int, Meta(ge=1, le=http.PAGE_ROWS_MAX)] = _PAGE_ROWS


@blueprint.route("/tasks/<string(maxlength=64):task_id>/check-ins")
class OfTask(MethodView):
    """The check-ins of a task."""

    @http.door()
    @blueprint.response(200, page_form_of(checkins.RecordedCheckIn))
    def get(self, task_id: str) -> http.Page:
        """List a task's check-ins, oldest first, each with its verdict and the reasons.

        Refusals: not-found.
        """
        rows = service.list_of_task(http.session(), act=http.act(), task_id=task_id)
        return http.Page([row.wire() for row in rows], None)

    @http.door(*FIELD, *OFFICE)
    @blueprint.arguments(form_of(checkins.CheckIn), example=_CHECK_IN)
    @blueprint.response(201, form_of(shapes.Done))
    def post(self, body: checkins.CheckIn, task_id: str) -> shapes.Done:
        """Check in: the arrival is recorded whatever the verdict.

        Refusals: not-found, stale, illegal-move.
        """
        session, act = http.session(), http.act()
        remark = service.record(session, act=act, subject_id=task_id, body=body)
        return tasks.done(session, act=act, task_id=task_id, remark=remark)


@blueprint.route("/check-ins")
class OfDay(MethodView):
    """The check-ins of a day."""

    @http.door(*OFFICE)
    @blueprint.arguments(query_form_of(CheckInQuery), location="query")
    @blueprint.response(200, page_form_of(checkins.RecordedCheckIn))
    def get(self, query: CheckInQuery) -> http.Page:
        """List the check-ins of one local day, by default today, oldest first."""
        rows, next_key = _page(query)
        return http.Page([row.wire() for row in rows], next_key)


@blueprint.route("/check-ins/geojson")
class Drawn(MethodView):
    """The check-ins of a day as a map."""

    @http.door(*OFFICE)
    @blueprint.arguments(query_form_of(CheckInQuery), location="query")
    @blueprint.response(200, form_of(sites.FeatureCollection), content_type=GEOJSON)
    def get(self, query: CheckInQuery) -> flask.Response:
        """Draw where crews were when they checked in, in WGS-84; without a fix there is none."""
        rows, next_key = _page(query)
        return flask.Response(encode(service.draw(rows, next_key=next_key)), mimetype=GEOJSON)


def _page(query: CheckInQuery) -> tuple[Sequence[CheckIn], str | None]:
    rows = service.list_of_day(
        http.session(),
        act=http.act(),
        wanted=query,
        behind=_behind(query.after),
        limit=query.limit + 1,
    )
    shown = rows[: query.limit]
    if len(rows) <= query.limit:
        return shown, None
    return shown, http.page_key(rfc3339(shown[-1].happened_at), shown[-1].id)


def _behind(after: str | None) -> service.Place | None:
    if after is None:
        return None
    try:
        place = msgspec.convert(http.read_page_key(after, parts=2), tuple[Instant, Id])
    except msgspec.ValidationError as error:
        raise Invalid(reason="the page key is not one of ours") from error
    return service.Place(*place)

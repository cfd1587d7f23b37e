"""Doors of service points and their meters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import flask
from flask.views import MethodView
from flask_smorest import Blueprint
from msgspec import Meta

from api import http
from api.crews.identity import quotas
from api.sites import service
from api.sites.models import ServicePoint
from api.sites.resources import views
from api.sites.service import geojson, listing
from schemas import sites as shapes
from schemas.base import Id
from schemas.form import form_of, page_form_of, query_form_of

blueprint = Blueprint(
    "points", __name__, url_prefix="/v1", description="Service points and their meters"
)
Sought = Annotated[
    str,
    Meta(
        min_length=2,
        max_length=100,
        pattern=r"^[^\x00]*$",
        description="Start of a customer number or meter serial, or a part of an address.",
    ),
]


class PointQuery(views.MapQuery):
    """Which service points to list."""

    transformer_id: Id | None = None
    q: Sought | None = None


class MeterQuery(http.PageQuery):
    """Which meters to list."""

    service_point_id: Id | None = None
    serial: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*$")] | None = None


@blueprint.route("/service-points")
class Points(MethodView):
    """Service points of the district."""

    @quotas.door(quotas.Cost.SEARCH, *views.READERS)
    @blueprint.arguments(query_form_of(PointQuery), location="query")
    @blueprint.response(200, page_form_of(shapes.ServicePoint))
    def get(self, query: PointQuery) -> http.Page:
        """List service points by box, feeder, transformer, or words.

        Refusals: too-many.
        """
        return views.page(_points(query), shapes.ServicePoint, limit=query.limit)


@blueprint.route("/service-points/geojson")
class PointsDrawn(MethodView):
    """Service points as a map."""

    @quotas.door(quotas.Cost.SEARCH, *views.READERS)
    @blueprint.arguments(query_form_of(PointQuery), location="query")
    @blueprint.response(200, form_of(shapes.FeatureCollection), content_type=views.GEOJSON)
    def get(self, query: PointQuery) -> flask.Response:
        """Draw service points, in WGS-84, without the names of customers.

        Refusals: too-many.
        """
        rows = _points(query)
        key = views.next_key(rows, limit=query.limit)
        return views.drawn(geojson.of_service_points(rows[: query.limit], next_key=key))


@blueprint.route("/service-points/<string(maxlength=64):service_point_id>")
class OnePoint(MethodView):
    """One service point."""

    @http.door(*views.READERS)
    @blueprint.response(200, form_of(shapes.ServicePoint))
    def get(self, service_point_id: str) -> shapes.ServicePoint:
        """Show a service point in the datum that it was given in."""
        row = service.get_service_point(
            http.session(),
            district_id=http.principal().district_id,
            service_point_id=service_point_id,
        )
        return views.one(row, shapes.ServicePoint)


@blueprint.route("/meters")
class Meters(MethodView):
    """Meters, standing and removed."""

    @quotas.door(quotas.Cost.SEARCH, *views.READERS)
    @blueprint.arguments(query_form_of(MeterQuery), location="query")
    @blueprint.response(200, page_form_of(shapes.Meter))
    def get(self, query: MeterQuery) -> http.Page:
        """List meters by service point or serial; removed ones are the history.

        Refusals: too-many.
        """
        rows = listing.meters(
            http.session(),
            district_id=http.principal().district_id,
            service_point_id=query.service_point_id,
            serial=query.serial,
            after=views.after(query),
            limit=query.limit + 1,
        )
        return views.page(rows, shapes.Meter, limit=query.limit)


@blueprint.route("/meters/<string(maxlength=64):meter_id>")
class OneMeter(MethodView):
    """One meter."""

    @http.door(*views.READERS)
    @blueprint.response(200, form_of(shapes.Meter))
    def get(self, meter_id: str) -> shapes.Meter:
        """Show a meter."""
        district_id = http.principal().district_id
        row = service.get_meter(http.session(), district_id=district_id, meter_id=meter_id)
        return views.one(row, shapes.Meter)


def _points(query: PointQuery) -> Sequence[ServicePoint]:
    return listing.service_points(
        http.session(),
        district_id=http.principal().district_id,
        bbox=query.bbox,
        feeder_id=query.feeder_id,
        transformer_id=query.transformer_id,
        text=query.q,
        after=views.after(query),
        limit=query.limit + 1,
    )

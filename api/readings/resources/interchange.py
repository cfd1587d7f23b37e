"""Doors for files of readings and routes, in from other systems and out to them."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import flask
from flask.views import MethodView
from flask_smorest import Blueprint

from api import http, workbooks
from api.crews.identity import quotas
from api.readings import service, store
from api.readings.resources import pages
from api.sites.service import files
from schemas import form, reading_files
from schemas.base import Id, Shape
from schemas.reading_files import Layout, Mode

blueprint = Blueprint(
    "interchange", __name__, url_prefix="/v1", description="Files of readings and of routes"
)
_MIMETYPES: Final = {
    Layout.CSV: "text/csv",
    Layout.XLSX: workbooks.MIMETYPE,
    Layout.XML: "application/xml",
    Layout.JSON: "application/json",
}
_LAYOUTS: Final = {mimetype: layout for layout, mimetype in _MIMETYPES.items()}
_LAYOUTS["text/xml"] = Layout.XML
_ANY: Final = {mimetype: {"schema": {"type": "string"}} for mimetype in _MIMETYPES.values()}
_BODY: Final[dict[str, Any]] = {"requestBody": {"required": True, "content": _ANY}}


class ImportQuery(Shape):
    """How to take the file; with `all_or_nothing` one refused row keeps every other out."""

    mode: Mode = Mode.GOOD_ROWS


class LayoutQuery(Shape):
    """How to lay out the file."""

    layout: Layout = Layout.CSV


class ExportQuery(Shape):
    """Which readings to write, and how to lay out the file; `day` is a day of the district."""

    meter_id: Id | None = None
    route_id: Id | None = None
    day: dt.date | None = None
    layout: Layout = Layout.CSV


@blueprint.route("/imports/readings")
class ReadingImports(MethodView):
    """Readings of other systems."""

    @quotas.door(quotas.Cost.IMPORT, *pages.READERS, writes=True)
    @blueprint.doc(**_BODY)
    @blueprint.arguments(form.query_form_of(ImportQuery), location="query")
    @blueprint.response(200, form.form_of(reading_files.FileReport))
    def post(self, query: ImportQuery) -> reading_files.FileReport:
        """Take in readings: CSV, XLSX, or MeterReadings (IEC 61968-9) as XML or JSON.

        The report lists the refused rows by line; what came in before adds nothing.
        Refusals: bad-file, too-large, too-many.
        """
        layout, data = _file()
        return service.take_readings(
            http.session(), act=http.act(), data=data, layout=layout, mode=query.mode
        )


@blueprint.route("/imports/routes")
class RouteImports(MethodView):
    """Routes of other systems."""

    @quotas.door(quotas.Cost.IMPORT, *pages.READERS, writes=True)
    @blueprint.doc(**_BODY)
    @blueprint.arguments(form.query_form_of(ImportQuery), location="query")
    @blueprint.response(200, form.form_of(reading_files.FileReport))
    def post(self, query: ImportQuery) -> reading_files.FileReport:
        """Take in routes, a row for each meter: CSV or XLSX.

        The report lists the refused rows by line; a route that came in before adds nothing.
        Refusals: bad-file, too-large, too-many.
        """
        layout, data = _file()
        return service.take_routes(
            http.session(), act=http.act(), data=data, layout=layout, mode=query.mode
        )


@blueprint.route("/exports/readings")
class ReadingExports(MethodView):
    """Readings for other systems."""

    @quotas.door(quotas.Cost.EXPORT, *pages.READERS)
    @blueprint.arguments(form.query_form_of(ExportQuery), location="query")
    @blueprint.response(200, content_type="text/csv", description="A file of that layout.")
    def get(self, query: ExportQuery) -> flask.Response:
        """Write the chosen readings that count: CSV, XLSX, or MeterReadings as XML or JSON.

        Refusals: too-much-to-export, too-many.
        """
        from_at, before_at = pages.bounds_of(query.day)
        chosen = store.ReadingFilter(
            meter_id=query.meter_id,
            route_id=query.route_id,
            from_at=from_at,
            before_at=before_at,
        )
        written = service.export_readings(
            http.session(), act=http.act(), chosen=chosen, layout=query.layout
        )
        return _download(written, f"readings.{query.layout}", query.layout)


@blueprint.route("/exports/routes/<string(maxlength=64):route_id>")
class RouteExports(MethodView):
    """A route for other systems."""

    @quotas.door(quotas.Cost.EXPORT, *pages.READERS)
    @blueprint.arguments(form.query_form_of(LayoutQuery), location="query")
    @blueprint.response(200, content_type="text/csv", description="A file of that layout.")
    def get(self, query: LayoutQuery, route_id: str) -> flask.Response:
        """Write a route's meters in walking order: CSV or XLSX.

        Refusals: not-found, not-a-table, too-many.
        """
        written = service.export_route(
            http.session(), act=http.act(), route_id=route_id, layout=query.layout
        )
        return _download(written, f"route.{query.layout}", query.layout)


def _file() -> tuple[Layout, bytes]:
    """Give what was sent, and how it says that it is laid out.

    Raises:
        BadFile: it says something else than is read here.
    """
    flask.request.max_content_length = files.BYTES_MAX
    layout = _LAYOUTS.get(flask.request.mimetype)
    if layout is None:
        raise files.BadFile(reason=f"send it as one of {', '.join(sorted(_LAYOUTS))}")
    return layout, flask.request.get_data(cache=False)


def _download(written: bytes, name: str, layout: Layout) -> flask.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return flask.Response(written, mimetype=_MIMETYPES[layout], headers=headers)

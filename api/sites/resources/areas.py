"""Doors of service areas: drawing them, and asking whose area a position lies in."""

from __future__ import annotations

import flask
from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.sites import service
from api.sites.resources import views
from api.sites.service import geojson
from schemas import places
from schemas import sites as shapes
from schemas.crews import Role
from schemas.form import form_of, page_form_of, query_form_of

blueprint = Blueprint("areas", __name__, url_prefix="/v1/areas", description="Service areas")


@blueprint.route("")
class Areas(MethodView):
    """The areas of the district."""

    @http.door()
    @blueprint.response(200, page_form_of(shapes.Area))
    def get(self) -> http.Page:
        """List every area."""
        rows = service.list_areas(http.session(), district_id=http.principal().district_id)
        return http.Page([views.one(row, shapes.Area) for row in rows], None)

    @http.door(Role.ADMINISTRATOR)
    @blueprint.arguments(form_of(shapes.AreaDraft))
    @blueprint.response(201, form_of(shapes.Area))
    def post(self, draft: shapes.AreaDraft) -> tuple[shapes.Area, dict[str, str]]:
        """Draw a new area.

        Refusals: bad-shape, wrong-datum, too-many-areas.
        """
        row = service.create_area(http.session(), act=http.act(), draft=draft)
        return views.one(row, shapes.Area), views.version_tag(row.version)


@blueprint.route("/geojson")
class Drawn(MethodView):
    """The areas as a map."""

    @http.door()
    @blueprint.response(200, form_of(shapes.FeatureCollection), content_type=views.GEOJSON)
    def get(self) -> flask.Response:
        """Draw every area, in WGS-84."""
        rows = service.list_areas(http.session(), district_id=http.principal().district_id)
        return views.drawn(geojson.of_areas(rows))


@blueprint.route("/located")
class Locating(MethodView):
    """Whose area a position lies in."""

    @http.door()
    @blueprint.arguments(query_form_of(places.Position), location="query")
    @blueprint.response(200, form_of(shapes.Located))
    def get(self, position: places.Position) -> shapes.Located:
        """Tell in which area a position lies, and how far the other areas are."""
        return service.locate(
            http.session(), district_id=http.principal().district_id, position=position
        )


@blueprint.route("/<string(maxlength=64):area_id>")
class One(MethodView):
    """One area."""

    @http.door()
    @blueprint.response(200, form_of(shapes.Area))
    def get(self, area_id: str) -> tuple[shapes.Area, dict[str, str]]:
        """Show an area in the datum that it was drawn in."""
        district_id = http.principal().district_id
        row = service.get_area(http.session(), district_id=district_id, area_id=area_id)
        return views.one(row, shapes.Area), views.version_tag(row.version)

    @http.door(Role.ADMINISTRATOR)
    @blueprint.arguments(form_of(shapes.AreaDraft))
    @blueprint.response(200, form_of(shapes.Area))
    def put(self, draft: shapes.AreaDraft, area_id: str) -> tuple[shapes.Area, dict[str, str]]:
        """Draw an area anew; `If-Match` guards against another's change.

        Refusals: not-found, stale, bad-shape, wrong-datum.
        """
        row = service.redraw_area(http.session(), act=http.act(), area_id=area_id, draft=draft)
        return views.one(row, shapes.Area), views.version_tag(row.version)

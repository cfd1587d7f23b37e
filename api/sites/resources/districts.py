"""Doors of districts: what is set for the one that the request is about."""

from __future__ import annotations

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.sites import service
from api.sites.resources import views
from schemas import sites as shapes
from schemas.crews import Role
from schemas.form import form_of

blueprint = Blueprint("districts", __name__, url_prefix="/v1/districts", description="Districts")


@blueprint.route("/current")
class Current(MethodView):
    """The district that the request is about (`X-District`, or one's own)."""

    @http.door()
    @blueprint.response(200, form_of(shapes.District))
    def get(self) -> tuple[shapes.District, dict[str, str]]:
        """Show what is set for the district."""
        row = service.get_district(http.session(), district_id=http.principal().district_id)
        return row.wire(), views.version_tag(row.version)

    @http.door(Role.ADMINISTRATOR)
    @blueprint.arguments(form_of(shapes.DistrictSettings))
    @blueprint.response(200, form_of(shapes.District))
    def put(self, settings: shapes.DistrictSettings) -> tuple[shapes.District, dict[str, str]]:
        """Set it anew; every phone of the district hears of it.

        Refusals: stale, unknown-zone.
        """
        row = service.set_district(http.session(), act=http.act(), settings=settings)
        return row.wire(), views.version_tag(row.version)

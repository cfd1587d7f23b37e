"""Doors of the organisation tree and of the audit."""

from __future__ import annotations

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.crews import service
from api.crews.resources import pages
from api.crews.service import units
from schemas import crews as shapes
from schemas.crews import Role
from schemas.form import form_of, page_form_of, query_form_of

blueprint = Blueprint(
    "organisation", __name__, url_prefix="/v1", description="The organisation and its audit"
)


@blueprint.route("/units")
class Units(MethodView):
    """The part of the organisation that the caller belongs to."""

    @http.door()
    @blueprint.arguments(query_form_of(http.PageQuery), location="query")
    @blueprint.response(200, page_form_of(shapes.UnitView))
    def get(self, query: http.PageQuery) -> http.Page:
        """List the caller's unit and those beneath it, parents before children."""
        found = service.list_units(
            http.session(),
            act=http.act(),
            after_path=pages.after_text(query.after),
            limit=query.limit,
        )
        following = http.page_key(found[-1].path) if len(found) == query.limit else None
        return http.Page([units.view(unit) for unit in found], following)

    @http.door(Role.ADMINISTRATOR)
    @blueprint.arguments(form_of(shapes.UnitDraft))
    @blueprint.response(201, form_of(shapes.UnitView))
    def post(self, draft: shapes.UnitDraft) -> shapes.UnitView:
        """Set up a unit beneath one of the caller's; districts begin with `lamplighter found`.

        Refusals: not-found, unit-exists, wrong-level, district-is-founded.
        """
        return units.view(service.create_unit(http.session(), act=http.act(), draft=draft))


@blueprint.route("/audit")
class Audit(MethodView):
    """What the office did."""

    @http.door(Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.arguments(query_form_of(http.PageQuery), location="query")
    @blueprint.response(200, page_form_of(shapes.AuditView))
    def get(self, query: http.PageQuery) -> http.Page:
        """List the acts of the district's office, newest first."""
        found = service.list_audit(
            http.session(),
            act=http.act(),
            before=pages.after_instant(query.after),
            limit=query.limit,
        )
        last = found[-1] if len(found) == query.limit else None
        return http.Page(found, http.page_key(last.at, last.id) if last else None)

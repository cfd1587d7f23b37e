"""Doors of crews: who is in them, where they serve and when they are on duty."""

from __future__ import annotations

from typing import Literal

import flask
from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.crews import service
from api.crews.resources import pages
from api.crews.service import shifts
from schemas import crews as shapes
from schemas.base import Id, encode
from schemas.crews import Role
from schemas.form import form_of, page_form_of, query_form_of

GEOJSON = "application/geo+json"
_CREW = "/<string(maxlength=64):crew_id>"
blueprint = Blueprint(
    "crews", __name__, url_prefix="/v1/crews", description="Crews, their areas and shifts"
)


class CrewsQuery(http.PageQuery):
    """Which crews to list."""

    area_id: Id | None = None
    show: Literal["living", "all"] = "living"


@blueprint.route("")
class Crews(MethodView):
    """The crews of a district."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.INTEGRATION)
    @blueprint.arguments(query_form_of(CrewsQuery), location="query")
    @blueprint.response(200, page_form_of(shapes.CrewView))
    def get(self, query: CrewsQuery) -> http.Page:
        """List crews with the age of their position and their unsynced work."""
        found = service.list_views(
            http.session(),
            act=http.act(),
            area_id=query.area_id,
            disbanded=query.show == "all",
            after_id=pages.after_text(query.after),
            limit=query.limit,
        )
        following = http.page_key(found[-1].id) if len(found) == query.limit else None
        return http.Page(found, following)

    @http.door(Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.arguments(form_of(shapes.CrewDraft))
    @blueprint.response(201, form_of(shapes.CrewView))
    def post(self, draft: shapes.CrewDraft) -> shapes.CrewView:
        """Form a crew.

        Refusals: not-found (a member is no active person of the district).
        """
        act = http.act()
        crew = service.form_crew(http.session(), act=act, draft=draft)
        return service.get_view(http.session(), act=act, crew_id=crew.id)


@blueprint.route("/geojson")
class CrewsMap(MethodView):
    """The crews of a district on the map."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.INTEGRATION)
    @blueprint.response(200, form_of(shapes.CrewFeatures), content_type=GEOJSON)
    def get(self) -> flask.Response:
        """Show where crews were last heard of (WGS-84), how old that is and what is unsynced."""
        features = service.get_map(http.session(), act=http.act())
        return flask.Response(encode(features), mimetype=GEOJSON)


@blueprint.route(_CREW)
class OneCrew(MethodView):
    """A crew."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.INTEGRATION)
    @blueprint.response(200, form_of(shapes.CrewView))
    def get(self, crew_id: str) -> shapes.CrewView:
        """Show a crew; `If-Match` takes its `version`.

        Refusals: not-found.
        """
        return service.get_view(http.session(), act=http.act(), crew_id=crew_id)

    @http.door(Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.arguments(form_of(shapes.CrewChange))
    @blueprint.response(200, form_of(shapes.CrewView))
    def patch(self, change: shapes.CrewChange, crew_id: str) -> shapes.CrewView:
        """Change a crew's name, skills, members or own areas.

        Refusals: not-found, crew-disbanded, stale.
        """
        act = http.act()
        service.change_crew(http.session(), act=act, crew_id=crew_id, change=change)
        return service.get_view(http.session(), act=act, crew_id=crew_id)

    @http.door(Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.response(200, form_of(shapes.CrewView))
    def delete(self, crew_id: str) -> shapes.CrewView:
        """Disband a crew; reassign its open work first.

        Refusals: not-found, crew-disbanded, stale.
        """
        act = http.act()
        service.disband(http.session(), act=act, crew_id=crew_id)
        return service.get_view(http.session(), act=act, crew_id=crew_id)


@blueprint.route(f"{_CREW}/loans/<string(maxlength=64):area_id>")
class Loans(MethodView):
    """A crew's service in an area that is not its own."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.arguments(form_of(shapes.Loan))
    @blueprint.response(200, form_of(shapes.CrewView))
    def put(self, loan: shapes.Loan, crew_id: str, area_id: str) -> shapes.CrewView:
        """Lend a crew to an area, for a concrete reason.

        Refusals: not-found, crew-disbanded, stale, loan-reason-vague, loan-over, area-its-own.
        """
        act = http.act()
        service.lend(http.session(), act=act, crew_id=crew_id, area_id=area_id, loan=loan)
        return service.get_view(http.session(), act=act, crew_id=crew_id)

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.response(200, form_of(shapes.CrewView))
    def delete(self, crew_id: str, area_id: str) -> shapes.CrewView:
        """Call a lent crew back, now.

        Refusals: not-found, crew-disbanded, stale.
        """
        act = http.act()
        service.call_back(http.session(), act=act, crew_id=crew_id, area_id=area_id)
        return service.get_view(http.session(), act=act, crew_id=crew_id)


@blueprint.route(f"{_CREW}/shifts")
class Shifts(MethodView):
    """A crew's roster."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.arguments(query_form_of(http.PageQuery), location="query")
    @blueprint.response(200, page_form_of(shapes.ShiftView))
    def get(self, query: http.PageQuery, crew_id: str) -> http.Page:
        """List the shifts that are not over.

        Refusals: not-found.
        """
        found = service.list_shifts(
            http.session(),
            act=http.act(),
            crew_id=crew_id,
            after=pages.after_instant(query.after),
            limit=query.limit,
        )
        last = found[-1] if len(found) == query.limit else None
        following = http.page_key(last.starts_at, last.id) if last else None
        return http.Page([shifts.view(shift) for shift in found], following)

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.arguments(form_of(shapes.ShiftsDraft))
    @blueprint.response(201, page_form_of(shapes.ShiftView))
    def post(self, draft: shapes.ShiftsDraft, crew_id: str) -> http.Page:
        """Add shifts to a crew's roster.

        Refusals: not-found, crew-disbanded, shift-ends-first.
        """
        added = service.add_shifts(
            http.session(), act=http.act(), crew_id=crew_id, drafts=draft.shifts
        )
        return http.Page([shifts.view(shift) for shift in added], None)


@blueprint.route(f"{_CREW}/shifts/<string(maxlength=64):shift_id>")
class OneShift(MethodView):
    """A shift."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.response(204)
    def delete(self, crew_id: str, shift_id: str) -> None:
        """End a shift now, or take one that has not begun from the roster.

        Refusals: not-found.
        """
        service.end_shift(http.session(), act=http.act(), crew_id=crew_id, shift_id=shift_id)

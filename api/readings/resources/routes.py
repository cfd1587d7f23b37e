"""Doors of reading routes: planned by the office, followed by their progress, drawn on a map."""

from __future__ import annotations

from typing import Final

import flask
from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.crews.identity import quotas
from api.errors import Invalid
from api.readings import service, store
from api.readings.resources import pages
from schemas import crews, form, readings, visits
from schemas.base import Id, encode
from schemas.rules.transitions import State

PLANNERS: Final = tuple(sorted(crews.OFFICE))
_GEOJSON: Final = "application/geo+json"

blueprint = Blueprint(
    "routes", __name__, url_prefix="/v1/routes", description="Reading routes and their progress"
)


class RouteQuery(http.PageQuery):
    """Which routes to list."""

    state: State | None = None
    crew_id: Id | None = None
    person_id: Id | None = None


@blueprint.route("")
class Routes(MethodView):
    """Reading routes."""

    @http.door(*pages.READERS)
    @blueprint.arguments(form.query_form_of(RouteQuery), location="query")
    @blueprint.response(200, form.page_form_of(readings.Route))
    def get(self, query: RouteQuery) -> http.Page:
        """List routes with what is open, read and skipped, those planned last first."""
        rows = service.list_routes(
            http.session(),
            act=http.act(),
            chosen=store.RouteFilter(
                state=query.state, crew_id=query.crew_id, person_id=query.person_id
            ),
            after=pages.after(query),
            limit=query.limit + 1,
        )
        return pages.page(rows, limit=query.limit, key=lambda row: (row.planned_at, row.id))

    @http.door(*PLANNERS)
    @blueprint.arguments(form.form_of(readings.RouteDraft))
    @blueprint.response(201, form.form_of(readings.Route))
    def post(self, draft: readings.RouteDraft) -> readings.Route:
        """Plan a route: meters in walking order, for a crew or a person.

        Refusals: not-found, hands-gone, meter-twice, meter-removed.
        """
        task = service.plan_route(http.session(), act=http.act(), draft=draft)
        http.session().flush()
        return service.get_route(http.session(), act=http.act(), route_id=task.id)


@blueprint.route("/rotation")
class Rotations(MethodView):
    """Who should read which route next."""

    @http.door(*PLANNERS)
    @blueprint.arguments(form.query_form_of(http.PageQuery), location="query")
    @blueprint.response(200, form.page_form_of(visits.Rotation))
    def get(self, query: http.PageQuery) -> http.Page:
        """Propose which routes should change hands, to whom, and why; it changes nothing.

        A page looks at `limit` names of routes, and may propose fewer.
        """
        proposals, next_name = service.propose_rotation(
            http.session(), act=http.act(), after=_name_after(query), limit=query.limit
        )
        return http.Page(proposals, None if next_name is None else http.page_key(next_name))


@blueprint.route("/<string(maxlength=64):route_id>")
class OneRoute(MethodView):
    """One route."""

    @http.door(*pages.READERS)
    @blueprint.response(200, form.form_of(readings.Route))
    def get(self, route_id: str) -> readings.Route:
        """Show how far a route is."""
        return service.get_route(http.session(), act=http.act(), route_id=route_id)


@blueprint.route("/<string(maxlength=64):route_id>/stops")
class Stops(MethodView):
    """Stops of one route."""

    @http.door(*pages.READERS)
    @blueprint.arguments(form.query_form_of(http.PageQuery), location="query")
    @blueprint.response(200, form.page_form_of(readings.Stop))
    def get(self, query: http.PageQuery, route_id: str) -> http.Page:
        """List the stops in walking order, with what their checks rest on."""
        stops = service.list_stops(
            http.session(),
            act=http.act(),
            route_id=route_id,
            after_sequence=_sequence_after(query),
            limit=query.limit + 1,
        )
        shown = stops[: query.limit]
        more = len(stops) > query.limit
        return http.Page(
            [stop.wire() for stop in shown], http.page_key(shown[-1].sequence) if more else None
        )


@blueprint.route("/<string(maxlength=64):route_id>/moves")
class Moves(MethodView):
    """Stops that go to another reader."""

    @http.door(*PLANNERS)
    @blueprint.arguments(form.form_of(readings.StopsMoved))
    @blueprint.response(200, form.form_of(readings.Route))
    def post(self, move: readings.StopsMoved, route_id: str) -> readings.Route:
        """Move open stops to another route, or to a new one of a crew or a person; show that one.

        What was read of them meanwhile without signal counts.
        Refusals: not-found, hands-gone, moved-nowhere, stop-not-open, reread-stays,
        route-not-walked.
        """
        session, act = http.session(), http.act()
        target_id = service.move_stops(session, act=act, route_id=route_id, move=move)
        session.flush()
        return service.get_route(session, act=act, route_id=target_id)


@blueprint.route("/<string(maxlength=64):route_id>/order")
class Order(MethodView):
    """In which order a route is walked."""

    @http.door(*pages.READERS)
    @blueprint.response(200, form.form_of(readings.OrderProposal))
    def get(self, route_id: str) -> readings.OrderProposal:
        """Propose the order in which the route's meters were really read last."""
        return service.propose_order(http.session(), act=http.act(), route_id=route_id)

    @http.door(*PLANNERS)
    @blueprint.arguments(form.form_of(readings.WalkingOrder))
    @blueprint.response(200, form.form_of(readings.WalkingOrder))
    def put(self, order: readings.WalkingOrder, route_id: str) -> readings.WalkingOrder:
        """Set the order in which the route is walked, as proposed or otherwise.

        Refusals: not-found, order-not-of-route.
        """
        stops = service.set_order(http.session(), act=http.act(), route_id=route_id, order=order)
        return readings.WalkingOrder(stop_ids=[stop.id for stop in stops])


@blueprint.route("/<string(maxlength=64):route_id>/geojson")
class RouteMap(MethodView):
    """One route as a map."""

    @quotas.door(quotas.Cost.EXPORT, *pages.READERS)
    @blueprint.response(200, content_type=_GEOJSON, description="GeoJSON in WGS-84.")
    def get(self, route_id: str) -> flask.Response:
        """Draw the stops and how each of them stands.

        Refusals: not-found, too-many.
        """
        collection = service.draw_route(http.session(), act=http.act(), route_id=route_id)
        return flask.Response(encode(collection), mimetype=_GEOJSON)


def _name_after(query: http.PageQuery) -> str:
    if query.after is None:
        return ""
    name = http.read_page_key(query.after, parts=1)[0]
    if not isinstance(name, str):
        raise Invalid(reason="the page key is not one of ours")
    return name


def _sequence_after(query: http.PageQuery) -> int:
    if query.after is None:
        return 0
    sequence = http.read_page_key(query.after, parts=1)[0]
    if not isinstance(sequence, int) or not 0 <= sequence <= readings.STOPS_MAX:
        raise Invalid(reason="the page key is not one of ours")
    return sequence

"""Doors that read work: the worklist, a task, its timeline and its holders."""

from __future__ import annotations

import flask
from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.crews.identity import quotas
from api.tasks import service
from api.tasks.resources import views
from api.tasks.service import geojson
from schemas import sites, tasks
from schemas.base import encode
from schemas.form import form_of, page_form_of, query_form_of

blueprint = Blueprint("tasks", __name__, url_prefix="/v1/tasks", description="Orders and routes")


@blueprint.route("")
class Worklist(MethodView):
    """The worklist of the district; a crew sees its own."""

    @http.door()
    @blueprint.arguments(query_form_of(views.WorklistQuery), location="query")
    @blueprint.response(200, page_form_of(tasks.Task))
    def get(self, query: views.WorklistQuery) -> http.Page:
        """List work, the most urgent first and of those the oldest."""
        rows, next_key = views.worklist(query)
        return http.Page([row.wire() for row in rows], next_key)


@blueprint.route("/geojson")
class Drawn(MethodView):
    """The worklist as a map."""

    @http.door()
    @blueprint.arguments(query_form_of(views.WorklistQuery), location="query")
    @blueprint.response(200, form_of(sites.FeatureCollection), content_type=views.GEOJSON)
    def get(self, query: views.WorklistQuery) -> flask.Response:
        """Draw the sites of a page of the worklist, in WGS-84."""
        rows, next_key = views.worklist(query)
        collection = geojson.of_tasks(rows, next_key=next_key)
        return flask.Response(encode(collection), mimetype=views.GEOJSON)


@blueprint.route("/<string(maxlength=64):task_id>")
class One(MethodView):
    """One piece of work."""

    @http.door()
    @blueprint.response(200, form_of(tasks.Task))
    def get(self, task_id: str) -> tuple[tasks.Task, dict[str, str]]:
        """Show a task; its ETag is its version.

        Refusals: not-found.
        """
        return views.tagged(service.get_task(http.session(), act=http.act(), task_id=task_id))


@blueprint.route("/<string(maxlength=64):task_id>/timeline")
class Timeline(MethodView):
    """What happened to a task."""

    @http.door()
    @blueprint.arguments(query_form_of(http.PageQuery), location="query")
    @blueprint.response(200, page_form_of(tasks.Moment))
    def get(self, query: http.PageQuery, task_id: str) -> http.Page:
        """List what happened to a task in the order in which it was heard, with when it happened.

        Refusals: not-found.
        """
        task = service.get_task(http.session(), act=http.act(), task_id=task_id)
        moments = service.list_moments(
            http.session(),
            district_id=task.district_id,
            task_id=task.id,
            after_number=views.after_number(query),
            limit=query.limit + 1,
        )
        shown = moments[: query.limit]
        more = len(moments) > query.limit
        return http.Page(shown, http.page_key(shown[-1].number) if more else None)


@blueprint.route("/<string(maxlength=64):task_id>/verify")
class Verifying(MethodView):
    """Whether a timeline is as it was written."""

    @quotas.door(quotas.Cost.EXPORT, *views.READERS)
    @blueprint.response(200, form_of(tasks.Verified))
    def get(self, task_id: str) -> tasks.Verified:
        """Walk the hash chain of a timeline and name the first moment that was changed.

        Refusals: not-found, too-many.
        """
        task = service.get_task(http.session(), act=http.act(), task_id=task_id)
        found = service.verify_timeline(
            http.session(), district_id=task.district_id, task_id=task.id
        )
        return tasks.Verified(
            intact=found.intact,
            moments=found.moments,
            broken_at=found.broken_at,
            event_id=found.event_id,
        )


@blueprint.route("/<string(maxlength=64):task_id>/holders")
class Holders(MethodView):
    """Whose hands a task came into."""

    @http.door(*views.READERS)
    @blueprint.response(200, form_of(tasks.HolderList))
    def get(self, task_id: str) -> tasks.HolderList:
        """List whose hands a task came into, oldest first.

        Refusals: not-found.
        """
        task = service.get_task(http.session(), act=http.act(), task_id=task_id)
        rows = service.list_holders(http.session(), district_id=task.district_id, task_id=task.id)
        held = [
            tasks.Held(
                crew_id=row.crew_id,
                person_id=row.person_id,
                held_from=row.held_from,
                received_at=row.received_at,
            )
            for row in rows
        ]
        return tasks.HolderList(items=held)

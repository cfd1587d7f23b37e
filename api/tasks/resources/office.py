"""Doors for the office: giving work out, calling it off, closing it; `If-Match` guards each."""

from __future__ import annotations

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.tasks import service
from api.tasks.resources import views
from schemas import tasks
from schemas.crews import OFFICE
from schemas.form import form_of

blueprint = Blueprint(
    "tasks-office", __name__, url_prefix="/v1/tasks", description="What the office does to work"
)
Answer = tuple[tasks.Task, dict[str, str]]


@blueprint.route("/<string(maxlength=64):task_id>", methods=["PATCH"])
class Editing(MethodView):
    """What an order says of itself."""

    @http.door(*OFFICE)
    @blueprint.arguments(form_of(tasks.Edited), example={"contact": "Li, 138 0000 0000"})
    @blueprint.response(200, form_of(tasks.Task))
    def patch(self, body: tasks.Edited, task_id: str) -> Answer:
        """Change its title, note, contact, address, access note or position.

        Refusals: not-found, stale, nothing-amended, already-settled, site-needs-position,
        odd-position, wrong-datum.
        """
        return views.tagged(
            service.edit(http.session(), act=http.act(), task_id=task_id, body=body)
        )


@blueprint.route("/<string(maxlength=64):task_id>/assign")
class Assigning(MethodView):
    """Work is given out."""

    @http.door(*OFFICE)
    @blueprint.arguments(
        form_of(tasks.Assigned), example={"crew_id": "crew-3", "why": "nearest free crew"}
    )
    @blueprint.response(200, form_of(tasks.Task))
    def post(self, body: tasks.Assigned, task_id: str) -> Answer:
        """Give work that nobody holds to a crew, or to one person.

        Refusals: not-found, stale, nobody-named, hands-gone, illegal-move.
        """
        return views.tagged(
            service.dispatch(http.session(), act=http.act(), task_id=task_id, body=body)
        )


@blueprint.route("/<string(maxlength=64):task_id>/reassign")
class Reassigning(MethodView):
    """Work changes hands."""

    @http.door(*OFFICE)
    @blueprint.arguments(
        form_of(tasks.Reassigned),
        example={"crew_id": "crew-4", "why": "crew 3 is cut off by the flood"},
    )
    @blueprint.response(200, form_of(tasks.Task))
    def post(self, body: tasks.Reassigned, task_id: str) -> Answer:
        """Give work to another crew or person, for a concrete reason.

        Refusals: not-found, stale, reason-not-concrete, nobody-named, hands-gone, illegal-move.
        """
        return views.tagged(
            service.hand_on(http.session(), act=http.act(), task_id=task_id, body=body)
        )


@blueprint.route("/<string(maxlength=64):task_id>/cancel")
class Cancelling(MethodView):
    """Work is called off."""

    @http.door(*OFFICE)
    @blueprint.arguments(
        form_of(tasks.Cancelled), example={"reason": "the customer found his own fuse"}
    )
    @blueprint.response(200, form_of(tasks.Task))
    def post(self, body: tasks.Cancelled, task_id: str) -> Answer:
        """Call work off, for a concrete reason; its clocks count no more.

        Refusals: not-found, stale, reason-not-concrete, illegal-move.
        """
        return views.tagged(
            service.call_off(http.session(), act=http.act(), task_id=task_id, body=body)
        )


@blueprint.route("/<string(maxlength=64):task_id>/call-back")
class CallingBack(MethodView):
    """The customer is asked."""

    @http.door(*OFFICE)
    @blueprint.arguments(
        form_of(tasks.CalledBack), example={"result": "satisfied", "note": "light is on"}
    )
    @blueprint.response(200, form_of(tasks.Task))
    def post(self, body: tasks.CalledBack, task_id: str) -> Answer:
        """Enter what the customer said; one who is not satisfied reopens the order.

        Refusals: not-found, stale, reason-not-concrete, illegal-move.
        """
        return views.tagged(
            service.enter_call_back(http.session(), act=http.act(), task_id=task_id, body=body)
        )


@blueprint.route("/<string(maxlength=64):task_id>/archive")
class Archiving(MethodView):
    """Finished work is put away."""

    @http.door(*OFFICE)
    @blueprint.response(200, form_of(tasks.Task))
    def post(self, task_id: str) -> Answer:
        """Archive finished work; not before the call-back, nor while declared files are missing.

        Refusals: not-found, stale, not-called-back, evidence-missing, illegal-move.
        """
        return views.tagged(service.put_away(http.session(), act=http.act(), task_id=task_id))


@blueprint.route("/<string(maxlength=64):task_id>/reopen")
class Reopening(MethodView):
    """Finished work comes back."""

    @http.door(*OFFICE)
    @blueprint.arguments(form_of(tasks.Reopened), example={"cause": "the light flickers again"})
    @blueprint.response(200, form_of(tasks.Task))
    def post(self, body: tasks.Reopened, task_id: str) -> Answer:
        """Bring finished work back to the duty office, one step more urgent.

        Refusals: not-found, stale, reason-not-concrete, illegal-move.
        """
        return views.tagged(
            service.bring_back(http.session(), act=http.act(), task_id=task_id, body=body)
        )


@blueprint.route("/<string(maxlength=64):task_id>/chase")
class Chasing(MethodView):
    """Somebody asks again."""

    @http.door(*views.READERS)
    @blueprint.arguments(
        form_of(tasks.Chased), example={"words": "the customer called again: the shop is dark"}
    )
    @blueprint.response(200, form_of(tasks.Task))
    def post(self, body: tasks.Chased, task_id: str) -> Answer:
        """Ask again about open work (催办); who holds it is told, and its open cases keep it.

        Refusals: not-found, stale, already-settled.
        """
        return views.tagged(
            service.chase(http.session(), act=http.act(), task_id=task_id, body=body)
        )


@blueprint.route("/<string(maxlength=64):task_id>/looked")
class Looking(MethodView):
    """Somebody has looked."""

    @http.door(*OFFICE)
    @blueprint.arguments(form_of(tasks.Looked), example={"note": "two crews met; both are right"})
    @blueprint.response(200, form_of(tasks.Task))
    def post(self, body: tasks.Looked, task_id: str) -> Answer:
        """Say that you have looked at work done twice, or on an order that was called off.

        Refusals: not-found, stale, nothing-to-look-at.
        """
        return views.tagged(
            service.look_at(http.session(), act=http.act(), task_id=task_id, body=body)
        )

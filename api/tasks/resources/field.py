"""Doors for crews that are online: the same acts that a phone pushes when it comes to signal."""

from __future__ import annotations

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.tasks import service
from schemas import tasks
from schemas.crews import FIELD, OFFICE
from schemas.form import form_of

blueprint = Blueprint(
    "tasks-field", __name__, url_prefix="/v1/tasks", description="What crews do to work, online"
)


@blueprint.route("/<string(maxlength=64):task_id>/accept")
class Accepting(MethodView):
    """The crew takes the work."""

    @http.door(*FIELD, *OFFICE)
    @blueprint.arguments(form_of(tasks.Accepted), example={})
    @blueprint.response(200, form_of(tasks.Done))
    def post(self, body: tasks.Accepted, task_id: str) -> tasks.Done:
        """Take the work.

        Refusals: not-found, stale, illegal-move.
        """
        session, act = http.session(), http.act()
        remark = service.accept(session, act=act, subject_id=task_id, body=body)
        return service.done(session, act=act, task_id=task_id, remark=remark)


@blueprint.route("/<string(maxlength=64):task_id>/set-out")
class SettingOut(MethodView):
    """The crew is on its way."""

    @http.door(*FIELD, *OFFICE)
    @blueprint.arguments(form_of(tasks.SetOut), example={})
    @blueprint.response(200, form_of(tasks.Done))
    def post(self, body: tasks.SetOut, task_id: str) -> tasks.Done:
        """Leave for the site.

        Refusals: not-found, stale, illegal-move.
        """
        session, act = http.session(), http.act()
        remark = service.set_out(session, act=act, subject_id=task_id, body=body)
        return service.done(session, act=act, task_id=task_id, remark=remark)


@blueprint.route("/<string(maxlength=64):task_id>/start")
class Starting(MethodView):
    """Hands on the work."""

    @http.door(*FIELD, *OFFICE)
    @blueprint.arguments(form_of(tasks.Started), example={})
    @blueprint.response(200, form_of(tasks.Done))
    def post(self, body: tasks.Started, task_id: str) -> tasks.Done:
        """Start the work; on a repair, after the arrival.

        Refusals: not-found, stale, illegal-move.
        """
        session, act = http.session(), http.act()
        remark = service.start(session, act=act, subject_id=task_id, body=body)
        return service.done(session, act=act, task_id=task_id, remark=remark)


@blueprint.route("/<string(maxlength=64):task_id>/return")
class Returning(MethodView):
    """The crew gives the work back."""

    @http.door(*FIELD, *OFFICE)
    @blueprint.arguments(
        form_of(tasks.Returned), example={"reason": "pole down, needs the crane crew"}
    )
    @blueprint.response(200, form_of(tasks.Done))
    def post(self, body: tasks.Returned, task_id: str) -> tasks.Done:
        """Give the work back, for a concrete reason.

        Refusals: not-found, stale, reason-not-concrete, reason-not-known, reason-not-picked,
            illegal-move.
        """
        session, act = http.session(), http.act()
        remark = service.return_(session, act=act, subject_id=task_id, body=body)
        return service.done(session, act=act, task_id=task_id, remark=remark)


@blueprint.route("/<string(maxlength=64):task_id>/suspend")
class Suspending(MethodView):
    """The work must wait."""

    @http.door(*FIELD, *OFFICE)
    @blueprint.arguments(
        form_of(tasks.Suspended),
        example={"reason": "gate locked, key away", "until": "2026-11-23T07:00:00Z"},
    )
    @blueprint.response(200, form_of(tasks.Done))
    def post(self, body: tasks.Suspended, task_id: str) -> tasks.Done:
        """Let the work wait, for a concrete reason.

        Refusals: not-found, stale, reason-not-concrete, reason-not-known, reason-not-picked,
            reason-lacks-end, illegal-move.
        """
        session, act = http.session(), http.act()
        remark = service.suspend(session, act=act, subject_id=task_id, body=body)
        return service.done(session, act=act, task_id=task_id, remark=remark)


@blueprint.route("/<string(maxlength=64):task_id>/resume")
class Resuming(MethodView):
    """The work goes on."""

    @http.door(*FIELD, *OFFICE)
    @blueprint.arguments(form_of(tasks.Resumed), example={})
    @blueprint.response(200, form_of(tasks.Done))
    def post(self, body: tasks.Resumed, task_id: str) -> tasks.Done:
        """Go on with work that waited.

        Refusals: not-found, stale, illegal-move.
        """
        session, act = http.session(), http.act()
        remark = service.resume(session, act=act, subject_id=task_id, body=body)
        return service.done(session, act=act, task_id=task_id, remark=remark)


@blueprint.route("/<string(maxlength=64):task_id>/note")
class Noting(MethodView):
    """Words for the timeline."""

    @http.door(*FIELD, *OFFICE)
    @blueprint.arguments(form_of(tasks.Noted), example={"text": "dog in the yard"})
    @blueprint.response(200, form_of(tasks.Done))
    def post(self, body: tasks.Noted, task_id: str) -> tasks.Done:
        """Keep words on the timeline.

        Refusals: not-found, stale.
        """
        session, act = http.session(), http.act()
        remark = service.note(session, act=act, subject_id=task_id, body=body)
        return service.done(session, act=act, task_id=task_id, remark=remark)


@blueprint.route("/<string(maxlength=64):task_id>/finish")
class Finishing(MethodView):
    """The work is done."""

    @http.door(*FIELD, *OFFICE)
    @blueprint.arguments(
        form_of(tasks.Finished), example={"cause": "blown fuse", "work_done": "replaced the fuse"}
    )
    @blueprint.response(200, form_of(tasks.Done))
    def post(self, body: tasks.Finished, task_id: str) -> tasks.Done:
        """End the work, with what was found, done and used.

        Refusals: not-found, stale, illegal-move.
        """
        session, act = http.session(), http.act()
        remark = service.finish(session, act=act, subject_id=task_id, body=body)
        return service.done(session, act=act, task_id=task_id, remark=remark)


@blueprint.route("/<string(maxlength=64):task_id>/amend")
class Amending(MethodView):
    """What the order says is not so."""

    @http.door(*FIELD, *OFFICE)
    @blueprint.arguments(
        form_of(tasks.Amended),
        example={"contact": {"saw": "Li, 139 0000 0000", "set": "Li, 138 0000 0000"}},
    )
    @blueprint.response(200, form_of(tasks.Done))
    def post(self, body: tasks.Amended, task_id: str) -> tasks.Done:
        """Correct what the order says, field by field, with what you saw there.

        Refusals: not-found, stale, nothing-amended, odd-position, wrong-datum.
        """
        session, act = http.session(), http.act()
        remark = service.amend(session, act=act, subject_id=task_id, body=body)
        return service.done(session, act=act, task_id=task_id, remark=remark)

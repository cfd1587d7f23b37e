"""Doors of promises to customers: what crews give at the door, and what the office does."""

from __future__ import annotations

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.customer_promises import service
from api.customer_promises.store import Key
from api.tasks import service as tasks
from schemas import customer_promises as shapes
from schemas.base import Id, Instant, rfc3339
from schemas.crews import FIELD, OFFICE, Role
from schemas.form import form_of, page_form_of, query_form_of
from schemas.tasks import Done

blueprint = Blueprint(
    "customer-promises",
    __name__,
    url_prefix="/v1",
    description="What customers were promised, in words and windows",
)
_MADE = {
    "customer": "Li Hua",
    "from_at": "2026-11-23T06:00:00Z",
    "due_at": "2026-11-23T08:00:00Z",
    "words": "We come back between two and four with the crane.",
}
_ANEW = {
    "due_at": "2026-11-24T02:00:00Z",
    "words": "Tomorrow before ten.",
    "consent": {"name": "Li Hua", "how": "spoken"},
    "why": "the crane is at the fallen pole on feeder 7",
}


class PromiseQuery(http.PageQuery):
    """Which promises to list: by their order or service point, and when they are due."""

    task_id: Id | None = None
    service_point_id: Id | None = None
    due_before: Instant | None = None


@blueprint.route("/tasks/<string(maxlength=64):task_id>/promises")
class OnTask(MethodView):
    """What a crew promises at the customer's door."""

    @http.door(*FIELD, *OFFICE)
    @blueprint.arguments(form_of(shapes.PromiseMade), example=_MADE)
    @blueprint.response(200, form_of(Done))
    def post(self, body: shapes.PromiseMade, task_id: str) -> Done:
        """Promise the customer a window; a clock runs on it from now on.

        Refusals: not-found, window-faulty, order-done.
        """
        session, act = http.session(), http.act()
        remark = service.make(session, act=act, subject_id=task_id, body=body)
        return tasks.done(session, act=act, task_id=task_id, remark=remark)


@blueprint.route("/tasks/<string(maxlength=64):task_id>/promises/reagree")
class OnTaskAnew(MethodView):
    """What a crew agrees on anew at the customer's door."""

    @http.door(*FIELD, *OFFICE)
    @blueprint.arguments(
        form_of(shapes.PromiseReagreed),
        example={"promise_id": "0193d5a0-7c00-7000-8000-000000000001", **_ANEW},
    )
    @blueprint.response(200, form_of(Done))
    def post(self, body: shapes.PromiseReagreed, task_id: str) -> Done:
        """Agree on another window before the promise is due, with the customer's consent.

        Refusals: not-found, reason-not-concrete, window-faulty, promise-over, promise-settled.
        """
        session, act = http.session(), http.act()
        remark = service.reagree(session, act=act, subject_id=task_id, body=body)
        return tasks.done(session, act=act, task_id=task_id, remark=remark)


@blueprint.route("/customer-promises")
class Promises(MethodView):
    """Promises to customers."""

    @http.door(*OFFICE)
    @blueprint.arguments(query_form_of(PromiseQuery), location="query")
    @blueprint.response(200, page_form_of(shapes.CustomerPromise))
    def get(self, query: PromiseQuery) -> http.Page:
        """List promises by when they are due, each with its windows and what was told."""
        after = http.read_moment_key(query.after)
        rows = service.list_promises(
            http.session(),
            act=http.act(),
            task_id=query.task_id,
            service_point_id=query.service_point_id,
            due_before=query.due_before,
            behind=None if after is None else Key(*after),
            limit=query.limit + 1,
        )
        if len(rows) <= query.limit:
            return http.Page(rows, None)
        last = rows[query.limit - 1]
        return http.Page(rows[: query.limit], http.page_key(rfc3339(last.due_at), last.id))

    @http.door(*OFFICE, Role.INTEGRATION)
    @blueprint.arguments(
        form_of(shapes.PromiseDraft), example={"contact": "139 0000 0000", **_MADE}
    )
    @blueprint.response(201, form_of(shapes.CustomerPromise))
    def post(self, draft: shapes.PromiseDraft) -> shapes.CustomerPromise:
        """Give a promise, on an order or before there is one.

        Refusals: not-found, stale, window-faulty, order-done.
        """
        return service.give(http.session(), act=http.act(), draft=draft)


@blueprint.route("/customer-promises/<string(maxlength=64):promise_id>")
class OnePromise(MethodView):
    """One promise to a customer."""

    @http.door(*OFFICE)
    @blueprint.response(200, form_of(shapes.CustomerPromise))
    def get(self, promise_id: str) -> shapes.CustomerPromise:
        """Show a promise: each window with its consent and its end, and what was told.

        Refusals: not-found.
        """
        return service.get_promise(http.session(), act=http.act(), promise_id=promise_id)


@blueprint.route("/customer-promises/<string(maxlength=64):promise_id>/agree")
class Agreeing(MethodView):
    """Another window, with the customer's consent."""

    @http.door(*OFFICE)
    @blueprint.arguments(form_of(shapes.AgreedAnew), example=_ANEW)
    @blueprint.response(200, form_of(shapes.CustomerPromise))
    def post(self, body: shapes.AgreedAnew, promise_id: str) -> shapes.CustomerPromise:
        """Agree on another window before the promise is due; after that it is broken.

        Refusals: not-found, reason-not-concrete, window-faulty, promise-over, promise-settled,
        busy.
        """
        return service.agree(http.session(), act=http.act(), promise_id=promise_id, body=body)


@blueprint.route("/customer-promises/<string(maxlength=64):promise_id>/tellings")
class Telling(MethodView):
    """What a customer is told."""

    @http.door(*OFFICE)
    @blueprint.arguments(
        form_of(shapes.Told),
        example={"customer": "Li Hua", "words": "The crew is held up by the flood on river road."},
    )
    @blueprint.response(201, form_of(shapes.CustomerPromise))
    def post(self, body: shapes.Told, promise_id: str) -> shapes.CustomerPromise:
        """Write down that the customer was told; before the promise is due it is a notice.

        Refusals: not-found, busy.
        """
        return service.tell(http.session(), act=http.act(), promise_id=promise_id, body=body)


@blueprint.route("/customer-promises/<string(maxlength=64):promise_id>/order")
class Attaching(MethodView):
    """The order that a promise is about."""

    @http.door(*OFFICE)
    @blueprint.arguments(form_of(shapes.Attached))
    @blueprint.response(200, form_of(shapes.CustomerPromise))
    def put(self, body: shapes.Attached, promise_id: str) -> shapes.CustomerPromise:
        """Tie a promise that was given before there was an order to its order.

        Refusals: not-found, about-another.
        """
        return service.attach(http.session(), act=http.act(), promise_id=promise_id, body=body)


@blueprint.route("/customer-promises/<string(maxlength=64):promise_id>/withdraw")
class Withdrawing(MethodView):
    """The customer needs it no more."""

    @http.door(*OFFICE)
    @blueprint.arguments(
        form_of(shapes.Withdrawn), example={"why": "the customer repaired the fuse himself"}
    )
    @blueprint.response(200, form_of(shapes.CustomerPromise))
    def post(self, body: shapes.Withdrawn, promise_id: str) -> shapes.CustomerPromise:
        """Take a promise back that the customer needs no more, before it is due.

        Refusals: not-found, reason-not-concrete, promise-over, promise-settled, busy.
        """
        return service.withdraw(http.session(), act=http.act(), promise_id=promise_id, body=body)

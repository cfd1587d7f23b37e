"""Doors of service requests: asked, given, contacted, answered, called back, archived."""

from __future__ import annotations

from typing import Annotated, Final

from flask.views import MethodView
from flask_smorest import Blueprint
from msgspec import Meta

from api import http
from api.errors import Invalid
from api.requests import service, store
from api.requests.models import ServiceRequest
from schemas import requests, supervision
from schemas.base import rfc3339
from schemas.crews import OFFICE, Role
from schemas.form import form_of, page_form_of, query_form_of
from schemas.tasks import Verified

_ASKERS: Final = (*OFFICE, Role.INTEGRATION)
_LEADS: Final = (Role.SUPERVISOR, Role.ADMINISTRATOR)
_ONE: Final = "/requests/<string(maxlength=64):request_id>"
_PAGE_ROWS: Final = 100
_NUMBER_MAX: Final = 2**31
_COMPLAINT: Final = {
    "key": "95598-20261122-0512",
    "kind": "complaint",
    "item": "voltage",
    "description": "晚上七点后电压只有 180 伏",
    "customer": "王芳",
    "contact": "+86 898 5555 0102",
}
Answer = tuple[requests.ServiceRequest, dict[str, str]]

blueprint = Blueprint(
    "requests", __name__, url_prefix="/v1", description="Complaints and other service requests"
)


class RequestQuery(requests.RequestFilter):
    """Which requests to list, where the page starts and how long it is."""

    after: Annotated[str, Meta(max_length=1_000)] | None = None
    limit: Annotated[int, Meta(ge=1, le=http.PAGE_ROWS_MAX)] = _PAGE_ROWS


@blueprint.route("/requests")
class Requests(MethodView):
    """Service requests of the district."""

    @http.door(*_ASKERS)
    @blueprint.arguments(form_of(requests.RequestDraft), example=_COMPLAINT)
    @blueprint.response(201, form_of(requests.ServiceRequest))
    @blueprint.alt_response(200, schema=form_of(requests.ServiceRequest))
    def post(
        self, draft: requests.RequestDraft
    ) -> tuple[requests.ServiceRequest, int, dict[str, str]]:
        """Open a complaint or another request; it goes to who answers for it, and says why.

        The same key again answers the same request, with 200 instead of 201.
        Refusals: asked-at-odd, item-needed, unknown-item, not-found.
        """
        request, again = service.open_request(http.session(), act=http.act(), draft=draft)
        where = {"Location": f"/v1/requests/{request.id}"}
        return service.view(request, again=again), 200 if again else 201, where

    @http.door(*_ASKERS)
    @blueprint.arguments(query_form_of(RequestQuery), location="query")
    @blueprint.response(200, page_form_of(requests.ServiceRequest))
    def get(self, query: RequestQuery) -> http.Page:
        """List requests by when they were opened; by default those that are open."""
        after = http.read_moment_key(query.after)
        rows = service.list_requests(
            http.session(),
            act=http.act(),
            wanted=query,
            after=None if after is None else store.Key(*after),
            limit=query.limit + 1,
        )
        shown = rows[: query.limit]
        if len(rows) <= query.limit:
            return http.Page(shown, None)
        return http.Page(shown, http.page_key(rfc3339(shown[-1].opened_at), shown[-1].id))


@blueprint.route(_ONE)
class OneRequest(MethodView):
    """One service request."""

    @http.door(*_ASKERS)
    @blueprint.response(200, form_of(requests.ServiceRequest))
    def get(self, request_id: str) -> Answer:
        """Show a request.

        Refusals: not-found.
        """
        return _tagged(service.get_request(http.session(), act=http.act(), request_id=request_id))


@blueprint.route(f"{_ONE}/timeline")
class Timeline(MethodView):
    """What happened to a request."""

    @http.door(*_ASKERS)
    @blueprint.arguments(query_form_of(http.PageQuery), location="query")
    @blueprint.response(200, page_form_of(requests.RequestMoment))
    def get(self, query: http.PageQuery, request_id: str) -> http.Page:
        """List a request's timeline, oldest first.

        Refusals: not-found.
        """
        rows = service.list_moments(
            http.session(),
            act=http.act(),
            request_id=request_id,
            after_number=_after_number(query),
            limit=query.limit + 1,
        )
        shown = rows[: query.limit]
        more = len(rows) > query.limit
        return http.Page(shown, http.page_key(shown[-1].number) if more else None)


@blueprint.route(f"{_ONE}/verify")
class Verifying(MethodView):
    """Whether a timeline is as it was written."""

    @http.door(*_ASKERS)
    @blueprint.response(200, form_of(Verified))
    def get(self, request_id: str) -> Verified:
        """Walk the hash chain of a request's timeline.

        Refusals: not-found.
        """
        found = service.verify(http.session(), act=http.act(), request_id=request_id)
        return Verified(
            intact=found.intact,
            moments=found.moments,
            broken_at=found.broken_at,
            event_id=found.event_id,
        )


@blueprint.route(f"{_ONE}/give")
class Giving(MethodView):
    """Somebody else answers for a request."""

    @http.door(*OFFICE)
    @blueprint.arguments(
        form_of(requests.RequestGiven),
        example={"person_id": "li-fang", "reason": "she has read that meter for years"},
    )
    @blueprint.response(200, form_of(requests.ServiceRequest))
    def post(self, body: requests.RequestGiven, request_id: str) -> Answer:
        """Give a request to a person, for a concrete reason.

        Refusals: not-found, stale, reason-not-concrete, owner-gone, request-not-possible.
        """
        return _tagged(
            service.give(http.session(), act=http.act(), request_id=request_id, body=body)
        )


@blueprint.route(f"{_ONE}/contact")
class Contacting(MethodView):
    """The customer is spoken to."""

    @http.door(*_ASKERS)
    @blueprint.arguments(
        form_of(requests.RequestContacted),
        example={"words": "she will be at home at six, voltage to be measured then"},
    )
    @blueprint.response(200, form_of(requests.ServiceRequest))
    def post(self, body: requests.RequestContacted, request_id: str) -> Answer:
        """Write down that the customer of a complaint was spoken to, and what was said.

        Refusals: not-found, stale, reason-not-concrete, told-at-odd, request-not-possible.
        """
        return _tagged(
            service.contact(http.session(), act=http.act(), request_id=request_id, body=body)
        )


@blueprint.route(f"{_ONE}/answer")
class Answering(MethodView):
    """A request is answered."""

    @http.door(*_ASKERS)
    @blueprint.arguments(
        form_of(requests.RequestAnswered),
        example={"words": "tap of the transformer raised, 221 V at eight in the evening"},
    )
    @blueprint.response(200, form_of(requests.ServiceRequest))
    def post(self, body: requests.RequestAnswered, request_id: str) -> Answer:
        """Write down what was done: answered, reconnected, put right; only complaints go on.

        Refusals: not-found, stale, reason-not-concrete, told-at-odd, request-not-possible.
        """
        return _tagged(
            service.answer(http.session(), act=http.act(), request_id=request_id, body=body)
        )


@blueprint.route(f"{_ONE}/call-back")
class CallingBack(MethodView):
    """The customer is asked."""

    @http.door(*OFFICE)
    @blueprint.arguments(
        form_of(requests.RequestCalledBack), example={"result": "satisfied", "note": "all well"}
    )
    @blueprint.response(200, form_of(requests.ServiceRequest))
    def post(self, body: requests.RequestCalledBack, request_id: str) -> Answer:
        """Enter what the customer said; one who is not satisfied reopens it, one unit up.

        Refusals: not-found, stale, reason-not-concrete, request-not-possible.
        """
        return _tagged(
            service.call_back(http.session(), act=http.act(), request_id=request_id, body=body)
        )


@blueprint.route(f"{_ONE}/archive")
class Archiving(MethodView):
    """A complaint is put away."""

    @http.door(*OFFICE)
    @blueprint.response(200, form_of(requests.ServiceRequest))
    def post(self, request_id: str) -> Answer:
        """Archive an answered complaint; not before the call-back.

        Refusals: not-found, stale, request-not-called-back, request-not-possible.
        """
        return _tagged(service.archive(http.session(), act=http.act(), request_id=request_id))


@blueprint.route(f"{_ONE}/withdraw")
class Withdrawing(MethodView):
    """A request is called off."""

    @http.door(*OFFICE)
    @blueprint.arguments(
        form_of(requests.RequestWithdrawn), example={"reason": "the customer took it back by phone"}
    )
    @blueprint.response(200, form_of(requests.ServiceRequest))
    def post(self, body: requests.RequestWithdrawn, request_id: str) -> Answer:
        """Call a request off, for a concrete reason; its clocks count no more.

        Refusals: not-found, stale, reason-not-concrete, request-not-possible.
        """
        return _tagged(
            service.withdraw(http.session(), act=http.act(), request_id=request_id, body=body)
        )


@blueprint.route(f"{_ONE}/chase")
class Chasing(MethodView):
    """Somebody asks again."""

    @http.door(*_ASKERS)
    @blueprint.arguments(
        form_of(requests.RequestChased), example={"words": "the customer called a second time"}
    )
    @blueprint.response(200, form_of(requests.ServiceRequest))
    def post(self, body: requests.RequestChased, request_id: str) -> Answer:
        """Ask again about an open request (催办); its open cases keep it.

        Refusals: not-found, stale, request-not-possible.
        """
        return _tagged(
            service.chase(http.session(), act=http.act(), request_id=request_id, body=body)
        )


@blueprint.route(f"{_ONE}/actions")
class ActionsOf(MethodView):
    """Corrective actions that follow from a request."""

    @http.door(*_LEADS)
    @blueprint.arguments(form_of(supervision.ActionDraft))
    @blueprint.response(201, form_of(supervision.Action))
    def post(self, body: supervision.ActionDraft, request_id: str) -> supervision.Action:
        """Set a corrective action that follows from a request.

        Refusals: not-found, stale, reason-not-concrete, owner-gone, due-in-past.
        """
        return service.set_action(http.session(), act=http.act(), request_id=request_id, body=body)


@blueprint.route("/taxonomies")
class Taxonomies(MethodView):
    """How complaints are sorted."""

    @http.door(*_ASKERS)
    @blueprint.response(200, form_of(requests.TaxonomyList))
    def get(self) -> requests.TaxonomyList:
        """List every taxonomy, the newest first, with its classes, items and posts."""
        return requests.TaxonomyList(items=service.list_taxonomies())


@blueprint.route("/units/<string(maxlength=64):unit_id>/posts")
class Posts(MethodView):
    """The posts of a unit."""

    @http.door(*OFFICE)
    @blueprint.response(200, form_of(requests.PostHolderList))
    def get(self, unit_id: str) -> requests.PostHolderList:
        """List who holds the posts of a unit.

        Refusals: not-found.
        """
        return service.list_posts(http.session(), act=http.act(), unit_id=unit_id)


@blueprint.route("/units/<string(maxlength=64):unit_id>/posts/<string(maxlength=64):post>")
class OnePost(MethodView):
    """One post of a unit."""

    @http.door(Role.ADMINISTRATOR)
    @blueprint.arguments(form_of(requests.PostGiven))
    @blueprint.response(200, form_of(requests.PostHolder))
    def put(self, body: requests.PostGiven, unit_id: str, post: str) -> requests.PostHolder:
        """Let a person hold a post of a unit from now on.

        Refusals: not-found, post-unknown, holder-gone.
        """
        return service.set_post(
            http.session(), act=http.act(), unit_id=unit_id, post=post, body=body
        )


def _tagged(request: ServiceRequest) -> Answer:
    """Answer with a request and its version, which `If-Match` sends back."""
    return service.view(request), {"ETag": f'"{request.version}"'}


def _after_number(query: http.PageQuery) -> int:
    """Read behind which moment of a timeline a page starts."""
    if query.after is None:
        return 0
    number = http.read_page_key(query.after, parts=1)[0]
    if not isinstance(number, int) or not 0 <= number < _NUMBER_MAX:
        raise Invalid(reason="the page key is not one of ours")
    return number

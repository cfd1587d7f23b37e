"""How a request comes to be: sorted, given to who answers for it, its promises running."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Final

import sqlalchemy.exc
import structlog
from sqlalchemy.orm import Session

from api import db
from api.acts import Act, Happened
from api.requests import store
from api.requests.models import ServiceRequest
from api.requests.service import clocks, posts, taxonomy, timeline
from api.sites import service as sites
from api.tasks import service as tasks
from schemas import base, requests
from schemas.errors import Refused
from schemas.rules import operation_chain
from schemas.rules.requests import STARTS, Event, Kind, State

AHEAD_MAX_S: Final = 300.0
AGE_MAX_S: Final = 90 * 86_400.0
_log = structlog.get_logger()


class AskedAtOdd(Refused):
    """Nothing was asked for in the future, nor months ago. Check your system's clock."""

    code = "asked-at-odd"
    status = 422
    en = "It was asked for at {asked_at}; it is {now} here."
    zh = "诉求时间为 {asked_at}，而当前时间为 {now}；请检查系统时钟。"


class ItemNeeded(Refused):
    """A complaint is sorted by an item; nothing else is. Name the item, or leave it out."""

    code = "item-needed"
    status = 422
    en = "A complaint names its item; a request of kind {kind} has none."
    zh = "投诉须注明子类；{kind} 类诉求无须填写子类。"


class UnknownItem(Refused):
    """The taxonomy has no such item. Choose one of those that `GET /v1/taxonomies` lists."""

    code = "unknown-item"
    status = 422
    en = "The taxonomy {taxonomy} has no item {item}."
    zh = "投诉分类 {taxonomy} 中没有子类 {item}。"


def open_request(
    session: Session, *, act: Act, draft: requests.RequestDraft
) -> tuple[ServiceRequest, bool]:
    """Open a request, give it to who answers for it, and say whether it was there before.

    Its promises run from when it was asked for; it is given out now. The same key opens only one.

    Raises:
        AskedAtOdd: it was asked for in the future, or too long ago.
        ItemNeeded: a complaint without an item, or another kind with one.
        UnknownItem: the taxonomy has no such item.
        NotFound: there is no such service point, meter or order.
    """
    reporter_id = act.principal.person_id
    known = store.find_by_key(
        session, district_id=act.district_id, reporter_id=reporter_id, key=draft.key
    )
    if known is not None:
        return known, True
    asked_at = _asked_at(draft, act=act)
    _require_places(session, act, draft)
    request = _reported(session, act, draft, asked_at)
    try:
        with db.savepoint(session):
            session.add(request)
    except sqlalchemy.exc.IntegrityError:
        known = store.find_by_key(
            session, district_id=act.district_id, reporter_id=reporter_id, key=draft.key
        )
        if known is None:
            raise
        return known, True
    begin(session, act=act, request=request, asked_at=asked_at)
    land(session, act=act, request=request)
    return request, False


def begin(session: Session, *, act: Act, request: ServiceRequest, asked_at: dt.datetime) -> None:
    """Start the promises of a new request, and its timeline."""
    told = act._replace(happened=Happened(at=asked_at))
    start = STARTS[Kind(request.kind)]
    clocks.note(session, act=told, request=request, event=start)
    detail = {"kind": request.kind, "item": request.item, "description": request.description}
    timeline.write(session, act=told, request=request, event=start, detail=detail)
    _log.info("request.opened", request_id=request.id, kind=request.kind)


def land(session: Session, *, act: Act, request: ServiceRequest) -> None:
    """Give a request to who holds its post in its unit; it waits where nobody does."""
    landing = posts.land(session, unit_id=request.unit_id, post=request.post)
    request.why_en, request.why_zh = landing.why.en, landing.why.zh
    if landing.person_id is None:
        _log.warning("request.unassigned", request_id=request.id, post=request.post)
        return
    request.person_id = landing.person_id
    request.state, request.state_at = str(State.dispatched), act.happened.at
    clocks.hand_over(session, act=act, request=request)
    clocks.note(session, act=act, request=request, event=Event.dispatch)
    detail = {"person_id": request.person_id, "why": request.why_zh + "\n" + request.why_en}
    timeline.write(session, act=act, request=request, event=Event.dispatch, detail=detail)


def sorted_by(session: Session, *, act: Act, at: dt.datetime) -> requests.Taxonomy:
    """Give the taxonomy that holds on the local day of an instant."""
    zone = zoneinfo.ZoneInfo(sites.get_district(session, district_id=act.district_id).zone)
    return taxonomy.in_force(at.astimezone(zone).date())


def blank(
    act: Act, *, kind: Kind, key: str, description: str, post: str, asked_at: dt.datetime
) -> ServiceRequest:
    """Write a request that nobody has touched, with what every kind has."""
    return ServiceRequest(
        district_id=act.district_id,
        id=act.new_id(),
        kind=str(kind),
        state=str(State.reported),
        version=0,
        key=key,
        reporter_id=act.principal.person_id,
        description=description,
        taxonomy=None,
        item=None,
        customer="",
        contact="",
        address="",
        service_point_id=None,
        meter_id=None,
        task_id=None,
        urgency=3,
        unit_id=act.district_id,
        post=post,
        crew_id=None,
        person_id=None,
        why_en="",
        why_zh="",
        opened_at=asked_at,
        state_at=asked_at,
        turn=1,
        answer="",
        evidence_id=None,
        result=None,
        cause="",
        clocks=[],
        timeline_count=0,
        timeline_hash=operation_chain.START,
    )


def _reported(
    session: Session, act: Act, draft: requests.RequestDraft, asked_at: dt.datetime
) -> ServiceRequest:
    """Sort a draft, and write it as a request."""
    known = sorted_by(session, act=act, at=asked_at)
    request = blank(
        act,
        kind=draft.kind,
        key=draft.key,
        description=draft.description,
        post=_post(known, draft),
        asked_at=asked_at,
    )
    if draft.item is not None:
        request.taxonomy, request.item = known.name, draft.item
    request.customer, request.contact = draft.customer, draft.contact
    request.address, request.urgency = draft.address, draft.urgency
    request.service_point_id, request.meter_id = draft.service_point_id, draft.meter_id
    request.task_id = draft.task_id
    return request


def _post(known: requests.Taxonomy, draft: requests.RequestDraft) -> str:
    """Name the post that answers for what is asked."""
    if (draft.item is None) is (draft.kind is Kind.complaint):
        raise ItemNeeded(kind=draft.kind)
    if draft.item is None:
        return known.kinds[draft.kind]
    post = next((item.post for item in known.items if item.code == draft.item), None)
    if post is None:
        raise UnknownItem(taxonomy=known.name, item=draft.item)
    return post


def _require_places(session: Session, act: Act, draft: requests.RequestDraft) -> None:
    """Let pass a draft that names only what the district has."""
    within = {"district_id": act.district_id}
    if draft.service_point_id is not None:
        sites.get_service_point(session, **within, service_point_id=draft.service_point_id)
    if draft.meter_id is not None:
        sites.get_meter(session, **within, meter_id=draft.meter_id)
    if draft.task_id is not None:
        tasks.get_task(session, act=act, task_id=draft.task_id)


def _asked_at(draft: requests.RequestDraft, *, act: Act) -> dt.datetime:
    asked_at = draft.asked_at or act.happened.at
    ahead_s = (asked_at - act.received_at).total_seconds()
    if not -AGE_MAX_S <= ahead_s <= AHEAD_MAX_S:
        raise AskedAtOdd(asked_at=base.rfc3339(asked_at), now=base.rfc3339(act.received_at))
    return min(asked_at, act.received_at)

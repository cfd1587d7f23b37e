"""What the office sees of service requests."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy.orm import Session

from api import chains
from api.acts import Act
from api.errors import NotFound
from api.requests import store
from api.requests.models import ServiceRequest
from api.requests.service import timeline
from schemas import requests
from schemas.errors import Words
from schemas.rules.requests import Kind, State
from schemas.tasks import Satisfaction, TaskClock


def list_requests(
    session: Session,
    *,
    act: Act,
    wanted: requests.RequestFilter,
    after: store.Key | None,
    limit: int,
) -> list[requests.ServiceRequest]:
    """List requests by when they were opened."""
    rows = store.page(session, district_id=act.district_id, wanted=wanted, after=after, limit=limit)
    return [view(row) for row in rows]


def get_request(session: Session, *, act: Act, request_id: str) -> ServiceRequest:
    """Get a request to read it.

    Raises:
        NotFound: there is none with this id.
    """
    request = store.find(session, district_id=act.district_id, request_id=request_id)
    if request is None:
        raise NotFound(what="request", id=request_id)
    return request


def list_answers(session: Session, *, district_id: str, ids: Sequence[str]) -> dict[str, str]:
    """List the answers of those of some requests that are settled."""
    return store.list_answers(session, district_id=district_id, ids=ids)


def list_moments(
    session: Session, *, act: Act, request_id: str, after_number: int, limit: int
) -> list[requests.RequestMoment]:
    """List a stretch of a request's timeline, oldest first.

    Raises:
        NotFound: there is none with this id.
    """
    request = get_request(session, act=act, request_id=request_id)
    return timeline.list_moments(session, request=request, after_number=after_number, limit=limit)


def verify(session: Session, *, act: Act, request_id: str) -> chains.Verification:
    """Walk a request's timeline and name the first moment that was changed.

    Raises:
        NotFound: there is none with this id.
    """
    return timeline.verify(session, request=get_request(session, act=act, request_id=request_id))


def view(row: ServiceRequest, *, again: bool = False) -> requests.ServiceRequest:
    """Shape a request."""
    return requests.ServiceRequest(
        id=row.id,
        kind=Kind(row.kind),
        state=State(row.state),
        version=row.version,
        key=row.key,
        reporter_id=row.reporter_id,
        description=row.description,
        taxonomy=row.taxonomy,
        item=row.item,
        customer=row.customer,
        contact=row.contact,
        address=row.address,
        service_point_id=row.service_point_id,
        meter_id=row.meter_id,
        task_id=row.task_id,
        urgency=row.urgency,
        unit_id=row.unit_id,
        post=row.post,
        person_id=row.person_id,
        why=Words(en=row.why_en, zh=row.why_zh),
        opened_at=row.opened_at,
        state_at=row.state_at,
        turn=row.turn,
        answer=row.answer,
        evidence_id=row.evidence_id,
        result=None if row.result is None else Satisfaction(row.result),
        cause=row.cause,
        clocks=msgspec.convert(row.clocks, list[TaskClock]),
        again=again,
    )

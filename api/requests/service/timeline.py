"""The timeline of a request: moments that are only added, each chained to the one before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from sqlalchemy.orm import Session

from api import chains, db
from api.acts import Act
from api.requests import store
from api.requests.models import RequestEvent, ServiceRequest
from schemas import base, requests
from schemas.rules import operation_chain
from schemas.rules.requests import State

ROWS_PER_CHECK: Final = 1_000
CHASE: Final = "chase"
ACTION: Final = "action_set"


def write(
    session: Session,
    *,
    act: Act,
    request: ServiceRequest,
    event: str,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Add a moment to a request's timeline, counted as a change of the request.

    Args:
        session: the unit of work.
        act: who, and when it happened.
        request: as it stands after the moment.
        event: what happened.
        detail: what is worth keeping of it, as plain JSON values.
    """
    moment = requests.RequestMoment(
        number=request.timeline_count + 1,
        id=act.new_id(),
        request_id=request.id,
        event=event,
        state=State(request.state),
        by=act.principal.person_id,
        person_id=request.person_id,
        unit_id=request.unit_id,
        happened_at=act.happened.at,
        received_at=act.received_at,
        detail=dict(detail or {}),
    )
    body = base.encode(moment)
    request.version += 1
    request.timeline_count = moment.number
    request.timeline_hash = operation_chain.extend(request.timeline_hash, body)
    row = {
        "district_id": request.district_id,
        "id": moment.id,
        "request_id": request.id,
        "number": moment.number,
        "body": body,
        "hash": request.timeline_hash,
    }
    db.append(session, RequestEvent, row)


def list_moments(
    session: Session, *, request: ServiceRequest, after_number: int, limit: int
) -> list[requests.RequestMoment]:
    """List a stretch of a request's timeline, oldest first."""
    rows = store.list_events(
        session,
        district_id=request.district_id,
        request_id=request.id,
        after_number=after_number,
        limit=limit,
    )
    return [base.decode(row.body, requests.RequestMoment) for row in rows]


def verify(session: Session, *, request: ServiceRequest) -> chains.Verification:
    """Walk a request's chain and name the first moment that was changed, moved, or taken away."""

    def page(after_number: int) -> Sequence[RequestEvent]:
        return store.list_events(
            session,
            district_id=request.district_id,
            request_id=request.id,
            after_number=after_number,
            limit=ROWS_PER_CHECK,
        )

    return chains.verify(
        page, count=request.timeline_count, head=request.timeline_hash, is_at=_is_at
    )


def _is_at(row: RequestEvent, number: int) -> bool:
    """Tell whether a row stands where its own words say."""
    try:
        moment = base.decode(row.body, requests.RequestMoment)
    except msgspec.DecodeError:
        return False
    written = (moment.request_id, moment.number, moment.id)
    return row.number == number and written == (row.request_id, number, row.id)

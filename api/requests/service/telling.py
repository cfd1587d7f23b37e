"""What a customer hears of a request by text message: that it is taken, and that it is answered."""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act
from api.customer_notices import service as customer_notices
from api.customer_notices.service import Event, Fact
from api.requests.models import ServiceRequest
from schemas.customer_notices import EVERY, CustomerNoticeKind
from schemas.rules.requests import ENDS, Kind
from schemas.tasks import TaskClock


def taken(session: Session, *, act: Act, request: ServiceRequest) -> None:
    """Tell the customer that a request is taken, and by when it is answered."""
    due_at = _due_at(request)
    facts: dict[str, Fact] = {"due": due_at} if due_at is not None else {}
    event = _event(act, request, CustomerNoticeKind.REQUEST_TAKEN, facts)
    customer_notices.tell(session, act=act, event=event)


def answered(session: Session, *, act: Act, request: ServiceRequest) -> None:
    """Tell the customer that a request is answered; what was answered, a person tells them."""
    event = _event(act, request, CustomerNoticeKind.REQUEST_ANSWERED, {})
    customer_notices.tell(session, act=act, event=event)


def over(session: Session, *, act: Act, request: ServiceRequest) -> None:
    """Tell nothing more of a request that was called off."""
    customer_notices.end(session, act=act, about=request.id, kinds=EVERY)


def _event(
    act: Act, request: ServiceRequest, kind: CustomerNoticeKind, facts: dict[str, Fact]
) -> Event:
    return Event(
        kind=kind,
        cause=f"{kind}:{request.id}:{request.turn}",
        subject_id=request.id,
        at=act.happened.at,
        contact=request.contact,
        customer=request.customer,
        facts=facts,
    )


def _due_at(request: ServiceRequest) -> dt.datetime | None:
    """Find by when a request is to be answered."""
    shown = msgspec.convert(request.clocks, list[TaskClock])
    answer = ENDS[Kind(request.kind)]
    due = (clock.due_at for clock in shown if clock.stop_event == answer and not clock.stopped_at)
    return min(due, default=None)

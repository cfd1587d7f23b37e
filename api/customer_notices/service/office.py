"""What the office sees of notices to customers, and what it tells them itself."""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.customer_notices import store
from api.customer_notices.models import CustomerNotice
from api.customer_notices.service import telling
from api.errors import NotFound
from schemas import customer_notices as shapes
from schemas.customer_notices import CustomerNoticeState as State
from schemas.customer_notices import CustomerNoticeWhy as Why
from schemas.errors import Refused


class CustomerNoticeEnded(Refused):
    """The customer knows, or need not know any more. Look at the notice again; nothing to do."""

    code = "customer-notice-ended"
    status = 409
    en = "This notice to a customer has ended: it is {state}."
    zh = "该客户通知已办结：当前状态为 {state}。"


def list_notices(
    session: Session,
    *,
    act: Act,
    state: State | None,
    task_id: str | None,
    before: tuple[dt.datetime, str] | None,
    limit: int,
) -> list[shapes.CustomerNotice]:
    """List a page of the district's notices to customers, the newest first."""
    rows = store.page(
        session,
        district_id=act.district_id,
        state=state,
        task_id=task_id,
        before=before,
        limit=limit,
    )
    return [_view(row) for row in rows]


def record_told(
    session: Session, *, act: Act, notice_id: str, body: shapes.ToldCustomer
) -> shapes.CustomerNotice:
    """Write down that somebody of the office told the customer; no message goes out any more.

    Raises:
        NotFound: there is none with this id.
        CustomerNoticeEnded: it was sent, told or dropped before.
    """
    row = store.find(session, district_id=act.district_id, notice_id=notice_id)
    if row is None:
        raise NotFound(what="notice to a customer", id=notice_id)
    if row.state not in store.OPEN or not telling.drop(
        session, act=act, row=row, why=Why.OVERTAKEN
    ):
        raise CustomerNoticeEnded(state=row.state)
    row.state, row.why = str(State.TOLD), None
    row.remark, row.channel = body.words, str(body.channel)
    row.told_at, row.told_by = act.happened.at, act.principal.person_id
    row.next_at = act.received_at if row.clock_id else None
    detail = {"kind": row.kind, "channel": str(body.channel)}
    crews.audit(session, act=act, what="customer_notice.told", subject_id=row.id, detail=detail)
    return _view(row)


def _view(row: CustomerNotice) -> shapes.CustomerNotice:
    return msgspec.convert(row, shapes.CustomerNotice, from_attributes=True)

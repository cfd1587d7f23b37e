"""The eve of an appointment: the customer is reminded of it, by text message."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from api.acts import Act
from api.appointments.models import Appointment
from api.appointments.service import offering
from api.customer_notices import service as customer_notices
from api.customer_notices.service import Event, Window
from api.promises import service as promises
from schemas.customer_notices import CustomerNoticeKind
from schemas.customer_promises import CustomerPromise
from schemas.rules import quiet_hours


def remind(session: Session, *, act: Act, row: Appointment, promise: CustomerPromise) -> None:
    """Have the customer reminded on the eve; who booked on the eve itself knows anyway."""
    policy = promises.customer_notices(session, district_id=act.district_id, at=act.received_at)
    if policy is None:
        return
    eve = offering.local_day(session, act=act, at=row.from_at) - dt.timedelta(days=1)
    if eve <= offering.local_day(session, act=act, at=act.received_at):
        return
    zone = promises.zone(session, district_id=act.district_id)
    at = quiet_hours.local(eve, dt.time.fromisoformat(policy.remind_at), zone=zone)
    kind = CustomerNoticeKind.APPOINTMENT_TOMORROW
    event = Event(
        kind=kind,
        cause=f"{kind}:{row.id}:{row.from_at:%Y%m%dT%H%M}",
        subject_id=promise.id,
        task_id=promise.task_id,
        promise_id=promise.id,
        at=act.happened.at,
        contact=promise.contact,
        customer=promise.customer,
        go_at=at,
        until=row.from_at,
        facts={"window": Window(row.from_at, row.due_at)},
    )
    customer_notices.tell(session, act=act, event=event)

"""How a slot is given to a customer, exchanged for another with consent, and given back.

Whoever books holds the crew's calendar until it is done, and a constraint sees to it that no seat
is given twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy
import structlog
from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.appointments import store
from api.appointments.models import SEAT_TAKEN, Appointment
from api.appointments.service import offering
from api.crews import service as crews
from api.customer_promises import service as customer_promises
from api.errors import NotFound
from schemas import appointments as shapes
from schemas import customer_promises as promises
from schemas.base import rfc3339
from schemas.errors import Refused
from schemas.rules import slots

Key = store.Key
_log = structlog.get_logger()


class SlotNotOffered(Refused):
    """The crew's calendar has no such slot: see the list of its slots, and choose one."""

    code = "slot-not-offered"
    status = 422
    en = "The calendar of crew {crew_id} has no slot that begins at {from_at}."
    zh = "班组 {crew_id} 的日程中没有 {from_at} 开始的预约时段。"


class SlotFull(Refused):
    """Somebody took the last place of the slot. List the slots again and choose another."""

    code = "slot-full"
    status = 409
    en = "The slot at {from_at} has no place left with crew {crew_id}."
    zh = "班组 {crew_id} 在 {from_at} 的预约时段已满。"


class AppointmentOver(Refused):
    """The appointment was cancelled, or agreed anew outside of its slot. Book a new one."""

    code = "appointment-over"
    status = 409
    en = "The appointment is {state}; book a new one."
    zh = "该预约当前为“{state_zh}”，请重新预约。"


_STATE_ZH = {
    shapes.AppointmentState.CANCELLED: "已取消",
    shapes.AppointmentState.MOVED: "已另行约定",
}


def book(session: Session, *, act: Act, draft: shapes.AppointmentDraft) -> shapes.Appointment:
    """Give a slot to a customer; from then on it is a promise.

    Raises:
        NotFound: there is no such crew, order or service point.
        CrewDisbanded: the crew was disbanded.
        SlotNotOffered: its calendar has no such slot.
        SlotFull: the slot has no place left.
        OrderDone: the order has ended.
    """
    slot, seat = _take_seat(session, act, draft.crew_id, draft.from_at)
    promise = customer_promises.give(
        session, act=act, draft=_promise(draft, slot), crew_id=draft.crew_id
    )
    row = Appointment(
        district_id=act.district_id,
        id=act.new_id(),
        promise_id=promise.id,
        crew_id=draft.crew_id,
        from_at=slot.from_at,
        due_at=slot.due_at,
        seat=seat,
        booked_by=act.principal.person_id,
        booked_at=act.happened.at,
        cancelled_at=None,
    )
    _seat(session, row)
    _log.info("appointment.booked", appointment_id=row.id, crew_id=row.crew_id)
    return _audited(session, act, row, "appointment.booked")


def move(
    session: Session, *, act: Act, appointment_id: str, body: shapes.Moved
) -> shapes.Appointment:
    """Exchange an appointment's slot for another, with the customer's consent, before it is due.

    Raises:
        NotFound: there is no such appointment, or no such crew.
        AppointmentOver: it was cancelled, or agreed anew outside of its slot.
        CrewDisbanded: the crew was disbanded.
        SlotNotOffered: its calendar has no such slot.
        SlotFull: the slot has no place left.
        PromiseOver: the appointment was due already.
        PromiseSettled: the crew has been there.
        ReasonNotConcrete: the reason says nothing.
    """
    row = _get_booked(session, act, appointment_id, also_crew_id=body.crew_id)
    row.seat = None
    session.flush()
    slot, seat = _take_seat(session, act, body.crew_id, body.from_at)
    agreed = promises.AgreedAnew(
        channel=body.channel,
        from_at=slot.from_at,
        due_at=slot.due_at,
        words=body.words,
        consent=body.consent,
        why=body.why,
    )
    customer_promises.agree(
        session, act=act, promise_id=row.promise_id, body=agreed, crew_id=body.crew_id
    )
    row.crew_id, row.from_at, row.due_at, row.seat = body.crew_id, slot.from_at, slot.due_at, seat
    _seat(session, row)
    return _audited(session, act, row, "appointment.moved")


def cancel(
    session: Session, *, act: Act, appointment_id: str, body: shapes.AppointmentCancelled
) -> shapes.Appointment:
    """Give a slot back, because nobody needs to come; before it is due.

    Raises:
        NotFound: there is no such appointment.
        AppointmentOver: it was cancelled, or agreed anew outside of its slot.
        ReasonNotConcrete: the reason says nothing.
        PromiseOver: it was due already; broken stays broken.
        PromiseSettled: the crew has been there.
    """
    row = _get_booked(session, act, appointment_id)
    why = promises.Withdrawn(why=body.why)
    customer_promises.withdraw(session, act=act, promise_id=row.promise_id, body=why)
    row.seat, row.cancelled_at = None, act.happened.at
    return _audited(session, act, row, "appointment.cancelled")


def get_appointment(session: Session, *, act: Act, appointment_id: str) -> shapes.Appointment:
    """Get one appointment with its promise.

    Raises:
        NotFound: there is none with this id.
    """
    row = store.find_appointment(
        session, district_id=act.district_id, appointment_id=appointment_id
    )
    if row is None:
        raise _not_found(appointment_id)
    return _views(session, act, [row])[0]


def list_appointments(
    session: Session,
    *,
    act: Act,
    crew_id: str | None,
    after: dt.datetime | None,
    before: dt.datetime | None,
    behind: Key | None,
    limit: int,
) -> list[shapes.Appointment]:
    """List appointments by when their slots begin; None asks for all."""
    rows = store.list_appointments(
        session,
        district_id=act.district_id,
        crew_id=crew_id,
        between=(after, before),
        behind=behind,
        limit=limit,
    )
    return _views(session, act, rows)


def _take_seat(
    session: Session, act: Act, crew_id: str, from_at: dt.datetime
) -> tuple[slots.Slot, int]:
    """Find the lowest free seat of a slot; nobody else looks until this unit of work ends."""
    crews.lock_living(session, district_id=act.district_id, crew_id=crew_id)
    day = offering.local_day(session, act=act, at=from_at)
    free = offering.list_free(session, act=act, crew_id=crew_id, days=[day])
    found = next((each for each in free if each.slot.from_at == from_at), None)
    told = {"crew_id": crew_id, "from_at": rfc3339(from_at)}
    if found is None:
        raise SlotNotOffered(**told)
    if not found.seats:
        raise SlotFull(**told)
    _free_stale(session, act, crew_id, found.slot)
    return found.slot, found.seats[0]


def _free_stale(session: Session, act: Act, crew_id: str, slot: slots.Slot) -> None:
    """Take the seats of a slot from appointments that were agreed anew outside of it."""
    held = {
        each.id
        for each in offering.list_held(
            session, act=act, crew_id=crew_id, start=slot.from_at, end=slot.due_at
        )
    }
    for row in store.list_seated(
        session, district_id=act.district_id, crew_id=crew_id, start=slot.from_at, end=slot.due_at
    ):
        if row.id not in held:
            row.seat = None
    session.flush()


def _seat(session: Session, row: Appointment) -> None:
    """Write an appointment with its seat.

    Raises:
        SlotFull: somebody has the seat, whatever was seen before.
    """
    try:
        with db.savepoint(session):
            session.add(row)
    except sqlalchemy.exc.IntegrityError as error:
        if SEAT_TAKEN not in str(error.orig) and "appointments.seat" not in str(error.orig):
            raise
        raise SlotFull(crew_id=row.crew_id, from_at=rfc3339(row.from_at)) from error


def _get_booked(
    session: Session, act: Act, appointment_id: str, *, also_crew_id: str | None = None
) -> Appointment:
    """Get an appointment that still holds; the calendars of its crews are locked in order."""
    found = store.find_appointment(
        session, district_id=act.district_id, appointment_id=appointment_id
    )
    if found is None:
        raise _not_found(appointment_id)
    for crew_id in sorted({found.crew_id, also_crew_id or found.crew_id}):
        crews.lock_living(session, district_id=act.district_id, crew_id=crew_id)
    row = store.lock_appointment(
        session, district_id=act.district_id, appointment_id=appointment_id
    )
    assert row is not None, "an appointment is never deleted"
    (shown,) = _views(session, act, [row])
    if shown.state is not shapes.AppointmentState.BOOKED:
        raise AppointmentOver(state=shown.state, state_zh=_STATE_ZH[shown.state])
    return row


def _promise(draft: shapes.AppointmentDraft, slot: slots.Slot) -> promises.PromiseDraft:
    return promises.PromiseDraft(
        customer=draft.customer,
        contact=draft.contact,
        channel=draft.channel,
        from_at=slot.from_at,
        due_at=slot.due_at,
        words=draft.words,
        task_id=draft.task_id,
        service_point_id=draft.service_point_id,
    )


def _audited(session: Session, act: Act, row: Appointment, what: str) -> shapes.Appointment:
    detail = {"crew_id": row.crew_id, "promise_id": row.promise_id}
    crews.audit(session, act=act, what=what, subject_id=row.id, detail=detail)
    return _views(session, act, [row])[0]


def _views(session: Session, act: Act, rows: Sequence[Appointment]) -> list[shapes.Appointment]:
    """Show appointments with their promises as they stand in this unit of work."""
    known = customer_promises.views_of(
        session, district_id=act.district_id, ids=[row.promise_id for row in rows]
    )
    return [_view(row, known[row.promise_id]) for row in rows]


def _view(row: Appointment, promise: promises.CustomerPromise) -> shapes.Appointment:
    state = shapes.AppointmentState.BOOKED
    if row.cancelled_at is not None:
        state = shapes.AppointmentState.CANCELLED
    elif not offering.holds(row, promise):
        ended = promise.ending is promises.Ending.WITHDRAWN
        state = shapes.AppointmentState.CANCELLED if ended else shapes.AppointmentState.MOVED
    return shapes.Appointment(
        id=row.id,
        crew_id=row.crew_id,
        from_at=row.from_at,
        due_at=row.due_at,
        state=state,
        booked_by=row.booked_by,
        booked_at=row.booked_at,
        promise=promise,
    )


def _not_found(appointment_id: str) -> NotFound:
    return NotFound(what="appointment", id=appointment_id)

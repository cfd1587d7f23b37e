"""Questions of appointments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session

from api import columns
from api.appointments.models import Appointment, CrewDayOff

SEATED_MAX: Final = 10_000
DAYS_OFF_MAX: Final = 1_000


class Key(NamedTuple):
    """Where a page starts: behind this appointment."""

    from_at: dt.datetime
    id: str


def lock_appointment(
    session: Session, *, district_id: str, appointment_id: str
) -> Appointment | None:
    """Find an appointment, and keep it from others until the work is done."""
    return session.get(Appointment, (district_id, appointment_id), with_for_update=True)


def find_appointment(
    session: Session, *, district_id: str, appointment_id: str
) -> Appointment | None:
    """Find an appointment by its id."""
    return session.get(Appointment, (district_id, appointment_id))


def list_appointments(
    session: Session,
    *,
    district_id: str,
    crew_id: str | None,
    between: tuple[dt.datetime | None, dt.datetime | None],
    behind: Key | None,
    limit: int,
) -> Sequence[Appointment]:
    """List appointments by when their slots begin."""
    question = select(Appointment).where(Appointment.district_id == district_id)
    after, before = between
    if crew_id is not None:
        question = question.where(Appointment.crew_id == crew_id)
    if after is not None:
        question = question.where(Appointment.from_at >= after)
    if before is not None:
        question = question.where(Appointment.from_at < before)
    if behind is not None:
        place = tuple_(Appointment.from_at, Appointment.id)
        start = tuple_(literal(behind.from_at, columns.InstantType()), literal(behind.id))
        question = question.where(place > start)
    ordered = question.order_by(Appointment.from_at, Appointment.id)
    return session.scalars(ordered.limit(limit)).all()


def list_seated(
    session: Session, *, district_id: str, crew_id: str, start: dt.datetime, end: dt.datetime
) -> Sequence[Appointment]:
    """List the appointments that take a seat in the slots of a crew that begin in a stretch."""
    question = (
        select(Appointment)
        .where(
            Appointment.district_id == district_id,
            Appointment.crew_id == crew_id,
            Appointment.seat.is_not(None),
            Appointment.from_at >= start,
            Appointment.from_at < end,
        )
        .order_by(Appointment.from_at, Appointment.seat)
        .limit(SEATED_MAX)
    )
    return session.scalars(question).all()


def find_day_off(
    session: Session, *, district_id: str, crew_id: str, day: dt.date
) -> CrewDayOff | None:
    """Find a day off of a crew."""
    return session.get(CrewDayOff, (district_id, crew_id, day.isoformat()))


def list_days_off(
    session: Session, *, district_id: str, crew_id: str, since: dt.date
) -> Sequence[CrewDayOff]:
    """List the days on which a crew does not come, from a day on."""
    question = (
        select(CrewDayOff)
        .where(
            CrewDayOff.district_id == district_id,
            CrewDayOff.crew_id == crew_id,
            CrewDayOff.day >= since.isoformat(),
        )
        .order_by(CrewDayOff.day)
        .limit(DAYS_OFF_MAX)
    )
    return session.scalars(question).all()

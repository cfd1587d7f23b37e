"""What a crew's calendar offers: working days, shifts, days off, and what is booked already."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from api.acts import Act
from api.appointments import store
from api.appointments.models import Appointment, CrewDayOff
from api.crews import service as crews
from api.customer_promises import service as customer_promises
from api.promises import service as promises
from api.reasons import require_concrete
from schemas import appointments as shapes
from schemas.customer_promises import CustomerPromise, Ending
from schemas.promises import PolicyAppointments
from schemas.rules import slots


class Free(NamedTuple):
    """A slot and the seats that are still free in it."""

    slot: slots.Slot
    seats: tuple[int, ...]


def list_slots(
    session: Session, *, act: Act, crew_id: str, since: dt.date | None, days: int
) -> shapes.SlotList:
    """List the slots of a crew that can still be given away.

    Args:
        session: the unit of work.
        act: who asks, and when.
        crew_id: whose calendar.
        since: the first local day; today by default.
        days: how many days, 1 to `appointments.DAYS_MAX`.

    Raises:
        NotFound: there is no such crew.
        CrewDisbanded: it was disbanded.
    """
    crews.get_living(session, district_id=act.district_id, crew_id=crew_id)
    first = since or _today(session, act)
    wanted = [first + dt.timedelta(days=step) for step in range(days)]
    free = list_free(session, act=act, crew_id=crew_id, days=wanted)
    return shapes.SlotList(
        items=[
            shapes.OfferedSlot(
                crew_id=crew_id, from_at=slot.from_at, due_at=slot.due_at, left=len(seats)
            )
            for slot, seats in free
            if seats
        ]
    )


def list_free(session: Session, *, act: Act, crew_id: str, days: Sequence[dt.date]) -> list[Free]:
    """List the slots that a crew's calendar has on some days, each with its free seats."""
    policy = promises.appointments(session, district_id=act.district_id, at=act.happened.at)
    last = _today(session, act) + dt.timedelta(days=policy.ahead_days_max)
    days = [day for day in days if day <= last]
    if not days:
        return []
    district_id = act.district_id
    off = store.list_days_off(session, district_id=district_id, crew_id=crew_id, since=days[0])
    calendar = promises.work_calendar(session, district_id=district_id)
    start, end = _span(days, calendar.zone)
    shifts = crews.shifts_between(
        session, district_id=district_id, crew_id=crew_id, start=start, end=end
    )
    found = slots.slots(
        days,
        now=act.happened.at,
        pattern=_pattern(policy),
        calendar=calendar,
        duty=[slots.Duty(shift.starts_at, shift.ends_at) for shift in shifts],
        days_off=frozenset(dt.date.fromisoformat(each.day) for each in off),
    )
    held = list_held(session, act=act, crew_id=crew_id, start=start, end=end)
    return [Free(slot, _free_seats(slot, held, policy.capacity)) for slot in found]


def list_held(
    session: Session, *, act: Act, crew_id: str, start: dt.datetime, end: dt.datetime
) -> list[Appointment]:
    """List the appointments whose promise still is their slot; the others have freed theirs."""
    seated = store.list_seated(
        session, district_id=act.district_id, crew_id=crew_id, start=start, end=end
    )
    known = customer_promises.views_of(
        session, district_id=act.district_id, ids=[each.promise_id for each in seated]
    )
    return [each for each in seated if holds(each, known[each.promise_id])]


def holds(appointment: Appointment, promise: CustomerPromise) -> bool:
    """Tell whether an appointment's promise still is its slot."""
    window = next(each for each in reversed(promise.windows) if each.ending is not Ending.OVERTAKEN)
    told = (window.from_at, window.due_at) == (appointment.from_at, appointment.due_at)
    return told and window.ending is not Ending.WITHDRAWN


def local_day(session: Session, *, act: Act, at: dt.datetime) -> dt.date:
    """Tell the district's own day of an instant."""
    calendar = promises.work_calendar(session, district_id=act.district_id)
    return at.astimezone(zoneinfo.ZoneInfo(calendar.zone)).date()


def list_days_off(session: Session, *, act: Act, crew_id: str) -> shapes.DayOffList:
    """List the days on which a crew does not come, from today on.

    Raises:
        NotFound: there is no such crew.
    """
    crews.get_crew(session, district_id=act.district_id, crew_id=crew_id)
    rows = store.list_days_off(
        session, district_id=act.district_id, crew_id=crew_id, since=_today(session, act)
    )
    items = [shapes.DayOff(day=dt.date.fromisoformat(row.day), why=row.why) for row in rows]
    return shapes.DayOffList(items=items)


def take_day_off(
    session: Session, *, act: Act, crew_id: str, day: dt.date, body: shapes.DayOffReason
) -> shapes.DayOffList:
    """Offer no slots of a crew on a day; what is booked already stays promised.

    Raises:
        NotFound: there is no such crew.
        CrewDisbanded: it was disbanded.
        ReasonNotConcrete: the reason says nothing.
    """
    crews.get_living(session, district_id=act.district_id, crew_id=crew_id)
    require_concrete(body.why)
    row = store.find_day_off(session, district_id=act.district_id, crew_id=crew_id, day=day)
    if row is None:
        row = CrewDayOff(district_id=act.district_id, crew_id=crew_id, day=day.isoformat())
        session.add(row)
    row.why, row.by, row.at = body.why, act.principal.person_id, act.happened.at
    detail = {"day": day.isoformat()}
    crews.audit(session, act=act, what="crew.day_off", subject_id=crew_id, detail=detail)
    session.flush()
    return list_days_off(session, act=act, crew_id=crew_id)


def work_day_off(session: Session, *, act: Act, crew_id: str, day: dt.date) -> None:
    """Offer the slots of a day again.

    Raises:
        NotFound: there is no such crew.
    """
    crews.get_crew(session, district_id=act.district_id, crew_id=crew_id)
    row = store.find_day_off(session, district_id=act.district_id, crew_id=crew_id, day=day)
    if row is None:
        return
    session.delete(row)
    detail = {"day": day.isoformat()}
    crews.audit(session, act=act, what="crew.day_worked", subject_id=crew_id, detail=detail)


def _free_seats(slot: slots.Slot, held: Sequence[Appointment], capacity: int) -> tuple[int, ...]:
    """List the seats of a slot that nobody has; one that laps over from another slot takes one."""
    taken = {each.seat for each in held if each.from_at == slot.from_at}
    lapping = sum(
        each.from_at != slot.from_at and each.from_at < slot.due_at and slot.from_at < each.due_at
        for each in held
    )
    seats = [seat for seat in range(capacity) if seat not in taken]
    return tuple(seats[: max(len(seats) - lapping, 0)])


def _pattern(policy: PolicyAppointments) -> slots.Pattern:
    return slots.Pattern(
        tuple(map(dt.time.fromisoformat, policy.starts)),
        slot_min=policy.slot_min,
        lead_min=policy.lead_min,
    )


def _today(session: Session, act: Act) -> dt.date:
    return local_day(session, act=act, at=act.happened.at)


def _span(days: Sequence[dt.date], zone: str) -> tuple[dt.datetime, dt.datetime]:
    """Give the instants between which local days lie, and the day before for what laps over."""
    local = zoneinfo.ZoneInfo(zone)
    start = dt.datetime.combine(days[0] - dt.timedelta(days=1), dt.time(), tzinfo=local)
    end = dt.datetime.combine(days[-1] + dt.timedelta(days=1), dt.time(), tzinfo=local)
    return start.astimezone(dt.UTC), end.astimezone(dt.UTC)

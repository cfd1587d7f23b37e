"""Promises to customers and their appointments, each on the order by which crew 2 keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest
from sqlalchemy.orm import Session

from api import acts
from api.appointments import service as appointments
from api.appointments.models import Appointment
from api.customer_promises import service as promises
from api.customer_promises.models import CustomerPromise
from schemas import appointments as slots
from schemas import customer_promises as shapes
from schemas.rules.windows import Aim
from tests.month.deeds import DISTRICT, Deed, by_crew, contact, office, wall
from tests.month.repairs import Repair

CREW: Final = "crew-2"
FLOOD: Final = "the river road is flooded since six in the morning"
LATE: Final = "two streets are dark before yours; the crew comes after half past two"


def all_of_them() -> Iterator[Deed]:
    """Tell of the month's promises to customers."""
    yield from _booked_and_kept()
    yield from _moved_and_kept()
    yield from _cancelled()
    yield from _foreseen_and_broken()
    yield from _settled_late()
    yield from _agreed_at_the_door()
    yield from _told_and_broken()


def _booked_and_kept() -> Iterator[Deed]:
    """Book the worked Saturday; a day of the holidays is nobody's to give away."""
    yield office("2025-09-30 10:00", _holiday_refused)
    yield from _booked("li-hua", "2025-10-09 10:00", "2025-10-11 08:30")
    yield from _visited("li-hua", "2025-10-11 08:00", arrived=40)


def _moved_and_kept() -> Iterator[Deed]:
    """Move an appointment with consent, before it is due."""
    yield from _booked("wang-fang", "2025-10-09 10:10", "2025-10-10 14:30")
    yield office("2025-10-10 08:00", _move)
    yield from _visited("wang-fang", "2025-10-13 08:20", arrived=40)


def _cancelled() -> Iterator[Deed]:
    """Give a place back that nobody needs any more."""
    yield from _booked("zhao-min", "2025-10-09 10:20", "2025-10-14 10:30")
    yield office("2025-10-13 15:00", _cancel)


def _foreseen_and_broken() -> Iterator[Deed]:
    """See by the queue that a promise cannot be met, and tell the customer at once."""
    yield from Repair(id="first-street", crew_id=CREW, arrived=8, restored=38, finished=46).told(
        "2025-10-23 13:00"
    )
    yield from Repair(id="next-street", crew_id=CREW, arrived=43).told("2025-10-23 13:05")
    yield from Repair(id="chen-jie", crew_id=CREW, arrived=85, contacts=(46, 61)).told(
        "2025-10-23 13:10"
    )
    yield _given("chen-jie", "2025-10-23 13:10", due="2025-10-23 14:10")
    yield _told("chen-jie", "2025-10-23 13:30", LATE)


def _settled_late() -> Iterator[Deed]:
    """Let a crew be there in time, and be silent until the promise is long due."""
    dark = Repair(id="sun-tao", crew_id=CREW, arrived=38, heard=125)
    yield from dark.told("2025-10-27 08:00")
    yield _given("sun-tao", "2025-10-27 08:00", due="2025-10-27 09:30")


def _agreed_at_the_door() -> Iterator[Deed]:
    """Agree anew before it is due, without signal: the consent counts from when it was given."""
    yield from Repair(id="gao-yan", crew_id=CREW, arrived=20, restored=165).told("2025-10-28 14:00")
    yield _given("gao-yan", "2025-10-28 14:25", due="2025-10-28 15:30", aim=Aim.restore)
    act = by_crew(CREW, wall("2025-10-28 15:00"), heard_at=wall("2025-10-28 16:15"))
    yield Deed(act.received_at, lambda session: _agree(session, act))


def _told_and_broken() -> Iterator[Deed]:
    """Tell a customer who waits that nobody comes today; the crew comes the next morning."""
    yield from _booked("zhou-lei", "2025-10-29 10:00", "2025-10-30 14:30")
    yield _told("zhou-lei", "2025-10-30 15:00", FLOOD)
    yield contact(CREW, wall("2025-10-30 16:31"))
    yield from _visited("zhou-lei", "2025-10-31 09:00", arrived=30)


def _booked(customer: str, at: str, slot: str) -> Iterator[Deed]:
    draft = _draft(customer, slot)
    yield office(at, lambda session, act: appointments.book(session, act=act, draft=draft))


def _visited(customer: str, at: str, *, arrived: float) -> Iterator[Deed]:
    """Open the order of an appointment when its crew sets out."""
    yield from Repair(id=customer, crew_id=CREW, arrived=arrived).told(at)
    body = shapes.Attached(task_id=customer)
    yield office(
        at,
        lambda session, act: promises.attach(
            session, act=act, promise_id=_promise(session, customer).id, body=body
        ),
    )


def _given(customer: str, at: str, *, due: str, aim: Aim = Aim.arrive) -> Deed:
    """Promise something on the order that is named for its customer."""
    draft = shapes.PromiseDraft(
        customer=customer, aim=aim, due_at=wall(due), words=f"until {due}", task_id=customer
    )
    return office(at, lambda session, act: promises.give(session, act=act, draft=draft))


def _told(customer: str, at: str, words: str) -> Deed:
    body = shapes.Told(customer=customer, words=words)
    return office(
        at,
        lambda session, act: promises.tell(
            session, act=act, promise_id=_promise(session, customer).id, body=body
        ),
    )


def _holiday_refused(session: Session, act: acts.Act) -> None:
    draft = _draft("li-hua", "2025-10-08 14:30")
    with pytest.raises(appointments.SlotNotOffered):
        appointments.book(session, act=act, draft=draft)


def _move(session: Session, act: acts.Act) -> None:
    body = slots.Moved(
        crew_id=CREW,
        from_at=wall("2025-10-13 08:30"),
        words="On Monday between half past eight and half past ten.",
        consent=shapes.Consent(name="wang-fang"),
        why=FLOOD,
    )
    found = _appointment(session, "wang-fang")
    appointments.move(session, act=act, appointment_id=found.id, body=body)


def _cancel(session: Session, act: acts.Act) -> None:
    body = slots.AppointmentCancelled(why="the customer has repaired the socket herself")
    found = _appointment(session, "zhao-min")
    appointments.cancel(session, act=act, appointment_id=found.id, body=body)


def _agree(session: Session, act: acts.Act) -> None:
    body = shapes.PromiseReagreed(
        promise_id=_promise(session, "gao-yan").id,
        due_at=wall("2025-10-28 17:00"),
        words="By five, with the part from the depot.",
        consent=shapes.Consent(name="gao-yan"),
        why="the fuse carrier is cracked, the depot sends another",
    )
    promises.reagree(session, act=act, subject_id="gao-yan", body=body)


def _draft(customer: str, slot: str) -> slots.AppointmentDraft:
    return slots.AppointmentDraft(
        crew_id=CREW, from_at=wall(slot), customer=customer, words="The crew comes in this slot."
    )


def _promise(session: Session, customer: str) -> CustomerPromise:
    return session.query(CustomerPromise).filter_by(district_id=DISTRICT, customer=customer).one()


def _appointment(session: Session, customer: str) -> Appointment:
    promise_id = _promise(session, customer).id
    found = session.query(Appointment).filter_by(district_id=DISTRICT, promise_id=promise_id)
    return found.one()

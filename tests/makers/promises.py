"""Promises for tests: acts at an instant, subjects, and clocks that run on them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from api.acts import Act, Happened, Principal, system
from api.promises import models, service
from api.supervision.models import Case
from schemas.crews import Role
from tests.makers import sites

DISTRICT = sites.DISTRICT
OPENED_AT = dt.datetime(2026, 11, 23, 0, 0, tzinfo=dt.UTC)
"""A Monday, 08:00 in Haikou."""


def minute(number: float) -> dt.datetime:
    """Give the instant so many minutes after the work was opened."""
    return OPENED_AT + dt.timedelta(minutes=number)


def act(
    *,
    at: dt.datetime = OPENED_AT,
    heard_at: dt.datetime | None = None,
    error_s: float = 0.0,
    suspect: bool = False,
    person_id: str = "li",
    district_id: str = DISTRICT,
    based_on: int | None = None,
) -> Act:
    """Make an act that happened at `at` and was heard of then, or later."""
    principal = Principal(
        person_id=person_id,
        roles=frozenset({Role.LINEMAN}),
        district_id=district_id,
        unit_path=f"/hq/hainan/haikou/{district_id}",
    )
    happened = Happened(at=at, error_s=error_s, suspect=suspect)
    return Act(
        principal=principal, happened=happened, received_at=heard_at or at, based_on=based_on
    )


def job(*, at: dt.datetime, district_id: str = DISTRICT) -> Act:
    """Make the act of the job that watches promises."""
    return system(district_id=district_id, now=at, job="flag_overdue")


def subject(
    subject_id: str = "order-1",
    *,
    kind: str = "repair",
    area_class: str | None = "urban",
    urgency: int = 3,
    crew_id: str | None = None,
    person_id: str | None = None,
) -> service.Subject:
    """Describe a piece of work; urban by default, so that its crew has 45 minutes to arrive."""
    return service.Subject(
        id=subject_id,
        kind=kind,
        area_class=area_class,
        urgency=urgency,
        crew_id=crew_id,
        person_id=person_id,
    )


def opened(
    session: Session,
    subject_id: str = "order-1",
    *,
    at: dt.datetime = OPENED_AT,
    district_id: str = DISTRICT,
    **about: str | None,
) -> service.Subject:
    """Open a repair at `at`, so that its clocks run."""
    work = subject(subject_id, **about)  # type: ignore[arg-type]  # each is text or None here
    service.note(
        session, act=act(at=at, district_id=district_id), subject=work, event=service.REPORT
    )
    return work


def clock(
    session: Session,
    subject_id: str = "order-1",
    *,
    kind: str = "arrive",
    turn: int = 1,
    district_id: str = DISTRICT,
) -> models.Clock:
    """Get one clock of a subject as the database has it."""
    session.flush()
    found = session.query(models.Clock).filter_by(
        district_id=district_id, subject_id=subject_id, kind=kind, round=turn
    )
    return found.one()


def causes(session: Session, of: models.Clock) -> list[str]:
    """List why each line stands in a clock's ledger, in order."""
    rows = session.query(models.ClockMoment).filter_by(district_id=of.district_id, clock_id=of.id)
    return [row.cause for row in rows.order_by(models.ClockMoment.heard_at, models.ClockMoment.id)]


def cases(session: Session) -> list[Case]:
    """List every supervision case."""
    return list(session.query(Case).order_by(Case.id))

"""Questions about notices to customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import delete, or_, select, tuple_, update
from sqlalchemy.orm import Session

from api import db
from api.customer_notices.models import CustomerNotice
from schemas.customer_notices import CustomerNoticeState as State

OPEN: Final = tuple(map(str, (State.WAITING, State.HANDED, State.NO_GATEWAY, State.BY_TELEPHONE)))
"""States of notices that may still be told."""
_ENDED: Final = tuple(map(str, (State.SENT, State.TOLD, State.DROPPED)))
PER_ORDER_MAX: Final = 1_000


def add(session: Session, row: Mapping[str, object]) -> bool:
    """Write a notice, unless this customer is told of this cause already; tell whether it is new.

    Whoever else writes the same at this moment is waited for.
    """
    into = db.insert_into(session, CustomerNotice).values(**row).on_conflict_do_nothing()
    return session.scalars(into.returning(CustomerNotice.id)).first() is not None


def find(session: Session, *, district_id: str, notice_id: str) -> CustomerNotice | None:
    """Find a notice by its id, and hold it."""
    return session.get(CustomerNotice, (district_id, notice_id), with_for_update=True)


def is_any_due(session: Session, *, district_id: str, now: dt.datetime) -> bool:
    """Tell whether there is anything to look at."""
    question = select(CustomerNotice.id).where(
        CustomerNotice.district_id == district_id, CustomerNotice.next_at <= now
    )
    return session.scalars(question.limit(1)).first() is not None


def claim_due(
    session: Session, *, district_id: str, now: dt.datetime, limit: int
) -> Sequence[CustomerNotice]:
    """Take what is to be looked at, the longest waiting first; what another holds is left to it."""
    question = (
        select(CustomerNotice)
        .where(CustomerNotice.district_id == district_id, CustomerNotice.next_at <= now)
        .order_by(CustomerNotice.next_at, CustomerNotice.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(question).all()


def lock_open(
    session: Session,
    *,
    district_id: str,
    about: str,
    kinds: Collection[str],
) -> Sequence[CustomerNotice]:
    """Find what may still be told about a promise or a request, or about an order and its promises.

    They are held until the work is done.
    """
    question = (
        select(CustomerNotice)
        .where(
            CustomerNotice.district_id == district_id,
            or_(CustomerNotice.subject_id == about, CustomerNotice.task_id == about),
            CustomerNotice.kind.in_(kinds),
            CustomerNotice.state.in_(OPEN),
        )
        .order_by(CustomerNotice.id)
        .limit(PER_ORDER_MAX)
        .with_for_update()
    )
    return session.scalars(question).all()


def list_of_task(session: Session, *, district_id: str, task_id: str) -> Sequence[CustomerNotice]:
    """List what customers were or are to be told about an order, the oldest first."""
    question = (
        select(CustomerNotice)
        .where(CustomerNotice.district_id == district_id, CustomerNotice.task_id == task_id)
        .order_by(CustomerNotice.id)
        .limit(PER_ORDER_MAX)
    )
    return session.scalars(question).all()


def attach(session: Session, *, district_id: str, promise_id: str, task_id: str) -> None:
    """Let what is about a promise be about its order as well."""
    session.execute(
        update(CustomerNotice)
        .where(CustomerNotice.district_id == district_id, CustomerNotice.subject_id == promise_id)
        .values(task_id=task_id)
    )


def find_receiver(session: Session, *, district_id: str, number: str) -> str | None:
    """Find the name by which the outbox knows a number."""
    question = (
        select(CustomerNotice.receiver)
        .where(
            CustomerNotice.district_id == district_id,
            CustomerNotice.who == number,
            CustomerNotice.receiver != "",
        )
        .limit(1)
    )
    return session.scalars(question).first()


def page(
    session: Session,
    *,
    district_id: str,
    state: str | None,
    task_id: str | None,
    before: tuple[dt.datetime, str] | None,
    limit: int,
) -> Sequence[CustomerNotice]:
    """List notices, the newest first, of one state or one order if named."""
    question = select(CustomerNotice).where(CustomerNotice.district_id == district_id)
    if state is not None:
        question = question.where(CustomerNotice.state == state)
    if task_id is not None:
        question = question.where(CustomerNotice.task_id == task_id)
    if before is not None:
        question = question.where(tuple_(CustomerNotice.made_at, CustomerNotice.id) < before)
    ordered = question.order_by(CustomerNotice.made_at.desc(), CustomerNotice.id.desc())
    return session.scalars(ordered.limit(limit)).all()


def forget(session: Session, *, district_id: str, before: dt.datetime, limit: int) -> int:
    """Delete notices that were made before an instant and need nothing more; tell how many."""
    old = (
        select(CustomerNotice.id)
        .where(
            CustomerNotice.district_id == district_id,
            CustomerNotice.made_at < before,
            or_(CustomerNotice.state.in_(_ENDED), CustomerNotice.use_until < before),
            CustomerNotice.next_at.is_(None),
        )
        .order_by(CustomerNotice.made_at)
        .limit(limit)
    )
    gone = session.scalars(
        delete(CustomerNotice)
        .where(CustomerNotice.district_id == district_id, CustomerNotice.id.in_(old))
        .returning(CustomerNotice.id)
    )
    return len(gone.all())

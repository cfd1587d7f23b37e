"""Questions of promises to customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session

from api import columns
from api.customer_promises.models import CustomerPromise, PromiseWindow, Telling

WINDOWS_MAX: Final = 100_000
TELLINGS_MAX: Final = 100_000


class Key(NamedTuple):
    """Where a page starts: behind this promise."""

    due_at: dt.datetime
    id: str


def find_promise(session: Session, *, district_id: str, promise_id: str) -> CustomerPromise | None:
    """Find a promise by its id."""
    return session.get(CustomerPromise, (district_id, promise_id))


def lock_promise(session: Session, *, district_id: str, promise_id: str) -> CustomerPromise | None:
    """Find a promise, and keep it from others until the work is done."""
    return session.get(CustomerPromise, (district_id, promise_id), with_for_update=True)


def list_promises(
    session: Session,
    *,
    district_id: str,
    task_id: str | None,
    service_point_id: str | None,
    due_before: dt.datetime | None,
    behind: Key | None,
    limit: int,
) -> Sequence[CustomerPromise]:
    """List promises by the end of the window that holds."""
    question = select(CustomerPromise).where(CustomerPromise.district_id == district_id)
    if task_id is not None:
        question = question.where(CustomerPromise.task_id == task_id)
    if service_point_id is not None:
        question = question.where(CustomerPromise.service_point_id == service_point_id)
    if due_before is not None:
        question = question.where(CustomerPromise.due_at < due_before)
    if behind is not None:
        place = tuple_(CustomerPromise.due_at, CustomerPromise.id)
        start = tuple_(literal(behind.due_at, columns.InstantType()), literal(behind.id))
        question = question.where(place > start)
    ordered = question.order_by(CustomerPromise.due_at, CustomerPromise.id)
    return session.scalars(ordered.limit(limit)).all()


def list_by_ids(
    session: Session, *, district_id: str, ids: Collection[str]
) -> Sequence[CustomerPromise]:
    """List some promises by their ids."""
    question = select(CustomerPromise).where(
        CustomerPromise.district_id == district_id, CustomerPromise.id.in_(ids)
    )
    return session.scalars(question).all()


def list_windows(
    session: Session, *, district_id: str, promise_ids: Collection[str]
) -> Sequence[PromiseWindow]:
    """List the windows of some promises in the order in which they were heard."""
    question = (
        select(PromiseWindow)
        .where(PromiseWindow.district_id == district_id, PromiseWindow.promise_id.in_(promise_ids))
        .order_by(PromiseWindow.promise_id, PromiseWindow.number)
        .limit(WINDOWS_MAX)
    )
    return session.scalars(question).all()


def list_tellings(
    session: Session, *, district_id: str, promise_ids: Collection[str]
) -> Sequence[Telling]:
    """List what customers were told about some promises, oldest first."""
    question = (
        select(Telling)
        .where(Telling.district_id == district_id, Telling.promise_id.in_(promise_ids))
        .order_by(Telling.promise_id, Telling.at, Telling.id)
        .limit(TELLINGS_MAX)
    )
    return session.scalars(question).all()

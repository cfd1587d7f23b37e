"""Questions of the quarantine.

What waits is what nobody has decided and nothing has settled: a fork's operation may come again
under another number and be applied there, and an unsigned one may come again signed.
That is read from the receipts when somebody looks, so that a push pays nothing for it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, func, select, tuple_
from sqlalchemy.orm import Session

from api import db
from api.sync.models import Quarantined, Receipt
from schemas.quarantine import Reason, State
from schemas.sync import Status

_WAITS = Quarantined.state == State.WAITING


@dataclasses.dataclass(frozen=True, slots=True)
class Chosen:
    """Which operations are asked for; what is None is not asked about."""

    state: State | None = None
    reason: Reason | None = None
    device_id: str | None = None


class WaitingDevice(NamedTuple):
    """A device, whose it is, how many of its operations wait, and since when the oldest."""

    device_id: str
    person_id: str
    waiting: int
    since: dt.datetime


def keep(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Keep operations that are not let in; bytes that a device brought before are kept once."""
    session.execute(db.insert_into(session, Quarantined).on_conflict_do_nothing(), list(rows))


def list_waiting_wires(
    session: Session, *, district_id: str, device_id: str, type_: str, limit: int
) -> Sequence[bytes]:
    """List the bytes of a device's operations of one type that nobody has decided, by number."""
    question = (
        select(Quarantined.wire)
        .where(
            Quarantined.district_id == district_id,
            Quarantined.device_id == device_id,
            Quarantined.state == State.WAITING,
            Quarantined.type == type_,
        )
        .order_by(Quarantined.n, Quarantined.id)
        .limit(limit)
    )
    return session.scalars(question).all()


def count_waiting(session: Session, *, district_id: str, device_id: str, reason: Reason) -> int:
    """Count what waits of a device for one reason."""
    question = select(func.count()).where(
        Quarantined.district_id == district_id,
        Quarantined.device_id == device_id,
        Quarantined.state == State.WAITING,
        Quarantined.reason == reason,
    )
    return session.scalars(question).one()


def page_of_devices(
    session: Session, *, district_id: str, after_id: str, limit: int
) -> list[WaitingDevice]:
    """List the devices with operations that wait for the office, by id."""
    question = (
        select(
            Quarantined.device_id,
            func.min(Quarantined.person_id),
            func.count(),
            func.min(Quarantined.received_at),
        )
        .where(
            Quarantined.district_id == district_id,
            Quarantined.device_id > after_id,
            _WAITS,
            ~_came_by_itself(),
        )
        .group_by(Quarantined.device_id)
        .order_by(Quarantined.device_id)
        .limit(limit)
    )
    return [WaitingDevice(*row) for row in session.execute(question)]


def find(
    session: Session, *, district_id: str, quarantine_id: str
) -> tuple[Quarantined, bool] | None:
    """Find an operation in quarantine, and whether it came by itself meanwhile."""
    question = select(Quarantined, _came_by_itself()).where(
        Quarantined.district_id == district_id, Quarantined.id == quarantine_id
    )
    row = session.execute(question).one_or_none()
    return None if row is None else (row[0], bool(row[1]))


def lock(session: Session, *, district_id: str, quarantine_id: str) -> None:
    """Hold an operation in quarantine, so that it is decided once."""
    question = select(Quarantined.id).where(
        Quarantined.district_id == district_id, Quarantined.id == quarantine_id
    )
    session.execute(question.with_for_update())


def accepted_ids(session: Session, *, district_id: str, ids: Sequence[str]) -> set[str]:
    """Tell which operations the office has let in already, under whatever bytes."""
    question = select(Quarantined.operation_id).where(
        Quarantined.district_id == district_id,
        Quarantined.operation_id.in_(ids),
        Quarantined.state == State.ACCEPTED,
    )
    return set(session.scalars(question))


def page(
    session: Session,
    *,
    district_id: str,
    chosen: Chosen,
    after: tuple[dt.datetime, str] | None,
    limit: int,
) -> list[tuple[Quarantined, bool]]:
    """List operations in quarantine, oldest first, each with whether it came by itself."""
    came = _came_by_itself()
    question = select(Quarantined, came).where(Quarantined.district_id == district_id)
    if chosen.state in {State.WAITING, State.SETTLED}:
        settled = came if chosen.state is State.SETTLED else ~came
        question = question.where(_WAITS, settled)
    elif chosen.state is not None:
        question = question.where(Quarantined.state == chosen.state)
    if chosen.reason is not None:
        question = question.where(Quarantined.reason == chosen.reason)
    if chosen.device_id is not None:
        question = question.where(Quarantined.device_id == chosen.device_id)
    if after is not None:
        question = question.where(tuple_(Quarantined.received_at, Quarantined.id) > after)
    ordered = question.order_by(Quarantined.received_at, Quarantined.id).limit(limit)
    return [(row, bool(by_itself)) for row, by_itself in session.execute(ordered)]


def list_about(
    session: Session, *, district_id: str, subject_id: str, limit: int
) -> Sequence[Quarantined]:
    """List what was kept out about an order, oldest first, whatever became of it."""
    question = (
        select(Quarantined)
        .where(Quarantined.district_id == district_id, Quarantined.subject_id == subject_id)
        .order_by(Quarantined.received_at, Quarantined.id)
        .limit(limit)
    )
    return session.scalars(question).all()


def page_of_waiting(
    session: Session,
    *,
    district_id: str,
    type: str,  # noqa: A002 - the wire's word
    after_id: str,
    limit: int,
) -> list[tuple[str, bytes]]:
    """List the operations of a type that nobody has decided, as (id, bytes), by id."""
    question = (
        select(Quarantined.id, Quarantined.wire)
        .where(
            Quarantined.district_id == district_id,
            Quarantined.type == type,
            Quarantined.id > after_id,
            _WAITS,
        )
        .order_by(Quarantined.id)
        .limit(limit)
    )
    return [(row_id, wire) for row_id, wire in session.execute(question)]


def _came_by_itself() -> ColumnElement[bool]:
    """Ask whether the same operation has an outcome that is final."""
    return exists().where(
        Receipt.district_id == Quarantined.district_id,
        Receipt.operation_id == Quarantined.operation_id,
        Receipt.status != Status.HELD,
    )

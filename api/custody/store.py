"""Questions of custody.

What grew is asked across the tables of orders and devices, so that the database leaves out the
chains that stand still; to hand each of them over would cost ten times as much.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from api import db, rows
from api.custody.models import (
    Checkpoint,
    CheckpointKey,
    CheckpointLeaf,
    CheckpointStamp,
    CustodyFinding,
)
from api.prepared import Prepared
from api.sync.models import DeviceLedger, Receipt
from api.tasks.models import Task, TaskEvent
from schemas.custody import SubjectKind

_LEAF: Final = CheckpointLeaf
_NEWEST_HASHES: Final = Prepared(
    select(Checkpoint.number, Checkpoint.sha256)
    .where(Checkpoint.district_id == bindparam("district_id"))
    .order_by(Checkpoint.number.desc())
    .limit(bindparam("rows_max", type_=BigInteger()))
)


class Grown(NamedTuple):
    """A chain that is longer than any checkpoint says."""

    subject_id: str
    length: int
    hash: str


def add_key(session: Session, *, row: Mapping[str, object]) -> None:
    """Enter a public key; one that is entered already stays as it is."""
    table = cast("Table", CheckpointKey.__table__)
    rows.insert(db.connection_of(session), table, [row], first_counts=True)


def list_keys(session: Session) -> Sequence[CheckpointKey]:
    """List every key that was ever entered, the first one first."""
    question = select(CheckpointKey).order_by(CheckpointKey.since, CheckpointKey.kid)
    return session.scalars(question).all()


def get_key(session: Session, *, kid: str) -> CheckpointKey:
    """Get a key that has signed."""
    return session.get_one(CheckpointKey, kid)


def find_newest(session: Session, *, district_id: str) -> Checkpoint | None:
    """Find a district's newest checkpoint."""
    question = (
        select(Checkpoint)
        .where(Checkpoint.district_id == district_id)
        .order_by(Checkpoint.number.desc())
        .limit(1)
    )
    return session.scalars(question).first()


def get_checkpoint(session: Session, *, district_id: str, number: int) -> Checkpoint:
    """Get a checkpoint that is there."""
    return session.get_one(Checkpoint, (district_id, number))


def add_checkpoint(
    session: Session, *, row: Mapping[str, object], leaves: Iterable[Mapping[str, object]]
) -> None:
    """Enter a checkpoint and its leaves."""
    db.append(session, Checkpoint, row)
    for leaf in leaves:
        db.append(session, CheckpointLeaf, leaf)


def list_leaves(session: Session, *, district_id: str, number: int) -> Sequence[CheckpointLeaf]:
    """List the leaves of a checkpoint in their order."""
    question = (
        select(_LEAF)
        .where(_LEAF.district_id == district_id, _LEAF.number == number)
        .order_by(_LEAF.place)
    )
    return session.scalars(question).all()


def find_newest_leaf(
    session: Session, *, district_id: str, kind: SubjectKind, subject_id: str
) -> CheckpointLeaf | None:
    """Find the leaf that tells most of a chain."""
    question = (
        select(_LEAF)
        .where(_LEAF.district_id == district_id, _LEAF.kind == kind, _LEAF.subject_id == subject_id)
        .order_by(_LEAF.count.desc())
        .limit(1)
    )
    return session.scalars(question).first()


def list_grown_timelines(session: Session, *, district_id: str, limit: int) -> list[Grown]:
    """List orders whose timeline is longer than any leaf says, in the order of their ids."""
    question = (
        select(Task.id, Task.timeline_count, Task.timeline_hash)
        .where(
            Task.district_id == district_id,
            Task.timeline_count > 0,
            ~_is_told(SubjectKind.TIMELINE, Task.district_id, Task.id, Task.timeline_count),
        )
        .order_by(Task.id)
        .limit(limit)
    )
    return [Grown(*row) for row in session.execute(question)]


def list_grown_receipts(session: Session, *, district_id: str, limit: int) -> list[Grown]:
    """List devices that are settled further than any leaf says, in the order of their ids."""
    ledger = DeviceLedger
    question = (
        select(ledger.id, ledger.acked_through, ledger.chain)
        .where(
            ledger.district_id == district_id,
            ledger.acked_through > 0,
            ~_is_told(SubjectKind.RECEIPTS, ledger.district_id, ledger.id, ledger.acked_through),
        )
        .order_by(ledger.id)
        .limit(limit)
    )
    return [Grown(*row) for row in session.execute(question)]


def _is_told(
    kind: SubjectKind,
    district_id: InstrumentedAttribute[str],
    subject_id: InstrumentedAttribute[str],
    count: InstrumentedAttribute[int],
) -> ColumnElement[bool]:
    """Tell whether a leaf reaches as far as a chain; the index alone answers that."""
    return exists().where(
        _LEAF.district_id == district_id,
        _LEAF.kind == kind,
        _LEAF.subject_id == subject_id,
        _LEAF.count >= count,
    )


def list_after(
    session: Session, *, district_id: str, number: int, limit: int
) -> Sequence[Checkpoint]:
    """List the checkpoints that follow a number, in their order."""
    question = (
        select(Checkpoint)
        .where(Checkpoint.district_id == district_id, Checkpoint.number > number)
        .order_by(Checkpoint.number)
        .limit(limit)
    )
    return session.scalars(question).all()


def list_before(
    session: Session, *, district_id: str, number: int | None, limit: int
) -> Sequence[Checkpoint]:
    """List the checkpoints before a number, or all, the newest first."""
    question = (
        select(Checkpoint)
        .where(Checkpoint.district_id == district_id)
        .order_by(Checkpoint.number.desc())
        .limit(limit)
    )
    if number is not None:
        question = question.where(Checkpoint.number < number)
    return session.scalars(question).all()


def find_hash(session: Session, *, district_id: str, number: int) -> str | None:
    """Find the hash of the checkpoint with a number."""
    question = select(Checkpoint.sha256).where(
        Checkpoint.district_id == district_id, Checkpoint.number == number
    )
    return session.scalar(question)


class Stamped(NamedTuple):
    """A checkpoint with a time stamp."""

    number: int
    at: dt.datetime
    statement: bytes
    answer: bytes
    stamped_at: dt.datetime


def put_stamp(session: Session, *, row: Mapping[str, object]) -> None:
    """Write down how asking for a checkpoint's stamp went, in the place of what was before."""
    table = cast("Table", CheckpointStamp.__table__)
    replacing = ("tried_at", "answer", "stamped_at", "error")
    rows.insert(db.connection_of(session), table, [row], replacing=replacing)


def find_stamped_number(session: Session, *, district_id: str) -> int | None:
    """Find the number of the newest checkpoint that is stamped."""
    question = select(func.max(CheckpointStamp.number)).where(
        CheckpointStamp.district_id == district_id, CheckpointStamp.stamped_at.is_not(None)
    )
    return session.scalar(question)


def list_stamped(session: Session, *, district_id: str, number: int, limit: int) -> list[Stamped]:
    """List the stamped checkpoints that follow a number, in their order."""
    question = (
        select(
            Checkpoint.number,
            Checkpoint.at,
            Checkpoint.statement,
            CheckpointStamp.answer,
            CheckpointStamp.stamped_at,
        )
        .join(
            CheckpointStamp,
            and_(
                CheckpointStamp.district_id == Checkpoint.district_id,
                CheckpointStamp.number == Checkpoint.number,
            ),
        )
        .where(
            Checkpoint.district_id == district_id,
            Checkpoint.number > number,
            CheckpointStamp.stamped_at.is_not(None),
            CheckpointStamp.answer.is_not(None),
        )
        .order_by(Checkpoint.number)
        .limit(limit)
    )
    return [Stamped(*cast("Stamped", row)) for row in session.execute(question)]


def list_newest_hashes(session: Session, *, district_id: str, limit: int) -> dict[int, str]:
    """List the hashes of the newest checkpoints by their numbers."""
    rows = _NEWEST_HASHES.rows(session, district_id=district_id, rows_max=limit)
    return {int(number): str(sha256) for number, sha256 in rows}


def list_marks_found(
    session: Session, *, district_id: str, device_id: str, limit: int
) -> set[tuple[int, str]]:
    """List what a device was found to have been shown: number and hash of each."""
    question = (
        select(CustodyFinding.number, CustodyFinding.said_sha256)
        .where(CustodyFinding.district_id == district_id, CustodyFinding.device_id == device_id)
        .limit(limit)
    )
    return {(number, sha256) for number, sha256 in session.execute(question)}


def add_finding(session: Session, *, row: Mapping[str, object]) -> bool:
    """Keep a finding; tell whether it was not kept yet."""
    added = db.insert_into(session, CustodyFinding).values(**row).on_conflict_do_nothing()
    return session.execute(added.returning(CustodyFinding.id)).first() is not None


def list_findings(
    session: Session,
    *,
    district_id: str,
    is_open: bool,
    before: tuple[dt.datetime, str] | None,
    limit: int,
) -> Sequence[CustodyFinding]:
    """List findings that are open, or those that were explained, the newest first."""
    is_explained = CustodyFinding.explained_at.is_not(None)
    question = (
        select(CustodyFinding)
        .where(
            CustodyFinding.district_id == district_id, ~is_explained if is_open else is_explained
        )
        .order_by(CustodyFinding.found_at.desc(), CustodyFinding.id.desc())
        .limit(limit)
    )
    if before is not None:
        question = question.where(tuple_(CustodyFinding.found_at, CustodyFinding.id) < before)
    return session.scalars(question).all()


def lock_finding(session: Session, *, district_id: str, finding_id: str) -> CustodyFinding | None:
    """Find a finding and keep others from explaining it meanwhile."""
    return session.get(CustodyFinding, (district_id, finding_id), with_for_update=True)


def find_torn_timeline(session: Session, *, district_id: str) -> CheckpointLeaf | None:
    """Find the first leaf of a timeline that its order's timeline does not pass through."""
    question = (
        select(_LEAF)
        .outerjoin(Task, and_(Task.district_id == _LEAF.district_id, Task.id == _LEAF.subject_id))
        .outerjoin(
            TaskEvent,
            and_(
                TaskEvent.district_id == _LEAF.district_id,
                TaskEvent.task_id == _LEAF.subject_id,
                TaskEvent.number == _LEAF.count,
            ),
        )
        .where(
            _LEAF.district_id == district_id,
            _LEAF.kind == SubjectKind.TIMELINE,
            or_(
                func.coalesce(Task.timeline_count, 0) < _LEAF.count,
                func.coalesce(TaskEvent.hash, "") != _LEAF.hash,
            ),
        )
    )
    return _first(session, question)


def find_torn_receipts(session: Session, *, district_id: str) -> CheckpointLeaf | None:
    """Find the first leaf of a device's receipts that they do not pass through."""
    ledger = DeviceLedger
    question = (
        select(_LEAF)
        .outerjoin(
            ledger,
            and_(ledger.district_id == _LEAF.district_id, ledger.id == _LEAF.subject_id),
        )
        .outerjoin(
            Receipt,
            and_(
                Receipt.district_id == _LEAF.district_id,
                Receipt.device_id == _LEAF.subject_id,
                Receipt.n == _LEAF.count,
            ),
        )
        .where(
            _LEAF.district_id == district_id,
            _LEAF.kind == SubjectKind.RECEIPTS,
            or_(
                func.coalesce(ledger.acked_through, 0) < _LEAF.count,
                func.coalesce(Receipt.sha256, "") != _LEAF.hash,
            ),
        )
    )
    return _first(session, question)


def _first(session: Session, question: Select[CheckpointLeaf]) -> CheckpointLeaf | None:
    ordered = question.order_by(_LEAF.number, _LEAF.place).limit(1)
    return session.scalars(ordered).first()

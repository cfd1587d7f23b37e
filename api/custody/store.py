"""Questions of custody.

What grew is asked across the tables of orders and devices, so that the database leaves out the
chains that stand still; to hand each of them over would cost ten times as much.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, cast

from sqlalchemy import ColumnElement, Table, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from api import db, rows
from api.custody.models import Checkpoint, CheckpointKey, CheckpointLeaf
from api.sync.models import DeviceLedger
from api.tasks.models import Task
from schemas.custody import SubjectKind

_LEAF: Final = CheckpointLeaf


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

"""Checkpoints: a signed statement of how far every chain of a district reached, and its proof."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.custody import keys, models, store
from api.feed import store as feed
from schemas import custody
from schemas.custody import Leaf, SubjectKind
from schemas.rules import merkle

LEAVES_MAX: Final = 50_000
"""Leaves of one kind in one checkpoint; what is beyond them comes into the next."""
SILENCE_MAX: Final = dt.timedelta(hours=23, minutes=30)
"""After so long there is a checkpoint though nothing grew, so that silence is seen."""


@dataclasses.dataclass(frozen=True, slots=True)
class Draft:
    """A checkpoint that is signed and not entered yet."""

    key: keys.Key
    statement: custody.Statement
    leaves: Sequence[Leaf]
    raw: bytes
    signature: str


def draft(session: Session, *, act: Act, key: keys.Key) -> Draft | None:
    """Sign how far the chains of a district reach; None where there is nothing to say.

    Args:
        session: a unit of work that sees one moment.
        act: of which district, and when.
        key: the key that signs.
    """
    newest = store.find_newest(session, district_id=act.district_id)
    leaves = _list_grown(session, district_id=act.district_id)
    now = act.happened.at
    if not leaves and newest is not None and now - newest.at < SILENCE_MAX:
        return None
    statement = custody.Statement(
        district_id=act.district_id,
        number=newest.number + 1 if newest else 1,
        at=now,
        kid=key.kid,
        previous=newest.sha256 if newest else "",
        lineage=feed.find_lineage(session) or "",
        leaves=len(leaves),
        root=merkle.root([custody.written(leaf) for leaf in leaves]),
    )
    raw = custody.written(statement)
    return Draft(key, statement, leaves, raw, key.sign(raw))


def enter(session: Session, drafted: Draft) -> bool:
    """Enter a checkpoint, unless another worker's came before it."""
    said = drafted.statement
    newest = store.find_newest(session, district_id=said.district_id)
    if (newest.sha256 if newest else "") != said.previous:
        return False
    keys.enter(session, drafted.key, now=said.at)
    row = {
        "district_id": said.district_id,
        "number": said.number,
        "at": said.at,
        "kid": said.kid,
        "leaves": said.leaves,
        "statement": drafted.raw,
        "signature": drafted.signature,
        "sha256": hashlib.sha256(drafted.raw).hexdigest(),
    }
    leaves = (
        {
            "district_id": said.district_id,
            "number": said.number,
            "place": place,
            "kind": leaf.kind.value,
            "subject_id": leaf.id,
            "count": leaf.count,
            "hash": leaf.hash,
        }
        for place, leaf in enumerate(drafted.leaves)
    )
    store.add_checkpoint(session, row=row, leaves=leaves)
    return True


def proof_of(
    session: Session, *, district_id: str, kind: SubjectKind, subject_id: str
) -> custody.Proof | None:
    """Prove how far a chain reached by the newest checkpoint that has a leaf of it.

    Args:
        session: the unit of work.
        district_id: the subject's district.
        kind: a timeline, or a device's receipts.
        subject_id: the order, or the device.

    Returns:
        The signed statement, the leaf and its path to the root; None where no checkpoint has one.
    """
    found = store.find_newest_leaf(
        session, district_id=district_id, kind=kind, subject_id=subject_id
    )
    if found is None:
        return None
    row = store.get_checkpoint(session, district_id=district_id, number=found.number)
    leaves = store.list_leaves(session, district_id=district_id, number=found.number)
    return custody.Proof(
        statement=row.statement.decode(),
        signature=row.signature,
        key=keys.get_public(session, kid=row.kid),
        leaf=leaf_of(found),
        place=found.place,
        beside=merkle.path([custody.written(leaf_of(each)) for each in leaves], found.place),
    )


def leaf_of(row: models.CheckpointLeaf) -> Leaf:
    """Shape a leaf."""
    return Leaf(kind=SubjectKind(row.kind), id=row.subject_id, count=row.count, hash=row.hash)


def view(row: models.Checkpoint) -> custody.Checkpoint:
    """Shape a checkpoint."""
    return custody.Checkpoint(
        number=row.number,
        sha256=row.sha256,
        at=row.at,
        kid=row.kid,
        leaves=row.leaves,
        statement=row.statement.decode(),
        signature=row.signature,
    )


def _list_grown(session: Session, *, district_id: str) -> list[Leaf]:
    """List the leaves that there are to add: devices, then timelines, each by id."""
    asked = (
        (SubjectKind.RECEIPTS, store.list_grown_receipts),
        (SubjectKind.TIMELINE, store.list_grown_timelines),
    )
    return [
        Leaf(kind=kind, id=each.subject_id, count=each.length, hash=each.hash)
        for kind, list_grown in asked
        for each in list_grown(session, district_id=district_id, limit=LEAVES_MAX)
    ]

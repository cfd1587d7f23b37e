"""Proving: a district's checkpoints walked from the first, and its chains held against them.

Each statement hashes to what its row says and names the one before; its signature is by its key,
its root is that of its leaves; and every timeline and every device's receipts of today still pass
through each leaf. A chain that was cut or written anew, whole as it may be, is found by this.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from cryptography import x509
from sqlalchemy.orm import Session

from api.custody import checkpoints, keys, stamps, store
from api.custody.models import Checkpoint
from schemas import base, custody, signatures
from schemas.custody import Leaf, PublicKey
from schemas.rules import merkle

ROWS_PER_QUESTION: Final = 500
LATE: Final = dt.timedelta(days=2)
"""An authority that is away for longer looks like a log that was signed anew."""
Told = Callable[[int, int], None]


class Fault(enum.StrEnum):
    """What is not as it was signed."""

    missing = "checkpoint-missing"
    altered = "statement-altered"
    parted = "does-not-follow"
    unlisted = "key-not-listed"
    signature = "signature-wrong"
    leaves = "leaves-altered"
    timeline = "timeline-parted"
    receipts = "receipts-parted"
    stranger = "another-key"
    stamp = "stamp-wrong"


@dataclasses.dataclass(frozen=True, slots=True)
class Broken:
    """The first checkpoint, by number, that does not hold, and why.

    `leaf` is the chain that does not pass through it, where that is why.
    """

    number: int
    fault: Fault
    leaf: Leaf | None = None


def find_broken(
    session: Session, *, district_id: str, own: keys.Key | None, told: Told
) -> Broken | None:
    """Walk the checkpoints of a district and find the first that does not hold.

    Args:
        session: a unit of work that sees one moment.
        district_id: the district.
        own: the key that signs here, where this machine has it.
        told: hears how many checkpoints were walked, and of how many.
    """
    listed = {each.kid: each for each in keys.list_public(session)}
    newest = store.find_newest(session, district_id=district_id)
    torn = _find_torn(session, district_id=district_id)
    before: Checkpoint | None = None
    for row in _list_all(session, district_id=district_id):
        fault = _fault(session, row, before=before, listed=listed)
        if fault is not None:
            return Broken(_following(before) if fault is Fault.missing else row.number, fault)
        if torn is not None and torn.number == row.number:
            return torn
        told(row.number, newest.number if newest else 0)
        before = row
    if torn is not None:
        return torn
    if before is None or own is None or _is_of(own, before.kid, listed):
        return None
    return Broken(before.number, Fault.stranger)


def find_broken_stamp(
    session: Session, *, district_id: str, roots: Sequence[x509.Certificate]
) -> Broken | None:
    """Find the first time stamp of a district that is none of its checkpoint.

    Args:
        session: a unit of work that sees one moment.
        district_id: the district.
        roots: the certificates that stamps must come from, at least one.
    """
    for row in _list_stamped(session, district_id=district_id):
        try:
            stamp = stamps.check(row.answer, message=row.statement, roots=roots)
        except stamps.StampRefusedError:
            return Broken(row.number, Fault.stamp)
        if stamp.at != row.stamped_at or stamp.at < row.at - stamps.SLACK:
            return Broken(row.number, Fault.stamp)
    return None


def list_stamped_late(session: Session, *, district_id: str) -> list[store.Stamped]:
    """List the checkpoints that were stamped long after they say that they were made."""
    listed = _list_stamped(session, district_id=district_id)
    return [row for row in listed if row.stamped_at - row.at > LATE]


def list_unnamed(session: Session) -> list[PublicKey]:
    """List the keys that began without the word of the one before, the very first left out."""
    listed = keys.list_public(session)
    by_kid = {each.kid: each for each in listed}
    return [each for each in listed if not _is_named(each, by_kid)][1:]


def _list_all(session: Session, *, district_id: str) -> Iterator[Checkpoint]:
    number = 0
    while rows := store.list_after(
        session, district_id=district_id, number=number, limit=ROWS_PER_QUESTION
    ):
        yield from rows
        number = rows[-1].number


def _list_stamped(session: Session, *, district_id: str) -> Iterator[store.Stamped]:
    number = 0
    while rows := store.list_stamped(
        session, district_id=district_id, number=number, limit=ROWS_PER_QUESTION
    ):
        yield from rows
        number = rows[-1].number


def _following(before: Checkpoint | None) -> int:
    return before.number + 1 if before else 1


def _fault(
    session: Session, row: Checkpoint, *, before: Checkpoint | None, listed: Mapping[str, PublicKey]
) -> Fault | None:
    """Tell what is wrong with a checkpoint, if anything is."""
    if row.number != _following(before):
        return Fault.missing
    said = _find_said(row)
    if said is None:
        return Fault.altered
    if said.previous != (before.sha256 if before else ""):
        return Fault.parted
    fault = _fault_of_signature(row, listed)
    if fault is None and not _has_leaves(session, said):
        return Fault.leaves
    return fault


def _find_said(row: Checkpoint) -> custody.Statement | None:
    """Read a row's statement, where it says what the row says."""
    try:
        said = base.decode(row.statement, custody.Statement)
    except base.UNREADABLE:
        return None
    is_hash = hashlib.sha256(row.statement).hexdigest() == row.sha256
    told = (said.district_id, said.number, said.at, said.kid, said.leaves)
    return said if is_hash and told == _told(row) else None


def _fault_of_signature(row: Checkpoint, listed: Mapping[str, PublicKey]) -> Fault | None:
    key = listed.get(row.kid)
    if key is None or signatures.thumbprint(key.key) != row.kid:
        return Fault.unlisted
    if not signatures.has_signed(key.key, statement=row.statement, signature=row.signature):
        return Fault.signature
    return None


def _told(row: Checkpoint) -> tuple[object, ...]:
    return row.district_id, row.number, row.at, row.kid, row.leaves


def _has_leaves(session: Session, said: custody.Statement) -> bool:
    rows = store.list_leaves(session, district_id=said.district_id, number=said.number)
    if [row.place for row in rows] != list(range(said.leaves)):
        return False
    try:
        leaves = [custody.written(checkpoints.leaf_of(row)) for row in rows]
    except ValueError:  # a kind that there is not
        return False
    return merkle.root(leaves) == said.root


def _find_torn(session: Session, *, district_id: str) -> Broken | None:
    """Find the first leaf that its chain of today does not pass through."""
    asked = (
        (Fault.receipts, store.find_torn_receipts),
        (Fault.timeline, store.find_torn_timeline),
    )
    found = [
        Broken(row.number, fault, checkpoints.leaf_of(row))
        for fault, find_torn in asked
        if (row := find_torn(session, district_id=district_id)) is not None
    ]
    return min(found, key=lambda each: each.number, default=None)


def _is_of(own: keys.Key, kid: str, listed: Mapping[str, PublicKey]) -> bool:
    """Tell whether the newest checkpoint is by our key, or by the one that ours took over from."""
    if own.kid == kid:
        return True
    successor = listed.get(own.kid)
    return successor is not None and successor.follows == kid and _is_named(successor, listed)


def _is_named(key: PublicKey, listed: Mapping[str, PublicKey]) -> bool:
    """Tell whether the key that one took over from has named it."""
    before = listed.get(key.follows or "")
    if before is None:
        return False
    statement = custody.succession(kid=before.kid, successor=key.kid)
    return signatures.has_signed(before.key, statement=statement, signature=key.named_by or "")

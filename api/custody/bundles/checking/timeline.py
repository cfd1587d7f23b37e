"""The timeline: a chain of moments to its head, and the checkpoint that signed a stretch of it."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from api.custody.bundles.checking import reading
from api.custody.bundles.checking.faults import Altered, Fault
from schemas import base, bundles, custody, signatures
from schemas.rules import merkle, operation_chain

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Covered:
    """How far a signed checkpoint reaches: it vouches for the first `count` moments."""

    statement: custody.Statement
    count: int


def check(raw: bytes, *, order_id: str) -> list[str]:
    """Walk the chain, and give the hash of every moment in its order.

    Args:
        raw: the bytes of `timeline.jsonl`.
        order_id: whose timeline it is.

    Raises:
        Altered: a moment is not the one that was written there.
    """
    reached = [operation_chain.START]
    for number, text in enumerate(io.BytesIO(raw), 1):
        line = _read(text, reading.Line, number)
        reached.append(operation_chain.extend(reached[-1], bytes(line.moment)))
        moment = _read(bytes(line.moment), reading.Moment, number)
        if line.hash != reached[-1] or (line.number, moment.number) != (number, number):
            raise Altered(Fault.moment, number=number)
        if moment.task_id != order_id:
            raise Altered(
                Fault.another_order,
                path=bundles.TIMELINE,
                found=moment.task_id,
                order_id=order_id,
            )
    return reached[1:]


def check_end(reached: Sequence[str], end: bundles.TimelineEnd, *, path: str) -> None:
    """Let pass a timeline that ends where a file says.

    Raises:
        Altered: it ends elsewhere.
    """
    ends = (len(reached), reached[-1] if reached else operation_chain.START)
    if ends != (end.count, end.hash):
        raise Altered(Fault.timeline_end, path=path, count=len(reached))


def check_checkpoint(
    raw: bytes, *, reached: Sequence[str], order_id: str, district_id: str
) -> Covered:
    """Check a checkpoint's signature, and that it is about this very timeline.

    Args:
        raw: the bytes of `checkpoint.json`.
        reached: the hash of every moment.
        order_id: whose timeline it is.
        district_id: the order's district.

    Raises:
        Altered: the key has not signed it, or the timeline is another.
    """
    proof = reading.decoded(bundles.CHECKPOINT, raw, custody.Proof)
    written = proof.statement.encode()
    said = reading.decoded(bundles.CHECKPOINT, written, custody.Statement)
    holds = signatures.has_signed(proof.key, statement=written, signature=proof.signature)
    if not holds or signatures.thumbprint(proof.key) != said.kid:
        raise Altered(Fault.checkpoint_signature)
    leaf = proof.leaf
    root = merkle.root_by(
        custody.written(leaf), place=proof.place, count=said.leaves, beside=proof.beside
    )
    about = (custody.SubjectKind.TIMELINE, order_id, district_id)
    if root != said.root or (leaf.kind, leaf.id, said.district_id) != about:
        raise Altered(Fault.checkpoint_path)
    if leaf.count > len(reached):
        raise Altered(
            Fault.checkpoint_cut, checkpoint=said.number, count=leaf.count, have=len(reached)
        )
    if reached[leaf.count - 1] != leaf.hash:
        raise Altered(Fault.checkpoint_differs, checkpoint=said.number, number=leaf.count)
    return Covered(said, leaf.count)


def _read(raw: bytes, shape: type[T], number: int) -> T:
    try:
        return msgspec.json.decode(raw, type=shape)
    except base.UNREADABLE as error:
        raise Altered(Fault.moment, number=number) from error

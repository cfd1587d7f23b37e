"""What was pushed about one order: the operations' bytes, and what each device signed over them.

An operation lies under the next head that its device signed; the numbers between them tell how far
the bytes of this order alone reach (see `schemas.rules.operation_chain.vouched_from`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.sync.models import Quarantined, Receipt
from api.sync.quarantine import service as quarantine
from api.sync.receipts import store, wires
from schemas import sync
from schemas.rules.operation_chain import Head

BETWEEN_MAX: Final = sync.OPERATIONS_MAX
"""A push has no more operations, so no head lies further on than this."""


@dataclasses.dataclass(frozen=True, slots=True)
class Signed:
    """A head that a device signed, and what lies before it.

    `before` holds the number and hash of every operation from the first that is about the order
    and lies under this head up to the head itself.
    """

    head: sync.Head
    before: Sequence[Head]


@dataclasses.dataclass(frozen=True, slots=True)
class About:
    """What was pushed about an order.

    Attributes:
        receipts: with its operation's bytes each, by device and number.
        signed: by device, in the order of their numbers.
        kept_out: what was not let in by itself, whatever the office has decided.
    """

    receipts: Sequence[tuple[Receipt, bytes]]
    signed: Mapping[str, Sequence[Signed]]
    kept_out: Sequence[Quarantined]


def weigh(session: Session, *, district_id: str, subject_id: str) -> tuple[int, int]:
    """Count what was pushed about an order, and its bytes, but for those that are packed."""
    return store.weigh_about(session, district_id=district_id, subject_id=subject_id)


def tell(session: Session, *, district_id: str, subject_id: str, limit: int) -> About:
    """Tell what was pushed about an order, whatever became of it.

    Args:
        session: a unit of work that sees one moment.
        district_id: the order's district.
        subject_id: the order.
        limit: the most operations that are let in or kept out, each.

    Raises:
        WireLostError: the bytes of an operation lie nowhere.
    """
    asked = {"district_id": district_id, "subject_id": subject_id}
    receipts = store.list_about(session, limit=limit, **asked)
    signed: dict[str, list[Signed]] = {}
    for receipt in receipts:
        heads = signed.setdefault(receipt.device_id, [])
        if not heads or heads[-1].head.n < receipt.n:
            heads += _next_signed(session, receipt)
    return About(
        receipts=list(zip(receipts, wires.list_of(session, receipts), strict=True)),
        signed={device_id: heads for device_id, heads in signed.items() if heads},
        kept_out=quarantine.list_about(session, limit=limit, **asked),
    )


def _next_signed(session: Session, receipt: Receipt) -> list[Signed]:
    """Find the head under which an operation lies; none where its device has signed none since."""
    district_id, device_id = receipt.district_id, receipt.device_id
    head = store.find_signed(
        session,
        district_id=district_id,
        device_id=device_id,
        first_n=receipt.n,
        last_n=receipt.n + BETWEEN_MAX,
    )
    if head is None:
        return []
    before = store.list_heads(
        session, district_id=district_id, device_id=device_id, first_n=receipt.n, last_n=head.n
    )
    return [Signed(head, before)]

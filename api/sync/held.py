"""Held operations: what waits for a newer server, a mended fault or an order to be there.

They are tried again, oldest first, as of when they happened; the first answer that is final is
entered in the receipt, and reaches the phone as an `outcome` in its device's audience.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import structlog
from sqlalchemy.orm import Session

from api.acts import Act, Happened
from api.crews import service as crews
from api.errors import NotFound
from api.sync import applying, catalogue, inbox, store
from api.sync.models import HeldOperation, Receipt
from api.sync.receipts import wires
from schemas import sync
from schemas.errors import Refused

WAIT_MAX: Final = dt.timedelta(days=30)
"""How long an operation waits for an order or a stop; then there is none."""
PAUSE_FIRST: Final = dt.timedelta(minutes=1)
PAUSE_MAX: Final = dt.timedelta(hours=6)
_DOUBLINGS_MAX: Final = 10
_WAITS: Final = frozenset({"waits-for-order", "waits-for-stop"})
RETRIED: Final = _WAITS | {"operation-unknown", "operation-failed"}
"""Codes of what is tried again; a fork waits for its phone instead."""
_log = structlog.get_logger()


def keep(
    session: Session, *, act: Act, device_id: str, settled: Iterable[applying.Settled]
) -> None:
    """Remember what is to be tried again, in the transaction of its receipt."""
    for each in settled:
        if each.remark is None or each.remark.code not in RETRIED:
            continue
        store.keep_held(
            session,
            {
                "district_id": act.district_id,
                "id": each.letter.id,
                "device_id": device_id,
                "n": each.letter.n,
                "person_id": act.principal.person_id,
                "code": each.remark.code,
                "fields": each.remark.fields,
                "held_at": act.received_at,
                "tries": 0,
                "tried_by": catalogue.RELEASE,
                "next_at": act.received_at + PAUSE_FIRST,
            },
        )


def retry_due(session: Session, *, act: Act, limit: int) -> Counter[str]:
    """Try what is due, or was never tried by this release of the server, oldest first.

    Args:
        session: the unit of work.
        act: the job's.
        limit: how many at most.

    Returns:
        How many were tried, and how many came to each status.
    """
    rows = store.lock_held_due(
        session,
        district_id=act.district_id,
        now=act.happened.at,
        release=catalogue.RELEASE,
        limit=limit,
    )
    counts: Counter[str] = Counter(tried=len(rows))
    for status in _retry(session, act=act, rows=rows):
        counts[status] += 1
    return counts


def retry_one(session: Session, *, act: Act, operation_id: str) -> HeldOperation:
    """Try one by hand; one that has its final outcome keeps it.

    Raises:
        NotFound: nothing with this id was ever held.
    """
    row = store.lock_held(session, district_id=act.district_id, operation_id=operation_id)
    if row is None:
        raise NotFound(what="held operation", id=operation_id)
    if row.settled_at is None:
        _retry(session, act=act, rows=[row])
        crews.audit(session, act=act, what="operation.retried", subject_id=row.id, detail={})
    return row


def _retry(session: Session, *, act: Act, rows: Sequence[HeldOperation]) -> list[str]:
    """Try operations one after the other, each where it can harm no other."""
    receipts = [store.get_receipt_of_held(session, row) for row in rows]
    letters = [inbox.open_letter(wire) for wire in wires.list_of(session, receipts)]
    applying.load(session, act=act, letters=letters)
    return [
        _retry_one(session, act=act, row=row, receipt=receipt, letter=letter)
        for row, receipt, letter in zip(rows, receipts, letters, strict=True)
    ]


def _retry_one(
    session: Session, *, act: Act, row: HeldOperation, receipt: Receipt, letter: inbox.Letter
) -> str:
    remark = applying.settle_late(
        session,
        act=act,
        letter=letter,
        device_id=row.device_id,
        person_id=row.person_id,
        happened=Happened(receipt.happened_at, receipt.error_s, receipt.clock_suspect),
    )
    now = act.happened.at
    if remark is not None and remark.code in _WAITS and now - row.held_at >= WAIT_MAX:
        remark = NotFound(what="order", id=letter.subject_id)
    status = sync.Status.APPLIED if remark is None else sync.Status(remark.outcome)
    row.tries += 1
    row.tried_by = catalogue.RELEASE
    if status is sync.Status.HELD:
        row.next_at = now + min(PAUSE_FIRST * 2 ** min(row.tries, _DOUBLINGS_MAX), PAUSE_MAX)
        return str(status)
    _conclude(row, receipt, status=status, remark=remark, now=now)
    return str(status)


def _conclude(
    row: HeldOperation,
    receipt: Receipt,
    *,
    status: sync.Status,
    remark: Refused | None,
    now: dt.datetime,
) -> None:
    """Enter the final outcome, once and for ever."""
    row.settled_at, row.next_at = now, None
    row.status = receipt.status = str(status)
    row.final_code = receipt.code = remark.code if remark else sync.APPLIED_CODE
    row.final_fields = receipt.fields = remark.fields if remark else {}
    _log.info("operation.resolved", operation_id=row.id, first=row.code, status=row.status)

"""Scheduled jobs: held operations are tried again; the bytes of old receipts are packed."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.sync import held
from api.sync.receipts import packing

OPERATIONS_PER_RUN: Final = 200
"""What is left waits for the next minute."""
PACKS_PER_RUN: Final = 5
"""720,000 operations a day of each district; phones that push meanwhile wait some 50 ms."""


def run(session: Session, *, act: Act) -> dict[str, int]:
    """Try the held operations of a district that are due, oldest first."""
    return dict(held.retry_due(session, act=act, limit=OPERATIONS_PER_RUN))


def pack_receipts(session: Session, *, act: Act) -> dict[str, int]:
    """Pack the bytes of a district's old receipts, when nothing waits for an order any more."""
    return dict(packing.pack_old(session, act=act, age=held.WAIT_MAX, limit=PACKS_PER_RUN))

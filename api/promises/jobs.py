"""The job that watches promises: it warns, finds what is overdue, and opens supervision once."""

from __future__ import annotations

from collections import Counter
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.promises import service

CLOCKS_PER_BATCH: Final = 500
BATCHES_MAX: Final = 20
"""A run looks at 10,000 clocks of a district; what is left waits for the next minute."""


def run(session: Session, *, act: Act) -> dict[str, int]:
    """Bring every clock whose time has come to its state; cost follows what is due.

    Returns:
        How many clocks were looked at, came to each state, and got a supervision case.
    """
    counts: Counter[str] = Counter(looked=0)
    for _ in range(BATCHES_MAX):
        batch = service.settle_due(session, act=act, limit=CLOCKS_PER_BATCH)
        counts.update(batch)
        session.flush()
        if batch["looked"] < CLOCKS_PER_BATCH:
            break
    return dict(counts)

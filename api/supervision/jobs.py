"""The job that lets supervision cases climb; cost follows what is due."""

from __future__ import annotations

from collections import Counter
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.supervision import service

CASES_PER_BATCH: Final = 500
BATCHES_MAX: Final = 20
"""A run looks at 10,000 cases of a district; what is left waits for the next minute."""


def run(session: Session, *, act: Act) -> dict[str, int]:
    """Let every case climb whose time has come.

    Returns:
        How many cases were looked at, and how many steps they climbed.
    """
    counts: Counter[str] = Counter(looked=0, climbed=0)
    for _ in range(BATCHES_MAX):
        batch = service.climb_due(session, act=act, limit=CASES_PER_BATCH)
        counts.update(batch)
        session.flush()
        if batch["looked"] < CASES_PER_BATCH:
            break
    return dict(counts)

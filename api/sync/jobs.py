"""A scheduled job: held operations are tried again."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.sync import held

OPERATIONS_PER_RUN: Final = 200
"""What is left waits for the next minute."""


def run(session: Session, *, act: Act) -> dict[str, int]:
    """Try the held operations of a district that are due, oldest first."""
    return dict(held.retry_due(session, act=act, limit=OPERATIONS_PER_RUN))

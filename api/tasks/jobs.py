"""Scheduled jobs: what crews cannot meet is seen; old messages leave the handhelds."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.tasks import service

MESSAGES_PER_RUN: Final = 2_000
"""What is left waits for the next day."""


FORESEEN_AHEAD: Final = dt.timedelta(hours=12)
FORESEEN_PER_RUN: Final = 5_000
"""What is due later, or beyond these, waits for the next run."""


def foresee(session: Session, *, act: Act) -> dict[str, int]:
    """Warn of what crews cannot meet by their way and their queue, once for each clock and crew.

    Returns:
        How many clocks were looked at, and warned of.
    """
    return service.foresee(session, act=act, ahead=FORESEEN_AHEAD, limit=FORESEEN_PER_RUN)


def run(session: Session, *, act: Act) -> dict[str, int]:
    """Let old messages of a district go."""
    gone = service.forget_messages(session, act=act, limit=MESSAGES_PER_RUN)
    return {"messages_gone": gone}

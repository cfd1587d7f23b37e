"""A scheduled job: messages that have stood long enough leave the handhelds."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.tasks import service

MESSAGES_PER_RUN: Final = 2_000
"""What is left waits for the next day."""


def run(session: Session, *, act: Act) -> dict[str, int]:
    """Let old messages of a district go."""
    gone = service.forget_messages(session, act=act, limit=MESSAGES_PER_RUN)
    return {"messages_gone": gone}

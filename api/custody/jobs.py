"""Scheduled jobs of custody."""

from __future__ import annotations

from sqlalchemy.orm import Session

from api.acts import Act
from api.custody import checkpoints, keys
from api.db import Database
from api.settings import Settings


class MakeCheckpoint:
    """Sign how far the chains of a district reach: read and signed first, then entered at once."""

    def __init__(self, database: Database, *, act: Act, settings: Settings) -> None:
        """Read and sign; nobody waits for it."""
        key = keys.opened(settings)
        with database.reading() as session:
            self._drafted = checkpoints.draft(session, act=act, key=key)

    def __call__(self, session: Session, *, act: Act, settings: Settings) -> dict[str, int]:
        """Enter the checkpoint."""
        del act, settings
        if self._drafted is None or not checkpoints.enter(session, self._drafted):
            return {}
        return {"checkpoints": 1, "leaves": len(self._drafted.leaves)}

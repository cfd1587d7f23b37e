"""Scheduled jobs of custody."""

from __future__ import annotations

from sqlalchemy.orm import Session

from api.acts import Act
from api.custody import checkpoints, keys, stamping
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


class StampCheckpoints:
    """Have new checkpoints stamped by a time-stamp authority, where one is named."""

    def __init__(self, database: Database, *, act: Act, settings: Settings) -> None:
        """Ask; no unit of work is open meanwhile."""
        self._tries = stamping.stamp_new(database, act=act, settings=settings)

    def __call__(self, session: Session, *, act: Act, settings: Settings) -> dict[str, int]:
        """Enter what was answered."""
        del settings
        return stamping.enter(session, self._tries, act=act)

"""The scheduled job of photos: files that have arrived are looked into, one after the other."""

from __future__ import annotations

from collections import Counter
from typing import Final

import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.db import Database
from api.evidence import depot
from api.photos import derived, service
from api.settings import Settings

FILES_PER_RUN: Final = 30
"""What is left waits for the next minute; at the bounds of one picture each, it is 15 minutes."""
_log = structlog.get_logger()


class Examine:
    """Look into the files of a district that have waited longest.

    Each is noted in a unit of work of its own, so that a run which is cut loses one file's work.
    """

    def __init__(self, database: Database, *, act: Act, settings: Settings) -> None:
        """Look; this takes as long as the pictures do."""
        self._counts: Counter[str] = Counter()
        files = depot.opened(settings)
        shelf = derived.Shelf(settings.data_dir / derived.FOLDER)
        for _ in range(FILES_PER_RUN):
            with database.unit_of_work() as session:
                taken = service.take(session, act=act)
            if taken is None:
                break
            self._examine(database, act=act, taken=taken, files=files, shelf=shelf)

    def __call__(self, session: Session, *, act: Act, settings: Settings) -> dict[str, int]:
        """Tell what was done; it is noted already."""
        del session, act, settings
        return {what: count for what, count in self._counts.items() if count}

    def _examine(
        self,
        database: Database,
        *,
        act: Act,
        taken: service.Taken,
        files: depot.Depot,
        shelf: derived.Shelf,
    ) -> None:
        try:
            found = service.look_into(taken, files=files, shelf=shelf)
        except (OSError, depot.DepotAway) as error:
            _log.warning("photo.not_looked_into", sha256=taken.sha256, error=str(error))
            with database.unit_of_work() as session:
                service.leave(session, act=act, taken=taken)
            self._counts["left"] += 1
            return
        with database.unit_of_work() as session:
            self._counts.update(service.note(session, act=act, taken=taken, found=found))

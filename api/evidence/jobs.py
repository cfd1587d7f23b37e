"""Scheduled jobs: uploads that are over make room; whole files are looked at, and swept."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm import Session

from api.acts import Act
from api.db import Database
from api.evidence import depot, keeping, sweeping
from api.settings import Settings


def sweep_uploads(session: Session, *, act: Act, settings: Settings) -> dict[str, int]:
    """Forget a district's uploads that are over, and discard the parts that nobody waits for."""
    return sweeping.sweep(session, act=act, files=depot.opened(settings))


class ScrubFiles:
    """Look at the files that were looked at longest ago, and enter what was found."""

    def __init__(self, database: Database, *, act: Act, settings: Settings) -> None:
        """Look; this takes as long as reading the files does."""
        files = depot.opened(settings)
        self._seen = keeping.look(database, district_id=act.district_id, files=files)

    def __call__(self, session: Session, *, act: Act, settings: Settings) -> dict[str, int]:
        """Enter what was found."""
        del settings
        return keeping.enter(session, act=act, seen=self._seen)


class SweepFiles:
    """Find files that are nobody's; condemn them, and delete those condemned before."""

    def __init__(self, database: Database, *, act: Act, settings: Settings) -> None:
        """Look; this lists the depot."""
        self._undeclared, self._unknown = keeping.find_nobodys(
            database, act=act, files=depot.opened(settings), grace_days=settings.orphan_days
        )

    def __call__(
        self,
        session: Session,
        *,
        act: Act,
        settings: Settings,
        spared: Collection[str] = frozenset(),
    ) -> dict[str, int]:
        """Condemn and delete, but for hashes that somebody may still declare."""
        return keeping.sweep(
            session,
            act=act,
            files=depot.opened(settings),
            undeclared=self._undeclared,
            unknown=self._unknown,
            spared=spared,
        )

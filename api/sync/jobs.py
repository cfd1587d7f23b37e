"""Scheduled jobs: held operations are tried again, receipts packed, nobody's files swept."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.db import Database
from api.evidence import jobs as evidence
from api.settings import Settings
from api.sync import declared, held
from api.sync.receipts import packing

OPERATIONS_PER_RUN: Final = 200
"""What is left waits for the next minute."""
PACKS_PER_RUN: Final = 5
"""720,000 operations a day of each district; phones that push meanwhile wait some 50 ms."""


def run(session: Session, *, act: Act) -> dict[str, int]:
    """Try the held operations of a district that are due, oldest first."""
    return dict(held.retry_due(session, act=act, limit=OPERATIONS_PER_RUN))


class SweepFiles:
    """Sweep files that are nobody's; what an operation declares that still waits is somebody's."""

    def __init__(self, database: Database, *, act: Act, settings: Settings) -> None:
        """Look; this lists the depot."""
        self._sweep = evidence.SweepFiles(database, act=act, settings=settings)

    def __call__(self, session: Session, *, act: Act, settings: Settings) -> dict[str, int]:
        """Condemn and delete."""
        spared = declared.list_hashes(session, district_id=act.district_id)
        return self._sweep(session, act=act, settings=settings, spared=spared)


def pack_receipts(session: Session, *, act: Act) -> dict[str, int]:
    """Pack the bytes of a district's old receipts, when nothing waits for an order any more."""
    return dict(packing.pack_old(session, act=act, age=held.WAIT_MAX, limit=PACKS_PER_RUN))

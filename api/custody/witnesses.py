"""Phones as witnesses: each keeps the newest checkpoint that it was shown, and says it.

A log that was cut or written anew contradicts the phones that saw the old one; so does a server
that was put back from a backup. Either is a finding for the office, and never the phone's trouble.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Final

import structlog
from sqlalchemy.orm import Session

from api import acts
from api.acts import Act
from api.crews import service as crews
from api.custody import store
from api.custody.models import Checkpoint
from api.feed import store as feed
from schemas import base, custody
from schemas.errors import FieldValue
from schemas.sync import CheckpointMark

FRESH: Final = dt.timedelta(seconds=30)
"""How long a worker goes by what it has read: a new checkpoint is shown so much later at most."""
KEPT: Final = 200
"""Checkpoints of a district that a worker keeps in mind: more than a week of them."""
FINDINGS_PER_DEVICE_MAX: Final = 20
_JOB: Final = "witnesses"
_log = structlog.get_logger()


@dataclasses.dataclass(frozen=True, slots=True)
class _Known:
    """The hashes of a district's newest checkpoints by their numbers, as of an instant."""

    read_at: dt.datetime
    hashes: Mapping[int, str]

    def newest(self) -> CheckpointMark | None:
        if not self.hashes:
            return None
        number = max(self.hashes)
        return CheckpointMark(number=number, sha256=self.hashes[number])


class Witnesses:
    """What this worker knows of checkpoints, so that a sync need not ask the database."""

    def __init__(self) -> None:
        """Begin knowing nothing."""
        self._known: dict[str, _Known] = {}

    def newest(
        self, session: Session, *, district_id: str, now: dt.datetime
    ) -> CheckpointMark | None:
        """Give the newest checkpoint of a district, as phones carry it."""
        return self._read(session, district_id=district_id, now=now).newest()

    def hear(self, session: Session, *, act: Act, device_id: str, seen: CheckpointMark) -> None:
        """Hold what a phone was shown against what is here; what differs is found once.

        Args:
            session: a unit of work.
            act: the phone's contact.
            device_id: the phone.
            seen: the newest checkpoint that it was ever shown.
        """
        known = self._read(session, district_id=act.district_id, now=act.received_at)
        if known.hashes.get(seen.number) == seen.sha256:
            return
        ours = store.find_hash(session, district_id=act.district_id, number=seen.number)
        if ours != seen.sha256:
            _find(session, act=act, device_id=device_id, seen=seen, ours=ours)

    def _read(self, session: Session, *, district_id: str, now: dt.datetime) -> _Known:
        known = self._known.get(district_id)
        if known is None or abs(now - known.read_at) >= FRESH:
            hashes = store.list_newest_hashes(session, district_id=district_id, limit=KEPT)
            known = self._known[district_id] = _Known(now, hashes)
        return known


def _find(
    session: Session, *, act: Act, device_id: str, seen: CheckpointMark, ours: str | None
) -> None:
    """Keep a finding, unless it is kept already or the phone has brought too many."""
    brought = store.list_marks_found(
        session, district_id=act.district_id, device_id=device_id, limit=FINDINGS_PER_DEVICE_MAX
    )
    if (seen.number, seen.sha256) in brought or len(brought) == FINDINGS_PER_DEVICE_MAX:
        return
    row = {
        "district_id": act.district_id,
        "id": act.new_id(),
        "device_id": device_id,
        "number": seen.number,
        "said_sha256": seen.sha256,
        "our_sha256": ours,
        "restored_after": _restored_after(session, district_id=act.district_id),
        "found_at": act.received_at,
        "explained_at": None,
        "explained_by": None,
        "note": "",
    }
    if store.add_finding(session, row=row):
        own = acts.system(district_id=act.district_id, now=act.received_at, job=_JOB)
        detail: dict[str, FieldValue] = {"device_id": device_id, "number": seen.number}
        crews.audit(
            session, act=own, what="custody.found", subject_id=str(row["id"]), detail=detail
        )
        _log.warning("custody.found", device_id=device_id, number=seen.number)


def _restored_after(session: Session, *, district_id: str) -> int | None:
    """Tell after which checkpoint a new lineage began, as far as the newest ones tell.

    None where none began; where there are none at all, 0: a backup of before the first is possible.
    """
    lineage = feed.find_lineage(session) or ""
    rows = store.list_before(session, district_id=district_id, number=None, limit=KEPT)
    for row in rows:
        if _lineage_of(row) != lineage:
            return row.number
    return None if rows else 0


def _lineage_of(row: Checkpoint) -> str | None:
    """Read the lineage of a checkpoint; None where somebody spoilt its statement."""
    try:
        return base.decode(row.statement, custody.Statement).lineage
    except base.UNREADABLE:
        return None

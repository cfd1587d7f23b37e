"""Stamping: a time stamp for each new checkpoint, asked for outside of any unit of work."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Final

import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.custody import stamps, store
from api.custody.models import Checkpoint
from api.db import Database
from api.settings import Settings

STAMPS_PER_RUN: Final = 20
_log = structlog.get_logger()


@dataclasses.dataclass(frozen=True, slots=True)
class Try:
    """How asking for one checkpoint's stamp went: a stamp, or why there is none."""

    number: int
    stamp: stamps.Stamp | None
    why: str = ""


def stamp_new(database: Database, *, act: Act, settings: Settings) -> list[Try]:
    """Ask for the stamps of a district's checkpoints since the newest stamped one.

    The first that fails ends the run; the next one tries again. A district that has no stamp yet
    begins with its newest checkpoint, which vouches for all before it.
    """
    if not settings.tsa_url:
        return []
    with database.reading() as session:
        waiting = _list_waiting(session, district_id=act.district_id)
    tries: list[Try] = []
    for row in waiting:
        tries.append(_try(row, settings=settings, now=act.happened.at))
        if tries[-1].stamp is None:
            break
    return tries


def enter(session: Session, tries: Sequence[Try], *, act: Act) -> dict[str, int]:
    """Enter how asking went; tell how many stamps came and how many did not."""
    for each in tries:
        store.put_stamp(
            session,
            row={
                "district_id": act.district_id,
                "number": each.number,
                "tried_at": act.happened.at,
                "answer": each.stamp.answer if each.stamp else None,
                "stamped_at": each.stamp.at if each.stamp else None,
                "error": each.why,
            },
        )
    stamped = sum(each.stamp is not None for each in tries)
    counts = {"stamped": stamped, "failed": len(tries) - stamped}
    return {what: count for what, count in counts.items() if count}


def _list_waiting(session: Session, *, district_id: str) -> Sequence[Checkpoint]:
    last = store.find_stamped_number(session, district_id=district_id)
    if last is None:
        newest = store.find_newest(session, district_id=district_id)
        return [newest] if newest else []
    return store.list_after(session, district_id=district_id, number=last, limit=STAMPS_PER_RUN)


def _try(row: Checkpoint, *, settings: Settings, now: dt.datetime) -> Try:
    try:
        roots = stamps.list_roots(settings)
        stamp = stamps.ask(settings.tsa_url, message=row.statement, roots=roots, now=now)
    except stamps.StampRefusedError as refused:
        _log.warning("checkpoint.not_stamped", number=row.number, error=str(refused))
        return Try(row.number, None, str(refused))
    return Try(row.number, stamp)

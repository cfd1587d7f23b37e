"""Blind samples: readings that are read again though nothing was found in them.

Every reading may be drawn; more are drawn from a reader whose last digits, or whose share of round
values, zeros and exact estimates, are not chance's (ER40, ER41). That accuses nobody and is told to
nobody: it only says where to look. The same day draws the same readings, however often it is asked.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Final

import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.readings import store
from api.readings.service import rereads as asking
from api.readings.service import thresholds
from schemas import readings
from schemas.rules import batches, rereads

DAY: Final = dt.timedelta(days=1)
TAKES_PER_READER: Final = 1_000
DRAWN_FROM_MAX: Final = 50_000
_log = structlog.get_logger()


def draw(session: Session, *, act: Act) -> int:
    """Draw from what was read since the day before; count the re-reads that are new."""
    policy = thresholds.IN_FORCE.rereads
    since = act.received_at - DAY
    rows = store.list_unquestioned(
        session, district_id=act.district_id, since=since, limit=DRAWN_FROM_MAX
    )
    odd = odd_readers(session, act=act, ids=sorted({row.reader_id or "" for row in rows} - {""}))
    period = since.date().isoformat()
    drawn = [
        row
        for row in rows
        if rereads.is_sampled(
            row.reading_id,
            period=period,
            share=policy.odd_sample_share if row.reader_id in odd else policy.sample_share,
        )
    ]
    return asking.open_all(
        session,
        act=act,
        reason=readings.RereadReason.SAMPLED,
        wanted=[(row.reading_id, row.meter_id, row.reader_id, ()) for row in drawn],
    )


def odd_readers(session: Session, *, act: Act, ids: Sequence[str]) -> frozenset[str]:
    """Tell which readers' digits or rates are not chance's, among those who read lately."""
    policy = thresholds.IN_FORCE
    since = act.received_at - DAY * policy.rereads.odd_days
    taken = {
        reader_id: store.list_takes_lately(
            session,
            district_id=act.district_id,
            reader_id=reader_id,
            since=since,
            limit=TAKES_PER_READER,
        )
        for reader_id in ids
    }
    readers = [_reader(session, act, reader_id, rows) for reader_id, rows in taken.items()]
    found = list(batches.odd_readers(readers, policy.batches))
    for odd in found:
        _log.info("reader.odd", code=odd.flag.code)
    return frozenset(odd.reader_id for odd in found)


def _reader(
    session: Session, act: Act, reader_id: str, rows: Sequence[store.SampleRow]
) -> batches.Reader:
    """Count last digits and remarkable values of one reader."""
    found = store.list_flag_codes(
        session, district_id=act.district_id, reading_ids=[row.reading_id for row in rows]
    )
    digits = [0] * 10
    marked: Counter[batches.Kind] = Counter()
    for row in rows:
        digits[int(row.total) % 10] += 1
        used_units = None if row.used_kwh is None else row.used_kwh / row.multiplier
        equals = (row.reading_id, "ER14") in found
        marked.update(batches.kinds_of(row.total, used_units, equals_estimate=equals))
    return batches.Reader(reader_id, digits, marked, len(rows))

"""Flag readings: what the rules find in what nobody has looked at yet.

A reading that comes late may put those after it in another light, so a meter is judged from its
earliest new reading on, and a reader's day as a whole. Each finding is kept once for a reading and
rule; running again adds none.
How many estimates are allowed is a promise: it holds as the district's policy set had it when the
meter was read, so that a new choice puts no old reading in the wrong.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.readings import store
from api.readings.models import Unjudged
from api.readings.service import (
    allowing,
    customers,
    findings,
    histories,
    rereads,
    revisiting,
    thresholds,
    walking,
    windows,
)
from schemas.rules import judging

READINGS_PER_BATCH: Final = 2_000
BATCHES_MAX: Final = 50
"""A run looks at 100,000 readings at most; the next goes on where it stopped."""

PolicyAt = Callable[[dt.datetime], judging.Policy]
"""Gives what was allowed, and what is suspicious, at an instant."""


def flag_readings(session: Session, *, act: Act) -> dict[str, int]:
    """Judge the readings that came since the last run: their meters' numbers, their readers' days.

    Returns:
        How many readings were looked at, how many flags of each code are new, and how many
        customers' own readings were set aside.
    """
    counts: Counter[str] = Counter()
    looked_at = 0
    days: set[walking.Day] = set()
    for _ in range(BATCHES_MAX):
        batch = store.list_unjudged(session, district_id=act.district_id, limit=READINGS_PER_BATCH)
        if not batch:
            break
        counts["set_aside"] += customers.set_aside_conflicts(session, act=act, unjudged=batch)
        counts.update(_judge_meters(session, act, _earliest(batch)))
        counts.update(revisiting.flag_missed(session, act=act, unjudged=batch))
        days |= walking.days_of(session, act=act, unjudged=batch)
        counts.update(rereads.settle(session, act=act, unjudged=batch))
        looked_at += len(batch)
        store.forget_unjudged(
            session,
            district_id=act.district_id,
            reading_ids=[each.reading_id for each in batch],
        )
    counts.update(walking.flag_days(session, act=act, days=days))
    return {"readings": looked_at, **+counts}


def _earliest(batch: Sequence[Unjudged]) -> dict[str, dt.datetime]:
    """Tell from when on each meter is judged."""
    since: dict[str, dt.datetime] = {}
    for each in batch:
        since[each.meter_id] = min(since.get(each.meter_id, each.read_at), each.read_at)
    return since


def _judge_meters(session: Session, act: Act, since: Mapping[str, dt.datetime]) -> dict[str, int]:
    """Judge some meters by their numbers, keep what is new, and count it by code.

    Their windows are written anew, for what the sweep looks at.
    """
    loaded = histories.load(
        session,
        district_id=act.district_id,
        meter_ids=sorted(since),
        until=act.received_at,
    )
    known = histories.apart(loaded)
    ids = [reading.id for readings in known.readings.values() for reading in readings]
    book = findings.Book(session, act=act, reading_ids=ids)
    doubted = {reading_id for reading_id, code in book.there if code in judging.WRONG_CODES}
    policy_at = functools.partial(_policy, session, act.district_id)
    for meter_id, readings in known.readings.items():
        readers = {reading.id: reading.reader_id for reading in readings}
        for finding in judging.judge(
            histories.past_of(known, meter_id),
            register=histories.register_of(known.meters[meter_id]),
            since=_first_index(readings, since[meter_id]),
            doubted=doubted,
            policies=[policy_at(reading.read_at) for reading in readings],
        ):
            book.keep(
                finding.flag,
                reading_id=finding.reading_id,
                meter_id=meter_id,
                reader_id=readers[finding.reading_id],
            )
    windows.keep(session, act=act, known=known, found=book.there)
    return book.counts


def _policy(session: Session, district_id: str, at: dt.datetime) -> judging.Policy:
    """Take what is promised from the policy set in force, and the rest from the thresholds."""
    limits = allowing.limits(session, district_id=district_id, at=at)
    return judging.Policy(limits, thresholds.IN_FORCE.use)


def _first_index(readings: Sequence[store.PastReading], first_at: dt.datetime) -> int:
    """Find where judging begins: at the earliest new reading, counting or not."""
    return next(
        (index for index, each in enumerate(readings) if each.read_at >= first_at), len(readings)
    )

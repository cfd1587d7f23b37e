"""Flag estimated readings: what the rules find in readings that nobody has looked at yet.

A reading that comes late may put those after it in another light, so a meter is judged from its
earliest new reading on. Each finding is kept once for a reading and rule; running again adds none.
How many estimates are allowed is a promise: it holds as the district's policy set had it when the
meter was read, so that a new choice puts no old reading in the wrong.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import structlog
from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.promises import service as promises
from api.readings import store
from api.readings.models import Flag, Unjudged
from api.readings.service import announcing, histories
from api.sites.models import Meter
from schemas.rules import estimates, estimators, flags

READINGS_PER_BATCH: Final = 2_000
BATCHES_MAX: Final = 50
"""A run looks at 100,000 readings at most; the next goes on where it stopped."""
WRONG_CODES: Final = frozenset({"ER10"})
"""Findings that make a reading no ground to judge later ones by."""
_log = structlog.get_logger()

LimitsAt = Callable[[dt.datetime], estimates.Limits]
"""Gives the policy for estimates at an instant."""


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """A flag and the reading that it charges."""

    reading: store.PastReading
    flag: flags.Flag


def flag_estimates(session: Session, *, act: Act) -> dict[str, int]:
    """Judge the readings that came since the last run.

    Returns:
        How many readings were looked at, and how many flags of each code are new.
    """
    counts: dict[str, int] = {"readings": 0}
    for _ in range(BATCHES_MAX):
        batch = store.list_unjudged(session, district_id=act.district_id, limit=READINGS_PER_BATCH)
        if not batch:
            break
        since: dict[str, Unjudged] = {}
        for each in batch:
            first = since.setdefault(each.meter_id, each)
            since[each.meter_id] = min(first, each, key=lambda one: one.read_at)
        for code in _judge(session, act, since):
            counts[code] = counts.get(code, 0) + 1
        store.forget_unjudged(
            session,
            district_id=act.district_id,
            reading_ids=[each.reading_id for each in batch],
        )
        counts["readings"] += len(batch)
    return counts


def judge_meter(
    meter: Meter,
    known: histories.Known,
    *,
    since: int,
    doubted: set[str],
    limits_at: LimitsAt,
) -> Iterator[Finding]:
    """Judge a meter's readings from one on.

    Args:
        meter: whose readings.
        known: its history.
        since: index of the first reading to judge.
        doubted: readings known to be wrong; those found so are added.
        limits_at: the policy for estimates when a reading was taken.
    """
    readings = known.readings[meter.id]
    for index in range(since, len(readings)):
        found = _judge_one(meter, known, index=index, doubted=doubted, limits_at=limits_at)
        if any(finding.flag.back for finding in found):
            yield from (finding for finding in found if finding.flag.back)
            doubted.update(finding.reading.id for finding in found if finding.flag.back)
            found = _judge_one(meter, known, index=index, doubted=doubted, limits_at=limits_at)
        yield from found
        doubted.update(finding.reading.id for finding in found if finding.flag.code in WRONG_CODES)


def row_of(
    act: Act, *, reading_id: str, meter_id: str, reader_id: str | None, flag: flags.Flag
) -> dict[str, object]:
    """Write a finding about a reading as it is kept, and say so in the log."""
    _log.info("reading.flagged", reading_id=reading_id, code=flag.code)
    return {
        "district_id": act.district_id,
        "id": act.new_id(),
        "reading_id": reading_id,
        "meter_id": meter_id,
        "reader_id": reader_id,
        "code": flag.code,
        "rule_version": flag.version,
        "severity": str(flag.severity),
        "cim": flag.cim,
        "inputs": dict(flag.inputs),
        "en": flag.en,
        "zh": flag.zh,
        "found_at": act.received_at,
        "told": [],
        "outcome": None,
    }


def _judge(session: Session, act: Act, since: dict[str, Unjudged]) -> Iterator[str]:
    """Judge some meters, keep what is new, and name the code of each."""
    known = histories.load(
        session,
        district_id=act.district_id,
        meter_ids=sorted(since),
        until=act.received_at,
    )
    ids = [reading.id for readings in known.readings.values() for reading in readings]
    there = store.list_flag_codes(session, district_id=act.district_id, reading_ids=ids)
    wrong = {reading_id for reading_id, code in there if code in WRONG_CODES}
    limits_at = functools.partial(_limits, session, act.district_id)
    for meter_id, readings in known.readings.items():
        start = _first_index(readings, since[meter_id])
        for finding in judge_meter(
            known.meters[meter_id], known, since=start, doubted=wrong, limits_at=limits_at
        ):
            key = (finding.reading.id, finding.flag.code)
            if key not in there:
                there.add(key)
                row = row_of(
                    act,
                    reading_id=finding.reading.id,
                    meter_id=finding.reading.meter_id,
                    reader_id=finding.reading.reader_id,
                    flag=finding.flag,
                )
                db.append(session, Flag, row)
                announcing.flagged(session, act=act, row=row)
                yield finding.flag.code


def _limits(session: Session, district_id: str, at: dt.datetime) -> estimates.Limits:
    """Take from the policy set what it says; the rest is the rule's own."""
    policy = promises.limits(session, district_id=district_id, at=at)
    return estimates.Limits(
        in_a_row=policy.estimates_in_row_max, in_12_months=policy.estimates_in_year_max
    )


def _first_index(readings: Sequence[store.PastReading], first: Unjudged) -> int:
    """Find where judging begins: at the earliest new reading, counting or not."""
    return next(
        (index for index, each in enumerate(readings) if each.read_at >= first.read_at),
        len(readings),
    )


def _judge_one(
    meter: Meter,
    known: histories.Known,
    *,
    index: int,
    doubted: set[str],
    limits_at: LimitsAt,
) -> list[Finding]:
    readings = known.readings[meter.id]
    register = histories.register_of(meter)
    judged = readings[index]
    before = histories.cycles_of(
        readings[: index + 1], register=register, zone=known.zone, doubted=doubted - {judged.id}
    )
    case = estimates.Case(
        cycle=before[-1],
        before=before[:-1],
        register=register,
        method=estimators.Method(judged.estimator) if judged.estimator else None,
        explained=histories.explained(
            known.events.get(meter.id, ()),
            after=readings[index - 1].read_at if index else None,
            until=judged.read_at,
        ),
    )
    found = estimates.judge(case, limits_at(judged.read_at))
    return [Finding(readings[index - flag.back], flag) for flag in found]

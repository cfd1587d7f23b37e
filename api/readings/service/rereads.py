"""Re-reads: what looks invented is read again by somebody else, and the answer feeds back.

At most one for a reading, and one at a time for a meter. Whoever took the first reading never takes
the second: the job gives it to another reader, and a second reading by the same hand settles
nothing. A sample is read again though nothing was found, and its reader is told nothing of it.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec
import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.readings import store
from api.readings.models import Reread, Unjudged
from api.readings.service import histories, planning, thresholds
from api.sites import service as sites
from api.sites.models import Meter
from schemas import readings
from schemas.rules import flags, judging, rereads, usage

FINDINGS_DAYS: Final = 60
"""Older findings open no re-read any more: the meter has been read since."""
FINDINGS_MAX: Final = 20_000
PLANNED_MAX: Final = 5_000
READERS_DAYS: Final = 60
_log = structlog.get_logger()


def ask(session: Session, *, act: Act) -> int:
    """Ask for a re-read of every reading that its findings call invented; count the new ones."""
    found = store.list_findings(
        session,
        district_id=act.district_id,
        since=act.received_at - dt.timedelta(days=FINDINGS_DAYS),
        limit=FINDINGS_MAX,
    )
    wanted = [
        (rows[0], [row.code for row in rows])
        for _, group in itertools.groupby(found, lambda row: row.reading_id)
        for rows in [list(group)]
        if rereads.is_invented([row.code for row in rows])
    ]
    return open_all(
        session,
        act=act,
        reason=readings.RereadReason.FLAGGED,
        wanted=[(row.reading_id, row.meter_id, row.reader_id, codes) for row, codes in wanted],
    )


def open_all(
    session: Session,
    *,
    act: Act,
    reason: readings.RereadReason,
    wanted: Sequence[tuple[str, str, str | None, Sequence[str]]],
) -> int:
    """Open re-reads, but for meters that wait for one already; count the new ones.

    Args:
        session: the unit of work.
        act: whose district.
        reason: why.
        wanted: reading, meter, reader and the findings that ask for it.
    """
    waiting = store.list_meters_open(
        session,
        district_id=act.district_id,
        meter_ids=sorted({meter_id for _, meter_id, _, _ in wanted}),
    )
    asked = 0
    for reading_id, meter_id, reader_id, codes in wanted:
        if meter_id in waiting:
            continue
        waiting.add(meter_id)
        asked += 1
        _log.info("reread.asked", reading_id=reading_id, reason=reason, codes=codes)
        session.add(
            Reread(
                district_id=act.district_id,
                reading_id=reading_id,
                meter_id=meter_id,
                reader_id=reader_id,
                reason=str(reason),
                codes=list(codes),
                opened_at=act.received_at,
                due_at=act.received_at + dt.timedelta(days=thresholds.IN_FORCE.rereads.within_days),
                en="",
                zh="",
            )
        )
    session.flush()
    return asked


def plan(session: Session, *, act: Act) -> int:
    """Put re-reads on routes of readers who did not take the first reading; count the routes."""
    unplanned = store.list_unplanned(session, district_id=act.district_id, limit=PLANNED_MAX)
    hands = _Hands(session, act)
    routes = 0
    for reader_id, group in itertools.groupby(unplanned, lambda row: row.reader_id):
        for some in _cut(list(group)):
            _plan_one(session, act, some, person_id=hands.other_than(reader_id, meters=len(some)))
            routes += 1
    return routes


def settle(session: Session, *, act: Act, unjudged: Sequence[Unjudged]) -> dict[str, int]:
    """Hold new readings on routes of re-reads against the first ones; count outcomes."""
    meter_ids = sorted({each.meter_id for each in unjudged})
    waiting = store.list_open_of_meters(session, district_id=act.district_id, meter_ids=meter_ids)
    if not waiting:
        return {}
    seconds = store.list_seconds(
        session,
        district_id=act.district_id,
        route_ids={row.route_id for row in waiting if row.route_id},
        meter_ids=sorted({row.meter_id for row in waiting}),
    )
    known = histories.load(
        session,
        district_id=act.district_id,
        meter_ids=sorted({row.meter_id for row in waiting}),
        until=act.received_at,
    )
    counts: Counter[str] = Counter()
    for row in waiting:
        second = next((each for each in seconds if _settles(row, each)), None)
        if second is not None:
            counts[_settle_one(session, act, row, second, known)] += 1
    return dict(counts)


def list_rereads(
    session: Session, *, act: Act, chosen: store.RereadFilter, after: store.After, limit: int
) -> list[readings.Reread]:
    """List re-reads, those due last first."""
    rows = store.page_of_rereads(
        session, district_id=act.district_id, chosen=chosen, after=after, limit=limit
    )
    return [msgspec.convert(row, readings.Reread, from_attributes=True) for row in rows]


def precision(session: Session, *, act: Act) -> list[readings.RulePrecision]:
    """Tell how often each rule was right, of what was read again."""
    counts: dict[str, Counter[str | None]] = {}
    for row in store.count_by_rule(session, district_id=act.district_id):
        counts.setdefault(row.code, Counter())[row.outcome] += row.findings
    return [_precision(code, counted) for code, counted in sorted(counts.items())]


class _Hands:
    """The district's readers, and how much each got just now; whoever has least gets the next."""

    def __init__(self, session: Session, act: Act) -> None:
        since = act.received_at - dt.timedelta(days=READERS_DAYS)
        lately = store.list_readers_since(session, district_id=act.district_id, since=since)
        active = crews.list_active(session, district_id=act.district_id, ids=lately)
        self._given: dict[str, int] = dict.fromkeys(active, 0)

    def other_than(self, reader_id: str | None, *, meters: int) -> str | None:
        """Choose somebody else; None leaves the choice to the office."""
        others = [each for each in self._given if each != reader_id]
        if not others:
            return None
        chosen = min(others, key=lambda each: (self._given[each], each))
        self._given[chosen] += meters
        return chosen


def _cut(rows: Sequence[Reread]) -> Iterator[Sequence[Reread]]:
    """Cut a list into routes; each meter once, and only those that still stand."""
    most = thresholds.IN_FORCE.rereads.meters_per_route_max
    for start in range(0, len(rows), most):
        yield rows[start : start + most]


def _plan_one(session: Session, act: Act, rows: Sequence[Reread], *, person_id: str | None) -> None:
    meters = sites.load_meters(
        session, district_id=act.district_id, ids=[row.meter_id for row in rows]
    )
    standing = [row for row in rows if _stands(row, meters)]
    for row in rows:
        if row not in standing:
            _close(act, row, outcome=rereads.Outcome.open_question, second_id=None)
            row.en, row.zh = "The meter was removed before.", "该电表在复抄前已拆除。"
    if not standing:
        return
    draft = readings.RouteDraft(
        name=f"复抄 {act.received_at.date().isoformat()}",
        meter_ids=[row.meter_id for row in standing],
        person_id=person_id,
    )
    task = planning.plan_route(session, act=act, draft=draft)
    for row in standing:
        row.route_id = task.id


def _stands(row: Reread, meters: Mapping[str, Meter]) -> bool:
    meter = meters.get(row.meter_id)
    return meter is not None and meter.removed_at is None


def _settles(row: Reread, second: store.SecondRow) -> bool:
    """Tell whether a reading is the second one: of its route, and by another hand."""
    return second.meter_id == row.meter_id and second.reader_id != row.reader_id


def _settle_one(
    session: Session,
    act: Act,
    row: Reread,
    second: store.SecondRow,
    known: histories.Known,
) -> str:
    past = histories.past_of(known, row.meter_id)
    by_id = {each.id: each for each in past}
    first, later = by_id.get(row.reading_id), by_id.get(second.reading_id)
    if first is None or later is None:
        answer = rereads.Answer(
            rereads.Outcome.open_question,
            "One of the two readings does not count any more.",
            "两次示数之一已不再有效。",
        )
    else:
        register = histories.register_of(known.meters[row.meter_id])
        before = judging.cycles_of(past[: past.index(first)], register)
        answer = rereads.answer(
            rereads.Seen(first.value, first.read_on),
            rereads.Seen(later.value, later.read_on),
            register,
            usual=usage.usual(before, days=(later.read_on - first.read_on).days),
            slack_units=thresholds.IN_FORCE.rereads.slack_units,
        )
    _close(act, row, outcome=answer.outcome, second_id=second.reading_id)
    row.en, row.zh = answer.en, answer.zh
    store.note_outcome(
        session,
        district_id=act.district_id,
        reading_id=row.reading_id,
        outcome=str(answer.outcome),
    )
    return str(answer.outcome)


def _close(act: Act, row: Reread, *, outcome: rereads.Outcome, second_id: str | None) -> None:
    _log.info("reread.settled", reading_id=row.reading_id, outcome=outcome)
    row.outcome = str(outcome)
    row.second_id = second_id
    row.settled_at = act.received_at


def _precision(code: str, counted: Counter[str | None]) -> readings.RulePrecision:
    upheld = counted[str(rereads.Outcome.upheld)]
    cleared = counted[str(rereads.Outcome.cleared)]
    settled = upheld + cleared
    return readings.RulePrecision(
        code=code,
        name=flags.RULES[code].name if code in flags.RULES else code,
        upheld=upheld,
        cleared=cleared,
        open=sum(counted.values()) - settled,
        precision=upheld / settled if settled else None,
    )

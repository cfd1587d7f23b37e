"""How a clock comes to its state: by an event at once, by time when the job looks.

An event that stops or voids a clock decides it whatever phone is silent.
Everything else needs to know how far the phone in charge has reported, so it waits for the job:
`next_at` calls for it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.notices import service as notices
from api.promises import store
from api.promises.models import Clock
from api.promises.service import calendars, rulebook, words
from api.supervision import service as supervision
from schemas.notices import NoticeKind
from schemas.promises import Cause
from schemas.rules import clocks, deadlines

RECHECK_S: Final = 300
"""How soon a provisional clock is looked at again: its phone may have been heard by then."""
_TICK: Final = dt.timedelta(microseconds=1)
_CAUSES: Final[Mapping[clocks.State, Cause]] = MappingProxyType(
    {
        clocks.State.running: Cause.started,
        clocks.State.warned_50: Cause.half_gone,
        clocks.State.warned_80: Cause.most_gone,
        clocks.State.provisional: Cause.phone_dark,
        clocks.State.breached: Cause.overdue,
        clocks.State.kept: Cause.stopped,
        clocks.State.void: Cause.voided,
        clocks.State.paused: Cause.paused,
    }
)
_FRACTIONS: Final[Mapping[clocks.State, float]] = MappingProxyType(
    {
        clocks.State.warned_50: clocks.WARN_50_FRACTION,
        clocks.State.warned_80: clocks.WARN_80_FRACTION,
    }
)
Covered = Callable[[Clock], dt.datetime | None]
_log = structlog.get_logger()


def touched(
    session: Session, *, act: Act, clock: Clock, cause: Cause, event: str | None, remark: str = ""
) -> None:
    """Bring a clock to its state after an event, and write that into its ledger."""
    before = clock.state
    if _is_decided(clock):
        judged = _judge(clock, now=act.received_at, covered_until=None)
        _take(clock, judged)
        overdue = judged.state is clocks.State.breached and clock.supervision_id is None
        clock.next_at = act.received_at if overdue else None
    else:
        clock.next_at = act.received_at
    _tell_case(session, act, clock, before=before)
    if before == clocks.State.breached and clock.state in clocks.SETTLED:
        cause = Cause.cleared if cause is Cause.stopped else cause
    write(
        session, act=act, clock=clock, cause=cause, at=act.happened.at, event=event, remark=remark
    )


def write(
    session: Session,
    *,
    act: Act,
    clock: Clock,
    cause: Cause,
    at: dt.datetime,
    event: str | None = None,
    remark: str = "",
) -> None:
    """Write one line into a clock's ledger, with how the clock stands."""
    clock.told_at = act.received_at
    if clock.stopped_at is not None:
        took = clock.stopped_at - clock.started_at
        clock.took_ms = round(took.total_seconds() * 1_000)
    store.write_moment(
        session,
        {
            "district_id": clock.district_id,
            "id": act.new_id(),
            "clock_id": clock.id,
            "at": at,
            "heard_at": act.received_at,
            "error_s": act.happened.error_s if event else 0.0,
            "state": clock.state,
            "sure": clock.sure,
            "late_s": clock.late_s,
            "cause": str(cause),
            "event": event,
            "by": act.principal.person_id,
            "remark": remark,
            "crew_id": clock.crew_id,
            "took_ms": clock.took_ms,
        },
    )


def settle_due(session: Session, *, act: Act, limit: int) -> Counter[str]:
    """Bring the clocks that time may have changed to their state, the longest waiting first.

    Clocks that another worker holds are left to it.

    Args:
        session: the unit of work.
        act: the job's act; the clocks are judged at its instant.
        limit: how many clocks at most.

    Returns:
        How many were `looked` at, changed to each state, and got a `case`.
    """
    counts: Counter[str] = Counter()
    covered = _coverage(session, act)
    due = store.lock_due(session, district_id=act.district_id, now=act.happened.at, limit=limit)
    for clock in due:
        counts["looked"] += 1
        counts += _look(session, act, clock, covered)
    return counts


def _look(session: Session, act: Act, clock: Clock, covered: Covered) -> Counter[str]:
    """Judge one clock by the present instant; open its case when it is breached."""
    counts: Counter[str] = Counter()
    now = act.happened.at
    before, was_sure = clock.state, clock.sure
    judged = _judge(clock, now=now, covered_until=covered(clock))
    cause, at = _why(clock, judged, now)
    broken = before == clocks.State.breached
    if broken and judged.state is clocks.State.provisional:
        # Handed to a dark phone: what was broken stays so until proof, which may be on its way.
        at = now
        judged = dataclasses.replace(judged, state=clocks.State.breached)
    _take(clock, judged)
    clock.next_at = _look_again(judged, now)
    if clock.state != before:
        counts[clock.state] += 1
        if judged.state is clocks.State.warned_80:
            _tell_crew(session, act, clock)
    if (clock.state, clock.sure) != (before, was_sure):
        write(session, act=act, clock=clock, cause=cause, at=at)
        _log.info("clock.changed", clock_id=clock.id, state=clock.state, before=before)
    if clock.state == clocks.State.breached and clock.supervision_id is None:
        counts["case"] += 1
        _open_case(session, act, clock)
    else:
        _tell_case(session, act, clock, before=before)
    return counts


def _look_again(judged: clocks.Judgement, now: dt.datetime) -> dt.datetime | None:
    """Say when time may change a clock again; never now, where the same look would repeat."""
    if judged.next_at is None:
        return None
    if judged.sure:
        return max(judged.next_at, now + _TICK)
    recheck_at = now + dt.timedelta(seconds=RECHECK_S)
    return max(min(judged.next_at, recheck_at), now + _TICK)


def _why(clock: Clock, judged: clocks.Judgement, now: dt.datetime) -> tuple[Cause, dt.datetime]:
    """Say why time changed a clock, and at which instant it did."""
    if (fraction := _FRACTIONS.get(judged.state)) is not None:
        at = deadlines.warn_at(counted_from(clock), clock.due_at, fraction=fraction)
        return _CAUSES[judged.state], at
    if judged.state is clocks.State.breached and not judged.sure:
        return Cause.silent, clock.due_at + dt.timedelta(seconds=clock.grace_s)
    if judged.state in {clocks.State.breached, clocks.State.provisional}:
        return _CAUSES[judged.state], clock.due_at
    return _CAUSES[judged.state], now


def counted_from(clock: Clock) -> dt.datetime:
    """Say from when a clock's time is counted: what it stood still moves its start as its end."""
    return clock.started_at + dt.timedelta(seconds=clock.paused_s)


def stop_of(clock: Clock) -> clocks.Told | None:
    """Tell the moment that stops a clock, as far as it is known."""
    if clock.stopped_at is None:
        return None
    assert clock.stopped_from_at is not None
    assert clock.stopped_by_at is not None
    return clocks.Told(clock.stopped_at, clock.stopped_from_at, clock.stopped_by_at)


def _judge(
    clock: Clock, *, now: dt.datetime, covered_until: dt.datetime | None
) -> clocks.Judgement:
    return clocks.judge(
        now=now,
        started_at=counted_from(clock),
        due=clocks.Told(clock.due_at, clock.due_from_at, clock.due_by_at),
        stop=stop_of(clock),
        covered_until=covered_until,
        grace_s=clock.grace_s,
        voided_at=clock.voided_at,
        paused_at=clock.paused_at,
    )


def _is_decided(clock: Clock) -> bool:
    """Tell whether what is known settles the clock, whatever a silent phone may still bring."""
    voided_at = clock.voided_at
    if clock.stopped_at is not None and (voided_at is None or clock.stopped_at <= voided_at):
        return True
    if voided_at is not None and voided_at <= clock.due_at:
        return True
    return clock.paused_at is not None and clock.paused_at <= clock.due_at


def _take(clock: Clock, judged: clocks.Judgement) -> None:
    clock.state = str(judged.state)
    clock.sure = judged.sure
    clock.late_s = judged.late_s


def _coverage(session: Session, act: Act) -> Covered:
    """Say how far the phone in charge of a clock has reported; each crew is asked for once a day.

    Who left a crew on the day on which the clock began is in charge as well.
    """
    known: dict[tuple[str | None, str | None, dt.datetime], dt.datetime | None] = {}

    def covered(clock: Clock) -> dt.datetime | None:
        nobodys = clock.crew_id is None and clock.person_id is None
        if nobodys or clock.stop_event in clocks.OFFICE_EVENTS:
            return None
        day = clock.started_at.replace(hour=0, minute=0, second=0, microsecond=0)
        holder = (clock.crew_id, clock.person_id, day)
        if holder not in known:
            known[holder] = crews.covered_until(
                session,
                district_id=act.district_id,
                crew_id=clock.crew_id,
                person_id=clock.person_id,
                left_since=day,
            )
        return known[holder]

    return covered


def _tell_crew(session: Session, act: Act, clock: Clock) -> None:
    """Wake the phones of whoever can still keep a promise; once for each clock."""
    near_at = clocks.near_at(
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        stop_event=clock.stop_event,
    )
    if near_at is None:
        return
    notices.tell(
        session,
        act=act,
        kind=NoticeKind.PROMISE_NEAR,
        subject_id=clock.subject_id,
        cause=f"clock:{clock.id}",
        crew_id=clock.crew_id,
        person_id=clock.person_id,
        until=clock.due_at,
    )


def _open_case(session: Session, act: Act, clock: Clock) -> None:
    """Open the one supervision case of a breached clock."""
    zone = calendars.zone(session, district_id=clock.district_id)
    clock.supervision_id = supervision.open_case(
        session,
        act=act,
        breach=supervision.Breach(
            clock_id=clock.id,
            subject_id=clock.subject_id,
            kind=clock.kind,
            crew_id=clock.crew_id,
            person_id=clock.person_id,
            due_at=clock.due_at,
            ended_at=_ended_at(clock),
            major=clock.major,
            turn=clock.round if clock.promise_id is None else 1,
            ladder=rulebook.ladder_of(clock.policy),
            words=words.of_case(clock, zone=zone),
        ),
    )


def _tell_case(session: Session, act: Act, clock: Clock, *, before: str) -> None:
    """Let a clock's supervision case follow it: cleared, open again, or at its end."""
    if clock.supervision_id is None:
        return
    case_id, broken = clock.supervision_id, clock.state == clocks.State.breached
    if before == clocks.State.breached and not broken:
        supervision.clear(session, act=act, case_id=case_id)
    elif before != clocks.State.breached and broken:
        supervision.reopen(session, act=act, case_id=case_id, ended_at=_ended_at(clock))
    elif broken and (ended_at := _ended_at(clock)) is not None:
        supervision.end(session, act=act, case_id=case_id, at=ended_at)


def _ended_at(clock: Clock) -> dt.datetime | None:
    """Tell when what was promised came or was withdrawn; None while it is outstanding."""
    return clock.stopped_at or clock.voided_at

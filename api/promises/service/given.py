"""Promises to customers as clocks: a window that somebody gave, which ends as every clock does.

A window is judged on when things happened, is provisional while the phone in charge is dark, and
settles with late evidence; so it is a clock, whose row is a person's word in place of a policy's.
Agreeing anew voids it at the moment of the consent, and a new one begins.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from api.acts import Act
from api.promises import store
from api.promises.models import Clock
from api.promises.service import calendars, held, opening, rulebook, settling, stopping, words
from schemas import promises, tasks
from schemas.promises import Cause
from schemas.rules import clocks, deadlines, outlook, windows


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What was promised: `aim` between `from_at` (None: from now on) and `due_at`, in `words`.

    `subject_id` is the order, or the promise itself while there is none; `opened_at` is when the
    order was opened, or opened anew.
    """

    id: str
    promise_id: str
    subject_id: str
    opened_at: dt.datetime
    crew_id: str | None
    person_id: str | None
    aim: windows.Aim
    from_at: dt.datetime | None
    due_at: dt.datetime
    words: str


def give(session: Session, *, act: Act, window: Window) -> Clock:
    """Let the clock of a window run from the moment at which the word was given."""
    known = held.clocks_of(session, act, window.subject_id)
    clock = _of_window(session, act, window, number=_next_number(known))
    session.add(clock)
    known.append(clock)
    settling.write(
        session,
        act=act,
        clock=clock,
        cause=Cause.promised,
        at=clock.started_at,
        event=promises.GIVEN,
        remark=window.words,
    )
    return clock


def prove(session: Session, *, act: Act, clock: Clock, event: str) -> None:
    """Let what was heard before a window was given, and happened in it, keep it."""
    if may_be_kept(clock, act=act, event=event):
        stopping.stop(session, act=act, clock=clock, event=event)


def take_back(session: Session, *, act: Act, clock: Clock, cause: Cause, remark: str) -> None:
    """End a window at the moment of the act: it was agreed anew, or the customer needs it no more.

    One that was broken by then stays broken.
    """
    if clock.voided_at is not None and clock.voided_at <= act.happened.at:
        return
    clock.voided_at = act.happened.at
    settling.touched(session, act=act, clock=clock, cause=cause, event=None, remark=remark)


def notice(session: Session, *, act: Act, clock: Clock, remark: str) -> None:
    """Write down that the customer was told; before it is due, that is a notice."""
    at = act.happened.at
    if at <= clock.due_at and (clock.notice_at is None or at < clock.notice_at):
        clock.notice_at = at
    settling.write(session, act=act, clock=clock, cause=Cause.told, at=at, remark=remark)


def lock_foreseeable(
    session: Session, *, act: Act, due_before: dt.datetime, limit: int
) -> Sequence[Clock]:
    """Bring the clocks that crews are still to meet by an instant and nobody was warned of."""
    return store.lock_foreseeable(
        session,
        district_id=act.district_id,
        due_between=(act.happened.at, due_before),
        limit=limit,
    )


def warn(
    session: Session,
    *,
    act: Act,
    clock: Clock,
    expected: outlook.Outlook,
    at: dt.datetime,
    policy: promises.PolicyPace,
) -> None:
    """Say once that a clock cannot be met as things stand, so that somebody acts.

    Args:
        session: the unit of work.
        act: the job's act.
        clock: one that runs.
        expected: what is to be expected of its order.
        at: when its event can come, by that.
        policy: how fast crews come along.
    """
    zone = calendars.zone(session, district_id=clock.district_id)
    why = words.of_outlook(clock, expected, at=at, policy=policy, zone=zone)
    clock.risk_at, clock.risk_en, clock.risk_zh = act.happened.at, why.en, why.zh
    numbers = words.numbers_of(expected, at=at, zone=zone)
    settling.write(
        session,
        act=act,
        clock=clock,
        cause=Cause.cannot_be_met,
        at=act.happened.at,
        remark=numbers,
    )


def forget_risk(clock: Clock) -> None:
    """Let a clock that came into other hands be foreseen afresh."""
    clock.risk_at, clock.risk_en, clock.risk_zh = None, "", ""


def attach(session: Session, *, act: Act, promise_id: str, subject: opening.Subject) -> None:
    """Tie the windows of a promise that had no order yet to the order that it is about now."""
    loose = held.clocks_of(session, act, promise_id)
    known = held.clocks_of(session, act, subject.id)
    for clock in loose:
        clock.round, clock.subject_id = _next_number(known), subject.id
        if runs(clock):
            clock.crew_id, clock.person_id = subject.crew_id, subject.person_id
        settling.touched(
            session, act=act, clock=clock, cause=Cause.attached, event=None, remark=subject.id
        )
        known.append(clock)
    loose.clear()


def list_windows(session: Session, *, act: Act, subject_id: str, promise_id: str) -> list[Clock]:
    """List the clocks of a promise, its first window first; they are locked."""
    known = held.clocks_of(session, act, subject_id)
    ours = [clock for clock in known if clock.promise_id == promise_id]
    return sorted(ours, key=lambda clock: clock.round)


def may_be_kept(clock: Clock, *, act: Act, event: str) -> bool:
    """Tell whether an event is what was promised, not before its time, and not after its end."""
    if clock.voided_at is not None and clock.voided_at < act.happened.at:
        return False
    return windows.proves(
        windows.Aim(clock.stop_event),
        event,
        by_at=stopping.word(act, since=clock.opened_at).by_at,
        opened_at=clock.opened_at,
        given_at=clock.started_from_at,
        from_at=clock.from_at,
    )


def runs(clock: Clock) -> bool:
    """Tell whether nothing has ended a clock yet."""
    return clock.stopped_at is None and clock.voided_at is None


def shown(clock: Clock) -> tasks.TaskPromise | None:
    """Show a phone what was promised, where it was more than a policy says."""
    if clock.promise_id is None:
        return None
    return tasks.TaskPromise(
        id=clock.promise_id,
        aim=windows.Aim(clock.stop_event),
        given_at=clock.started_at,
        from_at=clock.from_at,
        words=clock.words,
    )


def _of_window(session: Session, act: Act, window: Window, *, number: int) -> Clock:
    """Make the clock of a window; its row is the word that somebody gave."""
    policy = rulebook.in_force(session, district_id=act.district_id, at=act.happened.at)
    started = stopping.word(act, since=act.happened.at)
    due_at = window.due_at
    return opening.fresh(
        act=act,
        subject_id=window.subject_id,
        kind=promises.GIVEN,
        round=number,
        policy=policy,
        row_id=window.id,
        source="",
        start_event=promises.GIVEN,
        stop_event=str(window.aim),
        amount=max((due_at - act.happened.at).total_seconds(), 0.0),
        unit=str(deadlines.Unit.seconds),
        grace_s=rulebook.get_set(policy).grace_s,
        opened_at=min(window.opened_at, started.at),
        crew_id=window.crew_id,
        person_id=window.person_id,
        started_at=started.at,
        started_from_at=started.from_at,
        started_by_at=started.by_at,
        due_at=due_at,
        due_from_at=due_at,
        due_by_at=due_at,
        due_provisional=False,
        next_at=deadlines.warn_at(started.at, due_at, fraction=clocks.WARN_50_FRACTION),
        promise_id=window.promise_id,
        from_at=window.from_at,
        words=window.words,
    )


def _next_number(known: list[Clock]) -> int:
    """Give the number that the next window of a subject has."""
    return max((clock.round for clock in known if clock.promise_id is not None), default=0) + 1

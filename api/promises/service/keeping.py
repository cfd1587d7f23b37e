"""Clocks of pieces of work: what starts, stops, hands over and voids them, when it happened.

Every function works on clocks that the unit of work already holds (`load`), and else fetches those
of its one subject.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from api.acts import Act
from api.promises import store
from api.promises.models import Clock
from api.promises.service import given, held, opening, pausing, settling, stopping
from api.promises.service.opening import REPORT, Subject
from schemas import tasks
from schemas.promises import Cause
from schemas.rules import clocks, transitions


def note(
    session: Session,
    *,
    act: Act,
    subject: Subject,
    event: str,
    proven: bool = True,
    remark: str = "",
) -> list[tasks.TaskClock]:
    """Let an event start and stop the clocks of a subject, at the time when it happened.

    The earliest proof of an event counts, whichever is heard first.
    A cancelled subject's clocks are voided, a reopened one's start anew.

    Args:
        session: the unit of work.
        act: who, and when it happened.
        subject: what it happened to.
        event: `report`, or a value of `transitions.Event`.
        proven: whether it may stop a clock; it starts one in any case.
        remark: words for the ledger, such as why a position left doubt.

    Returns:
        The clocks that the subject now has, by when they are due.
    """
    if event == transitions.Event.cancel:
        return void(session, act=act, subject_id=subject.id)
    if event == transitions.Event.reopen:
        return reopen(session, act=act, subject=subject)
    known = held.clocks_of(session, act, subject.id, fresh=event == REPORT)
    opening.weigh(known, subject=subject)
    turn = _hear(session, act=act, known=known, event=event, proven=proven, remark=remark)
    opening.start(session, act=act, subject=subject, known=known, event=event, turn=turn)
    return _shown(known)


def prove(
    session: Session,
    *,
    act: Act,
    subject_id: str,
    event: str,
    proven: bool = True,
    remark: str = "",
) -> list[tasks.TaskClock]:
    """Let an event stop the clocks that a subject has, or start them earlier; it opens none.

    So what happened before work was called off counts, whenever it is heard.

    Args:
        session: the unit of work.
        act: who, and when it happened.
        subject_id: what it happened to.
        event: a value of `transitions.Event`.
        proven: whether it may stop a clock.
        remark: words for the ledger, such as why a position left doubt.

    Returns:
        The clocks that the subject now has, by when they are due.
    """
    known = held.clocks_of(session, act, subject_id)
    _hear(session, act=act, known=known, event=event, proven=proven, remark=remark)
    return _shown(known)


def _hear(
    session: Session, *, act: Act, known: Sequence[Clock], event: str, proven: bool, remark: str
) -> int:
    """Let an event stop or start earlier the clocks of the round that it falls in; give that."""
    turn = _round_at(known, act.happened.at)
    for clock in known:
        if clock.promise_id is not None:
            if given.may_be_kept(clock, act=act, event=event):
                stopping.stop(
                    session, act=act, clock=clock, event=event, proven=proven, remark=remark
                )
            continue
        if clock.round != turn:
            continue
        if transitions.implies(event, clock.stop_event):
            sure = proven or clock.stop_event != event
            if sure:
                pausing.end(session, act=act, clock=clock)
            stopping.stop(session, act=act, clock=clock, event=event, proven=sure, remark=remark)
        if clock.start_event == event:
            opening.start_earlier(session, act=act, clock=clock, event=event)
    return turn


def reopen(session: Session, *, act: Act, subject: Subject) -> list[tasks.TaskClock]:
    """Start the clocks of a subject anew, by the policy that it was first opened under.

    Doing so twice at the same instant does it once.
    A promise to the customer stands as it was given.
    """
    known = held.clocks_of(session, act, subject.id)
    ours = opening.by_policy(known)
    turn = _round_at(known, act.happened.at)
    began_at = min((c.started_at for c in ours if c.round == turn), default=None)
    if ours and began_at != act.happened.at:
        _void_running(session, act, [clock for clock in ours if clock.round == turn])
        turn = max(clock.round for clock in ours) + 1
    opening.start(session, act=act, subject=subject, known=known, event=REPORT, turn=turn)
    return _shown(known)


def hand_over(
    session: Session,
    *,
    act: Act,
    subject_id: str,
    crew_id: str | None,
    person_id: str | None,
) -> list[tasks.TaskClock]:
    """Make somebody else responsible for the clocks of a subject that still run."""
    known = held.clocks_of(session, act, subject_id)
    for clock in known:
        before = (clock.crew_id, clock.person_id)
        if not given.runs(clock) or before == (crew_id, person_id):
            continue
        clock.crew_id, clock.person_id = crew_id, person_id
        given.forget_risk(clock)
        remark = f"{_holder(*before)} -> {_holder(crew_id, person_id)}"
        if before != (None, None):
            settling.touched(
                session, act=act, clock=clock, cause=Cause.handed_over, event=None, remark=remark
            )
            continue
        if clock.next_at is None:  # broken while nobody had it: theirs may have been there
            clock.next_at = act.received_at
        at = act.happened.at
        settling.write(session, act=act, clock=clock, cause=Cause.handed_over, at=at, remark=remark)
    return _shown(known)


def void(session: Session, *, act: Act, subject_id: str) -> list[tasks.TaskClock]:
    """Take the object from a subject's clocks; what was overdue before that stays so."""
    known = held.clocks_of(session, act, subject_id)
    turn = _round_at(known, act.happened.at)
    ended = [clock for clock in known if clock.promise_id is not None or clock.round == turn]
    _void_running(session, act, ended)
    return _shown(known)


def redo_provisional(session: Session, *, act: Act) -> int:
    """Work out anew what fell in a year whose calendar was not yet published.

    Returns:
        How many clocks are due at another instant.
    """
    moved = 0
    for clock in store.lock_provisional(session, district_id=act.district_id):
        before = clock.due_at
        opening.set_due(session, clock)
        if clock.due_at != before:
            moved += 1
            settling.touched(session, act=act, clock=clock, cause=Cause.calendar, event=None)
    return moved


def _round_at(known: Sequence[Clock], at: dt.datetime) -> int:
    """Tell in which opening of its subject an instant falls; before all of them, the first."""
    began = [clock.round for clock in opening.by_policy(known) if clock.started_at <= at]
    return max(began, default=1)


def _holder(crew_id: str | None, person_id: str | None) -> str:
    return person_id or crew_id or "-"


def _void_running(session: Session, act: Act, known: Iterable[Clock]) -> None:
    for clock in known:
        at = act.happened.at
        gone = clock.voided_at is not None and clock.voided_at <= at
        if gone or (clock.stopped_at is not None and clock.stopped_at <= at):
            continue
        clock.voided_at = at
        settling.touched(session, act=act, clock=clock, cause=Cause.voided, event=None)


def show(session: Session, *, act: Act, subject_id: str) -> list[tasks.TaskClock]:
    """Show the clocks that a subject has, by when they are due."""
    return _shown(held.clocks_of(session, act, subject_id))


def _shown(known: Sequence[Clock]) -> list[tasks.TaskClock]:
    """Show the clocks of the latest opening that still mean something, and promises given."""
    last = max((clock.round for clock in opening.by_policy(known)), default=1)
    counted = [
        clock
        for clock in known
        if (clock.promise_id is not None or clock.round == last)
        and clock.state != clocks.State.void
    ]
    return [
        tasks.TaskClock(
            kind=clock.kind,
            due_at=clock.due_at,
            stopped_at=clock.stopped_at,
            paused_at=clock.paused_at,
            promise=given.shown(clock),
            started_at=clock.started_at,
            stop_event=clock.stop_event,
        )
        for clock in sorted(counted, key=lambda clock: (clock.due_at, clock.kind))
    ]

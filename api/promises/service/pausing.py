"""How clocks stand still: while work is suspended for a reason that its policy set lets hold them.

A pause that begins after the deadline hides no breach; what stood still moves the deadline, as
though the clock had started that much later.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from api.acts import Act
from api.promises.models import Clock
from api.promises.service import held, opening, settling
from schemas import promises
from schemas.promises import Cause
from schemas.rules import clocks

_MINUTE_S = 60


def pause(
    session: Session, *, act: Act, subject_id: str, reason: promises.PolicyReason, words: str
) -> bool:
    """Let the clocks of a subject stand still that a reason holds; tell whether there are any.

    Args:
        session: the unit of work.
        act: who suspended the work, and when.
        subject_id: the work.
        reason: what it was suspended for.
        words: what was said besides, for the ledgers.
    """
    at = act.happened.at
    paused = False
    for clock in held.clocks_of(session, act, subject_id):
        runs = clock.stopped_at is None and clock.voided_at is None and clock.paused_at is None
        holds = clock.kind in reason.holds and clocks.may_pause(
            at, started_at=clock.started_at, due_at=clock.due_at
        )
        if runs and holds:
            clock.paused_at, paused = at, True
            remark = f"{reason.words.zh} / {reason.words.en}: {words}"
            settling.touched(
                session, act=act, clock=clock, cause=Cause.paused, event=None, remark=remark
            )
    return paused


def go_on(session: Session, *, act: Act, subject_id: str) -> bool:
    """Let the clocks of a subject run on that stand still; tell whether there are any."""
    ended = [
        end(session, act=act, clock=clock) for clock in held.clocks_of(session, act, subject_id)
    ]
    return any(ended)


def end(session: Session, *, act: Act, clock: Clock) -> bool:
    """Let a clock run on, if it stands still: its deadline moves by what it stood still."""
    if clock.paused_at is None:
        return False
    stood_still_s = max((act.happened.at - clock.paused_at).total_seconds(), 0.0)
    clock.paused_s += stood_still_s
    clock.paused_at = None
    clock.state = str(clocks.State.running)
    opening.set_due(session, clock)
    remark = str(dt.timedelta(minutes=round(stood_still_s / _MINUTE_S)))[:-3]
    settling.touched(session, act=act, clock=clock, cause=Cause.resumed, event=None, remark=remark)
    return True

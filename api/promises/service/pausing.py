"""How clocks stand still: while work is suspended for a reason that its policy set lets hold them.

A pause that begins after the deadline hides no breach; what stood still moves the deadline, as
though the clock had started that much later.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from api.acts import Act
from api.promises.models import Clock
from api.promises.service import held, opening, rulebook, settling
from schemas import promises
from schemas.errors import Refused
from schemas.promises import Cause
from schemas.rules import clocks

_MINUTE_S = 60


class ReasonNotKnown(Refused):
    """The policy set that the work was opened under has no such reason. Pick one that it has."""

    code = "reason-not-known"
    status = 422
    en = "The policy set {policy} has no reason {reason} for this; it has {known}."
    zh = "承诺标准 {policy} 中没有此类原因 {reason}；可选：{known}。"


def find_reason(
    session: Session,
    *,
    act: Act,
    subject_id: str,
    code: str,
    given_for: promises.ReasonFor,
) -> promises.PolicyReason:
    """Find a reason of the policy set that a piece of work was opened under.

    Raises:
        ReasonNotKnown: it has none with this code for this.
    """
    known = held.clocks_of(session, act, subject_id)
    policy = next(
        (clock.policy for clock in known if clock.policy in rulebook.SETS),
        rulebook.in_force(session, district_id=act.district_id, at=act.happened.at),
    )
    reasons = [each for each in rulebook.SETS[policy].reasons if given_for in each.given_for]
    found = next((each for each in reasons if each.code == code), None)
    if found is None:
        listed = ", ".join(each.code for each in reasons) or "-"
        raise ReasonNotKnown(policy=policy, reason=code, known=listed)
    return found


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
        if runs and clock.kind in reason.holds and clock.started_at <= at <= clock.due_at:
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

"""What work may be returned or suspended for: asked of its policy set, and told to phones."""

from __future__ import annotations

from sqlalchemy.orm import Session

from api.acts import Act
from api.promises.service import held, opening, rulebook
from api.sites import service as sites
from schemas import promises
from schemas.errors import Refused
from schemas.rules import picking
from schemas.rules.picking import Fault, ReasonFor


class ReasonNotKnown(Refused):
    """The policy set that the work was opened under has no such reason. Pick one that it has."""

    code = "reason-not-known"
    status = 422
    en = "The policy set {policy} has no reason {reason} for this; it has {known}."
    zh = "承诺标准 {policy} 中没有此类原因 {reason}；可选：{known}。"


class ReasonNotPicked(Refused):
    """Words alone are not enough by the policy set of the work. Pick a reason that it has."""

    code = "reason-not-picked"
    status = 422
    en = "The policy set {policy} asks for one of its reasons here: {known}."
    zh = "承诺标准 {policy} 要求选择其中的原因：{known}。"


class ReasonLacksEnd(Refused):
    """The policy set lets work wait for this only until a time that is named. Say until when."""

    code = "reason-lacks-end"
    status = 422
    en = "For the reason {reason}, say until when the work waits."
    zh = "以原因 {reason} 挂起时，须说明预计恢复时间。"


def require(
    session: Session,
    *,
    act: Act,
    subject_id: str,
    code: str | None,
    given_for: ReasonFor,
    has_until: bool = False,
) -> promises.PolicyReason | None:
    """Find the reason that was picked of the policy set that a piece of work was opened under.

    Returns:
        The reason; None where words alone were given, and are enough.

    Raises:
        ReasonNotKnown: it has none with this code for this.
        ReasonNotPicked: words alone are not enough.
        ReasonLacksEnd: it must be said until when.
    """
    policy = rulebook.get_set(_policy_of(session, act=act, subject_id=subject_id))
    fault = picking.fault(
        policy.reasons, policy.own_words, code=code, given_for=given_for, has_until=has_until
    )
    if fault is not None:
        raise _refusal(policy, fault, code=code, given_for=given_for)
    return next((each for each in policy.reasons if each.code == code), None)


def show(session: Session, *, act: Act) -> None:
    """Let the district's phones know the reasons of its policy sets; the first is in force.

    Once in a unit of work: also what a new file says reaches them with the next work.
    """
    shown = held.of(session).shown
    if act.district_id in shown:
        return
    shown.add(act.district_id)
    known = rulebook.list_known(session, district_id=act.district_id, at=act.received_at)
    reasons = [
        promises.PolicyReasons(policy=each.name, reasons=each.reasons, own_words=each.own_words)
        for each in known
    ]
    sites.show_reasons(session, district_id=act.district_id, reasons=reasons)


def _policy_of(session: Session, *, act: Act, subject_id: str) -> str:
    """Name the policy set of a piece of work; what has no clock of one has what is in force."""
    ours = opening.by_policy(held.clocks_of(session, act, subject_id))
    return next(
        (clock.policy for clock in ours if clock.policy in rulebook.SETS),
        rulebook.in_force(session, district_id=act.district_id, at=act.happened.at),
    )


def _refusal(
    policy: promises.PolicySet, fault: Fault, *, code: str | None, given_for: ReasonFor
) -> Refused:
    reasons = (each.code for each in policy.reasons if given_for in each.given_for)
    known = ", ".join(reasons) or "-"
    match fault:
        case Fault.unknown:
            return ReasonNotKnown(policy=policy.name, reason=code or "-", known=known)
        case Fault.own_words:
            return ReasonNotPicked(policy=policy.name, known=known)
        case Fault.no_end:
            return ReasonLacksEnd(reason=code or "-")

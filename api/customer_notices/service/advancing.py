"""What becomes of notices as time goes by: handed to the outbox, looked after, told of above.

One job runs it in one unit of work. Whatever it does to a notice, `next_at` says when the next
thing is to be done; so a run costs what is due, and can be tried again.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.customer_notices import store
from api.customer_notices.models import CustomerNotice
from api.customer_notices.service import telling
from api.notices import service as notices
from api.promises import service as promises
from schemas.customer_notices import CustomerNoticeState as State
from schemas.customer_notices import CustomerNoticeWhy as Why
from schemas.customer_notices import PolicyCustomerNotices
from schemas.customer_promises import ContactWay
from schemas.notices import NoticeState
from schemas.rules import quiet_hours

FIRST_LOOK: Final = dt.timedelta(seconds=5)
LAST_LOOK: Final = dt.timedelta(minutes=5)
"""A notice on its way is looked after the more seldom, the longer it is on its way."""
_OLDER: Final = 4
KEPT: Final = dt.timedelta(days=30)
"""How long the office can see what became of a notice."""
_log = structlog.get_logger()


@dataclasses.dataclass(frozen=True, slots=True)
class Above:
    """What only those know who have notices sent.

    Attributes:
        holds: whether what a notice says still is true.
        told: writes down what a customer has been told; False where that must wait a little.
    """

    holds: Callable[[CustomerNotice], bool]
    told: Callable[[CustomerNotice], bool]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """One run: what it knows, and with whom it speaks."""

    session: Session
    act: Act
    gateway: bool
    above: Above
    policy: PolicyCustomerNotices | None
    outcomes: Mapping[str, notices.Outcome]

    @property
    def now(self) -> dt.datetime:
        return self.act.happened.at

    def quiet(self) -> quiet_hours.Quiet | None:
        """Give the quiet hours, where customers are told at all."""
        if self.policy is None:
            return None
        return telling.quiet_of(self.session, self.policy, act=self.act)


def is_any_due(session: Session, *, district_id: str, now: dt.datetime) -> bool:
    """Tell whether there is a notice to look at."""
    return store.is_any_due(session, district_id=district_id, now=now)


def advance(session: Session, *, act: Act, gateway: bool, above: Above, limit: int) -> Counter[str]:
    """Do what is due with notices, the longest due first.

    Args:
        session: the unit of work.
        act: the job's act; the present is its instant.
        gateway: whether this server has a gateway.
        above: what is known above.
        limit: how many at most.

    Returns:
        How many came to stand how.
    """
    due = store.claim_due(session, district_id=act.district_id, now=act.happened.at, limit=limit)
    if not due:
        return Counter()
    round_ = _Round(
        session=session,
        act=act,
        gateway=gateway,
        above=above,
        policy=promises.customer_notices(session, district_id=act.district_id, at=act.happened.at),
        outcomes=notices.outcomes(
            session,
            district_id=act.district_id,
            ids=[row.notice_id for row in due if row.notice_id],
        ),
    )
    counts: Counter[str] = Counter()
    for row in due:
        before = row.state
        _step(round_, row)
        if row.state != before:
            counts[row.state] += 1
            _log.info("customer_notice.changed", notice_id=row.id, state=row.state, why=row.why)
    session.flush()
    return counts


def forget(session: Session, *, act: Act, limit: int) -> int:
    """Forget notices that were made long ago, with whom they were for; tell how many."""
    before = act.happened.at - KEPT
    return store.forget(session, district_id=act.district_id, before=before, limit=limit)


def _step(round_: _Round, row: CustomerNotice) -> None:
    """Do the next thing with a notice."""
    match State(row.state):
        case State.WAITING | State.NO_GATEWAY:
            _send(round_, row)
        case State.HANDED:
            _look(round_, row)
        case State.BY_TELEPHONE:
            _look_back(round_, row)
        case State.SENT | State.TOLD:
            _tell_above(round_, row)
        case State.DROPPED:
            row.next_at = None


def _send(round_: _Round, row: CustomerNotice) -> None:
    """Hand a notice over whose time has come, unless there is no more use in it."""
    quiet = round_.quiet()
    waking = None
    if quiet is not None and not row.urgent:
        waking = quiet_hours.ends_at(quiet, round_.now)
    if quiet is None:
        _drop(round_, row, Why.TURNED_OFF)
    elif row.use_until <= (waking or round_.now):
        _drop(round_, row, Why.TOO_LATE)
    elif not round_.above.holds(row):
        _free(round_, row)
    elif waking is not None:
        _stand(row, State.WAITING, Why.QUIET_HOURS, next_at=waking)
    elif not row.number:
        _call(round_, row, Why.NO_NUMBER, remark="")
    elif not round_.gateway:
        _stand(row, State.NO_GATEWAY, Why.NO_GATEWAY, next_at=_later(round_, row))
    else:
        _hand_over(round_, row, quiet)


def _hand_over(round_: _Round, row: CustomerNotice, quiet: quiet_hours.Quiet) -> None:
    """Put a notice into the outbox, where it may lie until quiet hours begin."""
    session, act, now = round_.session, round_.act, round_.now
    sleeps = None if row.urgent else quiet_hours.begins_at(quiet, now)
    row.out_until = min(filter(None, (row.use_until, sleeps)))
    known = store.find_receiver(session, district_id=row.district_id, number=row.number)
    row.receiver, row.round = known or act.new_id(), row.round + 1
    row.notice_id = notices.text(
        session,
        act=act,
        letter=notices.Text(
            receiver=row.receiver,
            number=row.number,
            words=row.words,
            subject_id=row.subject_id,
            cause=f"customer:{row.id}:{row.round}",
            until=row.out_until,
        ),
    )
    row.handed_at = now
    _stand(row, State.HANDED, None, next_at=now + FIRST_LOOK)
    session.flush()


def _look(round_: _Round, row: CustomerNotice) -> None:
    """See what became of a notice in the outbox."""
    found = round_.outcomes.get(row.notice_id or "")
    assert row.out_until is not None, "what lies in the outbox has an end"
    assert row.handed_at is not None, "and was put there"
    if found is not None and found.state is NoticeState.SENT:
        _note_sent(round_, row, found)
    elif not round_.above.holds(row):
        _free(round_, row)
    elif round_.now >= row.out_until and row.out_until < row.use_until:
        _recall(round_, row)
    elif found is not None and found.state is NoticeState.WAITING:
        age = (round_.now - row.handed_at) / _OLDER
        next_at = round_.now + min(max(age, FIRST_LOOK), LAST_LOOK)
        row.next_at = max(min(next_at, row.out_until), round_.now + FIRST_LOOK)
    else:
        late = found is None or found.ended_at is None or found.ended_at >= row.out_until
        remark = found.why if found else ""
        _call(round_, row, Why.NOT_IN_TIME if late else Why.REFUSED, remark=remark)


def _look_back(round_: _Round, row: CustomerNotice) -> None:
    """See whether a customer who was to be called has been reached after all, or need not be."""
    found = round_.outcomes.get(row.notice_id or "")
    if found is not None and found.state is NoticeState.SENT:
        _note_sent(round_, row, found)
    elif not round_.above.holds(row):
        _free(round_, row)
    else:
        row.next_at = _later(round_, row)


def _recall(round_: _Round, row: CustomerNotice) -> None:
    """Take a notice out of the outbox for the night."""
    quiet = round_.quiet()
    if quiet is None:
        _drop(round_, row, Why.TURNED_OFF)
        return
    if not notices.withdraw(
        round_.session, act=round_.act, notice_id=row.notice_id or "", why="quiet hours"
    ):
        row.next_at = round_.now + FIRST_LOOK  # the gateway has just taken it
        return
    waking = quiet_hours.ends_at(quiet, round_.now) or round_.now
    _stand(row, State.WAITING, Why.QUIET_HOURS, next_at=waking)


def _note_sent(round_: _Round, row: CustomerNotice, found: notices.Outcome) -> None:
    row.told_at, row.channel = found.ended_at, str(ContactWay.MESSAGE)
    _stand(row, State.SENT, None, next_at=None)
    _tell_above(round_, row)


def _tell_above(round_: _Round, row: CustomerNotice) -> None:
    """Let those above write down what the customer knows now."""
    done = row.clock_id is None or round_.above.told(row)
    row.next_at = None if done else round_.now + FIRST_LOOK


def _call(round_: _Round, row: CustomerNotice, why: Why, *, remark: str) -> None:
    """Ask the office to call the customer."""
    _stand(row, State.BY_TELEPHONE, why, next_at=_later(round_, row))
    row.remark = remark


def _drop(round_: _Round, row: CustomerNotice, why: Why) -> None:
    telling.drop(round_.session, act=round_.act, row=row, why=why)


def _free(round_: _Round, row: CustomerNotice) -> None:
    """Let go of what has ceased to be true; should it become true again, it is told then."""
    if telling.drop(round_.session, act=round_.act, row=row, why=Why.OVERTAKEN):
        row.cause = f"{row.cause}:{row.id}"


def _stand(
    row: CustomerNotice, state: State, why: Why | None, *, next_at: dt.datetime | None
) -> None:
    row.state, row.why, row.next_at = str(state), str(why) if why else None, next_at


def _later(round_: _Round, row: CustomerNotice) -> dt.datetime | None:
    """Say when to look again at what is still of use."""
    next_at = round_.now + LAST_LOOK
    return next_at if next_at < row.use_until else None

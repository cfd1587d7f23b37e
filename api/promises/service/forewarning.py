"""Customers who are to be told that a promise cannot be met: marked where it is seen, told above.

Only where the district's policy set has such promises told by text message.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.promises import store
from api.promises.models import Clock
from api.promises.service import rulebook
from schemas.rules.clocks import RUNNING, State

_LOST: Final = frozenset({State.provisional, State.breached})


def mark(session: Session, *, act: Act, clock: Clock) -> None:
    """Have the customer told that a clock is at risk, unless they know, or it is not told."""
    if clock.notice_at is not None or clock.tell_at is not None:
        return
    policy = rulebook.customer_notices(session, district_id=clock.district_id, at=act.happened.at)
    if policy is not None and clock.kind in policy.at_risk:
        clock.tell_at = act.happened.at


def lock_to_tell(session: Session, *, act: Act, limit: int) -> Sequence[Clock]:
    """Bring the clocks whose customers are to be told; each is marked as done by that."""
    found = store.lock_to_tell(session, district_id=act.district_id, limit=limit)
    for clock in found:
        clock.tell_at = None
    return found


def is_any_to_tell(session: Session, *, district_id: str) -> bool:
    """Tell whether a district has a customer to be told."""
    return store.is_any_to_tell(session, district_id=district_id)


def is_at_risk(clock: Clock, *, act: Act) -> bool:
    """Tell whether a clock is in danger now, and its customer does not know."""
    return clock.due_at > act.happened.at and _is_seen(clock) and clock.notice_at is None


def needs_telling(session: Session, *, act: Act, clock_id: str) -> bool:
    """Tell whether a customer who was to be told of a clock's danger still is to be.

    The danger may be over, and the promise kept or taken back; or the customer has heard of it.
    """
    clock = store.find_clock(session, district_id=act.district_id, clock_id=clock_id)
    if clock is None or clock.notice_at is not None:
        return False
    return _is_seen(clock) or clock.state in _LOST


def lock_clock_if_free(session: Session, *, act: Act, clock_id: str) -> Clock | None:
    """Find a clock to write down what its customer was told; None while somebody else holds it."""
    return store.lock_clock_if_free(session, district_id=act.district_id, clock_id=clock_id)


def _is_seen(clock: Clock) -> bool:
    """Tell whether it runs, and somebody or something has warned of it."""
    warned = clock.risk_at is not None or clock.state == State.warned_80
    return clock.state in RUNNING and warned

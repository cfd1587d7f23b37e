"""How clocks stop: by the earliest word of the event that was promised."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from api.acts import Act
from api.promises.models import Clock
from api.promises.service import settling
from schemas.promises import Cause
from schemas.rules import clocks


def stop(
    session: Session,
    *,
    act: Act,
    clock: Clock,
    event: str,
    proven: bool = True,
    remark: str = "",
) -> None:
    """Stop a clock by the earliest proof; what proves nothing is written down and stops nothing.

    A later word that may have been the earliest is doubt, and is kept as that.
    """
    known = settling.stop_of(clock)
    if not proven:
        if known is None:
            settling.write(
                session,
                act=act,
                clock=clock,
                cause=Cause.unproven,
                at=act.happened.at,
                event=event,
                remark=remark,
            )
        return
    told = word(act, since=clock.opened_at)
    found = told if known is None else known.also(told)
    if found == known:
        return
    clock.stopped_at, clock.stopped_from_at, clock.stopped_by_at = (
        found.at,
        found.from_at,
        found.by_at,
    )
    settling.touched(session, act=act, clock=clock, cause=Cause.stopped, event=event, remark=remark)


def word(act: Act, *, since: dt.datetime) -> clocks.Told:
    """Take an act's word for when it happened; a suspect clock says no more than that it did.

    Args:
        act: who tells of it.
        since: when the work was opened; nothing was done to it before.
    """
    at = act.happened.at
    if act.happened.suspect:
        return clocks.Told(at, min(since, at), max(act.received_at, at))
    return clocks.told(at, act.happened.error_s)

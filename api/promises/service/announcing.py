"""Telling other systems how a promise goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.notices import service as notices
from api.promises.models import Clock
from api.promises.service import calendars, words
from schemas.errors import Words
from schemas.events import EventType, PromiseEvent
from schemas.rules import clocks
from schemas.rules.clocks import State

_TYPES: Final[Mapping[State, EventType]] = MappingProxyType(
    {
        State.warned_80: EventType.PROMISE_NEAR,
        State.provisional: EventType.PROMISE_PROVISIONAL,
        State.kept: EventType.PROMISE_KEPT,
        State.breached: EventType.PROMISE_BREACHED,
        State.void: EventType.PROMISE_WITHDRAWN,
    }
)
_NOTHING: Final = Words(en="", zh="")


def changed(
    session: Session, *, act: Act, clock: Clock, before: str, at: dt.datetime, line_id: str
) -> None:
    """Tell that a clock came to another state, and what that is to others.

    Args:
        session: the unit of work.
        act: who or what caused it.
        clock: as it stands by now.
        before: how it stood.
        at: when it happened.
        line_id: the line of its ledger that says so.
    """
    event = _TYPES.get(State(clock.state))
    if event is None or clock.state == before:
        return
    if before == State.breached and clock.state in clocks.SETTLED:
        event = EventType.PROMISE_CLEARED
    said = _NOTHING
    if event is EventType.PROMISE_BREACHED:
        zone = calendars.zone(session, district_id=clock.district_id)
        said = words.of_case(clock, zone=zone)
    _publish(session, act, clock, event, at=at, cause=line_id, said=said)


def promised(session: Session, *, act: Act, clock: Clock) -> None:
    """Tell that a customer was promised a window; those after the first were agreed on anew."""
    first = clock.row_id == clock.promise_id
    event = EventType.PROMISE_MADE if first else EventType.PROMISE_REAGREED
    _publish(session, act, clock, event, at=clock.started_at, cause=clock.id, said=_NOTHING)


def at_risk(session: Session, *, act: Act, clock: Clock, line_id: str) -> None:
    """Tell that a promise cannot be met, with the sentence that says why."""
    said = Words(en=clock.risk_en, zh=clock.risk_zh)
    event, at = EventType.PROMISE_AT_RISK, act.happened.at
    _publish(session, act, clock, event, at=at, cause=line_id, said=said)


def _publish(
    session: Session,
    act: Act,
    clock: Clock,
    event: EventType,
    *,
    at: dt.datetime,
    cause: str,
    said: Words,
) -> None:
    notices.publish(
        session,
        act=act,
        event=event,
        subject=f"promises/{clock.id}",
        cause=cause,
        at=at,
        data=PromiseEvent(
            clock_id=clock.id,
            subject_id=clock.subject_id,
            promise_id=clock.promise_id,
            kind=clock.kind,
            state=State(clock.state),
            sure=clock.sure,
            from_at=clock.from_at,
            due_at=clock.due_at,
            late_s=clock.late_s,
            crew_id=clock.crew_id,
            supervision_id=clock.supervision_id,
            heard_at=act.received_at,
            en=said.en,
            zh=said.zh,
        ),
    )

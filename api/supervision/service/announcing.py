"""Telling other systems, and the office of a unit, how a supervision case goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.notices import service as notices
from api.supervision.models import Case
from schemas.crews import Level
from schemas.events import EventType, SupervisionEvent
from schemas.supervision import CaseEvent, CaseState

_TYPES: Final[Mapping[CaseEvent, EventType]] = MappingProxyType(
    {
        CaseEvent.opened: EventType.SUPERVISION_OPENED,
        CaseEvent.climbed: EventType.SUPERVISION_CLIMBED,
        CaseEvent.raised: EventType.SUPERVISION_CLIMBED,
        CaseEvent.closed: EventType.SUPERVISION_CLOSED,
        CaseEvent.upheld: EventType.SUPERVISION_EXCUSED,
        CaseEvent.cleared: EventType.SUPERVISION_CLEARED,
        CaseEvent.reopened: EventType.SUPERVISION_REOPENED,
    }
)
"""Lines of a case's record that are told; the rest concerns who works on it."""


def written(
    session: Session, *, act: Act, case: Case, event: CaseEvent, at: dt.datetime, line_id: str
) -> None:
    """Tell what a line of a case's record says, if others are told of it."""
    told = _TYPES.get(event)
    if told is None:
        return
    notices.publish(
        session,
        act=act,
        event=told,
        subject=f"supervision/{case.id}",
        cause=line_id,
        at=at,
        data=SupervisionEvent(
            case_id=case.id,
            clock_id=case.clock_id,
            subject_id=case.subject_id,
            kind=case.kind,
            state=CaseState(case.state),
            level=Level(case.level),
            unit_id=case.unit_id,
            major=case.major,
            points=case.points,
            heard_at=act.received_at,
            en=case.en,
            zh=case.zh,
        ),
    )

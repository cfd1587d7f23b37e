"""Telling other systems how an order moves."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.notices import service as notices
from api.tasks.models import Task
from schemas.events import EventType, OrderEvent
from schemas.rules import transitions
from schemas.rules.transitions import Event

_TYPES: Final[Mapping[Event, EventType]] = MappingProxyType(
    {
        Event.dispatch: EventType.ORDER_GIVEN,
        Event.reassign: EventType.ORDER_GIVEN,
        Event.accept: EventType.ORDER_ACCEPTED,
        Event.return_: EventType.ORDER_RETURNED,
        Event.set_out: EventType.ORDER_SET_OUT,
        Event.arrive: EventType.ORDER_ARRIVED,
        Event.start: EventType.ORDER_STARTED,
        Event.restore: EventType.ORDER_RESTORED,
        Event.finish: EventType.ORDER_ENDED,
        Event.call_back: EventType.ORDER_CALLED_BACK,
        Event.archive: EventType.ORDER_ARCHIVED,
        Event.cancel: EventType.ORDER_CANCELLED,
        Event.suspend: EventType.ORDER_SUSPENDED,
        Event.resume: EventType.ORDER_RESUMED,
        Event.reopen: EventType.ORDER_REOPENED,
    }
)


def opened(session: Session, *, act: Act, task: Task, moment_id: str) -> None:
    """Tell that an order was opened."""
    _publish(session, act, task, EventType.ORDER_OPENED, moment_id)


def moved(session: Session, *, act: Act, task: Task, event: Event, moment_id: str) -> None:
    """Tell that an order moved, with the state that it moved to."""
    _publish(session, act, task, _TYPES[event], moment_id)


def _publish(session: Session, act: Act, task: Task, event: EventType, moment_id: str) -> None:
    notices.publish(
        session,
        act=act,
        event=event,
        subject=f"tasks/{task.id}",
        cause=moment_id,
        at=act.happened.at,
        data=OrderEvent(
            task_id=task.id,
            number=task.timeline_count,
            kind=transitions.Kind(task.kind),
            state=transitions.State(task.state),
            urgency=task.urgency,
            crew_id=task.crew_id,
            heard_at=act.received_at,
            error_s=act.happened.error_s,
            clock_suspect=act.happened.suspect,
        ),
    )

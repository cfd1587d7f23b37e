"""Marks: the moments of a timeline that decide how an order's turn ended, kept to be counted.

A figure that is asked for every day cannot read a timeline's words; the timeline stays the proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.tasks.models import Task, TaskMark
from schemas.rules.transitions import Event

WORDS: Final[Mapping[Event, str]] = MappingProxyType(
    {
        Event.finish: "cause",
        Event.call_back: "result",
        Event.reopen: "cause",
        Event.return_: "reason",
        Event.suspend: "reason",
        Event.cancel: "reason",
    }
)
"""The events that are counted, and which part of each one's detail they are counted by."""


def note(
    session: Session,
    *,
    act: Act,
    task: Task,
    event: Event,
    detail: Mapping[str, object],
    moment_id: str,
) -> None:
    """Keep a moment that moved a task, where it is one of those that are counted."""
    if event not in WORDS:
        return
    row = {
        "district_id": task.district_id,
        "id": moment_id,
        "task_id": task.id,
        "event": str(event),
        "crew_id": task.crew_id,
        "happened_at": act.happened.at,
        "received_at": act.received_at,
        "word": str(detail.get(WORDS[event]) or "").strip(),
    }
    db.append(session, TaskMark, row)

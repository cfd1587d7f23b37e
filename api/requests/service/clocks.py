"""What happens to a request starts and stops its promises, and hands them to who answers for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act
from api.promises import service as promises
from api.requests.models import ServiceRequest
from schemas import tasks

CANCEL = "cancel"
REOPEN = "reopen"


def note(session: Session, *, act: Act, request: ServiceRequest, event: str) -> None:
    """Tell the promises on a request what happened to it, and when."""
    running = promises.note(session, act=act, subject=_subject(request), event=event)
    _show(request, running)


def hand_over(session: Session, *, act: Act, request: ServiceRequest) -> None:
    """Make who answers for a request now responsible for its promises."""
    running = promises.hand_over(
        session,
        act=act,
        subject_id=request.id,
        crew_id=request.crew_id,
        person_id=request.person_id,
    )
    _show(request, running)


def _show(request: ServiceRequest, running: Sequence[tasks.TaskClock]) -> None:
    shown: list[dict[str, Any]] = msgspec.to_builtins(running)
    if shown != request.clocks:
        request.clocks = shown


def _subject(request: ServiceRequest) -> promises.Subject:
    """Say of a request what promises depend on."""
    return promises.Subject(
        id=request.id,
        kind=request.kind,
        area_class=None,
        urgency=request.urgency,
        crew_id=request.crew_id,
        person_id=request.person_id,
    )

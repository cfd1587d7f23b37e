"""Repairs that have lived their lives, minute by minute, for figures to count."""

from __future__ import annotations

import dataclasses
import datetime as dt

from sqlalchemy.orm import Session

from api.acts import Act
from api.tasks import service
from schemas.rules.transitions import Event, Kind
from tests.makers import tasks

SATISFIED = "satisfied"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What becomes of a repair, in minutes after its report; None never comes.

    `heard_min` is when the server heard of all that the crew did; at once, unless told otherwise.
    """

    crew_id: str = "crew-1"
    dispatched: float = 1
    accepted: float | None = 2
    arrived: float | None = 20
    restored: float | None = 60
    finished: float | None = 70
    called_back: float | None = 120
    says: str = SATISFIED
    cause: str = "熔丝熔断"
    area_id: str | None = None
    heard_min: float | None = None


def lived(
    session: Session,
    task_id: str,
    *,
    at: dt.datetime,
    life: Life | None = None,
    heard_at: dt.datetime | None = None,
) -> None:
    """Open a repair at an instant and lead it through a life, all of which was heard at another."""
    life = life or Life()
    tasks.district(session)

    def act(minute: float, heard_min: float | None = None) -> Act:
        happened = tasks.of_office(at=at + dt.timedelta(minutes=minute))
        heard = at + dt.timedelta(minutes=max(minute, heard_min or minute))
        return happened._replace(received_at=heard_at or heard)

    task = service.open_task(session, act=act(0), draft=_draft(task_id, life))
    crew_id, sent = life.crew_id, act(life.dispatched)
    service.assign(session, act=sent, task=task, crew_id=crew_id, person_id=None, why="nearest")
    field = (
        (Event.accept, life.accepted),
        (Event.arrive, life.arrived),
        (Event.restore, life.restored),
        (Event.finish, life.finished),
    )
    for event, minute in field:
        if minute is not None:
            detail = {"cause": life.cause} if event is Event.finish else {}
            told = act(minute, life.heard_min)
            service.move(session, act=told, task=task, event=event, detail=detail)
    if life.called_back is not None:
        detail = {"result": life.says, "cause": "", "note": ""}
        told = act(life.called_back)
        service.move(session, act=told, task=task, event=Event.call_back, detail=detail)
    session.flush()


def _draft(task_id: str, life: Life) -> service.TaskDraft:
    return service.TaskDraft(
        id=task_id,
        kind=Kind.repair,
        title="no light",
        area_class="urban",
        area_id=life.area_id,
        site=tasks.site(),
    )

"""How work comes to be: a draft becomes a task with its clocks and the first of its timeline."""

from __future__ import annotations

import dataclasses

import msgspec
import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.tasks.models import Task
from api.tasks.service import access, moves, timeline
from schemas import tasks
from schemas.rules import operation_chain, transitions

_log = structlog.get_logger()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TaskDraft:
    """Work that is about to be opened; `id` only where somebody has made it already."""

    kind: transitions.Kind
    title: str
    note: str = ""
    urgency: int = 3
    area_id: str | None = None
    area_class: str | None = None
    site: tasks.WorkSite | None = None
    service_point_id: str | None = None
    care: bool = False
    customers_out: int = 0
    contact: str = ""
    id: str | None = None


def open_task(session: Session, *, act: Act, draft: TaskDraft) -> Task:
    """Open a task: it is `reported`, with nobody yet, and its clocks run from `act.happened`."""
    task = _reported(act, draft)
    session.add(task)
    access.keep_held(session, task)
    moves.note_clocks(session, act=act, task=task, event=timeline.REPORT)
    timeline.write(
        session,
        act=act,
        task=task,
        event=timeline.REPORT,
        detail={"title": draft.title, "urgency": draft.urgency},
        moment_id=act.new_id(),
    )
    _log.info("task.opened", task_id=task.id, kind=task.kind)
    return task


def _reported(act: Act, draft: TaskDraft) -> Task:
    """Write a draft as a task that nobody has touched."""
    return Task(
        district_id=act.district_id,
        id=draft.id or act.new_id(),
        kind=str(draft.kind),
        state=str(transitions.State.reported),
        version=0,
        title=draft.title,
        note=draft.note,
        urgency=draft.urgency,
        crew_id=None,
        person_id=None,
        why="",
        area_id=draft.area_id,
        area_class=draft.area_class,
        site=msgspec.to_builtins(draft.site),
        service_point_id=draft.service_point_id,
        care=draft.care,
        customers_out=draft.customers_out,
        contact=draft.contact,
        opened_at=act.happened.at,
        state_at=act.happened.at,
        suspended_reason="",
        suspended_until=None,
        reopened_at=None,
        look=None,
        evidence_declared=0,
        evidence_missing=0,
        clocks=[],
        due_at=None,
        timeline_count=0,
        timeline_hash=operation_chain.START,
    )

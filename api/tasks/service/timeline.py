"""The timeline of a task: moments that are only added, each chained to the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec
from sqlalchemy.orm import Session

from api import chains, db
from api.acts import Act
from api.chains import Verification
from api.tasks import store
from api.tasks.models import Task, TaskEvent
from api.tasks.service import lookback
from schemas import base, tasks
from schemas.rules import operation_chain, transitions

ROWS_PER_CHECK: Final = 1_000
REPORT: Final = "report"
NOTE: Final = "note"
LOOK: Final = "look"
AMEND: Final = "amend"
EDIT: Final = "edit"
WAIVE: Final = "waive"
CHASE: Final = "chase"


def write(
    session: Session,
    *,
    act: Act,
    task: Task,
    event: str,
    detail: Mapping[str, object] | None = None,
    remark: str = "",
    moment_id: str | None = None,
) -> str:
    """Add a moment to a task's timeline, counted as a change of the task; give its id.

    Args:
        session: the unit of work.
        act: who, and when it happened.
        task: the task as it stands after the moment.
        event: what happened.
        detail: what is worth keeping of it, as plain JSON values.
        remark: why it moved nothing, when it did not.
        moment_id: the moment's id; by default the operation's, so that it can be added only once.
    """
    moment = tasks.Moment(
        number=task.timeline_count + 1,
        id=moment_id or act.operation_id or act.new_id(),
        task_id=task.id,
        event=event,
        state=transitions.State(task.state),
        person_id=act.principal.person_id,
        device_id=act.principal.device_id,
        crew_id=task.crew_id,
        happened_at=act.happened.at,
        error_s=act.happened.error_s,
        clock_suspect=act.happened.suspect,
        received_at=act.received_at,
        remark=remark,
        detail=dict(detail or {}),
    )
    _append(session, task, moment)
    return moment.id


def _append(session: Session, task: Task, moment: tasks.Moment) -> None:
    """Chain a moment to those before it."""
    body = base.encode(moment)
    task.version += 1
    task.timeline_count = moment.number
    task.timeline_hash = operation_chain.extend(task.timeline_hash, body)
    row = {
        "district_id": task.district_id,
        "id": moment.id,
        "task_id": task.id,
        "number": moment.number,
        "body": body,
        "hash": task.timeline_hash,
    }
    db.append(session, TaskEvent, row)
    lookback.note(session, task=task, body=body)


def list_moments(
    session: Session, *, district_id: str, task_id: str, after_number: int, limit: int
) -> Sequence[tasks.Moment]:
    """List a stretch of a task's timeline, oldest first."""
    rows = store.list_events(
        session,
        district_id=district_id,
        task_id=task_id,
        after_number=after_number,
        limit=limit,
    )
    return [base.decode(row.body, tasks.Moment) for row in rows]


def list_written(
    session: Session, *, district_id: str, task_id: str, limit: int
) -> Sequence[TaskEvent]:
    """List a task's timeline from its first moment on, each with its exact bytes and its hash."""
    return store.list_events(
        session, district_id=district_id, task_id=task_id, after_number=0, limit=limit
    )


def verify_timeline(session: Session, *, district_id: str, task_id: str) -> Verification:
    """Walk a task's chain and name the first moment that was changed, moved, or taken away."""
    task = store.find_task(session, district_id=district_id, task_id=task_id)
    assert task is not None, f"no task {task_id}"

    def page(after_number: int) -> Sequence[TaskEvent]:
        return store.list_events(
            session,
            district_id=district_id,
            task_id=task_id,
            after_number=after_number,
            limit=ROWS_PER_CHECK,
        )

    return chains.verify(page, count=task.timeline_count, head=task.timeline_hash, is_at=_is_at)


def list_broken(session: Session, *, district_id: str) -> Iterator[tuple[str, Verification]]:
    """Walk every timeline of a district and yield the tasks whose timeline is not intact."""
    after_id = ""
    while task_ids := store.list_ids(
        session, district_id=district_id, after_id=after_id, limit=ROWS_PER_CHECK
    ):
        for task_id in task_ids:
            found = verify_timeline(session, district_id=district_id, task_id=task_id)
            if not found.intact:
                yield task_id, found
        after_id = task_ids[-1]


def _is_at(row: TaskEvent, number: int) -> bool:
    """Tell whether a row stands where its own words say."""
    try:
        moment = base.decode(row.body, tasks.Moment)
    except msgspec.DecodeError:
        return False
    written = (moment.task_id, moment.number, moment.id)
    return row.number == number and written == (row.task_id, number, row.id)

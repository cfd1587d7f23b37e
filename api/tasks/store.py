"""Questions about work."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from api.loading import PreparedRows
from api.prepared import Among, Prepared
from api.tasks.models import Message, Task, TaskEvent, TaskHolder
from schemas import tasks as shapes
from schemas.rules import transitions


class Hands(NamedTuple):
    """A person and their crews."""

    person_id: str
    crew_ids: frozenset[str]


def find_task(session: Session, *, district_id: str, task_id: str) -> Task | None:
    """Find a task; no question when the unit of work has it already."""
    return session.get(Task, (district_id, task_id))


_LOCK_TASKS: Final = PreparedRows(
    select(Task)
    .where(Task.district_id == bindparam("district_id"), Among(Task.id, "ids"))
    .order_by(Task.id)
    .with_for_update()
)


def contacts_of(session: Session, *, district_id: str, ids: Collection[str]) -> Mapping[str, str]:
    """Tell the contact of some tasks by their ids."""
    question = select(Task.id, Task.contact).where(
        Task.district_id == district_id, Task.id.in_(ids)
    )
    return {row.id: row.contact for row in session.execute(question)}


def lock_tasks(session: Session, *, district_id: str, ids: Sequence[str]) -> list[Task]:
    """Load tasks and keep others from changing them, in the order of their ids."""
    return _LOCK_TASKS.objects(session, district_id=district_id, ids=sorted(ids))


def list_holders(session: Session, *, district_id: str, task_id: str) -> Sequence[TaskHolder]:
    """List whose hands a task came into, oldest first."""
    question = (
        select(TaskHolder)
        .where(TaskHolder.district_id == district_id, TaskHolder.task_id == task_id)
        .order_by(TaskHolder.held_from, TaskHolder.id)
    )
    return session.scalars(question).all()


def list_events(
    session: Session, *, district_id: str, task_id: str, after_number: int, limit: int
) -> Sequence[TaskEvent]:
    """List a stretch of a timeline, oldest first."""
    question = (
        select(TaskEvent)
        .where(
            TaskEvent.district_id == district_id,
            TaskEvent.task_id == task_id,
            TaskEvent.number > after_number,
        )
        .order_by(TaskEvent.number)
        .limit(limit)
    )
    return session.scalars(question).all()


_TOLD: Final = Prepared(
    select(TaskEvent.task_id, TaskEvent.body)
    .where(
        TaskEvent.district_id == bindparam("district_id"),
        Among(TaskEvent.task_id, "ids"),
        TaskEvent.number <= bindparam("number_max"),
    )
    .order_by(TaskEvent.task_id, TaskEvent.number)
)


def list_told(
    session: Session, *, district_id: str, ids: Sequence[str], number_max: int
) -> list[tuple[str, bytes]]:
    """List the moments of some timelines, up to a number, as (task, its exact bytes)."""
    found = _TOLD.rows(session, district_id=district_id, ids=sorted(ids), number_max=number_max)
    return [(task_id, body) for task_id, body in found]


def list_ids(session: Session, *, district_id: str, after_id: str, limit: int) -> Sequence[str]:
    """List a stretch of the ids of a district's tasks."""
    question = (
        select(Task.id)
        .where(Task.district_id == district_id, Task.id > after_id)
        .order_by(Task.id)
        .limit(limit)
    )
    return session.scalars(question).all()


def count_open_by_crew(session: Session, *, district_id: str) -> dict[str, int]:
    """Count the open tasks that each crew holds."""
    question = (
        select(Task.crew_id, func.count())
        .where(
            Task.district_id == district_id,
            Task.crew_id.is_not(None),
            Task.state.in_(sorted(transitions.WITH_CREW)),
        )
        .group_by(Task.crew_id)
    )
    return {crew_id: count for crew_id, count in session.execute(question) if crew_id}


def list_queue(session: Session, *, district_id: str, crew_id: str, limit: int) -> Sequence[Task]:
    """List the orders that a crew still has before it, the most urgent first."""
    question = (
        select(Task)
        .where(
            Task.district_id == district_id,
            Task.crew_id == crew_id,
            Task.state.in_(sorted(transitions.WITH_CREW - {transitions.State.suspended})),
        )
        .order_by(Task.urgency, Task.opened_at, Task.id)
        .limit(limit)
    )
    return session.scalars(question).all()


def list_worklist(
    session: Session,
    *,
    district_id: str,
    wanted: shapes.TaskFilter,
    now: dt.datetime,
    hands: Hands | None,
    behind: tuple[int, dt.datetime, str] | None,
    limit: int,
) -> Sequence[Task]:
    """List tasks by urgency, age and id, behind a place; all hands' or those of some hands."""
    return session.scalars(
        worklist_question(
            district_id=district_id,
            wanted=wanted,
            now=now,
            hands=hands,
            behind=behind,
            limit=limit,
        )
    ).all()


def worklist_question(
    *,
    district_id: str,
    wanted: shapes.TaskFilter,
    now: dt.datetime,
    hands: Hands | None,
    behind: tuple[int, dt.datetime, str] | None,
    limit: int,
) -> Select[Task]:
    """Ask for a page of the worklist."""
    question = (
        select(Task)
        .where(Task.district_id == district_id, *_wanted(wanted, now))
        .order_by(Task.urgency, Task.opened_at, Task.id)
        .limit(limit)
    )
    if hands is not None:
        mine = Task.crew_id.in_(sorted(hands.crew_ids))
        question = question.where(or_(Task.person_id == hands.person_id, mine))
    if behind is not None:
        question = question.where(_behind(*behind))
    return question


def _wanted(wanted: shapes.TaskFilter, now: dt.datetime) -> list[ColumnElement[bool]]:
    """Write a filter as conditions."""
    equal = {
        Task.kind: wanted.kind,
        Task.crew_id: wanted.crew_id,
        Task.person_id: wanted.person_id,
        Task.area_id: wanted.area_id,
        Task.service_point_id: wanted.service_point_id,
        Task.urgency: wanted.urgency,
        Task.care: wanted.care,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    conditions += _look(wanted)
    if wanted.unassigned is not None:
        nobody = and_(Task.crew_id.is_(None), Task.person_id.is_(None))
        conditions.append(nobody if wanted.unassigned else ~nobody)
    if wanted.evidence_missing is not None:
        missing = Task.evidence_missing > 0
        conditions.append(missing if wanted.evidence_missing else ~missing)
    if wanted.overdue is not None:
        late = Task.due_at <= now
        conditions.append(late if wanted.overdue else or_(Task.due_at.is_(None), ~late))
    if wanted.opened_after is not None:
        conditions.append(Task.opened_at > wanted.opened_after)
    if wanted.opened_before is not None:
        conditions.append(Task.opened_at < wanted.opened_before)
    if wanted.due_before is not None:
        conditions.append(Task.due_at < wanted.due_before)
    return conditions


def _look(wanted: shapes.TaskFilter) -> list[ColumnElement[bool]]:
    """Choose by what waits for a look, whatever its state; else by state."""
    if wanted.look:
        return [Task.look.is_not(None)]
    return [_state(wanted)] if wanted.look is None else [_state(wanted), Task.look.is_(None)]


def _state(wanted: shapes.TaskFilter) -> ColumnElement[bool]:
    if wanted.state is not None:
        return Task.state == wanted.state
    # Written out, not bound: only so can SQLite see that the index of open work fits.
    settled: BindParameter[list[str]] = bindparam(
        "settled", sorted(transitions.SETTLED), expanding=True, literal_execute=True
    )
    return Task.state.in_(settled) if wanted.settled else Task.state.not_in(settled)


def _behind(urgency: int, opened_at: dt.datetime, task_id: str) -> ColumnElement[bool]:
    return or_(
        Task.urgency > urgency,
        and_(Task.urgency == urgency, Task.opened_at > opened_at),
        and_(Task.urgency == urgency, Task.opened_at == opened_at, Task.id > task_id),
    )


class LiveRoute(NamedTuple):
    """A reading route that is not settled, and the area that most of it is taken to lie in."""

    id: str
    area_id: str | None


def list_live_routes(session: Session, *, district_id: str, hands: Hands) -> Sequence[LiveRoute]:
    """List the reading routes that somebody holds and that are not settled."""
    crews = {f"crew_{place}": crew_id for place, crew_id in enumerate(sorted(hands.crew_ids))}
    found = _live_routes(len(crews)).rows(
        session, district_id=district_id, person_id=hands.person_id, **crews
    )
    return [LiveRoute(*row) for row in found]


@functools.lru_cache
def _live_routes(crews: int) -> Prepared:
    """Ask for the routes of a person who is in so many crews."""
    held = [Task.crew_id == bindparam(f"crew_{place}") for place in range(crews)]
    return Prepared(
        select(Task.id, Task.area_id)
        .where(
            Task.district_id == bindparam("district_id"),
            Task.kind == transitions.Kind.route,
            *(Task.state != state for state in sorted(transitions.SETTLED)),
            or_(Task.person_id == bindparam("person_id"), *held),
        )
        .order_by(Task.id)
    )


def list_messages_before(
    session: Session, *, district_id: str, at: dt.datetime, limit: int
) -> Sequence[Message]:
    """List messages from before an instant, oldest first."""
    question = (
        select(Message)
        .where(Message.district_id == district_id, Message.at < at)
        .order_by(Message.at, Message.id)
        .limit(limit)
    )
    return session.scalars(question).all()

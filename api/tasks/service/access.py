"""Who may see and hold a task; how one comes into a unit of work to be changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act, Principal
from api.errors import NotFound, Stale
from api.promises import service as promises
from api.tasks import store
from api.tasks.models import Task
from api.tasks.service import belonging
from schemas import crews
from schemas.errors import Refused
from schemas.rules.done_work import Holding

_HELD: Final = "tasks.held"
"""Where a unit of work keeps the tasks that it holds locked, and the ids that name none."""
_SEES_DISTRICT: Final = crews.OFFICE | {crews.Role.INTEGRATION}


class WaitsForOrder(Refused):
    """This server knows no such order of yours; it may be put back, or given to you, later.

    The record is kept and tried again for some weeks. Nothing to do; if it goes on, ask the office.
    """

    code = "waits-for-order"
    status = 404
    outcome = "held"
    en = "The office does not know order {id} as yours yet; the record is kept and tried again."
    zh = "调度室尚无归您的工单 {id}；该记录已暂存，系统将自动重试。"


def load(session: Session, *, district_id: str, ids: Sequence[str]) -> list[Task]:
    """Bring tasks and their clocks into the unit of work, locked in the order of their ids.

    They stay until the unit of work ends: acts on them ask no more questions.
    """
    known = _held(session)
    wanted = sorted({task_id for task_id in ids if (district_id, task_id) not in known})
    if wanted:
        known.update(dict.fromkeys((district_id, task_id) for task_id in wanted))
        for task in store.lock_tasks(session, district_id=district_id, ids=wanted):
            known[district_id, task.id] = task
        promises.load(session, district_id=district_id, subject_ids=wanted)
    held = (known[district_id, task_id] for task_id in ids)
    return [task for task in held if task is not None]


def contacts_of(session: Session, *, district_id: str, ids: Collection[str]) -> Mapping[str, str]:
    """Tell how the customers of some orders are reached, by the orders' ids; nothing is locked."""
    return store.contacts_of(session, district_id=district_id, ids=ids)


def keep_held(session: Session, task: Task) -> None:
    """Remember a task that this unit of work has just made."""
    _held(session)[task.district_id, task.id] = task


def list_held(session: Session, district_id: str) -> list[Task]:
    """List the tasks of a district that this unit of work holds."""
    held = _held(session).items()
    return [task for (district, _), task in held if district == district_id and task is not None]


def get_task(session: Session, *, act: Act, task_id: str) -> Task:
    """Get a task to read it.

    Raises:
        NotFound: there is none with this id for this principal.
    """
    task = store.find_task(session, district_id=act.district_id, task_id=task_id)
    if task is None or not (sees_district(act.principal) or holds(act.principal, task)):
        raise _not_found(task_id)
    return task


def get_to_change(session: Session, *, act: Act, task_id: str) -> Task:
    """Get a task for the office to change; nobody else changes it until this work ends.

    Raises:
        NotFound: there is none with this id for this principal.
        Stale: the act is based on an older version.
    """
    task = _find_held(session, act, task_id)
    if task is None or not (sees_district(act.principal) or holds(act.principal, task)):
        raise _not_found(task_id)
    _check_version(act, task)
    return task


def get_for_field(session: Session, *, act: Act, task_id: str) -> Task:
    """Get a task that a crew has done something to: it holds the task, or once held it.

    A person who was in the crew while it held the task did it for that crew.

    Raises:
        NotFound: at a door: it never was theirs.
        WaitsForOrder: pushed: it never was theirs, as far as this server knows.
        Stale: the act was done at a door, and is based on an older version.
    """
    task = _find_held(session, act, task_id)
    if task is None:
        raise _not_theirs(act, task_id)
    if act.operation_id is None:
        _check_version(act, task)
    if at_desk(act) or holds(act.principal, task):
        return task
    if belonging.find_held(session, act=act, task=task) is None:
        raise _not_theirs(act, task_id)
    return task


def holds(principal: Principal, task: Task) -> bool:
    """Tell whether the task is in this person's hands now, or in their crew's."""
    return task.person_id == principal.person_id or task.crew_id in principal.crew_ids


def sees_district(principal: Principal) -> bool:
    """Tell whether the principal sees every task of the district."""
    return principal.has(*_SEES_DISTRICT)


def may_move(session: Session, act: Act, task: Task) -> bool:
    """Tell whether the act may move the task: by its holder, or by the office at its own desk."""
    return at_desk(act) or speaks_for(session, act, task)


def speaks_for(session: Session, act: Act, task: Task) -> bool:
    """Tell whether the act is the holder's: done by them, or in the crew that holds the task."""
    if holds(act.principal, task):
        return True
    held = belonging.find_held(session, act=act, task=task)
    return held is not None and held.holding is Holding.now


def at_desk(act: Act) -> bool:
    """Tell whether the act is the office's own, at its desk."""
    return act.operation_id is None and sees_district(act.principal)


def _check_version(act: Act, task: Task) -> None:
    if act.based_on is not None and act.based_on != task.version:
        raise Stale(yours=act.based_on, current=task.version)


def _find_held(session: Session, act: Act, task_id: str) -> Task | None:
    """Find a task among those held locked; one that is not there yet is brought."""
    key = (act.district_id, task_id)
    if key not in _held(session):
        load(session, district_id=act.district_id, ids=[task_id])
    return _held(session)[key]


def _held(session: Session) -> dict[tuple[str, str], Task | None]:
    """Give the tasks that this unit of work holds, with the ids that name none."""
    held: dict[tuple[str, str], Task | None] = session.info.setdefault(_HELD, {})
    return held


def _not_theirs(act: Act, task_id: str) -> Refused:
    """Say the same of an order that is not there and of one that never was theirs."""
    return _not_found(task_id) if act.operation_id is None else WaitsForOrder(id=task_id)


def _not_found(task_id: str) -> NotFound:
    return NotFound(what="task", id=task_id)

"""An order goes from hand to hand: who has it, since when, and who must be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.promises import service as promises
from api.tasks import store
from api.tasks.models import Task, TaskHolder

_LISTED: Final = db.in_hand("tasks.hands")
"""Where a unit of work keeps the hands that its tasks came into."""


class Hands(NamedTuple):
    """A crew, a person, or (both None) the duty office."""

    crew_id: str | None
    person_id: str | None


def of(task: Task) -> Hands:
    """Tell in whose hands a task is."""
    return Hands(task.crew_id, task.person_id)


def list_of(session: Session, *, task: Task) -> Sequence[TaskHolder]:
    """List the hands that a task came into, oldest first; asked once of a task that is locked."""
    listed = _listed(session)
    key = (task.district_id, task.id)
    if key not in listed:
        listed[key] = store.list_holders(session, district_id=task.district_id, task_id=task.id)
    return listed[key]


def hand_over(
    session: Session, *, act: Act, task: Task, to: Hands, why: str, at: dt.datetime | None = None
) -> None:
    """Put a task into other hands, with the clocks that still run.

    Args:
        session: the unit of work.
        act: who gives it.
        task: what is given.
        to: who gets it.
        why: the ground, in words.
        at: since when they hold it; by default, since the act happened.
    """
    task.crew_id, task.person_id, task.why = to.crew_id, to.person_id, why
    row = {
        "district_id": task.district_id,
        "id": act.new_id(),
        "task_id": task.id,
        "crew_id": to.crew_id,
        "person_id": to.person_id,
        "held_from": at or act.happened.at,
        "received_at": act.received_at,
    }
    db.append(session, TaskHolder, row)
    _listed(session).pop((task.district_id, task.id), None)
    promises.hand_over(
        session, act=act, subject_id=task.id, crew_id=to.crew_id, person_id=to.person_id
    )


def _listed(session: Session) -> dict[tuple[str, str], Sequence[TaskHolder]]:
    listed: dict[tuple[str, str], Sequence[TaskHolder]] = session.info.setdefault(_LISTED, {})
    return listed

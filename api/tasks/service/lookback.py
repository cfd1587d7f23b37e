"""What the timelines of the orders in hand have told: asked once for all, then kept in step.

A push brings many orders, and each of them may have to look back; to ask for one at a time would
write everything queued so far each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from api import db
from api.tasks import store
from api.tasks.models import Task
from api.tasks.service import access
from schemas import base, tasks

_TOLD: Final = db.in_hand("tasks.told")
"""Where a unit of work keeps the moments of the orders that it has looked back at."""
_MOMENTS_MAX: Final = 1_000
"""Of a longer timeline only the beginning is looked at."""
_Told = dict[tuple[str, str], list[bytes]]


def note(session: Session, *, task: Task, body: bytes) -> None:
    """Keep in step with a moment that is added to an order's timeline."""
    told = _told(session).get((task.district_id, task.id))
    if told is not None:
        told.append(body)


def moments(session: Session, *, task: Task) -> Sequence[tasks.Moment]:
    """List what an order's timeline has told so far, oldest first.

    The first look asks for all orders in hand that have promises.
    """
    told = _told(session)
    if (task.district_id, task.id) not in told:
        _ask(session, task)
    return [base.decode(body, tasks.Moment) for body in told[task.district_id, task.id]]


def _ask(session: Session, task: Task) -> None:
    told, district_id = _told(session), task.district_id
    beside = [each.id for each in access.list_held(session, district_id) if each.clocks]
    wanted = [each for each in {task.id, *beside} if (district_id, each) not in told]
    found = store.list_told(session, district_id=district_id, ids=wanted, number_max=_MOMENTS_MAX)
    told.update({(district_id, each): [] for each in wanted})
    for task_id, body in found:
        told[district_id, task_id].append(body)


def _told(session: Session) -> _Told:
    told: _Told = session.info.setdefault(_TOLD, {})
    return told

"""Restoring: the crew says that the lights are on again."""

from __future__ import annotations

from sqlalchemy.orm import Session

from api.acts import Act
from api.tasks import service as tasks
from schemas import repairs
from schemas.errors import Refused
from schemas.rules import transitions


def restored(
    session: Session, *, act: Act, subject_id: str, body: repairs.Restored
) -> Refused | None:
    """Take the crew's word that supply is on; it stops the clock of the restoration.

    Raises:
        WaitsForOrder: it never was theirs, as far as is known (at a door: NotFound).
        IllegalMove: nobody has arrived, or it is no repair.
    """
    task = tasks.get_for_field(session, act=act, task_id=subject_id)
    detail = {"note": body.note} if body.note else {}
    return tasks.move(session, act=act, task=task, event=transitions.Event.restore, detail=detail)

"""Whose a task was when something was done to it, asked only where it is not theirs now.

Who is in a crew when an act is settled belongs to it, since whenever; who has left it belongs to
it for what they did meanwhile and could not send.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.tasks.models import Task
from api.tasks.service import hands
from schemas.rules import belonging
from schemas.rules.belonging import Stay

_ENDED: Final = "tasks.ended_stays"
"""Where a unit of work keeps people's times in crews that they left."""


def find_held(session: Session, *, act: Act, task: Task) -> belonging.Held | None:
    """Say how a task stood to the actor when they acted; None when it never was theirs."""
    error = dt.timedelta(seconds=act.happened.error_s)
    return belonging.held(
        [
            belonging.Hand(hand.crew_id, hand.person_id, hand.held_from)
            for hand in hands.list_of(session, task=task)
        ],
        _stays(session, act),
        person_id=act.principal.person_id,
        earliest_at=act.happened.at - error,
        latest_at=act.happened.at + error,
    )


def _stays(session: Session, act: Act) -> Sequence[Stay]:
    """List the actor's times in crews; who is at a door knows which crew they are in."""
    present = [Stay(crew_id) for crew_id in sorted(act.principal.crew_ids)]
    return present if act.operation_id is None else [*present, *_ended(session, act)]


def _ended(session: Session, act: Act) -> Sequence[Stay]:
    """List the actor's times in crews that are over; asked once of each person."""
    known: dict[tuple[str, str], Sequence[Stay]] = session.info.setdefault(_ENDED, {})
    key = (act.district_id, act.principal.person_id)
    if key not in known:
        known[key] = crews.list_ended_stays(session, district_id=key[0], person_id=key[1])
    return known[key]

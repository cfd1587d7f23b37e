"""The worklist: what is to be done, the most urgent first and of those the oldest."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from api.acts import Act, Principal
from api.tasks import store
from api.tasks.models import Task
from api.tasks.service import access
from schemas import tasks


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where in the worklist a page starts: behind this task."""

    urgency: int
    opened_at: dt.datetime
    task_id: str


def list_worklist(
    session: Session,
    *,
    act: Act,
    wanted: tasks.TaskFilter,
    behind: Place | None,
    limit: int,
) -> Sequence[Task]:
    """List work that the principal may see, the most urgent first and of those the oldest.

    Args:
        session: the unit of work.
        act: who asks.
        wanted: which work.
        behind: the last task of the page before; None starts at the top.
        limit: how many tasks at most.
    """
    hands = None
    if not access.sees_district(act.principal):
        hands = store.Hands(act.principal.person_id, act.principal.crew_ids)
    return store.list_worklist(
        session,
        district_id=act.district_id,
        wanted=wanted,
        now=act.received_at,
        hands=hands,
        behind=(behind.urgency, behind.opened_at, behind.task_id) if behind else None,
        limit=limit,
    )


def count_open_by_crew(session: Session, *, district_id: str) -> dict[str, int]:
    """Count the open tasks that each crew holds; a crew without any is not named."""
    return store.count_open_by_crew(session, district_id=district_id)


def list_live_routes(session: Session, *, principal: Principal) -> Sequence[store.LiveRoute]:
    """List the reading routes that are in this person's hands or their crews' and not settled."""
    return store.list_live_routes(
        session,
        district_id=principal.district_id,
        hands=store.Hands(principal.person_id, principal.crew_ids),
    )

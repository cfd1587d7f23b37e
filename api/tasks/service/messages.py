"""Messages to crews about work that was or is theirs; after some days they go by themselves.

Each also wakes the phones of its crew, by a notice.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.notices import service as notices
from api.tasks import store
from api.tasks.models import Message, Task
from api.tasks.service.hands import Hands
from schemas.messages import MessageKind
from schemas.notices import NoticeKind
from schemas.rules import transitions

KEPT: Final = dt.timedelta(days=7)
"""How long a message stays on a handheld."""
URGENT: Final = 2
"""A new order that is as urgent as this, or more, wakes its crew's phones."""


def tell(
    session: Session, *, act: Act, task: Task, hands: Hands, kind: MessageKind, why: str = ""
) -> None:
    """Tell a crew, or a person, what happened to work of theirs; nobody's is told to nobody.

    Args:
        session: the unit of work.
        act: who did it.
        task: the work.
        hands: who is told.
        kind: what happened.
        why: the ground, in words.
    """
    if hands.crew_id is None and hands.person_id is None:
        return
    message_id = act.new_id()
    session.add(
        Message(
            district_id=task.district_id,
            id=message_id,
            crew_id=hands.crew_id,
            person_id=hands.person_id,
            kind=str(kind),
            task_id=task.id,
            title=task.title,
            why=why or "-",
            at=act.received_at,
        )
    )
    notices.tell(
        session,
        act=act,
        kind=NoticeKind(kind),
        subject_id=task.id,
        cause=f"message:{message_id}",
        crew_id=hands.crew_id,
        person_id=hands.person_id,
    )


def wake(session: Session, *, act: Act, task: Task) -> None:
    """Wake the phones of whoever an urgent repair has just come to; a call, not a message."""
    if task.kind != transitions.Kind.repair or task.urgency > URGENT:
        return
    notices.tell(
        session,
        act=act,
        kind=NoticeKind.URGENT_ORDER,
        subject_id=task.id,
        # An order that came back is dispatched again, and its timeline has grown by then.
        cause=f"order:{task.id}:{task.timeline_count}",
        crew_id=task.crew_id,
        person_id=task.person_id,
    )


def forget_old(session: Session, *, act: Act, limit: int) -> int:
    """Let messages go that have stood long enough, the oldest first; tell how many."""
    old = store.list_messages_before(
        session, district_id=act.district_id, at=act.happened.at - KEPT, limit=limit
    )
    for message in old:
        session.delete(message)
    return len(old)

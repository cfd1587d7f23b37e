"""Telling: a notice for each device of a crew or a person, in the unit of work of its cause."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.notices import store
from schemas.notices import NoticeChannel, NoticeKind, NoticeState

KEPT: Final = dt.timedelta(days=30)
"""How long the office can see what became of a notice."""
_LIFE: Final = dt.timedelta(hours=24)
_LIVES: Final[Mapping[NoticeKind, dt.timedelta]] = MappingProxyType(
    {NoticeKind.URGENT_ORDER: dt.timedelta(hours=4), NoticeKind.PROMISE_NEAR: dt.timedelta(hours=1)}
)
"""How long a notice is of any use, where that is not a day."""


def tell(
    session: Session,
    *,
    act: Act,
    kind: NoticeKind,
    subject_id: str,
    cause: str,
    crew_id: str | None = None,
    person_id: str | None = None,
    until: dt.datetime | None = None,
) -> None:
    """Tell a person, else a crew, on each of their devices; of one cause each is told once.

    It is sent soon after the unit of work has committed, and never if it does not.

    Args:
        session: the unit of work of the cause.
        act: who caused it.
        kind: what is told.
        subject_id: the order that it leads to.
        cause: names what happened, as `message:<id>`.
        crew_id: the crew that is told.
        person_id: the person that is told; then it is this person alone.
        until: when it is of no more use; by default, as long as its kind says.
    """
    devices = crews.list_active_ids(
        session, district_id=act.district_id, crew_id=crew_id, person_id=person_id
    )
    if not devices:
        return
    now = act.received_at
    expires_at = until or now + life_of(kind)
    rows = [
        {
            "district_id": act.district_id,
            "id": act.new_id(),
            "channel": str(NoticeChannel.PUSH),
            "receiver": device_id,
            "cause": cause,
            "kind": str(kind),
            "subject_id": subject_id,
            "state": str(NoticeState.WAITING),
            "made_at": now,
            "expires_at": expires_at,
            "next_at": now,
            "tries": 0,
            "ended_at": None,
            "why": "",
        }
        for device_id in store.list_subscribed(session, device_ids=devices)
    ]
    if rows:
        store.add(session, rows)


def life_of(kind: NoticeKind) -> dt.timedelta:
    """Tell how long a notice of a kind is of any use."""
    return _LIVES.get(kind, _LIFE)


def is_any_ready(session: Session, *, district_id: str, now: dt.datetime) -> bool:
    """Tell whether a district has anything to send."""
    return store.is_any_ready(session, district_id=district_id, now=now)


def forget_ended(session: Session, *, act: Act, limit: int) -> int:
    """Forget notices that ended long ago; tell how many."""
    before = act.happened.at - KEPT
    return store.forget_ended(session, district_id=act.district_id, before=before, limit=limit)

"""Publishing: an event for each receiver that wants it, in the unit of work of its cause.

A unit of work asks once who listens in its district. Where nobody does, a worker remembers that
for `DEAF`, and publishing costs next to nothing.
"""

from __future__ import annotations

import datetime as dt
import weakref
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Final

import msgspec
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.notices import store
from api.notices.models import Receiver
from schemas.base import Shape, rfc3339
from schemas.events import MAILED, EventType, SupervisionEvent
from schemas.notices import NoticeChannel, NoticeKind

LIFE: Final = dt.timedelta(days=7)
"""How long an event waits for a receiver that is down, or paused."""
GATHERED: Final = dt.timedelta(minutes=3)
"""How long a mail waits for more that belongs into it."""
DEAF: Final = dt.timedelta(seconds=5)
"""How long a worker that found no receiver in a district looks for none: by then it hears of the
first one, whichever worker added it."""
_AT_ONCE: Final = frozenset({EventType.SUPERVISION_CLIMBED, EventType.RECEIVER_PAUSED})
_WANTED: Final = db.in_hand("notices.receivers")
"""Where a unit of work keeps the receivers of the districts that it has published in."""
_deaf: Final[MutableMapping[Engine, dict[str, dt.datetime]]] = weakref.WeakKeyDictionary()
"""When this worker last found that a district of a database has no receiver."""


def publish(
    session: Session,
    *,
    act: Act,
    event: EventType,
    subject: str,
    cause: str,
    at: dt.datetime,
    data: Shape,
    besides: str | None = None,
) -> None:
    """Tell the district's receivers that something happened; of one cause each is told once.

    Args:
        session: the unit of work of the cause.
        act: who caused it.
        event: what happened.
        subject: what it is about, as a path of the API under `/v1/`.
        cause: names what happened, as the id of the line that records it.
        at: when it happened.
        data: of the event, as `schemas.events.DATA` says.
        besides: a receiver that is not told, because it is about itself.
    """
    wanting = [
        receiver
        for receiver in _receivers(session, act=act)
        if receiver.id != besides and _wants(receiver, event, data)
    ]
    if wanting:
        told = _told(event, subject=subject, at=at, data=data)
        rows = [_row(act, each, cause=f"{event}:{cause}", told=told) for each in wanting]
        store.add(session, rows)
        if _is_urgent(event, data):
            _hurry(session, act, wanting)


def publish_to(
    session: Session,
    *,
    act: Act,
    receiver: Receiver,
    event: EventType,
    subject: str,
    cause: str,
    at: dt.datetime,
    data: Shape,
) -> str:
    """Tell one receiver alone, whatever it wants; give the notice's id (see `publish`)."""
    told = _told(event, subject=subject, at=at, data=data)
    row = _row(act, receiver, cause=f"{event}:{cause}", told=told)
    store.add(session, [row])
    _hurry(session, act, [receiver])
    return str(row["id"])


def _told(event: EventType, *, subject: str, at: dt.datetime, data: Shape) -> Mapping[str, object]:
    """Write what an event says as a notice keeps it."""
    return {
        "type": str(event),
        "subject": subject,
        "time": rfc3339(at),
        "data": msgspec.to_builtins(data),
    }


def _row(
    act: Act, receiver: Receiver, *, cause: str, told: Mapping[str, object]
) -> dict[str, object]:
    """Write an event to a receiver as a notice."""
    now = act.received_at
    gathered = receiver.channel == NoticeChannel.MAIL
    return {
        "district_id": act.district_id,
        "id": act.new_id(),
        "channel": receiver.channel,
        "receiver": receiver.id,
        "cause": cause,
        "kind": str(NoticeKind.EVENT),
        "subject_id": str(told["subject"]).rpartition("/")[2],
        "made_at": now,
        "expires_at": now + LIFE,
        "next_at": now + GATHERED if gathered else now,
        "payload": told,
    }


def _receivers(session: Session, *, act: Act) -> Sequence[Receiver]:
    """List the receivers of the act's district; then publishing asks no more questions."""
    known: dict[str, Sequence[Receiver]] = session.info.setdefault(_WANTED, {})
    found = known.get(act.district_id)
    if found is None:
        deaf = _deaf.setdefault(db.connection_of(session).engine, {})
        looked_at = deaf.get(act.district_id)
        if looked_at is not None and looked_at <= act.received_at < looked_at + DEAF:
            found = ()
        else:
            found = store.list_receivers(session, district_id=act.district_id)
            deaf.pop(act.district_id, None)
            if not found:
                deaf[act.district_id] = act.received_at
        known[act.district_id] = found
    return found


def listen(session: Session) -> None:
    """Forget that nobody listened: somebody is about to."""
    session.info.pop(_WANTED, None)
    _deaf.pop(db.connection_of(session).engine, None)


def _wants(receiver: Receiver, event: EventType, data: Shape) -> bool:
    if receiver.channel == NoticeChannel.MAIL and event not in MAILED:
        return False
    if receiver.events and event not in receiver.events:
        return False
    elsewhere = isinstance(data, SupervisionEvent) and data.unit_id != receiver.unit_id
    return receiver.unit_id is None or not elsewhere


def _is_urgent(event: EventType, data: Shape) -> bool:
    major = isinstance(data, SupervisionEvent) and data.major
    return event in _AT_ONCE or (event is EventType.SUPERVISION_OPENED and major)


def _hurry(session: Session, act: Act, receivers: Sequence[Receiver]) -> None:
    """Let a mail that must not wait go out with what has been gathered before it."""
    for receiver in receivers:
        if receiver.channel == NoticeChannel.MAIL:
            store.hurry(
                session, district_id=act.district_id, receiver=receiver.id, now=act.received_at
            )

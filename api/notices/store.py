"""Questions about notices, about receivers, and about where devices hear them.

A notice is *ready* when it waits, its time has come, and none of its receiver's waits before it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, func, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from api import db
from api.notices.models import Notice, PushKeyPair, Receiver, Subscription
from schemas.notices import NoticeState

_WAITING: Final[Mapping[str, object]] = MappingProxyType(
    {
        "state": str(NoticeState.WAITING),
        "tries": 0,
        "ended_at": None,
        "why": "",
        "address": "",
        "payload": None,
    }
)
"""What a new notice has, unless it says otherwise."""
_ENDED = (str(NoticeState.SENT), str(NoticeState.DEAD), str(NoticeState.DROPPED))


class Attempt(NamedTuple):
    """The right to note how sending one notice went; a later attempt has a higher number."""

    district_id: str
    id: str
    tries: int


def add(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Let notices wait; what a receiver was told of the same cause stays as it is."""
    waiting = [{**_WAITING, **row} for row in rows]
    session.execute(db.insert_into(session, Notice).on_conflict_do_nothing(), waiting)


def is_any_ready(session: Session, *, district_id: str, now: dt.datetime) -> bool:
    """Tell whether there is anything to send."""
    question = select(Notice.id).where(_ready(district_id, now)).limit(1)
    return session.scalars(question).first() is not None


def claim_ready(
    session: Session, *, district_id: str, now: dt.datetime, until: dt.datetime, limit: int
) -> Sequence[Notice]:
    """Take ready notices, the longest waiting first; what another sender holds is left to it.

    Args:
        session: a unit of work of its own, which must end before anything is sent.
        district_id: the district.
        now: the present instant.
        until: when they count as not sent after all, and may be taken again.
        limit: how many at most.
    """
    question = (
        select(Notice)
        .where(_ready(district_id, now))
        .order_by(Notice.next_at, Notice.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Notice)
    )
    taken = session.scalars(question).all()
    for notice in taken:
        hold(notice, until=until)
    session.flush()
    return taken


def hold(notice: Notice, *, until: dt.datetime) -> None:
    """Begin an attempt at sending a notice; until then nobody else begins another."""
    notice.next_at, notice.tries = until, notice.tries + 1


def list_behind(session: Session, notice: Notice, *, limit: int) -> Sequence[Notice]:
    """List what waits behind a notice that a sender holds, in order; nobody else may send it."""
    question = (
        select(Notice)
        .where(
            Notice.district_id == notice.district_id,
            Notice.state == NoticeState.WAITING,
            Notice.channel == notice.channel,
            Notice.receiver == notice.receiver,
            Notice.id > notice.id,
        )
        .order_by(Notice.id)
        .limit(limit)
    )
    return session.scalars(question).all()


def note(session: Session, attempt: Attempt, values: Mapping[str, object]) -> bool:
    """Write down how an attempt went; False when a later one was begun meanwhile."""
    noted = session.scalars(
        update(Notice)
        .where(
            Notice.district_id == attempt.district_id,
            Notice.id == attempt.id,
            Notice.tries == attempt.tries,
            Notice.state == NoticeState.WAITING,
        )
        .values(**values)
        .returning(Notice.id)
    )
    return noted.first() is not None


def note_all(
    session: Session, keys: Sequence[tuple[str, str]], values: Mapping[str, object]
) -> None:
    """Write down how notices went that went with another; `keys` are their districts and ids."""
    if keys:
        session.execute(
            update(Notice)
            .where(
                tuple_(Notice.district_id, Notice.id).in_(keys),
                Notice.state == NoticeState.WAITING,
            )
            .values(**values)
        )


def lock(session: Session, *, district_id: str, notice_id: str) -> Notice | None:
    """Find a notice, and hold it so that it is changed once."""
    question = (
        select(Notice)
        .where(Notice.district_id == district_id, Notice.id == notice_id)
        .with_for_update()
    )
    return session.scalars(question).one_or_none()


def find_notice(session: Session, *, district_id: str, notice_id: str) -> Notice | None:
    """Find a notice."""
    return session.get(Notice, (district_id, notice_id))


def page(
    session: Session,
    *,
    district_id: str,
    state: str | None,
    receiver: str | None,
    before: tuple[dt.datetime, str] | None,
    limit: int,
) -> Sequence[Notice]:
    """List notices, the newest first, of one state or one receiver if named."""
    question = select(Notice).where(Notice.district_id == district_id)
    if state is not None:
        question = question.where(Notice.state == state)
    if receiver is not None:
        question = question.where(Notice.receiver == receiver)
    if before is not None:
        question = question.where(tuple_(Notice.made_at, Notice.id) < before)
    return session.scalars(
        question.order_by(Notice.made_at.desc(), Notice.id.desc()).limit(limit)
    ).all()


def list_by_ids(session: Session, *, district_id: str, ids: Collection[str]) -> Sequence[Notice]:
    """List some notices by their ids."""
    question = select(Notice).where(Notice.district_id == district_id, Notice.id.in_(ids))
    return session.scalars(question).all()


def forget_ended(session: Session, *, district_id: str, before: dt.datetime, limit: int) -> int:
    """Delete notices that ended before an instant; tell how many."""
    old = (
        select(Notice.id)
        .where(
            Notice.district_id == district_id,
            Notice.state.in_(_ENDED),
            Notice.ended_at < before,
        )
        .limit(limit)
    )
    gone = session.scalars(
        delete(Notice)
        .where(Notice.district_id == district_id, Notice.id.in_(old))
        .returning(Notice.id)
    )
    return len(gone.all())


def hurry(session: Session, *, district_id: str, receiver: str, now: dt.datetime) -> None:
    """Let what waits for a receiver go at once, unless it was tried and must pause."""
    session.execute(
        update(Notice)
        .where(*_waiting_for(district_id, receiver), Notice.tries == 0, Notice.next_at > now)
        .values(next_at=now)
    )


def resume(session: Session, *, district_id: str, receiver: str, now: dt.datetime) -> None:
    """Let what waits for a receiver go at once, whatever pause it is in."""
    session.execute(
        update(Notice)
        .where(*_waiting_for(district_id, receiver), Notice.next_at > now)
        .values(next_at=now)
    )


def lock_dead(session: Session, *, district_id: str, receiver: str, limit: int) -> Sequence[Notice]:
    """List the dead notices of a receiver, the oldest first, and hold them."""
    question = (
        select(Notice)
        .where(
            Notice.district_id == district_id,
            Notice.state == NoticeState.DEAD,
            Notice.receiver == receiver,
        )
        .order_by(Notice.id)
        .limit(limit)
        .with_for_update()
    )
    return session.scalars(question).all()


def list_receivers(session: Session, *, district_id: str) -> Sequence[Receiver]:
    """List the receivers of a district, by id."""
    question = select(Receiver).where(Receiver.district_id == district_id).order_by(Receiver.id)
    with session.no_autoflush:  # whoever publishes has nothing of it in hand
        return session.scalars(question).all()


def find_receiver(session: Session, *, district_id: str, receiver_id: str) -> Receiver | None:
    """Find a receiver."""
    return session.get(Receiver, (district_id, receiver_id))


def lock_receiver(session: Session, *, district_id: str, receiver_id: str) -> Receiver | None:
    """Find a receiver, and hold it so that it is changed once."""
    return session.get(
        Receiver, (district_id, receiver_id), with_for_update=True, populate_existing=True
    )


def drop_receiver(session: Session, receiver: Receiver) -> None:
    """Delete a receiver; what waits for it is dropped when its turn comes."""
    session.delete(receiver)


def put_subscription(session: Session, row: Mapping[str, object]) -> None:
    """Let a device hear notices at a place; whoever heard them there before does so no more."""
    session.execute(
        delete(Subscription).where(
            Subscription.endpoint == row["endpoint"], Subscription.device_id != row["device_id"]
        )
    )
    into = db.insert_into(session, Subscription)
    values = {name: into.excluded[name] for name in row if name != "device_id"}
    session.execute(
        into.values(**row).on_conflict_do_update(index_elements=["device_id"], set_=values)
    )


def drop_subscription(session: Session, *, device_id: str, endpoint: str | None = None) -> bool:
    """Let a device hear no more notices; with a place, only if it still hears them there."""
    command = delete(Subscription).where(Subscription.device_id == device_id)
    if endpoint is not None:
        command = command.where(Subscription.endpoint == endpoint)
    return session.scalars(command.returning(Subscription.device_id)).first() is not None


def find_subscription(session: Session, *, device_id: str) -> Subscription | None:
    """Find where a device hears notices."""
    question = select(Subscription).where(Subscription.device_id == device_id)
    return session.scalars(question).one_or_none()


def list_subscribed(session: Session, *, device_ids: Collection[str]) -> Sequence[str]:
    """Tell which of some devices hear notices, by id."""
    question = select(Subscription.device_id).where(Subscription.device_id.in_(device_ids))
    return session.scalars(question.order_by(Subscription.device_id)).all()


def page_of_subscribed(session: Session, *, after_id: str, limit: int) -> Sequence[str]:
    """List the devices that hear notices, by id."""
    question = select(Subscription.device_id).where(Subscription.device_id > after_id)
    return session.scalars(question.order_by(Subscription.device_id).limit(limit)).all()


def find_key(session: Session, *, name: str) -> PushKeyPair | None:
    """Find a key pair by its name."""
    return session.scalars(select(PushKeyPair).where(PushKeyPair.name == name)).one_or_none()


def add_key(session: Session, row: Mapping[str, object]) -> None:
    """Enter a key pair; one that another worker has entered first stays."""
    db.insert_unless_there(session, PushKeyPair, row)


def _waiting_for(district_id: str, receiver: str) -> list[ColumnElement[bool]]:
    return [
        Notice.district_id == district_id,
        Notice.state == NoticeState.WAITING,
        Notice.receiver == receiver,
    ]


def _ready(district_id: str, now: dt.datetime) -> ColumnElement[bool]:
    """Say which notices are ready; the first of each receiver are read from an index alone."""
    waiting = aliased(Notice)
    first = (
        select(func.min(waiting.id))
        .where(waiting.district_id == district_id, waiting.state == NoticeState.WAITING)
        .group_by(waiting.channel, waiting.receiver)
    )
    return and_(
        Notice.district_id == district_id,
        Notice.state == NoticeState.WAITING,
        Notice.next_at <= now,
        Notice.id.in_(first),
    )

"""Questions about notices and about where devices hear them.

A notice is *ready* when it waits, its time has come, and none of its receiver's waits before it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, delete, exists, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from api import db
from api.notices.models import Notice, PushKeyPair, Subscription
from schemas.notices import NoticeState

_ENDED = (str(NoticeState.SENT), str(NoticeState.DEAD), str(NoticeState.DROPPED))


class Attempt(NamedTuple):
    """The right to note how sending one notice went; a later attempt has a higher number."""

    district_id: str
    id: str
    tries: int


def add(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Write notices; what a receiver was told of the same cause stays as it is."""
    session.execute(db.insert_into(session, Notice).on_conflict_do_nothing(), list(rows))


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
        notice.next_at, notice.tries = until, notice.tries + 1
    session.flush()
    return taken


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


def lock(session: Session, *, district_id: str, notice_id: str) -> Notice | None:
    """Find a notice, and hold it so that it is changed once."""
    question = (
        select(Notice)
        .where(Notice.district_id == district_id, Notice.id == notice_id)
        .with_for_update()
    )
    return session.scalars(question).one_or_none()


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


def _ready(district_id: str, now: dt.datetime) -> ColumnElement[bool]:
    earlier = aliased(Notice)
    return and_(
        Notice.district_id == district_id,
        Notice.state == NoticeState.WAITING,
        Notice.next_at <= now,
        ~exists().where(
            earlier.district_id == Notice.district_id,
            earlier.state == NoticeState.WAITING,
            earlier.channel == Notice.channel,
            earlier.receiver == Notice.receiver,
            earlier.id < Notice.id,
        ),
    )

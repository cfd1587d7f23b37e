"""What the office sees of notices, and what it can do with one that nobody got."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from api import errors
from api.acts import Act
from api.crews import service as crews
from api.notices import store
from api.notices.models import Notice
from api.notices.service.telling import life_of
from schemas import notices as shapes
from schemas.errors import Refused
from schemas.notices import NoticeChannel, NoticeKind, NoticeState


class NoticeNotDead(Refused):
    """Only a dead notice is tried again by hand. Look at it again; it waits, or it has ended."""

    code = "notice-not-dead"
    status = 409
    en = "This notice is not dead: it is {state}."
    zh = "该通知无需重发：当前状态为 {state}。"


def list_notices(
    session: Session,
    *,
    act: Act,
    state: NoticeState | None,
    receiver: str | None,
    before: tuple[dt.datetime, str] | None,
    limit: int,
) -> list[shapes.NoticeView]:
    """List a page of the district's notices, the newest first."""
    rows = store.page(
        session,
        district_id=act.district_id,
        state=state,
        receiver=receiver,
        before=before,
        limit=limit,
    )
    return [_view(row) for row in rows]


def retry(session: Session, *, act: Act, notice_id: str) -> shapes.NoticeView:
    """Have a dead notice tried again, as if it were new.

    Raises:
        NotFound: there is none with this id.
        NoticeNotDead: it waits, was sent, or was dropped.
    """
    notice = store.lock(session, district_id=act.district_id, notice_id=notice_id)
    if notice is None:
        raise errors.NotFound(what="notice", id=notice_id)
    if notice.state != NoticeState.DEAD:
        raise NoticeNotDead(state=notice.state)
    now = act.received_at
    notice.state, notice.ended_at, notice.tries = str(NoticeState.WAITING), None, 0
    notice.next_at, notice.expires_at = now, now + life_of(NoticeKind(notice.kind))
    crews.audit(session, act=act, what="notice.retried", subject_id=notice.id)
    return _view(notice)


def _view(notice: Notice) -> shapes.NoticeView:
    kind, state = NoticeKind(notice.kind), NoticeState(notice.state)
    return shapes.NoticeView(
        id=notice.id,
        channel=NoticeChannel(notice.channel),
        receiver=notice.receiver,
        kind=kind,
        subject_id=notice.subject_id,
        state=state,
        made_at=notice.made_at,
        expires_at=notice.expires_at,
        tries=notice.tries,
        next_at=notice.next_at if state is NoticeState.WAITING else None,
        ended_at=notice.ended_at,
        why=notice.why,
        words=shapes.SENTENCES[kind],
    )

"""Text messages in the outbox: put there, asked after, and taken out again by whoever tells."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy.orm import Session

from api.acts import Act
from api.notices import store
from schemas.notices import NoticeChannel, NoticeKind, NoticeState


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text message: `words` to a number, which the outbox knows as `receiver`, sent by `until`.

    `cause` names it, so that it is put there once; `subject_id` is what it is about.
    """

    receiver: str
    number: str
    words: str
    subject_id: str
    cause: str
    until: dt.datetime


class Outcome(NamedTuple):
    """How a text message stands, since when if it has ended, and what stood against it."""

    state: NoticeState
    ended_at: dt.datetime | None
    why: str


def text(session: Session, *, act: Act, letter: Text) -> str:
    """Put a text message into the outbox; gives its id there."""
    notice_id = act.new_id()
    row = {
        "district_id": act.district_id,
        "id": notice_id,
        "channel": str(NoticeChannel.SMS),
        "receiver": letter.receiver,
        "cause": letter.cause,
        "kind": str(NoticeKind.CUSTOMER),
        "subject_id": letter.subject_id,
        "state": str(NoticeState.WAITING),
        "made_at": act.received_at,
        "expires_at": letter.until,
        "next_at": act.received_at,
        "tries": 0,
        "ended_at": None,
        "why": "",
        "address": letter.number,
        "payload": {"text": letter.words},
    }
    store.add(session, [row])
    return notice_id


def outcomes(session: Session, *, district_id: str, ids: Collection[str]) -> Mapping[str, Outcome]:
    """Tell how some text messages stand, by their ids; forgotten ones are not among them."""
    return {
        row.id: Outcome(NoticeState(row.state), row.ended_at, row.why)
        for row in store.list_by_ids(session, district_id=district_id, ids=ids)
    }


def withdraw(session: Session, *, act: Act, notice_id: str, why: str) -> bool:
    """Take a text message out of the outbox; False where the gateway has taken it already.

    One that is being sent at this very moment may still arrive.
    """
    notice = store.lock(session, district_id=act.district_id, notice_id=notice_id)
    if notice is None or notice.state == NoticeState.SENT:
        return False
    notice.state, notice.why = str(NoticeState.DROPPED), why
    notice.ended_at = act.received_at
    return True

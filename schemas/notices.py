"""Notices: what leaves the house to a person's phone, and what became of each.

A notice says that something happened and leads to the order; it names no customer, no place and no
reason, for it passes through other people's machines and shows on a locked screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from msgspec import Meta

from schemas.base import Id, Instant, Shape, Text
from schemas.errors import Words


class NoticeKind(StrEnum):
    """What a notice tells."""

    GIVEN = "given"
    RELEASED = "released"
    CANCELLED = "cancelled"
    REOPENED = "reopened"
    DONE_BY_ANOTHER = "done_by_another"
    RESTORED_BY_ANOTHER = "restored_by_another"
    URGENT_ORDER = "urgent_order"
    PROMISE_NEAR = "promise_near"
    LATE_WORK_DECIDED = "late_work_decided"


class NoticeState(StrEnum):
    """What became of a notice."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    """It was refused, or could not be sent in time; the office may have it tried again."""
    DROPPED = "dropped"
    """Whoever it was for is not to be reached there any more; there is nothing to do."""


class NoticeChannel(StrEnum):
    """By what a notice leaves the house."""

    PUSH = "push"


class Tongue(StrEnum):
    """A language of the house."""

    ZH = "zh"
    EN = "en"


_B64URL: Final = r"^[A-Za-z0-9_-]*$"


class PushKey(Shape):
    """The house's public key by which push services know it (VAPID, RFC 8292)."""

    key: Annotated[
        str, Meta(min_length=87, max_length=87, pattern=_B64URL, description="A point on P-256.")
    ]


class PushSubscription(Shape):
    """Where a device hears notices: what its browser's push service gave it, and its language.

    `p256dh` and `auth` are the browser's own keys; only it can read what is sealed with them.
    """

    endpoint: Annotated[str, Meta(min_length=1, max_length=1_000, pattern=r"^[!-~]*$")]
    p256dh: Annotated[str, Meta(min_length=87, max_length=87, pattern=_B64URL)]
    auth: Annotated[str, Meta(min_length=22, max_length=22, pattern=_B64URL)]
    lang: Tongue


class PushSubscribed(Shape):
    """That a device is subscribed, and since when with these keys."""

    since: Instant


class PushMessage(Shape):
    """What a phone reads when it is woken: one sentence, and which order it is about."""

    id: Id
    kind: NoticeKind
    subject_id: Id
    words: Text


class NoticeView(Shape):
    """A notice and what became of it, for the office.

    `receiver` is the device of a push; `tries` counts those since somebody asked for it last.
    `next_at` is when a waiting one is tried again, `why` what stood against it the last time.
    """

    id: Id
    channel: NoticeChannel
    receiver: Id
    kind: NoticeKind
    subject_id: Id
    state: NoticeState
    made_at: Instant
    expires_at: Instant
    tries: int
    next_at: Instant | None
    ended_at: Instant | None
    why: Text
    words: Words


SENTENCES: Final[Mapping[NoticeKind, Words]] = MappingProxyType(
    {
        NoticeKind.GIVEN: Words(en="An order was given to you.", zh="有工单改派给您。"),
        NoticeKind.RELEASED: Words(
            en="An order is no longer yours.", zh="有一件工单已改派他人，您无需继续。"
        ),
        NoticeKind.CANCELLED: Words(
            en="An order was called off. Leave it as it is.", zh="有一件工单已取消，请停止作业。"
        ),
        NoticeKind.REOPENED: Words(
            en="An order that you ended was reopened.", zh="您已完工的一件工单被重开。"
        ),
        NoticeKind.DONE_BY_ANOTHER: Words(
            en="An order of yours was done by another crew.",
            zh="您的一件工单已由另一班组完成，您无需再去。",
        ),
        NoticeKind.RESTORED_BY_ANOTHER: Words(
            en="Another crew brought the light back on an order of yours: look, and end it.",
            zh="您的一件工单已由另一班组复电，请核实后完工。",
        ),
        NoticeKind.URGENT_ORDER: Words(en="A new urgent order.", zh="您有新的紧急工单。"),
        NoticeKind.PROMISE_NEAR: Words(
            en="A promise on an order of yours is near its end.", zh="您的一件工单时限即将到期。"
        ),
        NoticeKind.LATE_WORK_DECIDED: Words(
            en="The office has decided about work of yours that it had kept aside.",
            zh="调度室已对您被隔离的作业记录作出处理。",
        ),
    }
)
"""What each kind says, in English and Chinese."""

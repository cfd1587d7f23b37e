"""Messages to crews: what the office, or another crew, did to work that was theirs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from schemas.base import Id, Instant, Shape, Text
from schemas.errors import Words


class MessageKind(StrEnum):
    """What happened to the work."""

    GIVEN = "given"
    RELEASED = "released"
    CANCELLED = "cancelled"
    REOPENED = "reopened"
    DONE_BY_ANOTHER = "done_by_another"
    RESTORED_BY_ANOTHER = "restored_by_another"
    CHASED = "chased"


class Message(Shape):
    """What a crew is told about work that was or is theirs; the synced entity `message`.

    It leaves the handheld by itself after some days; that it was read, only the handheld knows.
    """

    id: Id
    kind: MessageKind
    task_id: Id
    title: Text
    words: Words
    at: Instant


SENTENCES: Final[Mapping[MessageKind, tuple[str, str]]] = MappingProxyType(
    {
        MessageKind.GIVEN: (
            "“{title}” was given to you by the office: {why}.",
            "调度室已将“{title}”改派给您：{why}。",
        ),
        MessageKind.RELEASED: (
            "“{title}” is no longer yours; the office gave it to others: {why}.",
            "“{title}”已改派他人，您无需继续：{why}。",
        ),
        MessageKind.CANCELLED: (
            "“{title}” was called off: {why}. Leave it as it is.",
            "“{title}”已取消：{why}。请停止作业。",
        ),
        MessageKind.REOPENED: (
            "“{title}”, which you ended, was reopened: {why}.",
            "您已完工的“{title}”被重开：{why}。",
        ),
        MessageKind.DONE_BY_ANOTHER: (
            "“{title}” was done by another crew, which had no signal; you are released.",
            "“{title}”已由另一班组在无信号期间完成，您无需再去。",
        ),
        MessageKind.RESTORED_BY_ANOTHER: (
            "“{title}”: another crew brought the light back; you are at the site: look, end it.",
            "“{title}”已由另一班组复电；您在现场，请核实后完工。",
        ),
        MessageKind.CHASED: (
            "The customer or the office asks again about “{title}”: {why}.",
            "“{title}”被催办：{why}。",
        ),
    }
)
"""What each kind says, in English and Chinese."""

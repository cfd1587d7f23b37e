"""What the office and other crews did to work of this crew, as short messages.

They come with the records and go by themselves; that they were read, only the handheld knows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final

from field_sync.store import marks, records
from field_sync.store.connection import Store
from field_sync.wire import decode
from schemas.messages import Message

MESSAGE: Final = "message"


@dataclasses.dataclass(frozen=True, slots=True)
class Received:
    """A message, and whether somebody has read it here."""

    message: Message
    is_read: bool


def list_messages(store: Store) -> list[Received]:
    """List the messages on this handheld, newest first."""
    read = marks.list_read(store)
    messages = [decode(body, Message) for body in records.list_of(store, entity=MESSAGE)]
    messages.sort(key=lambda message: (message.at, message.id), reverse=True)
    return [Received(message, message.id in read) for message in messages]


def count_unread(store: Store) -> int:
    """Count the messages that nobody has read here."""
    return sum(not received.is_read for received in list_messages(store))


def mark_read(store: Store, received: Sequence[Received]) -> None:
    """Mark messages as read."""
    with store.writing():
        marks.mark_read(store, ids=[each.message.id for each in received])

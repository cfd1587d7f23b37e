"""How a reading stands: why one does not count, and what a customer says against it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from schemas.base import Exact, Id, Instant, Sha256, Shape, Text, require_exact
from schemas.requests import Said
from schemas.rules import rereads

PHOTOS_MAX: Final = 10


class Why(StrEnum):
    """Why a reading does not count.

    `corrected` has another in its place; a customer's own value was `questioned` by the checks, or
    is in `conflict` with what a reader read.
    """

    CORRECTED = "corrected"
    QUESTIONED = "questioned"
    CONFLICT = "conflict"


class SetAside(Shape):
    """Why a reading does not count, and which one stands instead of it or contradicts it."""

    why: Why
    by_id: Id | None
    en: Text
    zh: Text


class DisputeDraft(Shape):
    """A customer says that a reading is wrong, in their words.

    `own_value` is what they say the register showed at `own_at`; `photo_sha256` names what they
    photographed. `key` is the sender's own id: sent twice, it disputes once.
    """

    key: Id
    said: Said
    own_value: Exact | None = None
    own_at: Instant | None = None
    photo_sha256: Annotated[list[Sha256], Meta(max_length=PHOTOS_MAX)] = []
    customer: Text = ""
    contact: Text = ""
    asked_at: Instant | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that nothing could keep."""
        if self.own_value is not None:
            require_exact(self.own_value)


class Dispute(Shape):
    """A disputed reading, and the answer; `id` is that of the request that runs its clock.

    It is open until `settled_at`. `outcome` is what a second reading by somebody else said; it is
    null while it is open, and where the office answered by itself.
    """

    id: Id
    reading_id: Id
    meter_id: Id
    said: Text
    own_value: Exact | None
    own_at: Instant | None
    photo_sha256: list[str]
    opened_at: Instant
    settled_at: Instant | None
    outcome: rereads.Outcome | None
    en: Text
    zh: Text
    again: bool = False

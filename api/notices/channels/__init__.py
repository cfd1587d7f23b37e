"""Channels: by what a notice leaves the house, each a module behind one small interface.

A new channel is a module with a class like `push.Push`, a name in `schemas.notices.NoticeChannel`
and a line in `opening`; the outbox, its order, its pauses and the office's doors are there already.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from typing import Protocol

from sqlalchemy.orm import Session

from schemas.notices import NoticeKind


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A notice on its way: what a channel needs to know of it."""

    id: str
    receiver: str
    kind: NoticeKind
    subject_id: str
    expires_at: dt.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Sent:
    """The receiver's side has taken it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Later:
    """It was not taken, and may be another time; `asked_s` is the pause that was asked for."""

    why: str
    asked_s: float | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Declined:
    """It was not taken and never will be as it is: a person of the office should look."""

    why: str


@dataclasses.dataclass(frozen=True, slots=True)
class Gone:
    """The receiver is not at this address any more, and asks to be let alone."""

    why: str
    address: str


Outcome = Sent | Later | Declined | Gone
Send = Callable[[], Outcome]


class Channel(Protocol):
    """By what notices leave the house."""

    def prepare(self, session: Session, letter: Letter, *, now: dt.datetime) -> Send | None:
        """Read what sending a letter needs, in the unit of work that claims it.

        Returns:
            What sends it, outside of any unit of work; None where its receiver is gone already.
        """
        ...

    def forget(self, session: Session, letter: Letter, *, gone: Gone) -> None:
        """Let go of a receiver that is gone, unless it has another address by now."""
        ...


Channels = Mapping[str, Channel]

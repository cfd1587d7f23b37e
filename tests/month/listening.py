"""Another system that is told of the month's supervision, over real HTTP; it is down for a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from sqlalchemy.orm import Session

from api import acts
from api.notices import service as notices
from api.settings import Settings
from schemas.events import EventType, ReceiverChannel, ReceiverDraft
from schemas.supervision import CaseEvent
from tests.makers.webhooks import System
from tests.month.deeds import Deed, office, wall

NAME: Final = "billing"
DOWN: Final = (wall("2025-10-22 00:00"), wall("2025-10-23 00:00"))
_UNAVAILABLE: Final = 503
TOLD: Final = {
    CaseEvent.opened: EventType.SUPERVISION_OPENED,
    CaseEvent.climbed: EventType.SUPERVISION_CLIMBED,
    CaseEvent.raised: EventType.SUPERVISION_CLIMBED,
    CaseEvent.closed: EventType.SUPERVISION_CLOSED,
    CaseEvent.upheld: EventType.SUPERVISION_EXCUSED,
    CaseEvent.cleared: EventType.SUPERVISION_CLEARED,
}
"""What is told of a case; the rest of its record concerns who works on it."""
SETTINGS: Final = Settings(private_receivers=True)
"""It listens on this machine, which is no public name."""


def told(system: System, *, since: str) -> Iterator[Deed]:
    """Let it listen since a time of the wall; it breaks down, and is mended."""

    def listen(session: Session, act: acts.Act) -> None:
        draft = ReceiverDraft(
            channel=ReceiverChannel.WEBHOOK,
            name=NAME,
            address=system.at(NAME),
            events=sorted(set(TOLD.values())),
        )
        notices.add_receiver(session, act=act, settings=SETTINGS, draft=draft)

    yield office(since, listen)
    yield Deed(DOWN[0], lambda _: system.always.update({NAME: _UNAVAILABLE}))
    yield Deed(DOWN[1], lambda _: system.always.clear())


def was_down(at: dt.datetime) -> bool:
    """Tell whether it was down at an instant."""
    return DOWN[0] <= at < DOWN[1]

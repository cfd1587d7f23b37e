"""What a unit of work holds of promises, so that a batch of acts asks each question once."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from api import db
from api.promises.models import Clock, DistrictPolicy
from schemas.rules import deadlines

_KEY: Final = db.in_hand("promises.held")


@dataclasses.dataclass(slots=True)
class Held:
    """Clocks by district and subject, policy choices and calendars by district."""

    clocks: dict[tuple[str, str], list[Clock]] = dataclasses.field(default_factory=dict)
    choices: dict[str, Sequence[DistrictPolicy]] = dataclasses.field(default_factory=dict)
    zones: dict[str, str] = dataclasses.field(default_factory=dict)
    calendars: dict[str, deadlines.WorkCalendar] = dataclasses.field(default_factory=dict)


def of(session: Session) -> Held:
    """Give what this unit of work holds."""
    held: Held = session.info.setdefault(_KEY, Held())
    return held

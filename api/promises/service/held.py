"""What a unit of work holds of promises, so that a batch of acts asks each question once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.promises import store
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


def load(session: Session, *, district_id: str, subject_ids: Iterable[str]) -> None:
    """Bring the clocks of many subjects into the unit of work with few questions.

    They stay locked until it ends; acts on these subjects ask no more.
    """
    known = of(session).clocks
    wanted = {each for each in subject_ids if (district_id, each) not in known}
    known.update(((district_id, each), []) for each in wanted)
    for clock in store.lock_clocks(session, district_id=district_id, subject_ids=wanted):
        known[district_id, clock.subject_id].append(clock)


def clocks_of(session: Session, act: Act, subject_id: str, *, fresh: bool = False) -> list[Clock]:
    """Give the clocks of a subject; work that is just being opened has none."""
    known = of(session).clocks
    key = (act.district_id, subject_id)
    if fresh:
        known.setdefault(key, [])
    elif key not in known:
        load(session, district_id=act.district_id, subject_ids=[subject_id])
    return known[key]

"""Questions about what was found in readings, what is still to be judged, and what explains it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import ColumnElement, delete, or_, select, tuple_
from sqlalchemy.orm import Session

from api.readings.models import Flag, MeterEvent, Unjudged
from api.readings.store.paging import KEYS_PER_QUERY, After

WITHDRAWN: Final = "withdrawn"
"""The outcome of a finding that rested on a reading which was corrected since."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FlagFilter:
    """Which flags a list holds; None does not choose."""

    code: str | None = None
    severity: str | None = None
    meter_id: str | None = None
    reader_id: str | None = None


def list_flag_codes(
    session: Session, *, district_id: str, reading_ids: Sequence[str]
) -> set[tuple[str, str]]:
    """List what was found in some readings and still stands, as (reading, code)."""
    found: set[tuple[str, str]] = set()
    for start in range(0, len(reading_ids), KEYS_PER_QUERY):
        question = select(Flag.reading_id, Flag.code).where(
            Flag.district_id == district_id,
            Flag.reading_id.in_(reading_ids[start : start + KEYS_PER_QUERY]),
            stands(),
        )
        found.update((reading_id, code) for reading_id, code in session.execute(question))
    return found


def list_withdrawn(
    session: Session, *, district_id: str, reading_ids: Sequence[str]
) -> dict[tuple[str, str], Flag]:
    """List what was found in some readings until others changed, by (reading, code)."""
    found: dict[tuple[str, str], Flag] = {}
    for start in range(0, len(reading_ids), KEYS_PER_QUERY):
        question = select(Flag).where(
            Flag.district_id == district_id,
            Flag.reading_id.in_(reading_ids[start : start + KEYS_PER_QUERY]),
            Flag.outcome == WITHDRAWN,
        )
        found.update(((flag.reading_id, flag.code), flag) for flag in session.scalars(question))
    return found


def list_open_flags(
    session: Session, *, district_id: str, reading_ids: Sequence[str], codes: Collection[str]
) -> Sequence[Flag]:
    """List findings of some readings that nobody has answered, of some rules."""
    question = select(Flag).where(
        Flag.district_id == district_id,
        Flag.reading_id.in_(reading_ids),
        Flag.code.in_(codes),
        Flag.outcome.is_(None),
    )
    return session.scalars(question).all()


def stands() -> ColumnElement[bool]:
    """Choose findings that were not withdrawn."""
    return or_(Flag.outcome.is_(None), Flag.outcome != WITHDRAWN)


def page_of_flags(
    session: Session, *, district_id: str, chosen: FlagFilter, after: After, limit: int
) -> Sequence[Flag]:
    """List findings, the latest first."""
    question = (
        select(Flag)
        .where(Flag.district_id == district_id)
        .order_by(Flag.found_at.desc(), Flag.id.desc())
        .limit(limit)
    )
    if after is not None:
        question = question.where(tuple_(Flag.found_at, Flag.id) < after)
    for column, wanted in (
        (Flag.code, chosen.code),
        (Flag.severity, chosen.severity),
        (Flag.meter_id, chosen.meter_id),
        (Flag.reader_id, chosen.reader_id),
    ):
        if wanted is not None:
            question = question.where(column == wanted)
    return session.scalars(question).all()


def list_unjudged(session: Session, *, district_id: str, limit: int) -> Sequence[Unjudged]:
    """List readings that nobody has looked at, those of one meter together."""
    question = (
        select(Unjudged)
        .where(Unjudged.district_id == district_id)
        .order_by(Unjudged.meter_id, Unjudged.reading_id)
        .limit(limit)
    )
    return session.scalars(question).all()


def list_marked(session: Session, *, district_id: str, reading_ids: Sequence[str]) -> set[str]:
    """Tell which of a few readings are still to be judged."""
    question = select(Unjudged.reading_id).where(
        Unjudged.district_id == district_id, Unjudged.reading_id.in_(reading_ids)
    )
    return set(session.scalars(question))


def forget_unjudged(session: Session, *, district_id: str, reading_ids: Sequence[str]) -> None:
    """Note that readings have been looked at."""
    for start in range(0, len(reading_ids), KEYS_PER_QUERY):
        session.execute(
            delete(Unjudged)
            .where(
                Unjudged.district_id == district_id,
                Unjudged.reading_id.in_(reading_ids[start : start + KEYS_PER_QUERY]),
            )
            .execution_options(synchronize_session=False)
        )


def list_events_about(
    session: Session,
    *,
    district_id: str,
    meter_ids: Sequence[str],
    transformer_ids: Sequence[str],
    from_at: dt.datetime,
    to_at: dt.datetime,
) -> list[MeterEvent]:
    """List what happened at meters, or behind transformers, within a time."""
    events: dict[str, MeterEvent] = {}
    for column, ids in (
        (MeterEvent.meter_id, meter_ids),
        (MeterEvent.transformer_id, transformer_ids),
    ):
        for start in range(0, len(ids), KEYS_PER_QUERY):
            question = select(MeterEvent).where(
                MeterEvent.district_id == district_id,
                column.in_(ids[start : start + KEYS_PER_QUERY]),
                MeterEvent.from_at <= to_at,
                or_(MeterEvent.to_at.is_(None), MeterEvent.to_at >= from_at),
            )
            events.update((event.id, event) for event in session.scalars(question))
    return list(events.values())


def page_of_events(
    session: Session, *, district_id: str, meter_id: str | None, after: After, limit: int
) -> Sequence[MeterEvent]:
    """List events that explain readings, the latest first."""
    question = (
        select(MeterEvent)
        .where(MeterEvent.district_id == district_id)
        .order_by(MeterEvent.from_at.desc(), MeterEvent.id.desc())
        .limit(limit)
    )
    if after is not None:
        question = question.where(tuple_(MeterEvent.from_at, MeterEvent.id) < after)
    if meter_id is not None:
        question = question.where(MeterEvent.meter_id == meter_id)
    return session.scalars(question).all()

"""Questions about readings that are read again."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import and_, exists, func, select, tuple_
from sqlalchemy.orm import Session

from api.readings.models import Flag, Reading, Reread, Stop
from api.readings.store.findings import stands
from api.readings.store.paging import KEYS_PER_QUERY, After


class FlaggedRow(NamedTuple):
    """A finding, with the reading that it is about."""

    reading_id: str
    meter_id: str
    reader_id: str | None
    code: str


class SecondRow(NamedTuple):
    """A reading, by whom it was taken and when."""

    reading_id: str
    meter_id: str
    reader_id: str | None
    read_at: dt.datetime


class PrecisionRow(NamedTuple):
    """How often a rule's findings came to an outcome; None while it is open."""

    code: str
    outcome: str | None
    findings: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RereadFilter:
    """Which re-reads a list holds; None does not choose."""

    settled: bool | None = None
    meter_id: str | None = None
    route_id: str | None = None


def list_findings(
    session: Session, *, district_id: str, since: dt.datetime, limit: int
) -> list[FlaggedRow]:
    """List findings of readings that nobody has asked to read again, by reading."""
    asked = and_(Reread.district_id == Flag.district_id, Reread.reading_id == Flag.reading_id)
    question = (
        select(Flag.reading_id, Flag.meter_id, Flag.reader_id, Flag.code)
        .outerjoin(Reread, asked)
        .where(
            Flag.district_id == district_id,
            Flag.found_at >= since,
            stands(),
            Reread.reading_id.is_(None),
        )
        .order_by(Flag.reading_id, Flag.code)
        .limit(limit)
    )
    return [FlaggedRow(*row) for row in session.execute(question)]


def list_unquestioned(
    session: Session, *, district_id: str, since: dt.datetime, limit: int
) -> list[SecondRow]:
    """List readings taken at meters that came since an instant, and that nobody questions."""
    asked = and_(Reread.district_id == Reading.district_id, Reread.reading_id == Reading.id)
    found = and_(Flag.district_id == Reading.district_id, Flag.reading_id == Reading.id)
    question = (
        select(Reading.id, Reading.meter_id, Reading.reader_id, Reading.read_at)
        .outerjoin(Reread, asked)
        .where(
            Reading.district_id == district_id,
            Reading.read_at >= since,
            Reading.reader_id.is_not(None),
            Reading.stop_id.is_not(None),
            Reread.reading_id.is_(None),
            ~exists().where(found),
        )
        .order_by(Reading.read_at, Reading.id)
        .limit(limit)
    )
    return [SecondRow(*row) for row in session.execute(question)]


def list_meters_open(session: Session, *, district_id: str, meter_ids: Sequence[str]) -> set[str]:
    """List those of some meters that wait for a re-read."""
    found: set[str] = set()
    for start in range(0, len(meter_ids), KEYS_PER_QUERY):
        question = select(Reread.meter_id).where(
            Reread.district_id == district_id,
            Reread.meter_id.in_(meter_ids[start : start + KEYS_PER_QUERY]),
            Reread.outcome.is_(None),
        )
        found.update(session.scalars(question))
    return found


def find_reread(session: Session, *, district_id: str, reading_id: str) -> Reread | None:
    """Find the re-read of a reading, open or settled."""
    return session.get(Reread, (district_id, reading_id))


def list_unplanned(session: Session, *, district_id: str, limit: int) -> Sequence[Reread]:
    """List re-reads that are on no route, by whoever must not take them, in walking order."""
    place = and_(Reading.district_id == Reread.district_id, Reading.id == Reread.reading_id)
    stop = and_(Stop.district_id == Reading.district_id, Stop.id == Reading.stop_id)
    question = (
        select(Reread)
        .join(Reading, place)
        .outerjoin(Stop, stop)
        .where(
            Reread.district_id == district_id,
            Reread.outcome.is_(None),
            Reread.route_id.is_(None),
        )
        .order_by(Reread.reader_id, Stop.route_id, Stop.sequence, Reread.reading_id)
        .limit(limit)
    )
    return session.scalars(question).all()


def list_open_of_meters(
    session: Session, *, district_id: str, meter_ids: Sequence[str]
) -> list[Reread]:
    """List the planned re-reads of some meters that wait for their second reading."""
    rows: list[Reread] = []
    for start in range(0, len(meter_ids), KEYS_PER_QUERY):
        question = select(Reread).where(
            Reread.district_id == district_id,
            Reread.meter_id.in_(meter_ids[start : start + KEYS_PER_QUERY]),
            Reread.outcome.is_(None),
            Reread.route_id.is_not(None),
        )
        rows += session.scalars(question)
    return rows


def list_seconds(
    session: Session, *, district_id: str, route_ids: Collection[str], meter_ids: Sequence[str]
) -> list[SecondRow]:
    """List what was read on routes of re-reads, the earliest first."""
    rows: list[SecondRow] = []
    for start in range(0, len(meter_ids), KEYS_PER_QUERY):
        question = (
            select(Reading.id, Reading.meter_id, Reading.reader_id, Reading.read_at)
            .where(
                Reading.district_id == district_id,
                Reading.meter_id.in_(meter_ids[start : start + KEYS_PER_QUERY]),
                Reading.route_id.in_(route_ids),
            )
            .order_by(Reading.read_at, Reading.id)
        )
        rows += [SecondRow(*row) for row in session.execute(question)]
    return rows


def list_readers_since(session: Session, *, district_id: str, since: dt.datetime) -> list[str]:
    """List who has read meters lately."""
    question = (
        select(Reading.reader_id)
        .where(
            Reading.district_id == district_id,
            Reading.read_at >= since,
            Reading.reader_id.is_not(None),
            Reading.stop_id.is_not(None),
        )
        .distinct()
    )
    return sorted(str(reader) for reader in session.scalars(question))


def count_by_rule(session: Session, *, district_id: str) -> list[PrecisionRow]:
    """Count the findings that asked for a re-read by rule and outcome."""
    asked = and_(Reread.district_id == Flag.district_id, Reread.reading_id == Flag.reading_id)
    question = (
        select(Flag.code, Reread.outcome, func.count())
        .join(Reread, asked)
        .where(Flag.district_id == district_id, stands())
        .group_by(Flag.code, Reread.outcome)
        .order_by(Flag.code)
    )
    return [PrecisionRow(*row) for row in session.execute(question)]


def page_of_rereads(
    session: Session, *, district_id: str, chosen: RereadFilter, after: After, limit: int
) -> Sequence[Reread]:
    """List re-reads, those due last first."""
    question = (
        select(Reread)
        .where(Reread.district_id == district_id)
        .order_by(Reread.due_at.desc(), Reread.reading_id.desc())
        .limit(limit)
    )
    if after is not None:
        question = question.where(tuple_(Reread.due_at, Reread.reading_id) < after)
    if chosen.settled is not None:
        settled = Reread.outcome.is_not(None)
        question = question.where(settled if chosen.settled else ~settled)
    for column, wanted in (
        (Reread.meter_id, chosen.meter_id),
        (Reread.route_id, chosen.route_id),
    ):
        if wanted is not None:
            question = question.where(column == wanted)
    return session.scalars(question).all()


def note_outcome(session: Session, *, district_id: str, reading_id: str, outcome: str) -> None:
    """Write down on a reading's findings what the second reading said."""
    for flag in session.scalars(
        select(Flag).where(Flag.district_id == district_id, Flag.reading_id == reading_id, stands())
    ):
        flag.outcome = outcome

"""Questions about routes, their stops, readings and what was found in them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from api.readings.models import Flag, MeterEvent, Reading, Route, Skip, Stop, Unjudged
from api.tasks.models import Task
from schemas.rules import transitions

KEYS_PER_QUERY: Final = 500


class PastReading(NamedTuple):
    """A reading that counts, as judging it needs it."""

    id: str
    meter_id: str
    reader_id: str | None
    read_at: dt.datetime
    total: Decimal
    quality: str
    estimator: str | None


class RouteRow(NamedTuple):
    """A route with where its task stands."""

    route: Route
    state: str
    crew_id: str | None
    person_id: str | None


class ReadingRow(NamedTuple):
    """A reading, and whether a later one of the same stop took its place."""

    reading: Reading
    counts: bool


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RouteFilter:
    """Which routes a list holds; None does not choose."""

    state: str | None = None
    crew_id: str | None = None
    person_id: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ReadingFilter:
    """Which readings a list holds; None does not choose."""

    meter_id: str | None = None
    reader_id: str | None = None
    route_id: str | None = None
    quality: str | None = None
    flagged: bool | None = None
    from_at: dt.datetime | None = None
    before_at: dt.datetime | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FlagFilter:
    """Which flags a list holds; None does not choose."""

    code: str | None = None
    severity: str | None = None
    meter_id: str | None = None
    reader_id: str | None = None


After = tuple[dt.datetime, str] | None
"""The key of the last row of the page before: its instant and id."""


def load_stops(session: Session, *, district_id: str, ids: Sequence[str]) -> list[Stop]:
    """Load stops as they are now."""
    stops: list[Stop] = []
    for start in range(0, len(ids), KEYS_PER_QUERY):
        question = (
            select(Stop)
            .where(
                Stop.district_id == district_id, Stop.id.in_(ids[start : start + KEYS_PER_QUERY])
            )
            .execution_options(populate_existing=True)
        )
        stops += session.scalars(question)
    return stops


def list_stops_of_route(
    session: Session, *, district_id: str, route_id: str, after_sequence: int, limit: int
) -> Sequence[Stop]:
    """List a route's stops in walking order, from after one on."""
    question = (
        select(Stop)
        .where(
            Stop.district_id == district_id,
            Stop.route_id == route_id,
            Stop.sequence > after_sequence,
        )
        .order_by(Stop.sequence)
        .limit(limit)
    )
    return session.scalars(question).all()


def count_stops(
    session: Session, *, district_id: str, route_ids: Sequence[str]
) -> dict[tuple[str, str], int]:
    """Count the stops of routes by (route, state)."""
    question = (
        select(Stop.route_id, Stop.state, func.count())
        .where(Stop.district_id == district_id, Stop.route_id.in_(route_ids))
        .group_by(Stop.route_id, Stop.state)
    )
    return {(route_id, state): count for route_id, state, count in session.execute(question)}


def page_of_routes(
    session: Session, *, district_id: str, chosen: RouteFilter, after: After, limit: int
) -> list[RouteRow]:
    """List routes with where their tasks stand, those planned last first."""
    question = _routes(district_id).order_by(Route.planned_at.desc(), Route.id.desc()).limit(limit)
    if after is not None:
        question = question.where(tuple_(Route.planned_at, Route.id) < after)
    for column, wanted in (
        (Task.state, chosen.state),
        (Task.crew_id, chosen.crew_id),
        (Task.person_id, chosen.person_id),
    ):
        if wanted is not None:
            question = question.where(column == wanted)
    return [RouteRow(*row) for row in session.execute(question)]


def find_route(session: Session, *, district_id: str, route_id: str) -> RouteRow | None:
    """Find a route with where its task stands."""
    row = session.execute(_routes(district_id).where(Route.id == route_id)).first()
    return RouteRow(*row) if row else None


def list_live_settled(session: Session, *, district_id: str, limit: int) -> Sequence[Route]:
    """List routes that are still on phones though their tasks are settled."""
    question = (
        select(Route)
        .join(Task, and_(Task.district_id == Route.district_id, Task.id == Route.id))
        .where(
            Route.district_id == district_id,
            Route.live,
            Task.state.in_([str(state) for state in transitions.SETTLED]),
        )
        .order_by(Route.id)
        .limit(limit)
    )
    return session.scalars(question).all()


def list_history(
    session: Session, *, district_id: str, meter_ids: Sequence[str], since: dt.datetime
) -> list[PastReading]:
    """List the readings of meters that count, oldest first for each meter."""
    rows: list[PastReading] = []
    for start in range(0, len(meter_ids), KEYS_PER_QUERY):
        question = (
            select(
                Reading.id,
                Reading.meter_id,
                Reading.reader_id,
                Reading.read_at,
                Reading.total,
                Reading.quality,
                Reading.estimator,
            )
            .outerjoin(Stop, _of_stop())
            .where(
                Reading.district_id == district_id,
                Reading.meter_id.in_(meter_ids[start : start + KEYS_PER_QUERY]),
                Reading.read_at >= since,
                _counts(),
            )
            .order_by(Reading.meter_id, Reading.read_at, Reading.id)
        )
        rows += [PastReading(*row) for row in session.execute(question)]
    return rows


def page_of_readings(
    session: Session, *, district_id: str, chosen: ReadingFilter, after: After, limit: int
) -> list[ReadingRow]:
    """List readings, the latest first."""
    question = (
        select(Reading, _counts())
        .outerjoin(Stop, _of_stop())
        .where(Reading.district_id == district_id, *_reading_conditions(chosen))
        .order_by(Reading.read_at.desc(), Reading.id.desc())
        .limit(limit)
    )
    if after is not None:
        question = question.where(tuple_(Reading.read_at, Reading.id) < after)
    return [ReadingRow(reading, bool(counts)) for reading, counts in session.execute(question)]


def list_skips(session: Session, *, district_id: str, stop_id: str) -> Sequence[Skip]:
    """List why a stop could not be read, oldest first."""
    question = (
        select(Skip)
        .where(Skip.district_id == district_id, Skip.stop_id == stop_id)
        .order_by(Skip.happened_at, Skip.id)
    )
    return session.scalars(question).all()


def list_flag_codes(
    session: Session, *, district_id: str, reading_ids: Sequence[str]
) -> set[tuple[str, str]]:
    """List what was found in some readings, as (reading, code)."""
    found: set[tuple[str, str]] = set()
    for start in range(0, len(reading_ids), KEYS_PER_QUERY):
        question = select(Flag.reading_id, Flag.code).where(
            Flag.district_id == district_id,
            Flag.reading_id.in_(reading_ids[start : start + KEYS_PER_QUERY]),
        )
        found.update((reading_id, code) for reading_id, code in session.execute(question))
    return found


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


def _routes(district_id: str) -> Select[Route, str, str | None, str | None]:
    return (
        select(Route, Task.state, Task.crew_id, Task.person_id)
        .join(Task, and_(Task.district_id == Route.district_id, Task.id == Route.id))
        .where(Route.district_id == district_id)
    )


def _of_stop() -> ColumnElement[bool]:
    return and_(Stop.district_id == Reading.district_id, Stop.id == Reading.stop_id)


def _counts() -> ColumnElement[bool]:
    """Choose readings that no later one of the same stop took the place of."""
    return or_(Reading.stop_id.is_(None), Stop.reading_id == Reading.id)


def _reading_conditions(chosen: ReadingFilter) -> list[ColumnElement[bool]]:
    equal = (
        (Reading.meter_id, chosen.meter_id),
        (Reading.reader_id, chosen.reader_id),
        (Reading.route_id, chosen.route_id),
        (Reading.quality, chosen.quality),
    )
    conditions = [column == wanted for column, wanted in equal if wanted is not None]
    if chosen.from_at is not None:
        conditions.append(Reading.read_at >= chosen.from_at)
    if chosen.before_at is not None:
        conditions.append(Reading.read_at < chosen.before_at)
    if chosen.flagged is not None:
        flagged = exists().where(
            Flag.district_id == Reading.district_id, Flag.reading_id == Reading.id
        )
        conditions.append(flagged if chosen.flagged else ~flagged)
    return conditions

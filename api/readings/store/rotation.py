"""Questions about who has read which route, and what was found there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from api.readings.models import Flag, Reading, Route
from api.readings.store.findings import stands
from api.readings.store.paging import KEYS_PER_QUERY
from schemas.rules.flags import Severity


def list_route_names(
    session: Session, *, district_id: str, since: dt.datetime, after: str, limit: int
) -> list[str]:
    """List the names under which routes were planned since an instant, in their order."""
    question = (
        select(Route.name)
        .where(Route.district_id == district_id, Route.planned_at >= since, Route.name > after)
        .distinct()
        .order_by(Route.name)
        .limit(limit)
    )
    return list(session.scalars(question))


def list_routes_named(
    session: Session, *, district_id: str, names: Sequence[str], since: dt.datetime
) -> Sequence[Route]:
    """List the routes of some names since an instant, the first planned first."""
    question = (
        select(Route)
        .where(
            Route.district_id == district_id,
            Route.name.in_(names),
            Route.planned_at >= since,
        )
        .order_by(Route.planned_at, Route.id)
    )
    return session.scalars(question).all()


def count_walked(
    session: Session, *, district_id: str, route_ids: Sequence[str]
) -> dict[tuple[str, str], int]:
    """Count what was read on some routes, by (route, reader)."""
    found: dict[tuple[str, str], int] = {}
    for start in range(0, len(route_ids), KEYS_PER_QUERY):
        question = (
            select(Reading.route_id, Reading.reader_id, func.count())
            .where(
                Reading.district_id == district_id,
                Reading.route_id.in_(route_ids[start : start + KEYS_PER_QUERY]),
                Reading.reader_id.is_not(None),
            )
            .group_by(Reading.route_id, Reading.reader_id)
        )
        found.update(
            ((str(route), str(reader)), count) for route, reader, count in session.execute(question)
        )
    return found


def count_findings(
    session: Session, *, district_id: str, route_ids: Sequence[str]
) -> dict[tuple[str, str], int]:
    """Count the readings of some routes that a person should look at, by (route, reader)."""
    found: dict[tuple[str, str], int] = {}
    about = and_(Flag.district_id == Reading.district_id, Flag.reading_id == Reading.id)
    for start in range(0, len(route_ids), KEYS_PER_QUERY):
        question = (
            select(Reading.route_id, Reading.reader_id, func.count(Flag.reading_id.distinct()))
            .join(Flag, about)
            .where(
                Reading.district_id == district_id,
                Reading.route_id.in_(route_ids[start : start + KEYS_PER_QUERY]),
                Reading.reader_id.is_not(None),
                Flag.severity == Severity.review,
                stands(),
            )
            .group_by(Reading.route_id, Reading.reader_id)
        )
        found.update(
            ((str(route), str(reader)), count) for route, reader, count in session.execute(question)
        )
    return found


def count_routes_since(session: Session, *, district_id: str, since: dt.datetime) -> dict[str, int]:
    """Count the routes on which each reader read since an instant."""
    question = (
        select(Reading.reader_id, func.count(Reading.route_id.distinct()))
        .where(
            Reading.district_id == district_id,
            Reading.read_at >= since,
            Reading.reader_id.is_not(None),
            Reading.route_id.is_not(None),
        )
        .group_by(Reading.reader_id)
    )
    return {str(reader): count for reader, count in session.execute(question)}

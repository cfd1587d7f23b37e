"""Questions about routes and their stops."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, and_, bindparam, func, select, tuple_
from sqlalchemy.orm import Session

from api import db
from api.feed import recorder
from api.loading import PreparedRows
from api.prepared import Among
from api.readings.models import Reading, Route, Stop
from api.readings.store.paging import KEYS_PER_QUERY, After
from api.tasks.models import Task
from schemas import readings
from schemas.rules import transitions


class RouteRow(NamedTuple):
    """A route with where its task stands."""

    route: Route
    state: str
    crew_id: str | None
    person_id: str | None


class WalkedRow(NamedTuple):
    """How a meter was read on a route: when and where."""

    meter_id: str
    route_id: str
    read_at: dt.datetime
    clock_suspect: bool
    fix: dict[str, Any] | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RouteFilter:
    """Which routes a list holds; None does not choose."""

    state: str | None = None
    crew_id: str | None = None
    person_id: str | None = None


_STOPS: Final = PreparedRows(
    select(Stop).where(Stop.district_id == bindparam("district_id"), Among(Stop.id, "ids"))
)


def load_stops(session: Session, *, district_id: str, ids: Sequence[str]) -> list[Stop]:
    """Load stops as they are now; whoever changes one keeps it (`keep_stop`)."""
    return _STOPS.loose(session, district_id=district_id, ids=ids)


def keep_stop(session: Session, stop: Stop) -> None:
    """Write down what an act at a loaded stop's meter changed, and tell the phones."""
    recorder.touch(session, stop)
    row = {
        "district_id": stop.district_id,
        "id": stop.id,
        "state": stop.state,
        "skip_code": stop.skip_code,
        "reading_id": stop.reading_id,
        "read_at": stop.read_at,
    }
    db.change(session, Stop, row)


def keep_stop_whole(session: Session, stop: Stop) -> None:
    """Write down that a loaded stop shows another meter than is on record; tell the phones."""
    recorder.touch(session, stop)
    names = (
        *("district_id", "id", "state", "skip_code", "serial", "digits", "decimals"),
        *("previous_value", "previous_at", "reported_value", "reported_at", "reported_quality"),
        *("typical_kwh", "low_kwh", "high_kwh", "active_history", "finding_id", "found_at"),
    )
    db.change_now(session, Stop, {name: getattr(stop, name) for name in names})


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


def list_open_stops(session: Session, *, district_id: str, meter_id: str) -> Sequence[Stop]:
    """List the stops at which a meter is still to be read."""
    question = select(Stop).where(
        Stop.district_id == district_id,
        Stop.meter_id == meter_id,
        Stop.live,
        Stop.state == readings.StopState.OPEN,
    )
    return session.scalars(question).all()


def list_planned(session: Session, *, district_id: str, meter_ids: Sequence[str]) -> set[str]:
    """Tell which of some meters are still to be read on a route."""
    found: set[str] = set()
    for start in range(0, len(meter_ids), KEYS_PER_QUERY):
        question = select(Stop.meter_id).where(
            Stop.district_id == district_id,
            Stop.meter_id.in_(meter_ids[start : start + KEYS_PER_QUERY]),
            Stop.live,
            Stop.state == readings.StopState.OPEN,
        )
        found.update(session.scalars(question))
    return found


def last_sequence(session: Session, *, district_id: str, route_id: str) -> int:
    """Give the number of a route's last stop; 0 where it has none."""
    question = select(func.max(Stop.sequence)).where(
        Stop.district_id == district_id, Stop.route_id == route_id
    )
    return session.scalar(question) or 0


def list_walked(
    session: Session, *, district_id: str, meter_ids: Sequence[str], since: dt.datetime
) -> list[WalkedRow]:
    """List how some meters were read on routes lately, oldest first."""
    rows: list[WalkedRow] = []
    for start in range(0, len(meter_ids), KEYS_PER_QUERY):
        question = select(
            Reading.meter_id, Reading.route_id, Reading.read_at, Reading.clock_suspect, Reading.fix
        ).where(
            Reading.district_id == district_id,
            Reading.meter_id.in_(meter_ids[start : start + KEYS_PER_QUERY]),
            Reading.read_at >= since,
            Reading.route_id.is_not(None),
        )
        rows += [WalkedRow(*row) for row in session.execute(question)]
    return sorted(rows, key=lambda row: row.read_at)


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


def _routes(district_id: str) -> Select[Route, str, str | None, str | None]:
    return (
        select(Route, Task.state, Task.crew_id, Task.person_id)
        .join(Task, and_(Task.district_id == Route.district_id, Task.id == Route.id))
        .where(Route.district_id == district_id)
    )

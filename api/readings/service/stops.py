"""Stops in a unit of work: loaded once for a whole batch, and only on their own route."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.errors import NotFound
from api.readings import store
from api.readings.models import Stop
from api.readings.service import beside
from api.sites import service as sites
from schemas.errors import Refused

_HELD: Final = db.in_hand("readings.stops")
"""Where a unit of work keeps its stops, and the ids that name none."""
_REMOVED: Final = db.in_hand("readings.removals")
"""Where a unit of work keeps when the meters of its stops were taken down."""


class WaitsForStop(Refused):
    """This server knows no such stop on the route; it may be put back later.

    The record is kept and tried again for some weeks. Nothing to do; if it goes on, ask the office.
    """

    code = "waits-for-stop"
    status = 404
    outcome = "held"
    en = "The office does not know stop {id} on this route yet; the record is kept and tried again."
    zh = "调度室的该路线上尚无抄表点 {id}；该记录已暂存，系统将自动重试。"


def load_stops(session: Session, *, district_id: str, ids: Sequence[str]) -> list[Stop]:
    """Bring stops into the unit of work; acts on them ask no more questions.

    Load their tasks first: whoever holds a route's task holds its stops.
    """
    held = _held(session)
    wanted = sorted({stop_id for stop_id in ids if (district_id, stop_id) not in held})
    if wanted:
        held.update(dict.fromkeys((district_id, stop_id) for stop_id in wanted))
        found = store.load_stops(session, district_id=district_id, ids=wanted)
        held.update(((district_id, stop.id), stop) for stop in found)
        beside.load(session, found)
        _load_removals(session, district_id, [stop.meter_id for stop in found])
    named = (held[district_id, stop_id] for stop_id in ids)
    return [stop for stop in named if stop is not None]


def get_stop(session: Session, *, act: Act, route_id: str, stop_id: str) -> Stop:
    """Get a stop of a route that the actor may act on; it may have been moved to another since.

    Raises:
        NotFound: at a door: the route has no such stop.
        WaitsForStop: pushed: it has none, as far as this server knows.
    """
    key = (act.district_id, stop_id)
    if key not in _held(session):
        load_stops(session, district_id=act.district_id, ids=[stop_id])
    stop = _held(session)[key]
    if stop is None or route_id not in {stop.route_id, *stop.former_route_ids}:
        raise _no_stop(act, stop_id)
    return stop


def removed_at(session: Session, *, act: Act, meter_id: str) -> dt.datetime | None:
    """Tell when a meter of a loaded stop was taken down; None while it stands."""
    return _removals(session).get((act.district_id, meter_id))


def read_at(*, act: Act, stop: Stop) -> dict[str, object]:
    """Write down by whom a value was read at a stop, and when, as each row of a reading has it."""
    return {
        "district_id": act.district_id,
        "stop_id": stop.id,
        "route_id": stop.route_id,
        "reader_id": act.principal.person_id,
        "device_id": act.principal.device_id,
        "read_at": act.happened.at,
        "error_s": act.happened.error_s,
        "clock_suspect": act.happened.suspect,
        "received_at": act.received_at,
    }


def _load_removals(session: Session, district_id: str, meter_ids: Sequence[str]) -> None:
    """Remember which meters are on record as taken down; most are not."""
    removals = sites.list_removals(session, district_id=district_id, meter_ids=meter_ids)
    _removals(session).update(((district_id, each), at) for each, at in removals.items())


def _removals(session: Session) -> dict[tuple[str, str], dt.datetime]:
    """Give the removals that this unit of work knows."""
    removals: dict[tuple[str, str], dt.datetime] = session.info.setdefault(_REMOVED, {})
    return removals


def _no_stop(act: Act, stop_id: str) -> Refused:
    if act.operation_id is None:
        return NotFound(what="stop", id=stop_id)
    return WaitsForStop(id=stop_id)


def _held(session: Session) -> dict[tuple[str, str], Stop | None]:
    """Give the stops of this unit of work, with the ids that name none."""
    held: dict[tuple[str, str], Stop | None] = session.info.setdefault(_HELD, {})
    return held

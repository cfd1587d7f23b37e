"""Stops in a unit of work: loaded once for a whole batch, and only on their own route."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.errors import NotFound
from api.readings import store
from api.readings.models import Stop

_HELD: Final = "readings.stops"
"""Where a unit of work keeps its stops, and the ids that name none."""


def load_stops(session: Session, *, district_id: str, ids: Sequence[str]) -> list[Stop]:
    """Bring stops into the unit of work; acts on them ask no more questions.

    Load their tasks first: whoever holds a route's task holds its stops.
    """
    held = _held(session)
    wanted = sorted({stop_id for stop_id in ids if (district_id, stop_id) not in held})
    if wanted:
        held.update(dict.fromkeys((district_id, stop_id) for stop_id in wanted))
        for stop in store.load_stops(session, district_id=district_id, ids=wanted):
            held[district_id, stop.id] = stop
    found = (held[district_id, stop_id] for stop_id in ids)
    return [stop for stop in found if stop is not None]


def get_stop(session: Session, *, act: Act, route_id: str, stop_id: str) -> Stop:
    """Get a stop of a route that the actor may act on.

    Raises:
        NotFound: the route has no such stop.
    """
    key = (act.district_id, stop_id)
    if key not in _held(session):
        load_stops(session, district_id=act.district_id, ids=[stop_id])
    stop = _held(session)[key]
    if stop is None or stop.route_id != route_id:
        raise NotFound(what="stop", id=stop_id)
    return stop


def _held(session: Session) -> dict[tuple[str, str], Stop | None]:
    """Give the stops of this unit of work, with the ids that name none."""
    held: dict[tuple[str, str], Stop | None] = session.info.setdefault(_HELD, {})
    return held

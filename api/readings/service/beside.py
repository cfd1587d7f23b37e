"""What is known of a stop's meter before it is read, and what was read at the meters beside it.

Beside a stop are the two whose numbers on the route are one less and one more.
"""

from __future__ import annotations

import collections
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from api import db
from api.readings import store
from api.readings.models import Stop
from schemas.rules import meter_reading

_READ: Final = db.in_hand("readings.read_beside")
"""Where a unit of work keeps what was read at the stops of its routes."""
_Place = tuple[str, str, int]
"""District, route and number on the route."""


def known_of(stop: Stop | store.ReadStop) -> meter_reading.Known:
    """Tell what is known of a stop's meter before it is read, as its phone knows it."""
    return meter_reading.Known(
        previous=stop.previous_value,
        previous_on=stop.previous_at.date() if stop.previous_at else None,
        typical_kwh=stop.typical_kwh,
        low_kwh=stop.low_kwh,
        high_kwh=stop.high_kwh,
        active=stop.active_history,
    )


def register_of(stop: Stop | store.ReadStop) -> meter_reading.Register:
    """Tell what a stop's meter shows."""
    return meter_reading.Register(stop.digits, stop.decimals, stop.multiplier)


def load(session: Session, stops: Sequence[Stop]) -> None:
    """Bring what was read beside stops into the unit of work, with one question for each route."""
    read = _read(session)
    walked: dict[tuple[str, str], list[int]] = collections.defaultdict(list)
    for stop in stops:
        walked[stop.district_id, stop.route_id].append(stop.sequence)
    for (district_id, route_id), numbers in walked.items():
        found = store.list_read_between(
            session,
            district_id=district_id,
            route_id=route_id,
            first=min(numbers) - 1,
            last=max(numbers) + 1,
        )
        for row in found:
            read.setdefault((district_id, route_id, row.sequence), _neighbour(row, row.total))


def enter(session: Session, stop: Stop, *, total: Decimal) -> None:
    """Remember what was read at a stop in this unit of work."""
    read = _read(session)
    read[stop.district_id, stop.route_id, stop.sequence] = _neighbour(stop, total)


def neighbours(session: Session, stop: Stop) -> list[meter_reading.Neighbour]:
    """List what was read beside a loaded stop: before it on the way, then behind it."""
    read = _read(session)
    places = ((stop.district_id, stop.route_id, stop.sequence + way) for way in (-1, 1))
    return [read[place] for place in places if place in read]


def _neighbour(stop: Stop | store.ReadStop, total: Decimal) -> meter_reading.Neighbour:
    return meter_reading.Neighbour(stop.serial, register_of(stop), known_of(stop), total)


def _read(session: Session) -> dict[_Place, meter_reading.Neighbour]:
    """Give what was read at stops, as far as this unit of work knows."""
    read: dict[_Place, meter_reading.Neighbour] = session.info.setdefault(_READ, {})
    return read

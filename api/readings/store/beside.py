"""The question what was read along a stretch of a route."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final, NamedTuple

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from api.prepared import Prepared
from api.readings.models import Reading, Stop


class ReadStop(NamedTuple):
    """A stop that was read: its place, what its checks need, and the value that counts."""

    route_id: str
    sequence: int
    serial: str
    digits: int
    decimals: int
    multiplier: Decimal
    previous_value: Decimal | None
    previous_at: dt.datetime | None
    typical_kwh: Decimal | None
    low_kwh: Decimal | None
    high_kwh: Decimal | None
    active_history: bool
    total: Decimal


_BETWEEN: Final = Prepared(
    select(
        Stop.route_id,
        Stop.sequence,
        Stop.serial,
        Stop.digits,
        Stop.decimals,
        Stop.multiplier,
        Stop.previous_value,
        Stop.previous_at,
        Stop.typical_kwh,
        Stop.low_kwh,
        Stop.high_kwh,
        Stop.active_history,
        Reading.total,
    )
    .join(Reading, and_(Reading.district_id == Stop.district_id, Reading.id == Stop.reading_id))
    .where(
        Stop.district_id == bindparam("district_id"),
        Stop.route_id == bindparam("route_id"),
        Stop.sequence >= bindparam("first"),
        Stop.sequence <= bindparam("last"),
    )
)


def list_read_between(
    session: Session, *, district_id: str, route_id: str, first: int, last: int
) -> list[ReadStop]:
    """List what was read at the stops of a route from one number to another, both included.

    A whole stretch is asked for and not the neighbours of each stop: while PostgreSQL knows nothing
    of a table's size yet, it compares every stop of a route with every other to find those.
    """
    rows = _BETWEEN.rows(
        session, district_id=district_id, route_id=route_id, first=first, last=last
    )
    return [ReadStop(*row) for row in rows]

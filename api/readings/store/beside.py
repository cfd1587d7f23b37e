"""The question what was read beside the stops of a batch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session, aliased

from api.prepared import Among, Prepared
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


_Own = aliased(Stop, name="own")
_BESIDE: Final = Prepared(
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
    .select_from(_Own)
    .join(
        Stop,
        and_(
            Stop.district_id == _Own.district_id,
            Stop.route_id == _Own.route_id,
            Stop.sequence.in_((_Own.sequence - 1, _Own.sequence + 1)),
        ),
    )
    .join(Reading, and_(Reading.district_id == Stop.district_id, Reading.id == Stop.reading_id))
    .where(_Own.district_id == bindparam("district_id"), Among(_Own.id, "ids"))
)


def list_read_beside(
    session: Session, *, district_id: str, stop_ids: Sequence[str]
) -> list[ReadStop]:
    """List what was read at the stops whose numbers are one less and one more than these'."""
    rows = _BESIDE.rows(session, district_id=district_id, ids=stop_ids)
    return [ReadStop(*row) for row in rows]

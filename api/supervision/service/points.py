"""Breach points: what the cases of a unit, a crew or a person add up to in a period.

They are counted from the cases themselves, so that what late evidence clears, or an appeal excuses,
is gone from every sum at once.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

from sqlalchemy.orm import Session

from api.acts import Act
from api.supervision import store
from api.supervision.service import office
from schemas import supervision


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Promises that fell due from an instant on, and before another."""

    from_at: dt.datetime
    until_at: dt.datetime


def list_points(
    session: Session,
    *,
    act: Act,
    by: supervision.Counted,
    period: Period,
    unit_id: str | None,
) -> list[supervision.Points]:
    """List breach points of a period, the most first.

    Args:
        session: the unit of work.
        act: who asks.
        by: whose points are counted; a crew's work counts for the crew, one person's for them.
        period: when the promises fell due.
        unit_id: every district beneath this unit; by default the act's district.

    Raises:
        NotFound: the unit does not exist for the actor.
    """
    sums = store.sum_points(
        session,
        district_ids=office.districts_of(session, act=act, unit_id=unit_id),
        by=by,
        from_at=period.from_at,
        until_at=period.until_at,
    )
    return [supervision.Points(id=row.id, cases=row.cases, points=row.points) for row in sums]

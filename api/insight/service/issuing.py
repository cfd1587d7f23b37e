"""Issuing reports: each week and month of a district, once, when it is over."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.insight import store
from api.insight.models import IssuedReport
from api.insight.service import reports
from api.insight.service.reports import Composed, Wanted
from api.sites import service as sites
from schemas import figures
from schemas.figures import Span
from schemas.rules import periods
from schemas.rules.periods import Grain

BACK_MAX: Final = 5
"""How many weeks and months back a server that slept makes up for."""
_GRAINS: Final = ((Span.weekly, Grain.week), (Span.monthly, Grain.month))
REPORTS_PER_RUN: Final = BACK_MAX * len(_GRAINS)
_DAY: Final = dt.timedelta(days=1)


def compose_due(session: Session, *, act: Act) -> list[Composed]:
    """Compose the reports of a district whose period is over and that were not issued yet.

    The oldest first; periods before the district's first work have none.
    """
    zone = sites.get_district(session, district_id=act.district_id).zone
    today = act.happened.at.astimezone(zoneinfo.ZoneInfo(zone)).date()
    over = sorted(_over(today), key=lambda due: due[1])
    issued = store.list_spans(session, district_id=act.district_id, since=over[0][1])
    begun_at = store.find_first_work(session, district_id=act.district_id)
    return [
        reports.compose(session, act=act, wanted=Wanted(unit_id=None, span=span, day=first))
        for span, first in over
        if (str(span), first.isoformat()) not in issued
        and begun_at is not None
        and begun_at < periods.ends_at(last_day(span, first), zone)
    ]


def enter_due(session: Session, *, act: Act, composed: list[Composed]) -> int:
    """Keep composed reports as issued; give how many.

    Another run may have been quicker: a constraint guards that each period has one.
    """
    for each in composed:
        reports.enter(session, act=act, composed=each)
    return len(composed)


def list_issued(
    session: Session, *, act: Act, before: store.Place | None, limit: int
) -> list[figures.IssuedReport]:
    """List the reports that were issued in the act's district, the latest first."""
    rows = store.list_issued(session, district_id=act.district_id, before=before, limit=limit)
    return [_shape(row) for row in rows]


def last_day(span: Span, first: dt.date) -> dt.date:
    """Tell the last day of the period that begins on a day."""
    return periods.containing(first, dict(_GRAINS)[span]).last


def _over(today: dt.date) -> Iterator[tuple[Span, dt.date]]:
    """Name the last weeks and months that are over: span and first day."""
    for span, grain in _GRAINS:
        period = periods.containing(today, grain)
        for _ in range(BACK_MAX):
            period = periods.containing(period.first - _DAY, grain)
            yield span, period.first


def _shape(row: IssuedReport) -> figures.IssuedReport:
    return figures.IssuedReport(
        id=row.id,
        unit_id=row.district_id,
        span=Span(row.span),
        first_day=dt.date.fromisoformat(row.first_day),
        last_day=dt.date.fromisoformat(row.last_day),
        as_of=row.as_of,
        issued_at=row.issued_at,
        sha256=row.sha256,
    )

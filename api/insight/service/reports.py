"""Reports: every figure of a unit for a week or a month, the same bytes for the same instant."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.insight import store
from api.insight.models import IssuedReport
from api.insight.service import asking, census, definitions
from api.insight.service.scopes import Scope, scope_of
from api.insight.store import Tally
from schemas import base
from schemas.errors import Refused
from schemas.figures import By, Definition, Report, ReportFigure, ReportGroup, Rows, Span
from schemas.rules import periods
from schemas.rules.periods import Grain, Period

SETTLES: Final = dt.timedelta(minutes=1)
"""Whatever was heard by an instant is committed so long after it at the latest."""
GROUPS_MAX: Final = 20
_GRAINS: Final = {Span.weekly: Grain.week, Span.monthly: Grain.month}


class ReportTooSoon(Refused):
    """What is heard now may still be on its way into the books. Ask as of a minute ago, at most."""

    code = "report-too-soon"
    status = 422
    en = "A report is as of {latest} at the latest, and its period has begun by then."
    zh = "报表的统计截止时刻不得晚于 {latest}，且统计期须已开始。"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which report: whose, of the week or month in which a local day lies, as known when.

    Without `as_of` it is the one that was issued, or else what is known by now.
    """

    unit_id: str | None
    span: Span
    day: dt.date
    as_of: dt.datetime | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Composed:
    """A report, its exact JSON and that one's SHA-256."""

    report: Report
    body: bytes
    sha256: str


def find(session: Session, *, act: Act, wanted: Wanted) -> Composed:
    """Give the report that was issued of a period, or compose it.

    Raises:
        NotFound: the unit does not exist for the actor.
        PeriodOdd: the day is of another age.
        ReportTooSoon: it is as of less than a minute ago, or its period has not begun.
    """
    scope = scope_of(session, act=act, unit_id=wanted.unit_id)
    first = period_of(wanted).first
    if scope.is_district:
        issued = store.find_issued(
            session, district_id=scope.unit_id, span=wanted.span, first_day=first
        )
        if issued is not None and wanted.as_of in {None, issued.as_of}:
            return Composed(base.decode(issued.body, Report), issued.body, issued.sha256)
    return compose(session, act=act, wanted=wanted)


def compose(session: Session, *, act: Act, wanted: Wanted) -> Composed:
    """Compose a report from the books.

    Raises:
        NotFound, PeriodOdd, ReportTooSoon: as `find`.
    """
    scope = scope_of(session, act=act, unit_id=wanted.unit_id)
    period = period_of(wanted)
    latest = act.received_at - SETTLES
    as_of = wanted.as_of or latest.replace(second=0, microsecond=0)
    if as_of > latest or as_of < periods.begins_at(period.first, scope.zone):
        raise ReportTooSoon(latest=base.rfc3339(latest))
    report = Report(
        unit_id=scope.unit_id,
        level=scope.level,
        span=wanted.span,
        first_day=period.first,
        last_day=period.last,
        as_of=as_of,
        zone=scope.zone,
        figures=list(_figures(session, scope, period, as_of)),
    )
    body = base.encode(report)
    return Composed(report, body, hashlib.sha256(body).hexdigest())


def names_for(
    session: Session, *, act: Act, report: Report
) -> tuple[str, Mapping[By, Mapping[str, str]]]:
    """Give today's names of a report's unit and of the groups in it.

    Raises:
        NotFound: the unit does not exist for the actor.
    """
    scope = scope_of(session, act=act, unit_id=report.unit_id)
    ids: defaultdict[By, set[str]] = defaultdict(set)
    for figure in report.figures:
        for by, groups in figure.groups.items():
            ids[By(by)] |= {each.id for each in groups if each.id is not None}
    names = {
        by: asking.names_of(session, act=act, scope=scope, by=by, ids=sorted(named))
        for by, named in ids.items()
    }
    return scope.name, names


def period_of(wanted: Wanted) -> Period:
    """Give the week or the month that a report is about.

    Raises:
        PeriodOdd: it is of another age.
    """
    asking.period_of(wanted.day, wanted.day)
    return periods.containing(wanted.day, _GRAINS[wanted.span])


def enter(session: Session, *, act: Act, composed: Composed) -> None:
    """Keep a report as issued."""
    report = composed.report
    session.add(
        IssuedReport(
            district_id=act.district_id,
            id=act.new_id(),
            span=str(report.span),
            first_day=report.first_day.isoformat(),
            last_day=report.last_day.isoformat(),
            as_of=report.as_of,
            issued_at=act.received_at,
            body=composed.body,
            sha256=composed.sha256,
        )
    )


def _figures(
    session: Session, scope: Scope, period: Period, as_of: dt.datetime
) -> Iterator[ReportFigure]:
    """Count every figure that has a past; those that share their rows are counted together."""
    counted = [each for each in definitions.ALL.values() if not each.live]
    censuses = {
        rows: _Census(session, scope, period, as_of, [d for d in counted if d.rows is rows])
        for rows in dict.fromkeys(each.rows for each in counted)
    }
    for definition in counted:
        yield censuses[definition.rows].figure(definition)


class _Census:
    """Everything that a report says of rows of one sort, asked with one question a view."""

    def __init__(
        self,
        session: Session,
        scope: Scope,
        period: Period,
        as_of: dt.datetime,
        definitions_of: Sequence[Definition],
    ) -> None:
        self._session, self._scope, self._as_of = session, scope, as_of
        self._rows: Rows = definitions_of[0].rows
        self._kinds = {each.kind for each in definitions_of if each.kind is not None}
        self._days = [] if definitions_of[0].standing else periods.cut(period, Grain.day)
        self._dimensions = definitions_of[0].by if scope.is_district else [By.unit]
        self._by_day = self._take(period, parts=self._days)
        self._before = self._take(period.before()) if self._days else None
        self._grouped = self._take(period, by=self._dimensions)

    def figure(self, definition: Definition) -> ReportFigure:
        """Say how one figure stands."""
        of_day = census.of_figure(self._by_day, definition)
        grouped = census.of_figure(self._grouped, definition)
        before = self._before
        return ReportFigure(
            code=definition.code,
            measure=definition.measure,
            better=definition.better,
            whole=census.count(of_day, definition),
            before=None
            if before is None
            else census.count(census.of_figure(before, definition), definition),
            days=asking.points_of(of_day, definition, self._days) if self._days else [],
            groups={
                str(by): _grouped(grouped, definition, dimension=dimension)
                for dimension, by in enumerate(self._dimensions)
            },
        )

    def _take(
        self, period: Period, *, by: Sequence[By] = (), parts: Sequence[Period] = ()
    ) -> list[Tally]:
        return census.take(
            self._session,
            self._scope,
            period=period,
            as_of=self._as_of,
            rows=self._rows,
            kinds=self._kinds,
            by=by,
            parts=parts,
        )


def _grouped(
    tallies: Sequence[Tally], definition: Definition, *, dimension: int
) -> list[ReportGroup]:
    """Count the groups of a figure: those with a place first, then those with most rows."""
    counts = {
        group: census.count(each, definition)
        for group, each in census.by_group(tallies, dimension=dimension).items()
    }
    places = census.places(
        {group: each for group, each in counts.items() if group is not None}, definition
    )
    groups = [
        ReportGroup(id=group, place=None if group is None else places.get(group), count=each)
        for group, each in counts.items()
    ]
    last = len(groups) + 1
    groups.sort(key=lambda each: (each.place or last, -each.count.denominator, each.id or ""))
    return groups[:GROUPS_MAX]

"""A report with something of every figure, for what writes reports."""

from __future__ import annotations

import datetime as dt

from api.insight.paper.named import Lang, Named
from api.insight.service import DEFINITIONS
from schemas.crews import Level
from schemas.figures import (
    By,
    Count,
    Definition,
    Measure,
    Point,
    Report,
    ReportFigure,
    ReportGroup,
    Span,
)
from schemas.rules import periods

OCTOBER = periods.Period(dt.date(2025, 10, 1), dt.date(2025, 10, 31))
CREWS = 6


def count(definition: Definition, numerator: int, denominator: int) -> Count:
    """Make a count."""
    value: float | None = float(numerator)
    if definition.measure is Measure.share:
        value = numerator / denominator if denominator else None
    return Count(
        numerator=numerator,
        denominator=denominator,
        undecided=3,
        provisional=1,
        total_ms=numerator * 60_000 if definition.measure is Measure.mean else None,
        value=value,
        small=denominator < 10,
        outcomes={},
    )


def report(name: str = "crew") -> Report:
    """Make a month's report in which every figure has days, and places of crews."""
    return Report(
        unit_id="d1",
        level=Level.DISTRICT,
        span=Span.monthly,
        first_day=OCTOBER.first,
        last_day=OCTOBER.last,
        as_of=dt.datetime(2025, 10, 31, 22, tzinfo=dt.UTC),
        zone="Asia/Shanghai",
        figures=[_figure(each, name) for each in DEFINITIONS.values() if not each.live],
    )


def named(lang: Lang) -> Named:
    """Call everything by its name, crews by rather long ones."""
    crews = {f"crew-{number}": f"灵山供电所抢修第 {number} 班" for number in range(CREWS)}
    return Named(lang=lang, unit="美兰供电局", definitions=DEFINITIONS, groups={By.crew: crews})


def _figure(definition: Definition, name: str) -> ReportFigure:
    days = [] if definition.standing else periods.cut(OCTOBER, periods.Grain.day)
    groups = [
        ReportGroup(
            id=f"{name}-{number}", place=number + 1, count=count(definition, 40 - number, 40)
        )
        for number in range(CREWS)
    ]
    return ReportFigure(
        code=definition.code,
        measure=definition.measure,
        better=definition.better,
        whole=count(definition, 1_190, 1_240),
        before=None if definition.standing else count(definition, 1_100, 1_240),
        days=[
            Point(
                first_day=day.first,
                last_day=day.last,
                count=count(definition, number, 40 if number else 0),
            )
            for number, day in enumerate(days)
        ],
        groups={By.crew: groups} if By.crew in definition.by else {},
    )

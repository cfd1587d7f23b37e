"""Asking for a figure: of a unit, for a period, as of an instant; whole, in groups, in the past."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.insight import store
from api.insight.service import census, definitions
from api.insight.service.scopes import Scope, scope_of
from api.insight.store import Tally
from schemas.errors import Refused
from schemas.figures import By, Count, Definition, Figure, Group, Past, Point
from schemas.rules import periods
from schemas.rules.periods import Grain, Period

DAYS_MAX: Final = 366
POINTS_MAX: Final = 62
GROUPS_MAX: Final = 500
_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2200
_ANYWHERE: Final = frozenset({By.unit, By.cause})
"""What units above districts can be broken down by; the rest is named within a district."""


class PeriodOdd(Refused):
    """A period goes from a day to the same or a later one, at most a year on. Ask for less."""

    code = "period-odd"
    status = 422
    en = "From {first_day} to {last_day} is no period of 1 to {days_max} days."
    zh = "{first_day} 至 {last_day} 不是 1 至 {days_max} 天的有效统计期。"


class TooManyPoints(Refused):
    """The period has more parts than one answer holds. Ask for a shorter one, or longer parts."""

    code = "too-many-points"
    status = 422
    en = "The period has {points} parts; at most {points_max} are shown."
    zh = "统计期共 {points} 段；最多显示 {points_max} 段。"


class NotBrokenDown(Refused):
    """The figure has no such parts here. Ask for those that its definition lists, in a district."""

    code = "not-broken-down"
    status = 422
    en = "{figure} of {unit_id} cannot be broken down by {by}."
    zh = "{unit_id} 的指标 {figure} 不能按 {by} 细分。"


class FigureIsLive(Refused):
    """The figure counts what is there now, and keeps no past. Ask for it without `as_of`."""

    code = "figure-is-live"
    status = 422
    en = "{figure} is known only as of now."
    zh = "指标 {figure} 只能按当前时刻统计。"


class AsOfAhead(Refused):
    """Nobody knows yet what will be known then. Ask as of an instant that has passed."""

    code = "as-of-ahead"
    status = 422
    en = "{as_of} has not come yet."
    zh = "时刻 {as_of} 尚未到来。"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whose figure, of which local days, as known when; None is the actor's district, and now."""

    unit_id: str | None
    first_day: dt.date
    last_day: dt.date
    as_of: dt.datetime | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A question that can be answered."""

    definition: Definition
    scope: Scope
    period: Period
    as_of: dt.datetime


def ask(session: Session, *, act: Act, code: str, question: Question) -> Asked:
    """Check a question.

    Raises:
        NotFound: there is no such figure, or the unit does not exist for the actor.
        PeriodOdd: the days are no period.
        FigureIsLive: it is asked for as of another time than now.
        AsOfAhead: it is asked for as of a time to come.
    """
    definition = definitions.get(code)
    scope = scope_of(session, act=act, unit_id=question.unit_id)
    period = period_of(question.first_day, question.last_day)
    if definition.live and question.as_of is not None:
        raise FigureIsLive(figure=code)
    if question.as_of is not None and question.as_of > act.received_at:
        raise AsOfAhead(as_of=question.as_of.isoformat())
    return Asked(definition, scope, period, question.as_of or act.received_at)


def period_of(first: dt.date, last: dt.date) -> Period:
    """Make a period of two days.

    Raises:
        PeriodOdd: it ends before it begins, is too long, or of another age.
    """
    period = Period(first, last)
    of_our_age = first.year >= _FIRST_YEAR and last.year <= _LAST_YEAR
    if not of_our_age or not 1 <= period.days <= DAYS_MAX:
        raise PeriodOdd(first_day=first.isoformat(), last_day=last.isoformat(), days_max=DAYS_MAX)
    return period


def get_figure(
    session: Session, *, act: Act, code: str, question: Question, by: By | None
) -> Figure:
    """Give a figure of a unit and a period, beside the period before it, whole and by groups.

    Raises:
        NotBrokenDown: it has no such groups here.
        NotFound, PeriodOdd, FigureIsLive, AsOfAhead: as `ask`.
    """
    asked = ask(session, act=act, code=code, question=question)
    definition = asked.definition
    whole = census.count(_take(session, asked), definition)
    before = None
    if not definition.standing:
        earlier = dataclasses.replace(asked, period=asked.period.before())
        before = census.count(_take(session, earlier), definition)
    groups: list[Group] = []
    if by is not None:
        check_by(asked, by)
        tallies = _take(session, asked, by=by)
        groups = groups_of(session, act=act, asked=asked, by=by, tallies=tallies)
    return Figure(
        code=code,
        unit_id=asked.scope.unit_id,
        first_day=asked.period.first,
        last_day=asked.period.last,
        as_of=asked.as_of,
        whole=whole,
        before=before,
        by=by,
        groups=groups[:GROUPS_MAX],
        more_groups=max(0, len(groups) - GROUPS_MAX),
    )


def get_past(session: Session, *, act: Act, code: str, question: Question, grain: Grain) -> Past:
    """Give a figure of each day, week or month of a period.

    Raises:
        TooManyPoints: the period has too many of them.
        FigureIsLive: it counts what stands now, so that it has no past.
        NotFound, PeriodOdd, AsOfAhead: as `ask`.
    """
    asked = ask(session, act=act, code=code, question=question)
    if asked.definition.standing:
        raise FigureIsLive(figure=code)
    parts = periods.cut(asked.period, grain)
    if len(parts) > POINTS_MAX:
        raise TooManyPoints(points=len(parts), points_max=POINTS_MAX)
    tallies = census.take(
        session,
        asked.scope,
        period=asked.period,
        as_of=asked.as_of,
        rows=asked.definition.rows,
        kinds=kinds_of(asked.definition),
        parts=parts,
    )
    return Past(
        code=code,
        unit_id=asked.scope.unit_id,
        grain=grain,
        as_of=asked.as_of,
        points=points_of(tallies, asked.definition, parts),
    )


def points_of(tallies: Iterable[Tally], definition: Definition, parts: list[Period]) -> list[Point]:
    """Count each part of a period."""
    sorted_in = census.by_part(tallies, parts=len(parts))
    return [
        Point(
            first_day=part.first,
            last_day=part.last,
            count=census.count(each, definition),
        )
        for part, each in zip(parts, sorted_in, strict=True)
    ]


def groups_of(
    session: Session, *, act: Act, asked: Asked, by: By, tallies: Iterable[Tally]
) -> list[Group]:
    """Count each group, with its name and its place; the best first, then those without a place."""
    counts = {
        group: census.count(each, asked.definition)
        for group, each in census.by_group(tallies).items()
    }
    named = {group: each for group, each in counts.items() if group is not None}
    places = census.places(named, asked.definition)
    names = names_of(session, act=act, scope=asked.scope, by=by, ids=named)
    groups = [
        Group(
            id=group,
            name="" if group is None else names.get(group, group),
            place=None if group is None else places.get(group),
            count=each,
        )
        for group, each in counts.items()
    ]
    return sorted(groups, key=_rank)


def names_of(
    session: Session, *, act: Act, scope: Scope, by: By, ids: Iterable[str]
) -> Mapping[str, str]:
    """Say what groups are called; what has no name is called by its id."""
    if by is By.unit:
        return {unit_id: crews.get_unit(session, act=act, unit_id=unit_id).name for unit_id in ids}
    if not scope.is_district:
        return {}
    return store.names_of(session, district_id=scope.unit_id, by=by, ids=list(ids))


def check_by(asked: Asked, by: By) -> None:
    """Let pass what the figure can be broken down by here.

    Raises:
        NotBrokenDown: it cannot.
    """
    possible = {*asked.definition.by, By.unit}
    if by not in possible or not (asked.scope.is_district or by in _ANYWHERE):
        raise NotBrokenDown(figure=asked.definition.code, unit_id=asked.scope.unit_id, by=by)


def kinds_of(definition: Definition) -> list[str]:
    """Name the kind of promise that a figure counts, if its rows are clocks."""
    return [] if definition.kind is None else [definition.kind]


def _take(session: Session, asked: Asked, *, by: By | None = None) -> list[Tally]:
    return census.take(
        session,
        asked.scope,
        period=asked.period,
        as_of=asked.as_of,
        rows=asked.definition.rows,
        kinds=kinds_of(asked.definition),
        by=[] if by is None else [by],
    )


def _rank(group: Group) -> tuple[int, int, str, str]:
    """Order by place, then by how much there is to judge by."""
    count: Count = group.count
    no_place = 1 << 30
    return (group.place or no_place, -count.denominator, group.name, group.id or "")

"""Sums and pages of the rows that a figure counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, select, tuple_
from sqlalchemy.orm import Session

from api import columns
from api.insight.store import cases, ledgers, present
from api.insight.store.ledgers import Asked
from api.tasks.models import Task
from schemas.figures import By, Rows


class Tally(NamedTuple):
    """How many rows of a kind, of some groups and a part of the period came out one way.

    `groups` names one for each dimension that was asked for.
    `timed` of the rows have a time; `total_ms` is the sum of those.
    """

    kind: str
    groups: tuple[str | None, ...]
    part: int
    outcome: str
    rows: int
    timed: int
    total_ms: int


class Key(NamedTuple):
    """Where a page starts: the instant and the id of the last row before it."""

    at: dt.datetime
    id: str


class Wanted(NamedTuple):
    """Which rows to list: those with some outcomes, of a group, and with a time if `timed`."""

    outcomes: Sequence[str]
    timed: bool = False
    by: By | None = None
    group: str | None = None


class Counted(NamedTuple):
    """A row that a figure counted; what it has none of is None."""

    id: str
    subject_id: str | None
    at: dt.datetime
    outcome: str
    took_ms: int | None
    crew_id: str | None
    area_id: str | None
    cause: str | None
    reader_id: str | None
    route_id: str | None


_SOURCES: Final[Mapping[Rows, Callable[[Asked], Select[*tuple[Any, ...]]]]] = MappingProxyType(
    {
        Rows.provisional: ledgers.provisional,
        Rows.call_backs: ledgers.call_backs,
        Rows.orders: ledgers.orders,
        Rows.readings: present.readings,
        Rows.devices: present.devices,
        Rows.promises: ledgers.promises,
        Rows.cases: cases.cases,
        Rows.open_cases: cases.open_cases,
    }
)
_ORDERS: Final = (By.crew, By.area, By.cause)
DIMENSIONS: Final[Mapping[Rows, Sequence[By]]] = MappingProxyType(
    {
        Rows.clocks: _ORDERS,
        Rows.promises: _ORDERS,
        Rows.provisional: _ORDERS,
        Rows.call_backs: _ORDERS,
        Rows.orders: _ORDERS,
        Rows.cases: (By.crew,),
        Rows.open_cases: (By.crew,),
        Rows.readings: (By.reader, By.route),
        Rows.devices: (By.reader,),
    }
)
"""What the rows of each sort can be broken down by."""


def tally(
    session: Session,
    asked: Asked,
    *,
    rows: Rows,
    kinds: Sequence[str] = (),
    by: Sequence[By] = (),
    cuts: Sequence[dt.datetime] = (),
) -> list[Tally]:
    """Count rows by kind and outcome, and by dimensions or the parts of the period.

    Args:
        session: the unit of work.
        asked: whose, when, and as known at which instant.
        rows: what to count.
        kinds: the kinds of promises, where the rows are clocks.
        by: the dimensions; one question for several costs less than one for each.
        cuts: the instants at which the second and later parts of the period begin.
    """
    source = _source(asked, rows, kinds)
    by_area = By.area in by
    each = (
        select(
            source.c.kind,
            source.c.outcome,
            source.c.took_ms,
            _part(source, cuts).label("part"),
            *(_group(source, asked, one).label(f"by_{one}") for one in by),
        )
        .select_from(source.outerjoin(Task, _of_order(source, asked)) if by_area else source)
        .subquery("each")
        .c
    )
    # What is the same for every row is no key: sorting by it costs as much as by the others.
    groups = [each[f"by_{one}"] for one in by]
    keys = [each.outcome, *([each.kind] if kinds else []), *([each.part] if cuts else []), *groups]
    question = select(
        each.kind if kinds else literal(""),
        each.part if cuts else literal(0),
        each.outcome,
        func.count(),
        func.count(each.took_ms),
        func.coalesce(func.sum(each.took_ms), 0),
        *groups,
    ).group_by(*keys)
    return [
        Tally(kind, tuple(grouped), part, outcome, counted, timed, int(total_ms))
        for kind, part, outcome, counted, timed, total_ms, *grouped in session.execute(question)
    ]


def page(
    session: Session,
    asked: Asked,
    *,
    rows: Rows,
    kinds: Sequence[str] = (),
    wanted: Wanted,
    after: Key | None,
    limit: int,
) -> list[Counted]:
    """List the rows that came out in one of some ways, in the order of instant and id."""
    source = _source(asked, rows, kinds)
    about_order = By.area in DIMENSIONS[rows]
    of = source.c
    none = literal(None)
    question = select(
        of.id,
        of.subject_id,
        of.at,
        of.outcome,
        of.took_ms,
        of.get("crew_id", none),
        Task.area_id if about_order else none,
        ledgers.cause_of(of.subject_id, asked) if about_order else none,
        of.get("reader_id", none),
        of.get("route_id", none),
    ).where(of.outcome.in_(sorted(wanted.outcomes)))
    if about_order:
        question = question.select_from(source).outerjoin(Task, _of_order(source, asked))
    if wanted.timed:
        question = question.where(of.took_ms.is_not(None))
    if wanted.by is not None:
        group = _group(source, asked, wanted.by)
        question = question.where(group.is_not_distinct_from(wanted.group))
    if after is not None:
        place = (literal(after.at, columns.InstantType()), literal(after.id))
        question = question.where(tuple_(of.at, of.id) > tuple_(*place))
    ordered = question.order_by(of.at, of.id).limit(limit)
    return [Counted(*row) for row in session.execute(ordered)]


def _source(asked: Asked, rows: Rows, kinds: Sequence[str]) -> Subquery:
    """Ask for the rows with the same names for the same things."""
    if rows is Rows.clocks:
        return ledgers.clocks(asked, kinds).subquery("counted")
    return _SOURCES[rows](asked).subquery("counted")


def _group(source: Subquery, asked: Asked, by: By) -> ColumnElement[Any]:
    """Give what a row is grouped by; an area is that of its order, which is joined."""
    match by:
        case By.unit:
            return literal(asked.district_id)
        case By.crew:
            return source.c.crew_id
        case By.reader:
            return source.c.reader_id
        case By.route:
            return source.c.route_id
        case By.area:
            return Task.area_id.expression
        case By.cause:
            return func.nullif(ledgers.cause_of(source.c.subject_id, asked), "")


def _of_order(source: Subquery, asked: Asked) -> ColumnElement[bool]:
    return and_(Task.district_id == asked.district_id, Task.id == source.c.subject_id)


def _part(source: Subquery, cuts: Sequence[dt.datetime]) -> ColumnElement[int]:
    """Say in which part of the period a row lies, from 0, with few comparisons."""

    def among(first: int, last: int) -> ColumnElement[int]:
        if first == last:
            return literal(first)
        middle = (first + last) // 2
        later = among(middle + 1, last)
        return case((source.c.at < cuts[middle], among(first, middle)), else_=later)

    return among(0, len(cuts))

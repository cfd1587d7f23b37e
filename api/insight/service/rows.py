"""Opening a figure: the rows that its numerator, its denominator or neither counts."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from api.acts import Act
from api.insight import store
from api.insight.service import asking
from api.insight.service.asking import Asked, Question
from api.insight.service.scopes import District, asked_of
from schemas.figures import By, Definition, Measure, Part, Row


class Key(NamedTuple):
    """Where a page starts: the district and the row before it."""

    district_id: str
    place: store.Key


@dataclasses.dataclass(frozen=True, slots=True)
class Opened:
    """Which rows to list: a part of the figure, of one group where it is broken down."""

    part: Part
    by: By | None = None
    group: str | None = None


def list_rows(
    session: Session,
    *,
    act: Act,
    code: str,
    question: Question,
    opened: Opened,
    after: Key | None,
    limit: int,
) -> list[Row]:
    """List the rows that a figure counts, district by district, in the order of their instants.

    Raises:
        NotBrokenDown: the figure has no such groups here.
        NotFound, PeriodOdd, FigureIsLive, AsOfAhead: as `asking.ask`.
    """
    asked = asking.ask(session, act=act, code=code, question=question)
    if opened.by is not None:
        asking.check_by(asked, opened.by)
    wanted = store.Wanted(
        outcomes=_outcomes(asked.definition, opened.part),
        timed=asked.definition.measure is Measure.mean and opened.part is not Part.undecided,
        by=None if opened.by is By.unit else opened.by,
        group=opened.group,
    )
    rows: list[Row] = []
    for district, place in _from(_of_group(asked, opened), after):
        rows += _page(session, asked, district, wanted=wanted, after=place, limit=limit - len(rows))
        if len(rows) >= limit:
            break
    return rows


def _outcomes(definition: Definition, part: Part) -> Sequence[str]:
    match part:
        case Part.numerator:
            return definition.numerator
        case Part.denominator:
            return definition.denominator
        case Part.undecided:
            return definition.undecided


def _of_group(asked: Asked, opened: Opened) -> list[District]:
    """Leave the districts of the one unit that is asked for, if one is."""
    districts = asked.scope.districts
    if opened.by is not By.unit:
        return districts
    return [each for each in districts if each.part_id == opened.group]


def _from(
    districts: Sequence[District], after: Key | None
) -> Iterator[tuple[District, store.Key | None]]:
    """Go on with the district of the key; one that is not there ends the list."""
    if after is None:
        yield from ((each, None) for each in districts)
        return
    begun = False
    for each in districts:
        if each.id == after.district_id:
            begun = True
            yield each, after.place
        elif begun:
            yield each, None


def _page(
    session: Session,
    asked: Asked,
    district: District,
    *,
    wanted: store.Wanted,
    after: store.Key | None,
    limit: int,
) -> list[Row]:
    found = store.page(
        session,
        asked_of(district, period=asked.period, as_of=asked.as_of),
        rows=asked.definition.rows,
        kinds=asking.kinds_of(asked.definition),
        wanted=wanted,
        after=after,
        limit=limit,
    )
    return [
        Row(
            district_id=district.id,
            id=each.id,
            subject_id=each.subject_id or None,
            at=each.at,
            outcome=each.outcome,
            crew_id=each.crew_id,
            area_id=each.area_id,
            cause=each.cause or None,
            reader_id=each.reader_id,
            route_id=each.route_id,
            took_ms=each.took_ms,
        )
        for each in found
    ]

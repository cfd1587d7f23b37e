"""Counting: what a figure's rows add up to, whole, in parts and in groups."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy.orm import Session

from api.insight import store
from api.insight.service.scopes import Scope, asked_of
from api.insight.store import Tally
from schemas.figures import By, Count, Definition, Measure, Rows
from schemas.rules import periods, standing
from schemas.rules.clocks import State
from schemas.rules.periods import Period
from schemas.rules.standing import Score

_SECOND_MS = 1_000


def take(
    session: Session,
    scope: Scope,
    *,
    period: Period,
    as_of: dt.datetime,
    rows: Rows,
    kinds: Collection[str] = (),
    by: Sequence[By] = (),
    parts: Sequence[Period] = (),
) -> list[Tally]:
    """Count the rows of every district of a scope, each by its own local days.

    Args:
        session: the unit of work.
        scope: whose.
        period: the local days.
        as_of: as it was known then.
        rows: what to count.
        kinds: the kinds of promises, where the rows are clocks.
        by: what to break it down by.
        parts: what the period is cut into, in order; a tally says which part it is of.
    """
    found: list[Tally] = []
    for district in scope.districts:
        tallies = store.tally(
            session,
            asked_of(district, period=period, as_of=as_of),
            rows=rows,
            kinds=sorted(kinds),
            by=by,
            cuts=[periods.begins_at(part.first, district.zone) for part in parts[1:]],
        )
        if By.unit in by:
            tallies = [_of_part(each, by, district.part_id) for each in tallies]
        found += tallies
    return found


def of_figure(tallies: Iterable[Tally], definition: Definition) -> list[Tally]:
    """Leave what is about a figure."""
    if definition.kind is None:
        return list(tallies)
    return [each for each in tallies if each.kind == definition.kind]


def count(tallies: Iterable[Tally], definition: Definition) -> Count:
    """Say how a figure stands by its tallies."""
    rows: Counter[str] = Counter()
    timed: Counter[str] = Counter()
    total_ms = 0
    for each in tallies:
        rows[each.outcome] += each.rows
        timed[each.outcome] += each.timed
        if each.outcome in definition.denominator:
            total_ms += each.total_ms
    is_mean = definition.measure is Measure.mean
    counted = timed if is_mean else rows
    numerator = sum(counted[outcome] for outcome in definition.numerator)
    denominator = sum(counted[outcome] for outcome in definition.denominator)
    undecided = {outcome: rows[outcome] for outcome in definition.undecided}
    return Count(
        numerator=numerator,
        denominator=denominator,
        undecided=sum(undecided.values()),
        provisional=undecided.get(State.provisional, 0),
        total_ms=total_ms if is_mean else None,
        value=_value(definition.measure, numerator, denominator, total_ms),
        small=definition.measure is not Measure.number and denominator < standing.FEW,
        outcomes=dict(sorted(rows.items())),
    )


def by_group(tallies: Iterable[Tally], *, dimension: int = 0) -> Mapping[str | None, list[Tally]]:
    """Sort tallies by their groups in one of the dimensions that they were counted by."""
    groups: defaultdict[str | None, list[Tally]] = defaultdict(list)
    for each in tallies:
        groups[each.groups[dimension]].append(each)
    return groups


def by_part(tallies: Iterable[Tally], *, parts: int) -> list[list[Tally]]:
    """Sort tallies by the parts of their period."""
    sorted_in: list[list[Tally]] = [[] for _ in range(parts)]
    for each in tallies:
        sorted_in[each.part].append(each)
    return sorted_in


def places(counts: Mapping[str, Count], definition: Definition) -> dict[str, int]:
    """Give each group its place among the others, where it has one."""
    if definition.measure is Measure.number:
        return {}
    scores = {
        name: Score(each.numerator if each.total_ms is None else each.total_ms, each.denominator)
        for name, each in counts.items()
    }
    return standing.places(scores, better=definition.better)


def _of_part(tally: Tally, by: Sequence[By], part_id: str) -> Tally:
    """Name the unit beneath the scope's that a district's rows are counted for."""
    groups = list(tally.groups)
    groups[list(by).index(By.unit)] = part_id
    return tally._replace(groups=tuple(groups))


def _value(measure: Measure, numerator: int, denominator: int, total_ms: int) -> float | None:
    if measure is Measure.number:
        return float(numerator)
    if denominator == 0:
        return None
    if measure is Measure.mean:
        return total_ms / denominator / _SECOND_MS
    return numerator / denominator

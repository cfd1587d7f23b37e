"""Supervision cases as they stood at an instant, from their records."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Select, case, literal, null, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement

from api.insight.store.ledgers import Asked, no_time
from api.supervision.models import Case, CaseMoment
from schemas.supervision import CaseEvent, CaseState

_STATES: Final[Mapping[CaseEvent, CaseState]] = MappingProxyType(
    {
        CaseEvent.opened: CaseState.open,
        CaseEvent.reopened: CaseState.open,
        CaseEvent.acknowledged: CaseState.acknowledged,
        CaseEvent.closed: CaseState.closed,
        CaseEvent.upheld: CaseState.excused,
        CaseEvent.cleared: CaseState.cleared,
    }
)
"""What a case is after a line of its record; other lines leave it as it was."""
_SECOND_MS: Final = 1_000


class _EpochS(FunctionElement[int]):
    """An instant in whole seconds since 1970."""

    type = BigInteger()
    inherit_cache = True


def cases(asked: Asked) -> Select[*tuple[Any, ...]]:
    """Ask how the cases that were opened in a period stood."""
    return _cases(asked, no_time()).where(
        Case.opened_at >= asked.from_at,
        Case.opened_at < asked.to_at,
        Case.opened_at <= asked.as_of,
    )


def open_cases(asked: Asked) -> Select[*tuple[Any, ...]]:
    """Ask how every case stood, however long ago it was opened, and how old it was then."""
    as_of_s = literal(int(asked.as_of.timestamp()), BigInteger())
    age_ms = (as_of_s - _EpochS(Case.opened_at)) * _SECOND_MS
    return _cases(asked, age_ms.label("took_ms")).where(Case.opened_at <= asked.as_of)


def _cases(asked: Asked, took_ms: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Ask for cases; the newest line that changed a case's state says how it stood."""
    line = aliased(CaseMoment)
    newest = (
        select(case(*[(line.event == event, state) for event, state in _STATES.items()]))
        .where(
            line.district_id == asked.district_id,
            line.case_id == Case.id,
            line.heard_at <= asked.as_of,
            line.event.in_(sorted(_STATES)),
        )
        .order_by(line.heard_at.desc(), line.id.desc())
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )
    return select(
        Case.id.label("id"),
        Case.subject_id.label("subject_id"),
        Case.opened_at.label("at"),
        Case.kind.label("kind"),
        newest.label("outcome"),
        Case.crew_id.label("crew_id"),
        took_ms,
    ).where(Case.district_id == asked.district_id, newest.is_not(null()))


@compiles(_EpochS, "sqlite")
def _of_text(element: _EpochS, compiler: SQLCompiler, **kw: object) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **kw)}) AS INTEGER)"


@compiles(_EpochS, "postgresql")
def _of_timestamp(element: _EpochS, compiler: SQLCompiler, **kw: object) -> str:
    instant = compiler.process(element.clauses, **kw)
    return f"CAST(floor(extract(epoch FROM {instant})) AS BIGINT)"

"""Questions that every contact of a phone asks: compiled once, then put to the driver as they are.

SQLAlchemy writes the SQL and names the types.
What it does around one execution (a key of the statement, the expanding of its lists, an object
for each row) costs ten times what SQLite needs to answer, so it is done once for each dialect.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Dialect, Select
from sqlalchemy.orm import Session

from api import db

Value = Callable[[Any], Any]


@dataclasses.dataclass(frozen=True, slots=True)
class _Plan:
    """A question in one dialect: its text, what its names stand for, what makes values fit.

    `order` names the values where the driver wants them by place; None where it wants names.
    A value of `fitting` is None where it passes as it is.
    """

    sql: str
    order: Sequence[str] | None
    constants: Mapping[str, Any]
    fitting: Mapping[str, Value | None]


class Prepared:
    """A `select()` whose values are `bindparam`s; one object serves every thread."""

    def __init__(self, question: Select[*tuple[Any, ...]], *, large: bool = False) -> None:
        """Keep a question.

        Args:
            question: what is asked; each value that changes is a `bindparam` with a type.
            large: whether its answer has many bytes.
        """
        self._question = question
        self._options = {db.LARGE_BYTES: True} if large else {}
        self._plans: dict[str, _Plan] = {}
        self._reading: dict[str, Sequence[Value | None]] = {}

    def rows(self, session: Session, **values: object) -> list[tuple[Any, ...]]:
        """Ask, after whatever the unit of work has queued.

        Args:
            session: a unit of work.
            **values: the question's values by name.
        """
        db.write_queued(session)
        connection = session.connection()
        dialect = connection.dialect
        plan = self._plans.get(dialect.name)
        if plan is None:
            plan = self._plans[dialect.name] = _planned(self._question, dialect)
        given = _given(plan, values)
        answer = connection.exec_driver_sql(plan.sql, given, execution_options=self._options)
        reading = self._reading.get(dialect.name)
        if reading is None:
            reading = self._reading[dialect.name] = _reading(self._question, dialect, answer)
        found = answer.all()
        return [_read(reading, row) for row in found] if any(reading) else list(map(tuple, found))

    def first(self, session: Session, **values: object) -> tuple[Any, ...] | None:
        """Ask for one row, or None."""
        return next(iter(self.rows(session, **values)), None)


def _planned(question: Select[*tuple[Any, ...]], dialect: Dialect) -> _Plan:
    compiled: Any = question.compile(dialect=dialect)
    processors = {
        name: bind.type.dialect_impl(dialect).bind_processor(dialect)
        for name, bind in compiled.binds.items()
    }
    constants = {
        name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required
    }
    return _Plan(
        sql=compiled.string,
        order=compiled.positiontup,
        constants=constants,
        fitting=processors,
    )


def _reading(
    question: Select[*tuple[Any, ...]], dialect: Dialect, answer: CursorResult[Any]
) -> list[Value | None]:
    """Find what reads each column (None: it is right as it is), by the kind the driver names."""
    described: Any = answer.cursor
    return [
        column.type.dialect_impl(dialect).result_processor(dialect, kind)
        for column, (_, kind, *_rest) in zip(
            question.selected_columns, described.description, strict=True
        )
    ]


def _given(plan: _Plan, values: Mapping[str, object]) -> Any:  # noqa: ANN401 - as the driver wants
    """Make the values fit the driver, by place or by name."""
    given = {
        name: value if (fit := plan.fitting[name]) is None else fit(value)
        for name, value in {**plan.constants, **values}.items()
    }
    return given if plan.order is None else tuple(given[name] for name in plan.order)


def _read(reading: Sequence[Value | None], row: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(
        value if read is None else read(value) for read, value in zip(reading, row, strict=True)
    )

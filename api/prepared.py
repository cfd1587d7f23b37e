"""Statements of the hot path: compiled once, then put to the driver as they are.

SQLAlchemy writes the SQL and names the types.
What it does around one execution (a key of the statement, the expanding of its lists, an object
for each row) costs ten times what SQLite needs to answer, so it is done once for each dialect.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Dialect, Select, bindparam
from sqlalchemy import types as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from api import db, driver

Value = Callable[[Any], Any]
_Answering = (
    Select[*tuple[Any, ...]] | ReturningInsert[*tuple[Any, ...]] | ReturningUpdate[*tuple[Any, ...]]
)
_Texts = ColumnElement[str] | InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
_MARK: Final = "/*{}*/"
"""Stands before the place of a list in a statement of SQLite."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Plan:
    """A statement in one dialect: its text, what its names stand for, what makes values fit.

    `order` names the values where the driver wants them by place; None where it wants names.
    `fitting` names only the values that do not pass as they are.
    `listed` are the lists that the text has a place for each text of.
    """

    sql: str
    order: Sequence[str] | None
    constants: Mapping[str, Any]
    fitting: Mapping[str, Value]
    listed: Sequence[str]

    def given(self, values: Mapping[str, object]) -> tuple[str, Any]:
        """Give the text, and the values as the driver wants them: by place or by name."""
        given = {**self.constants, **values}
        for name, fit in self.fitting.items():
            given[name] = fit(given[name])
        if self.order is None:
            return self.sql, given
        if not self.listed:
            return self.sql, tuple([given[name] for name in self.order])
        return self._spread(given)

    def _spread(self, given: Mapping[str, Any]) -> tuple[str, Any]:
        """Give each text of a list a place; few lengths, so that few statements are kept."""
        sql, spread = self.sql, {name: _padded(given[name]) for name in self.listed}
        for name, texts in spread.items():
            sql = sql.replace(_place(name), ",".join("?" * len(texts)))
        assert self.order is not None
        each = [spread.get(name) or (given[name],) for name in self.order]
        return sql, tuple(itertools.chain.from_iterable(each))


def _place(name: str) -> str:
    return f"{_MARK.format(name)}?"


def _padded(texts: Sequence[str]) -> Sequence[str | None]:
    """Repeat the last text up to a power of two; nothing is equal to nobody."""
    if not texts:
        return (None,)
    length = 1 << (len(texts) - 1).bit_length()
    return [*texts, *[texts[-1]] * (length - len(texts))]


class Prepared:
    """A `select()`, or a change that returns rows, whose values are `bindparam`s.

    One object serves every thread; it keeps a plan for each dialect that it met.
    """

    def __init__(self, question: _Answering, *, large: bool = False) -> None:
        """Keep a question.

        Args:
            question: what is asked; each value that changes is a `bindparam` with a type.
            large: whether its answer has many bytes.
        """
        self._question = question
        self._plans: dict[str, _Plan] = {}
        self._large = large
        self._reading: dict[str, Sequence[tuple[int, Value]]] = {}

    def rows(self, session: Session, **values: object) -> list[tuple[Any, ...]]:
        """Ask, after whatever the unit of work has queued.

        Args:
            session: a unit of work.
            **values: the question's values by name.
        """
        db.write_queued(session)
        connection = db.connection_of(session)
        dialect = connection.dialect
        sql, given = self._plan(dialect).given(values)
        found, described = driver.ask(connection, sql, given, large=self._large)
        reading = self._reading.get(dialect.name)
        if reading is None:
            reading = self._reading[dialect.name] = _reading(self._question, dialect, described)
        return [_read(reading, row) for row in found] if reading else list(map(tuple, found))

    def first(self, session: Session, **values: object) -> tuple[Any, ...] | None:
        """Ask for one row, or None."""
        return next(iter(self.rows(session, **values)), None)

    def _plan(self, dialect: Dialect) -> _Plan:
        plan = self._plans.get(dialect.name)
        if plan is None:
            plan = self._plans[dialect.name] = _planned(self._question, dialect)
        return plan


class Among(ColumnElement[bool]):
    """Whether a text column holds one of a list that comes as one value, however long it is."""

    inherit_cache = False
    type = sa.Boolean()
    _is_implicitly_boolean = True

    def __init__(self, column: _Texts, name: str) -> None:
        """Compare a model's column.

        Args:
            column: of texts.
            name: what the list is called among the statement's values.
        """
        self.column: Any = column
        self.listed: Any = bindparam(name, type_=postgresql.ARRAY(sa.Text()))


@compiles(Among, "postgresql")
def _any(element: Among, compiler: SQLCompiler, **options: object) -> str:
    column, listed = (
        compiler.process(each, **options) for each in (element.column, element.listed)
    )
    return f"{column} = ANY({listed})"


@compiles(Among, "sqlite")
def _in(element: Among, compiler: SQLCompiler, **options: object) -> str:
    """Leave a place for the texts; of a list in one value SQLite does not see that it is short."""
    column = compiler.process(element.column, **options)
    listed = compiler.process(element.listed, **options)
    return f"{column} IN ({_MARK.format(element.listed.key)}{listed})"


def _planned(question: _Answering, dialect: Dialect) -> _Plan:
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
        fitting={name: fit for name, fit in processors.items() if fit is not None},
        listed=[name for name in compiled.binds if _place(name) in compiled.string],
    )


def _reading(
    question: _Answering, dialect: Dialect, described: driver.Described
) -> Sequence[tuple[int, Value]]:
    """Find what reads the columns that are not right as they are, by the driver's kinds."""
    readers = [
        column.type.dialect_impl(dialect).result_processor(dialect, kind)
        for column, (_, kind, *_rest) in zip(question.exported_columns, described, strict=True)
    ]
    return [(place, read) for place, read in enumerate(readers) if read is not None]


def _read(reading: Sequence[tuple[int, Value]], row: Sequence[Any]) -> tuple[Any, ...]:
    values = list(row)
    for place, read in reading:
        values[place] = read(values[place])
    return tuple(values)

"""Rows of one model by a prepared question: into the unit of work, or loose.

SQLAlchemy watches every attribute of a row that is in its unit of work, and looks for what changed.
For the hundreds of stops that a push reads and changes in one column or two, that costs more than
all the rest; loose rows are watched by nobody, and whoever changes one says so.
"""

from __future__ import annotations

import types
from collections.abc import Sequence
from typing import Any, ClassVar, Final, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import Mapper, Session, attributes, class_mapper, make_transient_to_detached

from api import db
from api.prepared import Prepared

RowT = TypeVar("RowT", bound=db.Base)
_OWN: Final = types.FunctionType | classmethod | property | str
"""What of a model a loose row has too."""


class PreparedRows(Prepared):
    """A `select()` of one whole model."""

    def __init__(self, question: Select[RowT]) -> None:
        """Keep a question.

        Args:
            question: `select(Model)` with what limits, orders and locks it.
        """
        super().__init__(question)
        model = question.column_descriptions[0]["entity"]
        self._mapper: Mapper[Any] = class_mapper(model)
        self._loose = _loose(model)
        self._names = [
            self._mapper.get_property_by_column(column).key
            for column in self._mapper.local_table.columns
        ]
        self._keys = [
            self._names.index(self._mapper.get_property_by_column(column).key)
            for column in self._mapper.primary_key
        ]

    def objects(self, session: Session, **values: object) -> list[Any]:
        """Bring rows into the unit of work, as they are now; it writes what is changed in them."""
        return [self._object(session, row) for row in self.rows(session, **values)]

    def loose(self, session: Session, **values: object) -> list[Any]:
        """Give rows that no unit of work watches: whoever changes one says so (`db.change`).

        They have the attributes of their model, and its methods.
        """
        found = []
        for row in self.rows(session, **values):
            loose = self._loose()
            loose.__dict__ = dict(zip(self._names, row, strict=True))
            found.append(loose)
        return found

    def _object(self, session: Session, row: Sequence[Any]) -> Any:  # noqa: ANN401 - the model's
        identity = tuple([row[place] for place in self._keys])
        held = session.identity_map.get((self._mapper.class_, identity, None))
        if held is not None:
            for name, value in zip(self._names, row, strict=True):
                attributes.set_committed_value(held, name, value)
            return held
        made = self._mapper.class_manager.new_instance()
        made.__dict__.update(zip(self._names, row, strict=True))
        make_transient_to_detached(made)
        session.add(made)
        return made


class Loose:
    """A row of `model` that no unit of work watches."""

    model: ClassVar[type[db.Base]]


def _loose(model: type[db.Base]) -> type[Loose]:
    """Make the class of a model's loose rows: its own methods over plain attributes."""
    own = {
        name: member
        for base in reversed(model.__mro__[: model.__mro__.index(db.Base)])
        for name, member in vars(base).items()
        if isinstance(member, types.FunctionType | classmethod | property | str)
        and not name.startswith("__")
    }
    return type(f"Loose{model.__name__}", (Loose,), {**own, "model": model})

"""What a model says of itself so that its rows travel to phones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from schemas.base import Shape


class Synced:
    """A mixin for models whose rows travel; the recorder does the rest.

    A model names its `entity`, tells from column values which audience holds the row (None: no
    phone does), and gives its wire shape.
    The row's `district_id` and `id` name it.
    """

    entity: ClassVar[str]
    district_id: Any
    id: Any

    @classmethod
    def audience_of(cls, values: Mapping[str, Any]) -> str | None:
        """Name the audience that holds a row with these column values, or None."""
        raise NotImplementedError

    def audience(self) -> str | None:
        """Name the audience that holds this row now, or None."""
        return self.audience_of(vars(self))

    def wire(self) -> Shape:
        """Shape the row as phones get it."""
        raise NotImplementedError

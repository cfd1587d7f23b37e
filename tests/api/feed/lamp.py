"""A synced thing of the tests' own: a lamp that hangs in a street or nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from api.feed.synced import Synced
from schemas.base import Shape


class LampBase(DeclarativeBase):
    """Keeps the lamps' table out of the project's own metadata."""


class LampShape(Shape):
    """A lamp on the wire."""

    id: str
    lit: bool


class Lamp(Synced, LampBase):
    """A lamp."""

    __tablename__ = "test_lamps"
    entity = "lamp"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    street: Mapped[str | None]
    lit: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def audience_of(cls, values: Mapping[str, Any]) -> str | None:
        """The street's people see it."""
        return f"street:{values['street']}" if values["street"] else None

    def wire(self) -> LampShape:
        """Shape it."""
        return LampShape(id=self.id, lit=self.lit)

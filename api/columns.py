"""Column types that mean the same on SQLite and PostgreSQL.

Instants are kept as sortable UTC text on SQLite and `timestamptz` on PostgreSQL; exact numbers as
thousandths on SQLite and `numeric` on PostgreSQL.
"""

from __future__ import annotations

import datetime as dt
import decimal
import functools
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Dialect
from sqlalchemy import types as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles

from schemas.base import encode, rfc3339

_SCALE: Final = 1_000
_INSTANTS_KEPT: Final = 4_096

_instant_text: Final = functools.lru_cache(maxsize=_INSTANTS_KEPT)(rfc3339)
"""One act writes its instant into many rows."""


class InstantType(sa.TypeDecorator[dt.datetime]):
    """An aware UTC instant."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.TypeEngine[Any]:
        """Use the native type on PostgreSQL, sortable text elsewhere."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        """Refuse naive instants; they are a bug."""
        if value is None:
            return None
        assert value.tzinfo is not None, "an instant is aware"
        return value if dialect.name == "postgresql" else _instant_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        """Give the instant in UTC."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            assert isinstance(value, dt.datetime)
            return value.astimezone(dt.UTC)
        return dt.datetime.fromisoformat(value)


class ExactType(sa.TypeDecorator[decimal.Decimal]):
    """An exact decimal with three places, up to 15 digits before the point."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.TypeEngine[Any]:
        """Use `numeric` on PostgreSQL, thousandths elsewhere."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.Numeric(18, 3))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: decimal.Decimal | None, dialect: Dialect) -> Any:
        """Refuse to round: what does not fit in thousandths is a bug above."""
        if value is None or dialect.name == "postgresql":
            return value
        scaled = value * _SCALE
        whole = int(scaled)
        assert whole == scaled, f"{value} has more than three places"
        return whole

    def process_result_value(self, value: Any, dialect: Dialect) -> decimal.Decimal | None:
        """Give the number with its three places."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            assert isinstance(value, decimal.Decimal)
            return value
        return decimal.Decimal(value).scaleb(-3)


class JsonType(sa.TypeDecorator[Any]):
    """Plain JSON values kept as the very text that was written (never `jsonb`)."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write compact JSON."""
        return None if value is None else encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read it back as plain values."""
        return None if value is None else msgspec.json.decode(value)


@compiles(sa.Boolean, "sqlite")
@compiles(BigInteger, "sqlite")
def _integer(*_: object, **__: object) -> str:
    """Name the only integer type that a STRICT table knows."""
    return "INTEGER"


@compiles(sa.Float, "sqlite")
def _real(*_: object, **__: object) -> str:
    """Name the only floating type that a STRICT table knows."""
    return "REAL"


@compiles(sa.String, "sqlite")
def _text(*_: object, **__: object) -> str:
    """Name the only text type that a STRICT table knows."""
    return "TEXT"

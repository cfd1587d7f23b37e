"""The ground every shape stands on: frozen structs, their units, and their JSON form.

A `Shape` is written once.
`msgspec` decodes and encodes it where speed counts (sync), and `schemas.form.form_of` derives the
marshmallow schema that the office's API and its OpenAPI page use.
Instants are aware and UTC; energy is an exact `Decimal` carried as a JSON string.
"""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Annotated, Final, TypeVar, dataclass_transform

import msgspec
from msgspec import Meta

ID_CHARS_MAX: Final = 64
TEXT_CHARS_MAX: Final = 2_000
NAME_CHARS_MAX: Final = 200
EXACT_DIGITS_MAX: Final = 18

Id = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=ID_CHARS_MAX,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$",
        description="Opaque identifier; new ones are UUIDv7 in lower case.",
        examples=["0193d5a0-7c00-7000-8000-000000000001"],
    ),
]
Instant = Annotated[
    dt.datetime,
    Meta(tz=True, description="RFC 3339 instant.", examples=["2026-11-22T08:31:00Z"]),
]
Exact = Annotated[
    decimal.Decimal,
    Meta(description="Exact decimal number as a string.", examples=["18231.500"]),
]
LatDeg = Annotated[float, Meta(ge=-90, le=90, description="Latitude in degrees.", examples=[20.04])]
LonDeg = Annotated[
    float, Meta(ge=-180, le=180, description="Longitude in degrees.", examples=[110.32])
]
Metres = Annotated[float, Meta(ge=0, le=1e7, description="Metres.", examples=[12.5])]
Seconds = Annotated[float, Meta(ge=0, le=1e9, description="Seconds.", examples=[4.0])]
Name = Annotated[str, Meta(min_length=1, max_length=NAME_CHARS_MAX, pattern=r"^[^\x00]*$")]
Text = Annotated[str, Meta(max_length=TEXT_CHARS_MAX, pattern=r"^[^\x00]*$")]
Sha256 = Annotated[
    str,
    Meta(
        pattern=r"^[0-9a-f]{64}$",
        description="SHA-256 in lower-case hex.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ),
]

ChainHash = Annotated[
    str,
    Meta(
        pattern=r"^([0-9a-f]{64})?$",
        description="SHA-256 of a link of a chain; empty where there is none.",
    ),
]

ShapeT = TypeVar("ShapeT", bound="Shape")


class _KeywordOnly(msgspec.StructMeta):
    """Hand `kw_only` on to subclasses; msgspec hands on every other option by itself."""

    def __new__(
        cls, name: str, bases: tuple[type, ...], namespace: dict[str, object], **options: object
    ) -> type:
        options.setdefault("kw_only", True)
        return super().__new__(
            cls,
            name,
            bases,
            namespace,
            **options,  # type: ignore[arg-type]  # msgspec itself refuses an option it lacks
        )


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Shape(
    msgspec.Struct, metaclass=_KeywordOnly, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """A frozen record that travels; fields it does not know are refused."""


def require_exact(*values: decimal.Decimal) -> None:
    """Let pass only numbers that can be kept: finite, at most 18 digits, none far from the point.

    Raises:
        ValueError: one of them is not such a number.
    """
    for value in values:
        if (
            not value.is_finite()
            or len(value.as_tuple().digits) > EXACT_DIGITS_MAX
            or abs(value.adjusted()) > EXACT_DIGITS_MAX
        ):
            message = f"a number has at most {EXACT_DIGITS_MAX} digits and is finite"
            raise ValueError(message)


UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What reading JSON raises where somebody sent something else."""
_ENCODER: Final = msgspec.json.Encoder(decimal_format="string")


def encode(value: object) -> bytes:
    """Encode shapes, and plain values made of them, as compact JSON."""
    return _ENCODER.encode(value)


def decode(data: bytes | str, shape: type[ShapeT]) -> ShapeT:
    """Decode JSON into a shape, strictly.

    Raises:
        msgspec.ValidationError: the JSON does not have the shape.
        msgspec.DecodeError: it is not JSON.
        UnicodeDecodeError: it is not even text.
        RecursionError: it is nested without end.
    """
    return msgspec.json.decode(data, type=shape)


def rfc3339(instant: dt.datetime) -> str:
    """Write an aware instant in UTC with six decimals, so that text sorts as time does."""
    return instant.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

"""Keys of pages, read back into what they were made of."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from api import errors, http

KeyT = TypeVar("KeyT")
_Text = Annotated[str, Meta(max_length=1_000, pattern=r"^[^\x00]*$")]
_Instant = Annotated[dt.datetime, Meta(tz=True)]


def after_text(key: str | None) -> str | None:
    """Read the key of a page that is in the order of one text.

    Raises:
        Invalid: it is none of ours.
    """
    return None if key is None else _read(key, tuple[_Text])[0]


def after_instant(key: str | None) -> tuple[dt.datetime, str] | None:
    """Read the key of a page that is in the order of an instant and an id.

    Raises:
        Invalid: it is none of ours.
    """
    return None if key is None else _read(key, tuple[_Instant, _Text])


def _read(key: str, kind: type[KeyT]) -> KeyT:
    parts = http.read_page_key(key, parts=len(kind.__args__))  # type: ignore[attr-defined]  # a tuple's type names its parts
    try:
        return msgspec.convert(parts, kind)
    except msgspec.ValidationError as error:
        raise errors.Invalid(reason="the page key is not one of ours") from error

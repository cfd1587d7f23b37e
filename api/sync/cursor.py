"""The cursor: how far a phone has each audience, opaque to the phone."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from api.sync.refusals import CursorUnknown

AUDIENCES_MAX: Final = 2_000
NUMBER_MAX: Final = 2**62
_Number = Annotated[int, Meta(ge=0, le=NUMBER_MAX)]
_Numbers = Annotated[dict[str, _Number], Meta(max_length=AUDIENCES_MAX)]


class Cursor(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A history's name, and the last number seen of each audience in it.

    `bases` are those of audiences whose first pull is under way (see `feed.pages.reading`).
    """

    lineage: str
    seen: _Numbers
    bases: _Numbers = {}


_DECODER: Final = msgspec.json.Decoder(Cursor)


def write(cursor: Cursor) -> str:
    """Write a cursor for the wire."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode()


def read(text: str | None, *, lineage: str) -> Cursor:
    """Read a cursor.

    One of another history (a restored backup) keeps its audiences, so that what is no longer held
    is told as dropped; its numbers are beyond every head, so that the rest comes afresh, also where
    this history has nothing to tell.

    Raises:
        CursorUnknown: no server wrote it.
    """
    if text is None:
        return Cursor(lineage, {})
    try:
        cursor = _DECODER.decode(base64.b64decode(text, altchars=b"-_", validate=True))
    except (msgspec.MsgspecError, binascii.Error, ValueError) as error:
        raise CursorUnknown from error
    if cursor.lineage != lineage:
        return Cursor(lineage, dict.fromkeys(cursor.seen, NUMBER_MAX))
    return cursor

"""Reading an audience after a position: pages as they are kept, then the tail of entries."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from api.feed import store as feed
from api.feed.pages import store
from api.feed.pages.packed import Packed, Piece

SHEETS_PER_ANSWER_MAX: Final = 200


class Position(NamedTuple):
    """How far somebody is in an audience.

    `number` is the last one known.
    What was gone by `base` was never put to whoever began after it, and need not be told.
    """

    number: int = 0
    base: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Stretch:
    """What follows a position: the inside of a JSON array in pieces, and the position after it."""

    pieces: Sequence[Piece]
    entries: int
    position: Position
    more: bool


def begin(head: feed.Head) -> Position:
    """Begin an audience: its pages put nothing that was gone when they were made."""
    return Position(0, head.base if head.paged_through else head.number)


def read_after(
    session: Session,
    *,
    district_id: str,
    audience: str,
    head: feed.Head,
    at: Position,
    limit: int,
) -> Stretch:
    """Give what follows a position.

    Args:
        session: a unit of work that sees one moment.
        district_id: the audience's district.
        audience: whose entries.
        head: where the audience stands at that moment.
        at: how far the reader is.
        limit: the most entries to give, at least 1.
    """
    sheets = _usable(
        session, district_id=district_id, audience=audience, head=head, at=at, limit=limit
    )
    pieces: list[Piece] = []
    number, entries = at.number, sum(sheet.rows for sheet in sheets)
    if sheets:
        frames = store.list_frames(
            session,
            district_id=district_id,
            audience=audience,
            number=number,
            through=sheets[-1].through,
        )
        pieces = _joined([Packed(frame) for frame in frames])
        number = sheets[-1].through
        if number < head.paged_through or entries == limit:
            return Stretch(pieces, entries, _at(number, at.base), number < head.number)
    tail = feed.page_after(
        session,
        district_id=district_id,
        audience=audience,
        number=number,
        limit=limit - entries,
        base=at.base,
    )
    if tail.entries:
        pieces += [b",", tail.changes] if pieces else [tail.changes]
    number = tail.through if tail.more else max(tail.through, head.number)
    return Stretch(pieces, entries + tail.entries, _at(number, at.base), tail.more)


def _usable(
    session: Session,
    *,
    district_id: str,
    audience: str,
    head: feed.Head,
    at: Position,
    limit: int,
) -> list[store.Sheet]:
    """Choose the pages that come next, follow each other, fit, and leave out nothing needed."""
    if head.paged_through <= at.number:
        return []
    chosen: list[store.Sheet] = []
    reached, left = at.number, limit
    for sheet in store.list_sheets(
        session,
        district_id=district_id,
        audience=audience,
        number=at.number,
        limit=SHEETS_PER_ANSWER_MAX,
    ):
        tells_enough = sheet.tells_gone or sheet.through <= at.base
        if sheet.after > reached or sheet.rows > left or not tells_enough:
            break
        chosen.append(sheet)
        reached, left = sheet.through, left - sheet.rows
    return chosen


def _joined(frames: Sequence[Packed]) -> list[Piece]:
    """Put commas between pages."""
    pieces: list[Piece] = []
    for frame in frames:
        pieces += [b",", frame] if pieces else [frame]
    return pieces


def _at(number: int, base: int) -> Position:
    """Forget the base once it lies behind."""
    return Position(number, base if number < base else 0)

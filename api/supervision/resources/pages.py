"""What the doors of supervision have in common: who leads, and pages by an instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from api import http
from api.supervision.store import Key
from schemas.base import Shape, rfc3339
from schemas.crews import Role

LEADS: Final = (Role.SUPERVISOR, Role.ADMINISTRATOR)


def page(rows: Sequence[Shape], limit: int, keys: Sequence[tuple[dt.datetime, str]]) -> http.Page:
    """Make a page of at most `limit` rows out of one row more."""
    if len(rows) <= limit:
        return http.Page(rows, None)
    at, row_id = keys[limit - 1]
    return http.Page(rows[:limit], http.page_key(rfc3339(at), row_id))


def after(query: http.PageQuery) -> Key | None:
    """Read where the page starts.

    Raises:
        Invalid: the key is none that this door wrote.
    """
    key = http.read_moment_key(query.after)
    return None if key is None else Key(*key)

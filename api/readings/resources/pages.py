"""What the doors of readings have in common: who enters, pages by instant, the latest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from api import http
from api.readings import service
from schemas import crews
from schemas.base import Shape, rfc3339

OFFICE: Final = tuple(sorted(crews.OFFICE))
READERS: Final = (*OFFICE, crews.Role.INTEGRATION)
ShapeT = TypeVar("ShapeT", bound=Shape)
After = tuple[dt.datetime, str] | None


def after(query: http.PageQuery) -> After:
    """Read the key that the page starts after.

    Raises:
        Invalid: it is none that this server wrote.
    """
    return http.read_moment_key(query.after)


def page(
    rows: Sequence[ShapeT], *, limit: int, key: Callable[[ShapeT], tuple[dt.datetime, str]]
) -> http.Page:
    """Make a page of at most `limit` rows out of one row more."""
    shown = rows[:limit]
    if len(rows) <= limit:
        return http.Page(shown, None)
    at, row_id = key(shown[-1])
    return http.Page(shown, http.page_key(rfc3339(at), row_id))


def bounds_of(day: dt.date | None) -> tuple[dt.datetime, dt.datetime] | tuple[None, None]:
    """Give the first instant of a day of the district and of the day after; none for no day.

    Raises:
        Invalid: nobody read a meter in that year.
    """
    if day is None:
        return None, None
    return service.day_bounds(http.session(), act=http.act(), day=day)

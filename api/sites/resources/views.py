"""What the doors of places have in common: rows as shapes, pages by id, maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Protocol

import flask
import msgspec
from msgspec import Meta

from api import http
from api.errors import Invalid
from schemas.base import Id, Shape, ShapeT, encode
from schemas.crews import Role
from schemas.sites import FeatureCollection

GEOJSON: Final = "application/geo+json"
READERS: Final = (Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.INTEGRATION)
EDITORS: Final = (Role.ADMINISTRATOR, Role.INTEGRATION)


class Place(Protocol):
    """A row that has an id."""

    id: str


class MapQuery(http.PageQuery):
    """Which places with a position to list.

    `bbox` is `west,south,east,north` in WGS-84 degrees.
    """

    bbox: Annotated[str, Meta(max_length=200, examples=["110.3,20.0,110.4,20.1"])] | None = None
    feeder_id: Id | None = None


def one(row: object, shape: type[ShapeT]) -> ShapeT:
    """Shape a row."""
    return msgspec.convert(row, shape, from_attributes=True)


def version_tag(version: int) -> dict[str, str]:
    """Give the headers that name a version; `If-Match` sends it back."""
    return {"ETag": f'"{version}"'}


def after(query: http.PageQuery) -> str:
    """Give the id that the page starts after.

    Raises:
        Invalid: the key is none that this server wrote.
    """
    if query.after is None:
        return ""
    (key,) = http.read_page_key(query.after, parts=1)
    if not isinstance(key, str):
        raise Invalid(reason="the page key is not one of ours")
    return key


def page(rows: Sequence[Place], shape: type[Shape], *, limit: int) -> http.Page:
    """Make a page of at most `limit` rows out of one row more."""
    items = [one(row, shape) for row in rows[:limit]]
    return http.Page(items, next_key(rows, limit=limit))


def next_key(rows: Sequence[Place], *, limit: int) -> str | None:
    """Give the key of the next page when there is a row more."""
    return http.page_key(rows[limit - 1].id) if len(rows) > limit else None


def drawn(collection: FeatureCollection) -> flask.Response:
    """Answer with GeoJSON."""
    return flask.Response(encode(collection), mimetype=GEOJSON)

"""Pull: what changed for a phone since its cursor, as the bytes that were stored.

Audiences come in the order device, district, crew, person, route, area: late outcomes before the
records that tell of them, work before its meters, and the map last.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Principal
from api.crews import service as people
from api.feed import store as feed
from api.feed.pages import reading
from api.feed.pages.packed import Piece
from api.sync.cursor import Cursor
from api.tasks import service as tasks
from schemas.base import encode


@dataclasses.dataclass(frozen=True, slots=True)
class Pulled:
    """Pages of each changed audience, and the cursor after them.

    `feeds` are the pieces of a JSON array's inside, some of them compressed already.
    """

    feeds: Sequence[Piece]
    dropped: Sequence[str]
    cursor: Cursor
    more: bool


AREAS_MAX: Final = 60
"""Areas that a phone holds; each has a place in its cursor, which every request carries."""


def audiences(session: Session, *, principal: Principal, now: dt.datetime) -> list[str]:
    """Name the audiences that a phone holds.

    Its own, its district's, its crews', its person's, its routes', and those of the areas that its
    crews serve, loans among them, or its routes lead through.
    """
    crews = [f"crew:{crew_id}" for crew_id in sorted(principal.crew_ids)]
    routes = tasks.list_live_routes(session, principal=principal)
    return [
        f"device:{principal.device_id}",
        f"district:{principal.district_id}",
        *crews,
        f"person:{principal.person_id}",
        *(f"route:{route.id}" for route in routes),
        *_areas(session, principal, routes, now),
    ]


def _areas(
    session: Session, principal: Principal, routes: Sequence[tasks.LiveRoute], now: dt.datetime
) -> list[str]:
    """Name the audiences of areas, those of routes first."""
    walked = sorted({route.area_id for route in routes if route.area_id is not None})
    served = people.list_areas_of_crews(
        session,
        district_id=principal.district_id,
        crew_ids=principal.crew_ids,
        at=now,
        limit=AREAS_MAX,
    )
    area_ids = list(dict.fromkeys([*walked, *served]))[:AREAS_MAX]
    return [f"area:{area_id}" for area_id in area_ids]


def pull(
    session: Session,
    *,
    principal: Principal,
    cursor: Cursor,
    changes_max: int,
    now: dt.datetime,
) -> Pulled:
    """Give the next page of what changed.

    Args:
        session: a unit of work that sees one moment.
        principal: who asks, with a device.
        cursor: how far the phone is.
        changes_max: the most changes that this page may hold.
        now: the present instant; a loan may have ended.
    """
    held = audiences(session, principal=principal, now=now)
    heads = feed.list_heads(session, district_id=principal.district_id, audiences=held)
    seen = {audience: cursor.seen[audience] for audience in held if audience in cursor.seen}
    bases = {audience: cursor.bases[audience] for audience in held if audience in cursor.bases}
    feeds: list[Piece] = []
    left, more = changes_max, False
    for audience in held:
        head, since = heads.get(audience, feed.Head()), seen.get(audience)
        if since == head.number:
            continue
        if left <= 0:
            more = True
            continue
        at = _position(head, since, bases.pop(audience, 0))
        stretch = reading.read_after(
            session,
            district_id=principal.district_id,
            audience=audience,
            head=head,
            at=at,
            limit=left,
        )
        left -= stretch.entries
        more = more or stretch.more
        number, base = stretch.position
        feeds += [b","] if feeds else []
        feeds += _feed(audience, number, stretch.pieces, fresh=at.number == 0)
        seen[audience] = number
        if base:
            bases[audience] = base
    dropped = sorted(set(cursor.seen) - set(held))
    return Pulled(feeds, dropped, Cursor(cursor.lineage, seen, bases), more)


def _position(head: feed.Head, since: int | None, base: int) -> reading.Position:
    """Tell where to go on; whoever knows more than there is was told by a history that is gone."""
    if not since or since > head.number:
        return reading.begin(head)
    return reading.Position(since, base)


def _feed(
    audience: str, through: int, changes: Sequence[Piece], *, fresh: bool
) -> tuple[Piece, ...]:
    """Write one audience's page around its stored changes."""
    head = b'{"audience":%s,"through":%d,"fresh":%s,"changes":[' % (
        encode(audience),
        through,
        b"true" if fresh else b"false",
    )
    return head, *changes, b"]}"

"""Making pages, in the background: never on the request of a phone.

A maker reads one moment and then swaps the pages in one short transaction, if nobody did before it:
so makers in several processes do no harm, and nobody waits for one that compresses.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Final

import structlog
from sqlalchemy.orm import Session

from api.background import Background
from api.db import Database
from api.feed import store as feed
from api.feed.pages import store
from api.feed.pages.packed import pack
from api.feed.pages.store import Sheet, Snapshot

EVERY_S: Final = 5.0
"""How soon a new route has pages; looking costs one question."""
PAGES_PER_AUDIENCE_MAX: Final = 100_000
_log = structlog.get_logger()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """When pages are made and how large.

    Attributes:
        page_rows: changes of a page; 500 are about 20 kB on the wire, which a bad line carries.
        tail_numbers: an audience whose pages are so many numbers behind gets new ones.
        stale_share_max: when more of the rows in pages is untrue by now, all are made afresh.
    """

    page_rows: int = 500
    tail_numbers: int = 500
    stale_share_max: float = 0.25


HOUSE: Final = Policy()


def maker(database: Database) -> Background:
    """Give what makes pages for as long as a server runs; the caller starts and stops it."""
    return Background("pages", lambda: make_due(database), every_s=EVERY_S)


def make_due(database: Database, *, policy: Policy = HOUSE) -> int:
    """Make pages wherever they are too far behind; tell for how many audiences."""
    with database.reading() as session:
        behind = store.list_behind(session, numbers=policy.tail_numbers)
    return sum(
        make(database, district_id=district_id, audience=audience, policy=policy)
        for district_id, audience in behind
    )


def make(database: Database, *, district_id: str, audience: str, policy: Policy = HOUSE) -> bool:
    """Bring an audience's pages up to its head; False if somebody else did it meanwhile.

    Args:
        database: where the feed is.
        district_id: the audience's district.
        audience: whose pages.
        policy: how large pages are, and when they are too stale to be added to.
    """
    with database.reading() as session:
        known = store.find_snapshot(session, district_id=district_id, audience=audience)
        heads = feed.list_heads(session, district_id=district_id, audiences=[audience])
        head = heads[audience].number if audience in heads else 0
        afresh = _stale(session, known, district_id=district_id, audience=audience, policy=policy)
        after = 0 if afresh else known.through
        made = list(
            _cut(
                session,
                district_id=district_id,
                audience=audience,
                after=after,
                through=head,
                tells_gone=not afresh,
                rows=policy.page_rows,
            )
        )
    rows = sum(sheet.rows for sheet, _ in made)
    new = Snapshot(
        generation=known.generation + 1,
        base=head if afresh else known.base,
        through=head,
        rows=rows if afresh else known.rows + rows,
    )
    with database.unit_of_work() as session:
        if not store.move_on(
            session, district_id=district_id, audience=audience, known=known, new=new
        ):
            return False
        if afresh:
            store.drop_pages(session, district_id=district_id, audience=audience)
        store.add_pages(session, district_id=district_id, audience=audience, pages=made)
    _log.info("feed.paged", audience=audience, afresh=afresh, pages=len(made), rows=rows)
    return True


def _stale(
    session: Session, known: Snapshot, *, district_id: str, audience: str, policy: Policy
) -> bool:
    """Tell whether too much of the pages would be untrue if they were only added to."""
    if known.generation == 0:
        return True
    live = store.count_live(session, district_id=district_id, audience=audience)
    tail = store.count_beyond(
        session, district_id=district_id, audience=audience, number=known.through
    )
    rows = known.rows + tail
    return rows - live > rows * policy.stale_share_max


def _cut(
    session: Session,
    *,
    district_id: str,
    audience: str,
    after: int,
    through: int,
    tells_gone: bool,
    rows: int,
) -> Iterator[tuple[Sheet, bytes]]:
    """Cut the entries after a number into pages, of which the last reaches the head."""
    for _ in range(PAGES_PER_AUDIENCE_MAX):  # pragma: no branch - no audience has so many
        page = feed.page_after(
            session,
            district_id=district_id,
            audience=audience,
            number=after,
            limit=rows,
            base=0 if tells_gone else through,
        )
        if not page.entries:
            return
        reached = page.through if page.more else through
        yield Sheet(after, reached, page.entries, tells_gone), pack(page.changes).frame
        if not page.more:
            return
        after = page.through

"""Making pages, in the background: never on the request of a phone.

A maker reads one moment and then swaps the pages in one short transaction, if nobody did before it:
so makers in several processes do no harm, and nobody waits for one that compresses.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import structlog
from sqlalchemy.orm import Session

from api.db import Database
from api.feed import store as feed
from api.feed.pages import store
from api.feed.pages.packed import pack
from api.feed.pages.store import Sheet, Snapshot

PAGE_ROWS: Final = 500
"""About 20 kB on the wire, which a bad line carries in one piece."""
TAIL_NUMBERS: Final = 500
"""An audience whose pages are so many numbers behind gets new ones."""
STALE_SHARE_MAX: Final = 0.25
"""When more of the rows in pages is untrue by now, all pages are made afresh."""
PAGES_PER_AUDIENCE_MAX: Final = 100_000
_log = structlog.get_logger()


def make_due(database: Database) -> int:
    """Make pages wherever they are too far behind; tell for how many audiences."""
    with database.reading() as session:
        behind = store.list_behind(session, numbers=TAIL_NUMBERS)
    return sum(make(database, district_id=each[0], audience=each[1]) for each in behind)


def make(database: Database, *, district_id: str, audience: str) -> bool:
    """Bring an audience's pages up to its head; False if somebody else did it meanwhile.

    Args:
        database: where the feed is.
        district_id: the audience's district.
        audience: whose pages.
    """
    with database.reading() as session:
        known = store.find_snapshot(session, district_id=district_id, audience=audience)
        heads = feed.list_heads(session, district_id=district_id, audiences=[audience])
        head = heads[audience].number if audience in heads else 0
        afresh = _stale(session, known, district_id=district_id, audience=audience)
        after = 0 if afresh else known.through
        made = list(
            _cut(
                session,
                district_id=district_id,
                audience=audience,
                after=after,
                through=head,
                tells_gone=not afresh,
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


def _stale(session: Session, known: Snapshot, *, district_id: str, audience: str) -> bool:
    """Tell whether too much of the pages would be untrue if they were only added to."""
    if known.generation == 0:
        return True
    live = store.count_live(session, district_id=district_id, audience=audience)
    tail = store.count_beyond(
        session, district_id=district_id, audience=audience, number=known.through
    )
    rows = known.rows + tail
    return rows - live > rows * STALE_SHARE_MAX


def _cut(
    session: Session,
    *,
    district_id: str,
    audience: str,
    after: int,
    through: int,
    tells_gone: bool,
) -> Iterator[tuple[Sheet, bytes]]:
    """Cut the entries after a number into pages, of which the last reaches the head."""
    for _ in range(PAGES_PER_AUDIENCE_MAX):
        page = feed.page_after(
            session,
            district_id=district_id,
            audience=audience,
            number=after,
            limit=PAGE_ROWS,
            base=0 if tells_gone else through,
        )
        if not page.entries:
            return
        reached = page.through if page.more else through
        yield Sheet(after, reached, page.entries, tells_gone), pack(page.changes).frame
        if not page.more:
            return
        after = page.through

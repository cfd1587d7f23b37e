"""Files that were declared by operations which are not let in yet: in quarantine, or held.

Their bytes may be here for long before somebody decides; until then they are not nobody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy.orm import Session

from api.sync import inbox, store
from api.sync.quarantine import store as quarantine
from api.sync.receipts import wires
from schemas.evidence import Declared

OPERATION: Final = "evidence.declare"
ROWS_PER_QUESTION: Final = 500


def list_hashes(session: Session, *, district_id: str) -> set[str]:
    """List the hashes of files that may still be declared in a district."""
    kept_out = _hashes(_in_quarantine(session, district_id))
    held = store.list_held_of_type(session, district_id=district_id, type=OPERATION)
    return set(kept_out) | set(_hashes(wires.list_of(session, held)))


def _in_quarantine(session: Session, district_id: str) -> Iterator[bytes]:
    """Walk the declarations that wait in quarantine, page by page."""
    after_id = ""
    while page := quarantine.page_of_waiting(
        session,
        district_id=district_id,
        type=OPERATION,
        after_id=after_id,
        limit=ROWS_PER_QUESTION,
    ):
        yield from (wire for _, wire in page)
        after_id = page[-1][0]


def _hashes(operations: Iterable[bytes]) -> Iterator[str]:
    for wire in operations:
        body = inbox.open_letter(wire).body
        if isinstance(body, Declared):
            yield body.sha256

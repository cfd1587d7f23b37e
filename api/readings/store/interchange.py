"""Questions about what came in from other systems."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.readings.models import Imported
from api.readings.store.paging import KEYS_PER_QUERY


def get_imported(
    session: Session, *, district_id: str, kind: str, source_id: str
) -> Imported | None:
    """Find what came in under one id of another system."""
    return session.get(Imported, (district_id, kind, source_id))


def find_imported(
    session: Session, *, district_id: str, kind: str, source_ids: Sequence[str]
) -> dict[str, str]:
    """Tell which of another system's ids came in before, and the digest of what each said."""
    found: dict[str, str] = {}
    for start in range(0, len(source_ids), KEYS_PER_QUERY):
        question = select(Imported.source_id, Imported.digest).where(
            Imported.district_id == district_id,
            Imported.kind == kind,
            Imported.source_id.in_(source_ids[start : start + KEYS_PER_QUERY]),
        )
        found.update((source_id, digest) for source_id, digest in session.execute(question))
    return found

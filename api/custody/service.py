"""What whoever audits may ask of custody."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from api.acts import Act
from api.custody import checkpoints, keys, store
from schemas import custody


def list_checkpoints(
    session: Session, *, act: Act, before: int | None, limit: int
) -> Sequence[custody.Checkpoint]:
    """List a page of the district's checkpoints, the newest first."""
    rows = store.list_before(session, district_id=act.district_id, number=before, limit=limit)
    return [checkpoints.view(row) for row in rows]


def list_keys(session: Session) -> custody.PublicKeys:
    """List every public key that ever signed checkpoints here, the first one first."""
    return custody.PublicKeys(items=keys.list_public(session))

"""Uploads that are over, and parts that nobody waits for: both are taken away."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.evidence import depot, store

YOUNG: Final = dt.timedelta(hours=1)
"""A part whose last bytes came within it may belong to a request that is still under way."""
SWEPT_MAX: Final = 1_000
"""The most uploads, and the most parts, that one run of the job takes away."""


def sweep(session: Session, *, act: Act, files: depot.Depot) -> dict[str, int]:
    """Forget uploads of a district that are over, and discard the parts that nobody waits for.

    The parts are listed before the uploads are asked for, so that none is taken for nobody's
    because its upload was opened in between; one that got bytes just now may still be noted.
    """
    lying = files.list_parts(district_id=act.district_id)
    expired = store.forget_expired_uploads(
        session, district_id=act.district_id, now=act.happened.at, limit=SWEPT_MAX
    )
    awaited = store.list_open_ids(session, district_id=act.district_id)
    nobodys = [
        each
        for each in lying
        if each not in awaited and not _is_young(files, act=act, upload_id=each)
    ][:SWEPT_MAX]
    for upload_id in nobodys:
        files.discard(depot.Part(act.district_id, upload_id, None, None))
    return {"uploads_expired": expired, "parts_discarded": len(nobodys)}


def _is_young(files: depot.Depot, *, act: Act, upload_id: str) -> bool:
    """Tell whether bytes of a part came lately, so that its upload may not be noted yet."""
    seen = files.look(district_id=act.district_id, upload_id=upload_id)
    return seen.received_at is not None and abs(act.happened.at - seen.received_at) < YOUNG

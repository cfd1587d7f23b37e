"""A scheduled job: what is over of signing in is forgotten, and the signing key does not grow old.

Tokens and keys belong to no district, so the run of the first district does the work of all.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import store
from api.crews.identity import keys

KEY_AGE_MAX: Final = dt.timedelta(days=90)
BUCKETS_FORGOTTEN_MAX: Final = 1_000_000
TOKEN_LIFE_MAX_S: Final = 86_400
"""The longest life that the settings allow an access token; a retired key is kept as long."""


def run(session: Session, *, act: Act) -> dict[str, int]:
    """Forget expired tokens, spent limits and used proofs; rotate a signing key that is too old."""
    now = act.received_at
    forgotten = store.sessions.forget_expired_tokens(session, now=now)
    store.sessions.forget_empty_buckets(session, now=now, limit=BUCKETS_FORGOTTEN_MAX)
    store.sessions.forget_stale_proofs(session, now=now)
    key = store.sessions.find_signing_key(session)
    is_old = key is not None and now - key.made_at >= KEY_AGE_MAX
    if is_old:
        ring = keys.KeyRing(token_life_s=TOKEN_LIFE_MAX_S, new_id=act.new_id)
        ring.rotate(session, now=now)
    return {"families_forgotten": forgotten, "keys_rotated": int(is_old)}

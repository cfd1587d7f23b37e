"""Failed sign-ins: each login has a bucket in the database, the same for every worker.

An attempt is counted before its password is looked at, and forgiven when it was right, so that no
crowd of parallel guesses gets more than the limit.
The bucket is kept as the one instant at which it is empty again (a "leaky bucket as a meter").
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from typing import Final

from sqlalchemy.orm import Session

from api import errors
from api.crews import store

WINDOW_S: Final = 60


def count_attempt(session: Session, *, login: str, per_minute: int, now: dt.datetime) -> None:
    """Count one attempt to sign in.

    Raises:
        TooMany: the login's bucket is full.
    """
    store.sessions.forget_empty_buckets(session, now=now)
    bucket = store.sessions.hold_bucket(session, login_sha256=_name(login), now=now)
    each = dt.timedelta(seconds=WINDOW_S / per_minute)
    empty_at = max(bucket.empty_at, now) + each
    over_s = (empty_at - now).total_seconds() - WINDOW_S
    if over_s > 0:
        raise errors.TooMany(retry_after_s=math.ceil(over_s))
    bucket.empty_at = empty_at


def forgive(session: Session, *, login: str) -> None:
    """Forget a login's failed attempts."""
    store.sessions.empty_bucket(session, login_sha256=_name(login))


def _name(login: str) -> str:
    return hashlib.sha256(login.encode()).hexdigest()

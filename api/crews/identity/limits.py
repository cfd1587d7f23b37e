"""What may be done only so often: each has a bucket in the database, the same for every worker.

An attempt to sign in is counted before its password is looked at, and forgiven when it was right,
so that no crowd of parallel guesses gets more than the limit.
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
    fill(session, name=login, share=1 / per_minute, window_s=WINDOW_S, now=now)


def fill(session: Session, *, name: str, share: float, window_s: int, now: dt.datetime) -> None:
    """Fill a share of a bucket; a full one empties itself within a window.

    Args:
        session: the unit of work.
        name: the bucket's.
        share: how much of the bucket, from 0 to 1.
        window_s: how long a full one takes to empty itself.
        now: the present instant.

    Raises:
        TooMany: it would run over.
    """
    bucket = store.sessions.hold_bucket(session, login_sha256=_name(name), now=now)
    empty_at = max(bucket.empty_at, now) + dt.timedelta(seconds=window_s * share)
    over_s = (empty_at - now).total_seconds() - window_s
    if over_s > 0:
        raise errors.TooMany(retry_after_s=math.ceil(over_s))
    bucket.empty_at = empty_at


def forgive(session: Session, *, login: str) -> None:
    """Forget a login's failed attempts."""
    store.sessions.empty_bucket(session, login_sha256=_name(login))


def _name(login: str) -> str:
    return hashlib.sha256(login.encode()).hexdigest()

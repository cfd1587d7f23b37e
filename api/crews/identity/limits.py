"""What may be done only so often: each has a bucket in the database, the same for every worker.

An attempt to sign in is counted before its password is looked at, and forgiven when it was right,
so that no crowd of parallel guesses gets more than the limit.
The bucket is kept as the one instant at which it is empty again (a "leaky bucket as a meter").
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Final

from sqlalchemy.orm import Session

from api import rates
from api.crews import store

LOGIN_WINDOW_S: Final = 60
SOURCE_WINDOW_S: Final = 900
"""A crowd behind one address mistypes in bursts; what it may fail is counted over a longer time."""

FORGOTTEN_MAX: Final = 100
"""More than one attempt can make, so that they grow fewer."""


def count_attempt(session: Session, *, login: str, per_minute: int, now: dt.datetime) -> None:
    """Count one attempt to sign in under a login, whoever makes it.

    Raises:
        TooMany: the login's bucket is full.
    """
    fill(session, name=_of_login(login), share=1 / per_minute, window_s=LOGIN_WINDOW_S, now=now)


def count_source(session: Session, *, source: str, allowed: int, now: dt.datetime) -> None:
    """Count one attempt to sign in from an address, whichever login it names.

    Raises:
        TooMany: the address's bucket is full.
    """
    name = _of_source(source)
    fill(session, name=name, share=1 / allowed, window_s=SOURCE_WINDOW_S, now=now)


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
    name_sha256 = _sha256(name)
    held_at = store.sessions.hold_bucket(session, name_sha256=name_sha256, now=now)
    by = dt.timedelta(seconds=window_s * share)
    empty_at = rates.filled(held_at, by=by, window_s=window_s, now=now)
    store.sessions.fill_bucket(session, name_sha256=name_sha256, empty_at=empty_at)


def check_room(
    session: Session, *, name: str, share: float, window_s: int, now: dt.datetime
) -> None:
    """Let pass what `fill` would let pass now, and fill nothing (see there).

    Raises:
        TooMany: it would run over.
    """
    empty_at = store.sessions.find_bucket(session, name_sha256=_sha256(name))
    by = dt.timedelta(seconds=window_s * share)
    rates.filled(empty_at or now, by=by, window_s=window_s, now=now)


def forget_empty(session: Session, *, now: dt.datetime) -> None:
    """Forget some buckets that are empty, so that invented logins do not fill the database."""
    store.sessions.forget_empty_buckets(session, now=now, limit=FORGOTTEN_MAX)


def forgive_login(session: Session, *, login: str) -> None:
    """Forget a login's failed attempts."""
    store.sessions.empty_bucket(session, name_sha256=_sha256(_of_login(login)))


def forgive_source(session: Session, *, source: str, allowed: int, now: dt.datetime) -> None:
    """Take back one attempt of an address; those that failed before still count.

    Or whoever has one good password could guess at every other between two sign-ins of their own.
    """
    name = _sha256(_of_source(source))
    held_at = store.sessions.hold_bucket(session, name_sha256=name, now=now)
    emptier_at = held_at - dt.timedelta(seconds=SOURCE_WINDOW_S / allowed)
    store.sessions.fill_bucket(session, name_sha256=name, empty_at=emptier_at)


def _of_login(login: str) -> str:
    return f"sign-ins as {login}"


def _of_source(source: str) -> str:
    return f"sign-ins from {source}"


def _sha256(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()

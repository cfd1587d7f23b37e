"""Passwords as argon2id hashes: 19 MiB, two passes, one lane (OWASP's second choice; 33 ms here).

Few are worked on at a time, so that a crowd signing in cannot take the server's memory.
"""

from __future__ import annotations

import contextlib
import threading
import unicodedata
from collections.abc import Iterator
from typing import Final

import argon2

from api import errors

MEMORY_KIB: Final = 19_456
PASSES: Final = 2
PARALLEL_MAX: Final = 4
WAIT_S: Final = 10.0
"""How long a sign-in waits for its turn before the server says that it is busy."""
_RETRY_AFTER_S: Final = 5
_HASHER: Final = argon2.PasswordHasher(
    time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1, hash_len=32, salt_len=16
)
NOBODY: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$2SWpS+YQxYPIx8mz82ze2A$"
    "OB+yiUOoBJbJ2TsvHuM0uUuz9U3LQv9r/DgjxetqT3s"
)
"""The hash of a random text that nobody kept: an unknown login takes as long as any."""
_TURNS: Final = threading.BoundedSemaphore(PARALLEL_MAX)


def hashed(password: str) -> str:
    """Hash a new password.

    Raises:
        Busy: too many passwords are being worked on.
    """
    with turn(_TURNS, wait_s=WAIT_S):
        return _HASHER.hash(_normal(password))


def matches(password: str, *, password_hash: str) -> bool:
    """Tell whether a password is the one that was hashed.

    Raises:
        Busy: too many passwords are being worked on.
    """
    with turn(_TURNS, wait_s=WAIT_S):
        try:
            return _HASHER.verify(password_hash, _normal(password))
        except argon2.exceptions.VerifyMismatchError:
            return False


@contextlib.contextmanager
def turn(turns: threading.Semaphore, *, wait_s: float) -> Iterator[None]:
    """Wait for a turn and give it back afterwards.

    Raises:
        Busy: none came free in time.
    """
    if not turns.acquire(timeout=wait_s):
        raise errors.Busy(retry_after_s=_RETRY_AFTER_S)
    try:
        yield
    finally:
        turns.release()


def _normal(password: str) -> str:
    """Take characters that look alike and mean the same as one (RFC 8265)."""
    return unicodedata.normalize("NFKC", password)

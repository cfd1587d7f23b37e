"""When a notice that could not be sent is tried again: the one policy for every channel."""

from __future__ import annotations

import datetime as dt
from typing import Final

FIRST_S: Final = 10
"""The first pause; each one after it is twice as long."""
LONGEST_S: Final = 3_600
JITTER: Final = 0.5
"""By what share a pause may be longer, so that what failed together does not come back together."""
ASKED_LONGEST_S: Final = 86_400
"""A receiver that asks for a longer pause than a day gets a day."""
TRIES_MAX: Final = 60
_DOUBLINGS_MAX: Final = 20


def pause(*, tries: int, asked_s: float | None, spread: float) -> dt.timedelta:
    """Say how long to wait after an attempt that failed.

    Args:
        tries: attempts made so far, at least 1.
        asked_s: what the receiver asked for (Retry-After); it is never shortened by our own pause.
        spread: a random number from 0 to 1.
    """
    own_s = min(FIRST_S * 2.0 ** min(tries - 1, _DOUBLINGS_MAX), LONGEST_S)
    asked = min(asked_s or 0.0, ASKED_LONGEST_S)
    return dt.timedelta(seconds=max(own_s, asked) * (1 + JITTER * spread))

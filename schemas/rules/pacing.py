"""Pacing: when phones come, and with how much, so that a crowd never comes in one second.

Each device has a place of its own between 0 and 1, made from its id: nobody has to hand places
out, and a phone keeps its place over restarts.
Seconds everywhere.
"""

from __future__ import annotations

import hashlib
from typing import Final

WAKE_WINDOW_S: Final = 600.0
"""Phones that a timer wakes together start within this: 5,000 are then 8 or 9 a second."""
QUIET_S: Final = 60.0
"""Between two contacts of a phone with nothing to say, on average, when the server is idle."""
QUIET_SPREAD: Final = 0.5
"""The places of devices spread the quiet over so much of it, evenly around its average."""
LOADED_TIMES: Final = 10.0
"""So many times longer is the quiet when the server has no place left."""
EXCHANGE_S: Final = 5.0
"""A push should take about so long: well within any timeout, long enough to be worth its way."""
BATCH_MIN: Final = 25
"""A slow line shrinks no push below this: what a bad hour took away is soon regained."""
_PLACE_BYTES: Final = 8
_PLACE_BITS: Final = 53
_GROWTH: Final = 4
_EASY: Final = 0.25


def place(device_id: str) -> float:
    """Give a device's place: from 0 up to, but not, 1; the same for ever, evenly spread."""
    digest = hashlib.sha256(device_id.encode()).digest()[:_PLACE_BYTES]
    return (int.from_bytes(digest) >> (8 * _PLACE_BYTES - _PLACE_BITS)) / 2.0**_PLACE_BITS


def wake_delay_s(device_id: str) -> float:
    """Tell how long a phone that a timer woke waits before it starts.

    Only a timer's round waits; a person who wants to sync is never delayed.
    """
    return place(device_id) * WAKE_WINDOW_S


def next_in_s(device_id: str, *, load: float) -> float:
    """Tell when a phone with nothing to say should come again.

    Args:
        device_id: the phone; its place spreads it from the others.
        load: how much of the server's room for syncs is taken, from 0 to 1.
    """
    assert 0 <= load <= 1
    spread = 1 + QUIET_SPREAD * (place(device_id) - 0.5)
    return QUIET_S * spread * (1 + (LOADED_TIMES - 1) * load * load)


def next_batch(*, sent: int, took_s: float, batch: int, batch_max: int) -> int:
    """Work out the most operations of the next push from how long the last one took.

    Args:
        sent: operations of the last push, at least 1.
        took_s: from sending it to its answer.
        batch: the most that it might have had.
        batch_max: the most that any push may have.
    """
    assert sent >= 1
    if took_s > EXCHANGE_S:
        return max(int(sent * EXCHANGE_S / took_s), min(sent, BATCH_MIN))
    if sent >= batch and took_s < EXCHANGE_S * _EASY:
        return min(batch * _GROWTH, batch_max)
    return batch


def batch_after_silence(*, sent: int, took_s: float, batch: int) -> int:
    """Work out the most operations of the next push after one that got no answer.

    Args:
        sent: operations of that push, at least 1.
        took_s: how long it waited; one that failed at once says nothing of its size.
        batch: the most that it might have had.
    """
    if took_s <= EXCHANGE_S:
        return batch
    return max(sent // 2, min(sent, BATCH_MIN))


def batch_after_too_large(*, sent: int) -> int:
    """Work out the most operations of the next push after one whose body was too large."""
    return max(sent // 2, 1)

"""Nonces: what a client whose clock is wrong puts into its proofs, so that they are fresh.

A nonce names one of our keys and the instant at which it was given, under a MAC that the key's
secret makes: any worker can check it, and none keeps anything.
"""

from __future__ import annotations

import datetime as dt
import functools
import hmac
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from api.crews.identity.keys import Key
from schemas.rules import proofs

_PURPOSE: Final = b"lamplighter-nonce-1"
_MAC_BYTES: Final = 16
_SCALAR_BYTES: Final = 32
_PARTS: Final = 3
_DIGITS_MAX: Final = 12


def give(key: Key, *, now: dt.datetime) -> str:
    """Give a nonce."""
    given_s = str(int(now.timestamp()))
    return f"{key.kid}.{given_s}.{_mac(key, given_s)}"


def is_fresh(nonce: str, *, find_key: Callable[[str], Key | None], now: dt.datetime) -> bool:
    """Tell whether a nonce is ours and may still be used.

    Args:
        nonce: its text.
        find_key: finds a key of our own set by its id.
        now: the present instant.
    """
    parts = nonce.split(".")
    if len(parts) != _PARTS:
        return False
    kid, given_s, mac = parts
    if not (given_s.isascii() and given_s.isdigit() and len(given_s) <= _DIGITS_MAX):
        return False
    key = find_key(kid)
    if key is None or not hmac.compare_digest(mac.encode(), _mac(key, given_s).encode()):
        return False
    return abs(now.timestamp() - int(given_s)) <= proofs.NONCE_LIFE_S


def _mac(key: Key, given_s: str) -> str:
    digest = hmac.digest(_secret(key.private), given_s.encode(), "sha256")
    return proofs.segment(digest[:_MAC_BYTES])


@functools.lru_cache(maxsize=16)
def _secret(private: ec.EllipticCurvePrivateKey) -> bytes:
    """Derive what makes MACs from a key that signs tokens."""
    scalar = private.private_numbers().private_value.to_bytes(_SCALAR_BYTES)
    return hmac.digest(scalar, _PURPOSE, "sha256")

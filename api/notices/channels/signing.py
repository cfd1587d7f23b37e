"""How a receiver knows that an event comes from this house and is fresh (Standard Webhooks 1.0).

`webhook-signature` is base64 of HMAC-SHA256 over `id.timestamp.body`, once for each secret that
counts, so that a receiver may change its secret at any time while both do.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets as randomness
from collections.abc import Sequence
from typing import Final

PREFIX: Final = "whsec_"
"""Marks a secret as one, for whoever finds it lying about; what follows is base64."""
SECRET_BYTES: Final = 32


def new_secret() -> str:
    """Make a secret."""
    return PREFIX + base64.b64encode(randomness.token_bytes(SECRET_BYTES)).decode()


def headers(
    body: bytes, *, message_id: str, at: dt.datetime, secrets: Sequence[str]
) -> dict[bytes | str, bytes | str]:
    """Write the headers that sign a body.

    Args:
        body: exactly what is sent.
        message_id: of what is sent; the same for each attempt.
        at: when it is sent; receivers refuse what is minutes old.
        secrets: those that count, as `new_secret` made them.
    """
    timestamp = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{_signature(signed, secret)}" for secret in secrets),
    }


def _signature(signed: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()

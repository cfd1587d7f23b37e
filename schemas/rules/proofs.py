"""Proofs that whoever shows a token holds the key that it is bound to (DPoP, RFC 9449).

A proof is a JWT that the key signs for one request: its method, its address, the token's hash, an
id that is used once, and an instant or a nonce of the server's that says it is fresh.
"""

from __future__ import annotations

import base64
import hashlib
import urllib.parse
from typing import Final

FRESH_S: Final = 60
"""How far a proof's instant may be from the server's; a clock that is farther off needs a nonce."""
NONCE_LIFE_S: Final = 600
"""How long a nonce of the server's may be used."""


def thumbprint(*, x: str, y: str) -> str:
    """Name a key on P-256 by the hash of its JWK (RFC 7638, section 3).

    Args:
        x: its first coordinate in base64url.
        y: its second coordinate in base64url.
    """
    members = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'
    return segment(hashlib.sha256(members.encode()).digest())


def token_hash(token: str) -> str:
    """Hash a token, so that a proof names the one that it was made for (section 4.2, `ath`)."""
    return segment(hashlib.sha256(token.encode()).digest())


def is_for(target: str, *, path: str) -> bool:
    """Tell whether a proof's address (`htu`) is that of a door.

    Only the path is compared, from its end: a proxy may have changed scheme and host and taken a
    prefix off, and the token's own hash ties the proof to our server.

    Args:
        target: the address as the client wrote it; its query and fragment do not count.
        path: the path as the server sees it, percent-encoding undone.
    """
    try:
        written = urllib.parse.unquote(urllib.parse.urlsplit(target).path)
    except ValueError:
        return False
    return path.startswith("/") and written.endswith(path)


def is_fresh(issued_s: float, *, now_s: float) -> bool:
    """Tell whether a proof was made just now, by clocks that agree (in seconds of Unix time)."""
    return abs(now_s - issued_s) <= FRESH_S


def segment(raw: bytes) -> str:
    """Write bytes in base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def signing_input(header: bytes, claims: bytes) -> str:
    """Lay out what a proof's signature is over (RFC 7515, section 5.1)."""
    return f"{segment(header)}.{segment(claims)}"

"""Shapes of a proof of possession (DPoP, RFC 9449): its header and what it says."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from schemas.base import Shape
from schemas.crews import DeviceKey

PROOF_CHARS_MAX: Final = 4_000


class ProofHeader(Shape):
    """What a proof's header says, and nothing else (RFC 8725, sections 3.1 and 3.11)."""

    typ: Literal["dpop+jwt"] = "dpop+jwt"
    alg: Literal["ES256"] = "ES256"
    jwk: DeviceKey


class ProofClaims(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a proof says of the one request that it was made for; what else it says is passed over.

    Attributes:
        jti: an id that no other proof of the key has.
        htm: the request's method.
        htu: its address.
        iat: when it was made, in seconds of Unix time.
        ath: the hash of the token that is shown with it.
        nonce: what the server gave to a client whose clock it cannot go by.
    """

    jti: Annotated[str, Meta(min_length=8, max_length=128)]
    htm: Annotated[str, Meta(max_length=16)]
    htu: Annotated[str, Meta(max_length=2_000)]
    iat: float
    ath: Annotated[str, Meta(max_length=64)] | None = None
    nonce: Annotated[str, Meta(max_length=200)] | None = None

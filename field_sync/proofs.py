"""Proofs that a request comes from the device whose key its token is bound to (DPoP, RFC 9449)."""

from __future__ import annotations

from typing import Final

from field_sync.clock import Edge
from field_sync.keys import Signer
from schemas.base import encode
from schemas.proofs import ProofClaims, ProofHeader
from schemas.rules import proofs

_ID_BYTES: Final = 16


class Prover:
    """Signs a proof for each request with the device's key."""

    def __init__(self, keys: Signer, edge: Edge) -> None:
        """Sign with a device's key; the edge tells the time and draws the proofs' ids."""
        self._keys = keys
        self._edge = edge

    def prove(self, *, method: str, url: str, token: str | None, nonce: str | None) -> str | None:
        """Sign a proof for one request; None where there is no key.

        Args:
            method: the request's method.
            url: its address, without query and fragment.
            token: the token that goes with it, if one does.
            nonce: what the server gave last, if it does not go by our clock.

        Raises:
            KeyUnreadable: there is a key, and it cannot be read.
        """
        public = self._keys.find()
        if public is None:
            return None
        claims = ProofClaims(
            jti=proofs.segment(self._edge.entropy(_ID_BYTES)),
            htm=method,
            htu=url,
            iat=int(self._edge.moment().wall.timestamp()),
            ath=None if token is None else proofs.token_hash(token),
            nonce=nonce,
        )
        signed = proofs.signing_input(encode(ProofHeader(jwk=public)), encode(claims))
        signature = self._keys.sign(signed.encode())
        return f"{signed}.{signature}"

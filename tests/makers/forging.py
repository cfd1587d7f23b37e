"""Tokens as a hostile hand writes them: with our own key, with another's, or with none."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Mapping

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from sqlalchemy.orm import Session

from api.crews.models import SigningKey

Json = Mapping[str, object]
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""How many points P-256 has: a signature (r, s) is as good as (r, ORDER - s)."""


def part(data: bytes | Json) -> str:
    """Write a part of a token."""
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def bytes_of(encoded: str) -> bytes:
    """Read a part of a token."""
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


@dataclasses.dataclass(frozen=True)
class Mint:
    """The server's own key, and a token that it made, taken apart."""

    private: ec.EllipticCurvePrivateKey
    header: Json
    body: Json

    def token(
        self,
        *,
        header: Json | None = None,
        body: Json | None = None,
        key: ec.EllipticCurvePrivateKey | None = None,
    ) -> str:
        """Write a token with some of its parts changed, well signed; None takes a name out."""
        first = f"{part(_changed(self.header, header))}.{part(_changed(self.body, body))}"
        return f"{first}.{part(signature(first, key or self.private))}"

    @property
    def pem(self) -> bytes:
        """The public key as anybody may know it."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


def mint(session: Session, token: str) -> Mint:
    """Take the server's key, and a token that was signed with it."""
    header, body, _ = token.split(".")
    said = json.loads(bytes_of(header))
    row = session.get_one(SigningKey, said["kid"])
    private = serialization.load_pem_private_key(row.private_pem, password=None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    return Mint(private, said, json.loads(bytes_of(body)))


def signature(first: str, key: ec.EllipticCurvePrivateKey) -> bytes:
    """Sign the first two parts with ES256."""
    return jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256).sign(first.encode(), key)


def twin(token: str) -> str:
    """Write a token's other signature, which is as good as its first."""
    first, _, last = token.rpartition(".")
    raw = bytes_of(last)
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    utils.encode_dss_signature(r, ORDER - s)  # it is one, or this raises
    return f"{first}.{part(raw[:32] + (ORDER - s).to_bytes(32, 'big'))}"


def _changed(said: Json, changes: Json | None) -> Json:
    changed = {**said, **(changes or {})}
    return {name: value for name, value in changed.items() if value is not ABSENT}


ABSENT = object()
"""In the place of a value: the name is left out."""

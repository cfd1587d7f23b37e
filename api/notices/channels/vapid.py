"""The house's key for push services, and how a request proves that it comes from this house.

Voluntary application server identification (VAPID, RFC 8292). The key pair lies in the database,
as those of tokens do: every worker signs with it, and a backup brings it back, without which each
phone would have to subscribe anew. It opens nothing but the right to wake phones of this house.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.orm import Session

from api.notices import store
from api.notices.channels import sealing
from schemas.rules import proofs

TOKEN_LIFE: Final = dt.timedelta(hours=12)
"""RFC 8292 allows a day; clocks of push services and ours may differ."""
_NAME: Final = "vapid"


@dataclasses.dataclass(frozen=True, slots=True)
class Key:
    """The key pair; `public` is the point in base64url, as browsers are given it."""

    public: str
    private: ec.EllipticCurvePrivateKey = dataclasses.field(repr=False, compare=False)


def find(session: Session) -> Key | None:
    """Find the house's key, if it has one yet."""
    row = store.find_key(session, name=_NAME)
    return None if row is None else _read(row.private_pem)


def opened(session: Session, *, now: dt.datetime) -> Key:
    """Give the house's key, made now if there is none; of several made at once, one counts."""
    key = find(session)
    if key is not None:
        return key
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    store.add_key(session, {"name": _NAME, "private_pem": pem, "made_at": now})
    made = find(session)
    assert made is not None, "it was entered, by us or by another"
    return made


def authorization(key: Key, *, origin: str, contact: str, now: dt.datetime) -> str:
    """Write the header by which a push service knows who sends.

    Args:
        key: the house's key.
        origin: the push service's scheme and host; the proof is good for it alone.
        contact: `mailto:` or `https:` address of whoever runs this server.
        now: the present instant.
    """
    claims = {"aud": origin, "exp": int((now + TOKEN_LIFE).timestamp()), "sub": contact}
    token = jwt.encode(claims, key.private, algorithm="ES256")
    return f"vapid t={token}, k={key.public}"


def _read(pem: bytes) -> Key:
    private = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    point = sealing.point_of(private.public_key())
    return Key(proofs.segment(point), private)

"""Signatures on P-256 (ES256): sign, read a public key, tell whether it signed, name it.

Devices sign what they push, and a server signs its checkpoints and bundles; whoever checks either
needs nothing but this.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from schemas.crews import DeviceKey
from schemas.rules import proofs

COORDINATE_BYTES: Final = 32
_ES256: Final = ec.ECDSA(hashes.SHA256())


def parsed(key: DeviceKey) -> ec.EllipticCurvePublicKey:
    """Read a public key.

    Raises:
        ValueError: it is no point on P-256.
    """
    x, y = (int.from_bytes(base64.urlsafe_b64decode(part + "=")) for part in (key.x, key.y))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def written(key: ec.EllipticCurvePublicKey) -> DeviceKey:
    """Write a public key as a JWK."""
    point = key.public_numbers()
    x, y = (proofs.segment(each.to_bytes(COORDINATE_BYTES)) for each in (point.x, point.y))
    return DeviceKey(x=x, y=y)


def sign(key: ec.EllipticCurvePrivateKey, statement: bytes) -> str:
    """Sign a statement: r and s, 64 bytes in base64url without padding (RFC 7518, section 3.4)."""
    halves = utils.decode_dss_signature(key.sign(statement, _ES256))
    return proofs.segment(b"".join(half.to_bytes(COORDINATE_BYTES) for half in halves))


def is_by(key: ec.EllipticCurvePublicKey, *, statement: bytes, signature: str) -> bool:
    """Tell whether a signature over a statement is a key's own.

    Args:
        key: the public key.
        statement: what was signed.
        signature: r and s, 64 bytes in base64url without padding (RFC 7518, section 3.4).
    """
    try:
        raw = unsegmented(signature)
    except ValueError:
        return False
    if len(raw) != 2 * COORDINATE_BYTES:
        return False
    r, s = (int.from_bytes(half) for half in (raw[:COORDINATE_BYTES], raw[COORDINATE_BYTES:]))
    try:
        key.verify(utils.encode_dss_signature(r, s), statement, _ES256)
    except InvalidSignature:
        return False
    return True


def has_signed(key: DeviceKey, *, statement: bytes, signature: str) -> bool:
    """Tell whether a signature is by a key; one that is no point on P-256 has signed nothing."""
    try:
        return is_by(parsed(key), statement=statement, signature=signature)
    except ValueError:
        return False


def thumbprint(key: DeviceKey) -> str:
    """Name a public key by its SHA-256 (RFC 7638, section 3), in base64url."""
    return proofs.thumbprint(x=key.x, y=key.y)


def unsegmented(text: str) -> bytes:
    """Read base64url without padding.

    Raises:
        ValueError: it is not.
    """
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(*error.args) from error

"""Sealing what a push carries, so that only the browser it is for can read it (RFC 8291, 8188)."""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SALT_BYTES: Final = 16
RECORD_BYTES: Final = 4_096
"""One record holds it all; push services take no more."""
PLAIN_BYTES_MAX: Final = RECORD_BYTES - 16 - 1 - SALT_BYTES - 4 - 1 - 65
_LAST: Final = b"\x02"


def seal(
    plain: bytes,
    *,
    p256dh: bytes,
    auth: bytes,
    salt: bytes,
    ephemeral: ec.EllipticCurvePrivateKey,
    padded_to: int = 0,
) -> bytes:
    """Seal a text for a browser.

    Args:
        plain: at most `PLAIN_BYTES_MAX` bytes.
        p256dh: the browser's public key, an uncompressed point.
        auth: the browser's secret, 16 bytes.
        salt: `SALT_BYTES` random bytes, never used twice.
        ephemeral: a key pair on P-256 that is used for this alone.
        padded_to: how long it shall look to whoever carries it, at least, in bytes.

    Raises:
        ValueError: the browser's key is no point on P-256.
    """
    assert len(plain) <= PLAIN_BYTES_MAX
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), p256dh)
    ours = point_of(ephemeral.public_key())
    shared = ephemeral.exchange(ec.ECDH(), theirs)
    key = _derived(shared, salt=auth, info=b"WebPush: info\0" + p256dh + ours, length=32)
    content_key = _derived(key, salt=salt, info=b"Content-Encoding: aes128gcm\0", length=16)
    nonce = _derived(key, salt=salt, info=b"Content-Encoding: nonce\0", length=12)
    record = plain + _LAST + bytes(max(padded_to - len(plain), 0))
    head = salt + RECORD_BYTES.to_bytes(4) + bytes([len(ours)]) + ours
    return head + AESGCM(content_key).encrypt(nonce, record, None)


def point_of(public: ec.EllipticCurvePublicKey) -> bytes:
    """Write a public key as browsers do: an uncompressed point of 65 bytes."""
    return public.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def _derived(secret: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)

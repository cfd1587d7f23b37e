"""The keys of devices: read once each, kept parsed by their text, and asked what they signed."""

from __future__ import annotations

import functools
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from schemas import crews as shapes
from schemas import signatures
from schemas.base import decode, encode
from schemas.errors import Refused

PARSED_MAX: Final = 20_000
"""Keys kept parsed in a worker: a district's devices several times over."""


class DeviceKeyWrong(Refused):
    """The key is no point on P-256. Make a new key pair on the device and enrol again."""

    code = "device-key-wrong"
    status = 422
    en = "The device's key is not a point on P-256."
    zh = "设备密钥不是 P-256 曲线上的点。"


class DeviceKeyDiffers(Refused):
    """This device has another key. Let the office allow it a new one, or enrol under a new id."""

    code = "device-key-differs"
    status = 409
    en = "Device {device_id} has another key; the office can allow it a new one."
    zh = "设备 {device_id} 登记的是另一把密钥；可请调度人员允许其更换密钥。"


def text_of(key: shapes.DeviceKey) -> str:
    """Write a key as it is kept: the same key is the same text.

    Raises:
        DeviceKeyWrong: it is no point on P-256.
    """
    text = encode(key).decode()
    try:
        point = _parsed(text)
    except ValueError as error:
        raise DeviceKeyWrong from error
    return encode(signatures.written(point)).decode()


def view(text: str | None) -> shapes.DeviceKey | None:
    """Shape a kept key."""
    return None if text is None else decode(text, shapes.DeviceKey)


@functools.lru_cache(maxsize=PARSED_MAX)
def thumbprint(text: str) -> str:
    """Name a kept key as tokens and proofs do (RFC 7638)."""
    return signatures.thumbprint(decode(text, shapes.DeviceKey))


def has_signed(text: str, *, statement: bytes, signature: str) -> bool:
    """Tell whether a signature over a statement is a key's own.

    Args:
        text: the key as it is kept.
        statement: what was signed.
        signature: ES256: r and s, 64 bytes in base64url without padding.
    """
    return signatures.is_by(_parsed(text), statement=statement, signature=signature)


@functools.lru_cache(maxsize=PARSED_MAX)
def _parsed(text: str) -> ec.EllipticCurvePublicKey:
    return signatures.parsed(decode(text, shapes.DeviceKey))

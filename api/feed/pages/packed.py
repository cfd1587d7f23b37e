"""Bytes that are kept compressed: one whole zstd frame."""

from __future__ import annotations

import sys
from typing import Final, NamedTuple

if sys.version_info >= (3, 14):  # pragma: no cover - one of the two branches runs
    from compression import zstd
else:
    from backports import zstd

DamagedError: Final = zstd.ZstdError
"""What unpacking raises when a frame is not as it was made."""
_LEVEL: Final = 9
"""Made once and in the background, given out often."""


class Packed(NamedTuple):
    """A zstd frame."""

    frame: bytes

    def unpacked(self) -> bytes:
        """Give the bytes that were packed."""
        return zstd.decompress(self.frame)


Piece = bytes | Packed
"""A part of a body."""


def pack(plain: bytes) -> Packed:
    """Compress bytes that will be kept."""
    return Packed(zstd.compress(plain, level=_LEVEL))

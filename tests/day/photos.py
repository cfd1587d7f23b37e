"""Photos of the day: small JPEG files, each different, the same for the same seed."""

from __future__ import annotations

import random
from typing import Final

_SIZES_BYTES: Final = (8_000, 60_000)
_START: Final = b"\xff\xd8"
_ONE_CODE: Final = b"\x01" + bytes(15) + b"\x00"
_GREY: Final = b"".join(
    (
        b"\xff\xdb\x00\x43\x00" + b"\x01" * 64,  # quantisation
        b"\xff\xc0\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x11\x00",  # baseline, 8 x 8, grey
        b"\xff\xc4\x00\x14\x00" + _ONE_CODE,  # Huffman, DC
        b"\xff\xc4\x00\x14\x10" + _ONE_CODE,  # Huffman, AC
        b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00",  # scan
        b"\x3f",  # no difference, end of block
        b"\xff\xd9",
    )
)


def jpeg(chance: random.Random, *, camera: str) -> bytes:
    """Make an 8 x 8 grey picture with as many bytes of comment as make a small photo.

    Args:
        chance: what the comment is drawn from.
        camera: names the handheld; no two make the same picture.
    """
    comment = camera.encode() + chance.randbytes(chance.randint(*_SIZES_BYTES))
    return _START + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + _GREY

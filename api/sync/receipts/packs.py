"""A pack: the bytes of old operations of one device, by their numbers, in one zstd frame.

Inside the frame is MessagePack, a list of pairs of number and bytes in the order of the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from api.feed.pages import packed

NUMBERS: Final = 100
"""How many numbers of a device a pack spans; the bytes of some of them may be in their rows."""
WIRE_BYTES_MAX: Final = 20_000
"""A larger operation stays in its row, so that a pack always fits in memory many times over."""
_PAIRS: Final = msgspec.msgpack.Decoder(list[tuple[int, bytes]])


def pack(wires: Sequence[tuple[int, bytes]]) -> bytes:
    """Pack operations, each with its number."""
    return packed.pack(msgspec.msgpack.encode(wires)).frame


def unpack(frame: bytes) -> Mapping[int, bytes]:
    """Give back the operations of a pack by their numbers; what is damaged holds none."""
    try:
        return dict(_PAIRS.decode(packed.Packed(frame).unpacked()))
    except (packed.DamagedError, msgspec.DecodeError):
        return {}

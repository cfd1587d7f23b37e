"""What a camera sees of a label with a barcode, as the film that a browser takes for its camera."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

WIDTH_PX, HEIGHT_PX = 640, 480
_NARROW_PX, _WIDE_PX = 2, 5
_DARK, _PAPER, _NO_COLOUR = 30, 225, 128
_LETTERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "0": "000110100",
        "1": "100100001",
        "2": "001100001",
        "3": "101100000",
        "4": "000110001",
        "5": "100110000",
        "6": "001110000",
        "7": "000100101",
        "8": "100100100",
        "9": "001100100",
        "M": "101000010",
        "N": "000010011",
        "S": "001000110",
        "*": "010010100",
    }
)
"""Code 39 (ISO/IEC 16388): nine elements a letter, bars and gaps in turn; `1` is wide."""


def film(folder: pathlib.Path, *, text: str) -> pathlib.Path:
    """Hold a label with a text as Code 39 before the camera (YUV4MPEG2, one still picture)."""
    row = _row(text)
    blank = bytes([_PAPER]) * WIDTH_PX
    lines = [row if HEIGHT_PX // 3 < y < 2 * HEIGHT_PX // 3 else blank for y in range(HEIGHT_PX)]
    colours = bytes([_NO_COLOUR]) * (WIDTH_PX * HEIGHT_PX // 2)
    path = folder / f"{text}.y4m"
    head = f"YUV4MPEG2 W{WIDTH_PX} H{HEIGHT_PX} F10:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(head + b"FRAME\n" + b"".join(lines) + colours)
    return path


def _row(text: str) -> bytes:
    bars = bytearray()
    for letter in f"*{text}*":
        for at, wide in enumerate(_LETTERS[letter]):
            tone = _PAPER if at % 2 else _DARK
            bars += bytes([tone]) * (_WIDE_PX if wide == "1" else _NARROW_PX)
        bars += bytes([_PAPER]) * _NARROW_PX
    quiet = bytes([_PAPER]) * ((WIDTH_PX - len(bars)) // 2)
    return (quiet + bytes(bars) + quiet).ljust(WIDTH_PX, bytes([_PAPER]))

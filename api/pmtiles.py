"""The head of a PMTiles archive: what is in it, and whether phones can draw it.

Source: PMTiles specification, version 3. Offsets and lengths in bytes, degrees in WGS-84.
"""

from __future__ import annotations

import dataclasses
import html
import re
import struct
import zlib
from typing import IO, Final

import msgspec

HEAD_BYTES: Final = 127
VERSION: Final = 3
NOTES_BYTES_MAX: Final = 100_000
"""Of the archive's notes about itself, packed or not."""
ATTRIBUTION_CHARS_MAX: Final = 500
ZOOM_MAX: Final = 30
_MAGIC: Final = b"PMTiles"
_HEAD: Final = struct.Struct("<7sB11Q6B4iB2i")
_E7: Final = 1e7
_LON_MAX_DEG: Final = 180.0
_LAT_MAX_DEG: Final = 90.0
_PLAIN, _GZIP = 1, 2
_FORMATS: Final = {2: "png", 3: "jpeg", 4: "webp"}
_VECTOR: Final = 1
_TAG: Final = re.compile(r"<[^>]*>")


class Unfit(Exception):  # noqa: N818 - what it says of the archive
    """The file is no archive that phones can draw; the text says why."""


@dataclasses.dataclass(frozen=True, slots=True)
class Head:
    """What an archive says of itself.

    `format` is png, jpeg or webp; `attribution` whom its makers want named, without tags.
    """

    format: str
    zoom_min: int
    zoom_max: int
    west_deg: float
    south_deg: float
    east_deg: float
    north_deg: float
    attribution: str


def read(archive: IO[bytes]) -> Head:
    """Read the head of an archive that is open at its beginning.

    Raises:
        Unfit: it is no PMTiles archive of version 3, or holds what phones do not draw.
        OSError: the file cannot be read.
    """
    raw = archive.read(HEAD_BYTES)
    if len(raw) < HEAD_BYTES or not raw.startswith(_MAGIC):
        message = "it is no PMTiles archive"
        raise Unfit(message)
    (_, version, _, _, notes_at, notes_bytes, *_, packing, tile_packing, kind), places = _parted(
        raw
    )
    if version != VERSION:
        message = f"it is PMTiles of version {version}, not {VERSION}"
        raise Unfit(message)
    _check_contents(kind, packing=packing, tile_packing=tile_packing)
    zoom_min, zoom_max, *box = places
    west_deg, south_deg, east_deg, north_deg = (each / _E7 for each in box)
    in_turn = -_LON_MAX_DEG <= west_deg <= east_deg <= _LON_MAX_DEG
    if not in_turn or not -_LAT_MAX_DEG <= south_deg <= north_deg <= _LAT_MAX_DEG:
        message = "its bounds lie outside of the world"
        raise Unfit(message)
    if not zoom_min <= zoom_max <= ZOOM_MAX:
        message = f"its zoom levels are none from 0 to {ZOOM_MAX}"
        raise Unfit(message)
    archive.seek(notes_at)
    notes = archive.read(min(notes_bytes, NOTES_BYTES_MAX))
    return Head(
        format=_FORMATS[kind],
        zoom_min=zoom_min,
        zoom_max=zoom_max,
        west_deg=west_deg,
        south_deg=south_deg,
        east_deg=east_deg,
        north_deg=north_deg,
        attribution=_attribution(notes, packing=packing),
    )


def _parted(raw: bytes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Part the fields: what the archive holds, and where it lies on the earth."""
    fields = _HEAD.unpack(raw)
    return fields[:17], fields[17:23]


def _check_contents(kind: int, *, packing: int, tile_packing: int) -> None:
    if kind == _VECTOR:
        message = "it holds vector tiles; render them into pictures (png, jpeg or webp) first"
        raise Unfit(message)
    if kind not in _FORMATS:
        message = "its tiles are no png, jpeg or webp pictures"
        raise Unfit(message)
    if packing not in {_PLAIN, _GZIP}:
        message = "its directories are packed otherwise than with gzip"
        raise Unfit(message)
    if tile_packing > _PLAIN:
        message = "its pictures are packed once more"
        raise Unfit(message)


def _attribution(notes: bytes, *, packing: int) -> str:
    """Find whom to name in the notes; an archive without readable notes names nobody."""
    try:
        plain = _unpacked(notes) if packing == _GZIP else notes
        told = msgspec.json.decode(plain)
    except (msgspec.DecodeError, UnicodeDecodeError, OSError, EOFError, zlib.error):
        return ""
    named = told.get("attribution") if isinstance(told, dict) else None
    if not isinstance(named, str):
        return ""
    return html.unescape(_TAG.sub("", named)).replace("\x00", "")[:ATTRIBUTION_CHARS_MAX].strip()


def _unpacked(notes: bytes) -> bytes:
    """Unpack gzip, so much of it as the notes may be long."""
    return zlib.decompressobj(wbits=31).decompress(notes, NOTES_BYTES_MAX)

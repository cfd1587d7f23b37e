"""Basemaps for tests: small PMTiles archives of pictures of one colour, and spoilt ones."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import math
import pathlib
import random
import struct
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from PIL import Image

TILE_PX: Final = 256
_HEAD: Final = struct.Struct("<7sB11Q6B4iB2i")
_HEAD_BYTES: Final = 127
_E7: Final = 10_000_000
_GZIP: Final = 2
_PLAIN: Final = 1
PNG: Final = 2


Entry = tuple[int, int, int, int]
"""Tile id, offset, length and run."""


class Tile(NamedTuple):
    """The place of a tile: zoom, column from the west, row from the north."""

    zoom: int
    column: int
    row: int


def tile_id(tile: Tile) -> int:
    """Number a tile along the Hilbert curve of its zoom, after all of the zooms above."""
    before = ((1 << 2 * tile.zoom) - 1) // 3
    x, y, place = tile.column, tile.row, 0
    side = 2**tile.zoom // 2
    while side:
        right, low = int(x & side > 0), int(y & side > 0)
        place += side * side * ((3 * right) ^ low)
        if not low:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
        side //= 2
    return before + place


def picture(colour: tuple[int, int, int]) -> bytes:
    """Paint a tile in one colour."""
    written = io.BytesIO()
    Image.new("RGB", (TILE_PX, TILE_PX), colour).save(written, format="PNG")
    return written.getvalue()


def noise(seed: int) -> bytes:
    """Paint a tile that does not compress, so that archives are as long as real ones."""
    pixels = random.Random(seed).randbytes(TILE_PX * TILE_PX * 3)
    written = io.BytesIO()
    Image.frombytes("RGB", (TILE_PX, TILE_PX), pixels).save(written, format="PNG")
    return written.getvalue()


def tiles_between(
    south_west: tuple[float, float], north_east: tuple[float, float], *, zoom: int
) -> list[Tile]:
    """List the tiles of a box, whose corners are (lat_deg, lon_deg)."""
    west, south = _place(*south_west, zoom=zoom)
    east, north = _place(*north_east, zoom=zoom)
    columns, rows = range(west, east + 1), range(north, south + 1)
    return [Tile(zoom, column, row) for row in rows for column in columns]


def archive(
    tiles: Mapping[Tile, bytes],
    *,
    box: tuple[float, float, float, float] = (110.0, 19.9, 110.6, 20.3),
    attribution: str = "© <a href='https://example.org'>Survey &amp; Sons</a>",
    leaves: int = 1,
    kind: int = PNG,
    packing: int = _GZIP,
) -> bytes:
    """Write an archive.

    Args:
        tiles: pictures by their place.
        box: west, south, east and north, in degrees.
        attribution: whom to name, as makers of maps write it.
        leaves: how many directories the entries lie in; with one they lie in the root.
        kind: what the header says of the tiles.
        packing: 1 leaves directories plain, 2 packs them with gzip.
    """

    content, entries = b"", []
    for tile, painted in sorted(tiles.items(), key=lambda each: tile_id(each[0])):
        entries.append((tile_id(tile), len(content), len(painted), 1))
        content += painted
    entries, branches = _branched(entries, leaves=leaves, packing=packing)
    root = _packed(directory(entries), packing)
    notes = _packed(json.dumps({"attribution": attribution}).encode(), packing)
    zooms = [tile.zoom for tile in tiles]
    notes_at = _HEAD_BYTES + len(root)
    branches_at = notes_at + len(notes)
    content_at = branches_at + len(branches)
    head = _HEAD.pack(
        b"PMTiles",
        3,
        *(_HEAD_BYTES, len(root), notes_at, len(notes)),
        *(branches_at, len(branches), content_at, len(content)),
        *(len(tiles), len(tiles), len(tiles)),
        *(1, packing, _PLAIN, kind, min(zooms), max(zooms)),
        *(round(each * _E7) for each in box),
        *(min(zooms), 0, 0),
    )
    return head + root + notes + branches + content


def _branched(entries: list[Entry], *, leaves: int, packing: int) -> tuple[list[Entry], bytes]:
    """Lay entries into so many leaves; give the entries that lead to them, and the leaves."""
    if leaves == 1:
        return entries, b""
    size = -(-len(entries) // leaves)
    heads, branches = [], b""
    for at in range(0, len(entries), size):
        leaf = _packed(directory(entries[at : at + size]), packing)
        heads.append((entries[at][0], len(branches), len(leaf), 0))
        branches += leaf
    return heads, branches


def _packed(raw: bytes, packing: int) -> bytes:
    return gzip.compress(raw, mtime=0) if packing == _GZIP else raw


def directory(entries: Sequence[Entry]) -> bytes:
    """Write a directory."""
    written = _varint(len(entries))
    before = 0
    for number, *_ in entries:
        written += _varint(number - before)
        before = number
    for column in (3, 2):
        for entry in entries:
            written += _varint(entry[column])
    ends_at = None
    for _, offset, length, _ in entries:
        written += _varint(0 if offset == ends_at else offset + 1)
        ends_at = offset + length
    return written


def write(path: pathlib.Path, content: bytes) -> pathlib.Path:
    """Put an archive on the disk."""
    path.write_bytes(content)
    return path


def _place(lat_deg: float, lon_deg: float, *, zoom: int) -> tuple[int, int]:
    """Find the column and row of a place (web Mercator)."""
    side = 2**zoom
    up = math.asinh(math.tan(math.radians(lat_deg)))
    return int((lon_deg + 180) / 360 * side), int((1 - up / math.pi) / 2 * side)


def _varint(number: int) -> bytes:
    written = b""
    while number >= 0x80:
        written += bytes([number & 0x7F | 0x80])
        number >>= 7
    return written + bytes([number])


ARCHIVE: Final = archive(
    {Tile(0, 0, 0): picture((10, 20, 30)), Tile(1, 1, 0): picture((40, 50, 60))}
)
"""One to hand out, of two tiles."""
SHA256: Final = hashlib.sha256(ARCHIVE).hexdigest()

"""Bytes as a bad network, a broken program or an attacker would make them of good ones."""

from __future__ import annotations

import gzip
import random
from typing import Final

import msgspec

NASTY: Final[tuple[object, ...]] = (
    None,
    True,
    -1,
    0,
    2**53 + 1,
    2**70,
    1e308,
    "",
    "\x00",
    "x" * 5_000,
    "9999-99-99T99:99:99Z",
    "0001-01-01T00:00:00Z",
    "𝄞é漢",
    [],
    {},
    [[]] * 50,
    {"a": {"a": {"a": {}}}},
)
"""What no field likes to be."""
DEEP: Final = b"[" * 5_000 + b"]" * 5_000
Path = tuple[str | int, ...]


def spoilt(good: bytes, chance: random.Random) -> bytes:
    """Spoil a JSON body in any way."""
    return chance.choice([_broken, _wrong])(good, chance)


def badly_packed(good: bytes, chance: random.Random) -> tuple[str, bytes]:
    """Give a Content-Encoding and a body that is not what it says."""
    packed = gzip.compress(good, mtime=0)
    at = chance.randrange(len(packed))
    flipped = packed[:at] + bytes([packed[at] ^ 0xFF]) + packed[at + 1 :]
    encoding = chance.choice(["gzip", "zstd", "br", "deflate", "gzip, gzip"])
    return encoding, chance.choice([good, packed[:at], flipped if encoding != "gzip" else good])


def _broken(good: bytes, chance: random.Random) -> bytes:
    """Flip, cut out, repeat, cut off or nest bytes."""
    at = chance.randrange(len(good))
    to = chance.randrange(at, len(good))
    return chance.choice(
        [
            good[:at] + bytes([good[at] ^ chance.randint(1, 255)]) + good[at + 1 :],
            good[:at] + good[to:],
            good[:to] + good[at:],
            good[:at],
            good[:at] + DEEP + good[at:],
        ]
    )


def _wrong(good: bytes, chance: random.Random) -> bytes:
    """Put something nasty in place of a value, take one away, or wrap it."""
    tree = msgspec.json.decode(good)
    path = chance.choice(_paths(tree))
    parent = tree
    for step in path[:-1]:
        parent = parent[step]
    match chance.choice(["put", "drop", "wrap"]):
        case "put":
            parent[path[-1]] = chance.choice(NASTY)
        case "drop":
            del parent[path[-1]]
        case _:
            parent[path[-1]] = {"unknown": parent[path[-1]]}
    return msgspec.json.encode(tree)


def _paths(tree: object, here: Path = ()) -> list[Path]:
    """List the way to every value inside a JSON tree."""
    if isinstance(tree, dict):
        inner = [(key, value) for key, value in tree.items()]
    elif isinstance(tree, list):
        inner = list(enumerate(tree))
    else:
        return []
    return [path for key, value in inner for path in ((*here, key), *_paths(value, (*here, key)))]

"""New identifiers: UUIDv7 (RFC 9562), made on the handheld before anything is sent."""

from __future__ import annotations

import uuid
from typing import Final

from field_sync.clock import Edge

_RANDOM_BYTES: Final = 10
_VERSION: Final = 7 << 76
_VARIANT: Final = 0b10 << 62
_RANDOM_A: Final = ((1 << 12) - 1) << 64
_RANDOM_B: Final = (1 << 62) - 1


def new_id(edge: Edge) -> str:
    """Make a UUIDv7 in lower case from the edge's wall clock and chance."""
    wall_ms = int(edge.moment().wall.timestamp() * 1000) & ((1 << 48) - 1)
    chance = int.from_bytes(edge.entropy(_RANDOM_BYTES))
    number = wall_ms << 80 | _VERSION | chance & _RANDOM_A | _VARIANT | chance & _RANDOM_B
    return str(uuid.UUID(int=number))

"""New identifiers: UUIDv7, so that rows made together lie together."""

from __future__ import annotations

from collections.abc import Callable

import uuid_utils

IdMaker = Callable[[], str]


def new_id() -> str:
    """Make a UUIDv7 (RFC 9562) in lower case."""
    return str(uuid_utils.uuid7())

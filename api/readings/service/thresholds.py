"""The thresholds in force: read and checked once at start, from the one file that has them."""

from __future__ import annotations

import pathlib
from typing import Final

import msgspec

from schemas.rules import suspicion

FILE: Final = pathlib.Path(__file__).parent.parent / "thresholds.toml"


def read(path: pathlib.Path) -> suspicion.Policy:
    """Read a file of thresholds; one that is missing, unknown or of another type is refused.

    Raises:
        msgspec.ValidationError: it is not whole; the message names the place.
    """
    return msgspec.toml.decode(path.read_bytes(), type=suspicion.Policy)


IN_FORCE: Final = read(FILE)

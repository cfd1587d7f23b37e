"""The thresholds in force: read and checked once at start, from the one file that has them."""

from __future__ import annotations

import pathlib
from typing import Final

import msgspec

from schemas.rules import suspicion

FILE: Final = pathlib.Path(__file__).parent.parent / "thresholds.toml"


class BadThresholds(ValueError):  # noqa: N818 - as the refusals are named
    """A file of thresholds is none; the message names the place."""


def read(path: pathlib.Path) -> suspicion.Policy:
    """Read a file of thresholds; one that is missing, unknown or of another type is refused.

    Raises:
        BadThresholds: it is not whole.
    """
    try:
        return msgspec.toml.decode(path.read_bytes(), type=suspicion.Policy)
    except (msgspec.ValidationError, ValueError) as error:
        raise BadThresholds(f"{path.name}: {error}") from error


IN_FORCE: Final = read(FILE)

"""Codes: does what a phone scanned name the thing that stands here?

Labels say a serial as it stands, or a longer text around it (an address of the maker's, a link).
Width, case and blanks do not matter; a serial of fewer than six characters must stand alone, for it
lies within too many codes by chance.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Collection
from typing import Final

WITHIN_CHARS_MIN: Final = 6
_BLANKS: Final = re.compile(r"[ \t\r\n\f\v]+")


class Match(enum.StrEnum):
    """Whether a code is one of those that are known of a place."""

    matches = "matches"
    differs = "differs"
    unknown = "unknown"
    """Nothing is known of the place that a code could be held against."""


def fold(text: str) -> str:
    """Take width, case and blanks away."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text).lower())


def names(code: str, serial: str) -> bool:
    """Tell whether a code names a serial, alone or within a longer text."""
    whole, wanted = fold(code), fold(serial)
    if len(wanted) < WITHIN_CHARS_MIN:
        return whole == wanted and wanted != ""
    return wanted in whole


def match(code: str, known: Collection[str]) -> Match:
    """Hold a code against those that are known of a place.

    Args:
        code: as it was scanned.
        known: serials and numbers that stand there.
    """
    if not known:
        return Match.unknown
    return Match.matches if any(names(code, each) for each in known) else Match.differs

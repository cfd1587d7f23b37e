"""Names that metering systems give to a reading's quality and register (IEC 61968-9).

A quality code is `system.category.index`, as `3.8.0`: estimated, says meter data management.
A reading type is eighteen numbers; those of a register of energy differ in their tariff only.
Other systems may call more things good than we do, so a code here says only what the value is
*not*: one that was estimated, or that somebody doubts.
"""

from __future__ import annotations

import enum
import re
from typing import Final

VALID: Final = "3.0.0"
ESTIMATED: Final = "3.8.0"
QUESTIONABLE: Final = "3.10.0"
TARIFFS_MAX: Final = 15
_CODE: Final = re.compile(r"\d{1,2}\.(\d{1,2})\.\d{1,4}")
_ESTIMATED: Final = frozenset({8, 12})
"""Estimated, projected."""
_DOUBTED: Final = frozenset({3, 5, 6, 10})
"""Tamper, reasonability, validation failed, questionable."""
_TARIFF_AT: Final = 11
_REGISTER: Final = ("0", "0", "0", "1", "1", "1", "12", *"0000", "0", *"000", "3", "72", "0")
"""The register of energy that came in, in kWh: a bulk quantity, forward, of electricity."""


class Worth(enum.StrEnum):
    """What a quality code says against a value."""

    nothing = "nothing"
    estimated = "estimated"
    doubted = "doubted"


def worth(code: str) -> Worth | None:
    """Tell what a quality code says against a value; None where it is no such code."""
    found = _CODE.fullmatch(code)
    if found is None:
        return None
    category = int(found[1])
    if category in _ESTIMATED:
        return Worth.estimated
    return Worth.doubted if category in _DOUBTED else Worth.nothing


def reading_type(tariff: int) -> str:
    """Name the register of a tariff.

    Args:
        tariff: its number among the meter's tariffs from 1 on; 0 for the total.
    """
    parts = [*_REGISTER]
    parts[_TARIFF_AT] = str(tariff)
    return ".".join(parts)


def tariff_of(reading_type: str) -> int | None:
    """Tell which tariff's register a reading type names; None where it is another quantity."""
    parts = reading_type.split(".")
    if len(parts) != len(_REGISTER) or not parts[_TARIFF_AT].isdecimal():
        return None
    tariff = parts[_TARIFF_AT]
    parts[_TARIFF_AT] = "0"
    if tuple(parts) != _REGISTER or len(tariff) > 2 or int(tariff) > TARIFFS_MAX:  # noqa: PLR2004 - two digits
        return None
    return int(tariff)

"""The sentence that belongs to an outcome's code; the words may be newer than the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schemas import sync
from schemas.errors import FieldValue, Refused, Words

_APPLIED: Final = Words(en="Applied.", zh="已生效。")


def of(code: str, fields: Mapping[str, FieldValue]) -> Words:
    """Say what a code means, with its numbers."""
    return _APPLIED if code == sync.APPLIED_CODE else Refused.catalogue[code](**fields).words

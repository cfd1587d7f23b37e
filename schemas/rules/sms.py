"""How many parts a text message takes: what a gateway counts, and what a customer's phone joins.

Source: 3GPP TS 23.038 (GSM 7 bit default alphabet and its extension) and 23.040 (joined messages).
Septets in the GSM alphabet, 16-bit units otherwise; a part that is joined to others is shorter by
the header that says so.
"""

from __future__ import annotations

import enum
from typing import Final, NamedTuple

GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE: Final = frozenset("\f^{}\\[~]|€")
"""What the extension has; each takes two septets."""
GSM_ALONE: Final = 160
GSM_JOINED: Final = 153
UNICODE_ALONE: Final = 70
UNICODE_JOINED: Final = 67


class Alphabet(enum.StrEnum):
    """In what a message is written."""

    gsm = "gsm"
    unicode = "unicode"


class Length(NamedTuple):
    """How long a message is: its units, and in how many parts it travels."""

    alphabet: Alphabet
    units: int
    parts: int


def length(text: str) -> Length:
    """Measure a message; no character is ever cut in two by the end of a part."""
    sizes = [_gsm_units(each) for each in text]
    alphabet, alone, joined = Alphabet.gsm, GSM_ALONE, GSM_JOINED
    if 0 in sizes:
        alphabet, alone, joined = Alphabet.unicode, UNICODE_ALONE, UNICODE_JOINED
        sizes = [len(each.encode("utf-16-le")) // 2 for each in text]
    units = sum(sizes)
    if units <= alone:
        return Length(alphabet, units, 1)
    parts, filled = 1, 0
    for size in sizes:
        if filled + size > joined:
            parts, filled = parts + 1, 0
        filled += size
    return Length(alphabet, units, parts)


def _gsm_units(character: str) -> int:
    """Count the septets of a character; 0 where the alphabet does not have it."""
    if character in GSM:
        return 1
    return 2 if character in GSM_TWICE else 0

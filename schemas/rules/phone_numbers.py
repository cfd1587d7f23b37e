"""A number that a text message can reach, out of what somebody wrote down as a contact.

A contact is free text: `139 0000 0000`, `+86-139-0000-0000 (Ms Li)`, `call the neighbour`.
Source of the whole form: ITU-T E.164, at most 15 digits with the country's code.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from typing import Final

DIGITS_MIN: Final = 8
DIGITS_MAX: Final = 15
_SHOWN_AHEAD: Final = 6
_SHOWN_BEHIND: Final = 2
_NUMBERS: Final = re.compile(r"\+?[0-9](?:[ \-.()]{0,2}[0-9])*")


@dataclasses.dataclass(frozen=True, slots=True)
class Home:
    """How numbers are written at home.

    Attributes:
        code: the country's code, as `86`.
        mobile: a pattern that a mobile number matches whole, without the country's code.
        trunk: what is dialled before a national number, as `0`; empty where nothing is.
    """

    code: str
    mobile: re.Pattern[str]
    trunk: str = ""


def reachable(contact: str, home: Home) -> str | None:
    """Find the first number in a contact that a text message reaches, as `+8613900000000`.

    A number of home must be a mobile one; of another country any is taken that says so by `+`.
    """
    for found in _NUMBERS.findall(unicodedata.normalize("NFKC", contact)):
        number = _whole(re.sub(r"[ \-.()]", "", found), home)
        if number is not None:
            return number
    return None


def masked(number: str) -> str:
    """Write a number so that somebody who knows it knows it again, and nobody else learns it."""
    hidden = len(number) - _SHOWN_AHEAD - _SHOWN_BEHIND
    if hidden <= 0:
        return "*" * len(number)
    return number[:_SHOWN_AHEAD] + "*" * hidden + number[-_SHOWN_BEHIND:]


def _whole(written: str, home: Home) -> str | None:
    """Write a number with its country; None where no text message reaches it."""
    if written.startswith("00"):
        written = "+" + written[2:]
    if written.startswith("+") and not written.startswith(f"+{home.code}"):
        digits = written[1:]
        fits = DIGITS_MIN <= len(digits) <= DIGITS_MAX and not digits.startswith("0")
        return written if fits else None
    national = written.removeprefix(f"+{home.code}")
    if national == written and written.startswith(home.code):
        without = written.removeprefix(home.code)
        national = without if home.mobile.fullmatch(without) else written
    if home.mobile.fullmatch(national):
        return f"+{home.code}{national}"
    national = national.removeprefix(home.trunk)
    return f"+{home.code}{national}" if home.mobile.fullmatch(national) else None

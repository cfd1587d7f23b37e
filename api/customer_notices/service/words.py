"""A notice in words: its template filled with what is known, by the clocks of the district."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from typing import Final, NamedTuple

from schemas.customer_notices import SAID_CHARS_MAX, PolicyCustomerNotices, Wording
from schemas.errors import Words
from schemas.notices import Tongue
from schemas.rules import wording

_REF_CHARS: Final = 8
_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
_STOPS: Final = " \n.。!！;；,，"


class Window(NamedTuple):
    """A time in which somebody comes, or by which something is done."""

    from_at: dt.datetime | None
    due_at: dt.datetime


Fact = str | Words | dt.datetime | Window


def write(
    worded: Wording,
    facts: Mapping[str, Fact],
    *,
    policy: PolicyCustomerNotices,
    subject_id: str,
    zone: str,
) -> str:
    """Write a notice; what is unknown of it is left out with the words around it."""
    place, tongue = zoneinfo.ZoneInfo(zone), Tongue(policy.lang)
    known = {name: _say(fact, tongue, place) for name, fact in facts.items()}
    known |= {"ref": subject_id[-_REF_CHARS:], "phone": policy.phone}
    template = worded.words.zh if tongue is Tongue.ZH else worded.words.en
    return wording.fill(template, known)


def _say(fact: Fact, tongue: Tongue, place: zoneinfo.ZoneInfo) -> str:
    match fact:
        case str():
            said = " ".join(fact.split())
            return said[:SAID_CHARS_MAX].rstrip(_STOPS)
        case Words():
            return fact.zh if tongue is Tongue.ZH else fact.en
        case Window(None, due_at):
            by = _instant(due_at, tongue, place)
            return f"{by}前" if tongue is Tongue.ZH else f"by {by}"
        case Window(from_at, due_at):
            assert from_at is not None, "a window that opens at once was told above"
            same = from_at.astimezone(place).date() == due_at.astimezone(place).date()
            first = _instant(from_at, tongue, place)
            last = f"{due_at.astimezone(place):%H:%M}" if same else _instant(due_at, tongue, place)
            return f"{first}至{last}" if tongue is Tongue.ZH else f"{first} to {last}"
        case _:
            return _instant(fact, tongue, place)


def _instant(at: dt.datetime, tongue: Tongue, place: zoneinfo.ZoneInfo) -> str:
    there = at.astimezone(place)
    if tongue is Tongue.ZH:
        return f"{there.month}月{there.day}日{there:%H:%M}"
    return f"{there.day} {_MONTHS[there.month - 1]} {there:%H:%M}"

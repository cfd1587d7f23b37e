"""Rotation: a route changes hands before its reader knows every value by heart (定期轮换抄表).

Who reads one route for long learns what each meter will show, and finds ways not to go. What is
proposed rests on how long somebody has read a route, and on what was found in what they read there.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Mapping, Sequence


@dataclasses.dataclass(frozen=True, slots=True)
class Walk:
    """A route as it was read once.

    Attributes:
        on: local day for which it was planned.
        reader_id: who read most of it.
    """

    on: dt.date
    reader_id: str


@dataclasses.dataclass(frozen=True, slots=True)
class Spell:
    """How long the present reader has read a route without a break.

    Attributes:
        reader_id: who.
        since: the first walk of the spell.
        months: months of the calendar in which it was walked.
    """

    reader_id: str
    since: dt.date
    months: int


def spell(walks: Sequence[Walk]) -> Spell | None:
    """Find the spell of whoever read a route last; None where nobody did.

    Args:
        walks: oldest first.
    """
    if not walks:
        return None
    reader_id = walks[-1].reader_id
    since, months = walks[-1].on, set[str]()
    for walk in reversed(walks):
        if walk.reader_id != reader_id:
            break
        since = walk.on
        months.add(f"{walk.on:%Y-%m}")
    return Spell(reader_id, since, len(months))


def is_due(found: Spell, *, months_max: int, findings: int, findings_max: int) -> bool:
    """Tell whether a route should change hands: after so many months, or so many findings."""
    return found.months >= months_max or findings >= findings_max


def successor(load: Mapping[str, int], *, former: Collection[str]) -> str | None:
    """Choose who might read a route next: whoever has least, and has not read it lately.

    Args:
        load: routes by reader, of all who might.
        former: who has read this one lately.
    """
    others = [each for each in load if each not in former]
    return min(others, key=lambda each: (load[each], each), default=None)


def words(
    found: Spell, *, route: str, readings: int, findings: int, to_id: str | None
) -> tuple[str, str]:
    """Say why, in English and in Chinese, with every number."""
    to_en = f"{to_id} could read it next." if to_id else "There is nobody else."
    to_zh = f"可由 {to_id} 接替。" if to_id else "暂无其他抄表员。"
    en = (
        f"{found.reader_id} has read {route} since {found.since} in {found.months} months: "
        f"{findings} findings in {readings} readings. {to_en}"
    )
    zh = (
        f"{found.reader_id} 自 {found.since} 起已抄 {route} 共 {found.months} 个月："
        f"{readings} 个示数中有 {findings} 个异常标记。{to_zh}"
    )
    return en, zh

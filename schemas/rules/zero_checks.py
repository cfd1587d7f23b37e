"""Zero for long: which meters that stood still somebody looks at, by what they are.

All that are supplied at 10 kV or above, most of the others that are no homes, and some homes; the
shares are policy. Source: the rules for readings (ER13).
"""

from __future__ import annotations

import dataclasses
import enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from schemas.rules import rereads, suspicion

if TYPE_CHECKING:
    from collections.abc import Mapping


class Group(enum.StrEnum):
    """What a meter measures, as the shares know it."""

    high_voltage = "high_voltage"
    non_residential = "non_residential"
    residential = "residential"


@dataclasses.dataclass(frozen=True, slots=True)
class Drawn:
    """That a meter is looked at, of which share of its like, in a sentence."""

    share: float
    en: str
    zh: str


_NAMES: Final[Mapping[Group, tuple[str, str]]] = MappingProxyType(
    {
        Group.high_voltage: ("supplied at 10 kV or above", "10 千伏及以上用户"),
        Group.non_residential: ("no homes", "非居民用户"),
        Group.residential: ("homes", "居民用户"),
    }
)


def group_of(*, on_feeder: bool, residential: bool) -> Group:
    """Tell in which group a meter is.

    Args:
        on_feeder: whether it hangs on a feeder itself, with no transformer of ours between.
        residential: whether a home hangs on it.
    """
    if on_feeder:
        return Group.high_voltage
    return Group.residential if residential else Group.non_residential


def draw(meter_id: str, group: Group, *, period: str, shares: suspicion.ZeroChecks) -> Drawn | None:
    """Draw a meter to be looked at, or not: the same answer whenever it is asked.

    Args:
        meter_id: which meter.
        group: what it measures.
        period: what is drawn for; another period draws others.
        shares: how many of each group, from 0 to 1.
    """
    share: float = getattr(shares, group)
    if not rereads.is_sampled(meter_id, period=period, share=share):
        return None
    en, zh = _NAMES[group]
    told_en = f"drawn from {share:.0%} of those that are {en}"
    return Drawn(share, told_en, f"按{zh} {share:.0%} 抽取")

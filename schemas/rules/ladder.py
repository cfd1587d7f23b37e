"""The ladder of supervision: how a case that nobody ends climbs, and what makes an event major.

Levels are named from the bottom up by the rungs themselves; hours and points are the policy's.
A case climbs while what was promised has not come; each rung is reached once.
A major event begins higher, work that was reopened a step up; both climb on from there by the
times between the rungs.
Seconds, aware instants.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True, slots=True)
class Rung:
    """A level of the ladder.

    Attributes:
        level: the organisation's name for it.
        after_s: how long after the case was opened it gets there, where it began at the bottom.
        points: breach points of a case that got this far.
    """

    level: str
    after_s: float
    points: int


@dataclasses.dataclass(frozen=True, slots=True)
class Major:
    """What makes an event major; one of them is enough.

    Attributes:
        level: where its case begins.
        customers_min: customers without power, from this number on; None counts nobody.
        care: whether a customer who must not wait makes it so.
        urgency_max: urgencies from 1 (life at risk) to this; None asks for none.
    """

    level: str
    customers_min: int | None = None
    care: bool = False
    urgency_max: int | None = None


def is_major(major: Major | None, *, customers: int, care: bool, urgency: int) -> bool:
    """Tell whether an event is major by the policy.

    Args:
        major: what the policy says; None knows no major events.
        customers: how many are without power, as far as is known.
        care: whether one of them must not wait.
        urgency: 1 (life at risk) to 5.
    """
    if major is None:
        return False
    return (
        (major.customers_min is not None and customers >= major.customers_min)
        or (major.care and care)
        or (major.urgency_max is not None and urgency <= major.urgency_max)
    )


def first(rungs: Sequence[Rung], *, major: str | None, turn: int) -> int:
    """Say on which rung a case begins: a step up for each time its work was reopened.

    Args:
        rungs: from the bottom up.
        major: the level at which a major event begins; None for any other.
        turn: how often the work was opened, from 1.
    """
    levels = [rung.level for rung in rungs]
    begins = levels.index(major) if major in levels else 0
    return max(begins, min(turn, len(rungs)) - 1)


def climbs_at(rungs: Sequence[Rung], *, opened_at: dt.datetime, begun: int, to: int) -> dt.datetime:
    """Say when a case climbs to a rung.

    Args:
        rungs: from the bottom up.
        opened_at: when the case was opened.
        begun: the rung on which it began.
        to: the rung that it climbs to, above that.
    """
    return opened_at + dt.timedelta(seconds=rungs[to].after_s - rungs[begun].after_s)


def faults(rungs: Sequence[Rung], major: Major | None, *, levels: Sequence[str]) -> list[str]:
    """Name what is wrong with a ladder.

    Args:
        rungs: from the bottom up.
        major: what makes an event major.
        levels: every level of the organisation, from the bottom up.
    """
    named = [rung.level for rung in rungs]
    found = []
    if named != [level for level in levels if level in named] or named[:1] != list(levels[:1]):
        found.append("the ladder's levels stand from the bottom up, each once, none unknown")
    times_s = [rung.after_s for rung in rungs]
    if times_s[:1] != [0] or times_s != sorted(set(times_s)):
        found.append("the ladder's times begin with 0 and grow")
    if major is not None and major.level not in named:
        found.append(f"a major event begins at {major.level}, which is no rung")
    return found

"""The plan of a day: how long it is, who works, what goes wrong when; all of it from one seed."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Final

MORNING: Final = dt.datetime(2026, 11, 23, 0, 0, tzinfo=dt.UTC)
"""Minute 0 of a day on a clock of its own: a Monday, 08:00 in China."""
STORY_URGENCY: Final = 2
ARRIVE_MINUTE: Final = 31
"""When the crew of the told order arrives, after the report."""
HEARD_MINUTE: Final = 190
"""When the office hears of it."""
DARK_FROM_MINUTE: Final = 5
SLOW_S: Final = 7_200.0
"""How far the clock of the told crew's phone is behind."""
INVENTED_SHARE: Final = 0.05
OFFICE_MINUTES: Final = 10
"""How often the dispatcher looks at what waits."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How large the day is.

    Attributes:
        seed: where chance begins.
        minutes: how long it lasts.
        crews: how many crews work.
        readers: how many readers walk.
        reports: how many reports come in after the first.
        stops: how many meters a reader reads at most.
        deaths: minutes at which the battery of a phone dies.
    """

    seed: int
    minutes: int
    crews: int
    readers: int
    reports: int
    stops: int
    deaths: tuple[int, ...]


def whole(seed: int) -> Plan:
    """Plan eight hours of twelve crews and eight readers."""
    return Plan(
        seed=seed,
        minutes=480,
        crews=12,
        readers=8,
        reports=70,
        stops=240,
        deaths=(97, 161, 245, 333),
    )


def quick(seed: int) -> Plan:
    """Plan just long enough for the told order, with a few phones."""
    return Plan(seed=seed, minutes=200, crews=3, readers=2, reports=10, stops=60, deaths=(61, 113))

"""How large a storm is and how often what breaks; times in seconds, all of it from one seed."""

from __future__ import annotations

import dataclasses
from typing import Final

TICK_S: Final = 0.2
"""A minute of the crews' working day goes by in this time."""
STOPS: Final = 200
"""Meters that a reader reads in the course of a storm."""
RESTS_S: Final = (0.0, 0.3)
"""How long a phone rests between two acts."""
PHONE_STRUCK_EVERY_S: Final = (1.0, 5.0)
SERVER_STRUCK_EVERY_S: Final = (1.0, 6.0)
DOWN_S: Final = (0.0, 1.0)
"""How long what was killed stays dead before it is started again."""
OFFICE_EVERY_S: Final = (0.1, 0.5)
OPEN_ORDERS_PER_CREW: Final = 3


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One storm.

    Attributes:
        seed: where chance begins; processes and threads add their own.
        database: `sqlite` or `postgresql`.
        storm_s: how long everything is at risk.
        crews: how many crews work.
        readers: how many readers walk.
    """

    seed: int
    database: str
    storm_s: float
    crews: int
    readers: int

    @property
    def workers(self) -> int:
        """How many worker processes the server has; SQLite has one writer."""
        return 1 if self.database == "sqlite" else 2

    @property
    def stops_per_hour(self) -> float:
        """How fast a reader walks, by the working day's hours, to have meters to the end."""
        return STOPS * 60 * TICK_S / self.storm_s

"""What every part of the bench over HTTP is given."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from bench import district, served


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A district, the server that serves it, and how to measure.

    Attributes:
        ground: where work is made.
        server: what is measured.
        database: its kind.
        reps: how often; the medians count.
        told: is told how far it is.
    """

    ground: district.District
    server: served.Served
    database: str
    reps: int
    told: Callable[[str], None]

"""Every kind of record that the server keeps on phones: its name on the wire and its shape.

The server's models say the same of themselves; a test compares them.
Names are added, never changed.
"""

from __future__ import annotations

from typing import Final

from schemas import messages, readings, sites, sync, tasks
from schemas.base import Shape

ENTITIES: Final[dict[str, type[Shape]]] = {
    "district": sites.District,
    "area": sites.Area,
    "feeder": sites.AreaFeeder,
    "task": tasks.Task,
    "stop": readings.Stop,
    "message": messages.Message,
    "outcome": sync.Outcome,
}

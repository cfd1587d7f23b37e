"""The work that every peer does: tasks of a route, and what a crew changes and adds.

A task has about as many bytes of JSON as a stop has on our wire, in a language of the same width.
"""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Sequence
from typing import Final

Record = dict[str, object]
_STREETS: Final = ("新市街", "文明东路", "海府大道", "龙昆南路", "琼山大道", "椰海大道")


def tasks(count: int, *, route: str) -> list[Record]:
    """Write the tasks of a route; the same ones for the same name."""
    chance = random.Random(route)
    return [
        {
            "id": _id(chance),
            "kind": "meter_task",
            "route_id": route,
            "seq": number,
            "meter_no": f"SM{chance.randrange(10**8):08}",
            "customer": "王秀英",
            "address": f"灵山镇{chance.choice(_STREETS)} {chance.randrange(1, 400)} 号",
            "lat": round(20 + chance.random(), 6),
            "lon": round(110 + chance.random(), 6),
            "prev_reading": round(chance.random() * 90_000, 1),
            "prev_read_at": "2026-10-23T08:00:00Z",
            "status": "pending",
            "due_date": "2026-11-30",
            "created_at": "2026-11-01T00:00:00Z",
            "updated_at": "2026-11-01T00:00:00Z",
        }
        for number in range(count)
    ]


def done(records: Sequence[Record]) -> list[Record]:
    """Write the same tasks as done."""
    return [
        {**each, "status": "done", "updated_at": "2026-11-23T01:00:00Z", "reading": 90_001.5}
        for each in records
    ]


def readings(records: Sequence[Record], *, mark: str) -> list[Record]:
    """Write one new reading for each task; other ones for another mark."""
    chance = random.Random(mark)
    return [
        {
            "id": (reading_id := _id(chance)),
            "kind": "reading",
            "task_id": each["id"],
            "meter_no": each["meter_no"],
            "value": 90_001.5,
            "read_at": "2026-11-23T01:00:00Z",
            "lat": each["lat"],
            "lon": each["lon"],
            "accuracy_m": 8.0,
            "method": "read",
            "photo_sha256": hashlib.sha256(reading_id.encode()).hexdigest(),
            "remark": "",
        }
        for each in records
    ]


def _id(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))

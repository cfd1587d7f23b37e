"""Every act that a crew can send: its name on the wire and the shape of its body.

Both ends read this one table: the handheld before it stores an operation, the server's catalogue
when it joins each to the function that applies it.
Names are added, never changed; a body changes by a new version (`v`), with a step in
`schemas.upgrades`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas import (
    checkins,
    customer_promises,
    evidence,
    meter_findings,
    readings,
    repairs,
    tasks,
)
from schemas.base import Shape

OPERATIONS: Final[dict[str, type[Shape]]] = {
    "task.accept": tasks.Accepted,
    "task.set_out": tasks.SetOut,
    "task.start": tasks.Started,
    "task.return": tasks.Returned,
    "task.suspend": tasks.Suspended,
    "task.resume": tasks.Resumed,
    "task.note": tasks.Noted,
    "task.finish": tasks.Finished,
    "task.amend": tasks.Amended,
    "promise.make": customer_promises.PromiseMade,
    "promise.reagree": customer_promises.PromiseReagreed,
    "repair.restored": repairs.Restored,
    "checkin.record": checkins.CheckIn,
    "evidence.declare": evidence.Declared,
    "reading.take": readings.ReadingTaken,
    "reading.skip": readings.ReadingSkipped,
    "meter.found": meter_findings.MeterFound,
    "meter.changed": meter_findings.MeterChanged,
    "meter.mismatch": meter_findings.MeterMismatch,
}
_VERSIONS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "task.return": 2,
        "task.suspend": 3,
        "checkin.record": 2,
        "evidence.declare": 2,
        "reading.skip": 2,
    }
)


def version_of(type: str) -> int:  # noqa: A002 - the wire's word
    """Tell the present version of a type's body; a type that never changed is at its first."""
    return _VERSIONS.get(type, 1)

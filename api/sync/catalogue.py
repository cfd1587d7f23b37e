"""The one table: operation -> what applies it; and what it needs loaded first.

Shapes come from `schemas.operations`, which the handheld reads too; a type in one and not in the
other is a test failure.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act
from api.checkins import service as checkins
from api.customer_promises import service as customer_promises
from api.evidence import service as evidence
from api.meter_findings import service as meter_findings
from api.readings import service as readings
from api.repairs import service as repairs
from api.tasks import service as tasks
from schemas import operations
from schemas.base import Shape
from schemas.errors import Refused

Apply = Callable[..., Refused | None]
"""A service function: (session, *, act, subject_id, body) -> a remark, or None."""


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One type of operation: its present version, how its body is read and what applies it."""

    version: int
    body: type[Shape]
    decoder: msgspec.json.Decoder[Any]
    apply: Apply


_APPLY: Final[Mapping[str, Apply]] = {
    "task.accept": tasks.accept,
    "task.set_out": tasks.set_out,
    "task.start": tasks.start,
    "task.return": tasks.return_,
    "task.suspend": tasks.suspend,
    "task.resume": tasks.resume,
    "task.note": tasks.note,
    "task.finish": tasks.finish,
    "task.amend": tasks.amend,
    "promise.make": customer_promises.make,
    "promise.reagree": customer_promises.reagree,
    "repair.restored": repairs.restored,
    "checkin.record": checkins.record,
    "evidence.declare": evidence.declare,
    "reading.take": readings.take,
    "reading.skip": readings.skip,
    "meter.found": meter_findings.found,
    "meter.changed": meter_findings.changed,
    "meter.mismatch": meter_findings.mismatch,
}

ENTRIES: Final[Mapping[str, Entry]] = MappingProxyType(
    {
        name: Entry(operations.version_of(name), body, msgspec.json.Decoder(body), _APPLY[name])
        for name, body in operations.OPERATIONS.items()
    }
)


_VERSIONS: Final = ",".join(f"{name}={entry.version}" for name, entry in sorted(ENTRIES.items()))
RELEASE: Final = (
    f"{importlib.metadata.version('lamplighter')}"
    f"+{hashlib.sha256(_VERSIONS.encode()).hexdigest()[:12]}"
)
"""Names what this server can apply: its version, and the versions of every type."""


def load(
    session: Session, *, act: Act, subject_ids: set[str], stop_ids: set[str], hashes: set[str]
) -> None:
    """Bring what a batch is about into the unit of work with few questions, locked in order.

    Args:
        session: the unit of work.
        act: whose batch it is.
        subject_ids: tasks that operations name.
        stop_ids: stops that readings name.
        hashes: files that declarations name.
    """
    tasks.load(session, district_id=act.district_id, ids=sorted(subject_ids))
    if stop_ids:
        readings.load_stops(session, district_id=act.district_id, ids=sorted(stop_ids))
    if hashes:
        evidence.load(session, district_id=act.district_id, hashes=sorted(hashes))

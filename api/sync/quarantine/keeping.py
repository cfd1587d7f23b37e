"""What is kept out, and kept: each operation whole, with why, and when it happened."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final

import structlog
from sqlalchemy.orm import Session

from api.acts import Act, Happened
from api.sync.inbox import Letter, open_letter
from api.sync.quarantine import store
from schemas.quarantine import Reason, State

UNSIGNED_PER_DEVICE_MAX: Final = 5_000
"""Operations of one device that are kept though nobody signed them; its phone has the others."""
WAITING_MAX: Final = 20_000
"""Operations of one type and device that are looked through at once."""
_log = structlog.get_logger()

Kept = tuple[Letter, Happened]


@dataclasses.dataclass(frozen=True, slots=True)
class Origin:
    """The device that operations come from, whose it is, and why they are not let in."""

    device_id: str
    person_id: str
    reason: Reason


def keep(session: Session, *, act: Act, origin: Origin, kept: Sequence[Kept]) -> None:
    """Keep operations that are not let in; the same bytes again change nothing.

    Args:
        session: the unit of work.
        act: the contact that brought them.
        origin: where they come from, and why they stay out.
        kept: each with when it happened.
    """
    if not kept:
        return
    store.keep(session, [_row(act, origin, letter, happened) for letter, happened in kept])
    _log.warning(
        "quarantine.kept",
        device_id=origin.device_id,
        reason=str(origin.reason),
        operations=len(kept),
    )


def keep_unsigned(
    session: Session, *, act: Act, device_id: str, person_id: str, kept: Sequence[Kept]
) -> None:
    """Keep operations that the device's key has not signed, as many as a stranger may leave.

    The phone keeps all of them, so nothing is lost beyond the limit.
    """
    waiting = store.count_waiting(
        session, district_id=act.district_id, device_id=device_id, reason=Reason.SIGNATURE
    )
    origin = Origin(device_id, person_id, Reason.SIGNATURE)
    keep(session, act=act, origin=origin, kept=kept[: max(UNSIGNED_PER_DEVICE_MAX - waiting, 0)])


def list_waiting(session: Session, *, district_id: str, device_id: str, type_: str) -> list[Letter]:
    """List a device's operations of one type that wait for the office, by number."""
    wires = store.list_waiting_wires(
        session, district_id=district_id, device_id=device_id, type_=type_, limit=WAITING_MAX
    )
    return [open_letter(wire) for wire in wires]


def _row(act: Act, origin: Origin, letter: Letter, happened: Happened) -> dict[str, object]:
    return {
        "district_id": act.district_id,
        "id": act.new_id(),
        "reason": origin.reason,
        "state": State.WAITING,
        "device_id": origin.device_id,
        "person_id": origin.person_id,
        "n": letter.n,
        "operation_id": letter.id,
        "type": letter.type,
        "subject_id": letter.subject_id,
        "sha256": letter.sha256,
        "wire": letter.wire,
        "happened_at": happened.at,
        "error_s": happened.error_s,
        "clock_suspect": happened.suspect,
        "received_at": act.received_at,
        "decided_at": None,
        "decided_by": None,
        "why": None,
        "outcome": None,
        "code": None,
        "fields": {},
    }

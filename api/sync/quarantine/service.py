"""What the office does with the quarantine: look through it, let one in, or dismiss it.

Letting one in applies it as the act of the person who did it, when they did it, through the same
functions as a push, and once: an operation that the office has let in is a duplicate when it comes
again, and one that came by itself is not let in a second time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from api.acts import Act, Happened
from api.crews import service as crews
from api.errors import NotFound
from api.notices import service as notices
from api.sync import applying, inbox, words
from api.sync.models import Quarantined
from api.sync.quarantine import store
from api.tasks import service as tasks
from schemas import quarantine as shapes
from schemas import sync
from schemas.errors import Refused
from schemas.notices import NoticeKind
from schemas.quarantine import State

_LET_IN = frozenset({sync.Status.APPLIED, sync.Status.MERGED, sync.Status.DUPLICATE})


class QuarantineDecided(Refused):
    """Somebody has decided this already, or it came by itself. Look at it again; nothing to do."""

    code = "quarantine-decided"
    status = 409
    en = "This operation is not waiting any more: it is {state}."
    zh = "该记录已不在等待处理：当前状态为 {state}。"


def list_quarantined(
    session: Session,
    *,
    act: Act,
    chosen: store.Chosen,
    after: tuple[dt.datetime, str] | None,
    limit: int,
) -> list[shapes.QuarantineView]:
    """List a page of the quarantine, in the order in which it came in."""
    rows = store.page(session, district_id=act.district_id, chosen=chosen, after=after, limit=limit)
    return [_view(row, by_itself) for row, by_itself in rows]


def list_devices(
    session: Session, *, act: Act, after_id: str, limit: int
) -> list[shapes.QuarantinedDevice]:
    """List the devices with operations that wait for the office, by id."""
    rows = store.page_of_devices(
        session, district_id=act.district_id, after_id=after_id, limit=limit
    )
    return [
        shapes.QuarantinedDevice(
            device_id=row.device_id, person_id=row.person_id, waiting=row.waiting, since=row.since
        )
        for row in rows
    ]


def get_quarantined(session: Session, *, act: Act, quarantine_id: str) -> shapes.QuarantineView:
    """Get one operation in quarantine.

    Raises:
        NotFound: there is none with this id.
    """
    return _view(*_get(session, act=act, quarantine_id=quarantine_id))


def accept(session: Session, *, act: Act, quarantine_id: str) -> shapes.QuarantineView:
    """Let an operation in, as its person's act when it happened; again changes nothing.

    Raises:
        NotFound: there is none with this id.
        QuarantineDecided: it was dismissed, or it came by itself.
        Refused: it cannot be applied; it waits on.
    """
    row, by_itself = _hold(session, act=act, quarantine_id=quarantine_id)
    if row.state == State.ACCEPTED:
        return _view(row, by_itself)
    _require_waiting(row, by_itself)
    remark = _apply(session, act=act, row=row)
    status = sync.Status(remark.outcome) if remark else sync.Status.APPLIED
    if remark is not None and status not in _LET_IN:
        raise remark
    row.outcome = status
    row.code = remark.code if remark else sync.APPLIED_CODE
    row.fields = remark.fields if remark else {}
    _decide(session, act=act, row=row, state=State.ACCEPTED)
    return _view(row, by_itself)


def dismiss(session: Session, *, act: Act, quarantine_id: str, why: str) -> shapes.QuarantineView:
    """Leave an operation out for good, with the ground on record; again changes nothing.

    Raises:
        NotFound: there is none with this id.
        QuarantineDecided: it was accepted, or it came by itself.
        ReasonNotConcrete: the ground says nothing.
    """
    row, by_itself = _hold(session, act=act, quarantine_id=quarantine_id)
    if row.state == State.DISMISSED:
        return _view(row, by_itself)
    _require_waiting(row, by_itself)
    tasks.require_concrete(why)
    row.why = why
    _decide(session, act=act, row=row, state=State.DISMISSED)
    return _view(row, by_itself)


def list_about(
    session: Session, *, district_id: str, subject_id: str, limit: int
) -> Sequence[Quarantined]:
    """List what was kept out about an order, oldest first, whatever became of it."""
    return store.list_about(session, district_id=district_id, subject_id=subject_id, limit=limit)


def _get(session: Session, *, act: Act, quarantine_id: str) -> tuple[Quarantined, bool]:
    found = store.find(session, district_id=act.district_id, quarantine_id=quarantine_id)
    if found is None:
        raise NotFound(what="operation", id=quarantine_id)
    return found


def _hold(session: Session, *, act: Act, quarantine_id: str) -> tuple[Quarantined, bool]:
    store.lock(session, district_id=act.district_id, quarantine_id=quarantine_id)
    return _get(session, act=act, quarantine_id=quarantine_id)


def _require_waiting(row: Quarantined, by_itself: bool) -> None:  # noqa: FBT001 - a fact beside its row
    state = _state(row, by_itself)
    if state is not State.WAITING:
        raise QuarantineDecided(state=state)


def _apply(session: Session, *, act: Act, row: Quarantined) -> Refused | None:
    """Apply an operation as its person's; the same one let in under other bytes counts once."""
    if store.accepted_ids(session, district_id=row.district_id, ids=[row.operation_id]):
        raise QuarantineDecided(state=State.ACCEPTED)
    return applying.settle_late(
        session,
        act=act,
        letter=inbox.open_letter(row.wire),
        device_id=row.device_id,
        person_id=row.person_id,
        happened=Happened(row.happened_at, row.error_s, row.clock_suspect),
    )


def _decide(session: Session, *, act: Act, row: Quarantined, state: State) -> None:
    row.state = state
    row.decided_at, row.decided_by = act.received_at, act.principal.person_id
    crews.audit(
        session,
        act=act,
        what=f"quarantine.{state}",
        subject_id=row.id,
        detail={"operation_id": row.operation_id, "device_id": row.device_id, "code": row.code},
    )
    notices.tell(
        session,
        act=act,
        kind=NoticeKind.LATE_WORK_DECIDED,
        subject_id=row.subject_id,
        cause=f"quarantine:{row.id}",
        person_id=row.person_id,
    )


def _state(row: Quarantined, by_itself: bool) -> State:  # noqa: FBT001 - a fact beside its row
    state = State(row.state)
    return State.SETTLED if state is State.WAITING and by_itself else state


def _view(row: Quarantined, by_itself: bool) -> shapes.QuarantineView:  # noqa: FBT001 - as above
    return shapes.QuarantineView(
        id=row.id,
        reason=shapes.Reason(row.reason),
        state=_state(row, by_itself),
        device_id=row.device_id,
        person_id=row.person_id,
        n=row.n,
        operation_id=row.operation_id,
        type=row.type,
        subject_id=row.subject_id,
        happened_at=row.happened_at,
        error_s=row.error_s,
        clock_suspect=row.clock_suspect,
        received_at=row.received_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        why=row.why,
        outcome=_outcome(row),
        operation=inbox.readable(row.wire),
    )


def _outcome(row: Quarantined) -> sync.Outcome | None:
    if row.outcome is None or row.code is None:
        return None
    return sync.Outcome(
        n=row.n,
        id=row.operation_id,
        status=sync.Status(row.outcome),
        code=row.code,
        detail=words.of(row.code, row.fields),
        fields=row.fields,
    )

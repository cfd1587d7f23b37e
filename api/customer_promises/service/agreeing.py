"""How a promise is agreed anew: before it is due, with the customer's consent, never after."""

from __future__ import annotations

from typing import Final

import msgspec
import structlog
from sqlalchemy.orm import Session

from api import errors
from api.acts import Act
from api.crews import service as crews
from api.customer_promises import store
from api.customer_promises.models import CustomerPromise
from api.customer_promises.service import browsing, giving
from api.promises import service as promises
from api.promises.models import Clock
from api.reasons import require_concrete
from api.tasks import service as tasks
from api.tasks.models import Task
from schemas import customer_promises as shapes
from schemas.base import rfc3339
from schemas.errors import Refused
from schemas.promises import Cause
from schemas.rules import windows

REAGREE: Final = "reagree"
"""The moment of an order's timeline."""
_log = structlog.get_logger()


class PromiseOver(Refused):
    """The promise was due already; no consent undoes that. Give a new one."""

    code = "promise-over"
    status = 409
    en = "The promise was due at {due_at}; it can be agreed anew only before that."
    zh = "该承诺已于 {due_at} 到期；重新约定必须在到期之前取得客户同意。"


class PromiseSettled(Refused):
    """What was promised has happened, or was taken back. Look at it; give a new one if need be."""

    code = "promise-settled"
    status = 409
    en = "The promise ended at {at} already; there is nothing left to agree on."
    zh = "该承诺已于 {at} 结束，无需重新约定。"


class AgreedMeanwhile(Refused):
    """Somebody agreed on another window after you did. Yours is kept; theirs holds."""

    code = "agreed-meanwhile"
    status = 409
    outcome = "merged"
    en = "Another window, until {due_at}, was agreed after yours; that one holds."
    zh = "在您之后又与客户约定了新的时段（至 {due_at}）；以后者为准，您的约定已留存。"


class WaitsForPromise(Refused):
    """The promise that this agrees on anew has not arrived yet.

    The record is kept and tried again for some weeks. Nothing to do; if it goes on, ask the office.
    """

    code = "waits-for-promise"
    status = 404
    outcome = "held"
    en = "The office does not know promise {id} yet; the record is kept and tried again."
    zh = "调度室尚无承诺 {id}；该记录已暂存，系统将自动重试。"


def reagree(
    session: Session, *, act: Act, subject_id: str, body: shapes.PromiseReagreed
) -> Refused | None:
    """Keep what the crew agreed on anew with the customer, as of when they consented.

    Raises:
        WaitsForOrder: it never was theirs, as far as is known (at a door: NotFound).
        WaitsForPromise: the order has no such promise yet (at a door: NotFound).
        ReasonNotConcrete: the reason says nothing.
        WindowFaulty: nobody can be promised such a window.
        PromiseOver: it was due already when the customer consented.
        PromiseSettled: it had been kept or taken back by then.
    """
    task = tasks.get_for_field(session, act=act, task_id=subject_id)
    promise = store.lock_promise(session, district_id=act.district_id, promise_id=body.promise_id)
    if promise is None or promise.task_id != task.id:
        if act.operation_id is None:
            raise browsing.not_found(body.promise_id)
        raise WaitsForPromise(id=body.promise_id)
    return _agree(session, act, promise, task, body)


def agree(
    session: Session,
    *,
    act: Act,
    promise_id: str,
    body: shapes.AgreedAnew,
    crew_id: str | None = None,
) -> shapes.CustomerPromise:
    """Agree on another window at the office's desk.

    Without an order, `crew_id` is the crew that will come; None leaves it as it was.

    Raises:
        NotFound: there is no such promise.
        ReasonNotConcrete: the reason says nothing.
        WindowFaulty: nobody can be promised such a window.
        PromiseOver: it was due already.
        PromiseSettled: it was kept or taken back.
    """
    promise, task = lock(session, act=act, promise_id=promise_id)
    remark = _agree(session, act, promise, task, body, crew_id=crew_id)
    if remark is not None:
        raise remark
    crews.audit(
        session,
        act=act,
        what="customer_promise.agreed_anew",
        subject_id=promise.id,
        detail={"task_id": promise.task_id, "consent_by": body.consent.name},
    )
    return browsing.view(session, promise)


def lock(session: Session, *, act: Act, promise_id: str) -> tuple[CustomerPromise, Task | None]:
    """Find a promise and its order for the office to change; the order is locked first.

    Raises:
        NotFound: there is no such promise for this principal.
        Busy: it was tied to an order at this very moment.
    """
    found = store.find_promise(session, district_id=act.district_id, promise_id=promise_id)
    if found is None:
        raise browsing.not_found(promise_id)
    known_id, task = found.task_id, None
    if known_id is not None:
        task = tasks.get_to_change(session, act=act._replace(based_on=None), task_id=known_id)
    promise = store.lock_promise(session, district_id=act.district_id, promise_id=promise_id)
    assert promise is not None, "a promise is never deleted"
    if promise.task_id != known_id:
        raise errors.Busy(retry_after_s=1)
    return promise, task


def holding(session: Session, *, act: Act, promise: CustomerPromise) -> Clock:
    """Give the clock of the window that holds now."""
    return promises.list_windows(
        session, act=act, subject_id=promise.task_id or promise.id, promise_id=promise.id
    )[-1]


def require_open(act: Act, clock: Clock) -> None:
    """Let a window pass that still holds.

    Raises:
        PromiseOver: it was due already.
        PromiseSettled: it was kept or taken back.
    """
    ended_at = min(filter(None, (clock.stopped_at, clock.voided_at)), default=None)
    match windows.hindrance(act.happened.at, due_at=clock.due_at, ended_at=ended_at):
        case windows.Hindrance.after_due:
            raise PromiseOver(due_at=rfc3339(clock.due_at))
        case windows.Hindrance.settled:
            assert ended_at is not None, "only what has ended is settled"
            raise PromiseSettled(at=rfc3339(ended_at))
        case None:
            return


def _agree(
    session: Session,
    act: Act,
    promise: CustomerPromise,
    task: Task | None,
    body: shapes.AgreedAnew,
    *,
    crew_id: str | None = None,
) -> Refused | None:
    """Put another window in the place of the one that holds, if that may be."""
    require_concrete(body.why)
    giving.require_window(act, from_at=body.from_at, due_at=body.due_at)
    known = store.list_windows(session, district_id=act.district_id, promise_ids=[promise.id])
    number = known[-1].number + 1
    remark = None
    if max(window.at for window in known) > act.happened.at:
        remark = AgreedMeanwhile(due_at=rfc3339(promise.due_at))
        window_id = act.operation_id or act.new_id()
        giving.write_window(
            session,
            act=act,
            promise=promise,
            window_id=window_id,
            number=number,
            clock_id=None,
            body=body,
        )
    else:
        clock = holding(session, act=act, promise=promise)
        require_open(act, clock)
        told = f"{body.consent.name}: {body.words}"
        promises.take_back(session, act=act, clock=clock, cause=Cause.reagreed, remark=told)
        coming = crew_id or clock.crew_id
        giving.open_window(
            session, act=act, promise=promise, task=task, number=number, body=body, crew_id=coming
        )
    if task is not None:
        _note(session, act, task, body, remark)
    _log.info("customer_promise.agreed", promise_id=promise.id, overtaken=remark is not None)
    return remark


def _note(
    session: Session, act: Act, task: Task, body: shapes.AgreedAnew, remark: Refused | None
) -> None:
    """Write an agreement on its order's timeline."""
    detail = msgspec.to_builtins(body)
    why = remark.code.replace("-", "_") if remark else ""
    tasks.write(session, act=act, task=task, event=REAGREE, detail=detail, remark=why)

"""How a promise is given: at the customer's door on a phone, or by the office."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType
from typing import Final

import msgspec
import structlog
from sqlalchemy.orm import Session

from api import db
from api.acts import Act, Happened
from api.crews import service as crews
from api.customer_promises.models import CustomerPromise, PromiseWindow
from api.customer_promises.service import browsing
from api.promises import service as promises
from api.sites import service as sites
from api.tasks import service as tasks
from api.tasks.models import Task
from schemas import customer_promises as shapes
from schemas import tasks as task_shapes
from schemas.errors import Refused
from schemas.rules import geofence, transitions, windows

PROMISE: Final = "promise"
"""The moment of an order's timeline."""
_log = structlog.get_logger()
_HEARD_MAX: Final = 1_000
_PROVE: Final = frozenset(map(str, windows.Aim))
_DONE: Final = frozenset(
    {
        transitions.State.finished,
        transitions.State.called_back,
        transitions.State.archived,
        transitions.State.cancelled,
    }
)
_FAULT_EN: Final = MappingProxyType(
    {
        windows.Fault.over: "it is over already",
        windows.Fault.backwards: "it ends before it begins",
        windows.Fault.too_far: f"it is more than {windows.AHEAD_DAYS_MAX} days ahead",
    }
)
_FAULT_ZH: Final = MappingProxyType(
    {
        windows.Fault.over: "时段已过",
        windows.Fault.backwards: "结束时间早于开始时间",
        windows.Fault.too_far: f"超过 {windows.AHEAD_DAYS_MAX} 天",
    }
)


class WindowFaulty(Refused):
    """Nobody can be promised such a window. Mend its times."""

    code = "window-faulty"
    status = 422
    en = "This window cannot be promised: {fault}."
    zh = "不能承诺该时段：{fault_zh}。"


class OrderDone(Refused):
    """The order is done or called off, so nobody comes for it again. Reopen it first."""

    code = "order-done"
    status = 409
    en = "The order is {state}; reopen it before you promise anything on it."
    zh = "工单{state_zh}；请先重开工单，再向客户承诺。"


def make(
    session: Session, *, act: Act, subject_id: str, body: shapes.PromiseMade
) -> Refused | None:
    """Keep what the crew promised the customer on an order, whoever holds it by now.

    Raises:
        WaitsForOrder: it never was theirs, as far as is known (at a door: NotFound).
        WindowFaulty: nobody can be promised such a window.
        OrderDone: the order had ended before the word was given.
    """
    task = tasks.get_for_field(session, act=act, task_id=subject_id)
    _give(session, act=act, task=task, service_point_id=task.service_point_id, body=body)
    return None


def give(
    session: Session, *, act: Act, draft: shapes.PromiseDraft, crew_id: str | None = None
) -> shapes.CustomerPromise:
    """Give a promise at the office's desk, on an order or before there is one.

    Without an order, `crew_id` is the crew that will come.

    Raises:
        NotFound: there is no such order, or no such service point.
        WindowFaulty: nobody can be promised such a window.
        OrderDone: the order has ended.
    """
    task = None
    if draft.task_id is not None:
        task = tasks.get_to_change(session, act=act, task_id=draft.task_id)
    point_id = draft.service_point_id or (task.service_point_id if task else None)
    if draft.service_point_id is not None:
        sites.get_service_point(
            session, district_id=act.district_id, service_point_id=draft.service_point_id
        )
    promise = _give(
        session, act=act, task=task, service_point_id=point_id, body=draft, crew_id=crew_id
    )
    crews.audit(
        session,
        act=act,
        what="customer_promise.given",
        subject_id=promise.id,
        detail={"task_id": draft.task_id},
    )
    return browsing.view(session, promise)


def open_window(
    session: Session,
    *,
    act: Act,
    promise: CustomerPromise,
    task: Task | None,
    number: int,
    body: shapes.PromiseMade | shapes.AgreedAnew,
    crew_id: str | None,
) -> None:
    """Let a window of a promise hold from the act on; what was heard before may keep it.

    Without an order, `crew_id` is the crew that will come.
    """
    promise.due_at = body.due_at
    window_id = promise.id if number == 1 else act.operation_id or act.new_id()
    clock = promises.give(
        session,
        act=act,
        window=promises.Window(
            id=window_id,
            promise_id=promise.id,
            subject_id=task.id if task else promise.id,
            opened_at=(task.reopened_at or task.opened_at) if task else act.happened.at,
            crew_id=task.crew_id if task else crew_id,
            person_id=task.person_id if task else None,
            aim=windows.Aim(promise.aim),
            from_at=body.from_at,
            due_at=body.due_at,
            words=body.words,
        ),
    )
    if task is not None:
        _prove_heard(session, act, task, promise)
        tasks.show_clocks(session, act=act, task=task)
    write_window(
        session,
        act=act,
        promise=promise,
        window_id=window_id,
        number=number,
        clock_id=clock.id,
        body=body,
    )


def write_window(
    session: Session,
    *,
    act: Act,
    promise: CustomerPromise,
    window_id: str,
    number: int,
    clock_id: str | None,
    body: shapes.PromiseMade | shapes.AgreedAnew,
) -> None:
    """Keep a window as it was agreed; without a clock it never came to hold."""
    row = {
        "district_id": promise.district_id,
        "id": window_id,
        "promise_id": promise.id,
        "number": number,
        "from_at": body.from_at,
        "due_at": body.due_at,
        "words": body.words,
        "channel": str(body.channel),
        "by": act.principal.person_id,
        "at": act.happened.at,
        "received_at": act.received_at,
        "consent": msgspec.to_builtins(body.consent),
        "why": body.why if isinstance(body, shapes.AgreedAnew) else "",
        "clock_id": clock_id,
    }
    db.append(session, PromiseWindow, row)


def require_window(act: Act, *, from_at: dt.datetime | None, due_at: dt.datetime) -> None:
    """Let a window pass that somebody can be promised.

    Raises:
        WindowFaulty: nobody can.
    """
    fault = windows.fault(act.happened.at, from_at=from_at, due_at=due_at)
    if fault is not None:
        raise WindowFaulty(fault=_FAULT_EN[fault], fault_zh=_FAULT_ZH[fault])


def _give(
    session: Session,
    *,
    act: Act,
    task: Task | None,
    service_point_id: str | None,
    body: shapes.PromiseMade,
    crew_id: str | None = None,
) -> CustomerPromise:
    require_window(act, from_at=body.from_at, due_at=body.due_at)
    if task is not None:
        _require_open(act, task)
    promise = CustomerPromise(
        district_id=act.district_id,
        id=act.operation_id or act.new_id(),
        task_id=task.id if task else None,
        service_point_id=service_point_id,
        customer=body.customer,
        contact=body.contact,
        aim=str(body.aim),
        given_by=act.principal.person_id,
        given_at=act.happened.at,
        received_at=act.received_at,
        due_at=body.due_at,
    )
    session.flush()  # an order that this unit of work has just opened stands before its promise
    session.add(promise)
    open_window(session, act=act, promise=promise, task=task, number=1, body=body, crew_id=crew_id)
    if task is not None:
        detail = msgspec.to_builtins(body)
        tasks.write(
            session, act=act, task=task, event=PROMISE, detail={"promise_id": promise.id, **detail}
        )
    _log.info("customer_promise.given", promise_id=promise.id, task_id=promise.task_id)
    return promise


def _require_open(act: Act, task: Task) -> None:
    """Let an order pass that somebody still comes for, or did when the word was given."""
    state = transitions.State(task.state)
    if state in _DONE and task.state_at <= act.happened.at:
        raise OrderDone(state=state, state_zh=task_shapes.STATE_ZH[state])


def _prove_heard(session: Session, act: Act, task: Task, promise: CustomerPromise) -> None:
    """Let what was heard before the word was keep it: phones speak in any order."""
    clock = promises.list_windows(session, act=act, subject_id=task.id, promise_id=promise.id)[-1]
    for moment in tasks.list_moments(
        session, district_id=task.district_id, task_id=task.id, after_number=0, limit=_HEARD_MAX
    ):
        outside = moment.detail.get("verdict") == geofence.VerdictKind.outside
        if moment.event not in _PROVE or outside:
            continue
        then = Happened(moment.happened_at, moment.error_s, moment.clock_suspect)
        told = act._replace(happened=then, received_at=moment.received_at)
        promises.prove_given(session, act=told, clock=clock, event=moment.event)

"""What customers hear of their promises by text message, and how that comes onto the record.

A promise that was made, moved or called off is told with its cause. A promise in danger is told as
soon as it is seen; when the gateway has taken the message, or somebody of the office has called,
"told before due" is on record with the notice that did it.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from api import db
from api.acts import Act, Happened
from api.customer_notices import service as customer_notices
from api.customer_notices.models import CustomerNotice
from api.customer_notices.service import Event, Window
from api.customer_promises import store
from api.customer_promises.models import CustomerPromise, Telling
from api.promises import service as promises
from api.promises.models import Clock
from api.tasks import service as tasks
from api.tasks.models import Task
from schemas import customer_promises as shapes
from schemas.customer_notices import EVERY, CustomerNoticeKind
from schemas.errors import Words
from schemas.rules.windows import Aim

_AIMS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        Aim.arrive: Words(en="our arrival", zh="到达现场时间"),
        Aim.restore: Words(en="power back on", zh="恢复供电时间"),
        Aim.finish: Words(en="the end of the work", zh="完工时间"),
    }
)


def agreed(
    session: Session,
    *,
    act: Act,
    promise: CustomerPromise,
    task: Task | None,
    body: shapes.PromiseMade | shapes.AgreedAnew,
    kind: CustomerNoticeKind,
) -> None:
    """Tell the customer which window holds from now on, unless it has been kept already."""
    clock = promises.list_windows(
        session, act=act, subject_id=task.id if task else promise.id, promise_id=promise.id
    )[-1]
    if clock.stopped_at is not None or clock.voided_at is not None:
        return
    event = _event(act, promise, clock, kind)
    words = {**event.facts, "words": body.words}
    contact = event.contact or (task.contact if task else "")
    customer_notices.tell(
        session, act=act, event=dataclasses.replace(event, contact=contact, facts=words)
    )


def withdrawn(
    session: Session,
    *,
    act: Act,
    promise: CustomerPromise,
    clock: Clock,
    kind: CustomerNoticeKind | None,
) -> None:
    """Tell nothing more of a promise that was taken back but that it was, if that."""
    customer_notices.end(session, act=act, about=promise.id, kinds=EVERY)
    if kind is not None:
        event = _event(act, promise, clock, kind)
        customer_notices.tell(session, act=act, event=event)


def known(session: Session, *, act: Act, promise: CustomerPromise) -> None:
    """Tell no more of a danger that the office has told the customer of."""
    at_risk = {CustomerNoticeKind.PROMISE_AT_RISK}
    customer_notices.end(session, act=act, about=promise.id, kinds=at_risk)


def inform_due(session: Session, *, act: Act, gateway: bool, limit: int) -> Counter[str]:
    """Tell customers of promises in danger, and bring on whatever customers are to be told.

    Args:
        session: the unit of work.
        act: the job's act; the present is its instant.
        gateway: whether this server has a gateway.
        limit: how many clocks, and how many notices, at most.

    Returns:
        How many promises were `at_risk`, and how many notices came to stand how.
    """
    counts: Counter[str] = Counter()
    if seen := promises.lock_to_tell(session, act=act, limit=limit):
        counts["at_risk"] = _tell_of_danger(session, act, seen)
    above = customer_notices.Above(
        holds=functools.partial(_holds, session, act), told=functools.partial(_told, session, act)
    )
    counts += customer_notices.advance(session, act=act, gateway=gateway, above=above, limit=limit)
    return counts


def _tell_of_danger(session: Session, act: Act, seen: Sequence[Clock]) -> int:
    """Tell the customers of clocks that cannot be met as things stand."""
    within = {"district_id": act.district_id}
    promised = {
        row.id: row
        for row in store.list_by_ids(
            session, **within, ids=[clock.promise_id for clock in seen if clock.promise_id]
        )
    }
    contacts = tasks.contacts_of(session, **within, ids=[clock.subject_id for clock in seen])
    told = 0
    for clock in seen:
        if not promises.is_at_risk(clock, act=act):
            continue
        told += 1
        kind, promise = CustomerNoticeKind.PROMISE_AT_RISK, promised.get(clock.promise_id or "")
        event = _event(act, promise, clock, kind) if promise else _of_order(act, clock, kind)
        event = dataclasses.replace(
            event,
            contact=event.contact or contacts.get(clock.subject_id, ""),
            clock_id=clock.id,
            facts={**event.facts, "what": _what(clock)},
        )
        customer_notices.tell(session, act=act, event=event)
    return told


def _event(act: Act, promise: CustomerPromise, clock: Clock, kind: CustomerNoticeKind) -> Event:
    """Make an event of the window of a promise that a clock runs on."""
    return Event(
        kind=kind,
        cause=f"{kind}:{clock.row_id}",
        subject_id=promise.id,
        task_id=promise.task_id,
        promise_id=promise.id,
        at=act.happened.at,
        contact=promise.contact,
        customer=promise.customer,
        until=clock.due_at,
        facts={"window": Window(clock.from_at, clock.due_at)},
    )


def _of_order(act: Act, clock: Clock, kind: CustomerNoticeKind) -> Event:
    """Make an event of a promise that a policy set gives to the customer of every order."""
    return Event(
        kind=kind,
        cause=f"{kind}:{clock.id}",
        subject_id=clock.subject_id,
        task_id=clock.subject_id,
        at=act.happened.at,
        contact="",
        until=clock.due_at,
        facts={"window": Window(None, clock.due_at)},
    )


def _what(clock: Clock) -> Words:
    """Name what is in danger, as a customer knows it."""
    known = _AIMS.get(clock.stop_event)
    return known or promises.kind_words(clock.policy, clock.kind)


def _holds(session: Session, act: Act, row: CustomerNotice) -> bool:
    """Tell whether what a notice says of a promise's danger still is so; anything else is."""
    if row.clock_id is None:
        return True
    return promises.needs_telling(session, act=act, clock_id=row.clock_id)


def _told(session: Session, act: Act, row: CustomerNotice) -> bool:
    """Write down that a customer knows of a danger, by which notice; later if it cannot be now."""
    assert row.clock_id is not None, "only what is in danger is written down"
    assert row.told_at is not None, "it has been told"
    clock = promises.lock_clock_if_free(session, act=act, clock_id=row.clock_id)
    if clock is None:
        return False
    within = {"district_id": row.district_id}
    if row.promise_id and not store.hold_if_free(session, **within, promise_id=row.promise_id):
        return False
    by = dataclasses.replace(act.principal, person_id=row.told_by or act.principal.person_id)
    then = act._replace(principal=by, happened=Happened(row.told_at))
    promises.notice(session, act=then, clock=clock, remark=row.words)
    if row.promise_id is not None:
        told = {
            "district_id": row.district_id,
            "id": act.new_id(),
            "promise_id": row.promise_id,
            "at": row.told_at,
            "received_at": act.received_at,
            "by": by.person_id,
            "customer": row.customer,
            "channel": row.channel or str(shapes.ContactWay.MESSAGE),
            "words": row.words,
            "before_due": row.told_at <= clock.due_at,
            "notice_id": row.id,
        }
        db.append(session, Telling, told)
    return True

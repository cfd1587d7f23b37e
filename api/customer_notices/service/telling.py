"""Telling a customer: a notice is written with its cause, and waits until its time has come.

It ends what it makes pointless of the same order, promise or request: who hears that the light is
back is not told any more that somebody is on the way.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.customer_notices import store
from api.customer_notices.models import CustomerNotice
from api.customer_notices.service import words
from api.notices import service as notices
from api.promises import service as promises
from schemas.customer_notices import (
    OVERTAKES,
    CustomerNoticeKind,
    CustomerNoticeState,
    CustomerNoticeWhy,
    PolicyCustomerNotices,
    Urgency,
    Wording,
)
from schemas.rules import phone_numbers, quiet_hours, sms

_NOTHING: Final[Mapping[str, words.Fact]] = MappingProxyType({})
_UNTOUCHED: Final[Mapping[str, object]] = MappingProxyType(
    {
        "remark": "",
        "notice_id": None,
        "round": 0,
        "receiver": "",
        "handed_at": None,
        "out_until": None,
        "told_at": None,
        "told_by": "",
        "channel": None,
    }
)
"""What a notice has to which nothing has happened yet."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that a customer may be told of.

    `cause` names it, so that it is told once; `subject_id` is the order, promise or request that it
    is about. It happened `at`; it is told from `go_at` on, and is of no use from `until` on.
    `facts` fill the places of its wording.
    """

    kind: CustomerNoticeKind
    cause: str
    subject_id: str
    at: dt.datetime
    contact: str
    customer: str = ""
    task_id: str | None = None
    promise_id: str | None = None
    clock_id: str | None = None
    go_at: dt.datetime | None = None
    until: dt.datetime | None = None
    facts: Mapping[str, words.Fact] = dataclasses.field(default_factory=lambda: _NOTHING)


def tells(session: Session, *, act: Act, kind: CustomerNoticeKind) -> bool:
    """Tell whether the district's policy set has customers told of a kind of event."""
    policy = promises.customer_notices(session, district_id=act.district_id, at=act.received_at)
    return policy is not None and kind in policy.notices


def tell(session: Session, *, act: Act, event: Event) -> None:
    """Have a customer told of an event, if the district's policy set has such events told.

    Of one cause a customer is told once, however often it is heard. Nobody known is nobody told.
    """
    policy = promises.customer_notices(session, district_id=act.district_id, at=act.received_at)
    if policy is None:
        return
    if overtaken := OVERTAKES.get(event.kind):
        end(session, act=act, about=event.subject_id, kinds=overtaken, but=event.cause)
    worded = policy.notices.get(event.kind)
    if worded is None or not (event.contact.strip() or event.customer):
        return
    row = _row(session, act, event, policy, worded)
    store.add(session, row)


def tell_all_on(session: Session, *, act: Act, event: Event) -> None:
    """Tell an order's customer, and whoever else was told anything about the order, of its end."""
    if promises.customer_notices(session, district_id=act.district_id, at=act.received_at) is None:
        return
    others = {row.who: row for row in _others_on(session, act, event)}
    tell(session, act=act, event=event)
    for row in others.values():
        theirs = dataclasses.replace(event, contact=row.contact, customer=row.customer)
        tell(session, act=act, event=theirs)


def end(
    session: Session, *, act: Act, about: str, kinds: Collection[CustomerNoticeKind], but: str = ""
) -> None:
    """End what need not be told any more about an order, a promise or a request.

    Args:
        session: the unit of work.
        act: what made it pointless.
        about: whose id.
        kinds: of which kinds.
        but: a cause that is not ended.
    """
    policy = promises.customer_notices(session, district_id=act.district_id, at=act.received_at)
    if policy is None:
        return
    for row in store.lock_open(
        session, district_id=act.district_id, about=about, kinds=sorted(map(str, kinds))
    ):
        if row.cause != but:
            drop(session, act=act, row=row, why=CustomerNoticeWhy.OVERTAKEN)


def attach(session: Session, *, act: Act, promise_id: str, task_id: str) -> None:
    """Let what was told about a promise belong to its order as well."""
    store.attach(session, district_id=act.district_id, promise_id=promise_id, task_id=task_id)


def drop(session: Session, *, act: Act, row: CustomerNotice, why: CustomerNoticeWhy) -> bool:
    """Let a notice go unsent; what the gateway has taken already stays sent, and False says so."""
    lies_outside = row.state == CustomerNoticeState.HANDED and row.notice_id is not None
    if lies_outside and not notices.withdraw(
        session, act=act, notice_id=row.notice_id or "", why=f"{why}"
    ):
        return False
    row.state, row.why, row.next_at = str(CustomerNoticeState.DROPPED), str(why), None
    return True


def quiet_of(session: Session, policy: PolicyCustomerNotices, *, act: Act) -> quiet_hours.Quiet:
    """Give the quiet hours of a district."""
    return quiet_hours.Quiet(
        dt.time.fromisoformat(policy.quiet_from),
        dt.time.fromisoformat(policy.quiet_until),
        promises.zone(session, district_id=act.district_id),
    )


def _others_on(session: Session, act: Act, event: Event) -> Iterator[CustomerNotice]:
    """Name the other customers who were told of an order."""
    if event.task_id is None:
        return
    for row in store.list_of_task(session, district_id=act.district_id, task_id=event.task_id):
        if row.contact != event.contact:
            yield row


def _row(
    session: Session,
    act: Act,
    event: Event,
    policy: PolicyCustomerNotices,
    worded: Wording,
) -> dict[str, object]:
    """Write a notice in words, and say when it is told."""
    quiet = quiet_of(session, policy, act=act)
    text = words.write(
        worded,
        {"at": event.at, **event.facts},
        policy=policy,
        subject_id=event.subject_id,
        zone=quiet.zone,
    )
    number = phone_numbers.reachable(event.contact, _home(policy)) or ""
    return {
        **_UNTOUCHED,
        "district_id": act.district_id,
        "id": act.new_id(),
        "kind": str(event.kind),
        "cause": event.cause,
        "who": number or event.contact.strip() or event.customer,
        "customer": event.customer,
        "contact": event.contact,
        "number": number,
        "subject_id": event.subject_id,
        "task_id": event.task_id,
        "promise_id": event.promise_id,
        "clock_id": event.clock_id,
        "words": text,
        "parts": sms.length(text).parts,
        "made_at": act.received_at,
        **_standing(act, event, worded, quiet, number=number),
    }


def _standing(
    act: Act, event: Event, worded: Wording, quiet: quiet_hours.Quiet, *, number: str
) -> dict[str, object]:
    """Say when a new notice is told, until when it is of use, and how it stands till then."""
    earliest = max(event.go_at or act.received_at, act.received_at)
    use_until = (event.go_at or event.at) + dt.timedelta(minutes=worded.of_use_min)
    if event.until is not None:
        use_until = min(use_until, event.until)
    waking = quiet_hours.ends_at(quiet, earliest)
    urgent = _is_urgent(event, worded, waking)
    next_at: dt.datetime | None = earliest if waking is None or urgent else waking
    state, why = CustomerNoticeState.WAITING, None
    assert next_at is not None, "quiet hours end"
    if use_until <= next_at:
        state, why, next_at = CustomerNoticeState.DROPPED, CustomerNoticeWhy.TOO_LATE, None
    elif next_at > earliest:
        why = CustomerNoticeWhy.QUIET_HOURS
    elif next_at > act.received_at:
        why = CustomerNoticeWhy.NOT_YET
    elif not number:
        state, why = CustomerNoticeState.BY_TELEPHONE, CustomerNoticeWhy.NO_NUMBER
    return {
        "state": str(state),
        "why": str(why) if why else None,
        "next_at": next_at,
        "use_until": use_until,
        "urgent": urgent,
    }


def _is_urgent(event: Event, worded: Wording, waking: dt.datetime | None) -> bool:
    """Tell whether an event breaks into the quiet hours that end at `waking`."""
    match worded.urgency:
        case Urgency.ALWAYS:
            return True
        case Urgency.IF_DUE:
            return waking is not None and event.until is not None and event.until <= waking
        case Urgency.NEVER:
            return False


def _home(policy: PolicyCustomerNotices) -> phone_numbers.Home:
    mobile = policy.mobile
    return phone_numbers.Home(mobile.code, re.compile(mobile.pattern), mobile.trunk)

"""What the customer of an order is told: that it is taken, that a crew comes, that it is over.

A customer hears of trouble, not of meters that are read: routes tell nobody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.customer_notices import service as customer_notices
from api.customer_notices.service import Event, Fact
from api.promises import service as promises
from api.tasks.models import Task
from api.tasks.service import foreseeing
from schemas.customer_notices import EVERY, CustomerNoticeKind
from schemas.rules import outlook, transitions
from schemas.rules.windows import Aim

_ENDS: Final[Mapping[transitions.Event, frozenset[CustomerNoticeKind]]] = MappingProxyType(
    {
        transitions.Event.arrive: frozenset(
            {CustomerNoticeKind.REPORT_TAKEN, CustomerNoticeKind.ON_THE_WAY}
        ),
        transitions.Event.return_: frozenset({CustomerNoticeKind.ON_THE_WAY}),
        transitions.Event.suspend: frozenset({CustomerNoticeKind.ON_THE_WAY}),
        transitions.Event.reassign: frozenset({CustomerNoticeKind.ON_THE_WAY}),
        transitions.Event.reopen: frozenset({CustomerNoticeKind.RESTORED}),
        transitions.Event.cancel: EVERY,
    }
)
"""What a move of an order makes pointless to tell."""


def report_taken(session: Session, *, act: Act, task: Task) -> None:
    """Tell a customer that their report is taken, and by when somebody comes."""
    due_at = _due_at(task, Aim.arrive)
    event = _event(act, task, CustomerNoticeKind.REPORT_TAKEN, {"due": due_at} if due_at else {})
    customer_notices.tell(session, act=act, event=event)


def moved(session: Session, *, act: Act, task: Task, event: transitions.Event) -> None:
    """Tell the customers of an order what a move of it means to them."""
    if task.kind != transitions.Kind.repair:
        return
    if pointless := _ENDS.get(event):
        customer_notices.end(session, act=act, about=task.id, kinds=pointless)
    match event:
        case transitions.Event.set_out:
            kind = CustomerNoticeKind.ON_THE_WAY
            if customer_notices.tells(session, act=act, kind=kind):
                told = _event(act, task, kind, _expected(session, act, task))
                customer_notices.tell(session, act=act, event=told)
        case transitions.Event.restore:
            restored = _event(act, task, CustomerNoticeKind.RESTORED, {})
            customer_notices.tell_all_on(session, act=act, event=restored)
        case _:
            pass


def _event(act: Act, task: Task, kind: CustomerNoticeKind, facts: Mapping[str, Fact]) -> Event:
    """Make an event of an order's present turn."""
    turn = f"@{task.reopened_at:%Y%m%dT%H%M%S}" if task.reopened_at else ""
    return Event(
        kind=kind,
        cause=f"{kind}:{task.id}{turn}",
        subject_id=task.id,
        task_id=task.id,
        at=act.happened.at,
        contact=task.contact,
        facts=facts,
    )


def _expected(session: Session, act: Act, task: Task) -> dict[str, Fact]:
    """Say when the crew can be there: by its way, else by the promise, else not at all."""
    now = act.happened.at
    there = foreseeing.place_of(task)
    here = None
    if task.crew_id is not None and there is not None:
        found = crews.places_of(session, district_id=act.district_id, crew_ids=[task.crew_id])
        here = found.get(task.crew_id)
    if here is not None:
        policy = promises.pace(session, district_id=act.district_id, at=now)
        pace = outlook.Pace(policy.detour_factor, policy.speed_kmh)
        way = outlook.foresee(now, outlook.Place(*here), [outlook.Errand(there, 0)], pace)
        return {"expected": _whole_minute(next(iter(way)).arrives_at)}
    due_at = _due_at(task, Aim.arrive)
    return {"expected": due_at} if due_at is not None and due_at > now else {}


def _whole_minute(at: dt.datetime) -> dt.datetime:
    """Round up to what a clock on a wall shows."""
    cut = at.replace(second=0, microsecond=0)
    return cut if cut == at else cut + dt.timedelta(minutes=1)


def _due_at(task: Task, kind: str) -> dt.datetime | None:
    """Find when a promise of the policy set is due on an order."""
    return next(
        (
            clock.due_at
            for clock in task.task_clocks
            if clock.kind == kind and clock.promise is None and clock.stopped_at is None
        ),
        None,
    )

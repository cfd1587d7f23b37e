"""When time alone may give a job something to do: what lets a month leap over idle minutes.

The answer for a job is the earliest instant, from now on, at which a run of it may find something:
for its own sake, or to take over a run that died.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from sqlalchemy import and_, bindparam, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from api import columns
from api.notices.models import Notice
from api.promises.models import Clock
from api.scheduler import catalogue, ledger, slots
from api.scheduler.models import JobRun
from api.supervision.models import Case
from api.tasks import jobs as tasks
from api.tasks.models import Task
from schemas.jobs import RunState
from schemas.notices import NoticeState
from schemas.rules import clocks, windows

_TICK: Final = dt.timedelta(microseconds=1)
_DONE: Final = str(RunState.done)
_ROAD: Final = catalogue.BY_NAME["foresee_late"].schedule
LIVED: Final = (
    "flag_overdue",
    "climb_supervision",
    "foresee_late",
    "issue_reports",
    "send_notices",
)
"""The jobs of the month."""


def waits(
    session: Session, names: Sequence[str], *, now: dt.datetime, zone: str
) -> dict[str, dt.datetime]:
    """Tell of some jobs when each is next worth running, if it ever is."""
    ran = {job: (slot, lease) for job, slot, lease in session.execute(_RUNS)}
    found: dict[str, dt.datetime | None] = {
        "flag_overdue": session.scalar(_CLOCKS),
        "climb_supervision": session.scalar(_CASES),
        "foresee_late": _on_the_road(session, now, zone),
        "send_notices": session.scalar(_NOTICES),
    }
    for name in names:
        schedule = catalogue.BY_NAME[name].schedule
        if not isinstance(schedule, slots.Daily):
            continue
        slot, last = schedule.slot(now, zone), ran.get(name, ("", None))[0]
        found[name] = now if slot is not None and slot > last else schedule.next_at(now, zone)
    leases = {name: lease for name, (_, lease) in ran.items() if lease is not None}
    return {
        name: min(filter(None, (found[name], leases.get(name))))
        for name in names
        if found[name] is not None or name in leases
    }


def _on_the_road(session: Session, now: dt.datetime, zone: str) -> dt.datetime | None:
    """Look every five minutes while a crew is awaited with an order before long.

    A promise without one is never seen to be late by itself: only orders come before it.
    """
    due_at = session.scalar(_AWAITED, {"now": now})
    if due_at is None:
        return None
    looks_from = due_at - tasks.FORESEEN_AHEAD
    if looks_from <= now and _ROAD.next_at(now - _TICK, zone) == now:
        return now
    return _ROAD.next_at(max(now, looks_from), zone)


_CLOCKS: Final = select(func.min(Clock.next_at))
_CASES: Final = select(func.min(Case.climbs_at))
_EARLIER: Final = aliased(Notice)
_NOTICES: Final = select(func.min(Notice.next_at)).where(
    Notice.state == str(NoticeState.WAITING),
    ~exists().where(
        _EARLIER.channel == Notice.channel,
        _EARLIER.receiver == Notice.receiver,
        _EARLIER.state == str(NoticeState.WAITING),
        _EARLIER.id < Notice.id,
    ),
)
"""Of one receiver, the next waits until the one before has ended."""
_AWAITED: Final = (
    select(func.min(Clock.due_at))
    .join(Task, (Task.district_id == Clock.district_id) & (Task.id == Clock.subject_id))
    .where(
        Clock.state.in_(sorted(clocks.RUNNING)),
        Clock.stop_event.in_(sorted(windows.Aim)),
        Clock.due_at > bindparam("now", type_=columns.InstantType()),
        Clock.crew_id.is_not(None),
        Clock.risk_at.is_(None),
    )
)
_LEASE: Final = case(
    (
        and_(JobRun.state != _DONE, JobRun.attempts < ledger.ATTEMPTS_MAX),
        JobRun.lease_until,
    )
)
_RUNS: Final = select(JobRun.job, func.max(JobRun.slot), func.min(_LEASE)).group_by(JobRun.job)

"""What a crew cannot meet, seen before it is late: by its way, and by the work before it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.promises import service as promises
from api.promises.models import Clock
from api.sites.service import geojson
from api.tasks import store
from api.tasks.models import Task
from schemas.promises import PolicyPace
from schemas.rules import outlook, shapes
from schemas.rules.outlook import Errand, Outlook, Pace, Place
from schemas.rules.transitions import State
from schemas.rules.windows import Aim

TASKS_PER_CREW_MAX: Final = 200
"""The longest queue that is walked through; whoever has more is late anyway."""
_ON_SITE: Final = frozenset({State.arrived, State.working, State.restored})
_SECONDS_PER_MINUTE: Final = 60


def foresee(session: Session, *, act: Act, ahead: dt.timedelta, limit: int) -> dict[str, int]:
    """Warn once of each clock that its crew cannot meet as things stand.

    Args:
        session: the unit of work.
        act: the job's act; the present is its instant.
        ahead: how far away a deadline may be to be looked at.
        limit: how many clocks at most, the next to be due first.

    Returns:
        How many clocks were `looked` at and `warned` of.
    """
    now = act.happened.at
    found = promises.lock_foreseeable(session, act=act, due_before=now + ahead, limit=limit)
    by_crew: dict[str, list[Clock]] = defaultdict(list)
    for clock in found:
        if clock.crew_id is not None:
            by_crew[clock.crew_id].append(clock)
    places = crews.places_of(session, district_id=act.district_id, crew_ids=sorted(by_crew))
    policy = promises.pace(session, district_id=act.district_id, at=now)
    warned = 0
    for crew_id, clocks in by_crew.items():
        queue = store.list_queue(
            session, district_id=act.district_id, crew_id=crew_id, limit=TASKS_PER_CREW_MAX
        )
        here = places.get(crew_id)
        seen = _walk(now, sorted(queue, key=_turn), here=here, policy=policy)
        warned += sum(_warn(session, act, clock, seen, policy) for clock in clocks)
    return {"looked": len(found), "warned": warned}


def _walk(
    now: dt.datetime,
    queue: Sequence[Task],
    *,
    here: tuple[float, float] | None,
    policy: PolicyPace,
) -> Mapping[str, Outlook]:
    """Say of each order of a crew what is to be expected, by its id."""
    start = Place(*here) if here else None
    if queue and queue[0].state in _ON_SITE:
        start = _place(queue[0]) or start
    errands = list(_errands(now, queue, policy))
    pace = Pace(policy.detour_factor, policy.speed_kmh)
    walked = outlook.foresee(now, start, errands, pace)
    return {task.id: seen for task, seen in zip(queue, walked, strict=True)}


def _errands(now: dt.datetime, queue: Sequence[Task], policy: PolicyPace) -> Iterator[Errand]:
    """Say of each order where it is and what it still takes; work that is begun takes the rest."""
    for task in queue:
        work_s = policy.work_min.get(task.kind, 0.0) * _SECONDS_PER_MINUTE
        if task.state in _ON_SITE:
            work_s -= (now - task.state_at).total_seconds()
        yield Errand(_place(task), max(work_s, 0.0))


def _turn(task: Task) -> tuple[int, int, dt.datetime, dt.datetime, str]:
    """Order a crew's work as it will be done: what is begun, what is urgent, what is due."""
    begun = 0 if task.state in _ON_SITE else 1 if task.state == State.en_route else 2
    due_at = task.due_at or dt.datetime.max.replace(tzinfo=dt.UTC)
    return begun, task.urgency, due_at, task.opened_at, task.id


def _place(task: Task) -> Place | None:
    """Find the middle of an order's site, in WGS-84."""
    site = task.work_site
    if site is None:
        return None
    try:
        lifted = geojson.in_wgs84(site.geometry, datum=site.datum)
        return Place(*shapes.centre(shapes.parse(lifted)))
    except shapes.BadGeometry:
        return None


def _warn(
    session: Session,
    act: Act,
    clock: Clock,
    seen: Mapping[str, Outlook],
    policy: PolicyPace,
) -> bool:
    """Warn of a clock that cannot be met; tell whether there was need."""
    if clock.subject_id not in seen:
        return False
    expected = seen[clock.subject_id]
    at = expected.arrives_at if clock.stop_event == Aim.arrive else expected.done_at
    if at <= clock.due_at:
        return False
    promises.warn(session, act=act, clock=clock, expected=expected, at=at, policy=policy)
    return True

"""What a crew cannot meet, seen before it is late: by its way, and by the work before it.

A promise without an order, such as an appointment, has its turn by when it is due; nobody knows
yet where it is and what it takes, so it costs the rest nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

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
_NEVER: Final = dt.datetime.max.replace(tzinfo=dt.UTC)
_SECONDS_PER_MINUTE: Final = 60
_NOT_BEGUN: Final = 2
_URGENCY: Final = 3
"""Of a promise without an order: as of an order of which nobody said otherwise."""


class _Turn(NamedTuple):
    """A crew's work in the order in which it will be done: what is begun, urgent, due, older."""

    begun: int
    urgency: int
    due_at: dt.datetime
    opened_at: dt.datetime
    id: str


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
        loose = [clock for clock in clocks if clock.subject_id == clock.promise_id]
        seen = _walk(now, sorted(queue, key=_turn), loose, here=here, policy=policy)
        warned += sum(_warn(session, act, clock, seen, policy) for clock in clocks)
    return {"looked": len(found), "warned": warned}


def _walk(
    now: dt.datetime,
    queue: Sequence[Task],
    loose: Sequence[Clock],
    *,
    here: tuple[float, float] | None,
    policy: PolicyPace,
) -> Mapping[str, Outlook]:
    """Say of each order of a crew, and of each promise without one, what is to be expected."""
    start = Place(*here) if here else None
    if queue and queue[0].state in _ON_SITE:
        start = place_of(queue[0]) or start
    errands = _errands(now, queue, policy)
    turns = [(_turn(task), errand) for task, errand in zip(queue, errands, strict=True)]
    turns += [(_turn_of(clock), Errand(None, 0.0)) for clock in loose]
    turns.sort(key=lambda turn: turn[0])
    pace = Pace(policy.detour_factor, policy.speed_kmh)
    walked = outlook.foresee(now, start, [errand for _, errand in turns], pace)
    return {turn.id: seen for (turn, _), seen in zip(turns, walked, strict=True)}


def _errands(now: dt.datetime, queue: Sequence[Task], policy: PolicyPace) -> Iterator[Errand]:
    """Say of each order where it is and what it still takes; work that is begun takes the rest.

    Once the light is on, no more than the report is left, and nobody waits for that.
    """
    for task in queue:
        work_s = policy.work_min.get(task.kind, 0.0) * _SECONDS_PER_MINUTE
        if task.state == State.restored:
            work_s = 0.0
        elif task.state in _ON_SITE:
            work_s -= (now - task.state_at).total_seconds()
        yield Errand(place_of(task), max(work_s, 0.0))


def _turn(task: Task) -> _Turn:
    begun = 0 if task.state in _ON_SITE else 1 if task.state == State.en_route else _NOT_BEGUN
    return _Turn(begun, task.urgency, _due_at(task), task.opened_at, task.id)


def _turn_of(clock: Clock) -> _Turn:
    return _Turn(_NOT_BEGUN, _URGENCY, clock.due_at, clock.opened_at, clock.subject_id)


def _due_at(task: Task) -> dt.datetime:
    """Say by when a crew is awaited at an order's site; to accept it, nobody drives anywhere."""
    awaited = (
        clock.due_at
        for clock in task.task_clocks
        if clock.stopped_at is None and clock.paused_at is None and clock.stop_event in set(Aim)
    )
    return min(awaited, default=_NEVER)


def place_of(task: Task) -> Place | None:
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

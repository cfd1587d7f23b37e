"""Readings at the meter: a value is a fact and is kept, with what the reader was asked.

Nothing here asks the database anything once tasks and stops are loaded, but for meters that wait
for a second visit.
"""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.readings import store
from api.readings.models import Reading, Skip, Stop, Unjudged
from api.readings.service import beside, stops, values
from api.requests import service as requests
from api.tasks import service as tasks
from api.tasks.models import Task
from schemas import readings
from schemas.errors import Refused
from schemas.rules import meter_reading, transitions, usage

_STARTS: Final = db.in_hand("readings.starts_kept")
"""Where a unit of work remembers whose start on which route that moved on it has kept."""
_QUALITY: Final = {
    readings.Method.CUSTOMER: readings.Quality.CUSTOMER,
    readings.Method.ESTIMATED: readings.Quality.ESTIMATED,
}


_NOBODY_REACHED_IT: Final = frozenset(
    {readings.SkipCode.NO_ACCESS, readings.SkipCode.LOCKED, readings.SkipCode.DOG}
)
"""Why a meter was skipped that a second visit may reach."""


class RouteMovedOn(Refused):
    """The route was closed, or given to somebody else, while you had no signal.

    What you read is kept. Sync, and leave the rest of the route to whoever has it now.
    """

    code = "route-moved-on"
    status = 409
    outcome = "merged"
    en = "The route is {state} or no longer yours; what you read is kept."
    zh = "该抄表任务当前状态为 {state}，或已不在您名下；您抄录的示数已保留。"


class StopMoved(Refused):
    """The office moved the meter to another route while you had no signal.

    What you read is kept and counts. Sync, and leave the rest to whoever has it now.
    """

    code = "stop-moved"
    status = 409
    outcome = "merged"
    en = "Meter {serial} was moved to another route; what you read is kept."
    zh = "电表 {serial} 已移至另一条路线；您抄录的示数已保留。"


def take(
    session: Session, *, act: Act, subject_id: str, body: readings.ReadingTaken
) -> Refused | None:
    """Keep a value read at a stop; the latest by event time counts.

    Raises:
        WaitsForOrder: it never was theirs, as far as is known (at a door: NotFound).
        WaitsForStop: it has no such stop, as far as is known (at a door: NotFound).
        UnknownRegister: a tariff that the meter does not have.
        TooManyDigits: more digits than the meter shows.
        TooManyDecimals: more decimals than the meter shows.
        NotOnRegister: the value is negative, or no number.
    """
    task = tasks.get_for_field(session, act=act, task_id=subject_id)
    stop = stops.get_stop(session, act=act, route_id=task.id, stop_id=body.stop_id)
    register = beside.register_of(stop)
    values.require_possible(body.total, body.tariffs, register=register, registers=stop.registers)
    remark = _start(session, act, task)
    reading_id = act.operation_id or act.new_id()
    db.append(session, Reading, _row(session, act, stop, body, reading_id))
    db.append(
        session,
        Unjudged,
        {
            "district_id": act.district_id,
            "reading_id": reading_id,
            "meter_id": stop.meter_id,
            "read_at": act.happened.at,
        },
    )
    if stop.awaited or stop.skip_code in _NOBODY_REACHED_IT:
        requests.meter_read(session, act=act, meter_id=stop.meter_id)
    if stop.read_at is None or act.happened.at >= stop.read_at:
        stop.state = str(readings.StopState.READ)
        stop.skip_code = None
        stop.reading_id = reading_id
        stop.read_at = act.happened.at
        store.keep_stop(session, stop)
        beside.enter(session, stop, total=body.total)
    return remark or _moved(stop, task)


def skip(
    session: Session, *, act: Act, subject_id: str, body: readings.ReadingSkipped
) -> Refused | None:
    """Keep why a meter could not be read; a value that was read still counts.

    Raises:
        WaitsForOrder: it never was theirs, as far as is known (at a door: NotFound).
        WaitsForStop: it has no such stop, as far as is known (at a door: NotFound).
    """
    task = tasks.get_for_field(session, act=act, task_id=subject_id)
    stop = stops.get_stop(session, act=act, route_id=task.id, stop_id=body.stop_id)
    remark = _start(session, act, task)
    db.append(
        session,
        Skip,
        {
            "district_id": act.district_id,
            "id": act.operation_id or act.new_id(),
            "stop_id": stop.id,
            "meter_id": stop.meter_id,
            "route_id": stop.route_id,
            "reader_id": act.principal.person_id,
            "happened_at": act.happened.at,
            "error_s": act.happened.error_s,
            "clock_suspect": act.happened.suspect,
            "received_at": act.received_at,
            "code": str(body.code),
            "fix": msgspec.to_builtins(body.fix),
            "note": body.note,
        },
    )
    read_since = stop.read_at is not None and stop.read_at >= act.happened.at
    if body.code in _NOBODY_REACHED_IT and not read_since:
        requests.first_visit_failed(
            session,
            act=act,
            meter_id=stop.meter_id,
            crew_id=task.crew_id,
            person_id=task.person_id,
        )
    if stop.state != readings.StopState.READ:
        stop.state = str(readings.StopState.SKIPPED)
        stop.skip_code = str(body.code)
        store.keep_stop(session, stop)
    return remark or _moved(stop, task)


def _moved(stop: Stop, task: Task) -> StopMoved | None:
    """Say so where a stop is on another route by now."""
    return StopMoved(serial=stop.serial) if stop.route_id != task.id else None


def _start(session: Session, act: Act, task: Task) -> Refused | None:
    """Let the first act at a meter start its route; say so when the route has moved on."""
    kind, state = transitions.Kind(task.kind), transitions.State(task.state)
    start = transitions.Event.start
    ours = tasks.speaks_for(session, act, task)
    if not ours or state is transitions.State.cancelled:
        _keep_start(session, act, task)
    if not ours or state not in transitions.WITH_CREW:
        return RouteMovedOn(state=state)
    if transitions.move(kind, state, start).step is not transitions.Step.moves:
        return None
    return tasks.move(session, act=act, task=task, event=start)


def _keep_start(session: Session, act: Act, task: Task) -> None:
    """Keep on the timeline that a reader worked on a route that moved on; once for each push."""
    kept: set[tuple[str, str]] = session.info.setdefault(_STARTS, set())
    key = (task.id, act.principal.person_id)
    if key not in kept:
        kept.add(key)
        tasks.move(session, act=act, task=task, event=transitions.Event.start)


def _row(
    session: Session, act: Act, stop: Stop, body: readings.ReadingTaken, reading_id: str
) -> dict[str, object]:
    known, register = beside.known_of(stop), beside.register_of(stop)
    prompts = meter_reading.check(
        body.total, body.tariffs, known, register, neighbours=beside.neighbours(session, stop)
    )
    used_kwh = None
    if known.previous is not None:
        moved = meter_reading.advance(
            known.previous, body.total, register, typical_kwh=known.typical_kwh
        )
        used_kwh = moved.used_kwh.quantize(usage.STEP_KWH) if moved.plausible else None
    return {
        "district_id": act.district_id,
        "id": reading_id,
        "meter_id": stop.meter_id,
        "stop_id": stop.id,
        "route_id": stop.route_id,
        "reader_id": act.principal.person_id,
        "device_id": act.principal.device_id,
        "read_at": act.happened.at,
        "error_s": act.happened.error_s,
        "clock_suspect": act.happened.suspect,
        "received_at": act.received_at,
        "total": body.total,
        "tariffs": values.plain(body.tariffs),
        "used_kwh": used_kwh,
        "method": str(body.method),
        "quality": str(_QUALITY.get(body.method, readings.Quality.ACTUAL)),
        "estimator": None,
        "prompts": [prompt.code for prompt in prompts],
        "confirmed": body.confirmed,
        "fix": msgspec.to_builtins(body.fix),
        "photos": body.photo_sha256,
        "note": body.note,
    }

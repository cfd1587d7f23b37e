"""Readings at the meter: a value is a fact and is kept, with what the reader was asked.

Nothing here asks the database anything once tasks and stops are loaded, but for meters that wait
for a second visit or were changed.
"""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.readings import store
from api.readings.models import Reading, Skip, Stop, Unjudged
from api.readings.service import beside, gaps, stops, values, waiting
from api.requests import service as requests
from api.tasks import service as tasks
from api.tasks.models import Task
from schemas import readings
from schemas.base import rfc3339
from schemas.errors import Refused
from schemas.rules import meter_reading, transitions, usage

_STARTS: Final = db.in_hand("readings.starts_kept")
"""Where a unit of work remembers whose start on which route that moved on it has kept."""


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


class RegisterUnread(Refused):
    """A register of the meter was not read though others were. Read it too, if you can.

    What was read is kept.
    """

    code = "reading-register-unread"
    status = 422
    outcome = "merged"
    en = "The reading is kept; nobody read {registers}."
    zh = "示数已保留；未抄录 {registers}。"


class MeterTakenDown(Refused):
    """The meter was taken down before it was read. Look at the serial: is it another meter?

    What was read is kept as questionable; report a changed meter if another stands there.
    """

    code = "meter-taken-down"
    status = 409
    outcome = "merged"
    en = "Meter {serial} was taken down at {at} on record; what you read is kept as questionable."
    zh = "台账中电表 {serial} 已于 {at} 拆除；您抄录的示数已按存疑保留。"


def take(
    session: Session, *, act: Act, subject_id: str, body: readings.ReadingTaken
) -> Refused | None:
    """Keep a value read at a stop; the latest by event time counts.

    Where another meter was found than is on record, it waits for the office and is judged by
    nothing meanwhile.

    Returns:
        What is to be said of it, where it is not plainly applied: the route or the stop moved on, a
        register is missing, the meter was taken down before.

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
    stood = waiting.standing(session, act=act, stop=stop)
    values.require_possible(
        body.total, body.tariffs, register=stood.register, registers=stop.registers
    )
    remark = begin(session, act=act, task=task)
    if stop.awaited or stop.skip_code in readings.REACHED_NOBODY:
        requests.meter_read(session, act=act, meter_id=stop.meter_id)
    gaps.look_at_reading(session, act=act, stop=stop, meter_id=stood.meter_id, body=body)
    doubt = _doubt(session, act, stop, stood, body)
    if stood.finding_id is None:
        quality = values.quality_of(body.method)
        if isinstance(doubt, MeterTakenDown):
            quality = readings.Quality.QUESTIONABLE
        _keep_reading(session, act, stop, stood, body, quality=quality)
    else:
        value = waiting.Value(
            *(body.total, body.tariffs, body.method, body.confirmed),
            *(body.fix, body.photo_sha256, body.note),
        )
        waiting.wait(session, act=act, stop=stop, value=value, finding_id=stood.finding_id)
    return remark or _moved(stop, task) or doubt


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
    remark = begin(session, act=act, task=task)
    gaps.look_at_skip(session, act=act, stop=stop, body=body)
    db.append(session, Skip, _skip_row(act, stop, body))
    read_since = stop.read_at is not None and stop.read_at >= act.happened.at
    if body.code in readings.REACHED_NOBODY and not read_since:
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


def begin(session: Session, *, act: Act, task: Task) -> Refused | None:
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


def _moved(stop: Stop, task: Task) -> StopMoved | None:
    """Say so where a stop is on another route by now."""
    return StopMoved(serial=stop.serial) if stop.route_id != task.id else None


def _keep_start(session: Session, act: Act, task: Task) -> None:
    """Keep on the timeline that a reader worked on a route that moved on; once for each push."""
    kept: set[tuple[str, str]] = session.info.setdefault(_STARTS, set())
    key = (task.id, act.principal.person_id)
    if key not in kept:
        kept.add(key)
        tasks.move(session, act=act, task=task, event=transitions.Event.start)


def _doubt(
    session: Session, act: Act, stop: Stop, stood: waiting.Standing, body: readings.ReadingTaken
) -> Refused | None:
    """Say what is odd about a value that is kept all the same."""
    removed_at = stops.removed_at(session, act=act, meter_id=stood.meter_id)
    if removed_at is not None and removed_at < act.happened.at and stood.finding_id is None:
        return MeterTakenDown(serial=stop.serial, at=rfc3339(removed_at))
    unread = meter_reading.unread(body.tariffs, stop.registers)
    return RegisterUnread(registers=", ".join(unread)) if unread else None


def _keep_reading(
    session: Session,
    act: Act,
    stop: Stop,
    stood: waiting.Standing,
    body: readings.ReadingTaken,
    *,
    quality: readings.Quality,
) -> None:
    """Keep a value of a meter on record; the latest by event time counts for its stop."""
    reading_id = act.operation_id or act.new_id()
    row = _row(session, act, stop, stood, body)
    db.append(session, Reading, {**row, "id": reading_id, "quality": str(quality)})
    unjudged = {
        "district_id": act.district_id,
        "reading_id": reading_id,
        "meter_id": stood.meter_id,
        "read_at": act.happened.at,
    }
    db.append(session, Unjudged, unjudged)
    if stood.meter_id != stop.meter_id or stop.finding_id is not None:
        return  # another meter stands there by now
    if stop.read_at is None or act.happened.at >= stop.read_at:
        stop.state = str(readings.StopState.READ)
        stop.skip_code = None
        stop.reading_id = reading_id
        stop.read_at = act.happened.at
        store.keep_stop(session, stop)
        beside.enter(session, stop, total=body.total)


def _skip_row(act: Act, stop: Stop, body: readings.ReadingSkipped) -> dict[str, object]:
    return {
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
        "photos": body.photo_sha256,
        "note": body.note,
    }


def _row(
    session: Session,
    act: Act,
    stop: Stop,
    stood: waiting.Standing,
    body: readings.ReadingTaken,
) -> dict[str, object]:
    known, register = stood.known, stood.register
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
        **stops.read_at(act=act, stop=stop),
        "meter_id": stood.meter_id,
        "total": body.total,
        "tariffs": values.plain(body.tariffs),
        "used_kwh": used_kwh,
        "method": str(body.method),
        "estimator": None,
        "prompts": [prompt.code for prompt in prompts],
        "confirmed": body.confirmed,
        "fix": msgspec.to_builtins(body.fix),
        "photos": body.photo_sha256,
        "note": body.note,
    }

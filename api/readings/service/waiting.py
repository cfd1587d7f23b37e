"""Values read where another meter was found than is on record: kept, and judged by nothing yet.

A stop at which a finding is open shows what stands there (`schemas.changing`). What is read at it
waits until the office has said which meter it is of; what was read before the finding is of the
meter on record, however late it comes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec
from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.readings import store
from api.readings.brought import WaitingReading
from api.readings.models import Reading, Stop, Unjudged
from api.readings.service import beside, entering, histories, planning, stops, values
from api.sites import service as sites
from api.sites.models import Meter
from schemas import changing, meter_findings, readings
from schemas.base import Id
from schemas.places import Fix
from schemas.rules import meter_reading


class Standing(NamedTuple):
    """Which meter a value read at a stop is of, as far as anybody knows.

    `finding_id` says that it waits for the office.
    """

    meter_id: str
    register: meter_reading.Register
    known: meter_reading.Known
    finding_id: str | None


class Value(NamedTuple):
    """What a reader read, and how."""

    total: Decimal
    tariffs: Mapping[str, Decimal]
    method: readings.Method
    confirmed: Sequence[str]
    fix: Fix | None
    photos: Sequence[str]
    note: str


def standing(session: Session, *, act: Act, stop: Stop) -> Standing:
    """Tell which meter stood at a stop when the act happened."""
    if stop.found_at is not None and act.happened.at < stop.found_at:
        meter = sites.get_meter(
            session,
            district_id=act.district_id,
            meter_id=stop.former_meter_id or stop.meter_id,
        )
        return Standing(meter.id, histories.register_of(meter), meter_reading.Known(), None)
    register, known = beside.register_of(stop), beside.known_of(stop)
    return Standing(stop.meter_id, register, known, stop.finding_id)


def wait(session: Session, *, act: Act, stop: Stop, value: Value, finding_id: str) -> None:
    """Keep a value until the office has settled a finding at its stop."""
    row: dict[str, object] = {
        **stops.read_at(act=act, stop=stop),
        "id": act.operation_id or act.new_id(),
        "finding_id": finding_id,
        "total": value.total,
        "tariffs": values.plain(value.tariffs),
        "method": str(value.method),
        "confirmed": list(value.confirmed),
        "fix": msgspec.to_builtins(value.fix),
        "photos": list(value.photos),
        "note": value.note,
    }
    db.append(session, WaitingReading, row)


def find_other_meter(
    session: Session,
    *,
    act: Act,
    stop: Stop,
    body: meter_findings.MeterChanged | meter_findings.MeterMismatch,
    finding_id: Id,
) -> None:
    """Let a stop show the meter that was found there, until the office has settled the finding.

    A finding that is newer than this one stands; a value that came with it waits all the same.
    """
    if body.total is not None:
        tariffs = body.tariffs if isinstance(body, meter_findings.MeterChanged) else {}
        value = Value(
            body.total, tariffs, readings.Method.READ, (), body.fix, body.photo_sha256, body.note
        )
        wait(session, act=act, stop=stop, value=value, finding_id=finding_id)
    if stop.found_at is not None and act.happened.at < stop.found_at:
        return
    at = act.happened.at
    seen = changing.change(stop.wire(), body, finding_id=finding_id, at=at)
    _show(stop, seen)
    stop.finding_id, stop.found_at = finding_id, at
    store.keep_stop_whole(session, stop)


def count_waiting(
    session: Session, *, district_id: str, finding_ids: Sequence[str]
) -> dict[str, int]:
    """Count the readings that came with findings, by finding."""
    return store.count_waiting(session, district_id=district_id, finding_ids=finding_ids)


def last_value(session: Session, *, act: Act, meter: Meter, until: dt.datetime) -> Decimal:
    """Give the last value of a meter that is known up to an instant: read, or as put up."""
    known = histories.load(session, district_id=act.district_id, meter_ids=[meter.id], until=until)
    past = [each for each in known.readings.get(meter.id, ()) if each.read_at <= until]
    return past[-1].total if past else meter.installed_value


def release(session: Session, *, act: Act, finding_id: str, meter: Meter) -> None:
    """Make the values that waited for a finding readings of a meter, each at its true time.

    Args:
        session: the unit of work.
        act: of the office.
        finding_id: what they waited for.
        meter: whose they are.
    """
    rows = store.list_waiting(session, district_id=act.district_id, finding_id=finding_id)
    known = histories.load(
        session, district_id=act.district_id, meter_ids=[meter.id], until=act.received_at
    )
    by_id = {
        stop.id: stop
        for stop in store.list_stops_of_finding(
            session, district_id=act.district_id, finding_id=finding_id
        )
    }
    past = [(each.read_at, each.total) for each in known.readings.get(meter.id, ())]
    register = histories.register_of(meter)
    for row in rows:
        before = max((each for each in past if each[0] < row.read_at), default=None)
        last = meter.installed_value if before is None else before[1]
        past.append((row.read_at, row.total))
        used_kwh = entering.used_since(last, row.total, register)
        session.add(_reading(row, meter, used_kwh=used_kwh))
        stop = by_id.get(row.stop_id)
        if stop is not None and (stop.read_at is None or stop.read_at <= row.read_at):
            stop.state, stop.skip_code = str(readings.StopState.READ), None
            stop.reading_id, stop.read_at = row.id, row.read_at
        session.delete(row)
    session.flush()  # what is to be judged stands on its reading
    for row in rows:
        unjudged = {
            "district_id": act.district_id,
            "reading_id": row.id,
            "meter_id": meter.id,
            "read_at": row.read_at,
        }
        db.append(session, Unjudged, unjudged)


def settle_stops(
    session: Session,
    *,
    act: Act,
    finding_id: str,
    old: Meter,
    meter: Meter,
    changed_at: dt.datetime | None,
) -> None:
    """Put a meter in its place at every stop where a finding was open.

    Args:
        session: the unit of work.
        act: of the office.
        finding_id: what was settled.
        old: the meter on record until now; its open stops on other routes are the new one's.
        meter: the one that stands there.
        changed_at: since when, where it is another than on record; None where it is the same.
    """
    for stop in store.list_stops_of_finding(
        session, district_id=act.district_id, finding_id=finding_id, meter_id=old.id
    ):
        stop.finding_id = None
        stop.serial, stop.registers, stop.box = meter.serial, meter.registers, meter.box
        stop.digits, stop.decimals, stop.multiplier = meter.digits, meter.decimals, meter.multiplier
        if changed_at is not None:
            stop.former_meter_id, stop.meter_id = stop.meter_id, meter.id
            stop.found_at = stop.found_at or changed_at
            _know_new(stop, meter)
            continue
        stop.found_at = None
        planning.prepare_again(session, act=act, stop=stop, meter=meter)
        if stop.reading_id is None and stop.state == readings.StopState.READ:
            stop.state = str(readings.StopState.OPEN)
    session.flush()


def _know_new(stop: Stop, meter: Meter) -> None:
    """Let a stop know of a new meter what it showed when it was put up, and nothing of the old."""
    stop.previous_value, stop.previous_at = meter.installed_value, meter.installed_at
    stop.reported_value = stop.reported_at = stop.reported_quality = None
    stop.typical_kwh = stop.low_kwh = stop.high_kwh = None
    stop.active_history = False


def _reading(row: WaitingReading, meter: Meter, *, used_kwh: Decimal | None) -> Reading:
    """Make a value that waited a reading; it was asked about nothing, for nothing was known."""
    return Reading(
        district_id=row.district_id,
        id=row.id,
        meter_id=meter.id,
        stop_id=row.stop_id,
        route_id=row.route_id,
        reader_id=row.reader_id,
        device_id=row.device_id,
        read_at=row.read_at,
        error_s=row.error_s,
        clock_suspect=row.clock_suspect,
        received_at=row.received_at,
        total=row.total,
        tariffs=row.tariffs,
        used_kwh=used_kwh,
        method=row.method,
        quality=str(values.quality_of(readings.Method(row.method))),
        estimator=None,
        prompts=[],
        confirmed=row.confirmed,
        fix=row.fix,
        photos=row.photos,
        note=row.note,
    )


def _show(stop: Stop, seen: readings.Stop) -> None:
    """Write into a stop what `schemas.changing` changes of it."""
    stop.serial, stop.digits, stop.decimals = seen.serial, seen.digits, seen.decimals
    stop.state, stop.skip_code = str(seen.state), seen.skip_code and str(seen.skip_code)
    stop.previous_value, stop.previous_at = seen.previous_value, seen.previous_at
    stop.reported_value = stop.reported_at = stop.reported_quality = None
    stop.typical_kwh = stop.low_kwh = stop.high_kwh = None
    stop.active_history = False

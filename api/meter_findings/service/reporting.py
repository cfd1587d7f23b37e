"""What a reader found at a meter: a fact, kept as told; what is on record stays as it is."""

from __future__ import annotations

import msgspec
from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.meter_findings.models import MeterFinding
from api.readings import service as readings
from api.readings.models import Stop
from api.tasks import service as tasks
from schemas import meter_findings
from schemas.errors import Refused
from schemas.rules import meter_reading
from schemas.rules.meter_findings import Kind


def found(
    session: Session, *, act: Act, subject_id: str, body: meter_findings.MeterFound
) -> Refused | None:
    """Keep that a meter stands there which is not on the route.

    Raises:
        WaitsForOrder: it never was theirs, as far as is known (at a door: NotFound).
    """
    task = tasks.get_for_field(session, act=act, task_id=subject_id)
    remark = readings.begin(session, act=act, task=task)
    row = _row(act, Kind.found, task.id, body)
    db.append(session, MeterFinding, {**row, "place": body.place})
    return remark


def changed(
    session: Session, *, act: Act, subject_id: str, body: meter_findings.MeterChanged
) -> Refused | None:
    """Keep that another meter stands at a stop; what is read at it waits for the office.

    Raises:
        WaitsForOrder: it never was theirs, as far as is known (at a door: NotFound).
        WaitsForStop: it has no such stop, as far as is known (at a door: NotFound).
        UnknownRegister: a tariff that the stop does not have.
        TooManyDigits: more digits than the new meter is said to show.
        TooManyDecimals: more decimals than it is said to show.
        NotOnRegister: a value is negative, or no number.
    """
    task = tasks.get_for_field(session, act=act, task_id=subject_id)
    stop = readings.get_stop(session, act=act, route_id=task.id, stop_id=body.stop_id)
    register = meter_reading.Register(body.digits, body.decimals, stop.multiplier)
    readings.require_possible(body.total, body.tariffs, register=register, registers=stop.registers)
    remark = readings.begin(session, act=act, task=task)
    row = {
        **_row(act, Kind.changed, stop.route_id, body),
        **_at(stop),
        "tariffs": {name: format(value, "f") for name, value in body.tariffs.items()},
        "old_total": body.old_total,
        "digits": body.digits,
        "decimals": body.decimals,
    }
    db.append(session, MeterFinding, row)
    readings.find_other_meter(session, act=act, stop=stop, body=body, finding_id=str(row["id"]))
    return remark


def mismatch(
    session: Session, *, act: Act, subject_id: str, body: meter_findings.MeterMismatch
) -> Refused | None:
    """Keep that a plate says another serial than the stop; what is read at it waits.

    Raises:
        WaitsForOrder: it never was theirs, as far as is known (at a door: NotFound).
        WaitsForStop: it has no such stop, as far as is known (at a door: NotFound).
        TooManyDigits: more digits than the stop's meter shows.
        TooManyDecimals: more decimals than it shows.
        NotOnRegister: the value is negative, or no number.
    """
    task = tasks.get_for_field(session, act=act, task_id=subject_id)
    stop = readings.get_stop(session, act=act, route_id=task.id, stop_id=body.stop_id)
    register = meter_reading.Register(stop.digits, stop.decimals, stop.multiplier)
    if body.total is not None:
        readings.require_possible(body.total, {}, register=register, registers=stop.registers)
    remark = readings.begin(session, act=act, task=task)
    row = {
        **_row(act, Kind.mismatch, stop.route_id, body),
        **_at(stop),
        "digits": stop.digits,
        "decimals": stop.decimals,
    }
    db.append(session, MeterFinding, row)
    readings.find_other_meter(session, act=act, stop=stop, body=body, finding_id=str(row["id"]))
    return remark


def _at(stop: Stop) -> dict[str, object]:
    return {"stop_id": stop.id, "meter_id": stop.meter_id, "recorded_serial": stop.serial}


def _row(
    act: Act,
    kind: Kind,
    route_id: str,
    body: meter_findings.MeterFound | meter_findings.MeterChanged | meter_findings.MeterMismatch,
) -> dict[str, object]:
    """Lay out what all findings have, and leave the rest empty."""
    return {
        "district_id": act.district_id,
        "id": act.operation_id or act.new_id(),
        "kind": str(kind),
        "route_id": route_id,
        "stop_id": None,
        "meter_id": None,
        "recorded_serial": None,
        "serial": body.serial,
        "place": "",
        "total": body.total,
        "tariffs": {},
        "old_total": None,
        "digits": None,
        "decimals": None,
        "reader_id": act.principal.person_id,
        "device_id": act.principal.device_id,
        "happened_at": act.happened.at,
        "error_s": act.happened.error_s,
        "clock_suspect": act.happened.suspect,
        "received_at": act.received_at,
        "fix": msgspec.to_builtins(body.fix),
        "photos": body.photo_sha256,
        "note": body.note,
        "resolution": None,
        "settled_at": None,
        "settled_by": None,
        "settled_note": "",
        "new_meter_id": None,
    }

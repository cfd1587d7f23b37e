"""Meters that the office changes or mends one by one, under the rules of an import."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.sites.models import Meter
from api.sites.service import get_meter
from api.sites.service.rowchecks import CHECKS, Known
from schemas import sites as shapes
from schemas.errors import FieldValue
from schemas.sites import Importable


def change(
    session: Session,
    *,
    act: Act,
    old: Meter,
    removed_at: dt.datetime,
    removed_value: Decimal,
    new: shapes.Meter,
) -> Meter:
    """Take a meter down and put another up at the same service point; give the new one.

    Args:
        session: the unit of work.
        act: of the office.
        old: the meter that stands there on record.
        removed_at: when it was taken down.
        removed_value: what it showed then.
        new: the one that was put up.

    Raises:
        ImpossibleMeter: the numbers of one of them contradict each other.
        SerialTaken: a meter with the new one's serial stands elsewhere.
    """
    taken_down = msgspec.structs.replace(
        _shape(old), removed_at=removed_at, removed_value=removed_value
    )
    known = Known.of(
        session, district_id=act.district_id, what=Importable.METERS, rows=[taken_down, new]
    )
    for row in (taken_down, new):
        CHECKS[Importable.METERS](row, known)
    old.removed_at, old.removed_value = removed_at, removed_value
    session.flush()  # a serial stands once, and this one may come back
    put_up = Meter(district_id=act.district_id, **msgspec.structs.asdict(new))
    session.add(put_up)
    session.flush()
    detail: dict[str, FieldValue] = {"new_meter_id": new.id, "serial": new.serial}
    crews.audit(session, act=act, what="meter.changed", subject_id=old.id, detail=detail)
    return put_up


def mend_serial(session: Session, *, act: Act, meter_id: str, serial: str) -> Meter:
    """Write a meter's serial down anew, as its plate says it.

    Raises:
        NotFound: there is no such meter.
        SerialTaken: another meter with this serial stands elsewhere.
    """
    meter = get_meter(session, district_id=act.district_id, meter_id=meter_id)
    if meter.serial == serial:
        return meter
    row = msgspec.structs.replace(_shape(meter), serial=serial)
    known = Known.of(session, district_id=act.district_id, what=Importable.METERS, rows=[row])
    CHECKS[Importable.METERS](row, known)
    detail: dict[str, FieldValue] = {"was": meter.serial, "serial": serial}
    meter.serial = serial
    session.flush()
    crews.audit(session, act=act, what="meter.serial_mended", subject_id=meter.id, detail=detail)
    return meter


def _shape(meter: Meter) -> shapes.Meter:
    """Write a meter as an import would bring it."""
    return shapes.Meter(**{name: getattr(meter, name) for name in shapes.Meter.__struct_fields__})

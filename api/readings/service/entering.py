"""Values that the office enters: a customer's own reading, a declared estimate; and events."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.crews import service as crews
from api.errors import Invalid
from api.readings.models import MeterEvent, Reading, Unjudged
from api.readings.service import allowing, histories, values, windows
from api.requests import service as requests
from api.sites import service as sites
from schemas import readings
from schemas.errors import Refused
from schemas.rules import meter_reading, usage

QUALITY: Final = {
    readings.Method.CUSTOMER: readings.Quality.CUSTOMER,
    readings.Method.ESTIMATED: readings.Quality.ESTIMATED,
    readings.Method.REMOTE: readings.Quality.ACTUAL,
}


class NotReadAtDesk(Refused):
    """The office reads no meters. Enter it as the customer's, as remote, or as an estimate."""

    code = "not-read-at-desk"
    status = 422
    en = "The office cannot enter a value as {method}; it is customer, remote or estimated."
    zh = "办公室不能以 {method} 方式录入示数；只能为客户自报、远程或估算。"


class EstimatorUnnamed(Refused):
    """An estimate says how it was made, and nothing else does. Name the estimator, or leave it."""

    code = "estimator-unnamed"
    status = 422
    en = "An estimated value names its estimator, and only an estimated one."
    zh = "估算示数必须注明估算方法，且只有估算示数才注明。"


class EventAboutNothing(Refused):
    """An event is about one meter or about one transformer, and ends after it began."""

    code = "event-about-nothing"
    status = 422
    en = "Name one meter or one transformer, and an end after the beginning."
    zh = "请指定一块电表或一台配变，且结束时间晚于开始时间。"


def enter(session: Session, *, act: Act, body: readings.ReadingEntered) -> Reading:
    """Keep a value that nobody of ours read at the meter.

    Raises:
        NotFound: there is no such meter.
        NotReadAtDesk: the method is one of the field.
        EstimatorUnnamed: an estimate without its estimator, or the reverse.
        UnknownRegister: a tariff that the meter does not have.
        TooManyDigits: more digits than the meter shows.
        TooManyDecimals: more decimals than the meter shows.
        NotOnRegister: the value is negative, or no number.
        EstimatesUsedUp: the policy allows no further estimate.
        Invalid: it stands for a moment to come.
    """
    meter = sites.get_meter(session, district_id=act.district_id, meter_id=body.meter_id)
    require_method(body)
    register = histories.register_of(meter)
    values.require_possible(body.total, body.tariffs, register=register, registers=meter.registers)
    read_at = body.read_at or act.happened.at
    if read_at > act.received_at:
        raise Invalid(reason="read_at is still to come")
    if body.method is readings.Method.ESTIMATED:
        allowing.require_allowed(session, act=act, meter=meter, read_at=read_at)
    used_kwh = used_before(session, act=act, meter_id=meter.id, read_at=read_at, total=body.total)
    quality = QUALITY[body.method]
    reading = Reading(**row_of(act, body, read_at=read_at, used_kwh=used_kwh, quality=quality))
    session.add(reading)
    unjudged = {
        "district_id": act.district_id,
        "reading_id": reading.id,
        "meter_id": meter.id,
        "read_at": read_at,
    }
    session.flush()
    db.append(session, Unjudged, unjudged)
    if body.method is not readings.Method.ESTIMATED:  # an estimate is no visit
        read = act._replace(happened=act.happened._replace(at=read_at))
        requests.meter_read(session, act=read, meter_id=meter.id)
    detail = {"meter_id": meter.id, "method": str(body.method)}
    crews.audit(session, act=act, what="reading.entered", subject_id=reading.id, detail=detail)
    return reading


def record_event(session: Session, *, act: Act, draft: readings.MeterEventDraft) -> MeterEvent:
    """Keep what happened at a meter, or behind a transformer, that explains odd readings.

    Raises:
        EventAboutNothing: it names both or neither, or ends before it begins.
        NotFound: there is no such meter or transformer.
    """
    about_one = (draft.meter_id is None) != (draft.transformer_id is None)
    if not about_one or (draft.to_at is not None and draft.to_at < draft.from_at):
        raise EventAboutNothing
    if draft.meter_id is not None:
        sites.get_meter(session, district_id=act.district_id, meter_id=draft.meter_id)
    if draft.transformer_id is not None:
        sites.get_transformer(
            session, district_id=act.district_id, transformer_id=draft.transformer_id
        )
    event = MeterEvent(
        district_id=act.district_id,
        id=act.new_id(),
        kind=str(draft.kind),
        meter_id=draft.meter_id,
        transformer_id=draft.transformer_id,
        from_at=draft.from_at,
        to_at=draft.to_at,
        note=draft.note,
        recorded_by=act.principal.person_id,
        recorded_at=act.received_at,
    )
    session.add(event)
    session.flush()
    windows.pack_about(session, act=act, event=event)
    detail = {
        "kind": event.kind,
        "meter_id": event.meter_id,
        "transformer_id": event.transformer_id,
    }
    crews.audit(session, act=act, what="meter_event.recorded", subject_id=event.id, detail=detail)
    return event


def require_method(body: readings.ReadingEntered) -> None:
    """Let pass how a value may come to be known without anybody of ours at the meter.

    Raises:
        NotReadAtDesk: the method is one of the field.
        EstimatorUnnamed: an estimate without its estimator, or the reverse.
    """
    if body.method not in QUALITY:
        raise NotReadAtDesk(method=body.method)
    if (body.method is readings.Method.ESTIMATED) != (body.estimator is not None):
        raise EstimatorUnnamed


def used_before(
    session: Session, *, act: Act, meter_id: str, read_at: dt.datetime, total: Decimal
) -> Decimal | None:
    """Work out what a meter had used when it showed a value, in kWh, since the one before."""
    known = histories.load(
        session, district_id=act.district_id, meter_ids=[meter_id], until=read_at
    )
    before = [each for each in known.readings.get(meter_id, ()) if each.read_at < read_at]
    register = histories.register_of(known.meters[meter_id])
    return used_since(before[-1].total if before else None, total, register)


def used_since(
    before: Decimal | None, total: Decimal, register: meter_reading.Register
) -> Decimal | None:
    """Work out the use since the value before, in kWh; None where nothing plausible was."""
    if before is None:
        return None
    moved = meter_reading.advance(before, total, register)
    return moved.used_kwh.quantize(usage.STEP_KWH) if moved.plausible else None


def row_of(
    act: Act,
    body: readings.ReadingEntered,
    *,
    read_at: dt.datetime,
    used_kwh: Decimal | None,
    quality: readings.Quality,
) -> dict[str, object]:
    """Lay out a value that nobody of ours read at the meter as the row that is kept."""
    return {
        "district_id": act.district_id,
        "id": act.operation_id or act.new_id(),
        "meter_id": body.meter_id,
        "stop_id": None,
        "route_id": None,
        "reader_id": None,
        "device_id": None,
        "read_at": read_at,
        "error_s": 0.0,
        "clock_suspect": False,
        "received_at": act.received_at,
        "total": body.total,
        "tariffs": values.plain(body.tariffs),
        "used_kwh": used_kwh,
        "method": str(body.method),
        "quality": str(quality),
        "estimator": str(body.estimator) if body.estimator else None,
        "prompts": [],
        "confirmed": [],
        "fix": None,
        "photos": [],
        "note": body.note,
    }

"""Corrections: a reading is never overwritten; another takes its place, for a reason.

What was found in this meter's readings from the one before on rested on the wrong value. It is
withdrawn and judged anew, so that the honest reading after a bad one is not blamed.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy.exc
from sqlalchemy.orm import Session

from api import db, reasons
from api.acts import Act
from api.crews import service as crews
from api.readings import store
from api.readings.models import Reading, Unjudged
from api.readings.service import allowing, disputes, entering, histories, planning, values
from api.readings.standing import SetAside
from api.requests import service as requests
from api.sites import service as sites
from api.sites.models import Meter
from schemas import reading_values as shapes
from schemas import readings
from schemas.errors import Refused
from schemas.reading_standing import Why
from schemas.rules import judging

_QUALITY: Final = {
    **entering.QUALITY,
    readings.Method.READ: readings.Quality.ACTUAL,
}


class NotCorrectedSo(Refused):
    """A value is corrected by the reading's own photo, by the customer, from afar or estimated."""

    code = "not-corrected-so"
    status = 422
    en = "A reading cannot be corrected as {method}; as read it needs a photo of its own."
    zh = "示数不能以 {method} 方式更正；按实抄更正须有该示数的照片。"


def correct(
    session: Session, *, act: Act, reading_id: str, body: shapes.ReadingCorrected
) -> Reading:
    """Put another reading in the place of a wrong one, and have what follows judged anew.

    Whoever disputes the wrong one is answered.

    Raises:
        NotFound: there is no such reading.
        CountsNoMore: another stands in its place already.
        ReasonNotConcrete: the reason says nothing.
        NotCorrectedSo: the method is none by which a reading is corrected.
        EstimatorUnnamed: an estimate without its estimator, or the reverse.
        EstimatesUsedUp: the policy allows no further estimate.
        UnknownRegister: a tariff that the meter does not have.
        TooManyDigits: more digits than the meter shows.
        TooManyDecimals: more decimals than the meter shows.
        NotOnRegister: the value is negative, or no number.
    """
    wrong, counts = disputes.get_reading(session, act=act, reading_id=reading_id)
    if not counts:
        raise disputes.CountsNoMore(id=reading_id)
    reasons.require_concrete(body.reason)
    meter = sites.get_meter(session, district_id=act.district_id, meter_id=wrong.meter_id)
    _require_sound(session, act, meter, wrong, body)
    right = _right(session, act, wrong, body)
    session.add(right)
    session.flush()
    set_aside(
        session,
        act=act,
        reading_id=wrong.id,
        why=Why.CORRECTED,
        by_id=right.id,
        words=(body.reason, body.reason),
    )
    judge_anew(session, act=act, reading=right)
    _tell_routes(session, act, meter)
    disputes.answer_corrected(session, act=act, reading_id=wrong.id, reason=body.reason)
    if right.quality == readings.Quality.ACTUAL:
        read = act._replace(happened=act.happened._replace(at=right.read_at))
        requests.meter_read(session, act=read, meter_id=meter.id)
    detail = {"by": right.id, "reason": body.reason}
    crews.audit(session, act=act, what="reading.corrected", subject_id=wrong.id, detail=detail)
    return right


def set_aside(
    session: Session,
    *,
    act: Act,
    reading_id: str,
    why: Why,
    by_id: str | None,
    words: tuple[str, str],
) -> None:
    """Let a reading count no more, and say why in English and in Chinese.

    Raises:
        CountsNoMore: somebody else did so meanwhile.
    """
    row = SetAside(
        district_id=act.district_id,
        reading_id=reading_id,
        why=str(why),
        by_id=by_id,
        en=words[0],
        zh=words[1],
        set_by=act.principal.person_id,
        set_at=act.received_at,
    )
    try:
        with db.savepoint(session):
            session.add(row)
    except sqlalchemy.exc.IntegrityError as error:
        raise disputes.CountsNoMore(id=reading_id) from error


def judge_anew(session: Session, *, act: Act, reading: Reading) -> None:
    """Withdraw what rests on the readings around a new one, and mark them to be judged again."""
    known = histories.load(
        session,
        district_id=act.district_id,
        meter_ids=[reading.meter_id],
        until=act.received_at,
    )
    rows = known.readings.get(reading.meter_id, ())
    at = next((index for index, each in enumerate(rows) if each.id == reading.id), len(rows))
    touched = rows[max(at - 1, 0) :]
    for flag in store.list_open_flags(
        session,
        district_id=act.district_id,
        reading_ids=[each.id for each in touched],
        codes=judging.CODES,
    ):
        flag.outcome = store.WITHDRAWN
    first = [each for each in touched[:2] if each.read_at <= reading.read_at]
    marked = store.list_marked(
        session, district_id=act.district_id, reading_ids=[each.id for each in first]
    )
    for each in first:
        if each.id not in marked:
            session.add(
                Unjudged(
                    district_id=act.district_id,
                    reading_id=each.id,
                    meter_id=each.meter_id,
                    read_at=each.read_at,
                )
            )
    session.flush()


def _require_sound(
    session: Session, act: Act, meter: Meter, wrong: Reading, body: shapes.ReadingCorrected
) -> None:
    """Let pass a value that may come to be known so, and that the meter can show."""
    is_estimate = body.method is readings.Method.ESTIMATED
    if body.method not in _QUALITY or (body.method is readings.Method.READ and not wrong.photos):
        raise NotCorrectedSo(method=body.method)
    if is_estimate != (body.estimator is not None):
        raise entering.EstimatorUnnamed
    register = histories.register_of(meter)
    values.require_possible(body.total, body.tariffs, register=register, registers=meter.registers)
    if is_estimate and wrong.quality != readings.Quality.ESTIMATED:
        allowing.require_allowed(session, act=act, meter=meter, read_at=wrong.read_at)


def _right(session: Session, act: Act, wrong: Reading, body: shapes.ReadingCorrected) -> Reading:
    """Lay out the reading that takes the place, at the moment of the wrong one."""
    entered = readings.ReadingEntered(
        meter_id=wrong.meter_id,
        total=body.total,
        tariffs=body.tariffs,
        method=body.method,
        estimator=body.estimator,
        note=body.reason,
    )
    used_kwh = entering.used_before(
        session, act=act, meter_id=wrong.meter_id, read_at=wrong.read_at, total=body.total
    )
    row = entering.row_of(
        act, entered, read_at=wrong.read_at, used_kwh=used_kwh, quality=_QUALITY[body.method]
    )
    return Reading(**row)


def _tell_routes(session: Session, act: Act, meter: Meter) -> None:
    """Give open stops of the meter what their checks rest on now."""
    for stop in store.list_open_stops(session, district_id=act.district_id, meter_id=meter.id):
        planning.prepare_again(session, act=act, stop=stop, meter=meter)

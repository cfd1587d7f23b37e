"""Declared estimates: the method is named, the server works it out, and keeps what it rests on.

A third in a row, or in 12 months, is refused as the policy set says: the meter is visited.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.crews import service as crews
from api.errors import Invalid, NotFound
from api.readings import store
from api.readings.models import Reading, Unjudged
from api.readings.service import allowing, browsing, entering, histories
from api.readings.standing import EstimateBasis
from api.sites import service as sites
from api.sites.models import Meter
from schemas import reading_values as shapes
from schemas import readings
from schemas.errors import Refused
from schemas.rules import estimators, judging


class EstimateWithoutGround(Refused):
    """The method has nothing to rest on: no such history, or a number is missing. Name another."""

    code = "estimate-without-ground"
    status = 422
    en = "There is nothing to estimate by {method}: {lacks}."
    zh = "无法按 {method} 估算：缺少 {lacks}。"


class EstimateNotPossible(Refused):
    """The register cannot have moved so far, or backwards. Look at the number that was given."""

    code = "estimate-not-possible"
    status = 422
    en = "{used_kwh} kWh cannot have been used; the register shows {digits} digits."
    zh = "不可能用电 {used_kwh} 千瓦时；该电表只显示 {digits} 位。"


def declare(session: Session, *, act: Act, draft: shapes.EstimateDraft) -> Reading:
    """Work an estimate out, and keep it as a reading with all that it rests on.

    Raises:
        NotFound: there is no such meter.
        Invalid: it stands for a moment to come, or before the meter stood.
        EstimatesUsedUp: the policy allows no further estimate of this meter.
        EstimateWithoutGround: the method has nothing to rest on.
        EstimateNotPossible: a number that was given says that the register ran too far, or back.
    """
    meter = sites.get_meter(session, district_id=act.district_id, meter_id=draft.meter_id)
    read_at = draft.read_at or act.happened.at
    if not meter.installed_at <= read_at <= act.received_at:
        raise Invalid(reason="read_at is still to come, or before the meter stood")
    allowing.require_allowed(session, act=act, meter=meter, read_at=read_at)
    basis, since = _basis(session, act, meter, draft, read_at)
    estimate = estimators.estimate(draft.estimator, basis) if basis.days > 0 else None
    if estimate is None:
        raise EstimateWithoutGround(method=draft.estimator, lacks=_lacks(draft.estimator))
    units = estimate.used_kwh / meter.multiplier
    if not 0 <= units < basis.register.range:
        raise EstimateNotPossible(used_kwh=str(estimate.used_kwh), digits=meter.digits)
    entered = readings.ReadingEntered(
        meter_id=meter.id,
        total=(since[1] + units) % basis.register.range,
        method=readings.Method.ESTIMATED,
        estimator=draft.estimator,
        note=draft.note,
    )
    quality = readings.Quality.ESTIMATED
    row = entering.row_of(
        act, entered, read_at=read_at, used_kwh=estimate.used_kwh, quality=quality
    )
    reading = Reading(**row)
    _keep(session, act, reading, estimate, since)
    allowing.propose_if_last(session, act=act, meter=meter, read_at=read_at)
    return reading


def show_estimate(session: Session, *, act: Act, reading_id: str) -> shapes.Estimate:
    """Show a declared estimate with what it rests on, and work it out again from that alone.

    Raises:
        NotFound: there is no such reading, or it was not estimated here.
    """
    reading = browsing.get_reading(session, act=act, reading_id=reading_id)
    basis = store.find_basis(session, district_id=act.district_id, reading_id=reading_id)
    if basis is None:
        raise NotFound(what="estimate", id=reading_id)
    meter = sites.get_meter(session, district_id=act.district_id, meter_id=reading.meter_id)
    register = histories.register_of(meter)
    method = estimators.Method(str(reading.estimator))
    return shapes.Estimate(
        reading=reading,
        since_value=basis.since_value,
        since_at=basis.since_at,
        used_kwh=basis.used_kwh,
        recomputed_kwh=estimators.recompute(method, basis.inputs, register),
        inputs=basis.inputs,
    )


def _basis(
    session: Session, act: Act, meter: Meter, draft: shapes.EstimateDraft, read_at: dt.datetime
) -> tuple[estimators.Basis, tuple[dt.datetime, Decimal]]:
    """Gather what an estimate may rest on, and from which value on it counts."""
    known = histories.load(
        session, district_id=act.district_id, meter_ids=[meter.id], until=read_at
    )
    rows = [each for each in known.readings.get(meter.id, ()) if each.read_at < read_at]
    past = histories.past_of(known, meter.id)[: len(rows)]
    since = (rows[-1].read_at, rows[-1].total) if rows else None
    since_at, since_value = since or (meter.installed_at, meter.installed_value)
    register = histories.register_of(meter)
    read_on, since_on = (at.astimezone(known.zone).date() for at in (read_at, since_at))
    basis = estimators.Basis(
        cycles=judging.cycles_of(past, register),
        read_on=read_on,
        days=(read_on - since_on).days,
        register=register,
        class_kwh_per_day=draft.class_kwh_per_day,
        agreed_kwh=draft.agreed_kwh,
    )
    return basis, (since_at, since_value)


def _keep(
    session: Session,
    act: Act,
    reading: Reading,
    estimate: estimators.Estimate,
    since: tuple[dt.datetime, Decimal],
) -> None:
    session.add(reading)
    session.flush()
    session.add(
        EstimateBasis(
            district_id=act.district_id,
            reading_id=reading.id,
            since_value=since[1],
            since_at=since[0],
            used_kwh=estimate.used_kwh,
            inputs=dict(estimate.inputs),
        )
    )
    session.flush()
    unjudged = {
        "district_id": act.district_id,
        "reading_id": reading.id,
        "meter_id": reading.meter_id,
        "read_at": reading.read_at,
    }
    db.append(session, Unjudged, unjudged)
    detail = {"meter_id": reading.meter_id, "estimator": reading.estimator}
    crews.audit(session, act=act, what="reading.estimated", subject_id=reading.id, detail=detail)


def _lacks(method: estimators.Method) -> str:
    """Name what a method needs and did not find."""
    needed = {
        estimators.Method.customer_class: "class_kwh_per_day",
        estimators.Method.agreed: "agreed_kwh",
        estimators.Method.like_month: "a cycle that ended about a year before",
        estimators.Method.mean_of_three: "three cycles",
    }
    return needed.get(method, "a cycle of at least a day")

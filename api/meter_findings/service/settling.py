"""What the office makes of findings: what is on record changes here, and what waited is let go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.errors import Invalid, NotFound
from api.meter_findings import store
from api.meter_findings.models import MeterFinding
from api.readings import service as readings
from api.sites import service as sites
from api.sites.models import Meter
from api.sites.service import meters
from schemas import meter_findings
from schemas import sites as site_shapes
from schemas.errors import Refused, Words
from schemas.readings import MeterEventDraft
from schemas.rules import flags
from schemas.rules import meter_findings as rules
from schemas.rules.meter_findings import Kind, Resolution, Serial


class FindingSettled(Refused):
    """The finding was settled before. Read how; a reader may report anew what is otherwise."""

    code = "finding-settled"
    status = 409
    en = "The finding {id} was settled before as {resolution}."
    zh = "该现场发现 {id} 已按 {resolution} 办结。"


class ResolutionUnfit(Refused):
    """A finding of this kind cannot have turned out so. Choose another resolution."""

    code = "resolution-unfit"
    status = 422
    en = "A finding of kind {kind} cannot be settled as {resolution}."
    zh = "类别为 {kind} 的现场发现不能按 {resolution} 办结。"


def list_findings(
    session: Session, *, act: Act, chosen: store.Filter, after: store.After, limit: int
) -> list[meter_findings.MeterFinding]:
    """List findings with what is to be done about each, the latest first."""
    rows = store.page(session, district_id=act.district_id, chosen=chosen, after=after, limit=limit)
    return _views(session, rows)


def get_finding(session: Session, *, act: Act, finding_id: str) -> meter_findings.MeterFinding:
    """Get a finding with what is to be done about it.

    Raises:
        NotFound: there is none.
    """
    (view,) = _views(session, [_get(session, act, finding_id)])
    return view


def settle(
    session: Session, *, act: Act, finding_id: str, body: meter_findings.MeterFindingSettled
) -> meter_findings.MeterFinding:
    """Say what a finding turned out to be, put it on record, and let go what waited for it.

    Raises:
        NotFound: there is none.
        FindingSettled: it was settled before.
        ResolutionUnfit: what was found cannot have turned out so.
        ImpossibleMeter: the numbers of one of the meters contradict each other.
        SerialTaken: a meter with that serial stands elsewhere.
        Invalid: the meter was changed in the future, or after it was found so.
    """
    row = _get(session, act, finding_id)
    if row.settled_at is not None:
        raise FindingSettled(id=row.id, resolution=row.resolution)
    if not rules.may_settle(Kind(row.kind), body.resolution):
        raise ResolutionUnfit(kind=row.kind, resolution=str(body.resolution))
    match body.resolution:
        case Resolution.changed:
            _change(session, act, row, body)
        case Resolution.same_meter:
            _same(session, act, row)
        case Resolution.dismissed:
            _dismiss(session, act, row)
        case Resolution.registered:
            pass
    row.resolution, row.settled_note = str(body.resolution), body.note
    row.settled_at, row.settled_by = act.received_at, act.principal.person_id
    session.flush()
    detail = {"resolution": row.resolution, "new_meter_id": row.new_meter_id}
    crews.audit(session, act=act, what="meter_finding.settled", subject_id=row.id, detail=detail)
    (view,) = _views(session, [row])
    return view


def _change(
    session: Session, act: Act, row: MeterFinding, body: meter_findings.MeterFindingSettled
) -> None:
    """Put the change of a meter on record; what waited becomes the new one's readings."""
    old = _meter(session, row)
    changed_at = body.changed_at or row.happened_at
    if changed_at > row.happened_at:
        raise Invalid(reason="changed_at is after it was found changed")
    old_total = body.old_total if body.old_total is not None else row.old_total
    if old_total is None:
        old_total = readings.last_value(session, act=act, meter=old, until=changed_at)
    new = meters.change(
        session,
        act=act,
        old=old,
        removed_at=changed_at,
        removed_value=old_total,
        new=_new_meter(act, row, old, body.meter, changed_at),
    )
    for meter_id in (old.id, new.id):
        event = MeterEventDraft(
            kind=flags.Explanation.meter_change,
            meter_id=meter_id,
            from_at=changed_at,
            to_at=changed_at,
            note=body.note,
        )
        readings.record_event(session, act=act, draft=event)
    readings.release(session, act=act, finding_id=row.id, meter=new)
    readings.settle_stops(
        session, act=act, finding_id=row.id, old=old, meter=new, changed_at=changed_at
    )
    store.point_open(session, district_id=act.district_id, old_id=old.id, new_id=new.id)
    row.new_meter_id = new.id


def _same(session: Session, act: Act, row: MeterFinding) -> None:
    """Mend the serial on record; what waited becomes the meter's readings."""
    assert row.meter_id is not None
    meter = meters.mend_serial(session, act=act, meter_id=row.meter_id, serial=row.serial)
    readings.release(session, act=act, finding_id=row.id, meter=meter)
    readings.settle_stops(
        session, act=act, finding_id=row.id, old=meter, meter=meter, changed_at=None
    )


def _dismiss(session: Session, act: Act, row: MeterFinding) -> None:
    """Leave the record as it is; what waited stays with the finding and counts for nothing."""
    if row.meter_id is None:
        return
    meter = _meter(session, row)
    readings.settle_stops(
        session, act=act, finding_id=row.id, old=meter, meter=meter, changed_at=None
    )


def _new_meter(
    act: Act,
    row: MeterFinding,
    old: Meter,
    known: meter_findings.NewMeter,
    changed_at: dt.datetime,
) -> site_shapes.Meter:
    """Describe the new meter: as the office knows it, else as it was found, else as the old one."""
    found = row.total if row.total is not None else Decimal(0)
    digits = known.digits or row.digits or old.digits
    decimals = known.decimals if known.decimals is not None else row.decimals
    return site_shapes.Meter(
        id=act.new_id(),
        service_point_id=old.service_point_id,
        serial=known.serial or row.serial,
        digits=digits,
        decimals=decimals if decimals is not None else old.decimals,
        multiplier=known.multiplier if known.multiplier is not None else old.multiplier,
        registers=known.registers or old.registers,
        box=old.box,
        installed_at=changed_at,
        installed_value=known.installed_value if known.installed_value is not None else found,
    )


def _get(session: Session, act: Act, finding_id: str) -> MeterFinding:
    row = store.find(session, district_id=act.district_id, finding_id=finding_id)
    if row is None:
        raise NotFound(what="finding", id=finding_id)
    return row


def _meter(session: Session, row: MeterFinding) -> Meter:
    assert row.meter_id is not None, "a finding at a stop names the meter on record"
    return sites.get_meter(session, district_id=row.district_id, meter_id=row.meter_id)


def _views(session: Session, rows: Sequence[MeterFinding]) -> list[meter_findings.MeterFinding]:
    """Show findings with what is on record of their serials, asked once for all."""
    if not rows:
        return []
    district_id = rows[0].district_id
    waiting = readings.count_waiting(
        session, district_id=district_id, finding_ids=[row.id for row in rows]
    )
    by_serial = sites.list_meters_by_serial(
        session, district_id=district_id, serials={row.serial for row in rows}
    )
    return [_view(row, by_serial, waiting.get(row.id, 0)) for row in rows]


def _view(
    row: MeterFinding, by_serial: Mapping[str, Sequence[Meter]], waiting: int
) -> meter_findings.MeterFinding:
    known = [each for each in by_serial.get(row.serial, ()) if each.id != row.meter_id]
    known.sort(key=lambda each: (each.removed_at is not None, each.id))
    serial = Serial.unknown
    if known:
        serial = Serial.elsewhere if known[0].removed_at is None else Serial.removed
    advice = rules.advise(Kind(row.kind), serial, is_settled=row.settled_at is not None)
    en, zh = (words.format(serial=row.serial) for words in rules.WORDS[advice])
    return meter_findings.MeterFinding(
        id=row.id,
        kind=Kind(row.kind),
        route_id=row.route_id,
        stop_id=row.stop_id,
        meter_id=row.meter_id,
        recorded_serial=row.recorded_serial,
        serial=row.serial,
        known_meter_id=known[0].id if known else None,
        place=row.place,
        total=row.total,
        tariffs={name: Decimal(value) for name, value in row.tariffs.items()},
        old_total=row.old_total,
        digits=row.digits,
        decimals=row.decimals,
        reader_id=row.reader_id,
        happened_at=row.happened_at,
        clock_suspect=row.clock_suspect,
        photo_sha256=row.photos,
        note=row.note,
        waiting=waiting,
        advice=advice,
        to_do=Words(en=en, zh=zh),
        resolution=Resolution(row.resolution) if row.resolution else None,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        settled_note=row.settled_note,
        new_meter_id=row.new_meter_id,
    )

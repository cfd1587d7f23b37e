"""Abnormal use: a list with an owner and a deadline, apart from any accusation.

High, low, stopped and growing use is mostly true; somebody looks into it and says what it was. Of
each kind a meter has one open entry at most, and a reading that was looked into opens none again.
Of meters that used nothing for long a share is looked at, by what they are (`zeros`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.errors import NotFound
from api.readings import store, sweeping
from api.readings.models import AbnormalUse
from api.readings.service import thresholds, zeros
from api.sites import service as sites
from schemas import readings
from schemas.errors import Refused
from schemas.rules import flags
from schemas.rules import sweeping as rules
from schemas.rules import use_windows as packing

KINDS: Final[Mapping[str, readings.AbnormalKind]] = {
    "ER12": readings.AbnormalKind.STOPPED,
    "ER13": readings.AbnormalKind.UNUSED,
    "ER18": readings.AbnormalKind.HIGH,
    "ER19": readings.AbnormalKind.LOW,
    "ER22": readings.AbnormalKind.GROWING,
}
OPENED_MAX: Final = 20_000
"""A night opens so many entries at most; `lamplighter readings sweep` opens the rest."""
_METERS_PER_STEP: Final = 500
_log = structlog.get_logger()


class AbnormalClosed(Refused):
    """It was looked into and closed. Read what was found; a later reading may open another."""

    code = "abnormal-closed"
    status = 409
    en = "The abnormal use {id} was closed before."
    zh = "用电异常 {id} 已办结。"


def find(session: Session, *, act: Act, touched_at: dt.datetime) -> int:
    """Sweep the windows that one run wrote, and open an entry for what has none yet.

    Returns:
        How many are new.
    """
    opened = 0
    for meter_ids in sweep(session, district_id=act.district_id, touched_at=touched_at):
        opened += open_found(session, act=act, meter_ids=meter_ids)
        if opened >= OPENED_MAX:
            _log.info("abnormal_use.more_to_open", district_id=act.district_id)
            break
    return opened


def sweep(
    session: Session, *, district_id: str, touched_at: dt.datetime | None = None
) -> list[list[str]]:
    """List the meters of abnormal use, some hundred at a time, and change nothing.

    Args:
        session: it may be one that only reads, so that no writer waits for a city.
        district_id: whose meters.
        touched_at: only the windows that this run wrote; None sweeps all.
    """
    use = thresholds.IN_FORCE.use
    swept = sweeping.sweep(session, district_id=district_id, use=use, touched_at=touched_at)
    found = [meter_id for meter_id, codes in swept if not KINDS.keys().isdisjoint(codes)]
    steps = range(0, len(found), _METERS_PER_STEP)
    return [found[start : start + _METERS_PER_STEP] for start in steps]


def open_found(session: Session, *, act: Act, meter_ids: Sequence[str]) -> int:
    """Open what is new at some hundred meters that still stand, as their windows are now.

    Returns:
        How many entries.
    """
    meters = sites.load_meters(session, district_id=act.district_id, ids=meter_ids)
    standing = {id_: meter for id_, meter in meters.items() if meter.removed_at is None}
    there = store.list_abnormal_of_meters(session, district_id=act.district_id, meter_ids=meter_ids)
    known = {(row.meter_id, row.kind, row.read_on) for row in there}
    open_now = {(row.meter_id, row.kind) for row in there if row.is_open}
    packed = store.load_windows(session, district_id=act.district_id, meter_ids=sorted(standing))
    points = zeros.points_of(session, act=act, meters=standing.values())
    opened = 0
    for meter_id, window in packed.items():
        for flag, read_on in _findings(window):
            kind = str(KINDS[flag.code])
            if (meter_id, kind) in open_now or (meter_id, kind, read_on) in known:
                continue
            found = flag
            if flag.code == zeros.CODE:
                drawn = zeros.draw(flag, standing[meter_id], points, read_on=read_on)
                if drawn is None:
                    continue
                found = drawn
            session.add(_entry(act, meter_id, found, read_on))
            opened += 1
    session.flush()
    return opened


def list_abnormal(
    session: Session, *, act: Act, chosen: store.AbnormalFilter, after: store.After, limit: int
) -> list[readings.AbnormalUse]:
    """List abnormal use with its numbers and who looks into it, what is due last first."""
    rows = store.page_of_abnormal(
        session, district_id=act.district_id, chosen=chosen, after=after, limit=limit
    )
    return [_view(row) for row in rows]


def take(session: Session, *, act: Act, abnormal_id: str) -> readings.AbnormalUse:
    """Make it one's own to look into; a colleague's is taken over, which is on record.

    Raises:
        NotFound: there is none.
        AbnormalClosed: it was closed before.
    """
    row = _get_open(session, act, abnormal_id)
    detail = {"from": row.owner_id}
    row.owner_id = act.principal.person_id
    crews.audit(session, act=act, what="abnormal_use.taken", subject_id=row.id, detail=detail)
    return _view(row)


def close(
    session: Session, *, act: Act, abnormal_id: str, body: readings.AbnormalFound
) -> readings.AbnormalUse:
    """Say what it turned out to be; whoever closes it owns it.

    Raises:
        NotFound: there is none.
        AbnormalClosed: it was closed before.
    """
    row = _get_open(session, act, abnormal_id)
    row.owner_id = act.principal.person_id
    row.closed_at = act.received_at
    row.found, row.note = str(body.found), body.note
    detail = {"found": row.found}
    crews.audit(session, act=act, what="abnormal_use.closed", subject_id=row.id, detail=detail)
    return _view(row)


def _findings(packed: bytes) -> Iterator[tuple[flags.Flag, str]]:
    window = packing.unpack(packing.read(packed)[0])
    for flag in rules.judge(window, thresholds.IN_FORCE.use):
        if flag.code in KINDS:
            yield flag, flags.day(window.cycles[-1].read_on)


def _entry(act: Act, meter_id: str, flag: flags.Flag, read_on: str) -> AbnormalUse:
    within = dt.timedelta(days=thresholds.IN_FORCE.use.abnormal_within_days)
    return AbnormalUse(
        district_id=act.district_id,
        id=act.new_id(),
        meter_id=meter_id,
        kind=str(KINDS[flag.code]),
        code=flag.code,
        read_on=read_on,
        inputs=dict(flag.inputs),
        en=flag.en,
        zh=flag.zh,
        opened_at=act.received_at,
        due_at=act.received_at + within,
        owner_id=None,
        closed_at=None,
        found=None,
        note="",
    )


def _get_open(session: Session, act: Act, abnormal_id: str) -> AbnormalUse:
    row = store.find_abnormal(session, district_id=act.district_id, abnormal_id=abnormal_id)
    if row is None:
        raise NotFound(what="abnormal use", id=abnormal_id)
    if row.closed_at is not None:
        raise AbnormalClosed(id=abnormal_id)
    return row


def _view(row: AbnormalUse) -> readings.AbnormalUse:
    return readings.AbnormalUse(
        id=row.id,
        meter_id=row.meter_id,
        kind=readings.AbnormalKind(row.kind),
        code=row.code,
        read_on=row.read_on,
        inputs=row.inputs,
        en=row.en,
        zh=row.zh,
        opened_at=row.opened_at,
        due_at=row.due_at,
        owner_id=row.owner_id,
        closed_at=row.closed_at,
        found=readings.AbnormalCause(row.found) if row.found else None,
        note=row.note,
    )

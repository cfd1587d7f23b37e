"""Check-ins: judged by the function that the phone used, recorded whatever the verdict."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import zoneinfo
from collections.abc import Sequence
from typing import Final

import msgspec
import structlog
from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.checkins import store
from api.checkins.models import CheckIn
from api.errors import Invalid
from api.sites import service as sites
from api.sites.service import geojson
from api.tasks import service as tasks
from schemas import checkins as shapes
from schemas import sites as site_shapes
from schemas import tasks as task_shapes
from schemas.errors import Refused
from schemas.rules import geofence
from schemas.rules import shapes as figures

CHECK_INS_PER_TASK_MAX: Final = 500
_FENCES_KEPT: Final = 2_048
_FIRST_DAY: Final = dt.date(1900, 1, 1)
_LAST_DAY: Final = dt.date(9999, 12, 30)
_FIX_AGE_MAX: Final = "checkins.fix_age_max_s"
Place = store.Place
_log = structlog.get_logger()


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and how near was near enough; None without a site."""

    verdict: geofence.Verdict
    reasons: tuple[str, ...]
    radius_m: float | None


def record(session: Session, *, act: Act, subject_id: str, body: shapes.CheckIn) -> Refused | None:
    """Record that a crew says it has arrived, with what its position proves.

    The order moves on whatever the verdict; only the clock of the arrival asks for it.

    Raises:
        WaitsForOrder: it never was theirs, as far as is known (at a door: NotFound).
    """
    task = tasks.get_for_field(session, act=act, task_id=subject_id)
    judged = _judge(session, district_id=act.district_id, site=task.work_site, body=body)
    check_in_id = act.operation_id or act.new_id()
    verdict = judged.verdict
    remark = tasks.arrive(
        session,
        act=act,
        task=task,
        proven=verdict.kind is not geofence.VerdictKind.outside,
        doubt="" if verdict.kind is geofence.VerdictKind.inside else ", ".join(judged.reasons),
        detail={
            "check_in_id": check_in_id,
            "verdict": verdict.kind,
            "distance_m": verdict.distance_m,
            "reasons": judged.reasons,
        },
    )
    db.append(session, CheckIn, _row(act, check_in_id, task.id, body, judged))
    _log.info("check_in.recorded", task_id=task.id, check_in_id=check_in_id, verdict=verdict.kind)
    return remark


def list_of_task(session: Session, *, act: Act, task_id: str) -> Sequence[CheckIn]:
    """List a task's check-ins, oldest first.

    Raises:
        NotFound: there is no such task for this principal.
    """
    task = tasks.get_task(session, act=act, task_id=task_id)
    return store.list_of_task(
        session, district_id=act.district_id, task_id=task.id, limit=CHECK_INS_PER_TASK_MAX
    )


def list_of_day(
    session: Session,
    *,
    act: Act,
    wanted: shapes.CheckInFilter,
    behind: Place | None,
    limit: int,
) -> Sequence[CheckIn]:
    """List the check-ins of one local day of the district, oldest first.

    Args:
        session: the unit of work.
        act: who asks.
        wanted: the day (today by default) and which check-ins.
        behind: the last one of the page before.
        limit: how many at most.

    Raises:
        Invalid: the day lies beyond the calendar.
    """
    zone = zoneinfo.ZoneInfo(sites.get_district(session, district_id=act.district_id).zone)
    day = wanted.day or act.received_at.astimezone(zone).date()
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise Invalid(reason="the day lies beyond the calendar")
    start = dt.datetime.combine(day, dt.time(), tzinfo=zone)
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=zone)
    return store.list_in(
        session,
        district_id=act.district_id,
        span=store.Span(start, end),
        verdict=wanted.verdict,
        person_id=wanted.person_id,
        behind=behind,
        limit=limit,
    )


def draw(rows: Sequence[CheckIn], *, next_key: str | None) -> site_shapes.FeatureCollection:
    """Draw where crews were when they checked in, in WGS-84.

    Args:
        rows: a page of check-ins; one without a fix is not drawn.
        next_key: the key of the next page; None on the last.
    """
    recorded = [row.wire() for row in rows]
    features = [
        site_shapes.Feature(
            id=each.id,
            geometry=geojson.in_wgs84(
                {"type": "Point", "coordinates": [each.fix.lon_deg, each.fix.lat_deg]},
                datum=each.fix.datum,
            ),
            properties={
                "task_id": each.task_id,
                "person_id": each.person_id,
                "happened_at": each.happened_at,
                "verdict": each.verdict,
                "distance_m": each.distance_m,
                "accuracy_m": each.fix.accuracy_m,
                "en": each.words.en,
                "zh": each.words.zh,
            },
        )
        for each in recorded
        if each.fix is not None
    ]
    return site_shapes.FeatureCollection(features=features, next=next_key)


def _judge(
    session: Session,
    *,
    district_id: str,
    site: task_shapes.WorkSite | None,
    body: shapes.CheckIn,
) -> Judged:
    """Hold the fix against the order's site, by the function that the phone used."""
    fence = _fence(msgspec.json.encode(site)) if site else None
    if site is None or fence is None:
        nowhere = geofence.Verdict(geofence.VerdictKind.unsure, None, None, ())
        return Judged(nowhere, (shapes.NO_SITE,), None)
    verdict = geofence.verdict(
        body.fix, fence, age_max_s=_fix_age_max_s(session, district_id=district_id)
    )
    return Judged(verdict, tuple(str(reason) for reason in verdict.reasons), site.radius_m)


@functools.lru_cache(maxsize=_FENCES_KEPT)
def _fence(site_json: bytes) -> geofence.Fence | None:
    """Prepare a site's fence; None when its geometry is no shape on the ground."""
    site = msgspec.json.decode(site_json, type=task_shapes.WorkSite)
    try:
        return geofence.Fence(site.geometry, radius_m=site.radius_m, datum=site.datum)
    except figures.BadGeometry:
        return None


def _fix_age_max_s(session: Session, *, district_id: str) -> float:
    """Tell how old a fix may be; asked once in a unit of work."""
    known: dict[str, float] = session.info.setdefault(_FIX_AGE_MAX, {})
    if district_id not in known:
        district = sites.get_district(session, district_id=district_id)
        known[district_id] = district.fix_age_max_s
    return known[district_id]


def _row(
    act: Act, check_in_id: str, task_id: str, body: shapes.CheckIn, judged: Judged
) -> dict[str, object]:
    return {
        "district_id": act.district_id,
        "id": check_in_id,
        "task_id": task_id,
        "person_id": act.principal.person_id,
        "device_id": act.principal.device_id,
        "happened_at": act.happened.at,
        "error_s": act.happened.error_s,
        "clock_suspect": act.happened.suspect,
        "received_at": act.received_at,
        "fix": msgspec.to_builtins(body.fix),
        "radius_m": judged.radius_m,
        "verdict": str(judged.verdict.kind),
        "verdict_on_phone": str(body.verdict) if body.verdict else None,
        "distance_m": judged.verdict.distance_m,
        "reasons": list(judged.reasons),
        "datum_suspect": judged.verdict.datum_suspect,
        "note": body.note,
    }

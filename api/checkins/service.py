"""Check-ins: judged by the function that the phone used, recorded whatever the verdict."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import zoneinfo
from collections.abc import Sequence
from typing import Final, NamedTuple

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
from schemas.rules import codes, geofence, presence
from schemas.rules import shapes as figures

CHECK_INS_PER_TASK_MAX: Final = 500
_FENCES_KEPT: Final = 2_048
_FIRST_DAY: Final = dt.date(1900, 1, 1)
_LAST_DAY: Final = dt.date(9999, 12, 30)
_LIMITS: Final = "checkins.limits"
Place = store.Place
_log = structlog.get_logger()


class Limits(NamedTuple):
    """How old a fix may be in a district, and how long a stay must be."""

    fix_age_max_s: float
    dwell_s: float


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and the fence that it was held against; None without a site."""

    verdict: geofence.Verdict
    reasons: tuple[str, ...]
    fence: geofence.Fence | None


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
    remedies = _remedies(
        session, act=act, body=body, fence=judged.fence, point_id=task.service_point_id
    )
    row = _row(act, check_in_id, task.id, body, judged)
    db.append(session, CheckIn, {**row, "remedies": msgspec.to_builtins(remedies)})
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
        remedied=wanted.remedied,
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
    limits = _limits(session, district_id=district_id)
    verdict = geofence.verdict(body.fix, fence, age_max_s=limits.fix_age_max_s)
    return Judged(verdict, tuple(str(reason) for reason in verdict.reasons), fence)


def _remedies(
    session: Session,
    *,
    act: Act,
    body: shapes.CheckIn,
    fence: geofence.Fence | None,
    point_id: str | None,
) -> shapes.Remedies | None:
    """Weigh what the check-in brings beside its fix; None where that is nothing."""
    if not (body.sightings or body.photo_sha256 or body.scanned):
        return None
    match = None
    if body.scanned:
        match = codes.match(body.scanned, _codes_at(session, act=act, point_id=point_id))
    return shapes.Remedies(
        stay=_stay(session, act=act, body=body, fence=fence),
        sightings=body.sightings,
        photo_sha256=body.photo_sha256,
        scanned=body.scanned,
        match=match,
    )


def _stay(
    session: Session, *, act: Act, body: shapes.CheckIn, fence: geofence.Fence | None
) -> shapes.Stayed | None:
    if fence is None or not body.sightings:
        return None
    limits = _limits(session, district_id=act.district_id)
    judged = presence.stay(
        body.sightings, fence, dwell_s=limits.dwell_s, age_max_s=limits.fix_age_max_s
    )
    return shapes.stay_of(judged)


def _codes_at(session: Session, *, act: Act, point_id: str | None) -> list[str]:
    """List what a label at a service point may say: its number, and its meters' serials."""
    if point_id is None:
        return []
    known = sites.load_service_points(session, district_id=act.district_id, ids=[point_id])
    meters = sites.list_standing_meters(
        session, district_id=act.district_id, service_point_ids=[point_id]
    )
    return [*(point.number for point in known.values()), *(meter.serial for meter in meters)]


@functools.lru_cache(maxsize=_FENCES_KEPT)
def _fence(site_json: bytes) -> geofence.Fence | None:
    """Prepare a site's fence; None when its geometry is no shape on the ground."""
    site = msgspec.json.decode(site_json, type=task_shapes.WorkSite)
    try:
        return geofence.Fence(site.geometry, radius_m=site.radius_m, datum=site.datum)
    except figures.BadGeometry:
        return None


def _limits(session: Session, *, district_id: str) -> Limits:
    """Tell what a district asks of fixes and stays; asked once in a unit of work."""
    known: dict[str, Limits] = session.info.setdefault(_LIMITS, {})
    if district_id not in known:
        district = sites.get_district(session, district_id=district_id)
        known[district_id] = Limits(district.fix_age_max_s, district.dwell_s)
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
        "radius_m": judged.fence.radius_m if judged.fence else None,
        "verdict": str(judged.verdict.kind),
        "verdict_on_phone": str(body.verdict) if body.verdict else None,
        "distance_m": judged.verdict.distance_m,
        "reasons": list(judged.reasons),
        "datum_suspect": judged.verdict.datum_suspect,
        "note": body.note,
    }

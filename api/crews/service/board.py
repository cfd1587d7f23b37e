"""The crews as the office sees them: on duty or not, where, and with what unsent."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import store
from api.crews.models import Crew, CrewArea, Device
from api.crews.service import crews, duty
from schemas import crews as shapes

MAP_CREWS_MAX: Final = 5_000


def get_view(session: Session, *, act: Act, crew_id: str) -> shapes.CrewView:
    """Show one crew.

    Raises:
        NotFound: there is no such crew in the district.
    """
    crew = crews.get_crew(session, district_id=act.district_id, crew_id=crew_id)
    return _views(session, act=act, rows=[crew])[0]


def list_views(
    session: Session,
    *,
    act: Act,
    area_id: str | None,
    disbanded: bool,
    after_id: str | None,
    limit: int,
) -> list[shapes.CrewView]:
    """Show a page of the district's crews.

    Args:
        session: the unit of work.
        act: who looks, and when.
        area_id: only crews that serve or served this area.
        disbanded: whether those disbanded are shown too.
        after_id: the crew that the page before ended with.
        limit: rows of a page.
    """
    rows = store.crews.page_crews(
        session,
        district_id=act.district_id,
        area_id=area_id,
        disbanded=disbanded,
        after_id=after_id,
        limit=limit,
    )
    return _views(session, act=act, rows=rows)


def get_map(session: Session, *, act: Act) -> shapes.CrewFeatures:
    """Show where the district's living crews were last heard of."""
    shown = list_views(
        session, act=act, area_id=None, disbanded=False, after_id=None, limit=MAP_CREWS_MAX
    )
    features = [
        shapes.CrewFeature(id=view.id, geometry=_point(view.position), properties=view)
        for view in shown
    ]
    return shapes.CrewFeatures(features=features)


def _views(session: Session, *, act: Act, rows: Sequence[Crew]) -> list[shapes.CrewView]:
    """Show crews with one question for each kind of thing that belongs to them."""
    district_id, now = act.district_id, act.received_at
    crew_ids = [crew.id for crew in rows]
    members: dict[str, list[shapes.MemberView]] = defaultdict(list)
    for crew_id, person_id, name in store.crews.list_members(
        session, district_id=district_id, crew_ids=crew_ids
    ):
        members[crew_id].append(shapes.MemberView(person_id=person_id, name=name))
    areas = duty.by_crew(
        store.crews.list_areas(session, district_id=district_id, crew_ids=crew_ids, at=now)
    )
    devices = duty.devices_by_crew(session, district_id=district_id, crew_ids=crew_ids)
    working = store.crews.list_crew_ids_on_duty(
        session, district_id=district_id, crew_ids=crew_ids, at=now
    )
    return [
        shapes.CrewView(
            id=crew.id,
            name=crew.name,
            skills=crew.skills,
            members=members[crew.id],
            areas=[_area(area) for area in areas[crew.id]],
            on_duty=crew.disbanded_at is None and crew.id in working,
            unsynced=_unsynced(devices[crew.id]),
            position=_position(devices[crew.id], now=now),
            formed_at=crew.formed_at,
            disbanded_at=crew.disbanded_at,
            version=crew.version,
        )
        for crew in rows
    ]


def _area(area: CrewArea) -> shapes.CrewAreaView:
    return shapes.CrewAreaView(
        area_id=area.area_id, lent=area.reason is not None, reason=area.reason, until=area.until
    )


def _unsynced(devices: Sequence[Device]) -> shapes.UnsyncedWork:
    """Add up what the devices had not sent."""
    unsent = [device.unsent_since for device in devices if device.unsent_since is not None]
    return shapes.UnsyncedWork(
        queued=sum(device.queued for device in devices),
        files_queued=sum(device.files_queued for device in devices),
        unsent_since=min(unsent, default=None),
        covered_until=min((device.covered_until for device in devices), default=None),
    )


def _position(devices: Sequence[Device], *, now: dt.datetime) -> shapes.CrewPosition | None:
    """Tell where the crew's newest position is, and how old."""
    placed = duty.newest_position(devices)
    if placed is None:
        return None
    device, fix = placed
    return shapes.CrewPosition(
        device_id=device.id,
        lat_deg=fix.lat_deg,
        lon_deg=fix.lon_deg,
        accuracy_m=fix.accuracy_m,
        at=fix.at,
        age_s=max((now - fix.at).total_seconds(), 0.0),
    )


def _point(position: shapes.CrewPosition | None) -> shapes.CrewPoint | None:
    if position is None:
        return None
    return shapes.CrewPoint(coordinates=[position.lon_deg, position.lat_deg])

"""Who is on duty where, and how far their phones have told what they did."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy.orm import Session

from api.crews import store
from api.crews.models import Crew, CrewArea, Device
from schemas.places import KnownPosition
from schemas.rules.belonging import Stay


@dataclasses.dataclass(frozen=True, slots=True)
class CrewOnDuty:
    """A crew on duty.

    Attributes:
        crew_id: which it is.
        name: what it is called.
        skills: what it can do.
        area_ids: the areas that it serves now, those that it is lent to among them.
        lent: the areas that it is lent to.
        fix: where its devices were last heard of, the newest; WGS-84.
    """

    crew_id: str
    name: str
    skills: frozenset[str]
    area_ids: frozenset[str]
    lent: frozenset[str]
    fix: KnownPosition | None


def on_duty(session: Session, *, district_id: str, at: dt.datetime) -> list[CrewOnDuty]:
    """List the living crews of a district that have a shift at an instant, by id."""
    crews = store.crews.list_on_duty(session, district_id=district_id, at=at)
    crew_ids = [crew.id for crew in crews]
    areas = by_crew(
        store.crews.list_areas(session, district_id=district_id, crew_ids=crew_ids, at=at)
    )
    devices = devices_by_crew(session, district_id=district_id, crew_ids=crew_ids)
    return [_on_duty(crew, areas[crew.id], devices[crew.id]) for crew in crews]


def crews_by_area(session: Session, *, district_id: str, at: dt.datetime) -> dict[str, list[str]]:
    """Tell which living crews serve each area at an instant, on duty or not."""
    served: dict[str, list[str]] = defaultdict(list)
    for area in store.crews.list_living_areas(session, district_id=district_id, at=at):
        served[area.area_id].append(area.crew_id)
    return dict(served)


def list_areas_of_crews(
    session: Session, *, district_id: str, crew_ids: Collection[str], at: dt.datetime, limit: int
) -> Sequence[str]:
    """List the ids of the areas that some crews serve at an instant, loans among them, in order."""
    return store.crews.list_area_ids_of(
        session, district_id=district_id, crew_ids=sorted(crew_ids), at=at, limit=limit
    )


def list_crews_of(session: Session, *, person_id: str) -> Sequence[Crew]:
    """List the living crews that a person is in."""
    return store.crews.list_crews_of(session, person_id=person_id)


def list_ended_stays(session: Session, *, district_id: str, person_id: str) -> Sequence[Stay]:
    """List a person's times in crews that they left, or that were disbanded."""
    return store.crews.list_ended_stays(session, district_id=district_id, person_id=person_id)


def list_stays_in(
    session: Session, *, district_id: str, crew_ids: Collection[str]
) -> Mapping[str, Sequence[Stay]]:
    """Gather by person the times of everybody who is or was in one of some crews."""
    stays: dict[str, list[Stay]] = defaultdict(list)
    for member in store.crews.list_members(session, district_id=district_id, crew_ids=crew_ids):
        stays[member.person_id].append(Stay(member.crew_id))
    for former in store.crews.list_former_members(
        session, district_id=district_id, crew_ids=crew_ids
    ):
        stays[former.person_id].append(Stay(former.crew_id, former.since, former.until))
    return stays


def covered_until(
    session: Session,
    *,
    district_id: str,
    crew_id: str | None,
    person_id: str | None,
    left_since: dt.datetime | None = None,
) -> dt.datetime | None:
    """Tell until when all that a crew, else a person, did is known.

    The earliest of their active devices decides; None means that there is no device from which
    anything could still come.
    Whoever left the crew before its last contact is not waited for; with `left_since`, whoever
    left since then is: the answer that told of it may have been lost.
    """
    if crew_id is not None:
        return store.devices.find_covered_until_of_crew(
            session, district_id=district_id, crew_id=crew_id, left_since=left_since
        )
    if person_id is not None:
        return store.devices.find_covered_until_of_person(
            session, district_id=district_id, person_id=person_id
        )
    return None


def places_of(
    session: Session, *, district_id: str, crew_ids: Collection[str]
) -> Mapping[str, tuple[float, float]]:
    """Tell where crews were last heard of: (lat_deg, lon_deg) in WGS-84; else nothing of them."""
    devices = devices_by_crew(session, district_id=district_id, crew_ids=crew_ids)
    placed = {crew_id: newest_position(devices[crew_id]) for crew_id in crew_ids}
    return {
        crew_id: (found[1].lat_deg, found[1].lon_deg) for crew_id, found in placed.items() if found
    }


def newest_position(devices: Iterable[Device]) -> tuple[Device, KnownPosition] | None:
    """Choose the device that was placed last, and tell where."""
    placed = [(device.position_at, device) for device in devices if device.position_at]
    if not placed:
        return None
    at, device = max(placed, key=lambda each: (each[0], each[1].id))
    assert device.lat_deg is not None
    assert device.lon_deg is not None
    position = KnownPosition(
        lat_deg=device.lat_deg, lon_deg=device.lon_deg, accuracy_m=device.accuracy_m, at=at
    )
    return device, position


def devices_by_crew(
    session: Session, *, district_id: str, crew_ids: Collection[str]
) -> Mapping[str, list[Device]]:
    """Gather the active devices of crews; a crew without any has an empty list."""
    gathered: dict[str, list[Device]] = defaultdict(list)
    for crew_id, device in store.devices.list_active_of_crews(
        session, district_id=district_id, crew_ids=crew_ids
    ):
        gathered[crew_id].append(device)
    return gathered


def by_crew(areas: Iterable[CrewArea]) -> Mapping[str, list[CrewArea]]:
    """Gather areas by crew; a crew without any has an empty list."""
    gathered: dict[str, list[CrewArea]] = defaultdict(list)
    for area in areas:
        gathered[area.crew_id].append(area)
    return gathered


def _on_duty(crew: Crew, areas: Sequence[CrewArea], devices: Sequence[Device]) -> CrewOnDuty:
    placed = newest_position(devices)
    return CrewOnDuty(
        crew_id=crew.id,
        name=crew.name,
        skills=frozenset(crew.skills),
        area_ids=frozenset(area.area_id for area in areas),
        lent=frozenset(area.area_id for area in areas if area.reason is not None),
        fix=placed[1] if placed else None,
    )

"""People and crews for tests; every maker gives back what is there already under the same id."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from typing import Protocol

import argon2
from sqlalchemy.orm import Session

from api import db
from api.crews.identity import Identity
from api.crews.models import Crew, CrewArea, CrewMember, Device, Person, Shift, Unit
from api.crews.service import device_keys
from api.settings import Settings
from schemas import crews as shapes

DISTRICT = "d1"
LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
PASSWORD = "a lamp for every street"
_CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""What a hash costs is said in the hash, so that signing in costs next to nothing."""
KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
"""The key of RFC 7515, appendix A.3."""
PRIVATE = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"
"""What is secret of it; everybody knows it."""


class SignIn(Protocol):
    """Gives the headers of somebody signed in, made with their unit, device and crew if absent."""

    def __call__(
        self,
        role: shapes.Role,
        *,
        district_id: str = DISTRICT,
        unit_id: str | None = None,
        person_id: str | None = None,
        crew_id: str | None = None,
        device_id: str | None = None,
    ) -> dict[str, str]:
        """Sign in a person with one role.

        Args:
            role: the one role.
            district_id: the district that they belong to, or ask for.
            unit_id: a unit above the district that they belong to instead.
            person_id: by default `<role>-<district_id>`.
            crew_id: a crew that they are in.
            device_id: by default `device-<person_id>` in the field, none in the office.
        """
        ...


def unit(
    session: Session,
    *,
    unit_id: str,
    level: shapes.Level,
    parent: Unit | None,
    name: str | None = None,
) -> Unit:
    """Make a unit of the organisation."""
    row = session.get(Unit, unit_id)
    if row is None:
        row = Unit(
            id=unit_id,
            parent_id=parent.id if parent else None,
            level=level,
            name=name or unit_id,
            path=f"{parent.path if parent else ''}/{unit_id}",
        )
        session.add(row)
        session.flush()
    return row


def district(
    session: Session,
    *,
    district_id: str = DISTRICT,
    city_id: str = "haikou",
    province_id: str = "hainan",
    headquarters_id: str = "hq",
) -> Unit:
    """Make the unit of a district and those above it, if it is not there."""
    there = session.get(Unit, district_id)
    if there is not None:
        return there
    level = shapes.Level
    top = unit(session, unit_id=headquarters_id, level=level.HEADQUARTERS, parent=None)
    province = unit(session, unit_id=province_id, level=level.PROVINCE, parent=top)
    city = unit(session, unit_id=city_id, level=level.CITY, parent=province)
    return unit(session, unit_id=district_id, level=level.DISTRICT, parent=city)


def person(
    session: Session,
    *,
    person_id: str = "li",
    roles: Sequence[shapes.Role] = (shapes.Role.LINEMAN,),
    unit_id: str = DISTRICT,
    login: str | None = None,
    name: str = "李伟",
    password: str | None = None,
) -> Person:
    """Make a person, and their district if it is not there."""
    row = session.get(Person, person_id)
    if row is None:
        if session.get(Unit, unit_id) is None:
            district(session, district_id=unit_id)
        row = Person(
            id=person_id,
            unit_id=unit_id,
            login=login or person_id,
            name=name,
            roles=[str(role) for role in roles],
            password_hash=None if password is None else _hashed(password),
            joined_at=LONG_AGO,
            left_at=None,
            version=1,
        )
        session.add(row)
        session.flush()
    return row


def crew(
    session: Session,
    *,
    crew_id: str = "crew-1",
    district_id: str = DISTRICT,
    name: str = "抢修一班",
    skills: Sequence[str] = ("low_voltage",),
    area_ids: Sequence[str] = (),
    member_ids: Sequence[str] = (),
    on_duty: bool = True,
) -> Crew:
    """Make a crew, on duty until further notice unless told otherwise."""
    row = session.get(Crew, (district_id, crew_id))
    if row is None:
        district(session, district_id=district_id)
        row = Crew(
            district_id=district_id,
            id=crew_id,
            name=name,
            skills=list(skills),
            formed_at=LONG_AGO,
            disbanded_at=None,
            version=1,
        )
        session.add(row)
        session.flush()
        if on_duty:
            shift(session, crew_id=crew_id, district_id=district_id)
        for area_id in area_ids:
            area(session, crew_id=crew_id, area_id=area_id, district_id=district_id)
    for person_id in member_ids:
        member(session, crew_id=crew_id, person_id=person_id, district_id=district_id)
    return row


def member(
    session: Session, *, crew_id: str, person_id: str, district_id: str = DISTRICT
) -> CrewMember:
    """Put a person into a crew."""
    row = session.get(CrewMember, (district_id, crew_id, person_id))
    if row is None:
        row = CrewMember(district_id=district_id, crew_id=crew_id, person_id=person_id)
        session.add(row)
        session.flush()
    return row


def area(
    session: Session,
    *,
    crew_id: str,
    area_id: str,
    district_id: str = DISTRICT,
    reason: str | None = None,
    until: dt.datetime | None = None,
) -> CrewArea:
    """Give a crew an area, lent when there is a reason."""
    row = CrewArea(
        district_id=district_id,
        crew_id=crew_id,
        area_id=area_id,
        reason=reason,
        since=LONG_AGO,
        until=until,
    )
    session.add(row)
    session.flush()
    return row


def shift(
    session: Session,
    *,
    crew_id: str,
    district_id: str = DISTRICT,
    shift_id: str | None = None,
    starts_at: dt.datetime = LONG_AGO,
    ends_at: dt.datetime | None = None,
) -> Shift:
    """Put a crew on duty."""
    row = Shift(
        district_id=district_id,
        id=shift_id or f"shift-{crew_id}",
        crew_id=crew_id,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    session.add(row)
    session.flush()
    return row


def device(
    session: Session,
    *,
    person_id: str,
    device_id: str | None = None,
    district_id: str = DISTRICT,
    enrolled_at: dt.datetime = LONG_AGO,
    covered_until: dt.datetime | None = None,
    key: shapes.DeviceKey | None = None,
) -> Device:
    """Enrol a device; without a key it is one from before there were keys."""
    named = device_id or f"device-{person_id}"
    row = session.get(Device, named)
    if row is None:
        row = Device(
            id=named,
            district_id=district_id,
            person_id=person_id,
            name="Pixel",
            app="field-sync",
            enrolled_at=enrolled_at,
            covered_until=covered_until or enrolled_at,
            queued=0,
            files_queued=0,
            key=device_keys.text_of(key) if key else None,
        )
        session.add(row)
        session.flush()
    return row


def signed_in(
    database: db.Database,
    *,
    settings: Settings,
    now: dt.datetime,
    role: shapes.Role,
    district_id: str,
    unit_id: str | None,
    person_id: str | None,
    crew_id: str | None,
    device_id: str | None,
) -> dict[str, str]:
    """Make somebody and what they need, and give the headers of their requests."""
    with database.unit_of_work() as session:
        district(session, district_id=district_id)
        named = person_id or f"{role}-{unit_id or district_id}"
        somebody = person(session, person_id=named, roles=[role], unit_id=unit_id or district_id)
        if crew_id is not None:
            crew(session, crew_id=crew_id, district_id=district_id, member_ids=[named])
        if device_id is not None or role in shapes.FIELD:
            device_id = device(
                session, person_id=named, device_id=device_id, district_id=district_id
            ).id
        tokens = Identity(settings).issue(session, person=somebody, device_id=device_id, now=now)
    return {"Authorization": f"Bearer {tokens.access_token}", "X-District": district_id}


def bearer(tokens: Mapping[str, object]) -> dict[str, str]:
    """Give the headers of a request from what signing in answered."""
    return {"Authorization": f"Bearer {tokens['access_token']}"}


@functools.cache
def _hashed(password: str) -> str:
    return _CHEAP.hash(password)

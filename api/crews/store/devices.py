"""Questions about devices; those of people who have left, and revoked ones, are not active."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    false,
    func,
    or_,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.orm import Session, attributes

from api import db
from api.crews.models import CrewMember, Device, FormerKey, FormerMember, Person, Unit
from api.crews.store.units import beneath
from api.loading import PreparedRows


class CrewDevice(NamedTuple):
    """A crew's device; a device of somebody in two crews belongs to both."""

    crew_id: str
    device: Device


_DEVICE: Final = PreparedRows(select(Device).where(Device.id == bindparam("device_id")))


def find_device(session: Session, *, device_id: str) -> Device | None:
    """Find a device by id: every push asks."""
    return next(iter(_DEVICE.objects(session, device_id=device_id)), None)


def note(session: Session, device: Device, said: Mapping[str, object]) -> None:
    """Write down what a device said of itself, past the unit of work: every contact does."""
    for name, value in said.items():
        attributes.set_committed_value(device, name, value)
    db.change(session, Device, {"id": device.id, **said})


def note_checkpoint(session: Session, device: Device, said: Mapping[str, object]) -> None:
    """Write down which checkpoint a device was shown; a new one comes once an hour."""
    for name, value in said.items():
        attributes.set_committed_value(device, name, value)
    session.execute(update(Device).where(Device.id == device.id).values(**said))


def find_in_district(session: Session, *, district_id: str, device_id: str) -> Device | None:
    """Find a district's device."""
    question = select(Device).where(Device.district_id == district_id, Device.id == device_id)
    return session.scalars(question).one_or_none()


def keep_former_key(
    session: Session, *, device_id: str, jkt: str, key: str, ended_at: dt.datetime
) -> None:
    """Keep a key that a device had; one that it had twice is kept once."""
    row = session.get(FormerKey, (device_id, jkt))
    if row is None:
        session.add(FormerKey(device_id=device_id, jkt=jkt, key=key, ended_at=ended_at))
    else:
        row.ended_at = ended_at


def list_former_keys(session: Session, *, device_id: str) -> Sequence[FormerKey]:
    """List the keys that a device had before, the last one first."""
    question = select(FormerKey).where(FormerKey.device_id == device_id)
    return session.scalars(question.order_by(FormerKey.ended_at.desc(), FormerKey.jkt)).all()


def count_active_of(session: Session, *, person_id: str) -> int:
    """Count a person's devices that are not revoked."""
    question = select(func.count()).where(
        Device.person_id == person_id, Device.revoked_at.is_(None)
    )
    return session.scalars(question).one()


def list_standing_of(session: Session, *, person_id: str) -> Sequence[Device]:
    """List a person's devices that are not revoked."""
    question = select(Device).where(Device.person_id == person_id, Device.revoked_at.is_(None))
    return session.scalars(question.order_by(Device.id)).all()


def page_of_district(
    session: Session,
    *,
    district_id: str,
    person_id: str | None,
    after_id: str | None,
    limit: int,
) -> Sequence[Device]:
    """List a district's devices after an id, revoked ones too, of one person if named."""
    question = select(Device).where(Device.district_id == district_id)
    if person_id is not None:
        question = question.where(Device.person_id == person_id)
    if after_id is not None:
        question = question.where(Device.id > after_id)
    return session.scalars(question.order_by(Device.id).limit(limit)).all()


def page_of_unsynced(
    session: Session,
    *,
    district_id: str,
    path: str | None,
    after: tuple[dt.datetime, str] | None,
    limit: int,
) -> Sequence[Device]:
    """List a district's active devices that left work unsent, by how far they are covered.

    Args:
        session: the unit of work.
        district_id: the district.
        path: only devices of people at or beneath this unit.
        after: the key of the page before.
        limit: rows of a page.
    """
    question = (
        select(Device)
        .join(Person, Person.id == Device.person_id)
        .where(_active(district_id), or_(Device.queued > 0, Device.files_queued > 0))
    )
    if path is not None:
        question = question.join(Unit, Unit.id == Person.unit_id).where(beneath(path))
    if after is not None:
        # A plain tuple is bound by the columns' types.
        question = question.where(tuple_(Device.covered_until, Device.id) > after)
    return session.scalars(question.order_by(Device.covered_until, Device.id).limit(limit)).all()


def list_active_of_crews(
    session: Session, *, district_id: str, crew_ids: Collection[str]
) -> Sequence[CrewDevice]:
    """List the active devices of the members of crews."""
    question = (
        select(CrewMember.crew_id, Device)
        .join(Device, Device.person_id == CrewMember.person_id)
        .join(Person, Person.id == Device.person_id)
        .where(
            CrewMember.district_id == district_id,
            CrewMember.crew_id.in_(crew_ids),
            _active(district_id),
        )
        .order_by(CrewMember.crew_id, Device.id)
    )
    return [CrewDevice(crew_id, device) for crew_id, device in session.execute(question)]


def list_active_ids_of_crew(session: Session, *, district_id: str, crew_id: str) -> Sequence[str]:
    """List the ids of the active devices of a crew's members."""
    question = (
        select(Device.id)
        .join(CrewMember, CrewMember.person_id == Device.person_id)
        .join(Person, Person.id == Device.person_id)
        .where(
            CrewMember.district_id == district_id,
            CrewMember.crew_id == crew_id,
            _active(district_id),
        )
    )
    return session.scalars(question.order_by(Device.id)).all()


def list_active_ids_of_person(
    session: Session, *, district_id: str, person_id: str
) -> Sequence[str]:
    """List the ids of a person's active devices."""
    question = (
        select(Device.id)
        .join(Person, Person.id == Device.person_id)
        .where(Device.person_id == person_id, _active(district_id))
    )
    return session.scalars(question.order_by(Device.id)).all()


def list_active_ids_among(session: Session, *, device_ids: Collection[str]) -> Sequence[str]:
    """List those of some devices that are active, in whichever district."""
    question = (
        select(Device.id)
        .join(Person, Person.id == Device.person_id)
        .where(Device.id.in_(device_ids), Device.revoked_at.is_(None), Person.left_at.is_(None))
    )
    return session.scalars(question).all()


def find_covered_until_of_crew(
    session: Session, *, district_id: str, crew_id: str, left_since: dt.datetime | None
) -> dt.datetime | None:
    """Tell until when all that a crew's active devices did is known; None without a device.

    The device of somebody who left counts until it has told all that was done before; of somebody
    who left since an instant it counts on, for the answer that told of it may have been lost.
    """
    known = select(func.min(Device.covered_until)).join(Person, Person.id == Device.person_id)
    of_members = known.join(CrewMember, CrewMember.person_id == Device.person_id).where(
        CrewMember.district_id == district_id,
        CrewMember.crew_id == crew_id,
        _active(district_id),
    )
    of_former = known.join(FormerMember, FormerMember.person_id == Device.person_id).where(
        FormerMember.district_id == district_id,
        FormerMember.crew_id == crew_id,
        or_(
            FormerMember.until > Device.covered_until,
            false() if left_since is None else FormerMember.until >= left_since,
        ),
        _active(district_id),
    )
    found: Sequence[dt.datetime | None] = session.scalars(union_all(of_members, of_former)).all()
    return min((until for until in found if until is not None), default=None)


def find_covered_until_of_person(
    session: Session, *, district_id: str, person_id: str
) -> dt.datetime | None:
    """Tell until when all that a person's active devices did is known; None without a device."""
    question = (
        select(func.min(Device.covered_until))
        .join(Person, Person.id == Device.person_id)
        .where(Device.person_id == person_id, _active(district_id))
    )
    return session.scalars(question).one()


def _active(district_id: str) -> ColumnElement[bool]:
    return and_(
        Device.district_id == district_id, Device.revoked_at.is_(None), Person.left_at.is_(None)
    )

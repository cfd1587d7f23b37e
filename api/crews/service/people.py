"""People: who they are, what they may do, and when they leave."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence

import sqlalchemy.exc
from sqlalchemy.orm import Session

from api import db, errors
from api.acts import Act, Principal
from api.crews import store
from api.crews.models import Person, Unit
from api.crews.service import passwords, trail, units
from schemas import crews as shapes
from schemas.errors import Refused


class LoginTaken(Refused):
    """Somebody has this login already, here or in another unit. Choose another."""

    code = "login-taken"
    status = 409
    en = "The login {login} is taken."
    zh = "账号 {login} 已被占用。"


class OwnRights(Refused):
    """Nobody changes their own roles or removes themselves. Ask another administrator."""

    code = "own-rights"
    status = 409
    en = "You cannot change your own roles or remove yourself."
    zh = "不能修改自己的角色或停用自己。"


def folded(login: str) -> str:
    """Write a login as it is kept: what looks the same is the same."""
    return unicodedata.normalize("NFKC", login).casefold()


def principal_of(
    session: Session, *, district_id: str, person_id: str, device_id: str
) -> Principal:
    """Make the principal of somebody who is not here: an operation of theirs is tried again.

    Args:
        session: the unit of work.
        district_id: the district that the operation is about.
        person_id: whose it is.
        device_id: the device that it came from.
    """
    person = session.get_one(Person, person_id)
    unit = session.get_one(Unit, person.unit_id)
    crew_ids = store.crews.list_crew_ids_of(session, district_id=district_id, person_id=person_id)
    return Principal(
        person_id=person_id,
        roles=frozenset(map(shapes.Role, person.roles)),
        district_id=district_id,
        unit_path=unit.path,
        device_id=device_id,
        crew_ids=frozenset(crew_ids),
    )


def has_left(session: Session, *, person_id: str) -> bool:
    """Tell whether somebody can no longer sign in."""
    return session.get_one(Person, person_id).left_at is not None


def create_person(
    session: Session, *, act: Act, draft: shapes.PersonDraft, person_id: str | None = None
) -> Person:
    """Take somebody on.

    Args:
        session: the unit of work.
        act: who does it, and when.
        draft: who it is.
        person_id: an id that was made elsewhere; by default a new one.

    Raises:
        NotFound: the unit does not exist for the actor.
        LoginTaken: somebody has this login.
        Busy: too many passwords are being worked on.
    """
    unit = units.get_unit(session, act=act, unit_id=draft.unit_id or act.district_id)
    login = folded(draft.login)
    person = Person(
        id=person_id or act.new_id(),
        unit_id=unit.id,
        login=login,
        name=draft.name,
        roles=_plain(draft.roles),
        password_hash=passwords.hashed(draft.password) if draft.password else None,
        joined_at=act.received_at,
        left_at=None,
        version=1,
    )
    try:
        with db.savepoint(session):
            session.add(person)
    except sqlalchemy.exc.IntegrityError as error:
        if "login" not in str(error.orig):
            raise
        raise LoginTaken(login=login) from error
    trail.audit(session, act=act, what="person.created", subject_id=person.id)
    return person


def get_person(session: Session, *, act: Act, person_id: str) -> Person:
    """Find a person in the part of the organisation that the actor may see.

    Raises:
        NotFound: there is none for them.
    """
    person = store.people.find_beneath(session, person_id=person_id, path=act.principal.unit_path)
    if person is None:
        raise errors.NotFound(what="person", id=person_id)
    return person


def get_answerable(session: Session, *, act: Act, person_id: str) -> Person:
    """Find a person who can answer for a district's work: of the district, or of a unit above it.

    Raises:
        NotFound: there is none for the actor.
    """
    person = get_person(session, act=act, person_id=person_id)
    upward = units.list_upward(session, unit_id=act.district_id)
    if person.unit_id not in {unit.id for unit in upward}:
        raise errors.NotFound(what="person", id=person_id)
    return person


def names_of(session: Session, *, ids: Collection[str]) -> dict[str, str]:
    """Tell what the people are called who had a hand in some work, by their ids."""
    return store.people.list_names(session, ids=ids)


def list_active(session: Session, *, district_id: str, ids: Collection[str]) -> list[str]:
    """List those of the people named who belong to the district and have not left."""
    active = store.people.list_active(session, district_id=district_id, person_ids=ids)
    return sorted(person.id for person in active)


def find_login(session: Session, *, login: str) -> str | None:
    """Find a login as it is kept; None where nobody has it, or who had it has left."""
    person = store.people.find_by_login(session, login=folded(login))
    return person.login if person and person.left_at is None else None


def list_people(
    session: Session, *, act: Act, unit_id: str | None, after_id: str | None, limit: int
) -> Sequence[Person]:
    """List a page of the people of a unit and those beneath it; by default of the district.

    Raises:
        NotFound: the unit does not exist for the actor.
    """
    unit = units.get_unit(session, act=act, unit_id=unit_id or act.district_id)
    return store.people.page_beneath(session, path=unit.path, after_id=after_id, limit=limit)


def change_roles(
    session: Session, *, act: Act, person_id: str, roles: Sequence[shapes.Role]
) -> Person:
    """Give a person other roles, at once for everything that they are signed in with.

    Raises:
        NotFound: there is no such person for the actor.
        OwnRights: it is the actor.
        Stale: they changed since the actor looked.
    """
    person = _get_to_change(session, act=act, person_id=person_id)
    _refuse_oneself(act, person)
    person.roles = _plain(roles)
    person.version += 1
    trail.audit(
        session,
        act=act,
        what="person.roles_changed",
        subject_id=person.id,
        detail={"roles": person.roles},
    )
    return person


def change_password(session: Session, *, act: Act, person_id: str, password: str) -> Person:
    """Give a person another password and end all that they are signed in with.

    Raises:
        NotFound: there is no such person for the actor.
        Stale: they changed since the actor looked.
        Busy: too many passwords are being worked on.
    """
    person = _get_to_change(session, act=act, person_id=person_id)
    person.password_hash = passwords.hashed(password)
    person.version += 1
    store.sessions.revoke_families_of_person(session, person_id=person.id, now=act.received_at)
    trail.audit(session, act=act, what="person.password_changed", subject_id=person.id)
    return person


def deactivate(session: Session, *, act: Act, person_id: str) -> Person:
    """Let a person go: they can no longer sign in, and what they are signed in with ends.

    Their devices are revoked: each is told to wipe at its next contact, and what was done on it
    before and not sent comes into quarantine.

    Raises:
        NotFound: there is no such person for the actor.
        OwnRights: it is the actor.
        Stale: they changed since the actor looked.
    """
    person = _get_to_change(session, act=act, person_id=person_id)
    _refuse_oneself(act, person)
    if person.left_at is None:
        person.left_at = act.received_at
        person.version += 1
        store.sessions.revoke_families_of_person(session, person_id=person.id, now=act.received_at)
        trail.audit(session, act=act, what="person.deactivated", subject_id=person.id)
        for device in store.devices.list_standing_of(session, person_id=person.id):
            device.revoked_at = act.received_at
            trail.audit(session, act=act, what="device.revoked", subject_id=device.id)
    return person


def view(person: Person) -> shapes.PersonView:
    """Shape a person."""
    return shapes.PersonView(
        id=person.id,
        unit_id=person.unit_id,
        login=person.login,
        name=person.name,
        roles=[shapes.Role(role) for role in person.roles],
        joined_at=person.joined_at,
        left_at=person.left_at,
        version=person.version,
    )


def _get_to_change(session: Session, *, act: Act, person_id: str) -> Person:
    """Find a person as the actor last saw them."""
    person = get_person(session, act=act, person_id=person_id)
    if act.based_on is not None and act.based_on != person.version:
        raise errors.Stale(yours=act.based_on, current=person.version)
    return person


def _refuse_oneself(act: Act, person: Person) -> None:
    if act.principal.person_id == person.id:
        raise OwnRights


def _plain(roles: Sequence[shapes.Role]) -> list[str]:
    return sorted({str(role) for role in roles})

"""Crews: formed, changed, lent and disbanded, each by an act of the office."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from api import errors
from api.acts import Act
from api.crews import store
from api.crews.models import Crew, CrewArea, CrewMember, FormerMember
from api.crews.service import trail
from schemas import crews as shapes
from schemas.errors import Refused
from schemas.rules import reasons


class LoanReasonVague(Refused):
    """Lending a crew needs a concrete reason. Write what happened and where."""

    code = "loan-reason-vague"
    status = 422
    en = "The reason for lending a crew must be concrete ({fault})."
    zh = "借调班组必须写明具体原因（{fault}）。"


class LoanOver(Refused):
    """The loan would end before it begins. Give an end in the future, or none."""

    code = "loan-over"
    status = 422
    en = "The loan would end before it begins."
    zh = "借调结束时间早于开始时间。"


class AreaItsOwn(Refused):
    """The area is the crew's own, so it cannot be lent there."""

    code = "area-its-own"
    status = 409
    en = "The area {area_id} is this crew's own."
    zh = "供电服务区域 {area_id} 本就由该班组负责。"


class CrewDisbanded(Refused):
    """The crew was disbanded. Choose a living crew, or form one."""

    code = "crew-disbanded"
    status = 409
    en = "The crew {crew_id} was disbanded."
    zh = "班组 {crew_id} 已撤销。"


def get_crew(session: Session, *, district_id: str, crew_id: str) -> Crew:
    """Find a crew of a district, disbanded or not.

    Raises:
        NotFound: there is none.
    """
    crew = store.crews.find_crew(session, district_id=district_id, crew_id=crew_id)
    if crew is None:
        raise errors.NotFound(what="crew", id=crew_id)
    return crew


def form_crew(
    session: Session, *, act: Act, draft: shapes.CrewDraft, crew_id: str | None = None
) -> Crew:
    """Form a crew.

    Args:
        session: the unit of work.
        act: who does it, and when.
        draft: its name, skills, members and areas.
        crew_id: an id that was made elsewhere; by default a new one.

    Raises:
        NotFound: a member is no active person of the district.
    """
    _check_members(session, act=act, person_ids=draft.member_ids)
    crew = Crew(
        district_id=act.district_id,
        id=crew_id or act.new_id(),
        name=draft.name,
        skills=sorted(set(draft.skills)),
        formed_at=act.received_at,
        disbanded_at=None,
        version=1,
    )
    session.add(crew)
    session.flush()
    _set_members(session, act=act, crew=crew, person_ids=draft.member_ids)
    _set_own_areas(session, act=act, crew=crew, area_ids=draft.area_ids)
    trail.audit(session, act=act, what="crew.formed", subject_id=crew.id)
    return crew


def change_crew(session: Session, *, act: Act, crew_id: str, change: shapes.CrewChange) -> Crew:
    """Change a crew's name, skills, members or own areas; what is None stays.

    Raises:
        NotFound: there is no such crew, or a member is no active person of the district.
        CrewDisbanded: it was disbanded.
        Stale: it changed since the actor looked.
    """
    crew = _get_to_change(session, act=act, crew_id=crew_id)
    _check_members(session, act=act, person_ids=change.member_ids or ())
    if change.name is not None:
        crew.name = change.name
    if change.skills is not None:
        crew.skills = sorted(set(change.skills))
    if change.member_ids is not None:
        _set_members(session, act=act, crew=crew, person_ids=change.member_ids)
    if change.area_ids is not None:
        _set_own_areas(session, act=act, crew=crew, area_ids=change.area_ids)
    crew.version += 1
    told = [name for name in change.__struct_fields__ if getattr(change, name) is not None]
    trail.audit(session, act=act, what="crew.changed", subject_id=crew.id, detail={"changed": told})
    return crew


def disband(session: Session, *, act: Act, crew_id: str) -> Crew:
    """Disband a crew; what it did stays, and its open work waits for the office.

    Raises:
        NotFound: there is no such crew.
        CrewDisbanded: it was disbanded already.
        Stale: it changed since the actor looked.
    """
    crew = _get_to_change(session, act=act, crew_id=crew_id)
    crew.disbanded_at = act.received_at
    crew.version += 1
    trail.audit(session, act=act, what="crew.disbanded", subject_id=crew.id)
    return crew


def lend(session: Session, *, act: Act, crew_id: str, area_id: str, loan: shapes.Loan) -> Crew:
    """Lend a crew to another area; a new loan to the same area takes the old one's place.

    Raises:
        NotFound: there is no such crew.
        CrewDisbanded: it was disbanded.
        Stale: it changed since the actor looked.
        LoanReasonVague: the reason says nothing.
        LoanOver: the loan would end before it begins.
        AreaItsOwn: the area is the crew's own.
    """
    crew = _get_to_change(session, act=act, crew_id=crew_id)
    fault = reasons.check(loan.reason).fault
    if fault is not None:
        raise LoanReasonVague(fault=fault)
    if loan.until is not None and loan.until <= act.received_at:
        raise LoanOver
    area = _find_area(session, crew=crew, area_id=area_id)
    if area is not None and area.reason is None:
        raise AreaItsOwn(area_id=area_id)
    if area is None:
        area = CrewArea(district_id=crew.district_id, crew_id=crew.id, area_id=area_id)
        session.add(area)
    area.reason, area.since, area.until = loan.reason, act.received_at, loan.until
    crew.version += 1
    trail.audit(
        session,
        act=act,
        what="crew.lent",
        subject_id=crew.id,
        detail={"area_id": area_id, "reason": loan.reason},
    )
    return crew


def call_back(session: Session, *, act: Act, crew_id: str, area_id: str) -> Crew:
    """Call a lent crew back from an area, now.

    Raises:
        NotFound: there is no such crew, or it is not lent there.
        CrewDisbanded: it was disbanded.
        Stale: it changed since the actor looked.
    """
    crew = _get_to_change(session, act=act, crew_id=crew_id)
    area = _find_area(session, crew=crew, area_id=area_id)
    if area is None or area.reason is None:
        raise errors.NotFound(what="loan", id=area_id)
    session.delete(area)
    crew.version += 1
    trail.audit(
        session,
        act=act,
        what="crew.called_back",
        subject_id=crew.id,
        detail={"area_id": area_id},
    )
    return crew


def get_living(session: Session, *, district_id: str, crew_id: str) -> Crew:
    """Find a crew of a district that still goes out.

    Raises:
        NotFound: there is none.
        CrewDisbanded: it was disbanded.
    """
    crew = get_crew(session, district_id=district_id, crew_id=crew_id)
    if crew.disbanded_at is not None:
        raise CrewDisbanded(crew_id=crew.id)
    return crew


def lock_living(session: Session, *, district_id: str, crew_id: str) -> Crew:
    """Find a crew that still goes out; nobody else changes it, or its calendar, until work ends.

    Raises:
        NotFound: there is none.
        CrewDisbanded: it was disbanded.
    """
    store.crews.lock_crew(session, district_id=district_id, crew_id=crew_id)
    return get_living(session, district_id=district_id, crew_id=crew_id)


def _get_to_change(session: Session, *, act: Act, crew_id: str) -> Crew:
    """Find a living crew as the actor last saw it; nobody else changes it until this work ends."""
    crew = store.crews.lock_crew(session, district_id=act.district_id, crew_id=crew_id)
    if crew is None:
        raise errors.NotFound(what="crew", id=crew_id)
    if act.based_on is not None and act.based_on != crew.version:
        raise errors.Stale(yours=act.based_on, current=crew.version)
    if crew.disbanded_at is not None:
        raise CrewDisbanded(crew_id=crew.id)
    return crew


def _find_area(session: Session, *, crew: Crew, area_id: str) -> CrewArea | None:
    return store.crews.find_area(
        session, district_id=crew.district_id, crew_id=crew.id, area_id=area_id
    )


def _check_members(session: Session, *, act: Act, person_ids: Sequence[str]) -> None:
    """Refuse members who are not active people of the district."""
    found = store.people.list_active(
        session, district_id=act.district_id, person_ids=set(person_ids)
    )
    missing = set(person_ids) - {person.id for person in found}
    if missing:
        raise errors.NotFound(what="person", id=min(missing))


def _set_members(session: Session, *, act: Act, crew: Crew, person_ids: Sequence[str]) -> None:
    """Put people into a crew; who stays is in it since before, who goes is kept as gone."""
    wanted = set(person_ids)
    present = store.crews.list_memberships(session, district_id=crew.district_id, crew_id=crew.id)
    for member in present:
        if member.person_id not in wanted:
            session.add(_former(act, member))
            session.delete(member)
    session.add_all(
        CrewMember(
            district_id=crew.district_id,
            crew_id=crew.id,
            person_id=person_id,
            since=act.received_at,
        )
        for person_id in sorted(wanted - {member.person_id for member in present})
    )
    session.flush()


def _former(act: Act, member: CrewMember) -> FormerMember:
    return FormerMember(
        district_id=member.district_id,
        id=act.new_id(),
        crew_id=member.crew_id,
        person_id=member.person_id,
        since=member.since,
        until=act.received_at,
    )


def _set_own_areas(session: Session, *, act: Act, crew: Crew, area_ids: Sequence[str]) -> None:
    """Give a crew its own areas; one that it was lent to becomes its own."""
    store.crews.forget_areas(
        session, district_id=crew.district_id, crew_id=crew.id, own_or_in=set(area_ids)
    )
    session.add_all(
        CrewArea(
            district_id=crew.district_id,
            crew_id=crew.id,
            area_id=area_id,
            reason=None,
            since=act.received_at,
            until=None,
        )
        for area_id in sorted(set(area_ids))
    )
    session.flush()

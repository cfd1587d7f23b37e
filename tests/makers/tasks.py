"""Work for tests: acts of crews and of the office, and tasks that stand where a story needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy.orm import Session

from api import acts, ids
from api.crews.models import CrewMember
from api.sites.models import District
from api.tasks import service
from api.tasks.models import Task
from schemas import tasks as shapes
from schemas.crews import Role
from schemas.rules import datums, transitions
from tests.makers import crews, sites

DISTRICT = crews.DISTRICT
NOW = dt.datetime(2026, 11, 23, 0, 0, tzinfo=dt.UTC)
REASON = "crew van broken down at the river bridge"
_ROAD = (
    transitions.Event.accept,
    transitions.Event.set_out,
    transitions.Event.arrive,
    transitions.Event.start,
    transitions.Event.restore,
    transitions.Event.finish,
    transitions.Event.call_back,
    transitions.Event.archive,
)


def district(session: Session) -> None:
    """Make the district, its unit and two crews, with one lineman each, if they are not there."""
    if session.get(CrewMember, (DISTRICT, "crew-2", "chen")) is not None:
        return
    crews.district(session)
    if session.get(District, (DISTRICT, DISTRICT)) is None:
        sites.district(session, district_id=DISTRICT)
    for crew_id, person_id in (("crew-1", "li"), ("crew-2", "chen")):
        crews.person(session, person_id=person_id)
        crews.crew(session, crew_id=crew_id, member_ids=[person_id])


def of_crew(
    *,
    person_id: str = "li",
    crew_ids: Iterable[str] = ("crew-1",),
    at: dt.datetime = NOW,
    received_at: dt.datetime | None = None,
    operation_id: str | None = None,
) -> acts.Act:
    """Make an act of a lineman on his phone."""
    principal = acts.Principal(
        person_id=person_id,
        roles=frozenset({Role.LINEMAN}),
        district_id=DISTRICT,
        unit_path=f"/hq/hainan/haikou/{DISTRICT}",
        device_id=f"device-{person_id}",
        crew_ids=frozenset(crew_ids),
    )
    return acts.Act(
        principal=principal,
        happened=acts.Happened(at=at, error_s=0.5),
        received_at=received_at or at,
        operation_id=operation_id,
    )


def of_office(
    *,
    role: Role = Role.DISPATCHER,
    at: dt.datetime = NOW,
    based_on: int | None = None,
    new_id: ids.IdMaker = ids.new_id,
) -> acts.Act:
    """Make an act of the office."""
    principal = acts.Principal(
        person_id=f"{role}-1",
        roles=frozenset({role}),
        district_id=DISTRICT,
        unit_path=f"/hq/hainan/haikou/{DISTRICT}",
    )
    return acts.Act(
        principal=principal,
        happened=acts.Happened(at=at),
        received_at=at,
        based_on=based_on,
        new_id=new_id,
    )


def site(*, radius_m: float = 50) -> shapes.WorkSite:
    """Mark a point in the middle of the district."""
    return shapes.WorkSite(
        geometry={"type": "Point", "coordinates": [sites.LON_DEG, sites.LAT_DEG]},
        datum=datums.Datum.wgs84,
        radius_m=radius_m,
        address="灵山镇新市街 12 号",
    )


def task(
    session: Session,
    *,
    task_id: str | None = None,
    kind: transitions.Kind = transitions.Kind.repair,
    state: transitions.State = transitions.State.dispatched,
    crew_id: str | None = "crew-1",
    person_id: str | None = None,
    urgency: int = 3,
    title: str = "no light in the whole house",
    area_class: str | None = "urban",
    at: dt.datetime = NOW,
    on_site: shapes.WorkSite | None = None,
) -> Task:
    """Open a task and lead it down the straight road to a state, all at one instant."""
    district(session)
    draft = service.TaskDraft(
        id=task_id,
        kind=kind,
        title=title,
        urgency=urgency,
        area_class=area_class,
        site=on_site or site(),
    )
    office = of_office(at=at)
    made = service.open_task(session, act=office, draft=draft)
    if state is not transitions.State.reported:
        service.assign(
            session, act=office, task=made, crew_id=crew_id, person_id=person_id, why="nearest"
        )
    for event in _ROAD:
        if made.state == state:
            break
        if (kind, transitions.State(made.state), event) in transitions.MOVES:
            service.move(session, act=office, task=made, event=event)
    assert made.state == state, f"{state} lies on no straight road"
    session.flush()
    return made

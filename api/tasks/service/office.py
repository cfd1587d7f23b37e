"""What the office does to work at its desk: on the version that it looked at, and audited."""

from __future__ import annotations

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.errors import NotFound
from api.supervision import service as supervision
from api.tasks.models import Task
from api.tasks.service import access, amending, closing, hands, holding, messages, timeline
from schemas import tasks
from schemas.errors import Refused
from schemas.messages import MessageKind


class HandsGone(Refused):
    """The crew is disbanded, or the person has left. Choose somebody who is there."""

    code = "hands-gone"
    status = 409
    en = "{who} is not there any more; give the order to somebody else."
    zh = "{who} 已撤销或离职；请改派其他班组或人员。"


def require_hands(
    session: Session, *, act: Act, crew_id: str | None, person_id: str | None
) -> None:
    """Let pass hands that work may be given to: those of the district that are there.

    Raises:
        NotFound: the district has no such crew, or no such person.
        HandsGone: the crew is disbanded or the person has left.
    """
    if crew_id is not None:
        crew = crews.get_crew(session, district_id=act.district_id, crew_id=crew_id)
        if crew.disbanded_at is not None:
            raise HandsGone(who=crew_id)
    if person_id is not None:
        person = crews.get_person(session, act=act, person_id=person_id)
        if person.unit_id != act.district_id:
            raise NotFound(what="person", id=person_id)
        if person.left_at is not None:
            raise HandsGone(who=person_id)


def dispatch(session: Session, *, act: Act, task_id: str, body: tasks.Assigned) -> Task:
    """Give work that nobody holds to a crew or a person.

    Raises:
        NotFound: there is no such task, crew or person.
        Stale: the task changed since the office looked.
        NobodyNamed: neither a crew nor a person is named.
        HandsGone: the crew is disbanded or the person has left.
        IllegalMove: somebody holds it already, or it is done.
    """
    task = access.get_to_change(session, act=act, task_id=task_id)
    require_hands(session, act=act, crew_id=body.crew_id, person_id=body.person_id)
    holding.assign(
        session,
        act=act,
        task=task,
        crew_id=body.crew_id,
        person_id=body.person_id,
        why=body.why,
    )
    return _audited(session, act, task, "task.assigned")


def hand_on(session: Session, *, act: Act, task_id: str, body: tasks.Reassigned) -> Task:
    """Give work to another crew or person, for a concrete reason.

    Raises:
        NotFound: there is no such task, crew or person.
        Stale: the task changed since the office looked.
        ReasonNotConcrete: the reason says nothing.
        NobodyNamed: neither a crew nor a person is named.
        HandsGone: the crew is disbanded or the person has left.
        IllegalMove: it is not in anybody's hands, or done.
    """
    task = access.get_to_change(session, act=act, task_id=task_id)
    require_hands(session, act=act, crew_id=body.crew_id, person_id=body.person_id)
    holding.reassign(
        session,
        act=act,
        task=task,
        crew_id=body.crew_id,
        person_id=body.person_id,
        why=body.why,
    )
    return _audited(session, act, task, "task.reassigned")


def call_off(session: Session, *, act: Act, task_id: str, body: tasks.Cancelled) -> Task:
    """Cancel work, for a concrete reason.

    Raises:
        NotFound: there is no such task.
        Stale: the task changed since the office looked.
        ReasonNotConcrete: the reason says nothing.
        IllegalMove: it is restored or done.
    """
    task = access.get_to_change(session, act=act, task_id=task_id)
    closing.cancel(session, act=act, task=task, reason=body.reason)
    return _audited(session, act, task, "task.cancelled")


def enter_call_back(session: Session, *, act: Act, task_id: str, body: tasks.CalledBack) -> Task:
    """Enter what the customer said; one who is not satisfied reopens the order.

    Raises:
        NotFound: there is no such task.
        Stale: the task changed since the office looked.
        ReasonNotConcrete: a dissatisfied customer's cause says nothing.
        IllegalMove: the work is not finished.
    """
    task = access.get_to_change(session, act=act, task_id=task_id)
    closing.call_back(session, act=act, task=task, result=body)
    return _audited(session, act, task, "task.called_back")


def put_away(session: Session, *, act: Act, task_id: str) -> Task:
    """Archive finished work.

    Raises:
        NotFound: there is no such task.
        Stale: the task changed since the office looked.
        NotCalledBack: nobody has asked the customer.
        EvidenceMissing: a declared file has not arrived.
        IllegalMove: the work is not done.
    """
    task = access.get_to_change(session, act=act, task_id=task_id)
    closing.archive(session, act=act, task=task)
    return _audited(session, act, task, "task.archived")


def bring_back(session: Session, *, act: Act, task_id: str, body: tasks.Reopened) -> Task:
    """Reopen finished work, for a concrete cause.

    Raises:
        NotFound: there is no such task.
        Stale: the task changed since the office looked.
        ReasonNotConcrete: the cause says nothing.
        IllegalMove: the work is not finished.
    """
    task = access.get_to_change(session, act=act, task_id=task_id)
    closing.reopen(session, act=act, task=task, cause=body.cause)
    return _audited(session, act, task, "task.reopened")


def edit(session: Session, *, act: Act, task_id: str, body: tasks.Edited) -> Task:
    """Change what an order says of itself.

    Raises:
        NotFound: there is no such task.
        Stale: the task changed since the office looked.
        NothingAmended: no field is named.
        AlreadySettled: the order is archived or cancelled.
        SiteNeedsPosition: words for a site that is nowhere.
        OddPosition: the position can be no place of work.
        WrongDatum: its datum means nothing there.
    """
    task = access.get_to_change(session, act=act, task_id=task_id)
    amending.edit(session, act=act, task=task, body=body)
    return _audited(session, act, task, "task.edited")


def chase(session: Session, *, act: Act, task_id: str, body: tasks.Chased) -> Task:
    """Ask again about open work (催办): on its timeline, to who holds it, into its open cases.

    Raises:
        NotFound: there is no such task.
        Stale: the task changed since the office looked.
        AlreadySettled: the order is archived or cancelled.
    """
    task = access.get_to_change(session, act=act, task_id=task_id)
    amending.refuse_settled(task)
    timeline.write(session, act=act, task=task, event=timeline.CHASE, detail={"words": body.words})
    told = hands.of(task)
    messages.tell(session, act=act, task=task, hands=told, kind=MessageKind.CHASED, why=body.words)
    supervision.chase_subject(session, act=act, subject_id=task.id, words=body.words)
    return _audited(session, act, task, "task.chased")


def look_at(session: Session, *, act: Act, task_id: str, body: tasks.Looked) -> Task:
    """Say that somebody has looked at what the rules could not decide.

    Raises:
        NotFound: there is no such task.
        Stale: the task changed since the office looked.
        NothingToLookAt: nothing waits for a look.
    """
    task = access.get_to_change(session, act=act, task_id=task_id)
    closing.looked(session, act=act, task=task, note=body.note)
    return _audited(session, act, task, "task.looked_at")


def _audited(session: Session, act: Act, task: Task, what: str) -> Task:
    detail = {"crew_id": task.crew_id, "person_id": task.person_id}
    crews.audit(session, act=act, what=what, subject_id=task.id, detail=detail)
    return task

"""Whose hands a task is in: given to a crew or a person, given to another, given back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from api import reasons
from api.acts import Act
from api.tasks import store
from api.tasks.models import Task, TaskHolder
from api.tasks.service import hands, messages, moves
from schemas.errors import Refused
from schemas.messages import MessageKind
from schemas.rules import transitions


class NobodyNamed(Refused):
    """A task is given to a crew or to a person. Name at least one of them."""

    code = "nobody-named"
    status = 422
    en = "Name the crew or the person that gets the order."
    zh = "请指定接收工单的班组或人员。"


def assign(
    session: Session,
    *,
    act: Act,
    task: Task,
    crew_id: str | None,
    person_id: str | None,
    why: str,
) -> None:
    """Give a task that nobody holds to a crew, or to one person.

    Args:
        session: the unit of work.
        act: who gives it, and when.
        task: a task that is `reported` or `returned`.
        crew_id: the crew that gets it.
        person_id: the person that gets it; then it is on this person's phone alone.
        why: the ground, in words.

    Raises:
        NobodyNamed: neither a crew nor a person is named.
        IllegalMove: somebody holds it already, or it is done.
    """
    event = transitions.Event.dispatch
    _check(task, event, crew_id, person_id)
    to = hands.Hands(crew_id, person_id)
    hands.hand_over(session, act=act, task=task, to=to, why=why)
    moves.move(session, act=act, task=task, event=event, detail=_to(crew_id, person_id, why))
    messages.wake(session, act=act, task=task)


def reassign(
    session: Session,
    *,
    act: Act,
    task: Task,
    crew_id: str | None,
    person_id: str | None,
    why: str,
) -> None:
    """Give a task to another crew or person, for a concrete reason; both are told.

    Facts of the old one count.

    Raises:
        ReasonNotConcrete: the reason says nothing.
        NobodyNamed: neither a crew nor a person is named.
        IllegalMove: it is not in anybody's hands, or done.
    """
    event = transitions.Event.reassign
    reasons.require_concrete(why)
    _check(task, event, crew_id, person_id)
    before, to = hands.of(task), hands.Hands(crew_id, person_id)
    if before != to:
        messages.tell(session, act=act, task=task, hands=before, kind=MessageKind.RELEASED, why=why)
    messages.tell(session, act=act, task=task, hands=to, kind=MessageKind.GIVEN, why=why)
    hands.hand_over(session, act=act, task=task, to=to, why=why)
    task.suspended_reason, task.suspended_until = "", None
    moves.move(session, act=act, task=task, event=event, detail=_to(crew_id, person_id, why))


def release(session: Session, *, act: Act, task: Task, why: str) -> None:
    """Take a task out of every hand; it lies with the duty office."""
    hands.hand_over(session, act=act, task=task, to=hands.Hands(None, None), why=why)


def list_holders(session: Session, *, district_id: str, task_id: str) -> Sequence[TaskHolder]:
    """List whose hands a task came into, oldest first."""
    return store.list_holders(session, district_id=district_id, task_id=task_id)


def _check(
    task: Task, event: transitions.Event, crew_id: str | None, person_id: str | None
) -> None:
    if crew_id is None and person_id is None:
        raise NobodyNamed(task_id=task.id)
    kind, state = transitions.Kind(task.kind), transitions.State(task.state)
    if transitions.move(kind, state, event).step is not transitions.Step.moves:
        raise moves.illegal(task, event)


def _to(crew_id: str | None, person_id: str | None, why: str) -> dict[str, object]:
    return {"crew_id": crew_id, "person_id": person_id, "why": why}

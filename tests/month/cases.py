"""What supervisors, and those whom a case is about, do with the cases of the month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from api import acts
from api.supervision import service as supervision
from api.supervision.models import Action, Case
from schemas import supervision as shapes
from schemas.crews import Level, Role
from tests.month.deeds import DISTRICT, Deed, office

_Do = Callable[[Session, acts.Act, str], object]


def all_of_them() -> Iterator[Deed]:
    """Tell what becomes of the month's cases by people's hands."""
    yield _about("slow", "restore", "2025-10-14 14:00", _appeal, role=Role.DISPATCHER)
    yield _about("slow", "restore", "2025-10-15 09:00", _uphold)
    yield _about("late", "arrive", "2025-10-21 12:00", _acknowledge)
    yield _about("late", "arrive", "2025-10-21 12:10", _set_action)
    yield office("2025-10-22 08:00", _act_done, role=Role.SUPERVISOR)
    yield _about("late", "arrive", "2025-10-22 08:10", _close)
    yield _about("reopened", "arrive", "2025-10-22 15:48", _raise)


def _about(subject_id: str, kind: str, at: str, do: _Do, *, role: Role = Role.SUPERVISOR) -> Deed:
    def done(session: Session, act: acts.Act) -> None:
        found = session.query(Case).filter_by(
            district_id=DISTRICT, subject_id=subject_id, kind=kind
        )
        do(session, act, found.one().id)

    return office(at, done, role=role)


def _acknowledge(session: Session, act: acts.Act, case_id: str) -> None:
    taken = shapes.CaseTaken(remark="the depot sends a second van to this side of the river")
    supervision.acknowledge(session, act=act, case_id=case_id, body=taken)


def _set_action(session: Session, act: acts.Act, case_id: str) -> None:
    draft = shapes.ActionDraft(
        what="a second van stands on this side of the river from now on",
        owner_id="wang",
        due_on=dt.date(2025, 10, 24),
    )
    supervision.set_action(session, act=act, case_id=case_id, body=draft)


def _act_done(session: Session, act: acts.Act) -> None:
    action = session.query(Action).filter_by(district_id=DISTRICT).one()
    done = shapes.ActionDone(words="the van stands at the school since seven this morning")
    supervision.act_done(session, act=act, action_id=action.id, body=done)


def _close(session: Session, act: acts.Act, case_id: str) -> None:
    done = shapes.CaseClosed(done="the customer has light, and the second van stands ready")
    supervision.close(session, act=act, case_id=case_id, body=done)


def _raise(session: Session, act: acts.Act, case_id: str) -> None:
    up = shapes.CaseRaised(
        level=Level.PROVINCE, reason="the same house was dark for the second time today"
    )
    supervision.raise_case(session, act=act, case_id=case_id, body=up)


def _appeal(session: Session, act: acts.Act, case_id: str) -> None:
    draft = shapes.AppealDraft(
        ground=shapes.Ground.not_our_liability,
        words="the customer's own cable had burnt through in the cellar",
    )
    supervision.appeal(session, act=act, case_id=case_id, body=draft)


def _uphold(session: Session, act: acts.Act, case_id: str) -> None:
    (appeal,) = supervision.get_case(session, act=act, case_id=case_id).appeals
    decided = shapes.AppealDecision(
        upheld=True, words="the photograph shows the burnt cable of the customer"
    )
    supervision.decide(session, act=act, case_id=case_id, appeal_id=appeal.id, body=decided)

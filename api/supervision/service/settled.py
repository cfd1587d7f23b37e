"""Finding a case to do something to it: it must be there, and not be settled."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.errors import NotFound
from api.supervision import store
from api.supervision.models import Case
from schemas.errors import Refused
from schemas.supervision import CaseState

_STATES_ZH: Final = {
    CaseState.closed: "已办结",
    CaseState.excused: "已因申诉成立而免责",
    CaseState.cleared: "已因补传证据而撤销",
}


class CaseSettled(Refused):
    """The case is closed, excused by an appeal, or cleared by late evidence. Nothing to do."""

    code = "case-settled"
    en = "Supervision case {id} is {state} already."
    zh = "督办单 {id} {state_zh}。"


def get_case(session: Session, *, act: Act, case_id: str) -> Case:
    """Get a case, and keep it from others until the work is done.

    Raises:
        NotFound: there is none with this id.
    """
    case = store.lock_case(session, district_id=act.district_id, case_id=case_id)
    if case is None:
        raise NotFound(what="supervision case", id=case_id)
    return case


def get_open(session: Session, *, act: Act, case_id: str) -> Case:
    """Get a case that is not settled, and keep it from others until the work is done.

    Raises:
        NotFound: there is none with this id.
        CaseSettled: it is closed, excused or cleared.
    """
    case = get_case(session, act=act, case_id=case_id)
    if (state_zh := _STATES_ZH.get(CaseState(case.state))) is not None:
        raise CaseSettled(id=case_id, state=case.state, state_zh=state_zh)
    return case


def get_counting(session: Session, *, act: Act, case_id: str) -> Case:
    """Get a case that counts, closed or not, and keep it from others until the work is done.

    Raises:
        NotFound: there is none with this id.
        CaseSettled: it is excused or cleared.
    """
    case = get_case(session, act=act, case_id=case_id)
    if case.state in {CaseState.excused, CaseState.cleared}:
        raise CaseSettled(id=case_id, state=case.state, state_zh=_STATES_ZH[CaseState(case.state)])
    return case

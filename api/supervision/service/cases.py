"""The life of a case as its promise has it: opened, ended, cleared by late evidence, reopened."""

from __future__ import annotations

import dataclasses
import datetime as dt

import msgspec
import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.supervision import store
from api.supervision.models import Case
from api.supervision.service import climbing, record
from schemas.errors import Words
from schemas.supervision import CaseEvent, CaseState, Ladder

_log = structlog.get_logger()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A broken promise, as the capability tells it that keeps the promise.

    `ended_at` is when what was promised came or was withdrawn, None while it is outstanding;
    `turn` counts how often the work was opened; `ladder` is that of the policy set that it was
    opened under.
    """

    clock_id: str
    subject_id: str
    kind: str
    crew_id: str | None
    person_id: str | None
    due_at: dt.datetime
    ended_at: dt.datetime | None
    major: bool
    turn: int
    ladder: Ladder
    words: Words


def open_case(session: Session, *, act: Act, breach: Breach) -> str:
    """Open the one case of a broken promise and give its id; a constraint guards that it is one.

    A major event begins higher, reopened work a step up.
    """
    case = _opened(act, breach)
    session.add(case)
    climbing.begin(session, case=case, policy=breach.ladder, turn=breach.turn)
    record.write(session, act=act, case=case, event=CaseEvent.opened, reached=case.level)
    if breach.ended_at is None:
        climbing.set_next(session, case)
    _log.warning("supervision.opened", case_id=case.id, clock_id=case.clock_id, level=case.level)
    return case.id


def end(session: Session, *, act: Act, case_id: str, at: dt.datetime) -> None:
    """Note that what was promised came late, or was withdrawn: its case climbs no more."""
    case = _get(session, act, case_id)
    if case.ended_at is None:
        record.write(session, act=act, case=case, event=CaseEvent.ended, at=at)
    case.ended_at, case.climbs_at = at, None


def clear(session: Session, *, act: Act, case_id: str) -> None:
    """Mark a case as cleared by late evidence: it stays on record, and counts nowhere."""
    case = _get(session, act, case_id)
    case.state = str(CaseState.cleared)
    case.cleared_at, case.climbs_at = act.received_at, None
    record.write(session, act=act, case=case, event=CaseEvent.cleared)
    _log.info("supervision.cleared", case_id=case.id, clock_id=case.clock_id)


def reopen(session: Session, *, act: Act, case_id: str, ended_at: dt.datetime | None) -> None:
    """Open a case again if it was cleared: by now it is known that the promise was broken."""
    case = _get(session, act, case_id)
    if case.state != CaseState.cleared:
        return
    case.state = str(CaseState.open)
    case.cleared_at, case.ended_at = None, ended_at
    record.write(session, act=act, case=case, event=CaseEvent.reopened)
    if ended_at is None:
        climbing.set_next(session, case)
    _log.warning("supervision.reopened", case_id=case.id, clock_id=case.clock_id)


def _get(session: Session, act: Act, case_id: str) -> Case:
    case = store.lock_case(session, district_id=act.district_id, case_id=case_id)
    assert case is not None, "a promise's case is never deleted"
    return case


def _opened(act: Act, breach: Breach) -> Case:
    """Write a breach as a case at the bottom of its ladder."""
    bottom = breach.ladder.rungs[0]
    return Case(
        district_id=act.district_id,
        id=act.new_id(),
        clock_id=breach.clock_id,
        subject_id=breach.subject_id,
        kind=breach.kind,
        crew_id=breach.crew_id,
        person_id=breach.person_id,
        unit_id=act.district_id,
        level=str(bottom.level),
        rungs=[msgspec.to_builtins(rung) for rung in breach.ladder.rungs],
        begun=0,
        points=bottom.points,
        major=breach.major,
        opened_at=act.happened.at,
        due_at=breach.due_at,
        climbs_at=None,
        ended_at=breach.ended_at,
        state=str(CaseState.open),
        acknowledged_at=None,
        acknowledged_by=None,
        remark="",
        closed_at=None,
        closed_by=None,
        done="",
        cleared_at=None,
        en=breach.words.en,
        zh=breach.words.zh,
    )

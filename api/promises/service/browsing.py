"""What the office sees of promises: clocks at risk and overdue, and their ledgers."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act
from api.errors import NotFound
from api.promises import models, store
from api.promises.service import words
from schemas import promises
from schemas.rules.clocks import State

_STANDINGS: Final[Mapping[promises.Standing, tuple[State, ...]]] = MappingProxyType(
    {
        promises.Standing.running: (State.running,),
        promises.Standing.at_risk: (State.warned_50, State.warned_80, State.provisional),
        promises.Standing.overdue: (State.provisional, State.breached),
        promises.Standing.settled: (State.kept, State.breached, State.void),
    }
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which clocks the office asks for; None asks for all."""

    standing: promises.Standing | None = None
    state: State | None = None
    due_before: dt.datetime | None = None
    crew_id: str | None = None
    subject_id: str | None = None


def list_clocks(
    session: Session,
    *,
    act: Act,
    wanted: Wanted,
    after: store.Key | None,
    limit: int,
) -> list[promises.Clock]:
    """List clocks by when they are due, without their ledgers."""
    rows = store.list_clocks(
        session,
        district_id=act.district_id,
        wanted=store.ClockFilter(
            states=_states(wanted),
            foreseen=wanted.standing is promises.Standing.at_risk and wanted.state is None,
            due_before=wanted.due_before,
            crew_id=wanted.crew_id,
            subject_id=wanted.subject_id,
        ),
        after=after,
        limit=limit,
    )
    return [_clock(row) for row in rows]


def clocks_by_id(
    session: Session, *, district_id: str, ids: Sequence[str]
) -> Mapping[str, promises.Clock]:
    """Gather some clocks by their ids, without their ledgers."""
    rows = store.list_clocks_of_ids(session, district_id=district_id, ids=ids)
    return {row.id: _clock(row) for row in rows}


def get_clock(session: Session, *, act: Act, clock_id: str) -> promises.Clock:
    """Get one clock with its ledger.

    Raises:
        NotFound: there is none with this id.
    """
    row = store.find_clock(session, district_id=act.district_id, clock_id=clock_id)
    if row is None:
        raise NotFound(what="promise", id=clock_id)
    moments = store.list_moments(session, district_id=act.district_id, clock_id=clock_id)
    return msgspec.structs.replace(_clock(row), moments=[_moment(each) for each in moments])


def _states(wanted: Wanted) -> list[str] | None:
    """Say which states a question asks for: its one state, its standing, or all."""
    if wanted.standing is None:
        return None if wanted.state is None else [str(wanted.state)]
    standing = _STANDINGS[wanted.standing]
    return [str(state) for state in standing if wanted.state in {None, state}]


def _clock(row: models.Clock) -> promises.Clock:
    return msgspec.convert(row, promises.Clock, from_attributes=True)


def _moment(row: models.ClockMoment) -> promises.ClockMoment:
    sentence = words.of_moment(row)
    return promises.ClockMoment(
        id=row.id,
        at=row.at,
        heard_at=row.heard_at,
        state=State(row.state),
        sure=row.sure,
        cause=promises.Cause(row.cause),
        by=row.by,
        remark=row.remark,
        en=sentence.en,
        zh=sentence.zh,
    )

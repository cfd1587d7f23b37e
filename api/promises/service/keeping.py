"""Clocks of pieces of work: what starts, stops, hands over and voids them, when it happened.

Every function works on clocks that the unit of work already holds (`load`), and else fetches those
of its one subject.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from api.acts import Act
from api.promises import store
from api.promises.models import Clock
from api.promises.service import calendars, held, rulebook, settling
from schemas import promises, tasks
from schemas.promises import Cause
from schemas.rules import clocks, deadlines, transitions

REPORT: Final = "report"
"""The event that opens work; the others are those of `transitions.Event`."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The piece of work that promises are about, and what they depend on.

    `kind` is the policy rows' subject (`repair`, `route`, ...); `area_class` is None outside every
    area; `urgency` runs from 1 (life at risk) to 5.
    """

    id: str
    kind: str
    area_class: str | None
    urgency: int
    crew_id: str | None
    person_id: str | None


class _Opening(NamedTuple):
    """Under which policy set, for which time and when first a piece of work was opened."""

    policy: str
    turn: int
    opened_at: dt.datetime


def load(session: Session, *, district_id: str, subject_ids: Iterable[str]) -> None:
    """Bring the clocks of many subjects into the unit of work with few questions.

    They stay locked until it ends; acts on these subjects ask no more.
    """
    known = held.of(session).clocks
    wanted = {each for each in subject_ids if (district_id, each) not in known}
    known.update(((district_id, each), []) for each in wanted)
    for clock in store.lock_clocks(session, district_id=district_id, subject_ids=wanted):
        known[district_id, clock.subject_id].append(clock)


def note(
    session: Session,
    *,
    act: Act,
    subject: Subject,
    event: str,
    proven: bool = True,
    remark: str = "",
) -> list[tasks.TaskClock]:
    """Let an event start and stop the clocks of a subject, at the time when it happened.

    The earliest proof of an event counts, whichever is heard first.
    A cancelled subject's clocks are voided, a reopened one's start anew.

    Args:
        session: the unit of work.
        act: who, and when it happened.
        subject: what it happened to.
        event: `report`, or a value of `transitions.Event`.
        proven: whether it may stop a clock; it starts one in any case.
        remark: words for the ledger, such as why a position left doubt.

    Returns:
        The clocks that the subject now has, by when they are due.
    """
    if event == transitions.Event.cancel:
        return void(session, act=act, subject_id=subject.id)
    if event == transitions.Event.reopen:
        return reopen(session, act=act, subject=subject)
    known = _clocks(session, act, subject.id, fresh=event == REPORT)
    turn = _hear(session, act=act, known=known, event=event, proven=proven, remark=remark)
    _start(session, act=act, subject=subject, known=known, event=event, turn=turn)
    return _shown(known)


def prove(
    session: Session,
    *,
    act: Act,
    subject_id: str,
    event: str,
    proven: bool = True,
    remark: str = "",
) -> list[tasks.TaskClock]:
    """Let an event stop the clocks that a subject has, or start them earlier; it opens none.

    So what happened before work was called off counts, whenever it is heard.

    Args:
        session: the unit of work.
        act: who, and when it happened.
        subject_id: what it happened to.
        event: a value of `transitions.Event`.
        proven: whether it may stop a clock.
        remark: words for the ledger, such as why a position left doubt.

    Returns:
        The clocks that the subject now has, by when they are due.
    """
    known = _clocks(session, act, subject_id, fresh=False)
    _hear(session, act=act, known=known, event=event, proven=proven, remark=remark)
    return _shown(known)


def _hear(
    session: Session, *, act: Act, known: Sequence[Clock], event: str, proven: bool, remark: str
) -> int:
    """Let an event stop or start earlier the clocks of the round that it falls in; give that."""
    turn = _round_at(known, act.happened.at)
    for clock in known:
        if clock.round != turn:
            continue
        if clock.stop_event == event:
            _stop(session, act=act, clock=clock, event=event, proven=proven, remark=remark)
        if clock.start_event == event:
            _start_earlier(session, act=act, clock=clock, event=event)
    return turn


def reopen(session: Session, *, act: Act, subject: Subject) -> list[tasks.TaskClock]:
    """Start the clocks of a subject anew, by the policy that it was first opened under.

    Doing so twice at the same instant does it once.
    """
    known = _clocks(session, act, subject.id, fresh=False)
    turn = _round_at(known, act.happened.at)
    began_at = min((c.started_at for c in known if c.round == turn), default=None)
    if known and began_at != act.happened.at:
        _void_running(session, act, [clock for clock in known if clock.round == turn])
        turn = max(clock.round for clock in known) + 1
    _start(session, act=act, subject=subject, known=known, event=REPORT, turn=turn)
    return _shown(known)


def hand_over(
    session: Session,
    *,
    act: Act,
    subject_id: str,
    crew_id: str | None,
    person_id: str | None,
) -> list[tasks.TaskClock]:
    """Make somebody else responsible for the clocks of a subject that still run."""
    known = _clocks(session, act, subject_id, fresh=False)
    for clock in known:
        before = (clock.crew_id, clock.person_id)
        if not _runs(clock) or before == (crew_id, person_id):
            continue
        clock.crew_id, clock.person_id = crew_id, person_id
        if before != (None, None):
            remark = f"{_holder(*before)} -> {_holder(crew_id, person_id)}"
            settling.touched(
                session, act=act, clock=clock, cause=Cause.handed_over, event=None, remark=remark
            )
        elif clock.next_at is None:  # broken while nobody had it: theirs may have been there
            clock.next_at = act.received_at
    return _shown(known)


def void(session: Session, *, act: Act, subject_id: str) -> list[tasks.TaskClock]:
    """Take the object from a subject's clocks; what was overdue before that stays so."""
    known = _clocks(session, act, subject_id, fresh=False)
    turn = _round_at(known, act.happened.at)
    _void_running(session, act, [clock for clock in known if clock.round == turn])
    return _shown(known)


def redo_provisional(session: Session, *, act: Act) -> int:
    """Work out anew what fell in a year whose calendar was not yet published.

    Returns:
        How many clocks are due at another instant.
    """
    moved = 0
    for clock in store.lock_provisional(session, district_id=act.district_id):
        before = clock.due_at
        _set_due(session, clock)
        if clock.due_at != before:
            moved += 1
            settling.touched(session, act=act, clock=clock, cause=Cause.calendar, event=None)
    return moved


def _clocks(session: Session, act: Act, subject_id: str, *, fresh: bool) -> list[Clock]:
    """Give the clocks of a subject; work that is just being opened has none."""
    known = held.of(session).clocks
    key = (act.district_id, subject_id)
    if fresh:
        known.setdefault(key, [])
    elif key not in known:
        load(session, district_id=act.district_id, subject_ids=[subject_id])
    return known[key]


def _round_at(known: Sequence[Clock], at: dt.datetime) -> int:
    """Tell in which opening of its subject an instant falls; before all of them, the first."""
    began = [clock.round for clock in known if clock.started_at <= at]
    return max(began, default=1)


def _runs(clock: Clock) -> bool:
    return clock.stopped_at is None and clock.voided_at is None


def _holder(crew_id: str | None, person_id: str | None) -> str:
    return person_id or crew_id or "-"


def _stop(
    session: Session, *, act: Act, clock: Clock, event: str, proven: bool, remark: str
) -> None:
    """Stop a clock by the earliest proof; what proves nothing is written down and stops nothing.

    A later word that may have been the earliest is doubt, and is kept as that.
    """
    known = settling.stop_of(clock)
    if not proven:
        if known is None:
            settling.write(
                session,
                act=act,
                clock=clock,
                cause=Cause.unproven,
                at=act.happened.at,
                event=event,
                remark=remark,
            )
        return
    word = _word(act, since=clock.opened_at)
    stop = word if known is None else known.also(word)
    if stop == known:
        return
    clock.stopped_at, clock.stopped_from_at, clock.stopped_by_at = stop.at, stop.from_at, stop.by_at
    settling.touched(session, act=act, clock=clock, cause=Cause.stopped, event=event, remark=remark)


def _word(act: Act, *, since: dt.datetime) -> clocks.Told:
    """Take an act's word for when it happened; a suspect clock says no more than that it did.

    Args:
        act: who tells of it.
        since: when the work was opened; nothing was done to it before.
    """
    at = act.happened.at
    if act.happened.suspect:
        return clocks.Told(at, min(since, at), max(act.received_at, at))
    return clocks.told(at, act.happened.error_s)


def _void_running(session: Session, act: Act, known: Iterable[Clock]) -> None:
    for clock in known:
        at = act.happened.at
        gone = clock.voided_at is not None and clock.voided_at <= at
        if gone or (clock.stopped_at is not None and clock.stopped_at <= at):
            continue
        clock.voided_at = at
        settling.touched(session, act=act, clock=clock, cause=Cause.voided, event=None)


def _start(
    session: Session, *, act: Act, subject: Subject, known: list[Clock], event: str, turn: int
) -> None:
    """Open what the subject's policy starts by this event and is not there yet."""
    district_id, at = act.district_id, act.happened.at
    policy = (
        known[0].policy if known else rulebook.in_force(session, district_id=district_id, at=at)
    )
    if not rulebook.starts(policy, subject=subject.kind, event=event):
        return
    opened_at = min((clock.opened_at for clock in known), default=at)
    zone = zoneinfo.ZoneInfo(calendars.zone(session, district_id=district_id))
    rows = rulebook.list_rows(
        policy,
        subject=subject.kind,
        event=event,
        area_class=subject.area_class,
        urgency=subject.urgency,
        on=opened_at.astimezone(zone).date(),
    )
    opening = _Opening(policy=policy, turn=turn, opened_at=opened_at)
    there = {clock.kind for clock in known if clock.round == turn}
    known += [_open(session, act, subject, row, opening) for row in rows if row.kind not in there]


def _start_earlier(session: Session, *, act: Act, clock: Clock, event: str) -> None:
    """Move a clock's start to the earliest that anybody told of, with its bounds."""
    known = clocks.Told(clock.started_at, clock.started_from_at, clock.started_by_at)
    start = known.also(_word(act, since=clock.opened_at))
    if start == known:
        return
    _set_start(session, clock, start)
    cause = Cause.started_earlier if start.at < known.at else Cause.started
    settling.touched(session, act=act, clock=clock, cause=cause, event=event)


def _open(
    session: Session, act: Act, subject: Subject, row: promises.PolicyRow, opening: _Opening
) -> Clock:
    """Make a running clock of a policy row."""
    rules = rulebook.get_set(opening.policy)
    clock = Clock(
        district_id=act.district_id,
        id=act.new_id(),
        subject_id=subject.id,
        kind=row.kind,
        round=opening.turn,
        policy=opening.policy,
        row_id=row.id,
        source=rules.sources[row.source].title,
        start_event=row.start,
        stop_event=row.stop,
        amount=row.amount,
        unit=str(row.unit),
        grace_s=rules.grace_s,
        opened_at=opening.opened_at,
        crew_id=subject.crew_id,
        person_id=subject.person_id,
        stopped_at=None,
        stopped_from_at=None,
        stopped_by_at=None,
        voided_at=None,
        state=str(clocks.State.running),
        sure=True,
        late_s=0.0,
        supervision_id=None,
    )
    _set_start(session, clock, _word(act, since=opening.opened_at))
    clock.next_at = deadlines.warn_at(
        clock.started_at, clock.due_at, fraction=clocks.WARN_50_FRACTION
    )
    session.add(clock)
    settling.write(
        session, act=act, clock=clock, cause=Cause.started, at=clock.started_at, event=row.start
    )
    return clock


def _set_start(session: Session, clock: Clock, start: clocks.Told) -> None:
    """Let a clock start at a moment, and work out when it is due."""
    clock.started_at, clock.started_from_at = start.at, start.from_at
    clock.started_by_at = start.by_at
    _set_due(session, clock)


def _set_due(session: Session, clock: Clock) -> None:
    """Work out when a clock is due from when it started, and from when it may have."""
    allowance = deadlines.Allowance(clock.amount, deadlines.Unit(clock.unit))

    def due(started_at: dt.datetime) -> deadlines.Due:
        return calendars.due(
            session, district_id=clock.district_id, started_at=started_at, allowance=allowance
        )

    whole = due(clock.started_at)
    clock.due_at, clock.due_provisional = whole.at, whole.provisional
    clock.due_from_at = clock.due_by_at = whole.at
    if clock.started_from_at != clock.started_at or clock.started_by_at != clock.started_at:
        clock.due_from_at = due(clock.started_from_at).at
        clock.due_by_at = due(clock.started_by_at).at


def _shown(known: Sequence[Clock]) -> list[tasks.TaskClock]:
    """Show the clocks of the latest opening that still mean something, by when they are due."""
    last = max((clock.round for clock in known), default=1)
    counted = [clock for clock in known if clock.round == last and clock.state != clocks.State.void]
    return [
        tasks.TaskClock(
            kind=clock.kind,
            due_at=clock.due_at,
            stopped_at=clock.stopped_at,
            started_at=clock.started_at,
            stop_event=clock.stop_event,
        )
        for clock in sorted(counted, key=lambda clock: (clock.due_at, clock.kind))
    ]

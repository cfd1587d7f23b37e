"""How clocks come to run: what a policy starts for a piece of work, from when on, until when."""

from __future__ import annotations

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Iterable
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from api.acts import Act
from api.promises.models import Clock
from api.promises.service import calendars, rulebook, settling, stopping
from schemas import promises
from schemas.promises import Cause
from schemas.rules import clocks, deadlines

REPORT: Final = "report"
"""The event that opens work; the others are those of `transitions.Event`."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The piece of work that promises are about, and what they depend on.

    `kind` is the policy rows' subject (`repair`, `route`, ...); `area_class` is None outside every
    area; `urgency` runs from 1 (life at risk) to 5.
    `care` says that somebody must not wait, `customers` how many are known to be without power.
    """

    id: str
    kind: str
    area_class: str | None
    urgency: int
    crew_id: str | None
    person_id: str | None
    care: bool = False
    customers: int = 0


class _Opening(NamedTuple):
    """Under which policy set, for which time and when first a piece of work was opened."""

    policy: str
    turn: int
    opened_at: dt.datetime


def start(
    session: Session, *, act: Act, subject: Subject, known: list[Clock], event: str, turn: int
) -> None:
    """Open what the subject's policy starts by this event and is not there yet."""
    district_id, at = act.district_id, act.happened.at
    ours = by_policy(known)
    policy = ours[0].policy if ours else rulebook.in_force(session, district_id=district_id, at=at)
    if not rulebook.starts(policy, subject=subject.kind, event=event):
        return
    opened_at = min((clock.opened_at for clock in ours), default=at)
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
    there = {clock.kind for clock in ours if clock.round == turn}
    known += [_open(session, act, subject, row, opening) for row in rows if row.kind not in there]


def start_earlier(session: Session, *, act: Act, clock: Clock, event: str) -> None:
    """Move a clock's start to the earliest that anybody told of, with its bounds."""
    known = clocks.Told(clock.started_at, clock.started_from_at, clock.started_by_at)
    start = known.also(stopping.word(act, since=clock.opened_at))
    if start == known:
        return
    _set_start(session, clock, start)
    cause = Cause.started_earlier if start.at < known.at else Cause.started
    settling.touched(session, act=act, clock=clock, cause=cause, event=event)


def weigh(known: Iterable[Clock], *, subject: Subject) -> None:
    """Judge anew whether a subject is a major event, by what is known of it now."""
    for clock in known:
        if clock.supervision_id is None:
            clock.major = rulebook.is_major(clock.policy, subject)


def by_policy(known: Iterable[Clock]) -> list[Clock]:
    """Leave out what somebody promised to the customer beyond the policy."""
    return [clock for clock in known if clock.promise_id is None]


def fresh(*, act: Act, **said: object) -> Clock:
    """Make a running clock to which nothing has happened yet.

    Args:
        act: what starts it.
        **said: what its row, or its promise, says of it.
    """
    nothing_yet: dict[str, object] = {
        "stopped_at": None,
        "stopped_from_at": None,
        "stopped_by_at": None,
        "voided_at": None,
        "state": str(clocks.State.running),
        "sure": True,
        "late_s": 0.0,
        "supervision_id": None,
        "major": False,
        "paused_at": None,
        "paused_s": 0.0,
        "told_at": None,
        "took_ms": None,
        "promise_id": None,
        "from_at": None,
        "words": "",
        "notice_at": None,
        "risk_at": None,
        "risk_en": "",
        "risk_zh": "",
    }
    return Clock(district_id=act.district_id, id=act.new_id(), **(nothing_yet | said))


def _open(
    session: Session, act: Act, subject: Subject, row: promises.PolicyRow, opening: _Opening
) -> Clock:
    """Make a running clock of a policy row."""
    rules = rulebook.get_set(opening.policy)
    clock = fresh(
        act=act,
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
        major=rulebook.is_major(opening.policy, subject),
    )
    _set_start(session, clock, stopping.word(act, since=opening.opened_at))
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
    set_due(session, clock)


def set_due(session: Session, clock: Clock) -> None:
    """Work out when a clock is due from when it started, and from when it may have.

    What it stood still is as though it had started that much later.
    """
    allowance = deadlines.Allowance(clock.amount, deadlines.Unit(clock.unit))
    stood_still = dt.timedelta(seconds=clock.paused_s)

    def due(started_at: dt.datetime) -> deadlines.Due:
        return calendars.due(
            session, district_id=clock.district_id, started_at=started_at, allowance=allowance
        )

    whole = due(clock.started_at + stood_still)
    clock.due_at, clock.due_provisional = whole.at, whole.provisional
    clock.due_from_at = clock.due_by_at = whole.at
    if clock.started_from_at != clock.started_at or clock.started_by_at != clock.started_at:
        clock.due_from_at = due(clock.started_from_at + stood_still).at
        clock.due_by_at = due(clock.started_by_at + stood_still).at

"""How promises and orders stood at an instant, from ledgers that are only added to.

Every question is about one district, and about work that was opened in a stretch of time: when work
was opened never changes, so a row never leaves its period.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from api.promises.models import Clock, ClockMoment
from api.tasks.models import Task, TaskMark
from schemas.promises import GIVEN, Cause
from schemas.rules.clocks import State
from schemas.rules.transitions import Event, Kind

FIRST_VISIT: Final = "first_visit"
AGAIN: Final = "again"
BROKEN_TOLD: Final = "broken_told"
BROKEN_UNTOLD: Final = "broken_untold"
REAGREED: Final = "reagreed"
WITHDRAWN: Final = "withdrawn"
_AGAIN: Final = (Event.return_, Event.suspend, Event.reopen)
"""What an order that was settled at the first visit has none of."""
_LINE: Final = aliased(ClockMoment, name="line")
T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A stretch of a district's time, from `from_at` to before `to_at`, as known at `as_of`."""

    district_id: str
    from_at: dt.datetime
    to_at: dt.datetime
    as_of: dt.datetime


def clocks(asked: Asked, kinds: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """Ask how the promises on work opened in a period stood, the kinds that are wanted.

    A clock to which nothing happened since stands as its row says; of the others, the newest line
    of the ledger that was known by then tells.
    """
    untouched = Clock.told_at <= asked.as_of

    def then(now: ColumnElement[T], of_line: ColumnElement[T]) -> ColumnElement[T]:
        return case((untouched, now), else_=_of_newest_line(of_line, asked))

    return select(
        Clock.id.label("id"),
        Clock.subject_id.label("subject_id"),
        Clock.opened_at.label("at"),
        Clock.kind.label("kind"),
        then(_col(Clock.state), _col(_LINE.state)).label("outcome"),
        then(_col(Clock.crew_id), _col(_LINE.crew_id)).label("crew_id"),
        then(_col(Clock.took_ms), _col(_LINE.took_ms)).label("took_ms"),
    ).where(
        Clock.district_id == asked.district_id,
        Clock.opened_at >= asked.from_at,
        Clock.opened_at < asked.to_at,
        Clock.kind.in_(sorted(kinds)),
        or_(untouched, _of_newest_line(_col(_LINE.id), asked).is_not(None)),
    )


def promises(asked: Asked) -> Select[*tuple[Any, ...]]:
    """Ask how the windows that customers were promised in a period ended.

    One that was broken is told apart by whether the customer heard of it before it was due; one
    that was taken back, by whether another was agreed.
    """
    told, anew = _has_line(Cause.told, asked, Clock.due_at), _has_line(Cause.reagreed, asked)
    window = clocks(asked, [GIVEN]).add_columns(
        case((told, BROKEN_TOLD), else_=BROKEN_UNTOLD).label("broken"),
        case((anew, REAGREED), else_=WITHDRAWN).label("ended"),
    )
    each = window.subquery("window").c
    outcome = case(
        (each.outcome == State.breached, each.broken),
        (each.outcome == State.void, each.ended),
        else_=each.outcome,
    )
    about = (each.id, each.subject_id, each.at, each.kind)
    return select(*about, outcome.label("outcome"), each.crew_id, each.took_ms)


def provisional(asked: Asked) -> Select[*tuple[Any, ...]]:
    """Ask which promises waited for a silent phone at the instant, whenever they were made."""
    return (
        select(
            Clock.id.label("id"),
            Clock.subject_id.label("subject_id"),
            Clock.opened_at.label("at"),
            Clock.kind.label("kind"),
            ClockMoment.state.label("outcome"),
            ClockMoment.crew_id.label("crew_id"),
            ClockMoment.took_ms.label("took_ms"),
        )
        .join(
            Clock,
            and_(Clock.district_id == asked.district_id, Clock.id == ClockMoment.clock_id),
        )
        .where(
            ClockMoment.district_id == asked.district_id,
            ClockMoment.state == State.provisional,
            ClockMoment.heard_at <= asked.as_of,
            ClockMoment.id == _of_newest_line(_col(_LINE.id), asked),
        )
    )


def call_backs(asked: Asked) -> Select[*tuple[Any, ...]]:
    """Ask what customers said of the orders that were opened in a period, each time."""
    return (
        select(
            TaskMark.id.label("id"),
            Task.id.label("subject_id"),
            Task.opened_at.label("at"),
            literal("").label("kind"),
            TaskMark.word.label("outcome"),
            TaskMark.crew_id.label("crew_id"),
            no_time(),
        )
        .join(TaskMark, and_(*_of_task(TaskMark)))
        .where(
            *_opened(asked),
            TaskMark.event == Event.call_back,
            TaskMark.received_at <= asked.as_of,
        )
    )


def orders(asked: Asked) -> Select[*tuple[Any, ...]]:
    """Ask of the finished orders that were opened in a period whether one visit was enough."""
    first = aliased(TaskMark)
    finisher = (
        select(first.crew_id)
        .where(*_of_task(first), first.event == Event.finish, first.received_at <= asked.as_of)
        .order_by(first.happened_at, first.id)
        .limit(1)
        .correlate(Task)
        .scalar_subquery()
    )
    came_again = case((_has_mark(_AGAIN, asked), AGAIN), else_=FIRST_VISIT)
    return select(
        Task.id.label("id"),
        Task.id.label("subject_id"),
        Task.opened_at.label("at"),
        literal("").label("kind"),
        came_again.label("outcome"),
        finisher.label("crew_id"),
        no_time(),
    ).where(
        *_opened(asked),
        _has_mark((Event.finish,), asked),
        ~_has_mark((Event.cancel,), asked),
    )


def cause_of(subject_id: ColumnElement[str], asked: Asked) -> ColumnElement[str]:
    """Ask what was found on an order, by the newest word known at the instant; "" for none."""
    found = aliased(TaskMark)
    newest = (
        select(found.word)
        .where(
            found.district_id == asked.district_id,
            found.task_id == subject_id,
            found.event == Event.finish,
            found.received_at <= asked.as_of,
        )
        .order_by(found.received_at.desc(), found.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(newest, "")


def no_time() -> ColumnElement[Any]:
    """Say that a row has no time, in a type that can be summed."""
    return cast(null(), BigInteger).label("took_ms")


def _opened(asked: Asked) -> tuple[ColumnElement[bool], ...]:
    return (
        Task.district_id == asked.district_id,
        Task.opened_at >= asked.from_at,
        Task.opened_at < asked.to_at,
        Task.kind == Kind.repair,
    )


def _has_mark(events: Sequence[Event], asked: Asked) -> ColumnElement[bool]:
    mark = aliased(TaskMark)
    return exists().where(
        *_of_task(mark), mark.event.in_(map(str, events)), mark.received_at <= asked.as_of
    )


def _of_task(mark: type[TaskMark]) -> tuple[ColumnElement[bool], ...]:
    return (mark.district_id == Task.district_id, mark.task_id == Task.id)


def _has_line(
    cause: Cause, asked: Asked, by_at: InstrumentedAttribute[dt.datetime] | None = None
) -> ColumnElement[bool]:
    """Ask whether a clock's ledger has a line, of what happened by an instant, heard by then."""
    in_time = [] if by_at is None else [_LINE.at <= by_at]
    return exists().where(
        _LINE.district_id == asked.district_id,
        _LINE.clock_id == Clock.id,
        _LINE.cause == cause,
        _LINE.heard_at <= asked.as_of,
        *in_time,
    )


def _of_newest_line(of_line: ColumnElement[T], asked: Asked) -> ColumnElement[T]:
    """Ask the newest line of a clock's ledger that was heard by the instant."""
    return (
        select(of_line)
        .where(
            _LINE.district_id == asked.district_id,
            _LINE.clock_id == Clock.id,
            _LINE.heard_at <= asked.as_of,
        )
        .order_by(_LINE.heard_at.desc(), _LINE.id.desc())
        .limit(1)
        .correlate(Clock)
        .scalar_subquery()
    )


def _col(column: InstrumentedAttribute[T]) -> ColumnElement[T]:
    """Take a model's column as an expression."""
    return column.expression

"""Supervision: the case that a broken promise opens, and how it climbs until somebody acts.

A case (督办) belongs to one promise, stands at one unit, and ends with what was done.
Points and levels are policy data; instants are UTC.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from schemas.base import Id, Instant, Name, Seconds, Shape, Text
from schemas.crews import Level

WORDS_CHARS_MAX: Final = 1_000
Said = Annotated[str, Meta(min_length=1, max_length=WORDS_CHARS_MAX, pattern=r"^[^\x00]*$")]


class Rung(Shape):
    """A level that a case reaches `after_s` seconds after it was opened, and its breach points."""

    level: Level
    after_s: Seconds
    points: Annotated[int, Meta(ge=0, le=1_000)]


class Major(Shape):
    """What makes an event major, so that its case begins at `level`; one of them is enough.

    `customers_min` customers without power, a customer who must not wait (`care`), or an urgency
    from 1 to `urgency_max`.
    """

    level: Level
    customers_min: Annotated[int, Meta(ge=1)] | None = None
    care: bool = False
    urgency_max: Annotated[int, Meta(ge=1, le=5)] | None = None


class Ladder(Shape):
    """How cases climb by a policy set; `default` marks hours that nobody published."""

    source: Name
    rungs: Annotated[list[Rung], Meta(min_length=1, max_length=len(Level))]
    major: Major | None = None
    default: bool = False


class CaseState(StrEnum):
    """How a case stands.

    `cleared` when late evidence showed the promise kept, `excused` when an appeal was upheld: both
    count nowhere. `closed` when it was said what was done.
    """

    open = "open"
    acknowledged = "acknowledged"
    closed = "closed"
    excused = "excused"
    cleared = "cleared"


class CaseEvent(StrEnum):
    """What happened to a case."""

    opened = "opened"
    climbed = "climbed"
    raised = "raised"
    chased = "chased"
    acknowledged = "acknowledged"
    ended = "ended"
    appealed = "appealed"
    upheld = "upheld"
    rejected = "rejected"
    action_set = "action_set"
    action_done = "action_done"
    closed = "closed"
    cleared = "cleared"
    reopened = "reopened"


class CaseMoment(Shape):
    """One line of a case's record: what happened, where the case stood then, who did it."""

    id: Id
    at: Instant
    heard_at: Instant
    event: CaseEvent
    level: Level
    unit_id: Id
    by: Id
    remark: Text
    en: Text
    zh: Text


class Ground(StrEnum):
    """Why somebody appeals: it was not so (不属实), or others answer for it (非我方责任)."""

    not_true = "not_true"
    not_our_liability = "not_our_liability"


class AppealState(StrEnum):
    """How an appeal stands."""

    pending = "pending"
    upheld = "upheld"
    rejected = "rejected"


class Appeal(Shape):
    """An appeal (申诉) against a case: its ground, its evidence, and who decided how."""

    id: Id
    case_id: Id
    ground: Ground
    words: Text
    evidence_id: Id | None
    state: AppealState
    made_at: Instant
    made_by: Id
    decided_at: Instant | None
    decided_by: Id | None
    decision: Text


class AppealDraft(Shape):
    """Why a case should not count, in concrete words; `evidence_id` names a declared file."""

    ground: Ground
    words: Said
    evidence_id: Id | None = None


class AppealDecision(Shape):
    """What a person who is not responsible decides, and on what ground."""

    upheld: bool
    words: Said


class Action(Shape):
    """A corrective action (整改措施): what is to be done, by whom, until the end of which day.

    `case_id` is null where it follows from a complaint alone; `subject_id` is the work or the
    complaint.
    """

    id: Id
    case_id: Id | None
    subject_id: Id
    what: Text
    owner_id: Id
    due_on: dt.date
    due_at: Instant
    set_at: Instant
    set_by: Id
    done_at: Instant | None
    done_by: Id | None
    done: Text
    evidence_id: Id | None
    overdue: bool


class ActionDraft(Shape):
    """What is to be done, by whom, until the end of which local day."""

    what: Said
    owner_id: Id
    due_on: dt.date


class ActionDone(Shape):
    """What was done, in concrete words; `evidence_id` names a declared file that shows it."""

    words: Said
    evidence_id: Id | None = None


class ActionStanding(StrEnum):
    """How the office asks for corrective actions."""

    open = "open"
    overdue = "overdue"
    done = "done"


class Supervision(Shape):
    """A supervision case (督办): one for each broken promise, opened once.

    It stands at `unit_id` of `level` and climbs at `climbs_at`, until `ended_at`: when what was
    promised came after all, or was withdrawn. `points` count while it is neither cleared nor
    excused. The record, appeals and actions come with the one case, not with lists.
    """

    id: Id
    clock_id: Id
    subject_id: Id
    kind: str
    crew_id: Id | None
    person_id: Id | None
    unit_id: Id
    level: Level
    points: int
    major: bool
    opened_at: Instant
    due_at: Instant
    climbs_at: Instant | None
    ended_at: Instant | None
    state: CaseState
    acknowledged_at: Instant | None
    acknowledged_by: Id | None
    remark: Text
    closed_at: Instant | None
    closed_by: Id | None
    done: Text
    cleared_at: Instant | None
    en: Text
    zh: Text
    moments: list[CaseMoment] = []
    appeals: list[Appeal] = []
    actions: list[Action] = []


class CaseTaken(Shape):
    """A supervisor has seen the case, and says what will be done."""

    remark: Said


class CaseRaised(Shape):
    """Somebody lets a case climb at once, for a concrete reason; by default to the next level."""

    reason: Said
    level: Level | None = None


class CaseClosed(Shape):
    """What was done, in concrete words: a case ends with nothing less."""

    done: Said


class Counted(StrEnum):
    """Whose breach points are counted."""

    unit = "unit"
    crew = "crew"
    person = "person"


class Points(Shape):
    """Breach points of one unit, crew or person: how many cases count, and what they add up to."""

    id: Id
    cases: int
    points: int


class PointsList(Shape):
    """Breach points of promises that fell due in a period, the most first."""

    items: list[Points]

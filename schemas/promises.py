"""Promises: clocks that run from an event to an event and are judged on when things happened.

A policy set is versioned data: each row says its source, since when it holds and for whom.
Allowances in seconds or whole days; instants are UTC.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from schemas.base import Id, Instant, Name, Seconds, Shape, Text
from schemas.errors import Words
from schemas.rules import clocks, deadlines

DAYS_MAX: Final = 366
WORDS_CHARS_MAX: Final = 1_000


class Cause(StrEnum):
    """Why a line stands in a clock's ledger."""

    started = "started"
    started_earlier = "started_earlier"
    stopped = "stopped"
    unproven = "unproven"
    cleared = "cleared"
    half_gone = "half_gone"
    most_gone = "most_gone"
    phone_dark = "phone_dark"
    overdue = "overdue"
    silent = "silent"
    handed_over = "handed_over"
    voided = "voided"
    calendar = "calendar"


class ClockMoment(Shape):
    """One line of a clock's ledger: what changed, when it happened, who or what caused it."""

    id: Id
    at: Instant
    heard_at: Instant
    state: clocks.State
    sure: bool
    cause: Cause
    by: Id
    remark: Text
    en: Text
    zh: Text


class Clock(Shape):
    """A promise on one piece of work, with the policy row it was opened under.

    `round` counts how often the work was opened; `sure` is false where a person should look before
    anybody is blamed; `late_s` is how late it was stopped, or was when last looked at.
    """

    id: Id
    subject_id: Id
    kind: str
    round: int
    policy: str
    source: Text
    crew_id: Id | None
    person_id: Id | None
    state: clocks.State
    sure: bool
    started_at: Instant
    due_at: Instant
    due_provisional: bool
    stopped_at: Instant | None
    late_s: Seconds
    supervision_id: Id | None
    moments: list[ClockMoment] = []


class Standing(StrEnum):
    """How the office asks for clocks: those it can still save, and those it is late with."""

    running = "running"
    at_risk = "at_risk"
    overdue = "overdue"
    settled = "settled"


class CaseState(StrEnum):
    """How a supervision case stands; `cleared` when late evidence showed the promise kept."""

    open = "open"
    acknowledged = "acknowledged"
    cleared = "cleared"


class Supervision(Shape):
    """A supervision case (督办): one for each broken promise, opened once."""

    id: Id
    clock_id: Id
    subject_id: Id
    kind: str
    crew_id: Id | None
    unit_id: Id
    opened_at: Instant
    due_at: Instant
    state: CaseState
    acknowledged_at: Instant | None
    acknowledged_by: Id | None
    remark: Text
    cleared_at: Instant | None
    en: Text
    zh: Text


class CaseTaken(Shape):
    """A supervisor has seen the case, and says what will be done."""

    remark: Annotated[str, Meta(min_length=1, max_length=WORDS_CHARS_MAX, pattern=r"^[^\x00]*$")]


class PolicySource(Shape):
    """Where a promise was published, and by whom."""

    title: Text
    publisher: Text
    remark: Text = ""


class PolicyRow(Shape):
    """One promise of a policy set.

    `area_class` and `urgency` list what it holds for, empty means all; `effective_until` is the
    last day; `default` marks a time that nobody published: the office sets it.
    """

    id: Id
    kind: Name
    subject: Name
    start: Name
    stop: Name
    amount: Annotated[float, Meta(ge=0)]
    unit: deadlines.Unit
    source: Name
    effective_from: dt.date
    effective_until: dt.date | None = None
    area_class: list[Name] = []
    urgency: list[int] = []
    default: bool = False


class PolicyLimits(Shape):
    """Numbers of a policy set that are no clocks."""

    estimates_in_row_max: Annotated[int, Meta(ge=0, le=100)]
    estimates_in_year_max: Annotated[int, Meta(ge=0, le=100)]
    outage_notice_days: Annotated[int, Meta(ge=0, le=366)]


class PolicySet(Shape):
    """A utility's own promises to its customers, as it published them.

    `grace_s` is how long after a deadline the silence of a phone counts as unsynced work;
    `area_class_unknown` is the class of a place outside every area.
    """

    name: Id
    title: Words
    grace_s: Seconds
    area_class_unknown: Name
    limits: PolicyLimits
    kinds: dict[str, Words]
    sources: dict[str, PolicySource]
    rows: list[PolicyRow]


class PolicyChoice(Shape):
    """Which policy set holds in the district for work opened from an instant on."""

    policy: Id
    effective_from: Instant


class DayKind(StrEnum):
    """How a day differs from its weekday."""

    holiday = "holiday"
    makeup = "makeup"


class CalendarDay(Shape):
    """A day off beyond the weekly ones, or a weekly day off that is worked."""

    day: dt.date
    kind: DayKind
    name: Text = ""


class CalendarYear(Shape):
    """One year of the office's table; `published` says that it is complete."""

    year: Annotated[int, Meta(ge=2000, le=2200)]
    published: bool
    days: Annotated[list[CalendarDay], Meta(max_length=DAYS_MAX)] = []


class CalendarYearDays(Shape):
    """What to put in the place of a year."""

    published: bool
    days: Annotated[list[CalendarDay], Meta(max_length=DAYS_MAX)] = []


class Calendar(Shape):
    """The office's table of days; `rest_weekdays` are its weekly days off, Monday is 0."""

    version: int
    zone: Name
    rest_weekdays: list[int]
    years: list[CalendarYear]


class Weekend(Shape):
    """The weekly days off, Monday is 0."""

    rest_weekdays: Annotated[list[Annotated[int, Meta(ge=0, le=6)]], Meta(max_length=6)]

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
from schemas.supervision import Ladder

DAYS_MAX: Final = 366
WORDS_CHARS_MAX: Final = 1_000
GIVEN: Final = "promise"
"""The kind of the clock that a promise to a customer has, and the event that starts it."""
GIVEN_WORDS: Final = Words(en="What the customer was promised", zh="对客户的承诺")


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
    paused = "paused"
    resumed = "resumed"
    calendar = "calendar"
    promised = "promised"
    reagreed = "reagreed"
    withdrawn = "withdrawn"
    attached = "attached"
    told = "told"
    cannot_be_met = "cannot_be_met"


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
    A promise that somebody gave the customer has its `promise_id`, its words, and `from_at` where
    its window opens later than at once; `round` numbers the windows promised on this work.
    `risk_at` is when it was seen that it cannot be met, with a sentence and its numbers;
    `notice_at` when the customer was told so before it was due.
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
    promise_id: Id | None
    from_at: Instant | None
    words: Text
    notice_at: Instant | None
    risk_at: Instant | None
    risk_en: Text
    risk_zh: Text
    moments: list[ClockMoment] = []


class Standing(StrEnum):
    """How the office asks for clocks: those it can still save, and those it is late with."""

    running = "running"
    at_risk = "at_risk"
    overdue = "overdue"
    settled = "settled"


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


class PolicyPace(Shape):
    """How fast crews come along, to see early what cannot be met.

    `detour_factor` is the way by road over the straight line; `work_min` the median minutes of
    each kind of work.
    """

    detour_factor: Annotated[float, Meta(ge=1, le=10)]
    speed_kmh: Annotated[float, Meta(gt=0, le=200)]
    work_min: dict[str, Annotated[float, Meta(ge=0, le=10_000)]]
    source: Name


class PolicyAppointments(Shape):
    """How customers are given appointments.

    A slot of `slot_min` minutes begins at each of `starts` (local times); a crew takes `capacity`
    appointments in one, up to `ahead_days_max` days ahead and until `lead_min` minutes before.
    """

    starts: Annotated[
        list[Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]], Meta(max_length=96)
    ]
    slot_min: Annotated[float, Meta(gt=0, le=1_440)]
    lead_min: Annotated[float, Meta(ge=0, le=10_080)]
    capacity: Annotated[int, Meta(ge=1, le=100)]
    ahead_days_max: Annotated[int, Meta(ge=0, le=366)]
    source: Name


class ReasonFor(StrEnum):
    """What a reason of a policy set may be given for."""

    return_ = "return"
    suspend = "suspend"


class PolicyReason(Shape):
    """A reason that a policy set knows, as it is picked; concrete words are given besides.

    `holds` lists the kinds of promises whose clocks stand still while work is suspended for it.
    """

    code: Name
    words: Words
    given_for: Annotated[list[ReasonFor], Meta(min_length=1)]
    holds: list[Name] = []


class PolicySet(Shape):
    """A utility's own promises to its customers, as it published them.

    `grace_s` is how long after a deadline the silence of a phone counts as unsynced work;
    `area_class_unknown` is the class of a place outside every area.
    `supervision` says how the cases of broken promises climb; `reasons` are those that work may be
    returned or suspended for.
    """

    name: Id
    title: Words
    grace_s: Seconds
    area_class_unknown: Name
    limits: PolicyLimits
    pace: PolicyPace
    appointments: PolicyAppointments
    supervision: Ladder
    reasons: list[PolicyReason]
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


class CalendarCountry(Shape):
    """A country, by ISO 3166-1 alpha-2, or a part of it, and a year whose days are published."""

    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$", examples=["PL"])]
    year: Annotated[int, Meta(ge=2000, le=2200)]
    subdivision: Annotated[str, Meta(pattern=r"^[A-Z0-9]{1,6}$")] | None = None


class Calendar(Shape):
    """The office's table of days; `rest_weekdays` are its weekly days off, Monday is 0."""

    version: int
    zone: Name
    rest_weekdays: list[int]
    years: list[CalendarYear]


class Weekend(Shape):
    """The weekly days off, Monday is 0."""

    rest_weekdays: Annotated[list[Annotated[int, Meta(ge=0, le=6)]], Meta(max_length=6)]

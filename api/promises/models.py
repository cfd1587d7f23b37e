"""Tables of promises: clocks and their ledger, supervision, policies in force, the calendar."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from api.columns import JsonType
from api.db import Base, same_district

_WAITS = "next_at IS NOT NULL"
_PROVISIONAL = "state = 'provisional'"


class Clock(Base):
    """A promise on one piece of work.

    It keeps what its policy row said, so that a later policy changes nothing for it.
    It starts and stops by the earliest word of it, which lies between `_from_at` and `_by_at`.
    `opened_at` is when the work was opened, `round` how often it was; `next_at` is when time alone
    may change its state, None when it never will; `supervision_id` names its supervision case.
    It stands still since `paused_at`, and stood still for `paused_s` seconds before, which its due
    instants count in.
    It is `major` where the policy set makes its subject a major event.
    A promise to a customer has its `promise_id`, its `words`, and a window that opens at `from_at`;
    its `round` numbers the windows of its subject, and its `row_id` names its own.
    `notice_at` is when the customer was told, before it was due, that it will not be kept.
    `risk_at` is when it was seen that it cannot be met, with the sentence that says why.
    `told_at` is when the newest line of its ledger was heard, `took_ms` its time from start to
    stop.
    """

    __tablename__ = "clocks"
    __table_args__ = (
        UniqueConstraint("district_id", "subject_id", "kind", "round", name="uq_clocks_subject"),
        Index(
            "ix_clocks_next",
            "district_id",
            "next_at",
            "id",
            sqlite_where=text(_WAITS),
            postgresql_where=text(_WAITS),
        ),
        Index("ix_clocks_state", "district_id", "state", "due_at", "id"),
        Index("ix_clocks_opened", "district_id", "opened_at", "kind", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[str]
    kind: Mapped[str]
    round: Mapped[int]
    policy: Mapped[str]
    row_id: Mapped[str]
    source: Mapped[str]
    start_event: Mapped[str]
    stop_event: Mapped[str]
    amount: Mapped[float]
    unit: Mapped[str]
    grace_s: Mapped[float]
    opened_at: Mapped[dt.datetime]
    crew_id: Mapped[str | None]
    person_id: Mapped[str | None]
    started_at: Mapped[dt.datetime]
    started_from_at: Mapped[dt.datetime]
    started_by_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    due_from_at: Mapped[dt.datetime]
    due_by_at: Mapped[dt.datetime]
    due_provisional: Mapped[bool]
    stopped_at: Mapped[dt.datetime | None]
    stopped_from_at: Mapped[dt.datetime | None]
    stopped_by_at: Mapped[dt.datetime | None]
    voided_at: Mapped[dt.datetime | None]
    state: Mapped[str]
    sure: Mapped[bool]
    late_s: Mapped[float]
    next_at: Mapped[dt.datetime | None]
    supervision_id: Mapped[str | None]
    major: Mapped[bool] = mapped_column(server_default=false())
    paused_at: Mapped[dt.datetime | None]
    paused_s: Mapped[float] = mapped_column(server_default="0")
    told_at: Mapped[dt.datetime | None]
    took_ms: Mapped[int | None]
    promise_id: Mapped[str | None]
    from_at: Mapped[dt.datetime | None]
    words: Mapped[str]
    notice_at: Mapped[dt.datetime | None]
    risk_at: Mapped[dt.datetime | None]
    risk_en: Mapped[str]
    risk_zh: Mapped[str]


class ClockMoment(Base):
    """One line of a clock's ledger; never changed.

    `at` is when it happened (within `error_s`), `heard_at` when we knew; `event` is the act that
    caused it, if it was one; `late_s` is how late the clock was then.
    With `crew_id` (in charge then) and `took_ms` (from start to stop, where it was stopped) a line
    says how the clock stood, so that a figure can be worked out as of any instant.
    """

    __tablename__ = "clock_moments"
    __table_args__ = (
        same_district("clock_id", target="clocks"),
        Index("ix_clock_moments_clock", "district_id", "clock_id", "heard_at", "id"),
        Index(
            "ix_clock_moments_provisional",
            "district_id",
            "heard_at",
            "id",
            sqlite_where=text(_PROVISIONAL),
            postgresql_where=text(_PROVISIONAL),
        ),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    clock_id: Mapped[str]
    at: Mapped[dt.datetime]
    heard_at: Mapped[dt.datetime]
    error_s: Mapped[float]
    state: Mapped[str]
    sure: Mapped[bool]
    late_s: Mapped[float]
    cause: Mapped[str]
    event: Mapped[str | None]
    by: Mapped[str]
    remark: Mapped[str]
    crew_id: Mapped[str | None]
    took_ms: Mapped[int | None]


class DistrictPolicy(Base):
    """Which policy set a district promises by, for work opened from an instant on."""

    __tablename__ = "district_policies"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    effective_from: Mapped[dt.datetime] = mapped_column(primary_key=True)
    policy: Mapped[str]
    chosen_at: Mapped[dt.datetime]
    chosen_by: Mapped[str]


class Calendar(Base):
    """What is set for a district's calendar; years not published make dates provisional."""

    __tablename__ = "calendars"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    rest_weekdays: Mapped[list[int]] = mapped_column(JsonType)
    published_years: Mapped[list[int]] = mapped_column(JsonType)
    version: Mapped[int]


class CalendarDay(Base):
    """A day that differs from its weekday; `day` is the local date as ISO text."""

    __tablename__ = "calendar_days"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]

"""Figures of service: what is counted, how a count stands, and reports of a period.

A figure is a definition and rows: each row has an `outcome`, and the definition says which outcomes
its denominator holds, and which of those its numerator.
Days are local dates of the district, both ends in the period; times are milliseconds.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from schemas.base import Id, Instant, Name, Sha256, Shape, Text
from schemas.crews import Level
from schemas.errors import Words
from schemas.rules.periods import Grain
from schemas.rules.standing import Better

GROUP_CHARS_MAX: Final = 2_000


class Measure(StrEnum):
    """What a figure says: a share (0 to 1), a mean time (seconds), or a number."""

    share = "share"
    mean = "mean"
    number = "number"


class Rows(StrEnum):
    """What a figure counts.

    `promises` are the windows that customers were promised; `provisional`, `open_cases` and
    `devices` are counted as they stand, whatever the period.
    """

    clocks = "clocks"
    promises = "promises"
    call_backs = "call_backs"
    orders = "orders"
    cases = "cases"
    readings = "readings"
    provisional = "provisional"
    open_cases = "open_cases"
    devices = "devices"


class By(StrEnum):
    """What a figure is broken down by."""

    unit = "unit"
    crew = "crew"
    area = "area"
    cause = "cause"
    reader = "reader"
    route = "route"


class Part(StrEnum):
    """Which of a figure's rows to list; `undecided` are in neither, as yet."""

    numerator = "numerator"
    denominator = "denominator"
    undecided = "undecided"


class Definition(Shape):
    """A figure: which rows it counts, and which outcomes its numerator and denominator hold.

    `kind` is the kind of promise, where its rows are clocks.
    Rows with an outcome of `undecided` may still come into the denominator.
    `standing` figures count what stands at an instant, whatever its period; `live` ones at no other
    instant than now.
    """

    code: Name
    title: Words
    about: Words
    measure: Measure
    rows: Rows
    kind: Name | None = None
    denominator: list[Name]
    numerator: list[Name]
    undecided: list[Name] = []
    better: Better = Better.neither
    standing: bool = False
    live: bool = False
    by: list[By] = []


class DefinitionList(Shape):
    """Every figure that this server knows."""

    items: list[Definition]


class Count(Shape):
    """How a figure stands: its rows by outcome, and what follows from them.

    `value` is the share, the mean in seconds or the number; null where there is nothing to divide
    by.
    `provisional` of the undecided wait for a silent phone: neither kept nor broken.
    `small` says that there is too little to judge anybody by.
    """

    numerator: int
    denominator: int
    undecided: int
    provisional: int
    total_ms: int | None = None
    value: float | None
    small: bool
    outcomes: dict[str, int]


class Group(Shape):
    """A figure of one unit, crew, area, cause, reader or route; null is of none.

    `place` is its place among the others, equals share one; null where it has none.
    """

    id: Annotated[str, Meta(max_length=GROUP_CHARS_MAX)] | None
    name: Text
    place: int | None
    count: Count


class Point(Shape):
    """A figure of a part of the period."""

    first_day: dt.date
    last_day: dt.date
    count: Count


class Figure(Shape):
    """A figure of a unit in a period, as of an instant: what was known by then.

    `before` is the same of the stretch before it; late evidence may change both.
    """

    code: Name
    unit_id: Id
    first_day: dt.date
    last_day: dt.date
    as_of: Instant
    whole: Count
    before: Count | None = None
    by: By | None = None
    groups: list[Group] = []
    more_groups: int = 0


class Past(Shape):
    """A figure of each day, week or month of a period."""

    code: Name
    unit_id: Id
    grain: Grain
    as_of: Instant
    points: list[Point]


class Row(Shape):
    """One row that a figure counted: what it is, and how it came out as of the instant.

    `subject_id` is the order, for rows about orders; `at` places the row in its period; `took_ms`
    is the time that a mean is made of.
    """

    district_id: Id
    id: Id
    subject_id: Id | None
    at: Instant
    outcome: Name
    crew_id: Id | None = None
    area_id: Id | None = None
    cause: Text | None = None
    reader_id: Id | None = None
    route_id: Id | None = None
    took_ms: int | None = None


class Span(StrEnum):
    """How long a report's period is; a week begins on Monday."""

    weekly = "weekly"
    monthly = "monthly"


class ReportGroup(Shape):
    """A group of a figure in a report, by its id alone: names may change, a report does not."""

    id: Annotated[str, Meta(max_length=GROUP_CHARS_MAX)] | None
    place: int | None
    count: Count


class ReportFigure(Shape):
    """A figure in a report: of the whole unit, of the period before, by day and in groups.

    `groups` are the first of each dimension, those with a place before those without one.
    """

    code: Name
    measure: Measure
    better: Better
    whole: Count
    before: Count | None
    days: list[Point]
    groups: dict[str, list[ReportGroup]]


class Report(Shape):
    """A report of a unit and a period: the same bytes whenever it is asked for as of an instant."""

    unit_id: Id
    level: Level
    span: Span
    first_day: dt.date
    last_day: dt.date
    as_of: Instant
    zone: Name
    figures: list[ReportFigure]


class IssuedReport(Shape):
    """A report that was issued at its period's end: the hash of its JSON as it was issued."""

    id: Id
    unit_id: Id
    span: Span
    first_day: dt.date
    last_day: dt.date
    as_of: Instant
    issued_at: Instant
    sha256: Sha256

"""A county's month of figures: 276,000 customers, 20,000 orders, and the report of it all."""

from __future__ import annotations

import contextlib
import datetime as dt
import pathlib
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

import api.models  # noqa: F401 - every table must be known before they are made
from api import acts, columns, db, ids
from api.insight import service
from api.promises.models import Clock, ClockMoment
from api.readings.models import Reading
from api.tasks.models import Task, TaskMark
from bench import figures
from schemas.figures import Span
from tests import postgres
from tests.makers import crews, sites

ORDERS: Final = 20_000
READINGS: Final = 276_000
_MONTHS: Final = 2
"""The month itself, and the one that it is set against."""
_SEED: Final = 20_251_001
_FROM: Final = dt.datetime(2025, 8, 31, 16, tzinfo=dt.UTC)
_NOW: Final = dt.datetime(2025, 11, 1, 22, tzinfo=dt.UTC)
_OCTOBER: Final = dt.date(2025, 10, 1)
_HALLOWEEN: Final = dt.date(2025, 10, 31)
_CREWS: Final = 21
_AREAS: Final = 12
_CAUSES: Final = ("熔丝熔断", "树障", "用户内部故障", "接头烧坏", "外力破坏", "")
_KINDS: Final = ("dispatch", "arrive", "restore", "survey")
_LATE_SHARE: Final = 0.02
_ROWS_PER_INSERT: Final = 20_000
_FIGURE_MS_AT_MOST: Final = 250.0
_REPORT_MS_AT_MOST: Final = 6_000.0
"""A job composes it while nobody waits; as issued, it is read in a moment."""


def measure(*, reps: int) -> Iterator[figures.Figure]:
    """Measure one figure and a monthly report on both databases."""
    for kind in ("sqlite", "postgresql"):
        with _database(kind) as database:
            _fill(database)
            yield from _measure(database, kind, reps)


def _measure(database: db.Database, kind: str, reps: int) -> Iterator[figures.Figure]:
    act = acts.system(district_id=crews.DISTRICT, now=_NOW, job="bench")
    question = service.Question(unit_id=None, first_day=_OCTOBER, last_day=_HALLOWEEN)

    def one(session: Session) -> None:
        found = service.get_figure(
            session, act=act, code="arrive_in_time", question=question, by=None
        )
        assert found.whole.denominator > ORDERS // 2, "the month is there"

    def report(session: Session) -> None:
        service.compose(
            session,
            act=act,
            wanted=service.Wanted(unit_id=None, span=Span.monthly, day=_OCTOBER),
        )

    yield figures.Figure(
        what=f"arrivals in time of {ORDERS:,} orders beside the month before, {kind}",
        value=figures.median_ms(_times_s(database, one, reps)),
        unit="ms",
        at_most=_FIGURE_MS_AT_MOST,
    )
    yield figures.Figure(
        what=f"the monthly report of {ORDERS:,} orders and {READINGS:,} readings, {kind}",
        value=figures.median_ms(_times_s(database, report, reps)),
        unit="ms",
        at_most=_REPORT_MS_AT_MOST,
    )


def _times_s(database: db.Database, asked: Callable[[Session], None], reps: int) -> Iterator[float]:
    for _ in range(reps):
        with database.reading() as session:
            began_s = time.perf_counter()
            asked(session)
            yield time.perf_counter() - began_s


@contextlib.contextmanager
def _database(kind: str) -> Iterator[db.Database]:
    """Give an empty, durable database on disk with every table."""
    with contextlib.ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="lamplighter-bench-", dir=postgres.DISK)
        url = f"sqlite:///{pathlib.Path(stack.enter_context(made)) / 'lamplighter.db'}"
        if kind != "sqlite":
            running = postgres.running(settings=postgres.DURABLE, parent=postgres.DISK)
            url = stack.enter_context(running).create_database()
        database = stack.enter_context(contextlib.closing(db.Database(url)))
        db.Base.metadata.create_all(database.engine)
        yield database


def _fill(database: db.Database) -> None:
    """Write two months of orders with their clocks and ledgers, and of readings."""
    chance = random.Random(_SEED)
    with database.unit_of_work() as session:
        crews.district(session)
        sites.district(session)
        for number in range(_CREWS):
            crews.crew(session, crew_id=f"crew-{number}", member_ids=[])
        for number in range(_AREAS):
            sites.area(session, area_id=f"area-{number}")
        sites.service_point(session, service_point_id="point")
        sites.meter(session, meter_id="meter", service_point_id="point")
    whole = ORDERS * _MONTHS
    _write(database, (_order(number, whole, chance) for number in range(whole)))
    whole = READINGS * _MONTHS
    _write(database, ([(Reading, _reading(n, whole, chance))] for n in range(whole)))
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


Row = tuple[type[db.Base], dict[str, Any]]


def _write(database: db.Database, groups: Iterator[list[Row]]) -> None:
    """Write rows past the models, table by table, some at a time."""
    waiting: dict[type[db.Base], list[dict[str, Any]]] = {}
    count = 0

    def write() -> None:
        with database.unit_of_work() as session:
            for model, rows in waiting.items():
                table = model.__table__
                assert isinstance(table, Table)
                session.connection().execute(insert(table), rows)
        waiting.clear()

    for group in groups:
        for model, row in group:
            waiting.setdefault(model, []).append(row)
            count += 1
        if count >= _ROWS_PER_INSERT:
            write()
            count = 0
    write()


def _at(number: int, whole: int) -> dt.datetime:
    """Spread rows evenly over the months."""
    return _FROM + dt.timedelta(days=61) * number / whole


def _blank(model: type[db.Base]) -> dict[str, Any]:
    """Make a row that says nothing."""
    nothing: dict[type, Any] = {str: "", int: 0, float: 0.0, bool: False}
    return {
        column.name: None
        if column.nullable or isinstance(column.type, columns.JsonType | columns.InstantType)
        else nothing.get(column.type.python_type)
        for column in model.__table__.columns
    }


_TASK: Final = {**_blank(Task), "kind": "repair", "state": "archived", "urgency": 3, "clocks": []}
_CLOCK: Final = {**_blank(Clock), "round": 1, "amount": 7200.0, "unit": "seconds", "sure": True}
_LINE: Final = {**_blank(ClockMoment), "cause": "stopped", "sure": True, "by": "li"}
_READING: Final = {
    **_blank(Reading),
    "meter_id": "meter",
    "tariffs": {},
    "method": "manual",
    "prompts": [],
    "confirmed": [],
    "photos": [],
}


def _order(number: int, whole: int, chance: random.Random) -> list[Row]:
    """Make a repair that was finished and called back, with its promises."""
    task_id, at = f"task-{number:06}", _at(number, whole)
    crew_id, late = f"crew-{chance.randrange(_CREWS)}", chance.random() < _LATE_SHARE
    of = {"district_id": crews.DISTRICT, "crew_id": crew_id}
    area_id = f"area-{chance.randrange(_AREAS)}"
    rows: list[Row] = [
        (Task, _TASK | of | {"id": task_id, "area_id": area_id, "opened_at": at, "state_at": at})
    ]
    for event, word in (("finish", chance.choice(_CAUSES)), ("call_back", "satisfied")):
        told_at = at + dt.timedelta(hours=3)
        mark = {"id": f"{task_id}-{event}", "task_id": task_id, "event": event, "word": word}
        rows.append((TaskMark, of | mark | {"happened_at": told_at, "received_at": told_at}))
    for kind in _KINDS:
        took_ms = chance.randrange(60_000, 7_200_000)
        rows += _clock(task_id, kind, at, of, took_ms=took_ms, late=late and kind != "dispatch")
    return rows


def _clock(
    task_id: str, kind: str, at: dt.datetime, of: dict[str, str], *, took_ms: int, late: bool
) -> Iterator[Row]:
    """Make a promise with the four lines of its ledger."""
    took = dt.timedelta(milliseconds=took_ms)
    state, clock_id = "breached" if late else "kept", f"{task_id}-{kind}"
    started = dict.fromkeys(("opened_at", "started_at", "started_from_at", "started_by_at"), at)
    due = dict.fromkeys(("due_at", "due_from_at", "due_by_at"), at + dt.timedelta(hours=2))
    told = dict.fromkeys(("stopped_at", "stopped_from_at", "stopped_by_at", "told_at"), at + took)
    about = {"id": clock_id, "subject_id": task_id, "kind": kind, "state": state}
    yield Clock, _CLOCK | of | started | due | told | about | {"took_ms": took_ms}
    for n, line_state in enumerate(("running", "running", "warned_50", state)):
        heard_at = at + took * n / 3
        line = {"id": f"{clock_id}-{n}", "clock_id": clock_id, "at": heard_at, "state": line_state}
        time = {"heard_at": heard_at, "took_ms": took_ms if line_state == state else None}
        yield ClockMoment, _LINE | of | line | time


def _reading(number: int, whole: int, chance: random.Random) -> dict[str, Any]:
    """Take a reading; every fiftieth or so is estimated."""
    at = _at(number, whole)
    quality = "estimated" if chance.random() < _LATE_SHARE else "actual"
    return _READING | {
        "district_id": crews.DISTRICT,
        "id": ids.new_id(),
        "reader_id": f"reader-{number % 40}",
        "route_id": f"route-{number // 500 % 600}",
        "read_at": at,
        "received_at": at,
        "total": Decimal(number),
        "quality": quality,
    }

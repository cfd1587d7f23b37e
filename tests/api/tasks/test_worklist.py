"""The worklist: order, pages, filters, and who sees what."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from api import db
from api.tasks import service, store
from api.tasks.service.worklist import Place
from schemas import tasks as shapes
from schemas.rules.transitions import Kind, State
from tests.makers import tasks as make

EVERYTHING = shapes.TaskFilter()
MINUTE = dt.timedelta(minutes=1)


def listed(session: Session, wanted: shapes.TaskFilter = EVERYTHING) -> list[str]:
    rows = service.list_worklist(
        session, act=make.of_office(), wanted=wanted, behind=None, limit=100
    )
    return [row.id for row in rows]


def test_the_most_urgent_come_first_and_of_those_the_oldest(session: Session) -> None:
    make.task(session, task_id="new", urgency=3, at=make.NOW + MINUTE)
    make.task(session, task_id="old", urgency=3)
    make.task(session, task_id="life", urgency=1, at=make.NOW + 2 * MINUTE)
    assert listed(session) == ["life", "old", "new"]


def test_pages_follow_each_other_without_a_gap(session: Session) -> None:
    for count in range(7):
        make.task(session, task_id=f"t{count}", urgency=1 + count % 2)
    seen: list[str] = []
    behind = None
    while True:
        rows = service.list_worklist(
            session, act=make.of_office(), wanted=EVERYTHING, behind=behind, limit=3
        )
        if not rows:
            break
        seen += [row.id for row in rows]
        behind = Place(rows[-1].urgency, rows[-1].opened_at, rows[-1].id)
    assert seen == listed(session)
    assert len(seen) == 7


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (shapes.TaskFilter(), {"repair", "route", "done", "theirs", "nobodys"}),
        (shapes.TaskFilter(settled=True), {"cancelled"}),
        (shapes.TaskFilter(state=State.finished), {"done"}),
        (shapes.TaskFilter(kind=Kind.route), {"route"}),
        (shapes.TaskFilter(crew_id="crew-2"), {"theirs"}),
        (shapes.TaskFilter(unassigned=True), {"nobodys"}),
        (shapes.TaskFilter(urgency=1), {"theirs"}),
        (shapes.TaskFilter(evidence_missing=True), {"done"}),
        (shapes.TaskFilter(opened_after=make.NOW), {"nobodys"}),
    ],
)
def test_filters_choose(session: Session, wanted: shapes.TaskFilter, found: set[str]) -> None:
    make.task(session, task_id="repair")
    make.task(session, task_id="route", kind=Kind.route)
    service.expect_evidence(make.task(session, task_id="done", state=State.finished))
    make.task(session, task_id="theirs", crew_id="crew-2", urgency=1)
    make.task(session, task_id="nobodys", state=State.reported, at=make.NOW + MINUTE)
    off = make.task(session, task_id="cancelled")
    service.cancel(session, act=make.of_office(), task=off, reason=make.REASON)
    assert set(listed(session, wanted)) == found


def test_a_promise_at_risk_is_found_by_when_it_is_due(session: Session) -> None:
    make.task(session, task_id="dispatched")
    make.task(session, task_id="waiting", state=State.reported)
    make.task(session, task_id="done", state=State.finished)
    assert listed(session, shapes.TaskFilter(due_before=make.NOW + 3 * MINUTE)) == ["waiting"]
    soon = set(listed(session, shapes.TaskFilter(due_before=make.NOW + 46 * MINUTE)))
    assert soon == {"waiting", "dispatched"}


def test_what_is_overdue_is_told_from_what_is_not(session: Session) -> None:
    make.task(session, task_id="late", state=State.reported, at=make.NOW - 3 * MINUTE)
    make.task(session, task_id="early", state=State.reported)
    make.task(session, task_id="done", state=State.restored)
    assert listed(session, shapes.TaskFilter(overdue=True)) == ["late"]
    assert set(listed(session, shapes.TaskFilter(overdue=False))) == {"early", "done"}


def test_a_crew_sees_its_own_work_only(session: Session) -> None:
    make.task(session, task_id="ours")
    make.task(session, task_id="theirs", crew_id="crew-2")
    make.task(session, task_id="mine", crew_id=None, person_id="li")
    rows = service.list_worklist(
        session, act=make.of_crew(), wanted=EVERYTHING, behind=None, limit=100
    )
    assert {row.id for row in rows} == {"ours", "mine"}


def test_open_work_is_counted_by_crew(session: Session) -> None:
    make.task(session)
    make.task(session, state=State.working)
    make.task(session, state=State.finished)
    make.task(session, crew_id="crew-2")
    make.task(session, state=State.reported)
    counts = service.count_open_by_crew(session, district_id=make.DISTRICT)
    assert counts == {"crew-1": 2, "crew-2": 1}


def test_the_worklist_walks_the_index_of_open_work(session: Session, database: db.Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL plans by the size of its tables; SQLite shows what fits")
    question = store.worklist_question(
        district_id="d1", wanted=EVERYTHING, now=make.NOW, hands=None, behind=None, limit=10
    )
    compiled = question.compile(database.engine, compile_kwargs={"literal_binds": True})
    plan = [row.detail for row in session.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))]
    assert any("ix_tasks_open" in line for line in plan), plan

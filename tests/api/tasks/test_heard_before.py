"""What stops a clock may be heard before what starts it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from api.promises.models import Clock
from api.tasks.service import moves, timeline
from schemas.rules.transitions import Event, State
from tests.makers import tasks as make

MINUTE = dt.timedelta(minutes=1)


def test_a_restoration_that_was_heard_first_stops_the_clock_that_the_arrival_opens(
    session: Session,
) -> None:
    """World seed 609: from quarantine the restoration was let in first, and a crew was blamed."""
    task = make.task(session, state=State.accepted)
    restored = make.of_crew(at=make.NOW + 40 * MINUTE, operation_id="op-2")
    moves.note_clocks(session, act=restored, task=task, event=Event.restore)
    remark = "no_longer_yours"
    timeline.write(session, act=restored, task=task, event=Event.restore, remark=remark)
    arrived = make.of_crew(at=make.NOW + 20 * MINUTE, operation_id="op-1")
    moves.note_clocks(session, act=arrived, task=task, event=Event.arrive, belated=True)
    session.flush()
    (clock,) = session.query(Clock).filter_by(subject_id=task.id, kind="restore")
    assert (clock.started_at, clock.stopped_at, clock.state) == (
        arrived.happened.at,
        restored.happened.at,
        "kept",
    )


def test_a_restoration_that_was_heard_between_two_arrivals_stops_the_clock_of_the_earlier(
    session: Session,
) -> None:
    """World seed 3436: the arrival heard first was after the light, the one heard last before."""
    task = make.task(session, state=State.accepted)
    restored = make.of_crew(at=make.NOW + 40 * MINUTE, operation_id="op-2")
    moves.note_clocks(session, act=restored, task=task, event=Event.restore)
    timeline.write(session, act=restored, task=task, event=Event.restore)
    for minute, name in ((70, "op-3"), (7, "op-1")):
        arrived = make.of_crew(at=make.NOW + minute * MINUTE, operation_id=name)
        belated = name == "op-1"  # behind the other arrival, which moved the order
        moves.note_clocks(session, act=arrived, task=task, event=Event.arrive, belated=belated)
    session.flush()
    (clock,) = session.query(Clock).filter_by(subject_id=task.id, kind="restore")
    assert (clock.started_at, clock.stopped_at) == (make.NOW + 7 * MINUTE, restored.happened.at)

from __future__ import annotations

import threading
import time

import flask
import pytest
from sqlalchemy.orm import Session

from api import db, scheduler
from api.acts import Act
from api.scheduler.runner import Runner
from api.settings import Settings
from tests.conftest import HandClock
from tests.makers import jobs

WAIT_S = 30


@pytest.mark.slow
def test_a_started_scheduler_runs_what_is_due_and_stops_cleanly(
    database: db.Database, clock: HandClock
) -> None:
    jobs.districts(database, "d1")
    runner = Runner(settings=Settings(), database=database, clock=clock, look_s=1)
    runner.start()
    deadline_s = time.monotonic() + WAIT_S
    while not jobs.runs(database) and time.monotonic() < deadline_s:
        time.sleep(0.1)
    runner.stop()

    assert "flag_overdue" in {run.job for run in jobs.runs(database)}
    assert {run.state for run in jobs.runs(database)} == {"done"}


@pytest.mark.slow
def test_a_stop_waits_for_the_run_that_is_under_way(
    database: db.Database, clock: HandClock
) -> None:
    jobs.districts(database, "d1")
    working, may_end = threading.Event(), threading.Event()

    def be_slow(session: Session, *, act: Act) -> dict[str, int]:
        working.set()
        assert may_end.wait(WAIT_S)
        return jobs.leave_a_row(session, act=act)

    runner = Runner(
        settings=Settings(), database=database, clock=clock, look_s=1, schedule=[jobs.job(be_slow)]
    )
    runner.start()
    assert working.wait(WAIT_S)
    stopping = threading.Thread(target=runner.stop)
    stopping.start()
    stopping.join(timeout=0.3)
    waited = stopping.is_alive()
    may_end.set()
    stopping.join(timeout=WAIT_S)

    assert (waited, stopping.is_alive()) == (True, False)
    assert jobs.effects(database) == 1


@pytest.mark.slow
def test_a_look_that_fails_is_followed_by_the_next(database: db.Database, clock: HandClock) -> None:
    looks = threading.Semaphore(0)

    class Unwell(HandClock):
        def now(self) -> object:  # type: ignore[override]  # it tells no time at all
            looks.release()
            message = "the battery is dead"
            raise OSError(message)

    runner = Runner(
        settings=Settings(),
        database=database,
        clock=Unwell(clock.now()),  # type: ignore[arg-type]  # as above
        look_s=1,
        schedule=[jobs.job()],
    )
    runner.start()
    looked = [looks.acquire(timeout=WAIT_S) for _ in range(2)]
    runner.stop()

    assert looked == [True, True]


def test_a_server_starts_its_scheduler_and_stops_it(app: flask.Flask) -> None:
    running = scheduler.start(app.extensions["lamplighter"])
    while_running = {thread.name for thread in threading.enumerate()}
    running.stop()

    assert "APScheduler" in while_running
    assert "APScheduler" not in {thread.name for thread in threading.enumerate()}

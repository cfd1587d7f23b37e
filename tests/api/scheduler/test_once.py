"""Each slot takes effect once, whatever workers do, however they end."""

from __future__ import annotations

import contextlib
import datetime as dt
import pathlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.scheduler import catalogue, ledger, service, store
from schemas.jobs import RunState
from tests.conftest import NOW, HandClock
from tests.makers import jobs, promises, sites

SCRIPT = pathlib.Path(__file__).with_name("worker.py")
WAIT_S = 60


@contextlib.contextmanager
def process(
    url: str, *, now: dt.datetime = NOW, lease_s: float = 300, hangs: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """Start a worker process; it says `ready` and waits for `go`."""
    started = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.api.scheduler.worker",
            url,
            now.isoformat(),
            str(lease_s),
            "hang" if hangs else "end",
        ],
        cwd=SCRIPT.parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate(timeout=WAIT_S)


def go(started: subprocess.Popen[str]) -> None:
    assert started.stdin is not None
    started.stdin.write("go\n")
    started.stdin.flush()


def heard(started: subprocess.Popen[str], word: str) -> str:
    """Read what a process says until it says a word; its log lines go by."""
    assert started.stdout is not None
    for line in started.stdout:
        if line.startswith(word):
            return line.strip()
    return ""


def test_threads_run_a_slot_once(database: db.Database, clock: HandClock) -> None:
    jobs.districts(database, "d1", "d2", "d3")
    together = threading.Barrier(4)

    def work(number: int) -> int:
        together.wait(timeout=WAIT_S)
        mine = jobs.worker(database, clock, name=f"worker-{number}")
        return service.run_due(mine, job=jobs.job())

    with ThreadPoolExecutor(4) as pool:
        ran = list(pool.map(work, range(4)))

    assert (sum(ran), jobs.effects(database)) == (3, 3)
    assert {run.state for run in jobs.runs(database)} == {RunState.done}


@pytest.mark.slow
def test_processes_run_a_slot_once(database: db.Database, database_url: str) -> None:
    jobs.districts(database, "d1", "d2", "d3")
    with contextlib.ExitStack() as stack:
        workers = [stack.enter_context(process(database_url)) for _ in range(3)]
        assert all(heard(worker, "ready") for worker in workers)
        for worker in workers:
            go(worker)
        ran = [int(heard(worker, "ran").split()[1]) for worker in workers]

    assert (sum(ran), jobs.effects(database)) == (3, 3)
    assert [run.attempts for run in jobs.runs(database)] == [1, 1, 1]


@pytest.mark.slow
def test_a_slot_whose_worker_was_killed_is_run_again_after_its_lease(
    database: db.Database, database_url: str, clock: HandClock
) -> None:
    jobs.districts(database, "d1")
    with process(database_url, lease_s=300, hangs=True) as doomed:
        assert heard(doomed, "ready")
        go(doomed)
        assert heard(doomed, "working")
        doomed.kill()
        doomed.wait(timeout=WAIT_S)

    worker = jobs.worker(database, clock)
    at_once = service.run_due(worker, job=jobs.job())
    clock.advance(seconds=301)
    later = service.run_due(worker, job=jobs.job())

    assert (at_once, later) == (0, 2)
    killed, present = jobs.runs(database)
    assert {killed.slot, present.slot} == {"2026-11-23T00:00Z", "2026-11-23T00:05Z"}
    assert sorted([killed.attempts, present.attempts]) == [1, 2]
    assert jobs.effects(database) == 2


def test_a_worker_that_lost_its_lease_undoes_its_run(
    database: db.Database, clock: HandClock
) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has one writer: nobody can take a slot over while a run writes")
    jobs.districts(database, "d1")
    slow = jobs.worker(database, clock, name="slow")
    quick = jobs.worker(database, clock, name="quick")

    def be_slow(session: Session, *, act: Act) -> dict[str, int]:
        counts = jobs.leave_a_row(session, act=act)
        session.flush()
        clock.advance(seconds=30)
        assert service.run_due(quick, job=jobs.job(lease_s=20)) == 1
        return counts

    assert service.run_due(slow, job=jobs.job(be_slow, lease_s=20)) == 0
    (run,) = jobs.runs(database)
    assert (run.worker, run.state, run.attempts) == ("quick", RunState.done, 2)
    assert jobs.effects(database) == 1


def test_only_the_last_claim_of_a_slot_can_finish(database: db.Database, clock: HandClock) -> None:
    at = store.Slot("d1", "test_job", "2026-11-23T00:00Z")
    claims = []
    for worker in ("slow", "early", "quick"):
        with database.unit_of_work() as session:
            now = clock.now()
            claims.append(ledger.claim(session, at, worker=worker, now=now, lease_s=20))
        clock.advance(seconds=15)
    slow, early, quick = claims

    assert early is None
    assert slow is not None
    assert quick is not None
    with database.unit_of_work() as session:
        with pytest.raises(ledger.LeaseLostError):
            ledger.finish(session, slow, now=clock.now(), counts={})
        ledger.finish(session, quick, now=clock.now(), counts={})


def test_a_slot_that_is_done_is_not_run_again(database: db.Database, clock: HandClock) -> None:
    jobs.districts(database, "d1")
    worker = jobs.worker(database, clock)
    ran = []
    for seconds in (0, 30, 30, 86_400):
        clock.advance(seconds=seconds)
        ran.append(service.run_due(worker, job=jobs.job()))

    assert ran == [1, 0, 1, 1]


def test_a_server_that_slept_runs_each_job_once_when_it_wakes(
    database: db.Database, clock: HandClock
) -> None:
    jobs.districts(database, "d1")
    worker = jobs.worker(database, clock)
    daily = catalogue.BY_NAME["forget_runs"].schedule
    for schedule in (None, daily):
        clock.set(NOW)
        service.run_due(worker, job=jobs.job(schedule=schedule))
        clock.advance(hours=24 * 3)
        assert [service.run_due(worker, job=jobs.job(schedule=schedule)) for _ in range(2)] == [
            1,
            0,
        ]


def test_a_clock_that_is_set_back_runs_nothing_twice(
    database: db.Database, clock: HandClock
) -> None:
    jobs.districts(database, "d1")
    worker = jobs.worker(database, clock)
    ran = []
    for minutes in (0, 1, -1, 0, 1, 1):
        clock.advance(minutes=minutes)
        ran.append(service.run_due(worker, job=jobs.job()))

    assert ran == [1, 1, 0, 0, 0, 1]


def test_a_failure_is_kept_and_tried_again_a_few_times(
    database: db.Database, clock: HandClock
) -> None:
    jobs.districts(database, "d1")

    def fail(session: Session, *, act: Act) -> dict[str, int]:
        jobs.leave_a_row(session, act=act)
        message = "the line is cut"
        raise RuntimeError(message)

    worker = jobs.worker(database, clock)
    daily = catalogue.BY_NAME["forget_runs"].schedule
    for _ in range(ledger.ATTEMPTS_MAX + 2):
        assert service.run_due(worker, job=jobs.job(fail, schedule=daily)) == 0
        assert service.run_due(worker, job=jobs.job(fail, schedule=daily)) == 0
        clock.advance(seconds=ledger.RETRY_S)

    (run,) = jobs.runs(database)
    assert (run.state, run.attempts) == (RunState.failed, ledger.ATTEMPTS_MAX)
    assert run.error == "RuntimeError: the line is cut"
    assert jobs.effects(database) == 0


def test_a_failure_in_one_district_harms_no_other(database: db.Database, clock: HandClock) -> None:
    jobs.districts(database, "d1", "d2", "d3")

    def fail_in_one(session: Session, *, act: Act) -> dict[str, int]:
        if act.district_id == "d2":
            message = "no such pole"
            raise LookupError(message)
        return jobs.leave_a_row(session, act=act)

    ran = service.run_due(jobs.worker(database, clock), job=jobs.job(fail_in_one))

    assert (ran, jobs.effects(database)) == (2, 2)
    states = {run.district_id: run.state for run in jobs.runs(database)}
    assert states == {"d1": RunState.done, "d2": RunState.failed, "d3": RunState.done}


def test_a_worker_that_must_stop_ends_after_its_present_district(
    database: db.Database, clock: HandClock
) -> None:
    jobs.districts(database, "d1", "d2", "d3")
    stopping = threading.Event()

    def be_told(session: Session, *, act: Act) -> dict[str, int]:
        stopping.set()
        return jobs.leave_a_row(session, act=act)

    worker = jobs.worker(database, clock, is_stopping=stopping.is_set)
    assert service.run_due(worker, job=jobs.job(be_told)) == 1
    assert jobs.effects(database) == 1


def test_the_ledger_keeps_what_a_run_counted(database: db.Database, clock: HandClock) -> None:
    with database.unit_of_work() as session:
        sites.district(session)
        promises.opened(session)
    clock.advance(minutes=50)
    flag_overdue = catalogue.BY_NAME["flag_overdue"]

    assert service.run_due(jobs.worker(database, clock), job=flag_overdue) == 1
    (run,) = jobs.runs(database)
    assert run.counts == {"looked": 2, "breached": 2, "case": 2}
    assert (run.slot, run.finished_at) == ("2026-11-23T00:50Z", clock.now())


def test_old_lines_of_the_ledger_are_forgotten(database: db.Database, clock: HandClock) -> None:
    jobs.districts(database, "d1")
    worker = jobs.worker(database, clock)
    service.run_due(worker, job=jobs.job())
    clock.advance(hours=24 * ledger.KEPT_DAYS - 4)
    service.run_due(worker, job=jobs.job())
    clock.advance(hours=24)
    service.run_due(worker, job=catalogue.BY_NAME["forget_runs"])

    left = [(run.job, run.counts) for run in jobs.runs(database)]
    assert left == [("test_job", {"rows": 1}), ("forget_runs", {"forgotten": 1})]

"""Several workers watch the same promises at once."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from api import db
from api.promises import jobs, service
from schemas.rules.clocks import State
from tests.makers import promises, sites

minute = promises.minute
ORDERS = 40
WORKERS = 4


def test_one_case_is_opened_whatever_the_number_of_workers(database: db.Database) -> None:
    with database.unit_of_work() as session:
        sites.district(session)
        for number in range(ORDERS):
            promises.opened(session, f"order-{number}")
    together = threading.Barrier(WORKERS)

    def work(_: int) -> Counter[str]:
        together.wait(timeout=30)
        with database.unit_of_work() as mine:
            return Counter(jobs.run(mine, act=promises.job(at=minute(50))))

    with ThreadPoolExecutor(WORKERS) as pool:
        counts = sum(pool.map(work, range(WORKERS)), Counter())

    assert counts["case"] == 2 * ORDERS
    with database.unit_of_work() as session:
        assert len({case.clock_id for case in promises.cases(session)}) == 2 * ORDERS


def test_evidence_and_the_job_never_lose_each_other(database: db.Database) -> None:
    with database.unit_of_work() as session:
        sites.district(session)
        for number in range(ORDERS):
            promises.opened(session, f"order-{number}")
    together = threading.Barrier(2)

    def watch() -> None:
        together.wait(timeout=30)
        with database.unit_of_work() as mine:
            jobs.run(mine, act=promises.job(at=minute(50)))

    def arrive() -> None:
        together.wait(timeout=30)
        for number in range(ORDERS):
            with database.unit_of_work() as mine:
                late = promises.act(at=minute(31), heard_at=minute(50))
                work = promises.subject(f"order-{number}")
                service.note(mine, act=late, subject=work, event="arrive")

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(watch), pool.submit(arrive)]:
            done.result(timeout=60)

    with database.unit_of_work() as session:
        arrivals = [promises.clock(session, f"order-{number}") for number in range(ORDERS)]
        assert {clock.state for clock in arrivals} == {State.kept}
        states = {case.clock_id: case.state for case in promises.cases(session)}
        opened = {clock.id for clock in arrivals} & states.keys()
        assert {states[clock_id] for clock_id in opened} <= {"cleared"}

"""Two of the office agree with a customer at once: both are on record, and one window holds."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

from api import db
from api.customer_promises import service
from api.promises import jobs
from schemas.customer_promises import AgreedAnew, Consent
from tests.makers import promises
from tests.makers import tasks as work
from tests.makers.customer_promises import REASON, Desk

RACERS = 4


def agreed(number: int) -> AgreedAnew:
    return AgreedAnew(
        due_at=work.NOW + dt.timedelta(hours=6 + number),
        words=f"in {6 + number} hours",
        consent=Consent(name="Li Hua"),
        why=REASON,
    )


def test_agreements_that_meet_stand_one_after_the_other(desk: Desk, database: db.Database) -> None:
    promise = desk.give(task_id="t1", ends=4)
    together = threading.Barrier(RACERS)

    def agree(number: int) -> None:
        together.wait(timeout=30)
        with database.unit_of_work() as session:
            act = work.of_office()
            service.agree(session, act=act, promise_id=promise["id"], body=agreed(number))

    with ThreadPoolExecutor(RACERS) as pool:
        list(pool.map(agree, range(RACERS)))

    shown = desk.get(f"/v1/customer-promises/{promise['id']}")
    assert [each["number"] for each in shown["windows"]] == list(range(1, RACERS + 2))
    assert [each["ending"] for each in shown["windows"]] == ["reagreed"] * RACERS + ["open"]
    assert shown["due_at"] == shown["windows"][-1]["due_at"]


def test_an_agreement_and_the_job_never_lose_each_other(desk: Desk, database: db.Database) -> None:
    ids = [desk.give(task_id="t2", ends=4)["id"] for _ in range(6)]
    together = threading.Barrier(2)
    consented = work.of_office(at=promises.minute(230))
    heard = consented._replace(received_at=promises.minute(250))

    def watch() -> None:
        together.wait(timeout=30)
        with database.unit_of_work() as session:
            jobs.run(session, act=promises.job(at=promises.minute(245)))

    def agree() -> None:
        together.wait(timeout=30)
        for promise_id in ids:
            with database.unit_of_work() as session:
                service.agree(session, act=heard, promise_id=promise_id, body=agreed(0))

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(watch), pool.submit(agree)]:
            done.result(timeout=60)

    assert {tuple(desk.endings(promise_id)) for promise_id in ids} == {("reagreed", "open")}
    assert {case["state"] for case in desk.cases()} <= {"cleared"}

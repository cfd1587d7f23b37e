"""Many at once on one task: nothing is lost, and its timeline stays one chain."""

from __future__ import annotations

import concurrent.futures

from api import db
from api.tasks import service
from schemas import tasks as shapes
from tests.makers import tasks as make

WRITERS = 4
EACH = 6


def test_notes_that_come_at_once_make_one_chain(database: db.Database) -> None:
    with database.unit_of_work() as session:
        make.task(session, task_id="t1")

    def write(writer: int) -> None:
        for count in range(EACH):
            with database.unit_of_work() as session:
                body = shapes.Noted(text=f"{writer}:{count}")
                service.note(session, act=make.of_crew(), subject_id="t1", body=body)

    with concurrent.futures.ThreadPoolExecutor(max_workers=WRITERS) as pool:
        for done in [pool.submit(write, writer) for writer in range(WRITERS)]:
            done.result()
    with database.reading() as session:
        found = service.verify_timeline(session, district_id=make.DISTRICT, task_id="t1")
    assert found.intact
    assert found.moments == 2 + WRITERS * EACH


def test_an_order_is_accepted_once_by_two_phones_of_a_crew(database: db.Database) -> None:
    with database.unit_of_work() as session:
        make.task(session, task_id="t1")

    def accept(person_id: str) -> bool:
        with database.unit_of_work() as session:
            crew = make.of_crew(person_id=person_id)
            body = shapes.Accepted()
            return service.accept(session, act=crew, subject_id="t1", body=body) is None

    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        moved = list(pool.map(accept, ["li", "wang"]))
    assert sorted(moved) == [False, True]

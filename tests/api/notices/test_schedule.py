"""The schedule sends within seconds, and its ledger does not grow while nothing waits."""

from __future__ import annotations

import pytest

from api import db
from api.scheduler import catalogue, service
from api.settings import Settings
from tests.api.notices.conftest import Street
from tests.conftest import HandClock
from tests.makers import crews, jobs, push, sites

JOB = catalogue.BY_NAME["send_notices"]


@pytest.fixture
def worker(
    database: db.Database, settings: Settings, clock: HandClock, street: Street
) -> service.Worker:
    """Run jobs for a district in which people hear notices."""
    with database.unit_of_work() as session:
        sites.district(session, district_id=crews.DISTRICT)
        sites.district(session, district_id="d2")
    return service.Worker(name="w", settings=settings, database=database, clock=clock)


def slots(database: db.Database) -> list[str]:
    return [run.slot for run in jobs.runs(database) if run.job == JOB.name]


def test_what_waits_goes_out_at_the_next_look(
    worker: service.Worker,
    street: Street,
    post: push.PushService,
    database: db.Database,
    clock: HandClock,
) -> None:
    assert service.run_due(worker, job=JOB) == 0
    street.tell("order-1")
    assert service.run_due(worker, job=JOB) == 1
    street.tell("order-2")
    assert service.run_due(worker, job=JOB) == 0, "its slot was run"
    clock.advance(seconds=5)
    assert service.run_due(worker, job=JOB) == 1
    for _ in range(10):
        clock.advance(seconds=5)
        assert service.run_due(worker, job=JOB) == 0
    assert [message.subject_id for message in post.messages("li")] == ["order-1", "order-2"]
    assert slots(database) == ["2026-11-23T00:00:00Z", "2026-11-23T00:00:05Z"]
    assert [run.counts for run in jobs.runs(database)] == [{"sent": 1}] * 2


def test_a_receiver_that_is_down_fills_no_ledger(
    worker: service.Worker,
    street: Street,
    post: push.PushService,
    database: db.Database,
    clock: HandClock,
) -> None:
    post.answer("li", *[503] * 50)
    street.tell("1", "2", "3")
    for _ in range(120):
        service.run_due(worker, job=JOB)
        clock.advance(seconds=5)
    assert len(slots(database)) == len(post.heard) < 8

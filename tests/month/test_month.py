"""October 2025, with its holidays, happens exactly as it should."""

from __future__ import annotations

import pathlib
from collections import Counter

import pytest

from api import db
from api.scheduler.models import JobRun
from tests.month import chronicle, script
from tests.month.deeds import MINUTE, wall
from tests.month.living import Month

EXPECTED = pathlib.Path(__file__).with_name("expected.txt")
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("month")]


def test_a_month_with_four_workers_racing_happens_exactly_as_written(lived: Month) -> None:
    assert chronicle.told(lived.database) == EXPECTED.read_text("utf-8").splitlines()


def test_every_slot_was_run_once_but_for_the_two_whose_worker_was_killed(lived: Month) -> None:
    with lived.database.reading() as session:
        runs = session.query(JobRun).all()
    again = {(run.job, run.attempts) for run in runs if run.attempts > 1}
    assert again == {(job, 2) for job, _ in script.KILLED}
    assert {run.state for run in runs} == {"done"}
    assert len({run.worker for run in runs}) > 1, "nobody raced"


def test_a_server_that_slept_catches_up_with_one_run_of_each_job(lived: Month) -> None:
    slept, woke = script.ASLEEP
    with lived.database.reading() as session:
        ran = session.query(JobRun.job, JobRun.claimed_at)
        meanwhile = ran.filter(JobRun.claimed_at > slept, JobRun.claimed_at < woke).all()
        after = ran.filter(JobRun.claimed_at == woke).all()
    assert meanwhile == []
    assert Counter(job for job, _ in after) == {
        "flag_overdue": 1,
        "climb_supervision": 1,
        "issue_reports": 1,
    }


def test_a_stretch_lived_minute_by_minute_is_as_one_with_leaps(
    database: db.Database, database_kind: str
) -> None:
    if database_kind != "sqlite":
        pytest.skip("the leaps are the same on every database")
    begins, until = wall("2025-10-03 14:20"), wall("2025-10-03 14:50")
    month = Month(database, begins=wall(script.BEGINS), workers=[database])
    deeds = script.deeds()
    month.live([deed for deed in deeds if deed.at < begins], until=begins - MINUTE)
    month.live([deed for deed in deeds if deed.at >= begins], until=until, leaps=False)

    assert chronicle.told(database) == [
        line for line in EXPECTED.read_text("utf-8").splitlines() if line < "10-03 14:51"
    ]

"""October 2025, with its holidays, happens exactly as it should."""

from __future__ import annotations

import datetime as dt
import pathlib
from collections import Counter

import pytest

from api import db
from api.scheduler.models import JobRun
from tests.month import chronicle, script
from tests.month.living import Month

EXPECTED = pathlib.Path(__file__).with_name("expected.txt")


@pytest.mark.slow
def test_a_month_with_four_workers_racing_happens_exactly_as_written(
    database: db.Database,
) -> None:
    month = Month(database)
    month.live(script.deeds(), until=script.wall(script.ENDS))

    assert chronicle.told(database) == EXPECTED.read_text("utf-8").splitlines()
    with database.reading() as session:
        runs = Counter(run.attempts for run in session.query(JobRun))
    assert set(runs) == {1}, "each slot was run once, by one worker"


@pytest.mark.slow
def test_a_stretch_lived_minute_by_minute_is_as_one_with_leaps(
    database: db.Database, database_kind: str
) -> None:
    if database_kind != "sqlite":
        pytest.skip("the leaps are the same on every database")
    begins, until = script.wall("2025-10-03 14:20"), script.wall("2025-10-03 16:10")
    month = Month(database, workers=1)
    deeds = script.deeds()
    before = [deed for deed in deeds if deed.at < begins]
    month.live(before, until=begins - dt.timedelta(minutes=1))
    month.live([deed for deed in deeds if deed.at >= begins], until=until, leaps=False)

    assert chronicle.told(database) == [
        line for line in EXPECTED.read_text("utf-8").splitlines() if line < "10-03 16:11"
    ]

"""Checkpoints for tests, made as the job makes them."""

from __future__ import annotations

import datetime as dt

from api import acts, db
from api.custody import jobs
from api.settings import Settings
from tests.makers import crews


def checkpoint(
    database: db.Database,
    *,
    settings: Settings,
    now: dt.datetime,
    district_id: str = crews.DISTRICT,
) -> dict[str, int]:
    """Make a checkpoint of a district, if there is anything to say; give the run's counts."""
    act = acts.system(district_id=district_id, now=now, job="checkpoints")
    run = jobs.MakeCheckpoint(database, act=act, settings=settings)
    with database.unit_of_work() as session:
        return run(session, act=act, settings=settings)

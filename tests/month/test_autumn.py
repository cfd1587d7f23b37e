"""A few days in Warsaw, whose clocks go from 03:00 back to 02:00 on Sunday 26 October 2025."""

from __future__ import annotations

import zoneinfo

import pytest
from sqlalchemy.orm import Session

from api import db
from api.promises import service as promises
from api.requests import service as requests
from api.scheduler.models import JobRun
from schemas.promises import CalendarCountry
from schemas.requests import RequestDraft
from schemas.rules.requests import Kind
from tests.makers import sites
from tests.makers import tasks as work
from tests.month import chronicle, waits
from tests.month import requests as asked
from tests.month.deeds import Deed, by_office, phone, wall
from tests.month.living import WORKERS, Month
from tests.month.repairs import Repair

pytestmark = pytest.mark.slow

WARSAW = zoneinfo.ZoneInfo("Europe/Warsaw")
IN_THE_HOUR_THAT_COMES_TWICE = "forget_messages"
"""The job that runs daily at 02:30."""
LINES = """
10-25 10:00  eve dispatch: stopped -> kept
10-25 10:02  eve accept: stopped -> kept
10-25 10:20  eve arrive: stopped -> kept
10-25 10:35  eve restore: stopped -> kept
10-25 10:40  eve report_back: stopped -> kept
10-26 00:00  paid reconnect: half_gone -> warned_50
10-26 02:30  night dispatch: stopped -> kept
10-26 02:32  night accept: stopped -> kept
10-26 02:53  night arrive: half_gone -> warned_50
10-26 02:06  night arrive: most_gone -> warned_80
10-26 02:10  night arrive: stopped -> kept
10-26 02:25  night restore: stopped -> kept
10-26 02:30  night report_back: stopped -> kept
10-26 04:50  eve survey: half_gone -> warned_50
10-26 06:12  paid reconnect: most_gone -> warned_80
10-26 11:01  paid reconnect: case opened, district
10-26 11:01  paid reconnect: overdue -> breached
10-26 11:30  night survey: stopped -> kept
10-26 13:01  paid reconnect: case climbed, city
10-26 16:20  eve survey: most_gone -> warned_80
10-27 00:00  eve survey: case opened, district
10-27 00:00  eve survey: overdue -> breached
10-27 01:00  eve survey: case ended, district
10-27 01:00  eve survey: stopped -> breached
10-27 06:00  weekly report of 2025-10-20 to 2025-10-26
""".strip().splitlines()


def deeds() -> list[Deed]:
    """Report something on the eve, and something half an hour before the clocks go back."""
    eve, night = wall("2025-10-25 10:00", WARSAW), wall("2025-10-26 02:30", WARSAW)
    paid = by_office(wall("2025-10-25 12:00", WARSAW))
    draft = RequestDraft(key="paid", kind=Kind.reconnection, description="paid at the counter")
    told = [
        Deed(wall("2025-10-24 08:00", WARSAW), _prepare),
        Deed(
            paid.received_at, lambda session: requests.open_request(session, act=paid, draft=draft)
        ),
        # Called back an hour after the day is over that has 25 of them.
        *Repair(id="eve", called_back=60 * 40).reported(eve),
        *Repair(id="night", arrived=40).reported(night),
    ]
    return sorted(told, key=lambda deed: deed.at)


def _prepare(session: Session) -> None:
    begins = wall("2025-10-24 08:00", WARSAW)
    sites.district(session, zone=WARSAW.key)
    work.district(session)
    phone(session, "crew-1")
    asked.prepare(session, at=begins)
    body = CalendarCountry(country="PL", year=2025)
    promises.seed_country(session, act=by_office(begins), body=body)


def test_an_hour_that_comes_twice_makes_no_promise_longer_and_no_job_run_twice(
    database: db.Database,
) -> None:
    month = Month(
        database,
        begins=wall("2025-10-24 08:00", WARSAW),
        zone=WARSAW.key,
        workers=[database] * WORKERS,
        names=[*waits.LIVED, IN_THE_HOUR_THAT_COMES_TWICE],
    )
    month.live(deeds(), until=wall("2025-10-27 06:30", WARSAW))

    assert chronicle.told(database, zone=WARSAW) == LINES
    with database.reading() as session:
        runs = session.query(JobRun).filter_by(job=IN_THE_HOUR_THAT_COMES_TWICE)
        ran = [(run.slot, run.attempts) for run in runs.order_by(JobRun.slot)]
    assert ran == [(f"2025-10-{day}", 1) for day in (24, 25, 26, 27)]
